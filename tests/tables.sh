#!/bin/sh
# tables.sh - the committed system call tables against what this machine knows
# timeout: 300
#
# Prints a line a check: "ok - ", "not ok - " or "skip - ". Exit 0: no failures; 77: all skipped.

top=$(cd "$(dirname "$0")/.." && pwd)
tables=$top/format/tables
tmp=$(mktemp -d) || exit 1
trap 'umount "$tmp/tracefs" 2>/dev/null; rm -rf --one-file-system "$tmp"' EXIT
failed=0
checked=0

ok()     { echo "ok - $1"; checked=$((checked + 1)); }
not_ok() { echo "not ok - $1"; failed=$((failed + 1)); checked=$((checked + 1)); }
skip()   { echo "skip - $1: $2"; }

# The tables as ausyscall prints its own: nr, a tab, name.
listing() {
	sed -n 's/^SYSCALL( *\([0-9]*\), \([a-z0-9_]*\), .*/\1\t\2/p' "$1"
}

# What ausyscall knows of an ABI, or nothing: asked for one it does not know, it dumps the host's.
known() {
	asked=$1
	[ "$asked" = arm ] && asked=armeb	# its own name for the table
	ausyscall "$1" --dump 2>/dev/null >"$tmp/dump"
	[ "$(head -n 1 "$tmp/dump")" = "Using $asked syscall table:" ] || return 1
	sed 1d "$tmp/dump" >"$tmp/known"
}

compare_names() {
	abi=$1
	what="$abi: every number ausyscall knows has its name"
	if ! command -v ausyscall >/dev/null; then
		skip "$what" "no ausyscall (Debian package auditd)"
	elif ! known "$abi"; then
		skip "$what" "ausyscall here has no table of this ABI"
	else
		listing "$tables/$abi.inc" >"$tmp/ours"
		# Lines of ausyscall's that are not among ours, as they are.
		grep -Fxv -f "$tmp/ours" "$tmp/known" >"$tmp/differ"
		if [ ! -s "$tmp/known" ] || [ -s "$tmp/differ" ]; then
			not_ok "$what"
			sed 's/^/    ausyscall: /' "$tmp/differ"
		else
			ok "$what ($(wc -l <"$tmp/known") of $(wc -l <"$tmp/ours"))"
		fi
	fi
}

# The same files from the same facts. A newer ausyscall or newer headers may know calls beyond the last
# one here: that is no fault of the tables, but should be told. Any other difference is one.
regenerate() {
	what="make tables gives the committed files"
	if ! command -v ausyscall >/dev/null || ! command -v python3 >/dev/null; then
		skip "$what" "needs ausyscall and python3"
		return
	fi
	mkdir "$tmp/new"
	if ! python3 "$tables/generate.py" "$tmp/new" 2>"$tmp/said"; then
		not_ok "$what: generate.py failed"
		sed 's/^/    /' "$tmp/said"
		return
	fi
	last=$(listing "$tables/x86_64.inc" | tail -n 1 | cut -f 1)
	lost=0
	differs=0
	for new in "$tmp/new"/*.inc; do
		old=$tables/$(basename "$new")
		cmp -s "$old" "$new" && continue
		differs=$((differs + 1))
		diff -b "$old" "$new" >"$tmp/diff" 2>&1
		sed -n 's/^> //p' "$tmp/diff" >"$tmp/added"
		if [ ! -f "$old" ] || grep -q '^<' "$tmp/diff" ||
			[ "$(listing "$tmp/added" | awk -v last="$last" '$1 <= last' | wc -l)" -gt 0 ]; then
			lost=$((lost + 1))
			diff -u "$old" "$new" 2>&1 | sed -n '1,20s/^/    /p'
		fi
	done
	for old in "$tables"/*.inc; do
		[ -f "$tmp/new/$(basename "$old")" ] || lost=$((lost + 1))
	done
	if [ $lost -gt 0 ]; then
		not_ok "$what: $lost differ"
	elif [ $differs -gt 0 ]; then
		skip "$what" "this machine knows calls newer than newer.tsv: $(head -n 1 "$tmp/said")"
	else
		ok "$what"
	fi
}

# Where the kernel describes its calls: root may look where it is mounted nowhere, too.
events=/sys/kernel/tracing/events/syscalls
if [ ! -d $events ] && mkdir "$tmp/tracefs" && mount -t tracefs tracefs "$tmp/tracefs" 2>/dev/null; then
	events=$tmp/tracefs/events/syscalls
fi

# The argument counts against the prototypes of the running kernel: for every call whose event has the
# name of the call, or the name of the function behind it.
compare_counts() {
	what="x86_64: argument counts are the running kernel's"
	if [ "$(uname -m)" != x86_64 ]; then
		skip "$what" "not an x86_64 machine"
		return
	elif [ ! -r "$events/sys_enter_read/format" ]; then
		skip "$what" "cannot read $events"
		return
	fi
	compared=0
	: >"$tmp/counts"
	sed -n 's/^SYSCALL( *[0-9]*, \([a-z0-9_]*\), *\([0-6]\), .*/\1 \2/p' "$tables/x86_64.inc" \
		>"$tmp/ours"
	while read -r name count; do
		case $name in
		stat | lstat | fstat | uname) event=new$name ;;
		pread | pwrite | sendfile)    event=${name}64 ;;
		umount2)                      event=umount ;;
		bpf)                          continue ;;	# 3, since 7.x 5: nargs.tsv
		*)                            event=$name ;;
		esac
		format=$events/sys_enter_$event/format
		[ -r "$format" ] || continue
		declared=$(sed -n '/__syscall_nr/,/^print fmt/p' "$format" | grep -c 'field:')
		# One line is the number itself.
		[ $((declared - 1)) -eq "$count" ] ||
			echo "    $name: $count here, $((declared - 1)) in the kernel" >>"$tmp/counts"
		compared=$((compared + 1))
	done <"$tmp/ours"
	if [ $compared -lt 300 ] || [ -s "$tmp/counts" ]; then
		not_ok "$what ($compared compared)"
		cat "$tmp/counts"
	else
		ok "$what ($compared compared)"
	fi
}

