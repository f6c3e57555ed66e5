#!/bin/bash
# command.sh - sysstream -- COMMAND: its status, user, environment, output, and nothing missed at its beginning
. "$TESTS/e2e/lib.sh"
need_recorder

run() {
	rm -f c.sst
	"$SYSSTREAM" -q -f c.sst -- "$@" >c.out 2>c.err </dev/null
	status=$?
}

run sh -c 'exit 7'
equal "the command's status is ours" 7 $status
run sh -c 'kill -TERM $$'
equal "128 + N for signal N" 143 $status
run ./no-such-program
equal "a command that is not there: status 127" 127 $status
says "... and its name" c.err no-such-program
: >plain
run ./plain
equal "a command that cannot be executed: status 126" 126 $status
run sh -c 'exec 2>&1; echo out; echo err >&2; exit 0'
equal "its output is its own" "out err " "$(tr '\n' ' ' <c.out)"
run true
"$SYSDECODE" --no-header --columns=syscall,ret,comm c.sst >c.tsv 2>c.err
equal "the first row is the execve" "execve	0" "$(head -n 1 c.tsv | cut -f 1,2)"
equal "the last is its end" "exit_group" "$(tail -n 1 c.tsv | cut -f 1)"
run env -i /bin/sh -c 'true; true; /bin/true'
equal "children are followed" 2 "$("$SYSDECODE" --no-header --columns=pid c.sst 2>/dev/null | sort -u | wc -l)"

# A child that outlives the command is still recorded? The recording ends when all targets are gone.
run sh -c 'sleep 0.5 & exit 3'
equal "the status is the command's, though a child lives longer" 3 $status
equal "... and the child is recorded to its end" "no-return" \
	"$("$SYSDECODE" --no-header --syscall=exit_group --columns=state,comm c.sst 2>/dev/null | awk '$2 == "sleep" { print $1 }')"

# A signal to the recorder ends the recording; the command is left alone and its status is not known yet.
"$SYSSTREAM" -f i.sst -- sleep 2.5 2>i.log &
recorder=$!
mine+=("$recorder")
wait_for 10 grep -q recording i.log
kill -TERM "$recorder"
wait "$recorder"
code=$?
child=$(sed -n 's/.*recording [^[]*\[\([0-9]*\)\].*/\1/p' i.log)
kill -0 "$child" && ok "the command outlives a recorder that was told to end (status $code)" ||
	not_ok "the command outlives a recorder that was told to end" i.log
kill -KILL "$child"

chmod 777 .
SUDO_UID=65534 SUDO_GID=65534 SUDO_USER=nobody "$SYSSTREAM" -q -f u.sst -- sh -c 'id -u; id -g; id -G; echo ${SUDO_UID-none}; grep CapEff /proc/self/status' >u.out 2>u.err
equal "under sudo the command runs as the caller" "65534 65534 65534 none CapEff: 0000000000000000 " "$(tr -s '\t\n' '  ' <u.out)"

# A command beside PIDs.
sleep 1000 &
target=$!
mine+=("$target")
"$SYSSTREAM" -q -d 1 -f both.sst "$target" -- true 2>both.err
equal "PIDs and a command" yes "$("$SYSDECODE" --no-header --columns=comm both.sst 2>/dev/null | sort -u | tr '\n' ' ' | grep -q 'sleep.*true' && echo yes)"
"$SYSSTREAM" -q -f - -- echo hidden 2>o.err | "$SYSDECODE" --no-header --columns=syscall >o.tsv 2>>o.err
equal "-f -: what the command prints is not in the recording" "hidden yes" "$(cat o.err) $(grep -qx execve o.tsv && echo yes)"
