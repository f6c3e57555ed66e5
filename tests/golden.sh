#!/bin/bash
# golden.sh - the golden files of each version of the format, which never change, are decoded as they always were
#
#   tests/golden.sh [SYSDECODE]      by this one only
#
# tests/golden/v1 and v2 have recordings, good and bad; EXPECTED says for each the exit status of sysdecode and the SHA-256 of the table,
# NAME.tsv is the table itself where it is short, SHA256SUMS has all of these files. They were made once, when the version was
# frozen, by golden/make, golden/large, golden/make_wrong.py and sysstream 0.1. What is wanted besides them goes into
# another directory. Decoded by sysdecode, with sanitizers, from a pipe, with one thread and several, and by second/decode.py.
# A line a check: "ok - what" or "not ok - what".
# timeout: 300
cd "$(dirname "$0")/.." || exit 1
TOP=$PWD
tmp=$(mktemp -d "${TMPDIR:-/tmp}/sysstream-golden.XXXXXX") || exit 1
trap 'rm -rf "$tmp"' EXIT
. tests/verdict.sh
# The table as it was then: columns that come later stand behind these.
columns=time,pid,tid,comm,abi,nr,syscall,arg0,arg1,arg2,arg3,arg4,arg5,ret,errno,duration,state,note

# compare NAME WANTED_STATUS WANTED_HASH STATUS: the table is in $tmp/table
compare() {
	[ "$4" = "$2" ] || echo "$1: status $4, not $2"
	[ "$(sha256sum <"$tmp/table" | cut -d' ' -f1)" = "$3" ] && return
	echo "$1: another table"
	[ ! -f "$golden/$1.tsv" ] || diff "$golden/$1.tsv" "$tmp/table" | head -n 4
}

# decode "what" COMMAND...: all files, each named behind the command
decode() {
	local what=$1 wanted hash name
	shift
	while read -r wanted hash name; do
		# Recordings of the same time in one file: sysdecode merges them, but for a pipe's. See cli/sysdecode/overlap.
		case $name,$1 in two-recordings,*/sysdecode) continue ;; esac
		"$@" --columns=$columns "$golden/$name.sst" >"$tmp/table" 2>"$tmp/errors"
		compare "$name" "$wanted" "$hash" $?
		grep -aE 'Sanitizer|runtime error|Traceback' "$tmp/errors"
	done <"$golden/EXPECTED" >"$tmp/wrong"
	verdict "$what ($(wc -l <"$golden/EXPECTED") files)" "$tmp/wrong"
}

# From a pipe an unfinished row comes before the one that completes it, so only files without late rows give the same table.
decode_pipes() {
	local what=$1 wanted hash name n=0
	shift
	: >"$tmp/wrong"
	while read -r wanted hash name; do
		"$TOP/build/sysdecode" --info "$golden/$name.sst" 2>/dev/null | grep -q '^frames .*([1-9][0-9]* with late' && continue
		n=$((n + 1))
		cat "$golden/$name.sst" | "$1" --columns=$columns >"$tmp/table" 2>"$tmp/errors"
		compare "$name" "$wanted" "$hash" "${PIPESTATUS[1]}" >>"$tmp/wrong"
	done <"$golden/EXPECTED"
	verdict "$what: decoded from a pipe ($n files)" "$tmp/wrong"
}

# check VERSION [SYSDECODE]
check() {
	golden=$TOP/tests/golden/v$1
	(cd "$golden" && sha256sum --quiet -c SHA256SUMS) >"$tmp/wrong" 2>&1
	(cd "$golden" && find . -type f ! -name SHA256SUMS -printf '%P\n' | sort | diff - <(sed 's/^[^ ]* [ *]//' SHA256SUMS | sort)) >>"$tmp/wrong"
	(cd "$golden" && ls ./*.sst | sed 's,.*/\(.*\)\.sst,\1,' | diff - <(cut -d' ' -f3 EXPECTED)) >>"$tmp/wrong"
	verdict "the golden files of version $1 are those that were committed" "$tmp/wrong"
	if [ $# -gt 1 ]; then
		decode "the golden files of version $1, decoded as they always were" "$2"
		return
	fi
	decode "version $1: decoded as they always were" "$TOP/build/sysdecode"
	decode "version $1: decoded by several threads" "$TOP/build/sysdecode" -j 4
	decode "version $1: decoded by one thread, sanitized" "$TOP/build-san/sysdecode" -j 1
	decode "version $1: decoded by several threads, sanitized" "$TOP/build-san/sysdecode" -j 3
	decode "version $1: decoded by the second decoder" /usr/bin/env python3 -B tests/second/decode.py
	decode_pipes "version $1" "$TOP/build/sysdecode"
}

check 1 "$@"
check 2 "$@"
exit $failed
