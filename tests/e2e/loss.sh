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

# tiny NAME: 16 processes on ring buffers with room for eight threads, so that most calls are lost
tiny() {
	"$SYSSTREAM" --ring-size=64K -f "$1.sst" -- "$STORM" "$PWD/$1.rows" 62500 16 processes 2>"$1.sst.log"
	"$SYSDECODE" --columns=tid,state,note,syscall,arg0,arg1 "$1.sst" >"$1.tsv" 2>"$1.said"
	check "$1: recorded + lost = made" $COMPARE sums "$1.rows" "$1.tsv"
	says "$1: calls were lost" "$1.sst.log" LOST
	"$SYSDECODE" --columns=tid,seq,state,note "$1.sst" 2>/dev/null >"$1.seq"
	check "$1: each call is a row or in a gap, not both" awk -F '\t' '$3 == "lost" { lost[$1]++; from[$1, lost[$1]] = $2; split($4, n, " ")
		until[$1, lost[$1]] = $2 + n[1] - 1; calls[$1] += n[1]; next } NR > 1 { calls[$1]++; seen[$1, $2]++; if ($2 > last[$1]) last[$1] = $2 }
		END { for (t in lost) for (i = 1; i <= lost[t]; i++) { if (until[t, i] > last[t]) last[t] = until[t, i]
				for (s = from[t, i]; s <= until[t, i]; s++) seen[t, s]++ }
			for (k in seen) if (seen[k] != 1) { print "twice:", k; bad = 1 }
			for (t in calls) if (t != "" && calls[t] != last[t]) { print t, calls[t], "of", last[t]; bad = 1 }
			exit bad }' "$1.seq"
	rm -f "$1.tsv" "$1.seq"
}

storm two-threads 300007 2
storm four-threads 150001 4
storm held-up 3000017 2 hold --ring-size=8M
# Frames cut all the time, small ring buffers: calls that have an open row and no room for their return.
storm small-ring 1000003 3 '' --ring-size=128K --flush=5ms
storm crowd 150003 24 '' --ring-size=256K --flush=5ms
tiny tiny-rings

# crowd NAME OPTION...: 3,000 processes that are idle until their partly filled chunks have been taken away, and then all
# end at once, between two looks of the recorder; prints how many calls were recorded, and lost
crowd() {
	"$SYSSTREAM" "${@:2}" -f "$1.sst" -- "$TOP/build/tests/bench/crowd" 3000 10 2>"$1.log" < <(sleep 3; echo) >/dev/null
	"$SYSDECODE" --verify "$1.sst" | sed -n '1s/.*: \([0-9]*\) calls of [0-9]* threads, \([0-9]*\) lost.*/\1 \2/p'
}
read -r made none < <(crowd roomy --ring-size=128M)
equal "3,000 processes with room for all: none lost" 0 "$none"
for ring in 32M 64K; do
	read -r recorded lost < <(crowd crowd-$ring --ring-size=$ring)
	equal "3,000 processes, --ring-size=$ring: recorded + lost = made" "$made" "$((recorded + lost))"
done
