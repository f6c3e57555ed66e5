#!/bin/bash
# captures.sh - what arguments point to, as it was recorded, against what was there
# timeout: 180
. "$TESTS/e2e/lib.sh"
need_recorder
CAPTURED=$TOP/build/tests/e2e/captured

# between MARKER FILE: the calls between two of them, from their name on
captured_calls() { "$CAPTURED" "$1" | awk '/^[0-9]/ && $4 == "getpriority" { on = !on; next } on' | cut -d ' ' -f 4-; }

# known_calls NAME OPTION...: a recording of them, and what there should be
known_calls() {
	local name=$1
	shift
	mkdir -p "$name.d"
	(cd "$name.d" && "$SYSSTREAM" "$@" -q -f "../$name.sst" -- "$TOP/build/tests/e2e/captures" ../wanted) >"$name.log" 2>&1 ||
		not_ok "$name: recording" "$name.log"
	captured_calls "$name.sst" >"$name.got"
}

# same NAME: wanted and $NAME.got
same() {
	if cmp -s wanted "$2"; then ok "$1"; else diff wanted "$2" >"$2.diff"; not_ok "$1" "$2.diff"; fi
}

for hooks in btf classic; do
	known_calls $hooks --hooks=$hooks
	[ -s wanted ] || not_ok "the program has made no calls" $hooks.log
	same "every kind, --hooks=$hooks" $hooks.got
done
known_calls failed --failed
awk '$2 < 0' wanted >wanted.failed && mv wanted.failed wanted
same "--failed: what was read for calls that are not wanted is nobody's" failed.got
known_calls none -s 0
equal "-s 0: nothing" 0 "$(grep -c ' [0-9]:[0-9]:' none.got)"
equal "-s 0: nothing open either" 0 "$("$CAPTURED" none.sst | grep -c '^open')"
known_calls short -s 5
equal "-s 5: five bytes, cut" "1:1:c:nnnnn" "$(awk '/1:1:.*:nnn/ { print $3 }' short.got | sort -u)"
equal "-s 5: what has five is whole" 1 "$(grep -c ' 1:1:-:/last$' short.got)"
known_calls all-255 -s 255
equal "-s 255: 254 and 255 whole, 256 cut" "- - c" \
	"$(grep '1:1:.*:nnn' all-255.got | head -n 3 | cut -d : -f 3 | tr '\n' ' ' | sed 's/ $//')"

# Names in pages that are not there.
"$SYSSTREAM" -q -f cold.sst -- "$TOP/build/tests/bench/calls" cold 5000 <<<go >/dev/null
"$CAPTURED" cold.sst | awk '$4 == "openat" && $NF ~ /no-such-file/ { split($NF, part, ":"); print part[3] "\t" part[4] }' >cold.tsv
equal "5,000 names in cold pages: all, and read late" 5000 "$(grep -c '^l	/cold/name-' cold.tsv)"
equal "each its own" 5000 "$(sort -u cold.tsv | wc -l)"

# A call that goes on: its open row has what was read, and so has the row that replaces it.
mkfifo fifo
record open.sst --flush=50ms -- sh -c 'exec 3<fifo' || exit
sleep 0.5
cp open.sst before.sst
: >fifo
finished
equal "a call that goes on has its path" "openat 0 1:1:-:fifo" "$("$CAPTURED" before.sst | awk '$4 == "openat" && /fifo/' | cut -d ' ' -f 4-)"
equal "and has it again when it has returned" "0 openat 1:1:-:fifo" \
	"$("$CAPTURED" open.sst | awk '$4 == "openat" && /fifo/ { print $3, $4, $6 }' | tail -n 1)"

# What is read and written: only if asked for.
for data in '' --data --data=5; do
	"$SYSSTREAM" -q --force $data -f data.sst -- sh -c 'echo a secret of many words' >/dev/null
	"$CAPTURED" data.sst | awk '$4 == "write" { print $6 }' >"data$data"
