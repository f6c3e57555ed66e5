#!/bin/bash
# loss.sh - recorded + lost = made, exactly, per thread: at full speed on all processors, and with a recorder that is held up
. "$TESTS/e2e/lib.sh"
need_recorder

# The storm has had CPU time for half of its calls or more: far more than the ring buffers hold.
half_way() { [ "$(awk '{ print $14 + $15 }' "/proc/$target/stat")" -ge 100 ]; }

# storm NAME CALLS THREADS [HOLD [OPTION...]]: with HOLD the recorder is stopped for a while
storm() {
	local options=("${@:5}")
	start_waiting "$1" "$STORM" "$PWD/$1.rows" "$2" "$3" wait
	record "$1.sst" "${options[@]}" "$target" || return
	go
	if [ -n "$4" ]; then
		sleep 0.15
		kill -STOP "$recorder"
		wait_for 30 half_way
		kill -CONT "$recorder"
	fi
	wait "$target"
	finished
	"$SYSDECODE" --columns=tid,state,note,syscall,arg0,arg1 "$1.sst" >"$1.tsv" 2>"$1.said"
	if $COMPARE sums "$1.rows" "$1.tsv" >"$1.diff"; then
		ok "$1: $(sed -n 's/^thread [0-9]*: //p' "$1.diff" | tail -n 1)"
	else
		not_ok "$1" "$1.diff" "$1.sst.log" "$1.said"
	fi
	if cut -f 2 "$1.tsv" | grep -q lost; then
		"$SYSDECODE" --verify "$1.sst" >/dev/null 2>&1
		equal "$1: --verify says that events were lost" 4 $?
		says "$1: so does the recorder" "$1.sst.log" lost
	elif [ -n "$4" ]; then
		not_ok "$1: nothing was lost, though the recorder was stopped" "$1.sst.log"
	fi
	rm -f "$1.tsv"
}

storm two-threads 300007 2
storm four-threads 150001 4
storm held-up 3000017 2 hold
# Frames cut all the time, small ring buffers: calls that have an open row and no room for their return.
storm small-ring 1000003 3 '' --ring-size=128K --flush=5ms
storm crowd 150003 24 '' --ring-size=256K --flush=5ms
