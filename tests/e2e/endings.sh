#!/bin/bash
# endings.sh - signals, once and twice, closed standard files, a reader that sleeps, --strict, the size of the ring buffers
. "$TESTS/e2e/lib.sh"
need_recorder
"$STORM" - 2000000000 2 2>/dev/null &
storm=$!
mine+=("$storm")

reason() { "$SYSDECODE" --info "$1" 2>&1 | sed -n 's/^reason *//p'; }

for signal in INT TERM HUP; do
	record $signal.sst "$storm" && {
		sleep 0.2
		began=${EPOCHREALTIME/./}
		finish $signal
		took=$((${EPOCHREALTIME/./} - began))
		equal "SIG$signal: status and reason" "0 signal $signal" "$status $(reason $signal.sst)"
		[ $took -lt 1000000 ] && ok "... in less than a second" || not_ok "SIG$signal took $took us" $signal.sst.log
	}
done

# nohup, and a hangup that is an echo of the first signal
nohup "$SYSSTREAM" -f nohup.sst "$storm" >nohup.log 2>&1 &
recorder=$!
mine+=("$recorder")
wait_for 10 grep -q recording nohup.log
kill -HUP "$recorder"
sleep 0.3
kill -0 "$recorder" 2>/dev/null && ok "nohup: a hangup does not end it" || not_ok "nohup" nohup.log
kill -TERM "$recorder"
kill -HUP "$recorder"
kill -TERM "$recorder"
wait "$recorder"
equal "signals at once are one" "0 signal TERM" "$? $(reason nohup.sst)"

# A reader that sleeps: the first signal cannot end it well, the second leaves.
mkfifo sleepy
(exec 3<sleepy && sleep 100) &
mine+=($!)
has_ended() { ! kill -0 "$1" || [ "$(awk '{ print $3 }' "/proc/$1/stat")" = Z ]; }
record sleepy "$storm" && {
	sleep 1
	kill -INT "$recorder"
	sleep 0.7
	if has_ended "$recorder" 2>/dev/null; then not_ok "one Ctrl-C ends it, though nobody reads" sleepy.log; fi
	kill -INT "$recorder"
	# The reader sleeps for much longer: whoever waits for it does not get there.
	check "a second Ctrl-C does not wait for the reader" wait_for 20 has_ended "$recorder"
	finished
	equal "... and leaves" 1 $status
	says "... with a sentence" sleepy.log "ended at once"
}

# Standard files that are closed: nothing of ours is written into the recording, or anywhere else.
"$SYSSTREAM" -f closed.sst -- true 2>&-
equal "no standard error" "0 0" "$? $("$SYSDECODE" --verify closed.sst >closed.said 2>&1; echo $?)"
"$SYSSTREAM" -f none.sst -- true <&- >&- 2>&-
equal "no standard files at all" "0 0" "$? $("$SYSDECODE" --verify none.sst >none.said 2>&1; echo $?)"
"$SYSSTREAM" -f - -- true >&- 2>stdout.err
equal "-f - without standard output" 1 $?
says "... is said" stdout.err "standard output"
"$SYSSTREAM" -f loud.sst -d 0.5 "$storm" 2>/dev/full
equal "standard error on a full disk" 0 $?

# The ring buffers.
"$SYSSTREAM" -v --ring-size=300K -d 0.1 -f ring.sst "$storm" 2>ring.err
says "--ring-size is rounded up to a power of two, which -v says" ring.err "ring buffers of 512 KiB in all: 64 pieces of 8 KiB"
"$SYSSTREAM" -v --ring-size=512M -d 0.1 -f ring2.sst "$storm" 2>ring.err
equal "512 MiB of them" 0 $?
"$SYSSTREAM" -q --ring-size=64K -d 2 -f tiny.sst "$storm" 2>tiny.err &
recorder=$!
mine+=("$recorder")
sleep 1
kill -STOP "$recorder"
sleep 0.3
kill -CONT "$recorder"
finished
equal "64 KiB of them: lossy, and that is no error" 0 $status
"$SYSDECODE" --verify tiny.sst >tiny.verdict 2>&1
equal "... accounted for" 4 $?

# --strict
hold_up() { # while a command runs
	local child
	wait_for 10 children "$1"
	child=$1
	sleep 0.3
	kill -STOP "$child"
	sleep 0.3
	kill -CONT "$child"
}
"$SYSSTREAM" -q --strict --ring-size=128K -f strict.sst -- sh -c "$STORM - 3000000 2 2>/dev/null; exit 9" 2>strict.err &
recorder=$!
mine+=("$recorder")
hold_up "$recorder"
finished
equal "--strict: a loss wins over the command's status" 3 $status
"$SYSSTREAM" -q --strict -f fine.sst -- sh -c 'exit 9' 2>fine.err
equal "--strict without a loss" 9 $?
printf '#!/no/such/interpreter\n' >script
chmod +x script
"$SYSSTREAM" -q -f script.sst -- ./script 2>script.err
equal "an interpreter that is not there" 127 $?
says "... is said" script.err "./script: "
kill -KILL "$storm"
