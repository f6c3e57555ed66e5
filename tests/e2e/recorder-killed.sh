#!/bin/bash
# recorder-killed.sh - kill -9 of the recorder under full load, 50 times (KILLS): each file decodes, says that it has no end, and each thread's
# rows are without a hole
# timeout: 1200
. "$TESTS/e2e/lib.sh"
need_recorder

# Rows by tid and seq, lost ones with their count: nothing may be missing between the first and the last.
holes='NR > 1 && $2 == "lost" { match($4, /[0-9]+/); lost[$1] += substr($4, RSTART, RLENGTH); next }
NR > 1 {
	if (!($1 in first) || $3 < first[$1]) first[$1] = $3
	if ($3 > last[$1]) last[$1] = $3
	rows[$1]++; all++
}
END {
	for (tid in first)
		if (last[tid] - first[tid] + 1 != rows[tid] + lost[tid]) {
			print "thread " tid ": seq " first[tid] " to " last[tid] ", but " rows[tid] " rows and " lost[tid] + 0 " lost"
			bad = 1
		}
	print all + 0 " rows"
	exit bad
}'

"$STORM" - 2000000000 2 2>/dev/null &
target=$!
mine+=("$target")
bad=0 empty=0 rows=0 kills=${KILLS:-50}
for i in $(seq "$kills"); do
	record t.sst --flush=20ms "$target" || break
	sleep "0.$(printf %03d $((RANDOM % 150)))"
	kill -KILL "$recorder"
	wait "$recorder" 2>/dev/null
	[ -s t.sst ] || { empty=$((empty + 1)); rm -f t.sst; continue; }
	"$SYSDECODE" --columns=tid,state,seq,note t.sst >t.tsv 2>t.err
	code=$?
	if [ $code -ne 3 ] || ! awk -F '\t' "$holes" t.tsv >t.holes; then
		not_ok "killed $i: status $code" t.holes t.err
		bad=$((bad + 1))
	fi
	rows=$((rows + $(wc -l <t.tsv) - 1))
	rm -f t.sst
done
[ $bad -eq 0 ] && [ "$rows" -gt 0 ] && ok "$kills recorders killed, $rows rows decoded, $empty files empty"
kill -KILL "$target"

# Who was inside a call is told, by rows that are unfinished.
sleep 1000 &
target=$!
mine+=("$target")
record s.sst "$target"
sleep 1.5
kill -KILL "$recorder"
wait "$recorder" 2>/dev/null
"$SYSDECODE" --no-header --columns=syscall,state,ret s.sst >s.tsv 2>s.err
equal "the status of a file without an end" 3 $?
equal "the call that the target is in is in the file" "clock_nanosleep	midway	" "$(cat s.tsv)"
"$SYSDECODE" --verify s.sst >v.out 2>&1
equal "--verify of it" 3 $?