done
equal "no data without --data" "" "$(cat data)"
equal "--data" "1:3:-:$(echo a secret of many words | od -An -v -tx1 | tr -d ' \n')" "$(cat data--data)"
equal "--data=5" "1:3:c:$(printf 'a sec' | od -An -v -tx1 | tr -d ' \n')" "$(cat data--data=5)"

# Buffers of vectors and messages: only if asked for, and no more than asked for.
cat >parts.py <<'END'
import os, socket
a, b = socket.socketpair()
a.sendmsg([b"first secret", b"second"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, b"\0\0\0\0")])
b.recvmsg(9, 100)
os.readv(b.fileno(), [bytearray(4), bytearray(100)])
os.writev(b.fileno(), [b"a third secret"])
END
args_of() {
	"$SYSDECODE" --no-header --syscall=sendmsg,recvmsg,readv,writev --columns=args parts.sst |
		sed 's/^[0-9]*, //; s/0x[0-9a-f]*/P/g; s/data=\[[0-9]\]/data=[N]/; s/msg_name=P, msg_namelen=110 => 0/msg_name=NULL, msg_namelen=0/'
}
msg() {
	echo "{msg_name=NULL, msg_namelen=0, msg_iov=[$1], msg_iovlen=$2," \
		"msg_control=[{cmsg_len=20, cmsg_level=SOL_SOCKET, cmsg_type=SCM_RIGHTS, cmsg_data=[N]}], msg_controllen=24, msg_flags=0}, 0"
}
for data in '' --data --data=5; do
	"$SYSSTREAM" -q --force $data -f parts.sst -- python3 -S parts.py >/dev/null
	args_of >"parts$data"
done
equal "vectors and messages, without --data" "$(
	msg '{iov_base=P, iov_len=12}, {iov_base=P, iov_len=6}' 2
	msg '{iov_base=P, iov_len=9}' 1
	echo '[{iov_base=P, iov_len=4}, {iov_base=P, iov_len=100}], 2'
	echo '[{iov_base=P, iov_len=14}], 1'
)" "$(cat parts)"
equal "vectors and messages, --data" "$(
	msg '{iov_base="first secret", iov_len=12}, {iov_base="second", iov_len=6}' 2
	msg '{iov_base="first sec", iov_len=9}' 1
	echo '[{iov_base="rets", iov_len=4}, {iov_base="econd", iov_len=100}], 2'
	echo '[{iov_base="a third secret", iov_len=14}], 1'
)" "$(cat parts--data)"
equal "vectors and messages, --data=5" '[{iov_base="a thi"..., iov_len=14}], 1' "$(tail -n 1 parts--data=5)"
"$SYSSTREAM" -q --force --data --redact=args -f parts.sst -- python3 -S parts.py >/dev/null
equal "vectors and messages, --redact=args" 0 "$("$SYSDECODE" --columns=args parts.sst | grep -c 'secret\|second\|cmsg_data')"

# The lives of processes, with and without their calls.
cat >lives.sh <<'END'
/bin/true 'an argument' ''
sh -c 'kill -KILL $$'
exit 7
END
events() { "$CAPTURED" "$1" | awk -v root="$2" '/^event/ && $2 ~ /[123]/ { if ($4 == root) { $3 = $4 = "P" } else { $3 = $4 = "C" }
	$5 = $2 == 2 ? $5 : "-"; $6 = "-"; print }' | sort; }
for how in '' --events=process; do
	"$SYSSTREAM" -q --force $how -f lives.sst -- sh lives.sh >lives.log 2>&1
	equal "status of the command ($how)" 7 $?
	root=$("$CAPTURED" lives.sst | awk '/^event 3 .*lives\.sh/ { print $3; exit }') # events are not in order
	events lives.sst "$root" >"lives$how.got"
