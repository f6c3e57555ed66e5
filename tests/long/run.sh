#!/bin/bash
# run.sh - every cut of a file of 1 MiB, every wrong bit of one of 256 KiB, on all processors at nice 10; `make check-long` builds
# and calls this. The result goes to docs/tested.md.
cd "$(dirname "$0")/../.." || exit 1
out=$(mktemp "${TMPDIR:-/tmp}/sysstream-long.XXXXXX") || exit 1
trap 'rm -f "$out"' EXIT
nice -n 10 build/tests/long/damage 1 "$(nproc)" | tee "$out"
status=${PIPESTATUS[0]}
{
	echo "A reader must notice every damage, lose one frame at most and never give out a wrong row. Written by \`make check-long\`"
	echo "on $(date -u +%Y-%m-%d), $(git describe --always --dirty=', with changes not committed')."
	echo
	sed 's/^/    /' "$out"
	[ "$status" -eq 0 ] || echo "    status $status"
} | tests/tested.sh "Every cut and every wrong bit"
exit "$status"
