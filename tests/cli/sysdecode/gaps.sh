#!/bin/sh
# Lost calls have their row, their place and their reason.
. "$TESTS/cli/sysdecode/golden.inc"
try gaps.sst
try --columns=seq,end,state,note gaps.sst
