#!/bin/bash
# live.sh - statistics while they are made: in a pipe, in a log, and as a table on a terminal, which tmux plays
# timeout: 180
. "$TESTS/e2e/lib.sh"
need_recorder

# --- in a pipe: lines, exact against what a program has counted itself

# What the storm has called, by the tables of all intervals; the calls of its beginning and end are others.
storm_calls() { awk '$2 == "storm" && $3 == "getppid" { n += $4 } END { print n + 0 }' "$1"; }

"$SYSSTREAM" --view=stats -i 50ms -- "$STORM" pipe.rows 300000 2 >pipe.out 2>pipe.err
equal "in a pipe: status" 0 $?
equal "in a pipe: all calls, each once" 600000 "$(storm_calls pipe.out)"
equal "in a pipe: no control sequences" 0 "$(grep -c $'\033' pipe.out)"
check "in a pipe: intervals, one after the other" awk '/^from / { n++; bad = bad || $2 < last; last = $5 } END { exit bad || n < 2 }' pipe.out
says "in a pipe: nothing lost" pipe.err "nothing lost"

"$SYSSTREAM" -q --view='stats --stats-format=line' -i 10 -- "$STORM" line.rows 1000 1 2>line.err | grep call=getppid >line.out
check "lines of pairs" grep -Eqx 'PID=[0-9]+ comm=storm call=getppid count=1000 avg_ms=[0-9]+\.[0-9]{3} max_ms=[0-9]+\.[0-9]{3} bytes=0 from=0\.0+' line.out

"$SYSSTREAM" -q --view='stats --by=thread,syscall --format=tsv --no-header' -i 10 -- "$STORM" thread.rows 1000 3 | awk -F'\t' '$8 == "getppid" && $9 == 1000' >thread.out
equal "by thread: each has its own row" 3 "$(wc -l <thread.out)"

# An interval without calls has no table, and a machine may have nothing to do but this test.
while sleep 0.05; do :; done &
busy=$!
"$SYSSTREAM" --view=stats -i 200ms -n 3 -a >n.out 2>n.err
equal "-n 3: intervals" 3 "$(grep -c '^from ' n.out)"
"$SYSSTREAM" -q --view=stats -i 200ms -n 3 -f n.sst -a >n.out
says "-n 3 beside a file" <("$SYSDECODE" --info n.sst) "duration"
kill $busy
"$SYSSTREAM" -q --view=summary -- "$STORM" summary.rows 5000 1 >summary.out
equal "a summary" "5000" "$(awk '$NF == "getppid" { print $4 }' summary.out)"

# A hundred names, of which one begins later
names=()
for i in $(seq 100); do names+=(-c "name$i"); done
cp /bin/sleep name97
"$SYSSTREAM" --view='stats --by=comm --format=tsv --no-header' -i 10 "${names[@]}" -- ./name97 0.01 2>names.err | cut -f 4 >names.out
equal "a hundred names: one of them" name97 "$(cat names.out)"

# A process and its children
mkfifo parent.go
sh -c 'read x; ./name97 0.1; true' <parent.go &
parent=$!
mine+=("$parent")
exec {go_fd}>parent.go
"$SYSSTREAM" --view='stats --by=comm --format=tsv --no-header' -i 10 -F -p "$parent" 2>children.err >children.out &
recorder=$!
mine+=("$recorder")
wait_for 20 grep -q '^sysstream: recording' children.err
go
wait "$recorder"
equal "a process and its children" "name97 sh" "$(cut -f 4 children.out | sort -u | xargs)"

# The monitor itself: which of its two processes are in its table
monitor() {
	"$SYSSTREAM" -q --view='stats --by=process --format=tsv --no-header' -i 300ms -n 2 "$@" >self.out &
	recorder=$!
	mine+=("$recorder")
	wait_for 20 children "$recorder"
	view=$(children "$recorder")
	wait "$recorder"
	awk -F'\t' -v recorder="$recorder" -v view="$view" '$4 == recorder { r = 1 } $4 == view { v = 1 } END { print r + 0, v + 0 }' self.out
}
equal "the monitor leaves itself out" "0 0" "$(monitor -a)"
equal "with -m it is there" "1 1" "$(monitor -a -m)"

