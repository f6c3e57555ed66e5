#!/bin/bash
# select.sh - the calls to record, chosen in the kernel: -e trace=SET, --failed, --slower
# timeout: 400
. "$TESTS/e2e/lib.sh"
need_recorder

# The same program makes the same calls with the same numbers in its sequence: what is left must be just these rows.
program=basic
work() {
	"$SYSSTREAM" -q --force "$@" -- "$ORACLES/$program" "$PWD/$program.rows" >work.out 2>work.err ||
		not_ok "$program cannot be recorded: $*" work.err
}
calls() { "$SYSDECODE" --no-header --columns=seq,nr,syscall,ret,state "$1" 2>/dev/null | sort; } # children come as they like
# left "what" FILE AWK-CONDITION: FILE has the rows of all.sst for which the condition holds
left() {
	calls all.sst | awk -F '\t' "$3" | cut -f 1-3 >wanted
	calls "$2" | cut -f 1-3 >got
	if [ ! -s wanted ]; then
		not_ok "$1: no call to be seen" all.sst.calls
	elif diff wanted got >differences; then
		ok "$1 ($(wc -l <got) of $(calls all.sst | wc -l) calls)"
	else
		not_ok "$1" differences
	fi
}
whole() {
	"$SYSDECODE" --verify "$1" >verify.out 2>&1
	equal "$1: whole, and no complete recording" 4 $?
	says "$1: nothing is missing but what was not wanted" verify.out "whole, but filtered: "
}

work -f all.sst
for set in read,write,openat '!read,openat' %file '!%desc,%memory' '/^(p?read|write)' 39,close; do
	work -f set.sst -e "trace=$set"
	case $set in
	read,*) condition='$3 == "read" || $3 == "write" || $3 == "openat"' ;;
	'!read'*) condition='$3 != "read" && $3 != "openat"' ;;
	%file) condition='$3 ~ /^(execve|openat|open|access|faccessat|newfstatat|readlink|readlinkat|statfs|unlink|unlinkat|mkdir|mkdirat|mknodat|rmdir|rename|renameat|renameat2|linkat|symlinkat|chdir|chroot|chmod|fchmodat|chown|lchown|fchownat|getcwd|stat|lstat|statx|truncate|mount|umount2|pivot_root|swapon|swapoff|setxattr|lsetxattr|getxattr|lgetxattr|listxattr|llistxattr|removexattr|lremovexattr|utimensat|inotify_add_watch|fanotify_mark|name_to_handle_at|quotactl|acct|execveat|openat2|faccessat2|move_mount|open_tree|fspick|mount_setattr)$/' ;;
	*) condition= ;;
	esac
	[ -n "$condition" ] && left "-e trace=$set" set.sst "$condition"
	[ -n "$condition" ] || calls set.sst >"part.$((++parts))"
	whole set.sst
	says "... and how" <("$SYSDECODE" --info set.sst) "trace=$set"
done
work -f set.sst --failed
left "--failed" set.sst '$4 < 0 && $4 >= -4095'
whole set.sst
work -f set.sst --failed -e trace=close
left "--failed -e trace=close" set.sst '$4 < 0 && $4 >= -4095 && $3 == "close"'
work -f set.sst -e trace=none
left "-e trace=none" set.sst '0' 2>/dev/null | sed 's/^not ok - \(.*\): no call to be seen/ok - \1: no call/'

# The same number means something else in another ABI, and an execve may come back in another than it was called by.
for program in i386 switch; do
	"$ORACLES/$program" rows >why || { skip "-e: $program" "$(cat why)"; continue; }
	work -f all.sst
	for set in '!close' '!getppid,execve' execve getpriority readv; do
		work -f set.sst -e "trace=$set"
		case $set in
		'!close') condition='$3 != "close"' ;;
		'!getppid,execve') condition='$3 != "getppid" && $3 != "execve"' ;;
		*) condition='$3 == "'$set'"' ;;
		esac
		left "$program: -e trace=$set" set.sst "$condition"
		whole set.sst
	done
done

# Sleeping takes time, the rest does not.
"$SYSSTREAM" -q -f slow.sst --slower=50ms -- sh -c 'sleep 0.1; echo; sleep 0.1' >/dev/null
"$SYSDECODE" --no-header --columns=comm,syscall,duration slow.sst >slow.tsv
equal "--slower: every row took so long" 0 "$(awk -F '\t' '$3 < 0.05' slow.tsv | wc -l)"
equal "--slower: the two naps are there, and who waited for them" "2 2" \
	"$(grep -c nanosleep slow.tsv) $(grep -cE 'wait4|waitpid|waitid' slow.tsv)"

# A recording that waits for a call that is not wanted shows nothing of it, from the outside in or the inside out.
sleep 1000 &
mine+=($!)
record open.sst -e trace=openat $!
sleep 0.1
finish
equal "a call under way that is not wanted does not come" 0 "$("$SYSDECODE" --no-header open.sst | wc -l)"

# Each call is a row, or lost, or counted as excluded: of threads and processes by the thousand, of those that find no
# room for their last words, and of one that is there at the end. A call left out counts when it returns.
# exact NAME NOT-COUNTED [OPTION...]
exact() {
	"$SYSDECODE" --verify exact.sst >verify.out 2>&1
	equal "$1: whole" 4 $?
	read -r recorded lost excluded < <(sed -n '1s/.*: \([0-9]*\) calls* of [0-9]* threads*, \([0-9]*\) lost.*; \([0-9]*\) other.*/\1 \2 \3/p' verify.out)
	equal "$1: recorded + lost + excluded = made" "$made" "$((recorded + lost + excluded + $2))"
}
count() {
	start_waiting exact "$ORACLES/brief" "$PWD/made" "$@"
	record exact.sst --force -F "${options[@]}" "$target" || return
	go
}
lives() {
	options=("${@:2}")
	count 1000 200
	finished
	made=$(($(od -An -N8 -t u8 made) + 1))
	exact "$1, ${*:2}" 0
}
stays() {
	options=("${@:3}")
	count 100 20 pause
	wait_for 10 grep -q "^State:[[:space:]]*S" "/proc/$target/status"
	sleep 0.3
	finish
	kill -KILL "$target"
	made=$(($(od -An -N8 -t u8 made) + 1))
	exact "$1, ${*:3}" "$2"
}
lives "short lives" -e 'trace=!getppid'
lives "short lives" -e 'trace=getppid'
lives "short lives" -e 'trace=wait4'
lives "short lives" -e 'trace=!clone,exit'
lives "short lives" -e trace=none
lives "short lives" --failed
lives "short lives, no room" --ring-size=64K -e 'trace=!getppid'
says "no room: some found none" exact.sst.log LOST
lives "short lives, no room" --ring-size=64K -e 'trace=clone'
stays "at the end" 0 -e 'trace=!getppid'
stays "at the end" 1 -e 'trace=!rt_sigsuspend,getppid'
stays "at the end" 1 -e 'trace=clone'
stays "at the end" 0 --failed

# bad input
refused() {
	"$SYSSTREAM" -f no.sst -e "$1" 1 >bad.out 2>bad.err
	equal "-e '$1': status" 2 $?
	says "-e '$1': says what is wrong" bad.err "$2"
}
refused trace=opneat "no ABI has a system call 'opneat'"
refused trace=%flie "there is no class '%flie'"
refused 'trace=/[' "no regular expression"
refused write=3 "trace=SET chooses the calls"
[ -e no.sst ] && not_ok "nothing is written when the options are wrong" || ok "nothing is written when the options are wrong"
