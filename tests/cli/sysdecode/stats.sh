#!/bin/sh
# Statistics: as people and programs read them, from files and from pipes, and all sums against those of the table.
# timeout: 240
. "$TESTS/cli/sysdecode/golden.inc"
command -v python3 >/dev/null || { echo "there is no python3"; exit 77; }
try --stats threads.sst
try --stats --by=syscall --sort=calls --top=3 states.sst
try --stats --by=thread --no-header threads.sst
try --stats=1ms --by=comm,syscall late.sst
try --stats=2ms --by=process -F csv late.sst
try --stats --by=comm -F csv hostile.sst
try --stats -F tsv gaps.sst
try --stats -F jsonl --by=comm,syscall gaps.sst
try --stats --stats-format=line threads.sst
try --stats=5ms --stats-format=line gaps.sst
try --summary states.sst
try --summary --sort=calls threads.sst
try --stats --failed --by=syscall states.sst
try --stats nothing.sst
# What the table says, added up by awk: calls, errors, nanoseconds and bytes of each process and call.
cat >sums.awk <<'END'
BEGIN { FS = "\t"; split("read write readv writev pread pwrite pread64 pwrite64 preadv pwritev preadv2 pwritev2 send sendto sendmsg recv " \
	"recvfrom recvmsg sendfile sendfile64 splice tee vmsplice copy_file_range process_vm_readv process_vm_writev", names, " ")
	for (i in names) moves[names[i]] = 1 }
$7 == "lost" { next }
{ key = $1 "\t" $2 "\t" $3; calls[key]++; if ($4 != "") errors[key]++; total[key] += $5 * 1000000000
  if ($5 * 1 > max[key]) max[key] = $5 * 1
  if (($3 in moves) && $6 !~ /x/ && $6 > 0) bytes[key] += $6
  if ($7 == "unfinished" || ($7 == "midway" && $6 == "")) unfinished[key]++ }
END { for (key in calls) printf "%s\t%d\t%d\t%d\t%.0f\t%.9f\t%d\n", key, calls[key], errors[key], unfinished[key], total[key], max[key], bytes[key] }
END
by_awk() { "$D" --no-header --columns=pid,abi,syscall,errno,duration,ret,state "$@" 2>/dev/null | awk -f sums.awk | LC_ALL=C sort; }
by_stats() { # the same columns; seconds to nanoseconds by moving the point
	"$D" --stats -F tsv --no-header "$@" 2>/dev/null | awk 'BEGIN { FS = OFS = "\t" } $1 == "calls" { sub(/\./, "", $9); sub(/^0*/, "", $9)
		print $2, $4, $5, $6, $7, $8, $9 == "" ? 0 : $9, $13 == "" ? "0.000000000" : $13, $14 }' | LC_ALL=C sort
}
compared=0
for file in ./*.sst "$GOLDEN"/v1/*.sst; do
	case $file in *any-values* | *extreme*) continue ;; esac # awk's numbers end before theirs do
	for options in -j1 -j4 --failed; do
		by_awk "$options" "$file" >want
		by_stats "$options" "$file" >got
		cmp want got || { echo "$options $file"; diff want got | head -n 4; }
		compared=$((compared + $(wc -l <want)))
	done
	"$D" --verify "$file" >/dev/null 2>&1
	case $? in 0 | 4) ;; *) continue ;; esac
	for options in --stats=17us "--stats --by=thread"; do # the same from a pipe, which tells later of what has returned
		case "$options $file" in *us*/late.sst | *us*/two-recordings.sst) continue ;; esac # nobody knows when
		"$D" $options -F tsv -j1 "$file" >want 2>/dev/null
		"$D" $options -F tsv -j4 "$file" >got 2>/dev/null
		cmp want got || echo "-j4 $options $file"
		cat "$file" | "$D" $options -F tsv -j4 2>/dev/null >got
		cmp want got || { echo "a pipe $options $file"; diff want got | head -n 4; }
	done
done
[ $compared -gt 1000 ] && echo "all sums are those of the table" || echo "only $compared groups"
# Several files: parts of a recording, recordings that overlap, others; a directory; the same from what is followed.
mkdir parts && cp part-?.sst parts
for files in "part-1.sst part-2.sst part-3.sst" parts "threads.sst beside.sst" "threads.sst elsewhere.sst late.sst states.sst"; do
	by_awk $files >want
	for options in -j1 -j4; do
		by_stats $options $files >got
		cmp want got || diff want got | head -n 4
	done
	[ "$(wc -l <want)" -gt 1 ] || echo "nothing in $files"
