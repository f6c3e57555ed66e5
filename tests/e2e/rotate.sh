#!/bin/bash
# rotate.sh - parts: nothing lost or doubled between them, each by itself right, old ones removed, a disk never full
# timeout: 180
. "$TESTS/e2e/lib.sh"
need_recorder
umask 0

# --- by size: all parts together are the whole
start_waiting storm "$STORM" "$PWD/storm.rows" 600000 2 wait
record s.sst --rotate-size=128K --flush=50ms "$target" && {
	go
	wait "$target"
	finished
	equal "parts by size: status 0" 0 $status
}
parts=(s.*.sst)
[ ${#parts[@]} -ge 4 ] && ok "there are ${#parts[@]} parts" || not_ok "only ${#parts[@]} parts" s.sst.log
equal "FILE itself is not one of them" no "$([ -e s.sst ] && echo yes || echo no)"
equal "all have mode 0600" 600 "$(stat -c %a "${parts[@]}" | sort -u)"
largest=$(stat -c %s "${parts[@]}" | sort -n | tail -n 1)
[ "$largest" -lt 1000000 ] && ok "none is much larger than asked for ($largest bytes)" || not_ok "one has $largest bytes"
whole=yes previous='' session=''
for part in "${parts[@]}"; do
	"$SYSDECODE" --info "$part" >info 2>&1 || whole="$part: sysdecode --info"
	uuid=$(od -An -tx1 -j 16 -N 16 "$part" | tr -d ' \n')
	[ -n "$session" ] || session=$(sed -n 's/^session *//p' info)
	[ "$(sed -n 's/^session *//p' info)" = "$session" ] || whole="$part: another session"
	[ "$(sed -n 's/^part.previous *//p' info)" = "$previous" ] || whole="$part: previous is not '$previous'"
	[ "$(sed -n 's/^part  *//p' info)" = $((10#${part//[!0-9]/})) ] || whole="$part: its number"
	case $(sed -n 's/^reason *//p' info) in
	rotated) [ "$part" != "${parts[-1]}" ] || whole="$part: the last one is rotated" ;;
	'targets gone') [ "$part" = "${parts[-1]}" ] || whole="$part: targets gone" ;;
	*) whole="$part: reason $(sed -n 's/^reason *//p' info)" ;;
	esac
	previous=$uuid
done
equal "each has its end and knows the one before it and the first" yes "$whole"
for part in "${parts[@]}"; do
	"$SYSDECODE" --no-header --columns=tid,seq,state,time "$part" 2>>decode.err || echo "bad $part"
done >all.tsv
check "every call of every thread is in them once, and time runs on" awk -F '\t' '
	{ if ($3 == "unfinished") { open[$1 "," $2] = 1; next } if (done[$1 "," $2]++) { print "twice", $0; bad = 1 }
	  n[$1]++; if ($2 > hi[$1]) hi[$1] = $2; if ($4 < 0 || $4 > 60) { print "time", $0; bad = 1 } }
	END { for (o in open) if (!done[o]) { split(o, k, ","); n[k[1]]++; if (k[2] > hi[k[1]]) hi[k[1]] = k[2] }
		for (t in n) { print t, n[t], hi[t]; rows += n[t]; if (n[t] != hi[t]) bad = 1 } exit !(rows > 1200000 && !bad) }' all.tsv
rm -f all.tsv s.*.sst

# --- calls that are not wanted, told of by the number of an open row at the end of a part: each part by itself
mkfifo nobody.pipe
"$SYSSTREAM" -q -f e.sst --rotate-time=1s -F -e 'trace=/select' -- bash -c 'exec 9<>nobody.pipe
	for i in 1 2 3 4; do for j in {1..100}; do kill -0 $$; done; read -t 0.7 -u 9; done'
equal "selected calls: parts" yes "$([ -e e.00002.sst ] && echo yes)"
for part in e.*.sst; do "$SYSDECODE" --verify "$part" 2>&1 || [ $? -eq 4 ]; done >e.verify
equal "selected calls: what is left out is counted in the part where its numbers are" 0 "$(grep -vc 'whole, but filtered' e.verify)"
rm -f e.*.sst

# --- by time, with a call that is going on across parts: open in one, complete in a later one
mkfifo wait.pipe
sh -c 'read x; echo $x >/dev/null' <wait.pipe &
reader=$!
mine+=("$reader")
exec {hold}>wait.pipe
while :; do sleep 0.1; done &
ticker=$!
mine+=("$ticker")
record t.sst -F --rotate-time=1s --flush=50ms "$reader" "$ticker" && {
	sleep 2.5
	echo done >&$hold
	sleep 0.3
	finish
	equal "parts by time: status 0" 0 $status
}
kill -KILL "$ticker"
equal "three in 2.8 seconds" 3 "$(ls t.*.sst | wc -l)"
"$SYSDECODE" --no-header --pid="$reader" --syscall=read --columns=state,seq t.00001.sst 2>t.err | head -n 1 >open.tsv
"$SYSDECODE" --no-header --pid="$reader" --syscall=read --columns=state,seq t.00003.sst 2>t.err | head -n 1 >late.tsv
equal "a call that goes on is open in the part it began in" midway-open "$(cut -f 1 open.tsv | sed 's/^midway$/midway-open/')"
equal "... and complete in the one it ended in" midway "$(cut -f 1 late.tsv)"
equal "... under the same number" "$(cut -f 2 open.tsv)" "$(cut -f 2 late.tsv)"

# --- nothing happens: no new part
sleep 1000 &
sleeper=$!
mine+=("$sleeper")
"$SYSSTREAM" -q --rotate-time=1s --keep=1 --flush=50ms -d 2.5 -f idle.sst "$sleeper" 2>idle.err
[ "$(ls idle.*.sst | wc -l)" -le 2 ] && ok "an idle recording makes no parts" || not_ok "$(ls idle.*.sst)" idle.err

# --- --keep
"$STORM" - 200000000 2 2>/dev/null &
storm=$!
mine+=("$storm")
record k.sst --rotate-size=64K --keep=3 --flush=20ms "$storm" && {
	wait_for 20 test -e k.00009.sst
	finish
	equal "--keep=3: status 0" 0 $status
}
equal "--keep=3 keeps three" 3 "$(ls k.*.sst | wc -l)"
equal "... the last three" "$(ls k.*.sst | tail -n 1)" "k.$(printf %05d $((10#$(ls k.*.sst | head -n 1 | tr -dc 0-9) + 2))).sst"
rm -f k.*.sst
record o.sst --rotate-time=2s --keep=1 --flush=50ms "$storm" && {
	mv o.00001.sst moved.sst
	echo mine >o.00001.sst
	wait_for 10 grep -q 'another file' o.sst.log
	finish
	equal "a part's name that is another's file by now stays" mine "$(cat o.00001.sst)"
	says "... which is said" o.sst.log "o.00001.sst is another file by now and stays"
}
rm -f o.*.sst

# --- names that are taken
echo precious >x.00001.sst
"$SYSSTREAM" -q --rotate-size=64K -f x.sst "$storm" 2>x.err
equal "the first part exists: status 1, left alone" "1 precious" "$? $(cat x.00001.sst)"
says "... and said so" x.err "x.00001.sst exists; --force replaces it"
rm x.00001.sst
echo precious >x.00002.sst
"$SYSSTREAM" --rotate-size=64K --flush=20ms -d 20 -f x.sst "$storm" 2>x.err
equal "a later part exists: status 1, left alone" "1 precious" "$? $(cat x.00002.sst)"
says "... and said so" x.err "x.00002.sst exists"
"$SYSDECODE" --verify x.00001.sst >x.verdict 2>&1
equal "... and what was recorded is complete" 0 $?
equal "... and has the reason" yes "$("$SYSDECODE" --info x.00001.sst 2>&1 | grep -q '^reason *no next part' && echo yes)"
rm -f x.*
touch f.00001.sst f.00002.sst
"$SYSSTREAM" -q --force --rotate-size=64K --flush=20ms -d 1 -f f.sst "$storm" 2>f.err
"$SYSDECODE" f.00002.sst 2>>f.err | sed -n 2p >f.tsv
[ -s f.tsv ] && ok "--force replaces parts" || not_ok "--force replaces parts" f.err
rm -f f.*

# --- usage
for file in - /dev/stdout /dev/null; do
	"$SYSSTREAM" --rotate-size=1G -f $file "$storm" >/dev/null 2>usage.err
	equal "parts of $file: usage" 2 $?
done

# --- sudo: parts belong to the caller, who must be able to make them
chmod 777 .
SUDO_UID=65534 SUDO_GID=65534 SUDO_USER=nobody record u.sst --rotate-size=64K --keep=2 --flush=20ms "$storm" && {
	wait_for 20 test -e u.00004.sst
	finish
	equal "under sudo: status 0" 0 $status
	equal "... the parts are the caller's" "65534 600" "$(stat -c '%u %a' u.*.sst | sort -u)"
	equal "... who has removed the first, which root made" 2 "$(ls u.*.sst | wc -l)"
}
mkdir -m 755 closed
SUDO_UID=65534 SUDO_GID=65534 SUDO_USER=nobody "$SYSSTREAM" --rotate-size=64K -f closed/u.sst "$storm" 2>closed.err
equal "a directory in which the caller may not make files: status 1 at once, nothing left" "1 0" "$? $(ls closed | wc -l)"
says "... and said so" closed.err "may not make further parts"
equal "... in one line" 1 "$(wc -l <closed.err)"

# --- free space
mkdir small
if mount -t tmpfs -o size=4M,mode=777 tmpfs small 2>mount.err; then
	"$SYSSTREAM" --min-free=2M --flush=20ms -d 30 -f small/a.sst "$storm" 2>free.err
	equal "--min-free ends the recording with status 1" 1 $?
	says "... and says where there is too little" free.err "disk is nearly full: $PWD/small has"
	"$SYSDECODE" --verify small/a.sst >free.verdict 2>&1
	equal "... up to then it is complete" 0 $?
	equal "... and has the reason" yes "$("$SYSDECODE" --info small/a.sst 2>&1 | grep -q '^reason *disk nearly full' && echo yes)"
	free=$(($(stat -f -c '%a * %S' small)))
	[ $free -gt 1000000 ] && ok "... and $free bytes are free" || not_ok "only $free bytes are free" free.err
	rm small/a.sst
	"$SYSSTREAM" -q --min-free=60% --rotate-size=128K --keep=50 --flush=20ms -d 4 -f small/r.sst "$storm" 2>free.err
	equal "with --keep old parts make room instead" "0 no" "$? $([ -e small/r.00001.sst ] && echo yes || echo no)"
	rm -f small/*
	head -c 3000000 /dev/zero >small/other
	"$SYSSTREAM" --min-free=2M -f small/b.sst "$storm" 2>free.err
	equal "too little from the beginning: status 1, nothing left" "1 other" "$? $(ls small)"
	rm small/other
	# Somebody else fills the disk while nothing is recorded.
	record small/c.sst --min-free=2M --flush=60s "$sleeper" && {
		sleep 0.2
		head -c 3000000 /dev/zero >small/other
		wait_for 5 grep -q 'nearly full' small/c.sst.log && ok "another's file is noticed" || not_ok "another's file is noticed" small/c.sst.log
		finished
		equal "... status 1" 1 $status
	}
	rm -f small/*
	# No room for the next part's first bytes.
	"$SYSSTREAM" --min-free=0 --rotate-size=64K --flush=20ms -d 30 -f small/d.sst "$storm" 2>full.err
	equal "parts until the disk is full: status 1" 1 $?
	bad=0
	for part in small/d.*.sst; do
		"$SYSDECODE" "$part" >/dev/null 2>&1
		[ $? -eq 0 ] || bad=$((bad + 1))
	done
	[ $bad -le 1 ] && ok "... at most the last part has no end" || not_ok "... $bad parts have no end" full.err
	umount small
else
	skip "--min-free" "$(cat mount.err)"
fi
kill -KILL "$storm"
