#!/bin/bash
# future.sh - recordings as later versions of the format may write them: skipped or refused exactly as docs/format.md says
#
# second/future.py makes them. What must be skipped changes nothing of the table, of the messages and of the exit status; what must
# not be skipped ends the table there, with a message and status 5. Both decoders; sysdecode also with sanitizers, from a pipe, and
# with --verify. A line a check: "ok - what" or "not ok - what".
# timeout: 300
cd "$(dirname "$0")/.." || exit 1
TOP=$PWD
SYSDECODE=${SYSDECODE:-$TOP/build/sysdecode}
tmp=$(mktemp -d "${TMPDIR:-/tmp}/sysstream-future.XXXXXX") || exit 1
trap 'rm -rf "$tmp"' EXIT
. tests/verdict.sh
second="/usr/bin/env python3 -B $TOP/tests/second/decode.py"
# What the second decoder can print; columns that came later it does not know.
columns=--columns=time,pid,tid,comm,abi,nr,syscall,arg0,arg1,arg2,arg3,arg4,arg5,ret,errno,duration,state,note

mkdir "$tmp/made" && python3 -B tests/second/future.py tests/golden/v1/{threads,late}.sst "$tmp/made" && cd "$tmp/made" || exit 1

# What is known of each, by the decoder that is tested: the file without what is new.
while read -r name status; do
	$SYSDECODE $columns "$name.known.sst" >"$name.table" 2>"$name.errors"
	[ "$status" = 5 ] && continue
	$SYSDECODE --verify "$name.known.sst" >"$name.verdict" 2>&1
	echo $? >>"$name.verdict"
done <LIST

# check NAME STATUS GOT: the table is in $tmp/table, the messages in $tmp/errors
check() {
	[ "$3" = "$2" ] || echo "$1: status $3, not $2"
	cmp -s "$1.table" "$tmp/table" || { echo "$1: another table"; diff "$1.table" "$tmp/table" | head -n 3; }
}

# The messages say nothing that the known part does not, but that a newer decoder is needed.
messages() {
	if [ "$2" = 5 ]; then
		grep -qx "sysdecode: $1.sst: this file needs a newer decoder" "$tmp/errors" || echo "$1: does not say that it needs a newer decoder"
	else
		sed "s/$1.known.sst/$1.sst/" "$1.errors" | diff - "$tmp/errors"
	fi
}

try() {
	local what=$1 name status
	shift
	while read -r name status; do
		"$@" $columns "$name.sst" >"$tmp/table" 2>"$tmp/errors"
		check "$name" "$status" $?
		[ "$1" = /usr/bin/env ] || messages "$name" "$status"
	done <LIST >"$tmp/wrong"
	verdict "$what ($(grep -c ' 0$' LIST) files to be skipped in, $(grep -c ' 5$' LIST) that need a newer decoder)" "$tmp/wrong"
}

try "sysdecode" $SYSDECODE
try "sysdecode with one thread" $SYSDECODE -j 1
[ ! -x "$TOP/build-san/sysdecode" ] || try "sysdecode, sanitized" "$TOP/build-san/sysdecode"
try "the second decoder" $second

while read -r name status; do
	cat "$name.sst" | $SYSDECODE $columns >"$tmp/table" 2>"$tmp/errors"
	got=${PIPESTATUS[1]}
	# From a pipe the unfinished row comes before the one that completes it.
	cat "$name.known.sst" | $SYSDECODE $columns >"$name.table" 2>/dev/null
	check "$name" "$status" "$got"
done <LIST >"$tmp/wrong"
verdict "sysdecode from a pipe" "$tmp/wrong"

while read -r name status; do
	$SYSDECODE --verify "$name.sst" >"$tmp/verdict" 2>&1
	got=$?
	if [ "$status" = 5 ]; then
		[ $got -eq 5 ] && grep -q 'newer decoder' "$tmp/verdict" || echo "$name: status $got: $(head -n 1 "$tmp/verdict")"
	else
		echo $got >>"$tmp/verdict"
		sed "s/$name.known.sst/$name.sst/" "$name.verdict" | diff - "$tmp/verdict"
	fi
done <LIST >"$tmp/wrong"
verdict "the verdict of --verify" "$tmp/wrong"

# What END says as META has said it is shown once.
$SYSDECODE --info all-at-once.sst >"$tmp/info" 2>&1
{
	[ "$(grep -c '^future.key *value\\x1b\[31m\\xff$' "$tmp/info")" = 1 ] || echo "unknown keys of META and END are not shown, or not escaped"
	grep -q '^frames .* 6 of a kind unknown here' "$tmp/info" || echo "unknown frames are not counted"
} >"$tmp/wrong"
verdict "--info shows unknown keys and counts unknown frames" "$tmp/wrong"

python3 -c '
data = bytearray(open("ancillary-frame.sst", "rb").read())
data[data.find(bytes(range(256))) + 9] ^= 1
open("damaged.sst", "wb").write(data)'
$SYSDECODE --verify damaged.sst >"$tmp/verdict" 2>&1
[ $? -eq 3 ] && : >"$tmp/wrong" || cp "$tmp/verdict" "$tmp/wrong"
verdict "--verify sees damage in a frame that is skipped" "$tmp/wrong"
exit $failed
