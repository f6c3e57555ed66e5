#!/bin/bash
# lossless.sh - a writer that is too slow: with --lossless the processes wait, whatever happens to the recorder
# timeout: 180
. "$TESTS/e2e/lib.sh"
need_recorder

# slow FIFO FILE: copies, a little at a time
slow() {
	while dd bs=32k count=1 2>/dev/null >>"$2" && [ "$(stat -c %s "$2")" != "$size" ]; do
		size=$(stat -c %s "$2")
		sleep 0.02
	done <"$1"
}
state() { awk '/^State/ { print $2 }' "/proc/$1/status" 2>/dev/null; }
is_stopped() { [ "$(state "$1")" = T ]; }

mkfifo pipe
slow pipe slow.sst & mine+=($!)
start_waiting slow "$STORM" "$PWD/slow.rows" 600011 2 wait
storm=$target
record pipe --lossless --ring-size=512K "$storm"
go slow
finished
wait "$storm"
equal "a slow reader: the program ends as ever" 0 $?
sleep 0.3
"$SYSDECODE" --verify slow.sst >verify.out 2>&1
equal "a slow reader: nothing is lost" 0 $?
# A nap that a stop has interrupted is gone on with by one more call.
"$SYSDECODE" --columns=tid,state,note,syscall,arg0,arg1 slow.sst | grep -vw restart_syscall >slow.tsv
check "a slow reader: recorded = made" $COMPARE sums slow.rows slow.tsv

# The recorder stands still, then is killed: who was stopped for it goes on.
start_waiting held "$STORM" - 3000017 2 wait
storm=$target
record held.sst --lossless --ring-size=512K "$storm"
kill -STOP "$recorder"
go held
check "a recorder that stands still: the process waits" wait_for 20 is_stopped "$storm"
helper=$(children "$recorder")
kill -KILL "$recorder"
wait "$storm"
equal "a recorder that is killed: the process goes on to its end" 0 $?
check "... and nothing of the recorder is left" wait_for 5 sh -c "[ -n '$helper' ] && ! kill -0 '$helper'"

# --on-loss=stop
start_waiting loss "$STORM" - 3000017 2 wait
storm=$target
record loss.sst --on-loss=stop --ring-size=128K "$storm"
kill -STOP "$recorder"
go loss
sleep 0.5
kill -CONT "$recorder"
finished
equal "--on-loss=stop: status" 3 $status
says "--on-loss=stop: says why" loss.sst.log LOST
"$SYSDECODE" --info loss.sst >info.out
says "--on-loss=stop: the file says why" info.out "events were lost"
kill "$storm"

# A noisy process does not take a quiet one's voice: the recorder stands still, the noisy one fills the ring buffers.
start_waiting noisy "$STORM" - 3000017 2 wait
storm=$target
cp "$(command -v sleep)" napper
bash -c 'until [ -e quiet.go ]; do sleep 0.01; done; for ((i = 0; i < 40; i++)); do ./napper 0.05; done' & quiet=$!
record quiet.sst -F "$storm" "$quiet"
kill -STOP "$recorder"
touch quiet.go
go noisy
wait "$storm"
wait "$quiet"
kill -CONT "$recorder"
finished
"$SYSDECODE" --no-header --columns=pid,comm,syscall,state quiet.sst >quiet.tsv
check "the noisy process has lost calls" grep -q "storm.*lost" quiet.tsv
equal "a quiet one beside it has not" 0 "$(grep lost quiet.tsv | grep -vc storm)"
equal "... not a single nap" 40 "$(awk -F '\t' '$2 == "napper" && $3 ~ /nanosleep/ && $4 == "ok"' quiet.tsv | wc -l)"
"$SYSSTREAM" -f no.sst --lossless -a 2>bad.err
equal "--lossless -a: status" 2 $?
