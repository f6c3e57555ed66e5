#!/bin/bash
# stats.sh - statistics of real programs: the counts of strace -c that watches the same run, the sums of the table, and the
# same from a live pipe
# timeout: 120
. "$TESTS/e2e/lib.sh"
need_recorder

with_strace() {
	if ! command -v strace >/dev/null || ! strace -c -o /dev/null true 2>strace.err; then
		skip "the counts of strace -c" "strace cannot run here"
		return
	fi
	stopped strace /usr/bin/python3 "$TESTS/e2e/work.py"
	record both.sst -F "$shell" || return
	counts_of_strace both.sst
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
	stopped sums /usr/bin/python3 "$TESTS/e2e/work.py"
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
	stopped live /usr/bin/python3 "$TESTS/e2e/work.py"
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

# A program whose calls, bytes and files are known. The shell is only there so that the program begins while it is recorded.
cat >known.py <<'P'
import os, socket
for name in ("one", "two words", 'drei"x\\y'):
    fd = os.open(name, os.O_RDWR | os.O_CREAT)
    for i in range(7):
        os.pwrite(fd, b"x" * 100, 0)
    for i in range(3):
        os.pread(fd, 50, 0)
    os.pwritev(fd, [b"a" * 10, b"b" * 20], 0)
    os.preadv(fd, [bytearray(8), bytearray(8)], 0)
    os.close(fd)
for i in range(5):
    try:
        os.stat("/nonexistent")
    except OSError:
        pass
for i in range(11):
    os.getppid()
a, b = socket.socketpair()
a.send(b"s" * 64), b.recv(64)
a.sendmsg([b"m" * 33]), b.recvmsg(100)
one = os.open("one", os.O_RDONLY)
out = os.open("out", os.O_RDWR | os.O_CREAT | os.O_TRUNC)
os.sendfile(out, one, 0, 70)
os.copy_file_range(one, out, 60)
r, w = os.pipe()
os.writev(w, [b"v" * 5, b"w" * 6]), os.readv(r, [bytearray(4), bytearray(40)])
try:
    os.splice(one, w, 40)
except AttributeError:  # Python 3.9
    import ctypes
    ctypes.CDLL(None).splice(one, None, w, None, 40, 0)
P

# the value of a column in the row of a call, of tab-separated statistics by call
of_call() { awk -F'\t' -v call="$2" -v name="$3" 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next } $at["syscall"] == call { print $at[name] }' "$1"; }
# rows of a file under here, without its directory: path, calls, errors, bytes
of_files() { awk -F'\t' -v here="$PWD/" 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
	index($at["path"], here) == 1 || $at["path"] == "/nonexistent" { sub(here, "", $at["path"]); print $at["path"] "|" $at["calls"] "|" $at["errors"] "|" $at["bytes"] }' "$1" | LC_ALL=C sort; }

known() {
	local call bytes option
	"$SYSSTREAM" -q -f known.sst -- /usr/bin/python3 known.py 2>known.err || not_ok "the program runs" known.err
	"$SYSDECODE" --stats --by=syscall -F tsv known.sst >known.tsv 2>said
	for call in pwrite:2100 pwritev:90 preadv:48 sendto:64 recvfrom:64 sendmsg:33 recvmsg:33 sendfile:70 copy_file_range:60 writev:11 readv:11 splice:40; do
		bytes=$(of_call known.tsv "${call%:*}" bytes)
		[ -n "$bytes" ] || bytes=$(of_call known.tsv "${call%:*}2" bytes) # preadv2, pwritev2
		equal "bytes that ${call%:*} moved" "${call#*:}" "$bytes"
	done
	equal "... and getppid none" "11 0" "$(of_call known.tsv getppid calls) $(of_call known.tsv getppid bytes)"

	"$SYSDECODE" --stats --by=path --syscall=pwrite,pread,stat,newfstatat,statx,sendfile -F tsv known.sst >paths.tsv 2>said
	of_files paths.tsv | grep -E '^(/nonexistent|drei|one|two)' >got
	# sendfile goes by the file that it writes to
	printf '%s\n' '/nonexistent|5|5|0' 'drei"x\\y|10|0|850' 'one|10|0|850' 'two words|10|0|850' >wanted
	if diff wanted got >diff.log; then ok "sums by path"; else not_ok "sums by path" diff.log said; fi
	equal "the sums of all paths are those of all calls" "$("$SYSDECODE" --stats --by=syscall -F tsv --no-header known.sst | awk -F'\t' '{ n += $4; b += $NF } END { print n, b }')" \
		"$("$SYSDECODE" --stats --by=path -F tsv --no-header known.sst | awk -F'\t' '{ n += $2; b += $(NF - 1) } END { print n, b }')"
	"$SYSDECODE" --stats --by=path,process -F tsv known.sst >wanted
	"$SYSDECODE" -j 8 --stats --by=path,process -F tsv known.sst >got
	check "sums by path with eight threads" cmp wanted got
	"$SYSDECODE" --stats --by=path,process -F tsv <known.sst >got
	check "... and from a pipe" cmp wanted got
	"$SYSDECODE" --stats=1ms --by=path -F tsv --no-header known.sst | awk -F'\t' '{ n[$NF] += $4 } END { for (p in n) print p "\t" n[p] }' | LC_ALL=C sort >got
	"$SYSDECODE" --stats --by=path -F tsv --no-header known.sst | awk -F'\t' '{ print $NF "\t" $2 }' | LC_ALL=C sort >wanted
	check "... and of all intervals together" cmp wanted got

	"$SYSDECODE" --stats --by=path --syscall=pwrite,pread -F csv --no-header known.sst | python3 -c 'import csv, sys; print(sorted(r[-1].rsplit("/", 1)[1] for r in csv.reader(sys.stdin)))' >csv.out
	says "a path in CSV" csv.out 'two words'
	"$SYSDECODE" --stats --by=path --syscall=pwrite -F jsonl known.sst | python3 -c 'import json, sys; print(*sorted(json.loads(l)["path"].rsplit("/", 1)[1] for l in sys.stdin), sep="|")' >json.out
	equal "paths in JSON" 'drei"x\\y|one|two words' "$(cat json.out)"
	"$SYSDECODE" --stats --by=process,syscall --stats-format=line known.sst >line.out
	check "a line for programs" grep -qxE 'PID=[0-9]+ comm=python3(\.[0-9]+)? call=pwrite count=21 avg_ms=[0-9]+\.[0-9]{3} max_ms=[0-9]+\.[0-9]{3} bytes=2100' line.out
	for option in calls errors total avg p50 p99 max bytes; do
		"$SYSDECODE" --stats --by=syscall --sort=$option -F tsv known.sst | awk -F'\t' -v by=$option 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == by) at = i; next }
			NR > 2 && $at + 0 > last { exit 1 } { last = $at + 0 }'
		equal "--sort=$option" 0 $?
	done
	equal "--top=3" "calls calls calls other" "$("$SYSDECODE" --stats --by=syscall --top=3 -F tsv --no-header known.sst | cut -f 1 | sort | xargs)"
}

# What was counted in the kernel has no paths: one line says so, and nothing is left out.
pathless() {
	"$SYSSTREAM" -q --tally=1s -f tallied.sst -- "$STORM" - 1000 1 >/dev/null 2>tallied.log
	equal "sums by path of a tally" "? 1000" "$("$SYSDECODE" --stats --by=path --syscall=getppid -F tsv --no-header tallied.sst 2>said | awk -F'\t' '{ print $NF, $2 }')"
	equal "... of which one line is said" 1 "$(grep -c 'nobody knows which files' said)"
	"$SYSSTREAM" -q --view='stats --by=path --format=tsv --no-header' -i 10 -- cat "$0" >view.out 2>view.err
	check "--view=stats by path records calls" grep -q '/stats.sh$' view.out
	equal "--live by path is refused" 2 "$("$SYSDECODE" --stats --live --by=path known.sst >/dev/null 2>said; echo $?)"
	equal "--metrics by path is refused" 2 "$("$SYSDECODE" --metrics=0 --by=path known.sst >/dev/null 2>said; echo $?)"
}

with_strace
sums
live
cost
known
pathless
