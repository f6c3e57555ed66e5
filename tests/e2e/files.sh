#!/bin/bash
# files.sh - recordings in many files: parts in any order are the whole, those that overlap are merged, one is followed live
# timeout: 300
. "$TESTS/e2e/lib.sh"
need_recorder
umask 0

# limited NAME COMMAND...: with its output in the file out, and no more than 64 MiB of memory
limited() {
	local name=$1
	shift
	python3 - "$@" >out 2>limited.err <<'END'
import resource, subprocess, sys
status = subprocess.call(sys.argv[1:])
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr)
sys.exit(status)
END
	equal "$name: status 0" 0 $?
	[ "$(tail -n 1 limited.err)" -le 65536 ] && ok "... in $(tail -n 1 limited.err) KiB" || not_ok "... in too much memory" limited.err
}
sorted='NR > 1 { if ($1 + 0 < last) { print "disorder", NR, $0; exit 1 } last = $1 + 0 }'

# --- the same calls recorded twice: in parts and in one file
start_waiting storm "$STORM" "$PWD/storm.rows" 1500000 4 wait
record whole.sst --flush=50ms "$target" && whole=$recorder
record p.sst --rotate-size=64K --flush=10ms "$target" && {
	"$SYSDECODE" --follow --columns=tid,seq,ret,state p.00001.sst >followed.tsv 2>followed.err &
	follower=$!
	mine+=("$follower")
	go
	wait "$target"
	finished
	equal "the recorder of parts: status 0" 0 $status
	wait "$whole"
	wait "$follower"
	equal "who follows comes to the end of the last part: status 0" 0 $?
}
mapfile -t parts < <(printf '%s\n' p.*.sst | shuf --random-source="$STORM")
[ ${#parts[@]} -ge 50 ] && ok "there are ${#parts[@]} parts" || not_ok "only ${#parts[@]} parts" p.sst.log
limited "parts in any order" "$SYSDECODE" "${parts[@]}"
mv out parts.tsv
cat p.*.sst >together.sst
for jobs in 1 2; do
	check "... are the same table as one behind the other, with $jobs threads" cmp parts.tsv <("$SYSDECODE" -j $jobs together.sst)
done
check "... and as their directory" cmp parts.tsv <(mkdir d && mv p.*.sst d && "$SYSDECODE" d)
check "... in order of time" awk -F '\t' "$sorted" parts.tsv
by_thread() { tail -n +2 "$1" | cut -f 3,5-15,17 | sort -s -k 1,1; }
"$SYSDECODE" whole.sst >whole.tsv
check "... and each thread's calls are those of the recording in one file" cmp <(by_thread parts.tsv) <(by_thread whole.tsv)
"$SYSDECODE" --verify d >verdicts 2>&1
equal "--verify: each part, and all" "0 $((${#parts[@]} + 1))" "$? $(grep -c ': complete: ' verdicts)"
check "following, each call is complete in the end, and once" awk -F '\t' '
	NR == 1 { next } $3 == "" && $4 != "no-return" { open[$1 "," $2] = 1; next } done[$1 "," $2]++ { print "twice", $0; exit 1 }
	END { for (o in open) if (!done[o]) { print "open", o; exit 1 } exit !(NR > 6000000) }' followed.tsv

# --- recordings that overlap
limited "two recordings of the same time" "$SYSDECODE" whole.sst d
check "... in order of time" awk -F '\t' "$sorted" out
equal "... with the rows of both" $(($(wc -l <parts.tsv) + $(wc -l <whole.tsv) - 1)) "$(wc -l <out)"
check "... each as by itself" cmp <(by_thread out | sort) <({ by_thread parts.tsv; by_thread whole.tsv; } | sort)
rm -rf d ./*.sst ./*.tsv out

# --- followed while it is written
"$STORM" - 200000000 1 2>/dev/null &
storm=$!
mine+=("$storm")
"$SYSDECODE" --follow --columns=seq,state,time live.sst >live.tsv 2>live.err &
follower=$!
mine+=("$follower")
wait_for 5 grep -q 'waiting for it' live.err && ok "a file that is not there yet is waited for" || not_ok "no word of waiting" live.err
record live.sst --flush=50ms "$storm" && {
	wait_for 10 test -s live.tsv && ok "rows come while it is recorded" || not_ok "no rows" live.err
	finish
	wait "$follower"
	equal "the follower ends with the recording" 0 $?
}
"$SYSDECODE" --columns=seq,state,time live.sst >file.tsv
check "... and has seen what is in the file" cmp <(grep -v unfinished live.tsv) <(grep -v unfinished file.tsv)
rm -f live.sst
record live.sst --flush=50ms "$storm" && {
	"$SYSDECODE" --follow live.sst >cut.tsv 2>cut.err &
	follower=$!
	mine+=("$follower")
	wait_for 10 test -s cut.tsv
	kill -INT "$follower"
	wait "$follower"
	equal "interrupted: status 0 and nothing to complain about" "0 0" "$? $(wc -l <cut.err)"
	equal "... the last line is whole" "$(head -n 1 cut.tsv | tr -dc '\t' | wc -c)" "$(tail -n 1 cut.tsv | tr -dc '\t' | wc -c)"
	finish
}
kill -KILL "$storm"
