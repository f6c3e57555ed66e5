#!/bin/sh
# What a file is.
. "$TESTS/cli/sysdecode/golden.inc"
for file in late threads two-recordings cut-payload; do
	# sizes are the format's business, not this test's
	try --info $file.sst | sed -E 's/^(bytes.*) [0-9.]+$/\1 N/; s/byte [0-9]+/byte N/'
done
