#!/bin/sh
# Several files and recordings: one header, each with its own beginning. One that is missing does not stop the rest.
. "$TESTS/cli/sysdecode/golden.inc"
try --columns=time,tid,syscall two-recordings.sst
try --columns=time,tid,syscall threads.sst missing.sst gaps.sst
cat threads.sst | try --columns=tid,syscall late.sst -
