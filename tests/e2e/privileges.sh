#!/bin/bash
# privileges.sh - without root: what is missing is named; CAP_BPF and CAP_PERFMON suffice; the decoder needs nothing
. "$TESTS/e2e/lib.sh"
need_recorder
chmod 777 .
nobody="setpriv --reuid=65534 --regid=65534 --clear-groups"
cp "$SYSSTREAM" "$SYSDECODE" . # the checkout may be closed to others
if ! $nobody ./sysdecode --version >version.out 2>&1; then
	skip "without root" "user 65534 cannot execute files in $PWD"
	exit 0
fi

$nobody ./sysstream -f none.sst -- true 2>none.err
equal "no privilege: status 4, no file" "4 no" "$? $([ -e none.sst ] && echo yes || echo no)"
says "... and the capabilities are named" none.err CAP_BPF
grep -q CAP_PERFMON none.err && ok "... both" || not_ok "... both" none.err
$nobody --inh-caps=+bpf --ambient-caps=+bpf ./sysstream -f none.sst -- true 2>one.err
equal "CAP_BPF alone: status 4" 4 $?
says "... and the other is named" one.err CAP_PERFMON

caps="--inh-caps=+bpf,+perfmon --ambient-caps=+bpf,+perfmon"
$nobody $caps ./sysstream -q -f two.sst -- sh -c 'grep CapEff /proc/self/status' >two.out 2>two.err
equal "CAP_BPF and CAP_PERFMON suffice" "0 65534" "$? $(stat -c %u two.sst 2>/dev/null)"
$nobody ./sysdecode two.sst >two.tsv 2>two.err && check "... for a good recording" $COMPARE sane two.tsv
$nobody sleep 1000 &
mine+=($!)
sleep 0.2
$nobody $caps ./sysstream -q -d 200ms -f own.sst $! 2>own.err
equal "... and for a process of one's own" "0" $?
equal "the call it is in is known" "clock_nanosleep midway" \
	"$($nobody ./sysdecode --no-header --columns=syscall,state own.sst 2>/dev/null | tr '\t' ' ')"
