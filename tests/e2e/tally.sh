#!/bin/bash
# tally.sh - calls that are counted in the kernel: against a recording of the same run made at the same time, strace -c and
# what programs have counted themselves
# timeout: 240
. "$TESTS/e2e/lib.sh"
need_recorder

# tally FILE ARG...: as record
tally() { record "$@"; }

# sums FILE: pid, comm, abi, call, calls, errors, unfinished, bytes of each process and call
sums() {
	"$SYSDECODE" --stats -F tsv --no-header "$1" | awk -F'\t' -v OFS='\t' '$1 == "calls" { print $2, $3, $4, $5, $6, $7, $8, $14 }' |
		sort
}
# times FILE: pid/abi/call, calls, total and maximum in s
times() {
	"$SYSDECODE" --stats -F tsv --no-header "$1" | awk -F'\t' -v OFS='\t' '$1 == "calls" { print $2 "/" $4 "/" $5, $6, $9, $13 }' | sort
}
frames() { "$SYSDECODE" --info "$1" | sed -n 's/^tally frames *\([0-9]*\).*/\1/p'; }
# calls FILE CALL: of all processes, in all intervals
calls() {
	"$SYSDECODE" --stats="${3:-1h}" --by=syscall -F tsv --no-header "$1" 2>/dev/null |
		awk -F'\t' -v call="$2" '$5 == call { n += $6 } END { print n + 0 }'
}

# Two recorders see each call at nearly the same time: nearly the same durations.
near() {
	join -t $'\t' "$1" "$2" | awk -F'\t' '
		function far(a, b) { d = a - b; if (d < 0) d = -d; return d > 0.05 + 0.2 * (a > b ? a : b) + 1e-5 * $2 }
		far($3, $6) || far($4, $7) { print; bad = 1 }
		$7 > $6 + 1e-9 { print "max above total: " $0; bad = 1 }
		END { exit bad || NR < 3 }'
}

# same NAME FILE: a recording and a tally of the same run, FILE.sst and FILE.tally.sst
same() {
	local name=$1 file=$2
	sums "$file.sst" >"$file.wanted"
	sums "$file.tally.sst" >"$file.got"
	if [ -s "$file.wanted" ] && diff "$file.wanted" "$file.got" >"$file.diff"; then
		ok "$name: calls, errors and bytes of $(wc -l <"$file.wanted") lines are those of a recording"
	else
		not_ok "$name: calls, errors and bytes are those of a recording" "$file.diff" "$file.tally.sst.log"
	fi
	times "$file.sst" >"$file.wanted"
	times "$file.tally.sst" >"$file.got"
	near "$file.wanted" "$file.got" >"$file.diff" || not_ok "$name: times are those of a recording" "$file.diff"
}

# Both recorders are there before the program goes on.
oracle() {
	local name=$1-$2 recorded
	start_waiting "$name" "$ORACLES/$1" "$PWD/$name.rows" wait
	record "$name.sst" -F "$target" || return
	recorded=$recorder
	tally "$name.tally.sst" --tally=50ms --hooks="$2" -F "$target" || return
	go
	wait "$target"
	case $? in
	0) ;;
	77) skip "$name" "$(tail -n 1 "$name.said")"; finished; return ;;
	*) not_ok "$name ended badly" "$name.said" "$name.err" ;;
	esac
	finished
	wait "$recorded"
	[ $status -eq 0 ] || not_ok "$name: status $status" "$name.tally.sst.log"
	same "$name" "$name"
	rm -f "$name".*
}

with_recording() {
	local recorded
	stopped program /usr/bin/python3 "$TESTS/e2e/work.py" 20
	record work.sst -F "$shell" || return
	recorded=$recorder
	tally work.tally.sst --tally=20ms -F "$shell" || return
	kill -CONT "$shell"
	wait "$shell"
	finished
	wait "$recorded"
	same "a program with threads and children" work
	[ "$(frames work.tally.sst)" -gt 3 ] || not_ok "there are intervals" work.tally.sst.log
}

with_strace() {
	if ! command -v strace >/dev/null || ! strace -c -o /dev/null true 2>strace.err; then
		skip "the counts of strace -c" "strace cannot run here"
		return
	fi
	stopped program /usr/bin/python3 "$TESTS/e2e/work.py" 20
	tally strace.sst --tally=100ms -F "$shell" || return
	counts_of_strace strace.sst
}