done
for file in part-1.sst threads.sst late.sst "$GOLDEN/v1/busy.sst" "$GOLDEN/v1/many-frames.sst"; do
	case $file in part-1.sst) files="part-1.sst part-2.sst part-3.sst" ;; *) files=$file ;; esac
	for options in --stats=17us --stats; do
		cat $files | "$D" $options -F tsv >want 2>/dev/null
		"$D" $options -F tsv --follow "$file" >got 2>/dev/null
		cmp want got || echo "followed: $options $file"
	done
done
head -c 100000 "$GOLDEN/v1/many-frames.sst" >growing.sst
"$D" --stats -F tsv --follow growing.sst >got 2>/dev/null &
sleep 0.3
tail -c +100001 "$GOLDEN/v1/many-frames.sst" >>growing.sst
wait
"$D" --stats -F tsv "$GOLDEN/v1/many-frames.sst" >want 2>/dev/null
cmp want got && echo "several files and followed ones add up"
# Intervals add up to the whole; percentiles are within 2 % of the ones of the table.
cat >check.py <<'END'
import collections, json, math, subprocess, sys

D, files = sys.argv[1], sys.argv[2:]

def run(*arguments):
    return subprocess.run([D, *arguments], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True).stdout.decode()

for path in files:
    whole = [json.loads(line) for line in run('--stats', '-F', 'jsonl', path).splitlines()]
    parts = [json.loads(line) for line in run('--stats=3ms', '-F', 'jsonl', path).splitlines()]
    sums = collections.Counter()
    for sign, rows in (1, whole), (-1, parts):
        for row in rows:
            for key in 'calls', 'errors', 'unfinished', 'bytes':
                sums[row['row'], row['pid'], row['syscall'], key] += sign * int(row[key] or 0)
            sums[row['row'], row['pid'], row['syscall'], 'total'] += sign * int((row['total'] or '0').replace('.', ''))
    assert not any(sums.values()), (path, {k: v for k, v in sums.items() if v})
    starts = [row['from'] for row in parts]
    assert starts == sorted(starts, key=float)
    durations = collections.defaultdict(list)
    for line in run('--no-header', '--columns=pid,syscall,abi,duration', path).splitlines():
        pid, syscall, abi, duration = line.split('\t')
        if duration:
            durations[pid, syscall, abi].append(int(duration.replace('.', '')))
    for row in whole:
        if row['row'] != 'calls' or row['p50'] is None:
            continue
        values = sorted(durations[str(row['pid']), row['syscall'], row['abi']])
        for name, percent in ('p50', 50), ('p99', 99):
            want = values[math.ceil(len(values) * percent / 100) - 1]
            got = int(row[name].replace('.', ''))
            assert abs(got - want) <= want * 0.02, (path, row, name, want)
        assert int(row['avg'].replace('.', '')) == sum(values) // len(values)
    top = [json.loads(line) for line in run('--stats', '--top=2', '-F', 'jsonl', path).splitlines()]
    assert sum(row['row'] == 'calls' for row in top) <= 2
    assert sum(int(row['calls']) for row in top) == sum(int(row['calls']) for row in whole)
print('intervals, percentiles and tops agree')
END
python3 check.py "$D" threads.sst gaps.sst late.sst states.sst hostile.sst "$GOLDEN/v1/busy.sst" "$GOLDEN/v1/many-frames.sst" "$GOLDEN/v1/clock-of-10ns.sst"
# An interval is printed when it is over, not when the pipe is closed.
mkfifo pipe
"$D" --stats=1ms -F tsv pipe >live 2>/dev/null &
exec 3>pipe
head -c 120000 "$GOLDEN/v1/many-frames.sst" >&3
n=0
while [ "$(wc -l <live)" -lt 10 ] && [ $n -lt 100 ]; do
	sleep 0.1
	n=$((n + 1))
done
[ "$(wc -l <live)" -ge 10 ] && echo "live rows have come"
exec 3>&-
wait
