#!/bin/bash
# steady.sh - memory and descriptors of the monitor under load: as many at the end as at the beginning, and never too many.
# STEADY_SECONDS (8) of each of its two ways to run; `make check-steady` has them run for five minutes.
# timeout: 120
. "$TESTS/e2e/lib.sh"
need_recorder
seconds=${STEADY_SECONDS:-8}

# Threads that live and call, and processes that are born, call and end, so that all tables of them are in use.
cat >load.py <<'P'
import os, subprocess, sys, threading, time
end = time.monotonic() + float(sys.argv[1])
def call():
    while time.monotonic() < end:
        for i in range(2000):
            os.getppid()
        with open("/proc/self/comm") as f:
            f.read()
        time.sleep(0.001)
def fork():
    while time.monotonic() < end:
        pid = os.fork()
        if not pid:
            for i in range(200):
                os.getppid()
            os._exit(0)
        os.waitpid(pid, 0)
def execute():
    while time.monotonic() < end:
        subprocess.run(["/bin/true"])
workers = []
for work in (call, fork, fork, execute):
    pid = os.fork()
    if not pid:
        work()
        os._exit(0)
    workers.append(pid)
for pid in workers:
    os.waitpid(pid, 0)
P

# resident PID: KiB; descriptors PID
resident() { awk '$1 == "VmRSS:" { print $2 }' "/proc/$1/status"; }
peak() { awk '$1 == "VmHWM:" { print $2 }' "/proc/$1/status"; }
descriptors() { find "/proc/$1/fd" -mindepth 1 | wc -l; }

# within NAME LEAST MOST GOT
within() { if [ "$4" -ge "$2" ] && [ "$4" -le "$3" ]; then ok "$1"; else not_ok "$1: $4, not between $2 and $3"; fi; }

# steady NAME MOST_RECORDER MOST_VIEW OPTIONS...: what it has after a third of the time and at its end, in KiB
steady() {
	local name=$1 most=$2 most_view=$3 recorder view load before view_before fds view_fds
	shift 3
	"$SYSSTREAM" "$@" -a >steady.out 2>steady.err &
	recorder=$!
	mine+=("$recorder")
	if ! wait_for 20 grep -q '^sysstream: recording' steady.err; then
		not_ok "$name: recording" steady.err
		return
	fi
	view=$(children "$recorder")
	python3 load.py "$seconds" &
	load=$!
	mine+=("$load")
	sleep "$(awk -v s="$seconds" 'BEGIN { print s / 3 < 30 ? s / 3 : 30 }')"
	before=$(resident "$recorder") view_before=$(resident "$view")
	fds=$(descriptors "$recorder") view_fds=$(descriptors "$view")
	wait "$load"
	equal "$name: descriptors of the recorder" "$fds" "$(descriptors "$recorder")"
	equal "$name: descriptors of the view" "$view_fds" "$(descriptors "$view")"
	# What grows with each process or call has long grown beyond this.
	within "$name: memory of the recorder, KiB, at the end" 1000 $((before + 24576)) "$(resident "$recorder")"
	within "$name: memory of the view, KiB, at the end" 1000 $((view_before + 8192)) "$(resident "$view")"
	within "$name: memory of the recorder, KiB, at most" 1000 "$most" "$(peak "$recorder")"
	within "$name: memory of the view, KiB, at most" 1000 "$most_view" "$(peak "$view")"
	echo "figures: $name, $seconds s: recorder $before to $(resident "$recorder") KiB, $(peak "$recorder") at most, $fds descriptors;" \
		"view $view_before to $(resident "$view") KiB, $(peak "$view") at most, $view_fds descriptors" >>"${STEADY_FIGURES:-figures}"
	kill -INT "$recorder"
	wait "$recorder"
	equal "$name: status" 0 $?
	[ -s steady.out ] || [ "$name" = metrics ] || not_ok "$name: it shows something" steady.err
	tail -n 1 steady.err >>"${STEADY_FIGURES:-figures}"
}

MIB=1024
steady statistics $((110 * MIB)) $((64 * MIB)) --view=stats -i 1
steady metrics $((128 * MIB)) $((48 * MIB)) --view=metrics=0
