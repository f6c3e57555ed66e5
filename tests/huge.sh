#!/bin/bash
# huge.sh - files of more than 4 GiB: huge.sh [SYSDECODE]. A line a check: "ok - ", "not ok - " or "skip - what: reason".
cd "$(dirname "$0")/.." || exit 1
TOP=$PWD
SYSDECODE=${1:-${SYSDECODE:-$TOP/build/sysdecode}}
tmp=$(mktemp -d "${TMPDIR:-/tmp}/sysstream-huge.XXXXXX") || exit 1
trap 'rm -rf "$tmp"' EXIT
. tests/verdict.sh
good=$TOP/tests/golden/v1/threads.sst
truncate -s 5G "$tmp/hole" 2>/dev/null && [ "$(du -k "$tmp/hole" | cut -f1)" -lt 1024 ] || {
	echo "skip - files of more than 4 GiB: the file system of $tmp has no holes"
	exit 77
}
rm "$tmp/hole"
python3 -B tests/second/huge.py "$good" "$tmp/huge.sst" || exit 1
[ "$(stat -c %s "$tmp/huge.sst")" -gt 4294967296 ] || exit 1

for options in '' '--syscall=fsync' '-F raw' '--since=1.4' '--until=0.003'; do
	"$SYSDECODE" $options "$good" >"$tmp/small" 2>&1 || echo "status $?" >>"$tmp/small"
	"$SYSDECODE" $options "$tmp/huge.sst" >"$tmp/table" 2>&1 || echo "status $?" >>"$tmp/table"
	diff "$tmp/small" "$tmp/table" >"$tmp/wrong"
	[ -s "$tmp/small" ] || echo "nothing to compare" >>"$tmp/wrong"
	verdict "a file of more than 4 GiB: sysdecode $options" "$tmp/wrong"
done
truncate -s -1 "$tmp/huge.sst"
end=$("$SYSDECODE" "$tmp/huge.sst" 2>&1 >/dev/null | sed -n 's/.*cut short at byte \([0-9]*\):.*/\1/p')
[ "${end:-0}" -gt 4294967296 ] && : >"$tmp/wrong" || echo "cut short at byte $end" >"$tmp/wrong"
verdict "a file of more than 4 GiB without its last byte is cut short there" "$tmp/wrong"
exit $failed