# Metrics in one command
"$SYSSTREAM" --view=metrics=127.0.0.1:0 -a >metrics.out 2>metrics.err &
recorder=$!
mine+=("$recorder")
if wait_for 20 grep -q 'metrics at' metrics.err && ! grep -q 'built without' metrics.err; then
	wait_for 20 grep -q 'recording every process' metrics.err
	sleep 0.5
	url=$(sed -n 's/.*metrics at //p' metrics.err)
	check "metrics in one command" python3 -c "import sys, urllib.request; sys.exit('sys_openat_calls_total' not in urllib.request.urlopen('$url').read().decode())"
	finish
	equal "metrics: status" 0 $status
else
	skip "metrics in one command" "$(tail -n 1 metrics.err)"
fi

# --- a log

(while :; do ls -l / >/dev/null; done) & # a machine may have nothing to do
busy=$!
mine+=("$busy")
"$SYSSTREAM" -q --view='stats --stats-format=line' -i 20ms --log=some.log --log-size=8K --log-keep=3 -n 40 -a >both.out
equal "a log: status" 0 $?
kill "$busy"
cat some.log.3 some.log.2 some.log.1 some.log >all.log 2>/dev/null
check "a log: the last lines are those that were printed" cmp all.log <(tail -c "$(stat -c %s all.log)" both.out)
check "a log: there are older ones" test -s some.log.3
equal "a log: but no more than asked for" 4 "$(ls some.log* | wc -l)"
equal "a log: none is too large, or for others" "600 600 600 600 4" "$(stat -c %a some.log* | xargs) $(stat -c %s some.log* | awk '$1 <= 8192' | wc -l)"
mkdir -m 777 theirs
SUDO_UID=1000 SUDO_GID=1000 "$SYSSTREAM" -q --view=tsv --log=theirs/x.log -- true >/dev/null
equal "a log: it belongs to the user who called sudo" "1000 1000 600" "$(stat -c '%u %g %a' theirs/x.log)"
SUDO_UID=1000 SUDO_GID=1000 "$SYSSTREAM" --view=tsv --log="$PWD/x.log" -- true >/dev/null 2>refused.err
equal "a log where that user may not write: status" 1 $?
says "... and why" refused.err "cannot be written by"
timeout 20 "$SYSSTREAM" --view=tsv --log=head.log -- sh -c 'while :; do cat /nowhere; done' 2>enough.err | head -n 3 >enough.tsv
equal "head ends it, also with a log" "0 0" "${PIPESTATUS[*]}"
mine+=("$(grep -o 'sh\[[0-9]*' enough.err | tr -dc 0-9)")

# --- what cannot be
"$SYSSTREAM" -q --tally=50ms -f t.sst -- "$STORM" t.rows 1000 1
for wrong in '' unknown dumb; do
	TERM=$wrong "$SYSDECODE" --stats=1 --live <(cat t.sst) >/dev/null 2>wrong.err
	equal "TERM '$wrong' can show no table" 1 $?
	says "TERM '$wrong': why" wrong.err "TERM does not name one"
done
TERM=xterm setsid -w "$SYSDECODE" --stats=1 --live <(cat t.sst) >/dev/null 2>wrong.err
equal "there is no terminal" 1 $?
says "... why" wrong.err "--live needs a terminal: No such device or address"
TERM=xterm "$SYSDECODE" --live t.sst >/dev/null 2>wrong.err
equal "a file that is whole" 1 $?
says "... why" wrong.err "--live needs a recording that goes on"

# --- a terminal
if ! command -v tmux >/dev/null; then
	skip "the table on a terminal" "tmux is not installed"
	exit
