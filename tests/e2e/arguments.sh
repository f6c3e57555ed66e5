#!/bin/bash
# arguments.sh - the args column beside what strace says of the same calls: those of a program that makes every kind of them, and
# all that the tables know with many values
# timeout: 300
. "$TESTS/e2e/lib.sh"
if ! command -v strace >/dev/null; then
	echo "skip - comparison of arguments with strace: strace is missing"
	exit 77
fi
case $(strace -V | head -n 1) in
*"version 6.1") ;;
*)
	echo "skip - comparison of arguments with strace: it is not 6.1, whose words they are"
	exit 77
	;;
esac
if ! "$ORACLES/arguments" real try.sst >/dev/null 2>try.err || ! strace -o /dev/null true 2>try.err; then
	echo "skip - comparison of arguments with strace: $(tail -n 1 try.err)"
	exit 77
fi
rm -rf file* link* d f e fifo device

compare() {
	mkdir -p "$1"
	(
		cd "$1" || exit 1
		strace -e signal=none -s 4096 -o strace.txt "$ORACLES/arguments" "$1" own.sst </dev/null &&
			"$SYSDECODE" --no-header --columns=syscall,args own.sst >own.tsv &&
			python3 -B "$TESTS/e2e/arguments.py" strace.txt own.tsv "$TESTS/e2e/arguments.known"
	) >"$1.diff" 2>&1 && ok "$1: $(tail -n 1 "$1.diff")" || not_ok "$1" "$1.diff"
}

compare real
compare sweep
