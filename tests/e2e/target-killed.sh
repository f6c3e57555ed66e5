#!/bin/bash
# target-killed.sh - kill -9 of the target at random moments, 200 times (KILLS; 1,000 in make check-kills): what each of its
# threads had made is recorded or accounted for as lost, to the last call
# timeout: 600
. "$TESTS/e2e/lib.sh"
need_recorder

"$SYSSTREAM" -f slain.sst -- "$ORACLES/slain" "$PWD/slain.rows" "${KILLS:-200}" 2>slain.log
equal "the recorder's status" 0 $?
"$SYSDECODE" --columns=tid,state,note,syscall,arg0,arg1 slain.sst >slain.tsv 2>slain.said
if $COMPARE sums slain.rows slain.tsv >slain.diff; then
	ok "$(wc -l <slain.diff) threads killed, $(($(wc -l <slain.tsv) - 1)) rows"
else
	grep ', but' slain.diff >slain.but
	not_ok "killed in the middle" slain.but slain.log slain.said
fi
