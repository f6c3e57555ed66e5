#!/bin/sh
# Each wrong thing gets one clear line and status 2.
. "$TESTS/cli/sysdecode/golden.inc"
try --bogus threads.sst
try -Z threads.sst
try -F
try --columns
try --no-header=1 threads.sst
try -F xml threads.sst
try --columns=time,bogus threads.sst
try --columns= threads.sst
try --columns=time -F raw threads.sst
try --pid=x threads.sst
try --pid= threads.sst
try --tid=4294967296 threads.sst
try --pid=1,,2 threads.sst
try --comm='a\q' threads.sst
try --syscall=opne threads.sst
try --slower=fast threads.sst
try --since=yesterday threads.sst
try --until=2026-02-30 threads.sst
try --info --verify threads.sst
try -o threads.sst threads.sst
try "$(printf 'evil\033[31m\n.sst')"
try --stats=0 threads.sst
try --stats=soon threads.sst
try --stats --by=container threads.sst
try --stats --by=comm, threads.sst
try --stats --sort=name threads.sst
try --stats --top=0 threads.sst
try --stats --stats-format=csv threads.sst
try --by=comm threads.sst
try --top=3 threads.sst
try --metrics=host:80 threads.sst
try --metrics --stats threads.sst
try --metrics -F csv threads.sst
try --metrics threads.sst threads.sst
try --metrics --verify threads.sst
try --metrics threads.sst
try --stats --verify threads.sst
try --live threads.sst
try --live --summary threads.sst
try --live --info threads.sst
try --live threads.sst threads.sst
try --stats --columns=pid threads.sst
try --stats -F raw threads.sst
try --stats --stats-format=line -F csv threads.sst
try --summary --by=comm threads.sst
