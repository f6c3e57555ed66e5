#!/bin/bash
# steady.sh - memory and descriptors of the monitor under load: as many at the end as at the beginning, and never too many.
# STEADY_SECONDS (8) of each of its two ways to run; `make check-steady` has them run for five minutes.
# timeout: 780
. "$TESTS/e2e/lib.sh"
need_recorder
seconds=${STEADY_SECONDS:-8}

BUSY=$TOP/build/tests/e2e/busy

# resident PID: KiB; descriptors PID
resident() { awk '$1 == "VmRSS:" { print $2 }' "/proc/$1/status"; }
peak() { awk '$1 == "VmHWM:" { print $2 }' "/proc/$1/status"; }
descriptors() { find "/proc/$1/fd" -mindepth 1 | wc -l; }

# within NAME LEAST MOST GOT
within() { if [ "$4" -ge "$2" ] && [ "$4" -le "$3" ]; then ok "$1"; else not_ok "$1: $4, not between $2 and $3"; fi; }

# steady NAME MOST_RECORDER MORE MOST_VIEW OPTIONS...: in MiB, MORE: at the end than after half of the time, or 30 s
steady() {
	local name=$1 most=$(($2 * 1024)) more=$(($3 * 1024)) most_view=$(($4 * 1024)) recorder view load before view_before fds view_fds
	shift 4
	"$SYSSTREAM" "$@" -a >"$name.out" 2>"$name.err" &
	recorder=$!
	mine+=("$recorder")
	if ! wait_for 20 grep -q '^sysstream: recording' "$name.err"; then
		not_ok "$name: recording" "$name.err"
		return
	fi
	view=$(children "$recorder")
	"$BUSY" "$seconds" &
	load=$!
	mine+=("$load")
	sleep "$(awk -v s="$seconds" 'BEGIN { print s / 2 < 30 ? s / 2 : 30 }')"
	before=$(resident "$recorder") view_before=$(resident "$view")
	fds=$(descriptors "$recorder") view_fds=$(descriptors "$view")
	wait "$load"
	equal "$name: descriptors of the recorder" "$fds" "$(descriptors "$recorder")"
	equal "$name: descriptors of the view" "$view_fds" "$(descriptors "$view")"
	within "$name: memory of the recorder, KiB, at the end" 1000 $((before + more)) "$(resident "$recorder")"
	within "$name: memory of the view, KiB, at the end" 1000 $((view_before + 16384)) "$(resident "$view")"
	within "$name: memory of the recorder, KiB, at most" 1000 "$most" "$(peak "$recorder")"
	within "$name: memory of the view, KiB, at most" 1000 "$most_view" "$(peak "$view")"
	echo "figures: $name, $seconds s: recorder $before to $(resident "$recorder") KiB, $(peak "$recorder") at most, $fds descriptors;" \
		"view $view_before to $(resident "$view") KiB, $(peak "$view") at most, $view_fds descriptors" >>"${STEADY_FIGURES:-figures}"
	kill -INT "$recorder"
	wait "$recorder"
	equal "$name: status" 0 $?
	[ -s "$name.out" ] || [ "$name" = metrics ] || not_ok "$name: it shows something" "$name.err"
	tail -n 1 "$name.err" >>"${STEADY_FIGURES:-figures}"
}

# A tally has a table of each process in an interval. What records calls has, when it is behind, the ring buffers (32 MiB) and once
# as much that waits to be written, and for a moment that once more where threads have it in many pieces.
steady statistics 96 24 48 --view=stats -i 1
steady metrics 144 40 32 --view=metrics=127.0.0.1:0
