#!/bin/sh
# What each filter keeps, and that lost calls stay in sight.
. "$TESTS/cli/sysdecode/golden.inc"
show() { try --no-header --columns=time,pid,tid,comm,syscall,state "$@"; }
show --pid=300 threads.sst
show --tid=201,300 threads.sst
show --tid=201 --tid=300 --syscall=read threads.sst
show --comm=renamed threads.sst
show --syscall=getpid,1,fsync threads.sst
show --syscall=open states.sst
show --syscall=syscall_9999 states.sst
show --failed states.sst
show --slower=1s states.sst
show --slower=5ms threads.sst
show --since=0.003 --until=5ms threads.sst
show --since=2026-01-01T01:00:01+01:00 threads.sst
show --until='2026-01-01 00:00:00.0015' threads.sst
show --tid=401 gaps.sst
show --syscall=write gaps.sst
