#!/bin/sh
# CSV: the same rows, with commas.
. "$TESTS/cli/sysdecode/golden.inc"
try -F csv gaps.sst
try --format=csv --no-header threads.sst
