#!/bin/sh
# The classic record: pid and number, in order, no gaps.
. "$TESTS/cli/sysdecode/golden.inc"
try -F raw threads.sst
try -F raw gaps.sst
try -F raw late.sst
try --columns=record,pid,nr threads.sst
