#!/bin/sh
# Any columns in any order, with the times of the day in the zone that is asked for.
. "$TESTS/cli/sysdecode/golden.inc"
try --columns=ret,errno,time --columns=comm threads.sst
try --columns=wall,epoch,record,seq,cpu,end,duration threads.sst
TZ=Asia/Kolkata
export TZ
try --columns=wall --no-header --tid=300 threads.sst
TZ=EST5
try --columns=wall --no-header --tid=300 threads.sst
try --columns=arg1,arg0,abi,nr,syscall,abi,pid,tid,comm,comm --pid=100 --failed states.sst
