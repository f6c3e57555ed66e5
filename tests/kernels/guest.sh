#!/bin/busybox sh
# guest.sh - inside the machine: records what the oracles do, and keeps recordings and what they wrote down in /out
#
# Nothing is compared here: /out goes out to judge.py, as a tar file on the disk, after each part anew. A line a recording in /out/runs, tab separated:
#	how	name	status of the program	status of the recorder	what it is about
# how: load, oracle, sums (as compare.py has them), holes (each thread's rows without any), clocks (NAME.marks), texts or cold (captures).
# shellcheck shell=dash
cd /out || exit 1
CPUS=$(nproc)
COLD=100000
uname -r >release
echo "$CPUS" >cpus

uptime_s() { cut -d ' ' -f 1 /proc/uptime; }
run() { printf '%s\t%s\t%s\t%s\t%s\n' "$@" >>runs; echo "$(uptime_s) $2: $3 $4"; }

# wait_for SECONDS COMMAND...
wait_for() {
	tries=$(($1 * 20))
	shift
	while ! "$@" >/dev/null 2>&1; do
		tries=$((tries - 1))
		[ $tries -gt 0 ] || return 1
		usleep 50000
	done
}

# record NAME ARG...: in the background, until it has attached; sets $recorder
record() {
	name=$1
	shift
	: >"$name.log"
	sysstream -f "$name.sst" "$@" 2>"$name.log" </dev/null &
	recorder=$!
	wait_for 20 grep -q '^sysstream: recording' "$name.log"
}

# wait_limited PID: its status; after two minutes it is killed
wait_limited() {
	(sleep 120; kill -KILL "$1") 2>/dev/null &
	limit=$!
	wait "$1"
	code=$?
	kill "$limit" 2>/dev/null
	return $code
}

loads() {
	sysstream -v -f load.sst -- true >load.said 2>load.log
	code=$?
	run load load $code $code "the programs load and attach"
	[ $code -eq 0 ]
}

started() {
	timeout 60 sysstream -f "$1.sst" -- "/test/oracles/$1" "/out/$1.rows" >"$1.said" 2>"$1.log"
	run oracle "$1" $? 0 "$1, started"
}

by_pid() {
	name=$1-pid
	mkfifo go
	"/test/oracles/$1" "/out/$name.rows" wait <go >"$name.said" 2>"$name.err" &
	target=$!
	exec 3>go
	wait_for 20 grep -q ready "$name.said"
	record "$name" -F "$target"
	echo go >&3
	exec 3>&-
	rm go
	wait_limited $target
	code=$?
	wait_limited "$recorder"
	run oracle "$1-pid" $code $? "$1, by PID"
}

# storm NAME ABOUT "RECORDER'S OPTIONS" ARG...
storm() {
	name=$1 about=$2 options=$3
	shift 3
	timeout 240 sysstream $options -f "$name.sst" -- /test/storm "/out/$name.rows" "$@" >"$name.said" 2>"$name.log"
	run sums "$name" $? 0 "$about"
}

# Rings as small as this recorder takes them.
small_rings() {
	for size in 64K 128K; do
		rm -f small.sst
		storm small "16 processes, rings of $size in all" --ring-size=$size 62500 16 processes
		grep -q 'small	2	' runs || return
		sed -i '/	small	2	/d' runs
	done
}

paused_storm() {
	mkfifo go
	/test/storm /out/paused.rows 62500 16 wait processes <go >paused.said 2>paused.err &
	target=$!
	exec 3>go
	wait_for 20 grep -q ready paused.said
	record paused -F "$target"
	echo go >&3
	exec 3>&-
	rm go
	usleep 500000
	kill -STOP "$recorder"
	sleep 1
	kill -CONT "$recorder"
	wait_limited $target
	code=$?
	wait_limited "$recorder"
	run sums paused $code $? "16 processes, the recorder stopped for a second"
}

killed_targets() {
	timeout 240 sysstream -f slain.sst -- /test/slain /out/slain.rows 20 >slain.said 2>slain.log
	run sums slain $? 0 "20 processes killed in the middle"
}

# Killed in the middle, at other moments each time.
killed_recorders() {
	/test/storm - 2000000000 2 2>/dev/null &
	target=$!
	for i in 1 2 3; do
		record "killed$i" --flush=50ms "$target"
		usleep $((200000 + i * 77777))
		kill -KILL "$recorder"
		wait "$recorder" 2>/dev/null
		run holes "killed$i" 0 0 "the recorder killed"
	done
	kill -KILL $target
}

