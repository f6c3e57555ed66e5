#!/bin/sh
# Sums that the recorder has made: the same views as of rows, what a filter can be told of them, and what other views say.
. "$TESTS/cli/sysdecode/golden.inc"
numberless() { try "$@" | sed -E "s/(bytes?) [0-9]+( to [0-9]+)?/\1 N/; s/[0-9]+ bytes/N bytes/g"; }
"$TOP/build/tests/golden/tally" small >small.sst
"$TOP/build/tests/golden/tally" day >day.sst
try --stats small.sst
try --stats=100ms -F tsv small.sst
try --stats=100ms --by=syscall --top=1 small.sst
try --stats --by=comm -F csv small.sst
try --stats --by=process -F jsonl small.sst
try --stats --stats-format=line small.sst
try --summary small.sst
try --stats --pid=701 small.sst
try --stats --comm=renamed --syscall=read small.sst
try --stats --since=0.15 small.sst
try --stats --failed small.sst
try --stats --tid=700 small.sst
try --no-header small.sst
"$D" --info small.sst | grep -v '^bytes'
"$D" --verify small.sst
# With rows behind it, and from a pipe.
cat small.sst states.sst >both.sst
try --stats --by=syscall --top=3 both.sst
cat small.sst | "$D" --stats=100ms -F tsv >pipe.tsv
"$D" --stats=100ms -F tsv small.sst | cmp - pipe.tsv && echo "the same from a pipe"
# A day of them: half a day is half of it.
"$D" --stats --by=syscall -F tsv --no-header day.sst | awk '{ n += $4 } END { print n, "calls" }'
for from in 0 43200; do
	"$D" --stats --by=syscall -F tsv --no-header --since=$from --until=$((from + 43200)) day.sst
done | awk '{ n += $4 } END { print n, "calls in two halves" }'
[ "$(wc -c <day.sst)" -lt 20971520 ] && echo "less than 20 MiB"
# Damaged: what is good is there, and the rest is told of.
head -c 500 small.sst >cut.sst
numberless --stats cut.sst
{ head -c 600 small.sst; printf x; tail -c +602 small.sst; } >wrong.sst
numberless --stats wrong.sst
numberless --verify wrong.sst
"$D" --recover -o good.sst wrong.sst 2>/dev/null
try --stats good.sst
numberless --verify good.sst
