#!/bin/bash
# fetch.sh - a Debian cloud kernel, from Debian's archive, without installing it
#
#   tests/kernels/fetch.sh VERSION ARCH    for example 6.1 amd64
#
# Needs no root: apt works with lists, sources and an architecture of its own below build/kernels/, so that the machine's do
# not change. Trusted is the archive's keyring; the mirror is the one in the machine's own sources, or MIRROR=URL. Leaves
# build/kernels/VERSION-ARCH/{vmlinuz,busybox,release}, which are kept: the next call does nothing.
# Exit status 77: cannot be had here; the reason is the last line on standard output.
cd "$(dirname "$0")/../.." || exit 1
. tests/kernels/apt.sh
version=$1 arch=$2
D=$CACHE/$version-$arch

# Which suite has it. Unstable moves on: what it no longer has is found only in the cache.
case $version in
5.10) suite=bullseye ;;
6.1)  suite=bookworm ;;
6.12) suite=trixie ;;
[0-9]*) suite=sid ;;
*) sed -n '2,9s/^# \{0,1\}//p' "$0"; exit 2 ;;
esac

[ -s "$D/release" ] && exit 0
private_apt "$suite" "$arch"
# The newest of this version; the number of a stable series is in its name as 6.1.0-50.
image=$(apt cache pkgnames linux-image | sed -n "s/^linux-image-\($version\.[0-9].*-cloud-$arch\)$/\1/p" | sort -V | tail -n 1)
[ -n "$image" ] || unobtainable "Debian $suite has no linux-image-$version-cloud-$arch"
# Since 7.2 the image's package only depends on that with the file.
package=linux-image-$image
apt cache show "linux-binary-$image" >/dev/null 2>&1 && package=linux-binary-$image
download "$package" busybox-static
rm -rf "$D" && mkdir -p "$D" && dpkg-deb -x "$WORK"/archives/"${package%%+*}"*.deb "$WORK/tree" || exit 1
cp "$(find "$WORK/tree" -name 'vmlinuz*' -type f | head -n 1)" "$D/vmlinuz" &&
	dpkg-deb -x "$WORK"/archives/busybox-static_*.deb "$WORK/tree" &&
	cp "$(find "$WORK/tree" -name busybox -type f -perm -u+x | head -n 1)" "$D/busybox" && echo "$image" >"$D/release"
