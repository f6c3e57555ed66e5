#!/bin/sh
# A table in several files.
. "$TESTS/cli/sysdecode/golden.inc"
show() { for file in t.0*; do echo "-- $file"; cat "$file"; rm "$file"; done; }
try --rows-per-file=4 -o t.tsv --columns=tid,syscall threads.sst
show
try --rows-per-file=9 -o t --columns=tid,syscall threads.sst
show
try --rows-per-file=4 --no-header -j 2 -F csv -o t.csv --columns=tid,syscall threads.sst
show
try --rows-per-file=5 -F jsonl -o ./t.json --columns=tid,syscall threads.sst
show
try --rows-per-file=2 --files --until=0.003 -o t.txt files.sst
show
try --rows-per-file=9 --processes -F tsv -o t.tsv processes.sst
show
echo "# of an earlier run"
: >t.00007.tsv
try --rows-per-file=6 -o t.tsv --columns=tid threads.sst
show
try --rows-per-file=4 -o t.tsv not-sst.sst
show
try --rows-per-file=4 -o t.tsv cut-payload.sst
ls t.0*
rm t.0*
cp threads.sst t.00002
try --rows-per-file=4 -o t t.00002
cmp threads.sst t.00002
rm t.0*
mkfifo t.00002
try --rows-per-file=4 -o t threads.sst
mkdir d && mkfifo t.fifo
for wrong in '-o d' '-o d/' '-o n/t' '-o /dev/full' '-o t.fifo' '-o -' '' '-o d/x.sst' '-o x -F raw' '-o x -F strace' '-o x -F perfetto' \
	'-o x --stats' '-o x --info' '-o x --verify' '-o x.sst --recover'; do
	try --rows-per-file=4 $wrong threads.sst
done
for wrong in 0 1 x -3 1e6 ''; do
	try --rows-per-file="$wrong" -o x threads.sst
done
ls d x* 2>&1
