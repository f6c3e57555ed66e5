#!/bin/bash
# check.sh - sysstream --check: with everything there, without privileges, in a container, on a machine that cannot
. "$TESTS/e2e/lib.sh"
need_recorder

value() { sed -n "s/^$2  *//p" "$1"; }
# verdict NAME FILE STATUS BEGINNING: the last line begins so
verdict() {
	equal "$1: status" "$3" $status
	case $(tail -n 1 "$2") in
	"$4"*) ok "$1: the last line says so" ;;
	*) not_ok "$1: the last line does not begin with '$4'" "$2" ;;
	esac
}

"$SYSSTREAM" --check >here 2>err
status=$?
verdict "as root" here 0 "ready: "
equal "nothing on standard error" "" "$(cat err)"
equal "kernel" "Linux $(uname -r)" "$(value here kernel)"
equal "architecture" "$(uname -m)" "$(value here architecture)"
equal "processors" "$(getconf _NPROCESSORS_ONLN) online of $(getconf _NPROCESSORS_CONF)" "$(value here processors)"
equal "the programs have been loaded and attached" "load and attach" "$(value here programs)"
check "a fact has one line, aligned" awk '!last && !/^(ready|not ready): / { if (substr($0, 25, 2) != "  " && substr($0, 26, 1) != " " ||
	substr($0, 27, 1) == " ") { print; bad = 1 } } END { exit bad || NR < 20 }' here

# The recorder attaches as --check has said, and leaves nothing behind.
"$SYSSTREAM" -v -f v.sst -- true 2>v.log
check "a recording attaches where --check says" grep -qF "attached to the $(value here hooks | cut -d ' ' -f 1) tracepoints" v.log
# A machine at full load is no other machine.
"$STORM" - 2000000000 $((2 * $(getconf _NPROCESSORS_ONLN))) 2>/dev/null &
mine+=($!)
for i in 1 2 3; do
	"$SYSSTREAM" -v --force -f v.sst -- true 2>&1 | sed -n 's/.*attached to the \(.*\)/\1/p'
done >loaded.log
equal "… also under load, three times" "$(for i in 1 2 3; do sed -n 's/.*attached to the \(.*\)/\1/p' v.log; done)" "$(cat loaded.log)"
end_mine
"$SYSSTREAM" --hooks=classic --check >classic
case $? in
0) equal "--hooks=classic is tried" "classic tracepoints (as --hooks says)" "$(value classic hooks)" ;;
*) check "--hooks=classic: why not" grep -q "^not ready: " classic ;;
esac
"$SYSSTREAM" --check >/dev/full 2>err
equal "what cannot be written is an error" 1 $?

# Capability by capability.
chmod 777 .
cp "$SYSSTREAM" .
nobody="setpriv --reuid=65534 --regid=65534 --clear-groups"
if $nobody ./sysstream --version >version.out 2>&1; then
	$nobody ./sysstream --check >none 2>err
	status=$?
	verdict "without privileges" none 4 "not ready: CAP_BPF and CAP_PERFMON are missing"
	equal "without privileges: nothing is tried" "not tried" "$(value none programs)"
	$nobody --inh-caps=+bpf,+perfmon --ambient-caps=+bpf,+perfmon ./sysstream --check >two 2>err
	status=$?
	verdict "CAP_BPF and CAP_PERFMON" two 0 "ready: recordings can be made, within limits; see "
	says "... the limits are named" two "CAP_SYS_PTRACE, CAP_SYS_NICE, CAP_KILL"
	$nobody --inh-caps=+bpf,+perfmon --ambient-caps=+bpf,+perfmon ./sysstream -f no.sst --lossless -- true 2>no.err
	equal "--lossless without CAP_KILL is refused, as --check says: status" 4 $?
	says "... and why" no.err "CAP_KILL"
else
	skip "without root" "user 65534 cannot execute files in $PWD"
fi

# elsewhere WHAT COMMANDS: --check in a mount namespace that the commands have changed; its output in there
elsewhere() {
	unshare -m sh -c "$1"' && exec "$0" --check' "$SYSSTREAM" >there 2>err
	status=$?
}
if ! unshare -mpf true 2>/dev/null; then
	skip "machines that cannot" "unshare is not allowed here"
	exit 0
fi
elsewhere 'mount -t tmpfs none /sys/kernel/btf'
verdict "without BTF" there 1 "not ready: /sys/kernel/btf/vmlinux: No such file"
elsewhere 'mount -t tmpfs none /sys/kernel/security && echo "none integrity [confidentiality]" >/sys/kernel/security/lockdown'
if [ -d /sys/kernel/security ]; then
	verdict "locked down" there 4 "not ready: the kernel is locked down"
	equal "locked down: how" confidentiality "$(value there lockdown)"
fi
unshare -pf --mount-proc "$SYSSTREAM" --check >there 2>err
status=$?
verdict "in a PID namespace" there 0 "ready: recordings can be made, within limits; see PID namespace"
