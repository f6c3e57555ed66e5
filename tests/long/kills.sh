#!/bin/bash
# kills.sh - kill -9 of 1,000 targets and of 200 recorders, at random moments; `make check-kills` builds and calls this, as root.
# The result goes to docs/tested.md.
cd "$(dirname "$0")/../.." || exit 1
out=$(mktemp "${TMPDIR:-/tmp}/sysstream-kills.XXXXXX") || exit 1
trap 'rm -f "$out"' EXIT
status=0
KILLS=1000 tests/run.sh -v e2e/target-killed | tee "$out"
[ "${PIPESTATUS[0]}" -eq 0 ] || status=1
KILLS=200 tests/run.sh -v e2e/recorder-killed | tee -a "$out"
[ "${PIPESTATUS[0]}" -eq 0 ] || status=1
{
	echo "SIGKILL at random moments, of targets (all that their threads had made is recorded, or accounted for as lost) and of the"
	echo "recorder under full load (the file has no end, and no hole). Written by \`make check-kills\` on $(date -u +%Y-%m-%d),"
	echo "$(git describe --always --dirty=', with changes not committed'), Linux $(uname -r)."
	echo
	sed -n 's/^ *\(ok\|FAILED\)  *\(e2e.*\)/    \1 - \2/p' "$out"
} | tests/tested.sh "Killed"
exit $status
