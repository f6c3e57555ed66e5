#!/bin/bash
# debootstrap.sh - the two commands of README.md in a minimal Debian 12 and a minimal Debian 13, made by debootstrap and holding
# nothing but git and make. Needs root, debootstrap and Debian's archive. Writes its section of docs/tested.md.
#
#   tests/debootstrap.sh [SUITE...]      MIRROR=URL uses another archive than the machine's own
cd "$(dirname "$0")/.." || exit 1
TOP=$PWD
[ $# -gt 0 ] || set -- bookworm trixie
[ "$(id -u)" -eq 0 ] || { echo "debootstrap.sh: needs root" >&2; exit 1; }
command -v debootstrap >/dev/null || { echo "debootstrap.sh: debootstrap is missing" >&2; exit 1; }
work=$(mktemp -d "${TMPDIR:-/tmp}/sysstream-debootstrap.XXXXXX") || exit 1
root=''
leave() {
	[ -n "$root" ] || return 0
	umount -l "$root/proc" "$root/sys" "$root/dev" 2>/dev/null
	root=''
}
trap 'leave; rm -rf --one-file-system "$work"' EXIT
trap 'exit 130' INT TERM

inside() { env -i HOME=/root TERM=dumb PATH=/usr/sbin:/usr/bin:/sbin:/bin ${http_proxy:+http_proxy=$http_proxy} chroot "$root" "$@" </dev/null; }

# The checkout as a newcomer gets it, with what has not been committed yet.
clone() {
	git clone -q "$TOP" "$1" 2>/dev/null || mkdir -p "$1"
	git ls-files -z --cached --others --exclude-standard | xargs -0 -r cp --parents -t "$1"
}

# run NAME COMMAND: in the clone; its log is $work/$suite-NAME.log
run() {
	local began=$SECONDS
	inside sh -c "cd /root/sysstream && $2" >"$work/$suite-$1.log" 2>&1
	status=$?
	seconds=$((SECONDS - began))
	echo "$suite: $2: status $status, $seconds s; last line: $(tail -n 1 "$work/$suite-$1.log")"
}

failed=0
rows=''
for suite; do
	root=$work/$suite
	debootstrap --variant=minbase --include=git,make,ca-certificates "$suite" "$root" ${MIRROR:+"$MIRROR"} >"$work/$suite.log" 2>&1 || {
		tail -n 5 "$work/$suite.log"
		failed=1 root=''
		continue
	}
	cp /etc/resolv.conf "$root/etc/"
	[ -f /etc/apt/apt.conf ] && cp /etc/apt/apt.conf "$root/etc/apt/"
	cp -r /etc/apt/apt.conf.d/. "$root/etc/apt/apt.conf.d/"
	mount -t proc proc "$root/proc" && mount --rbind /sys "$root/sys" && mount --make-rslave "$root/sys" &&
		mount --rbind /dev "$root/dev" && mount --make-rslave "$root/dev"
	clone "$root/root/sysstream"
	version=$(cat "$root/etc/debian_version")
	run demo 'make demo'
	[ $status -eq 0 ] || { failed=1; tail -n 30 "$work/$suite-demo.log"; }
	rows+="| Debian $version ($suite) | \`make demo\` | status $status | $seconds s |"$'\n'
	run check 'make check'
	[ $status -eq 0 ] || { failed=1; grep -A 12 FAILED "$work/$suite-check.log" || tail -n 30 "$work/$suite-check.log"; }
	rows+="| | \`make check\` | $(grep -E '^[0-9]+ passed' "$work/$suite-check.log" || echo "status $status") | $seconds s |"$'\n'
	grep '^  skip' "$work/$suite-check.log"
	leave
done

tests/tested.sh "A minimal Debian" <<M
The two commands of the README in a minimal root made by debootstrap (variant minbase, git and make), as root in a chroot, on
Linux $(uname -r) ($(uname -m), $(nproc) processors). Time includes installing what is missing. Written by
\`make check-debootstrap\` on $(date -u +%Y-%m-%d), $(git describe --always --dirty=', with changes not committed').

| system | command | result | time |
|---|---|---|---|
$rows
M
cat docs/tested.md
exit $failed
