#!/bin/sh
# The table as it is promised: columns, states, results, order.
. "$TESTS/cli/sysdecode/golden.inc"
try states.sst
try threads.sst
try empty.sst
