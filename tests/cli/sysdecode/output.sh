#!/bin/sh
# -o, a closed pipe, a full disk, no output at all.
. "$TESTS/cli/sysdecode/golden.inc"
try -o out.tsv --columns=tid,syscall threads.sst
cat out.tsv
try -o . threads.sst
try -o - --columns=tid --tid=300 threads.sst
# shellcheck disable=SC2046
{ "$D" $(yes threads.sst | head -n 3000); echo "closed pipe: status $?" >status; } 2>&1 | head -n 1 | cut -f 1-3
cat status
"$D" threads.sst 2>&1 >/dev/full; echo "full: status $?"
"$D" --verify threads.sst 2>&1 >/dev/full; echo "full: status $?"
"$D" --help 2>&1 >/dev/full; echo "full: status $?"
"$D" threads.sst 2>&1 >&-; echo "closed: status $?"