storms() {
	storm storm "16 processes" "" 62500 16 processes
	storm realtime "16 processes, real-time preempters" "" 62500 16 processes preempters=$CPUS
	storm many-threads "4 threads a processor" "" 62500 $((CPUS * 4))
	small_rings
	paused_storm
}

started_oracles() {
	for program in /test/oracles/*; do
		[ "$program" = /test/oracles/blocked ] || started "${program##*/}"
	done
}

oracles() {
	started_oracles
	for program in /test/oracles/*; do
		program=${program##*/}
		grep -q "	$program	77	" runs || by_pid "$program"
	done
}

# Processors come and go under a storm.
hotplug() {
	set -- /sys/devices/system/cpu/cpu[0-9]*/online
	[ -w "$1" ] || { run sums hotplug 77 0 "processors taken away"; echo "this kernel cannot take processors away" >hotplug.said; return; }
	/test/storm - 2000000000 "$CPUS" 2>/dev/null &
	busy=$!
	(
		while :; do
			for cpu; do echo 0 >"$cpu"; usleep 50000; done
			for cpu; do echo 1 >"$cpu"; usleep 50000; done
			echo "$#" >>hotplug.times
		done
	) 2>hotplug.err &
	plug=$!
	storm hotplug "processors taken away and given back" "" 62500 16 processes
	kill "$plug" "$busy"
	wait "$plug" "$busy"
	for cpu; do echo 1 >"$cpu"; done 2>/dev/null
	[ -s hotplug.times ] || run load hotplug 1 0 "no processor was taken away"
}

# The wall clock is set, the machine sleeps; an alarm of the real-time clock wakes it.
clocks() {
	suspend=''
	grep -q mem /sys/power/state && [ -w /sys/class/rtc/rtc0/wakealarm ] &&
		suspend='echo 0 >/sys/class/rtc/rtc0/wakealarm; echo +4 >/sys/class/rtc/rtc0/wakealarm && echo mem >/sys/power/state'
	timeout 120 sysstream -f clocks.sst -- /test/steps /out/clocks.marks 3600 ${suspend:+"$suspend"} >clocks.said 2>clocks.log
	status=$?
	cat /sys/power/suspend_stats/success /sys/power/mem_sleep >clocks.sleeps 2>/dev/null
	run clocks clocks $status 0 "the wall clock is set${suspend:+, the machine sleeps}"
}

# What arguments point to: calls whose memory is known, on both kinds of tracepoints, and names in pages that are not there.
texts() {
	for hooks in btf classic; do
		# Classic programs need bpf_task_pt_regs(), of Linux 5.15.
		[ $hooks = btf ] || sysstream -q --hooks=$hooks -f /tmp/try.sst -- true 2>/dev/null || continue
		mkdir -p /tmp/calls
		(cd /tmp/calls && timeout 60 sysstream --hooks=$hooks -f /out/texts-$hooks.sst -- /test/captures \
			/out/texts-$hooks.wanted >/out/texts-$hooks.said 2>/out/texts-$hooks.log)
		run texts texts-$hooks $? 0 "what arguments point to, $hooks tracepoints"
		rm -rf /tmp/calls
	done
	(cd /tmp && echo | timeout 240 sysstream -f /out/cold.sst -- /test/calls cold "$COLD" >/out/cold.said 2>/out/cold.log)
	run cold cold $? 0 "$COLD names in cold pages"
}

hand_out() {
	dmesg >dmesg
	if ! tar -cf /dev/nvme?n1 -C /out .; then
		# Emulated by a loaded machine, 5.10 may give the disk up after a sleep: it is looked for anew.
		echo 1 >"$(echo /sys/class/nvme/nvme?)/device/remove"
		echo 1 >/sys/bus/pci/rescan
		sleep 3
		tar -cf /dev/nvme?n1 -C /out .
	fi
	sync
}

: >runs
ulimit -c 0
loads || { hand_out; exit; }
# The sleep comes last: what is after it would be tested on a machine that some kernels wake up badly.
for part in ${1:-oracles texts storms hotplug killed_targets killed_recorders clocks}; do
	$part
	hand_out
done
uptime_s >uptime
hand_out