done
sed 's/ *$//' >lives.wanted <<'END'
event 1 C C - - 2:1:-:sh
event 1 C C - - 2:1:-:sh
event 2 C C 0 - 2:1:-:true
event 2 C C 9 - 2:1:-:sh
event 2 P P 1792 - 2:1:-:sh
END
for how in '' --events=process; do
	equal "forks and ends ${how:-with calls}" "$(cat lives.wanted)" "$(grep -v '^event 3' "lives$how.got")"
	check "a program's file and arguments ${how:-with calls}" grep -q \
		'^event 3 C C - - 0:1:-:/bin/true 1:2:-:/bin/true\\00an\\20argument\\00\\00 2:1:-:true$' "lives$how.got"
done
equal "--events=process: no rows" 0 "$("$CAPTURED" lives.sst | grep -c '^[0-9]')"
says "--events=process: the file says so" <("$SYSDECODE" --info lives.sst) "trace=none"
says "--events=process: it can be verified" <("$SYSDECODE" --verify lives.sst) "whole, but filtered: 0 calls"
"$SYSSTREAM" -q -f files.sst --events=file -- sh -c 'echo x >made; mv made moved; rm moved; true <moved' 2>/dev/null
"$SYSDECODE" --no-header --columns=syscall files.sst | sort -u >files.calls
check "--events=file: only these" sh -c '! grep -vE "^(open|openat|creat|rename|renameat2?|unlink|unlinkat|close|dup2|fcntl|v?fork|clone3?)$" files.calls'
check "--events=file: what happened" sh -c "'$CAPTURED' files.sst | grep -E ' (rename|renameat2?) 0 ' | grep -q ':made [0-9]:1:-:moved'"

# What was open before.
mkdir place
(cd place && exec sleep 30 7<../lives.sh 8>>../appended) &
sleeper=$!
mine+=("$sleeper")
wait_for 10 grep -qx sleep "/proc/$sleeper/comm"
record open-before.sst -d 200ms "$sleeper" && finished
"$CAPTURED" open-before.sst | grep '^open' >opens
equal "the working directory" "$PWD/place" "$(awk '$3 == 0 { print $6 }' opens)"
equal "the root" / "$(awk '$3 == 1 { print $6 }' opens)"
check "the program" grep -q "^open $sleeper 2 0 [0-9]* /" opens
equal "descriptors" "$PWD/lives.sh $PWD/appended" "$(awk '$3 == 10 || $3 == 11 { print $6 }' opens | tr '\n' ' ' | sed 's/ $//')"

# Rings that are too small: every call is a row or lost, and every row that has a name has its own.
"$SYSSTREAM" -q --force --ring-size=64K -f small.sst -- "$TOP/build/tests/bench/calls" openat 300000 <<<go >/dev/null 2>&1
check "small rings: whole and accounted for" sh -c "'$SYSDECODE' --verify small.sst || [ \$? -eq 4 ]"
"$CAPTURED" small.sst | awk '$4 == "openat" && $5 == -2 { print $6 }' | sort | uniq -c | sort -rn >small.names
lost=$("$SYSDECODE" --info small.sst | awk '$1 == "captures.lost" { print $2 }')
check "small rings: rows without a name ($(awk 'NF == 1 { print $1 }' small.names)) are counted (${lost:-0})" \
	test "$(awk 'NF == 1 { n = $1 } END { print n + 0 }' small.names)" -le "${lost:-0}"
equal "small rings: no wrong name" "1:1:-:/usr/share/no-such-file" "$(awk 'NF > 1 { print $2 }' small.names | grep -v '^1:1:[l-]*:/etc/ld' | sort -u)"
end_mine

# An execve that is not recorded, and whose file name and arguments want a new chunk: what comes behind it keeps its names.
for hooks in btf classic; do
	"$SYSSTREAM" -q --hooks=$hooks -e trace=openat -f exec-$hooks.sst -- bash -c 'true; exec bash -c "true; exec bash -c true"'
	equal "--hooks=$hooks: names behind an execve that is not recorded" "0 of $("$CAPTURED" exec-$hooks.sst | grep -c '^[0-9].* openat ')" \
		"$("$CAPTURED" exec-$hooks.sst | awk '/^[0-9]/ && $4 == "openat" { n++; bad += !/ 1:1:/ } END { print bad + 0, "of", n }')"
done
