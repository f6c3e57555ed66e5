#!/bin/bash
# tools.sh - a cross compiler, qemu-user, libzstd and cmocka for another architecture, from Debian's archive
#
#   tests/cross/tools.sh ARCH    arm64, i386, s390x or musl (this machine's processor with another C library)
#
# Installs nothing and needs no root: packages are downloaded and unpacked below build/cross/, with package lists of our own
# there, so that the machine's apt and dpkg do not change. zstd and cmocka are compiled from their source packages: then one
# source serves every architecture, also musl, which Debian has no library packages for. Leaves
#
#   build/cross/ARCH/{cc,ar,run}              wrappers of compiler, archiver and emulator
#   build/cross/ARCH/{include,lib}            zstd and cmocka, static
#   build/cross/ARCH/no-cmocka                if there is none: why
#
# Exit status 77: cannot be had here; the reason is the last line on standard output.

cd "$(dirname "$0")/../.." || exit 1
CROSS=$PWD/build/cross
ROOT=$CROSS/root
arch=$1

# The packages and the compiler of each architecture, as Debian names them.
case $arch in
arm64) triplet=aarch64-linux-gnu qemu=qemu-aarch64 packages='gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user' ;;
i386)  triplet=i686-linux-gnu    qemu=qemu-i386    packages='gcc-i686-linux-gnu libc6-dev-i386-cross qemu-user' ;;
s390x) triplet=s390x-linux-gnu   qemu=qemu-s390x   packages='gcc-s390x-linux-gnu libc6-dev-s390x-cross qemu-user' ;;
musl)  triplet=''                qemu=''           packages='musl-tools' ;;
*) sed -n '2,13s/^# \{0,1\}//p' "$0"; exit 2 ;;
esac

unobtainable() {
	echo "$*"
	exit 77
}

# What is installed on this machine, without cross compilers and emulators: those are to be had below build/cross all the same.
machine_status() {
	awk -v own="$(uname -m)-linux" 'BEGIN { RS = ""; ORS = "\n\n" }
		{ name = substr($0, 1, index($0, "\n")) }
		name !~ /(aarch64|i686|s390x)-linux|-(arm64|i386|s390x)-cross|crossbuild|musl|qemu-user/ || index(name, own)' \
		/var/lib/dpkg/status >"$CROSS/status"
}

# apt with package lists and a cache of its own.
apt() {
	local command=$1
	shift
	[ "$CROSS/status" -nt /var/lib/dpkg/status ] || machine_status
	"apt-$command" -q -o Dir::State="$CROSS/apt" -o Dir::State::status="$CROSS/status" -o Dir::Cache="$CROSS/apt" \
		-o Dir::Etc::sourcelist=/dev/null -o Dir::Etc::sourceparts="$CROSS/apt/sources.d" -o APT::Sandbox::User="$(id -un)" \
		-o Acquire::Languages=none -o Debug::NoLocking=1 -o Acquire::Retries=2 "$@" </dev/null
}

# The machine's own sources, with those of source packages.
update() {
	local from name
	rm -rf "$CROSS/apt" && mkdir -p "$CROSS/apt/sources.d" "$CROSS/apt/lists/partial" "$CROSS/apt/archives/partial" || exit 1
	for from in /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources; do
		[ -f "$from" ] || continue
		name=${from##*/}
		case $name in
		*.sources) sed 's/^Types:.*/Types: deb deb-src/' "$from" >"$CROSS/apt/sources.d/$name" ;;
		*) sed -n 's/^deb[[:space:]]/&/p; s/^deb\([[:space:]]\)/deb-src\1/p' "$from" >"$CROSS/apt/sources.d/${name%.list}.list" ;;
		esac
	done
	# One source that fails, a third party's without source packages for example, is no reason to give up.
	apt get update >"$CROSS/update.log" 2>&1
	apt cache show libzstd-dev >/dev/null 2>&1 || unobtainable "apt cannot read Debian's package lists ($CROSS/update.log)"
	touch "$CROSS/apt/updated"
}

download() {
	(cd "$CROSS/apt/archives" && apt get "$@") >"$CROSS/download.log" 2>&1
}

# try COMMAND...: with the lists as they are, and if that fails with new ones
try() { { [ -f "$CROSS/apt/updated" ] && "$@"; } || { update && "$@"; }; }

# fetch "what" COMMAND...: or say that it cannot be had
fetch() {
	local what=$1
	shift
	command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || unobtainable "needs apt-get and dpkg-deb"
	try "$@" || unobtainable "apt cannot download $what: $(grep -m 1 '^E:' "$CROSS/download.log")"
}

# Any version will do: a mirror may lack the newest, of security updates for example.
download_source() {
	local version
	download source --download-only --tar-only "$1" && return
	for version in $(apt cache showsrc "$1" | sed -n 's/^Version: //p' | sort -rV | tail -n +2); do
		download source --download-only --tar-only "$1=$version" && return
	done
	return 1
}

