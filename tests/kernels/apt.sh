# apt.sh - packages of any Debian suite and architecture, unpacked and not installed; to be sourced, from the checkout's top
#
#	private_apt SUITE ARCH		lists of that suite, in a directory $WORK that goes with the shell
#	apt COMMAND ...			apt-COMMAND with them
#	download PACKAGE...		into $WORK/archives
#	unobtainable WHY		says why and exits with 77
# shellcheck shell=bash
CACHE=$PWD/build/kernels

unobtainable() {
	echo "$*"
	exit 77
}

apt() {
	local command=$1
	shift
	"apt-$command" -q -o Dir::State="$WORK" -o Dir::State::status=/dev/null -o Dir::Cache="$WORK" \
		-o Dir::Etc::sourcelist="$WORK/sources.list" -o Dir::Etc::sourceparts="$WORK/parts" \
		-o Dir::Etc::preferencesparts="$WORK/parts" -o APT::Architecture="$work_arch" -o APT::Architectures="$work_arch" \
		-o APT::Sandbox::User="$(id -un)" -o Acquire::Languages=none -o Acquire::Retries=2 -o Debug::NoLocking=1 \
		"$@" </dev/null
}

# The machine's own mirror of Debian's archive: not of its security updates or somebody else's.
mirror() {
	if [ -n "$MIRROR" ]; then
		echo "$MIRROR"
	else
		cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources 2>/dev/null |
			sed -n 's,^\(deb\|URIs:\)[[:space:]].*\(\(http\|https\|file\)://[^[:space:]]*/debian\)/\{0\,1\}\([[:space:]].*\)*$,\2,p' | head -n 1
	fi
}

private_apt() {
	local keyring=/usr/share/keyrings/debian-archive-keyring.gpg url
	command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || unobtainable "needs apt-get and dpkg-deb"
	[ -f $keyring ] || unobtainable "needs the package debian-archive-keyring"
	url=$(mirror)
	[ -n "$url" ] || unobtainable "this machine's apt knows no mirror of Debian (MIRROR=URL names one)"
	mkdir -p "$CACHE"
	WORK=$(mktemp -d "$CACHE/apt.XXXXXX") || exit 1
	trap 'rm -rf "$WORK"' EXIT
	work_arch=$2
	mkdir -p "$WORK/lists/partial" "$WORK/archives/partial" "$WORK/parts"
	echo "deb [signed-by=$keyring] $url $1 main" >"$WORK/sources.list"
	apt get update >"$CACHE/apt.log" 2>&1 && apt cache show busybox-static >/dev/null 2>&1 ||
		unobtainable "apt cannot read the lists of Debian $1: $(grep -m 1 '^[EW]:' "$CACHE/apt.log")"
}

download() {
	(cd "$WORK/archives" && apt get download "$@") >"$CACHE/apt.log" 2>&1 ||
		unobtainable "apt cannot download $*: $(grep -m 1 '^E:' "$CACHE/apt.log")"
}
