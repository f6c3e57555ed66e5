#!/bin/sh
# Parts of a session are one recording, in whatever order they come: as files, in a directory, one behind the other.
. "$TESTS/cli/sysdecode/golden.inc"
columns=--columns=time,tid,syscall,ret,state,note
try $columns part-3.sst part-1.sst part-2.sst
cat part-2.sst part-3.sst part-1.sst >all.sst
"$D" $columns part-1.sst part-2.sst part-3.sst >files.tsv 2>/dev/null
for jobs in 1 3; do
	"$D" -j $jobs $columns all.sst 2>/dev/null | cmp - files.tsv && echo "one behind the other, $jobs threads: the same"
done
mkdir dir empty && cp part-?.sst dir && echo no recording >dir/notes.txt && mkfifo dir/pipe.sst
"$D" $columns dir 2>/dev/null | cmp - files.tsv && echo "a directory: the same"
try empty
try -o dir/part-2.sst dir
try --since=10ms $columns part-3.sst part-2.sst part-1.sst
echo "from a pipe an open row comes first, its complete one when it arrives:"
cat part-1.sst part-2.sst part-3.sst | try $columns
try $columns part-1.sst part-3.sst
try --verify part-3.sst part-1.sst part-2.sst
try --verify all.sst
try --verify part-3.sst part-1.sst
head -c "$(($(stat -c %s part-2.sst) - 10))" part-2.sst >cut.sst
try $columns part-1.sst cut.sst part-3.sst | sed 's/byte [0-9]*/byte N/'