fi
socket=$PWD/tmux
unset TMUX
export SYSSTREAM SYSDECODE STORM
T() { tmux -S "$socket" "$@"; }
end_tmux() { T kill-server 2>/dev/null; end_mine; }
trap end_tmux EXIT
if ! T -f /dev/null new-session -d -x 80 -y 24 "PS1='\$ ' TERM=tmux-256color bash --norc --noprofile" 2>tmux.err; then
	skip "the table on a terminal" "tmux: $(cat tmux.err)"
	exit
fi
pane() { T capture-pane -p; }
type_in() { T send-keys -l "$1" && T send-keys Enter; }
keys() { T send-keys "$@"; }
on_screen() { pane | grep -qE -- "$1"; }
# sees NAME REGEX: the screen shows it, sooner or later
sees() { if wait_for 20 on_screen "$2"; then ok "$1"; else pane >screen; not_ok "$1" screen; fi; }
# shell NAME: the table is gone, the terminal is as it was, and the shell answers
shell() {
	type_in 'echo "modes $(stty -g)" >modes.now; echo done-$((6 * 7))'
	sees "$1: the shell is back" 'done-42'
	equal "$1: the terminal's modes" "$(cat modes.before)" "$(cat modes.now)"
	T display-message -p '#{alternate_on} #{cursor_flag} #{wrap_flag}' >flags
	equal "$1: screen, cursor and wrapping" "0 1 1" "$(cat flags)"
	type_in clear
}
lines_of() { T display-message -p '#{pane_width} #{pane_height}'; }
# not wider than the screen, not higher: the first and the last line are the table's own
fits() {
	pane >screen
	if head -n 1 screen | grep -q 'every process' && tail -n 1 screen | grep -q '^q quit' && [ "$(wc -l <screen)" = "$2" ]; then
		ok "$1"
	else
		not_ok "$1" screen
	fi
}
type_in 'echo "modes $(stty -g)" >modes.before; clear'
wait_for 10 test -s modes.before

type_in '$SYSSTREAM --view=stats -i 300ms -a --log=live.log; echo "status $?"'
sees "a table on a terminal" 'PID COMM .* CALL .* CALLS'
sees "what is recorded, and how often it is renewed" 'every process +every 0.3 s'
sees "sums" '[0-9] calls/s, 0 lost, [0-9,]+ errors/s'
fits "80x24" 24
T display-message -p '#{alternate_on} #{cursor_flag}' >flags
equal "it has the other screen, without a cursor" "1 0" "$(cat flags)"
T resize-window -x 200 -y 50
sees "200x50: all columns" 'CALLS ERRORS +TOTAL ms +AVG ms +P50 ms +P99 ms +MAX ms +BYTES'
wait_for 5 fits x 50 >/dev/null
fits "200x50" 50
T resize-window -x 40 -y 10
wait_for 20 eval '! on_screen "P50"'
sees "40x10: the columns that matter" 'PID COMM .*CALL .*CALLS'
fits "40x10" 10
T resize-window -x 5 -y 3
sleep 0.5
T resize-window -x 100 -y 30
sees "100x30 again" 'every process +every'
keys t && sees "t: by total time" 'sorted by TOTAL ms'
keys r && sees "r: reversed" 'sorted by TOTAL ms \(reversed\)'
keys r '>' && sees ">: the next column" 'sorted by AVG ms'
keys Left && sees "left: the one before" 'sorted by TOTAL ms'
keys c g && sees "g: by process" 'by process, sorted by CALLS'
keys g && sees "g: by call" '^ *CALL +CALLS'
keys G && sees "G: by process again" 'by process, sorted by CALLS'
keys g g g g g && sees "g: by thread and call" 'PID +TID COMM'
keys '?' && sees "?: the keys" 'g G +group by'
keys '?' && sees "?: the table" 'PID +TID COMM'
keys p && sees "p: paused" PAUSED
pane | sed -n '1,2p' >before
sleep 1
pane | sed -n '1,2p' >after
check "... it stands still" cmp before after
keys Down Down && sees "... and can be scrolled" 'rows 3 to'
keys p && wait_for 20 eval '! on_screen PAUSED'
keys C-z
sees "Ctrl-Z stops it" 'Stopped'
shell "Ctrl-Z"
type_in 'fg; echo "status $?"'
sees "fg: the table is back" 'every process +every'
keys q
sees "q ends the recording, too, with its last line" 'sysstream: [0-9,]+ events? in .*nothing lost'
sees "q: status" 'status 0'
sees "the last table stays" 'sorted by'
shell "q"
check "the log has plain lines" awk '/^from / { n++ } /\033/ { bad = 1 } END { exit bad || n < 3 }' live.log

