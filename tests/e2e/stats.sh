#!/bin/bash
# stats.sh - statistics of real programs: the counts of strace -c that watches the same run, the sums of the table, and the
# same from a live pipe
# timeout: 120
. "$TESTS/e2e/lib.sh"
need_recorder

cat >work.py <<'P'
import os, subprocess, threading, time
def work(n):
    for i in range(50):
        open("/proc/self/stat").read()
        time.sleep(0.002)
        try:
            os.stat("/nonexistent")
        except OSError:
            pass
threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
[t.start() for t in threads]
subprocess.run(["ls", "/"], stdout=subprocess.DEVNULL)
[t.join() for t in threads]
os.write(1, b"x" * 1000)
P

# start LOG: a shell that has stopped itself and will become the program; its pid in $shell
start() {
	bash -c 'kill -STOP $$; exec "$@"' stopped /usr/bin/python3 work.py >"$1.out" 2>"$1.err" </dev/null &
	shell=$!
	mine+=("$shell")
	wait_for 5 grep -q '^State:.T' /proc/$shell/status
}

# "call calls errors" of a summary, sorted; pread64 is pread in our tables
counts() { sed 's/ \(pread\|pwrite\)64$/ \1/' "$1" | awk '$1 ~ /^[0-9.]+$/ && $NF != "total" { print $NF, $4, NF == 6 ? $5 : 0 }' | sort; }

with_strace() {
	local tracer
	if ! command -v strace >/dev/null || ! strace -c -o /dev/null true 2>strace.err; then
		skip "the counts of strace -c" "strace cannot run here"
		return
	fi
	start strace
	record both.sst -F $shell || return
	strace -f -c -o strace.summary -p $shell 2>strace.attached &
	tracer=$!
	mine+=("$tracer")
	wait_for 10 grep -q attached strace.attached
	sleep 0.2
	kill -CONT $shell
	wait $shell
	wait $tracer
	finished
	"$SYSDECODE" --summary both.sst >sysdecode.summary 2>said
	counts strace.summary >wanted
	counts sysdecode.summary >got
	if [ "$(wc -l <wanted)" -gt 20 ] && diff wanted got >diff.log; then
		ok "calls and errors of $(wc -l <wanted) system calls are those of strace -c"
	else
		not_ok "calls and errors are those of strace -c" diff.log said
	fi
}

# pid, call, calls, errors, nanoseconds, bytes of what the program reads and writes
by_table() {
	"$SYSDECODE" --no-header --columns=pid,syscall,errno,duration,ret "$1" | awk -F'\t' '
		{ k = $1 "\t" $2; n[k]++; e[k] += $3 != ""; t[k] += $4 * 1e9; if ($2 ~ /^(read|write|pread)$/ && $5 > 0) b[k] += $5 }
		END { for (k in n) if (k ~ /\t(read|write|pread|futex|openat|clone3?)$/) printf "%s\t%d\t%d\t%.0f\t%d\n", k, n[k], e[k], t[k], b[k] }' | sort
}
by_stats() {
	awk -F'\t' '$1 == "calls" && $5 ~ /^(read|write|pread|futex|openat|clone3?)$/ { sub(/\./, "", $9)
		printf "%s\t%s\t%d\t%d\t%.0f\t%d\n", $2, $5, $6, $7, $9, $14 }' | sort
}

sums() {
	start sums
	record sums.sst -F $shell || return
	kill -CONT $shell
	wait $shell
	finished
	by_table sums.sst >wanted
	"$SYSDECODE" --stats -F tsv --no-header sums.sst | by_stats >got
	if [ "$(wc -l <wanted)" -ge 6 ] && diff wanted got >diff.log; then
		ok "sums of a recording are those of its table"
	else
		not_ok "sums of a recording are those of its table" diff.log
	fi
	"$SYSDECODE" --stats=50ms -F tsv sums.sst >wanted
	cat sums.sst | "$SYSDECODE" --stats=50ms -F tsv >got
	if [ "$(cut -f 1 wanted | sort -u | wc -l)" -gt 2 ] && diff wanted got >diff.log; then
		ok "intervals are the same from a pipe"
	else
		not_ok "intervals are the same from a pipe" diff.log
	fi
}

# Rows come while the recording runs, and add up to what comes from the file afterwards.
live() {
	local seen
	start live
	"$SYSSTREAM" -q -f - -F $shell 2>live.log | tee live.sst | "$SYSDECODE" --stats=20ms -F tsv >live.tsv 2>live.said &
	mine+=("$!")
	sleep 1
	kill -CONT $shell
	wait_for 10 test -s live.tsv
	[ -d /proc/$shell ] && [ -s live.tsv ] && seen=1
	wait $shell
	wait %%
	equal "intervals come while the program runs" 1 "$seen"
	"$SYSDECODE" --stats=20ms -F tsv live.sst >file.tsv
	if diff file.tsv live.tsv >diff.log; then
		ok "live intervals are those of the file"
	else
		not_ok "live intervals are those of the file" diff.log live.log live.said
	fi
}

# What the programs have cost is said where the kernel counts it, and not where it does not
cost() {
	local counts=/proc/sys/kernel/bpf_stats_enabled before
	before=$(cat $counts 2>/dev/null)
	if [ "$before" != 0 ] || ! echo 1 2>/dev/null >$counts; then
		skip "time in BPF programs" "kernel.bpf_stats_enabled is ${before:-not there}, or cannot be changed"
		return
	fi
	"$SYSSTREAM" -f counted.sst -- "$STORM" - 100000 1 >/dev/null 2>counted.log
	echo 0 >$counts
	"$SYSSTREAM" -f plain.sst -- "$STORM" - 10 1 >/dev/null 2>plain.log
	check "the kernel counts: time in BPF programs is said" grep -q 'own CPU time .*, in BPF programs [0-9.]* s$' counted.log
	check "... and is more than nothing for 100,000 calls" awk '/in BPF programs/ { seen = $(NF - 1) > 0 } END { exit !seen }' counted.log
	check "... and not where it does not count" grep -q 'own CPU time [^,]*$' plain.log
}

with_strace
sums
live
cost
