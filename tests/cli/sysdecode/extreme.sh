#!/bin/sh
# The ends of all ranges: numbers, names, times before the recording.
. "$TESTS/cli/sysdecode/golden.inc"
try --no-header extreme.sst
