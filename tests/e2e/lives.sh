#!/bin/bash
# lives.sh - short lives by the ten thousand: what they leave in the programs' maps, and whether each call is accounted for
# timeout: 300
. "$TESTS/e2e/lib.sh"
need_recorder

start_waiting brief "$ORACLES/brief" "$PWD/made" 30000 6000
record brief.sst -F "$target"
go
wait "$target"
equal "30,000 threads and 6,000 processes" 0 $?
finished
made=$(($(od -An -N8 -t u8 made) + 1)) # and the read before
"$SYSDECODE" --verify brief.sst >verify.out 2>&1
case $? in 0 | 4) ok "the recording is whole" ;; *) not_ok "the recording is not whole" verify.out ;; esac
read -r recorded threads lost < <(sed -n '1s/.*: \([0-9]*\) calls of \([0-9]*\) threads, \([0-9]*\) lost.*/\1 \2 \3/p' verify.out)
equal "recorded + lost = made" "$made" "$((recorded + lost))"
[ "$lost" != 0 ] || equal "threads" 36001 "$threads"

# Frames are cut every millisecond, in the middle of many forks and execs.
cat >forks.sh <<'END'
i=0
while [ $i -lt 300 ]; do
	/bin/true
	/bin/true &
	(:)
	i=$((i + 1))
done
wait
END
"$SYSSTREAM" -q --flush=1ms -f forks.sst -- sh forks.sh
equal "forks and execs in the middle of which frames are cut" 0 $?
"$SYSDECODE" --verify forks.sst >forks.out 2>&1
check "... are each a row" grep -q "complete: [0-9]* calls of 901 threads, 0 lost" forks.out
exec "$ORACLES/../e2e/maps"
