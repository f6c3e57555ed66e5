#!/bin/bash
# cut.sh - a recording cut at every byte (a small one) and at 200 random places (a large one): no crash, no row that the whole does
# not have, nothing missing that had ended before, status 3
# timeout: 300
. "$TESTS/e2e/lib.sh"
need_recorder

"$SYSSTREAM" -q -f small.sst --flush=20ms -- sh -c 'for i in 1 2 3 4 5; do sleep 0.03; done; ls / >/dev/null'
check "a small file cut at every byte ($(wc -c <small.sst) bytes)" python3 -B "$TESTS/e2e/cut.py" "$SYSDECODE" small.sst all

"$SYSSTREAM" -q -f large.sst --flush=20ms -- find /usr/share/doc /usr/share/man >/dev/null
check "a large file cut at 200 places ($(wc -c <large.sst) bytes)" python3 -B "$TESTS/e2e/cut.py" "$SYSDECODE" large.sst 200
tail -n 1 check.log
if command -v zstd >/dev/null; then
	check "zstd -t" zstd -q -t small.sst large.sst
else
	skip "zstd -t" "zstd is missing"
fi
