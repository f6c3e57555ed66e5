#!/bin/sh
# deps.sh - what building and testing need, and how to get it
#
#   deps.sh check SET...      silent when everything is there; else says what to install and fails
#   deps.sh install SET...    installs what is missing (root, Debian or Ubuntu; elsewhere it says the command)
#
# Sets: decode (sysdecode, libsst.a), trace (sysstream), test (make check), more (what sysdecode and the tests do without),
# apps (programs that tests look at, or load tables into: make check-apps). Their services are not started.

# set | probe: a header <...> or a command | Debian package | Fedora package
table='
decode|${CC:-cc}|gcc|gcc
decode|<stdio.h>|libc6-dev|glibc-devel
decode|<zstd.h>|libzstd-dev|libzstd-devel
trace|${CLANG:-clang}|clang|clang
trace|${BPFTOOL:-bpftool}|bpftool|bpftool
trace|<bpf/libbpf.h>|libbpf-dev|libbpf-devel
trace|<libelf.h>|libelf-dev|elfutils-libelf-devel
trace|<zlib.h>|zlib1g-dev|zlib-devel
trace|<cap-ng.h>|libcap-ng-dev|libcap-ng-devel
test|<cmocka.h>|libcmocka-dev|libcmocka-devel
test|python3|python3|python3
more|<seccomp.h>|libseccomp-dev|libseccomp-devel
more|<microhttpd.h>|libmicrohttpd-dev|libmicrohttpd-devel
more|strace|strace|strace
more|zstd|zstd|zstd
apps|soffice|libreoffice-calc|libreoffice-calc
apps|initdb|postgresql|postgresql-server
apps|psql|postgresql-client|postgresql
apps|clickhouse-server|clickhouse-server|
apps|redis-server|redis-server|redis
apps|redis-cli|redis-tools|redis
apps|nginx|nginx-light|nginx
apps|ping|iputils-ping|iputils
apps|runc|runc|runc
apps|busybox|busybox|busybox
'
# The comparison of the tables wants ausyscall, but the package it comes in starts the audit daemon, which slows down
# every system call of the machine; prometheus, with its promtool, would be started as well. So `install` only unpacks
# these programs, into this folder.
top=$(cd "$(dirname "$0")" && pwd)
tools=$top/build/tools

present() {
	case $1 in
	'<'*) printf '#if !__has_include(%s)\n#error\n#endif\n' "$1" |
		${CC:-cc} $CPPFLAGS -E -xc - >/dev/null 2>&1 ;;
	*) command -v "$1" >/dev/null ;;
	esac
}

# missing SET...: sets $what, $debian and $fedora
missing() {
	what='' debian='' fedora=''
	for line in $table; do
		set=${line%%|*} rest=${line#*|}
		case " $* " in *" $set "*) ;; *) continue ;; esac
		eval "probe=\"${rest%%|*}\""
		present "${probe%% *}" && continue
		rest=${rest#*|}
		what="$what $probe" debian="$debian ${rest%|*}" fedora="$fedora ${rest#*|}"
	done
}

say_how() {
	echo "missing:$what"
	echo "  Debian, Ubuntu:  apt-get install$debian"
	echo "  Fedora, RHEL:    dnf install$fedora"
}

apt_install() {
	DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "$@" </dev/null
}

# Each by itself, as not every release has all of them; Debian's way to keep services from being started is this file.
install_apps() {
	policy=/usr/sbin/policy-rc.d
	[ -e $policy ] || { printf '#!/bin/sh\nexit 101\n' >$policy && chmod 755 $policy && own_policy=1; }
	for package; do
		apt_install "$package" >/dev/null 2>&1 || { apt-get -q update && apt_install "$package"; } >/dev/null 2>&1 ||
			echo "$package cannot be installed: what needs it is skipped"
	done
	[ -z "$own_policy" ] || rm -f $policy
}

# unpack PROGRAM PACKAGE [LIBRARY]: without what the package does when it is installed
unpack() {
	command -v "$1" >/dev/null && return
	(
		mkdir -p "$tools" && cd "$tools" && { [ -z "$3" ] || apt_install "$3"; } &&
			apt-get -q download "$2" && dpkg-deb -x "$2"_*.deb . && rm -f "$2"_*.deb
	) >/dev/null 2>&1 || echo "$1 could not be unpacked: its test will be skipped"
	chown -R --reference="$top" "$top/build" # in a checkout of somebody else's nothing becomes root's
}

for postgres in /usr/lib/postgresql/*/bin; do PATH=$PATH:$postgres; done
PATH=$PATH:/usr/sbin:/sbin:$tools/usr/bin:$tools/usr/sbin:$tools/bin
action=$1
shift
missing "$@"
case $action in
check)
	[ -z "$what" ] && exit 0
	{
		say_how
		echo "  or:              sudo make deps"
	} >&2
	exit 1
	;;
install)
	if [ -n "$what" ]; then
		if ! command -v apt-get >/dev/null || [ "$(id -u)" -ne 0 ]; then
			say_how >&2
			exit 1
		fi
		echo "installing$debian"
		# The package lists of a fresh machine may be empty or old.
		case " $* " in *' apps '*) install_apps $debian; exit ;; esac
		apt_install $debian >/dev/null 2>&1 || { apt-get -q update && apt_install $debian; } || exit 1
	fi
	case " $* " in
	*' more '*)
		unpack ausyscall auditd libauparse0
		unpack promtool prometheus
		unpack dockerd docker.io libdevmapper1.02.1
		unpack docker docker.io
		unpack containerd containerd
		unpack runc runc
		unpack busybox busybox-static
		;;
	esac
	;;
*)
	sed -n '2,8s/^# \{0,1\}//p' "$0"
	exit 2
	;;
esac
