#!/bin/sh
# Calls that were open when their frame was written: one row in a file, the completing one behind it in a pipe.
. "$TESTS/cli/sysdecode/golden.inc"
try --columns=time,tid,syscall,ret,duration,state late.sst
echo '$ cat late.sst | sysdecode'
cat late.sst | "$D" --columns=time,tid,syscall,ret,duration,state 2>&1
echo '$ sysdecode < late.sst'
"$D" --columns=tid,state <late.sst 2>&1

try --columns=tid,syscall,state,args,path,captured late-text.sst
echo '$ cat late-text.sst | sysdecode'
cat late-text.sst | "$D" --columns=tid,syscall,state,args,path,captured 2>&1
try -F strace late-text.sst
