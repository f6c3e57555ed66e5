#!/bin/sh
# Recordings that overlap in time are one table in order of time: those of a machine by its boot clock, others by wall time.
. "$TESTS/cli/sysdecode/golden.inc"
columns=--columns=time,tid,syscall,ret,state
try $columns elsewhere.sst beside.sst part-3.sst part-1.sst part-2.sst
cat beside.sst elsewhere.sst part-3.sst part-2.sst part-1.sst >all.sst
"$D" $columns elsewhere.sst beside.sst part-?.sst >files.tsv 2>/dev/null
"$D" -j 4 $columns all.sst 2>/dev/null | cmp - files.tsv && echo "one behind the other: the same"
try --columns=time,tid,syscall,seq,epoch beside.sst elsewhere.sst
try --columns=tid,syscall,duration --slower=1ms all.sst
try --columns=time,tid,syscall --since=5ms --until=8ms all.sst
try -F raw --tid=720,710 all.sst
try -F csv --columns=time,comm,syscall --syscall=read beside.sst part-1.sst elsewhere.sst
echo "later ones come later, and count from their own beginning:"
try --columns=time,tid,syscall --tid=710,400 beside.sst gaps.sst
cp beside.sst damaged.sst
printf XXXX | dd of=damaged.sst bs=1 seek=$(($(stat -c %s beside.sst) / 2)) conv=notrunc 2>/dev/null
try --columns=time,tid,syscall damaged.sst elsewhere.sst | sed -E 's/(bytes?) [0-9]+( to [0-9]+)?/\1 N/'
