#!/bin/bash
# steady.sh - five minutes of each way to run the monitor, under load, at nice 10; `make check-steady` builds and calls this,
# as root. The result goes to docs/tested.md.
cd "$(dirname "$0")/../.." || exit 1
out=$(mktemp "${TMPDIR:-/tmp}/sysstream-steady.XXXXXX") || exit 1
figures=$(mktemp "${TMPDIR:-/tmp}/sysstream-steady.XXXXXX") || exit 1
trap 'rm -f "$out" "$figures"' EXIT
status=0
STEADY_SECONDS=${STEADY_SECONDS:-300} STEADY_FIGURES=$figures nice -n 10 tests/run.sh -v e2e/steady | tee "$out"
[ "${PIPESTATUS[0]}" -eq 0 ] || status=1
{
	echo "The monitor of the whole machine while eight processes fork others that call and end, programs are executed and eight threads"
	echo "call: memory and descriptors of the recorder and of the view after 30 s and at the end. Written by \`make check-steady\` on"
	echo "$(date -u +%Y-%m-%d), $(git describe --always --dirty=', with changes not committed'), Linux $(uname -r), $(nproc) processors."
	echo
	sed -n 's/^ *\(ok\|FAILED\)  *\(e2e.*\)/    \1 - \2/p' "$out"
	sed 's/^/    /' "$figures"
} | tests/tested.sh "The monitor under load"
exit $status
