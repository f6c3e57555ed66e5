#!/bin/bash
# oracles.sh - programs that know their calls, against what was recorded: started with --, and by PID
# timeout: 180
. "$TESTS/e2e/lib.sh"
need_recorder

decode_and_compare() {
	if ! "$SYSDECODE" "$2.sst" >"$2.tsv" 2>"$2.said"; then
		not_ok "$1: sysdecode" "$2.said"
	elif $COMPARE oracle "$2.rows" "$2.tsv" >"$2.diff"; then
		ok "$1"
	else
		not_ok "$1" "$2.diff" "$2.sst.log" "$2.said"
	fi
	rm -f "$2.tsv"
}

started() {
	local code
	"$SYSSTREAM" -f "$1.sst" -- "$ORACLES/$1" "$PWD/$1.rows" >"$1.out" 2>"$1.sst.log" </dev/null
	code=$?
	case $code in
	0) decode_and_compare "$1, started" "$1" ;;
	77) skip "$1, started" "$(cat "$1.out")" ;;
	*) not_ok "$1, started: status $code" "$1.out" "$1.sst.log" ;;
	esac
}

by_pid() {
	local name=$1-pid
	start_waiting "$name" "$ORACLES/$1" "$PWD/$name.rows" wait
	record "$name.sst" -F "$target" || return
	go
	wait "$target"
	case $? in
	0) ;;
	77) skip "$1, by PID" "$(tail -n 1 "$name.said")"; finished; return ;;
	*) not_ok "$1 by PID ended badly" "$name.said" "$name.err" ;;
	esac
	finished
	[ $status -eq 0 ] || not_ok "$1, by PID: the recorder's status $status" "$name.sst.log"
	decode_and_compare "$1, by PID" "$name"
}

for program in basic many threads fork exec switch killed seccomp exitgroup sigreturn rename i386; do
	started $program
	by_pid $program
done
by_pid blocked

# runs_here PROGRAM: a kernel without 32-bit emulation takes its binary for something to be read by a shell, or refuses it
runs_here() {
	"$ORACLES/$1" /dev/null >/dev/null 2>&1
	[ $? -ne 126 ]
}

# Statically linked: of 32 bits, and with another C library.
for program in i386-static musl-many musl-threads musl-basic; do
	if [ ! -x "$ORACLES/$program" ]; then
		skip "$program" "cannot be built here ($ORACLES/$program.why)"
	elif ! runs_here $program; then
		skip "$program" "no 32-bit programs on this kernel"
	else
		started $program
		by_pid $program
	fi
done

# The clock: wall time of the rows lies within the run, and a nap takes as long as it took.
began=${EPOCHREALTIME/,/.}
"$SYSSTREAM" -q -f clock.sst -- sh -c 'sleep 0.2; date >/dev/null'
ended=${EPOCHREALTIME/,/.}
"$SYSDECODE" --no-header --columns=epoch,duration,syscall clock.sst >clock.tsv
check "wall time" awk -F '\t' -v began="$began" -v ended="$ended" \
	'$1 < began || $1 + $2 > ended { print; bad = 1 } END { print NR " rows from " began " to " ended; exit bad || !NR }' clock.tsv
check "duration" awk -F '\t' '$3 == "clock_nanosleep" { n++; if ($2 < 0.2 || $2 > 1) { print; bad = 1 } } END { exit bad || n != 1 }' clock.tsv