unpack_packages() {
	local deb
	fetch "$packages" download install -y --no-install-recommends --download-only $packages
	mkdir -p "$ROOT"
	[ -n "$(find "$CROSS/apt/archives" -name '*.deb')" ] || unobtainable "apt downloads nothing for $packages ($CROSS/download.log)"
	for deb in "$CROSS"/apt/archives/*.deb; do
		[ -f "$deb" ] || continue # everything is installed on this machine
		case ${deb##*/} in
		libc6_* | libgcc-s1_* | libstdc++6_*) continue ;; # newer than the machine's own, which our tools run with
		esac
		dpkg-deb -x "$deb" "$ROOT" || exit 1
		rm "$deb"
	done
}

# The sources of a package, as they were before Debian's changes.
unpack_source() {
	[ -d "$CROSS/source/$1" ] && return
	rm -rf "$CROSS"/apt/archives/*.orig.tar.*
	fetch "the source of $1" download_source "$1"
	rm -rf "$CROSS/source/$1.new" && mkdir -p "$CROSS/source/$1.new" || exit 1
	tar -xf "$(ls "$CROSS"/apt/archives/"$1"_*.orig.tar.?z | head -n 1)" -C "$CROSS/source/$1.new" --strip-components=1 ||
		unobtainable "cannot unpack the source of $1 (needs tar and xz)"
	mv "$CROSS/source/$1.new" "$CROSS/source/$1"
}

# wrapper NAME COMMAND: the unpacked programs need the unpacked libraries of this machine's architecture
wrapper() {
	local libraries
	libraries=$(echo "$ROOT"/usr/lib/*-linux-gnu | tr ' ' :)
	printf '#!/bin/sh\nLD_LIBRARY_PATH=%s${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH} exec %s "$@"\n' "$libraries" "$2" >"$D/$1.new"
	chmod 755 "$D/$1.new" && mv "$D/$1.new" "$D/$1"
}

# What is installed on the machine is not downloaded again.
program() {
	if [ -x "$ROOT/usr/bin/$1" ]; then echo "$ROOT/usr/bin/$1"; else command -v "$1"; fi
}

make_wrappers() {
	local specs
	if [ "$arch" = musl ]; then
		specs=$(echo "$ROOT"/usr/lib/*-linux-musl/musl-gcc.specs)
		if [ -f "$specs" ]; then
			sed "s,/usr/\(lib\|include\)/,$ROOT&,g" "$specs" >"$D/musl.specs"
		else
			cp /usr/lib/*-linux-musl/musl-gcc.specs "$D/musl.specs"
		fi
		wrapper cc "${CC:-gcc} -specs=$D/musl.specs"
		wrapper ar ar
		wrapper run env
		return
	fi
	wrapper cc "$(program "$triplet-gcc")"
	wrapper ar "$(program "$triplet-ar")"
	wrapper run "$(program "$qemu")"
}

# Both libraries have nothing that their configure programs would need to find out for what is used here.
compile_zstd() {
	mkdir -p "$D/include" "$D/lib" "$D/zstd"
	cp "$CROSS"/source/libzstd/lib/*.h "$D/include/"
	ls "$CROSS"/source/libzstd/lib/{common,compress,decompress}/*.c | (cd "$D/zstd" && xargs -P "$(nproc)" -n 1 \
		"$D/cc" -O2 -w -DZSTD_DISABLE_ASM -DZSTD_LEGACY_SUPPORT=0 -c) && rm -f "$D/lib/libzstd.a" &&
		"$D/ar" rcs "$D/lib/libzstd.a" "$D"/zstd/*.o
}

compile_cmocka() {
	cp "$CROSS"/source/cmocka/include/cmocka.h "$D/include/" &&
		"$D/cc" -O1 -w -D_GNU_SOURCE -DHAVE_SIGNAL_H -DHAVE_STRINGS_H -DHAVE_INTTYPES_H -DHAVE_MALLOC_H \
			-DHAVE_STRUCT_TIMESPEC -DHAVE_CLOCK_REALTIME -DHAVE_GCC_THREAD_LOCAL_STORAGE -DHAVE_SIGLONGJMP -DHAVE_STRSIGNAL \
			-I"$CROSS/source/cmocka/include" -c "$CROSS/source/cmocka/src/cmocka.c" -o "$D/cmocka.o" && rm -f "$D/lib/libcmocka.a" &&
		"$D/ar" rcs "$D/lib/libcmocka.a" "$D/cmocka.o"
}

D=$CROSS/$arch
mkdir -p "$D" || exit 1
exec 9>"$CROSS/lock" && flock 9
[ -f "$D/ready" ] && exit 0
[ -f "$D/unpacked" ] || { unpack_packages && touch "$D/unpacked"; }
unpack_source libzstd
make_wrappers
compile_zstd >"$D/tools.log" 2>&1 || unobtainable "zstd does not compile ($D/tools.log)"
# Without cmocka there are no unit tests, but all the others.
if (unpack_source cmocka) >"$D/no-cmocka" && compile_cmocka >>"$D/tools.log" 2>&1; then
	rm "$D/no-cmocka"
fi
touch "$D/ready"
