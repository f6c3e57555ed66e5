#!/bin/bash
# cross.sh - the recorder and the oracles for another architecture's kernel, statically linked
#
#   tests/kernels/cross.sh ARCH TREE DIRECTORY    arm64; sources of that checkout; programs are left in DIRECTORY
#
# Compiler and libzstd are tests/cross/tools.sh's; the other libraries are Debian's of that architecture, unpacked below
# build/kernels/sysroot-ARCH/. Installs nothing, needs no root. Exit status 77: cannot be had here; the reason is the last
# line on standard output.
cd "$(dirname "$0")/../.." || exit 1
. tests/kernels/apt.sh
arch=$1 tree=$2 out=$3
case $arch in
arm64) triplet=aarch64-linux-gnu bpf_arch=arm64 ;;
*) sed -n '2,8s/^# \{0,1\}//p' "$0"; exit 2 ;;
esac
SYSROOT=$CACHE/sysroot-$arch
TOOLS=$PWD/build/cross/$arch

# Of the suite that the compiler is of, which is the machine's.
unpack() {
	local suite deb
	suite=$(. /etc/os-release && echo "$VERSION_CODENAME")
	private_apt "$suite" "$arch"
	download libbpf-dev libelf-dev zlib1g-dev libcap-ng-dev linux-libc-dev linux-libc-dev-armhf-cross
	rm -rf "$SYSROOT" "$SYSROOT.new" && mkdir -p "$SYSROOT.new"
	for deb in "$WORK"/archives/*.deb; do
		dpkg-deb -x "$deb" "$SYSROOT.new" || exit 1
	done
	mv "$SYSROOT.new" "$SYSROOT"
}

tests/cross/tools.sh "$arch" || exit
[ -d "$SYSROOT/usr/arm-linux-gnueabihf" ] || unpack
include="-I$TOOLS/include -idirafter $SYSROOT/usr/include"
make -s -C "$tree" -j2 O="$out" SAN= CC="$TOOLS/cc" AR="$TOOLS/ar" CFLAGS='-O2 -g' CPPFLAGS="$include" \
	CLANG="${CLANG:-clang} -idirafter $SYSROOT/usr/include/$triplet" ARCH="${triplet%%-*}" BPF_ARCH=$bpf_arch \
	LDFLAGS="-static -L$TOOLS/lib -L$SYSROOT/usr/lib/$triplet" "$out/sysstream" >"$CACHE/cross.log" 2>&1 ||
	unobtainable "sysstream does not build for $arch ($CACHE/cross.log)"
oracles=$(echo tests/oracle/*.c)
make -s -j2 O="$out" SAN= CC="$TOOLS/cc" AR="$TOOLS/ar" CFLAGS='-O2 -g' CPPFLAGS="$include" TRACER_LIBS='-lzstd -lpthread' \
	LDFLAGS="-static -L$TOOLS/lib -L$SYSROOT/usr/lib/$triplet" $(echo "$oracles" | sed "s,\([^ ]*\)\.c,$out/\1,g") \
	"$out/tests/oracle/arguments" "$out/tests/e2e/captures" "$out/tests/bench/calls" \
	>"$CACHE/cross.log" 2>&1 || unobtainable "the oracles do not build for $arch ($CACHE/cross.log)"
# A program of 32 bits: clang compiles for arm as well, and the linker links it.
static=$out/tests/oracle/arm-static
[ "$static" -nt tests/static/bits32.c ] ||
	{ "${CLANG:-clang}" --target=arm-linux-gnueabi -mcpu=cortex-a15 -marm -std=gnu11 -O2 -Wall -Wextra -ffreestanding \
		-fno-stack-protector -fno-pic -idirafter "$SYSROOT/usr/arm-linux-gnueabihf/include" -c tests/static/bits32.c \
		-o "$static.o" && "$TOOLS/cc" -mno-fix-cortex-a53-843419 -nostdlib -static -Wl,-m,armelf_linux_eabi "$static.o" -o "$static"; } \
		>"$CACHE/cross.log" 2>&1 || unobtainable "the 32-bit oracle does not build ($CACHE/cross.log)"
