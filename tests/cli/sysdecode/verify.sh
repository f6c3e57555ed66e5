#!/bin/sh
# One verdict a file, and the status that says the same.
. "$TESTS/cli/sysdecode/golden.inc"
for file in states threads empty hostile two-recordings late gaps hole no-end cut-header cut-payload cut-magic nothing \
	flipped-payload flipped-header flipped-meta not-sst newer; do
	try --verify $file.sst | sed -E 's/(bytes?) [0-9]+( to [0-9]+)?/\1 N/; s/, [0-9]+ bytes/, N bytes/'
done
try --verify threads.sst gaps.sst | tail -n 3
try --verify missing.sst not-sst.sst threads.sst