# Beside a file, q ends both
type_in '$SYSSTREAM --view=stats -i 300ms -a -f live.sst; echo "status $?"'
sees "beside a file" 'every process +every 0.3 s'
sees "... rows" '^ *[0-9]+ '
keys q
sees "... q ends the recording" 'status 0'
says "... which has an end, and says why" <("$SYSDECODE" --info live.sst) "view ended"
shell "beside a file"

# By Ctrl-C, by a signal, by its own end
type_in '$SYSSTREAM --view=stats -i 200ms -a; echo "status $?"'
sees "another one" 'every process +every 0.2 s'
sees "... rows" '^ *[0-9]+ '
keys C-c
sees "Ctrl-C: the recording's last line" 'sysstream: [0-9,]+ events? in .*nothing lost'
sees "Ctrl-C: status" 'status 0'
shell "Ctrl-C"
type_in '$SYSSTREAM --view=stats -i 200ms -a -n 3; echo "status $?"'
sees "-n: ends by itself" 'status 0'
shell "-n"
type_in '$SYSSTREAM --view=stats -i 200ms -a & echo $! >pid; fg; echo "status $?"'
sees "a third one" 'every process +every 0.2 s'
kill -TERM "$(cat pid)"
sees "SIGTERM: status" 'status 0'
shell "SIGTERM"

# The other end dies
type_in '$SYSSTREAM --view=stats -i 200ms -a & echo $! >pid; fg; echo "status $?"'
sees "a fourth one" 'every process +every 0.2 s'
kill -KILL "$(children "$(cat pid)")"
sees "the table is killed: said" 'the view was killed by signal 9'
sees "the table is killed: status" 'status 1'
shell "the table is killed"
type_in '$SYSSTREAM --view=stats -i 200ms -a & echo $! >pid; fg; echo "status $?"'
sees "a fifth one" 'every process +every 0.2 s'
sees "... rows" '^ *[0-9]+ '
kill -KILL "$(cat pid)"
sees "the recorder is killed: what is missing is said" 'cut short|no end'
shell "the recorder is killed"

# By hand in a pipe; the table's lines go to a file
type_in '$SYSSTREAM -q --tally=200ms -a -f - | $SYSDECODE --stats=200ms --live --sort=total >lines.out; echo "status ${PIPESTATUS[1]}"'
sees "in a pipe: sorted as asked for" 'sorted by TOTAL ms'
sees "... rows" '^ *[0-9]+ '
keys C-c
sees "in a pipe: Ctrl-C" 'status 0'
shell "in a pipe"
check "in a pipe: lines go to standard output" grep -q '^from ' lines.out
type_in '$SYSSTREAM -q --tally=200ms -a -f - | NO_COLOR=1 $SYSDECODE --stats=200ms --live; echo "status ${PIPESTATUS[1]}"'
sees "in a pipe, once more" 'every process +every 0.2 s'
keys q
sees "in a pipe: q" 'status 0'
shell "in a pipe, q"

# A terminal that cannot, and a command, whose output is there: lines
type_in 'TERM=dumb $SYSSTREAM -q --view=stats -i 200ms -n 1 -a | head -n 2; TERM=dumb $SYSSTREAM -q --view=stats -i 200ms -n 1 -a; echo "status $?"'
sees "TERM=dumb: lines" 'status 0'
sees "... of a table" '[0-9]+ '
shell "TERM=dumb"
type_in '$SYSSTREAM -q --view=stats -i 20 -- $STORM - 1000 1; echo "status $?"'
sees "a command: lines" 'storm +getppid +1000 '
shell "a command"
