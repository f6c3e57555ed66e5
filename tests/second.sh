#!/bin/bash
# second.sh - the decoder in Python that was written from docs/format.md alone prints what sysdecode prints, byte for byte
#
# On the golden files, good and bad; on copies of them damaged in many ways; as root also on recordings made now.
# A line a check: "ok - ", "not ok - " or "skip - what: reason".
# timeout: 300
cd "$(dirname "$0")/.." || exit 1
TOP=$PWD
SYSDECODE=${SYSDECODE:-$TOP/build/sysdecode} SYSSTREAM=${SYSSTREAM:-$TOP/build/sysstream}
tmp=$(mktemp -d "${TMPDIR:-/tmp}/sysstream-second.XXXXXX") || exit 1
trap 'rm -rf "$tmp"' EXIT
failed=0

# compare "what" ARGUMENTS: what compare.py says
compare() {
	local what=$1
	shift
	if python3 -B tests/second/compare.py "$@" >"$tmp/log" 2>&1; then
		echo "ok - $what ($(tail -n 1 "$tmp/log"))"
	else
		echo "not ok - $what"
		sed 's/^/      /' "$tmp/log" | cut -c 1-400 | cat -v | tail -n 40
		failed=1
	fi
}

mkdir "$tmp/golden" && build/tests/golden/make "$tmp/golden" || exit 1
compare "the golden files" "$SYSDECODE" "$tmp"/golden/*.sst
compare "damaged files" --damage=400 "$SYSDECODE" "$tmp"/golden/{states,threads,gaps,late,two-recordings}.sst

what="recordings made now"
if [ "$(id -u)" -ne 0 ]; then
	echo "skip - $what: needs root"
elif ! "$SYSSTREAM" -q -f "$tmp/find.sst" -- find /usr/share/doc -name 'x*' >/dev/null 2>"$tmp/log"; then
	echo "skip - $what: sysstream cannot record here: $(head -n 1 "$tmp/log")"
else
	"$SYSSTREAM" -q -f "$tmp/shell.sst" -- sh -c 'for i in 1 2 3; do ls / & (sleep 0.2; echo) & done; wait' >/dev/null
	"$SYSSTREAM" -q -d 1 -f "$tmp/open.sst" -- sleep 2 # stopped while a call is going on
	compare "$what" "$SYSDECODE" "$tmp"/{find,shell,open}.sst
fi
exit $failed
