#!/bin/sh
# Everything good is decoded, the rest is named.
. "$TESTS/cli/sysdecode/golden.inc"
for file in no-end cut-header cut-payload cut-magic nothing flipped-payload flipped-header flipped-meta not-sst newer; do
	try --columns=time,tid,syscall $file.sst | sed -E 's/(bytes?) [0-9]+( to [0-9]+)?/\1 N/'
done