# storm NAME ARG...: four threads of many calls, of which each is in one interval. What they have counted are calls between
# markers; besides them come those of the program's beginning and end.
count_storm() {
	local name=$1 wanted got
	shift
	"$SYSSTREAM" --tally=10ms -f "$name.sst" "$@" -- "$STORM" "$name.rows" 300000 4 2>"$name.log" || return
	wanted=$((4 * 300000))
	got=$(calls "$name.sst" getppid 10ms)
	equal "$name: getppid in $(frames "$name.sst") intervals" $wanted "$got"
	says "$name: nothing lost" "$name.log" "nothing lost"
}

# More threads than there are tables (32): what no table had room for is in lines of other calls.
crowded() {
	local all other
	"$SYSSTREAM" --tally=20ms --ring-size=64K -f crowded.sst -- "$STORM" crowded.rows 1500 128 2>crowded.log
	"$SYSDECODE" --stats -F tsv --no-header crowded.sst >crowded.tsv
	all=$(awk -F'\t' '$5 == "getppid" || $5 == "other" { n += $6 } END { print n + 0 }' crowded.tsv)
	other=$(awk -F'\t' '$5 == "other" { n += $6 } END { print n + 0 }' crowded.tsv)
	if [ "$all" -ge 192000 ] && [ "$all" -lt 200000 ]; then
		ok "128 threads and 32 tables: all calls are there ($other of them as other)"
	else
		not_ok "128 threads and 32 tables: all calls are there: $all" crowded.tsv crowded.log
	fi
	equal "128 threads and 32 tables: the sum that is told is that of the lines" \
		"$("$SYSDECODE" --info crowded.sst | awk '$1 == "tallied" { print $2 }')" "$(awk -F'\t' '{ n += $6 } END { print n }' crowded.tsv)"
}

# Each of 10,000 processes in one interval has a table of its own, however late the recorder comes to look.
crowd() {
	local crowd
	mkfifo crowd.in crowd.out
	"$TOP/build/tests/bench/crowd" 10000 50 <crowd.in >crowd.out 2>/dev/null &
	crowd=$!
	mine+=("$crowd")
	exec {go}>crowd.in
	if ! grep -qm 1 ready crowd.out; then
		exec {go}>&-
		skip "10,000 processes" "they cannot all be there at once"
		return
	fi
	tally crowd.sst --tally=60s -c crowd || return
	echo go >&"$go"
	exec {go}>&-
	if ! wait "$crowd"; then
		finish
		skip "10,000 processes" "somebody has killed some of them"
		return
	fi
	finish
	"$SYSDECODE" --stats --by=process,syscall --syscall=getppid -F tsv --no-header crowd.sst |
		awk -F'\t' '{ if ($6 != 50) bad++; n++ } END { print n, bad + 0 }' >got
	equal "10,000 processes in one interval: 50 calls of each" "10000 0" "$(cat got)"
	says "10,000 processes: nothing lost" crowd.sst.log "nothing lost"
}

# Short-lived processes, each of its own; in a whole machine's tally they are not lost either.
processes() {
	cp /bin/true my-true
	tally all.sst -a --tally=1s -- sh -c 'i=0; while [ $i -lt 300 ]; do ./my-true; i=$((i + 1)); done' || return
	finished
	"$SYSDECODE" --stats -F tsv --no-header --comm=my-true all.sst | awk -F'\t' '$5 == "exit_group" { n += $6 } END { print n }' >exits
	equal "the whole machine: 300 processes of a command" 300 "$(cat exits)"
	"$SYSDECODE" --stats -F tsv --no-header --pid="$recorder" all.sst >self
	check "the recorder is not in its tally" test ! -s self
	"$SYSSTREAM" -a -m --tally=100ms -n 2 -q -f self.sst
	"$SYSDECODE" --stats -F tsv --no-header --comm=sysstream self.sst >self
	check "with -m it is" test -s self
}

# Who is counted: by name, as they come and get it; by user.
chosen() {
	cp /bin/sleep my-sleep
	./my-sleep 2 &
	mine+=("$!")
	tally name.sst --tally=100ms -c my-sleep -d 3 || return
	./my-sleep 0.2
	finished
	"$SYSDECODE" --stats -F tsv --no-header name.sst | awk -F'\t' '$5 == "clock_nanosleep" { n += $6; p[$2] = 1; t += $9 }
		END { for (i in p) k++; print n, k, (t > 0.2 && t < 2.5) }' >got
	equal "by name: one that ran and one that came" "2 2 1" "$(cat got)"
	tally user.sst --tally=100ms --uid=64321 -n 8 || return
	setpriv --reuid=64321 --clear-groups sleep 0.1
	sleep 0.1
	finished
	"$SYSDECODE" --stats -F tsv --no-header user.sst | awk -F'\t' '$5 == "clock_nanosleep" { print $3, $6 }' >got
	equal "by user" "sleep 1" "$(cat got)"
}

