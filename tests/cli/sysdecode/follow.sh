#!/bin/sh
# --follow: rows as they are written, from part to part; truncated, removed, interrupted, not there yet.
. "$TESTS/cli/sysdecode/golden.inc"
columns=--columns=time,tid,syscall,state
# wait_for N FILE: until the file has N lines
wait_for() {
	for _ in $(seq 500); do
		[ "$(wc -l <"$2")" -ge "$1" ] && return
		sleep 0.02
	done
	echo "$2 has not got $1 lines"
}
# follow FILE: in the background, to the file rows; its status to the file status
follow() {
	echo "\$ sysdecode --follow $columns $1"
	: >rows
	"$D" --follow $columns "$1" >>rows 2>&1 &
	pid=$!
}
# ended [N]: what it has said, or the last N lines of that
ended() {
	wait "$pid"
	status=$?
	tail -n "${1:-99}" rows | sed 's/byte [0-9]*/byte N/'
	echo "status $status"
}
cut=$(stat -c %s cut-payload.sst)
mkdir dir

# each part is there before the one before has its end
follow dir/part-1.sst
wait_for 1 rows
size=$(stat -c %s part-1.sst)
head -c $((size - 100)) part-1.sst >dir/part-1.sst
wait_for 5 rows
cp part-2.sst part-3.sst dir
tail -c +$((size - 99)) part-1.sst >>dir/part-1.sst
ended
rm dir/part-2.sst
follow dir/part-1.sst
ended
rm dir/part-3.sst
follow dir/part-1.sst
ended 2

follow dir/grow.sst
wait_for 1 rows
head -c "$cut" threads.sst >dir/grow.sst
wait_for 6 rows
echo "while it is written: $(wc -l <rows) lines"
tail -c +$((cut + 1)) threads.sst >>dir/grow.sst
ended

for signal in INT TERM; do
	cp no-end.sst dir/n.sst
	follow dir/n.sst
	wait_for 9 rows
	kill -$signal "$pid"
	ended 2
done
cp cut-payload.sst dir/n.sst
follow dir/n.sst
wait_for 5 rows
: >dir/n.sst
ended 3
cp cut-payload.sst dir/n.sst
follow dir/n.sst
wait_for 5 rows
rm dir/n.sst
ended 3

echo "nobody reads any more:"
cp no-end.sst dir/n.sst
{ "$D" --follow --columns=tid dir/n.sst; echo "status $?" >status; } | head -n 1
cat status
echo "a pipe, and a file as standard input:"
cat threads.sst | try --follow --columns=tid,syscall --tid=300
try --follow --columns=tid,syscall --tid=300 <threads.sst
try --follow dir
try --follow nowhere/x.sst
try --follow --verify threads.sst
try --follow threads.sst gaps.sst