# The names of arguments against the kernel's, and that what we follow is a pointer there. Types of the same call differ
# between kernels in little things, so no more is asked of them.
compare_arguments() {
	what="x86_64: names of arguments, and which are pointers, are the running kernel's"
	if [ "$(uname -m)" != x86_64 ]; then
		skip "$what" "not an x86_64 machine"
		return
	elif [ ! -r "$events/sys_enter_read/format" ]; then
		skip "$what" "cannot read $events"
		return
	fi
	compared=0
	: >"$tmp/differ"
	sed -n 's/^SYSCALL( *[0-9]*, \([a-z0-9_]*\), .*, \([a-z0-9_]*\))$/\1 \2/p' "$tables/x86_64.inc" >"$tmp/ours"
	while read -r name signature; do
		case $name in
		stat | lstat | fstat | uname) event=new$name ;;
		pread | pwrite | sendfile)    event=${name}64 ;;
		umount2)                      event=umount ;;
		*)                            event=$name ;;
		esac
		format=$events/sys_enter_$event/format
		[ -r "$format" ] && [ "$signature" != none ] || continue
		# name, and whether its type is a pointer, as cap_user_header_t and cap_user_data_t are; a line each, in order of
		# registers.
		sed -n '/__syscall_nr/,/^print fmt/p' "$format" | sed -n '2,$s/^\tfield:\(.*\);\toffset.*/\1/p' |
			sed 's/cap_user_[a-z]*_t /&*/; s/.*\*\( *const\)* *\([a-zA-Z0-9_]*\)$/\2 pointer/; t; s/.* \([a-zA-Z0-9_]*\)$/\1 -/' >"$tmp/theirs"
		awk -v name="$signature" '
			index($0, "SIGNATURE(") == 1 { found = index($0, "SIGNATURE(" name ",") == 1 }
			found && /^\tARG\(/ {
				split(substr($0, 6), field, ", ")
				print field[1], field[4] == "0" ? "-" : "pointer"
			}' "$tables/signatures.inc" >"$tmp/arguments"
		# A pointer that is not followed is no difference, nor is the 6.x kernels' number of arguments of bpf.
		paste -d" " "$tmp/arguments" "$tmp/theirs" |
			awk -v name="$name" '$1 != $3 || ($2 == "pointer" && $4 != "pointer") {
				print "    " name ": " $1 " " $2 " here, " $3 " " $4 " in the kernel" }' >>"$tmp/differ"
		compared=$((compared + 1))
	done <"$tmp/ours"
	# Numbers or pointers, as another argument says.
	grep -v '^    \(fcntl: arg\|prctl: arg2\|ioctl: arg\) pointer here' "$tmp/differ" >"$tmp/wrong"
	if [ $compared -lt 300 ] || [ -s "$tmp/wrong" ]; then
		not_ok "$what ($compared compared)"
		cat "$tmp/wrong"
	else
		ok "$what ($compared compared)"
	fi
}

# The decoder's: values never change, but other headers may have more requests, or fewer symbols than are wanted.
regenerate_symbols() {
	what="make tables gives the committed symbols"
	symbols=$top/decode/tables
	version=$(sed -n 's/^#define LINUX_VERSION_\(MAJOR\|PATCHLEVEL\) //p' /usr/include/linux/version.h 2>/dev/null | tr '\n' .)
	if [ "$version" != 6.1. ] || ! command -v cc >/dev/null || ! command -v python3 >/dev/null; then
		skip "$what" "needs cc, python3 and the headers of 6.1, which they are made of"
		return
	fi
	mkdir "$tmp/symbols"
	if ! python3 "$symbols/generate.py" "$tmp/symbols" 2>"$tmp/said"; then
		not_ok "$what: generate.py failed"
		sed 's/^/    /' "$tmp/said"
		return
	fi
	if diff -u "$symbols/symbols.inc" "$tmp/symbols/symbols.inc" >"$tmp/diff" && same_requests >>"$tmp/diff"; then
		ok "$what"
	else
		not_ok "$what"
		sed -n '1,20s/^/    /p' "$tmp/diff"
	fi
}

# Requests come and go between updates of 6.1; with the headers of another than ours, only those that both know are compared.
same_requests() {
	if [ "$(head -n 1 "$symbols/ioctls.inc")" = "$(head -n 1 "$tmp/symbols/ioctls.inc")" ]; then
		diff -u "$symbols/ioctls.inc" "$tmp/symbols/ioctls.inc"
		return
	fi
	for from in "$symbols" "$tmp/symbols"; do
		sed -n 's/^IOCTL(\(0x[0-9a-f]*\), \(.*\))$/\2 \1/p' "$from/ioctls.inc" | sort
	done >"$tmp/requests"
	sort -u "$tmp/requests" | awk 'name == $1 { print name ": " value " and " $2; wrong = 1 } { name = $1; value = $2 } END { exit wrong }'
}

for inc in "$tables"/*.inc; do
	[ "$(basename "$inc")" != signatures.inc ] && [ "$(basename "$inc")" != sets.inc ] || continue
	compare_names "$(basename "$inc" .inc)"
done
regenerate
regenerate_symbols
compare_counts
compare_arguments

[ $failed -eq 0 ] || exit 1
[ $checked -gt 0 ] || exit 77
exit 0
