#!/bin/bash
# output.sh - where the recording goes: owner and mode, links, files that exist, full disks, pipes, time until a row is there
# timeout: 120
. "$TESTS/e2e/lib.sh"
need_recorder
sleep 1000 &
sleeper=$!
mine+=("$sleeper")

# --- files
umask 0
(exec env -u SUDO_UID -u SUDO_GID "$SYSSTREAM" -q -f mode.sst -- true)
equal "mode 0600, whatever the umask" "600 0" "$(stat -c '%a %u' mode.sst)"
before=$(sha256sum mode.sst)
"$SYSSTREAM" -q -f mode.sst -- true 2>exists.err
equal "an existing file is refused" 1 $?
says "... and said so" exists.err "mode.sst exists; --force replaces it"
equal "... and left alone" "$before" "$(sha256sum mode.sst)"
"$SYSSTREAM" -q --force -f mode.sst -- sh -c : && "$SYSDECODE" mode.sst >mode.tsv 2>mode.err
equal "--force replaces it" 0 $?
echo kept >victim
ln -s victim link.sst
"$SYSSTREAM" -q -f link.sst -- true 2>link.err
equal "a symbolic link is not followed" "1 kept" "$? $(cat victim)"
"$SYSSTREAM" -q --force -f link.sst -- true 2>/dev/null
equal "... nor with --force" "kept" "$(cat victim)"
"$SYSSTREAM" -q -f no/such/place.sst -- true 2>place.err
equal "a directory that is not there" "1 sysstream: directory no does not exist" "$? $(cat place.err)"
"$SYSSTREAM" -q -f never.sst -- ./no-such-program 2>/dev/null
equal "nothing is left where nothing could be recorded" "127 no" "$? $([ -e never.sst ] && echo yes || echo no)"

# --- sudo: the file belongs to the caller, the recorder becomes the caller and has no capability left
chmod 777 .
SUDO_UID=65534 SUDO_GID=65534 SUDO_USER=nobody record sudo.sst "$sleeper" && {
	equal "under sudo the file is the caller's" "600 65534" "$(stat -c '%a %u' sudo.sst)"
	says "... and that is said" sudo.sst.log "belongs to nobody"
	equal "... and the recorder runs as the caller" "65534 65534 65534 65534" \
		"$(awk '$1 == "Uid:" { print $2, $3, $4, $5 }' /proc/$recorder/status)"
	# Before Linux 5.19 CAP_BPF (bit 39) has to stay.
	capabilities=$(awk '$1 ~ /^Cap(Inh|Prm|Eff|Amb):/ { print $2 }' /proc/$recorder/status | sort -u | tr '\n' ' ')
	case $capabilities in
	'0000000000000000 ' | '0000000000000000 0000008000000000 ') ok "the recorder has dropped its capabilities" ;;
	*) equal "the recorder has dropped its capabilities" "0000000000000000 " "$capabilities" ;;
	esac
	threads_with=$(grep -h ^CapEff /proc/$recorder/task/*/status | sort -u | wc -l)
	equal "... in all its threads" 1 "$threads_with"
	finish
	equal "... and ends well" 0 $status
}

# --- rows are in the file within a second, in a pipe within 100 ms (twice that is allowed here: the machine may be busy)
record live.sst "$sleeper"
finish
mkfifo ticks
sh -c 'while read x; do :; done' <ticks &
reader=$!
mine+=("$reader")
exec {ticks}>ticks
record live2.sst "$reader"
echo tick >&$ticks
sleep 2
"$SYSDECODE" --syscall=read --no-header --columns=ret live2.sst 2>/dev/null >live.tsv
equal "a row is in the file within 2 s, and a file being written can be decoded" yes "$(grep -qx 1 live.tsv && echo yes)"
finish
"$SYSSTREAM" -f - "$reader" 2>pipe.log | "$SYSDECODE" --syscall=read --no-header --columns=ret,state >pipe.tsv 2>pipe.err &
pipe=$!
wait_for 20 grep -q '^sysstream: recording' pipe.log && sleep 0.5
: >pipe.tsv
began=${EPOCHREALTIME/./}
echo again >&$ticks
if wait_for 5 grep -q '^1	' pipe.tsv; then
	took=$((${EPOCHREALTIME/./} - began))
	[ $took -lt 400000 ] && ok "a row is through the pipe in less than 400 ms" || not_ok "a row through the pipe took $took us"
else
	not_ok "a row through the pipe" pipe.tsv pipe.err pipe.log
fi
kill -KILL "$reader"
wait $pipe
equal "the pipe ends when the target does" 0 $?

# --- the reader of the pipe goes away
"$STORM" - 200000000 1 2>/dev/null &
storm=$!
mine+=("$storm")
{ "$SYSSTREAM" -f - -d 5 "$storm" 2>gone.log; echo $? >gone.status; } | head -c 1000 >/dev/null
equal "a reader that goes away ends the recording" 1 "$(cat gone.status)"
says "... with a sentence" gone.log "standard output: cannot write: its reader has gone"
{ sleep 0.3; "$SYSSTREAM" -f - -- true 2>early.log; echo $? >early.status; } | :
equal "a reader that is gone before the recording has begun: status 1" 1 "$(cat early.status)"
says "... with the same sentence" early.log "standard output: cannot write: its reader has gone"

# --- full disks
"$SYSSTREAM" -q -d 10 --force -f /dev/full "$storm" 2>full.log
equal "/dev/full: status 1" 1 $?
says "/dev/full: says why" full.log "No space left on device"
mkdir tiny
if mount -t tmpfs -o size=1M,mode=777 tmpfs tiny 2>mount.err; then
	"$SYSSTREAM" --min-free=0 --flush=50ms -d 20 -f tiny/t.sst "$storm" 2>tiny.log
	equal "a full file system ends the recording with status 1" 1 $?
	says "... and one sentence" tiny.log "tiny/t.sst: cannot write: No space left on device"
	"$SYSDECODE" --columns=tid,seq,state,note tiny/t.sst >tiny.tsv 2>tiny.err
	equal "... and an end all the same" 0 $?
	"$SYSDECODE" --verify tiny/t.sst >tiny.verdict 2>&1
	equal "... that says that it is whole but for what was lost" "4 yes" "$? $(grep -q 'lost.*not written' tiny.verdict && echo yes)"
	check "... which every thread's own gap accounts for ($(wc -l <tiny.tsv) rows)" \
		awk -F '\t' 'NR > 1 && $3 != "lost" { n[$1]++; if ($2 > hi[$1]) hi[$1] = $2 }
			NR > 1 && $3 == "lost" { match($4, /[0-9]+/); lost[$1] += substr($4, RSTART, RLENGTH); if ($2 > first[$1]) first[$1] = $2 }
			END { for (t in n) { rows += n[t]; if (n[t] != hi[t] || (lost[t] && first[t] > hi[t] + 1 + lost[t])) bad = 1; all += lost[t] }
				print rows, all; exit !(rows > 1000 && all > 0 && !bad) }' tiny.tsv
	umount tiny
else
	skip "a full file system" "$(cat mount.err)"
fi
kill -KILL "$storm"
