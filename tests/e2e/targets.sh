#!/bin/bash
# targets.sh - which processes: PIDs in every form, dead ones, reused ones, children, the whole machine, ends and signals
# timeout: 120
. "$TESTS/e2e/lib.sh"
need_recorder

sleeper() {
	sleep 1000 &
	target=$!
	mine+=("$target")
}
dead() {
	true &
	wait $!
	echo $!
}
pids_of() { "$SYSDECODE" --no-header --columns=pid "$1" 2>/dev/null | sort -nu | tr '\n' ' '; }

# --- forms
sleeper; a=$target
sleeper; b=$target
sleeper; c=$target
sleeper; d=$target
record forms.sst -p "$a,$b" -p "
$c" "$d"
finish
equal "PIDs by -p, comma, newline and position" "$(printf '%s\n' $a $b $c $d | sort -n | tr '\n' ' ')" "$(pids_of forms.sst)"
equal "Ctrl-C: status 0" 0 $status
for signal in TERM HUP; do
	record $signal.sst "$a"
	finish $signal
	equal "SIG$signal: status 0" 0 $status
	"$SYSDECODE" --verify $signal.sst >verify.out 2>&1
	equal "SIG$signal: the file is whole" 0 $?
done
began=${EPOCHREALTIME/./}
"$SYSSTREAM" -q -d 300ms -f duration.sst "$a"
equal "-d ends by itself, status 0" 0 $?
took=$(((${EPOCHREALTIME/./} - began) / 1000))
[ $took -ge 300 ] && [ $took -lt 2500 ] && ok "... in time" || not_ok "... in time: took $took ms"

# --- dead and alive
gone=$(dead)
"$SYSSTREAM" -f dead.sst "$gone" 2>dead.err
equal "nothing alive: status 4" "4 no" "$? $([ -e dead.sst ] && echo a file || echo no)"
says "... and why" dead.err "$gone"
record among.sst "$gone" "$a"
finish
equal "a dead PID among live ones: status 0" "0 $a " "$status $(pids_of among.sst)"
says "... and a warning" among.sst.log "$gone"
sleeper; e=$target
record end.sst "$e"
kill -KILL "$e"
began=${EPOCHREALTIME/./}
finished
took=$(((${EPOCHREALTIME/./} - began) / 1000))
[ $took -lt 1000 ] && ok "ends by itself when the target is gone" || not_ok "took $took ms to end after the target"
equal "... with status 0" 0 $status
"$SYSSTREAM" -q -d 1 -f kernel.sst 2 2>kernel.err
equal "a kernel thread is no target" 4 $?

# --- a PID that comes again: the new owner is a stranger
cat >reuse.py <<'P'
import os, sys, time
old = int(sys.argv[1])
for i in range(200):
    with open("/proc/sys/kernel/ns_last_pid", "w") as f:
        f.write(str(old - 1))
    pid = os.fork()
    if pid == 0:
        if os.getpid() == old:
            for i in range(1000):
                os.getppid()
            os._exit(77)
        os._exit(0)
    if os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 77:
        sys.exit(0)
sys.exit("the PID did not come again")
P
reused() {
	local name=$1 doomed keeper known
	shift
	sleeper; doomed=$target
	sleeper; keeper=$target
	record "$name.sst" "$@" "$doomed" "$keeper" || return
	kill -KILL "$doomed"
	wait "$doomed" 2>/dev/null
	python3 reuse.py "$doomed" 2>reuse.err
	known=$?
	finish
	if [ $known -ne 0 ]; then
		skip "$name" "$(tail -n 1 reuse.err)"
	else
		equal "$name" "" "$("$SYSDECODE" --no-header --pid="$doomed" --syscall=getppid "$name.sst" 2>&1)"
	fi
}
reused "a reused PID brings no stranger"
reused "a reused PID brings no stranger, with -F" -F
bash -c 'sleep 0.3; exec sleep 1000' &
target=$!
mine+=("$target")
record after-exec.sst "$target"
sleep 0.6
kill -KILL "$target"
wait "$target" 2>/dev/null
python3 reuse.py "$target" 2>/dev/null
finished
equal "... after an exec" "" "$("$SYSDECODE" --no-header --pid="$target" --syscall=getppid after-exec.sst 2>&1)"

# --- children
cat >parent.sh <<'S'
read go
sh -c 'sh -c "exec true"; exit 0'
S
for follow in '' -F; do
	start_waiting "parent$follow" sh -c 'echo ready; . ./parent.sh'
	record "children$follow.sst" $follow "$target"
	go
	finished
	n=$(pids_of "children$follow.sst" | wc -w)
	if [ -n "$follow" ]; then
		equal "-F: children of children too" 3 "$n"
	else
		equal "without -F: no children" 1 "$n"
	fi
done
record followed.sst -F "$a"
finish
equal "-F: ends well while the target lives" 0 $status

# --- the whole machine
record all.sst -a
"$ORACLES/basic" "$PWD/all.rows"
finish
"$SYSDECODE" all.sst >all.tsv 2>all.err
check "-a: whoever it is" $COMPARE oracle all.rows all.tsv
equal "-a: but not the recorder" "" "$("$SYSDECODE" --no-header --pid="$recorder" all.sst 2>/dev/null | head -n 1)"
record self.sst -m -a
sleep 0.3
finish
[ -n "$("$SYSDECODE" --no-header --pid="$recorder" self.sst 2>/dev/null | head -n 1)" ] && ok "-m -a: the recorder too" ||
	not_ok "-m -a: the recorder too"
