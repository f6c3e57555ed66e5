#!/bin/sh
# -o, a closed pipe, a full disk, no output at all.
. "$TESTS/cli/sysdecode/golden.inc"
try -o out.tsv --columns=tid,syscall threads.sst
cat out.tsv
try -o . threads.sst
try -o - --columns=tid --tid=300 threads.sst
mkfifo gone
{ read -r _ <gone; "$D" threads.sst; echo "closed pipe: status $?" >status; } 2>&1 | { exec 0<&-; echo >gone; }
cat status
"$D" threads.sst 2>&1 >/dev/full; echo "full: status $?"
"$D" --verify threads.sst 2>&1 >/dev/full; echo "full: status $?"
"$D" --help 2>&1 >/dev/full; echo "full: status $?"
"$D" threads.sst 2>&1 >&-; echo "closed: status $?"