# -n intervals of -i each, and the calls of a server that sleeps in between.
intervals() {
	local sleeper
	sleep 60 &
	sleeper=$!
	mine+=("$sleeper")
	tally n.sst --tally -i 200ms -n 3 "$sleeper" || return
	finished
	equal "-n 3: intervals" 3 "$(frames n.sst)"
	says "-n 3: the reason is told" <("$SYSDECODE" --info n.sst) "intervals"
	"$SYSSTREAM" -q --tally=150ms -d 450ms -f d.sst -- sleep 3
	equal "-d: intervals" 3 "$(frames d.sst)"
	"$SYSDECODE" --stats -F tsv --no-header d.sst | grep nanosleep >got
	equal "a call that never returned" "sleep clock_nanosleep 1 1" "$(awk -F'\t' '{ print $3, $5, $6, $8 }' got)"
	tally k.sst --tally=50ms "$sleeper" || return
	sleep 0.3
	kill -KILL "$recorder"
	wait "$recorder" 2>/dev/null
	"$SYSDECODE" --stats k.sst >/dev/null 2>k.said
	equal "killed: the file is cut short" 3 $?
	check "killed: intervals are there" test "$(frames k.sst)" -ge 3
}

# Only calls that were asked for.
selected() {
	"$SYSSTREAM" --tally=50ms -e trace=openat,close --failed -q -f selected.sst -- /usr/bin/python3 "$TESTS/e2e/work.py" 20 >/dev/null
	"$SYSSTREAM" -e trace=openat,close --failed -q -f selected.rows.sst -- /usr/bin/python3 "$TESTS/e2e/work.py" 20 >/dev/null
	"$SYSDECODE" --stats --by=syscall -F tsv --no-header selected.sst | awk -F'\t' '{ print $3, $4 == $5 }' >got
	equal "-e and --failed" "openat 1" "$(cat got)"
}

# From a pipe intervals come while the recording runs; parts of a rotated one are counted together.
live() {
	local seen=
	stopped program /usr/bin/python3 "$TESTS/e2e/work.py" 20
	"$SYSSTREAM" -q -f - --tally=50ms -F "$shell" 2>live.log | tee live.sst | "$SYSDECODE" --stats=50ms -F tsv >live.tsv 2>live.said &
	mine+=("$!")
	sleep 1
	kill -CONT "$shell"
	wait_for 10 grep -q read live.tsv
	[ -d /proc/"$shell" ] && grep -q read live.tsv && seen=1
	wait "$shell"
	wait %%
	equal "intervals come while the program runs" 1 "$seen"
	"$SYSDECODE" --stats=50ms -F tsv live.sst >file.tsv
	if diff file.tsv live.tsv >diff.log; then
		ok "live intervals are those of the file"
	else
		not_ok "live intervals are those of the file" diff.log live.log live.said
	fi
}

# A reader that does not read for a while makes intervals longer; no call is missing.
stalled() {
	"$SYSSTREAM" --tally=10ms -f - -- "$STORM" stalled.rows 2000000 2 2>stalled.log | (sleep 0.7; cat) >stalled.sst
	equal "a slow reader: all calls are there" 4000000 "$(calls stalled.sst getppid)"
	"$SYSSTREAM" -q --tally=10ms --rotate-time=1s -f parts.sst -d 2.5 -- "$STORM" parts.rows 20000 2 100000
	check "parts of a rotated tally are there" test -s parts.00002.sst
	says "and complete" <("$SYSDECODE" --verify parts.*.sst) "all parts from parts.00001.sst"
	equal "and tell of the same calls together" "$("$SYSDECODE" --verify parts.*.sst | awk '/^all/ { for (i = 1; i < NF; i++) if ($i ~ /^calls?$/ && $(i + 1) ~ /^counted/) print $(i - 1) }')" \
		"$("$SYSDECODE" --stats --by=process -F tsv --no-header parts.*.sst | awk -F'\t' '{ n += $4 } END { print n }')"
}

for program in basic many threads fork exec killed seccomp exitgroup sigreturn rename i386; do
	oracle $program btf
done
for program in basic threads fork exec; do
	oracle $program classic
done
with_recording
with_strace
count_storm storm
count_storm storm-classic --hooks=classic
crowded
crowd
processes
chosen
intervals
selected
live
stalled
