#!/bin/bash
# cross.sh - decoder and library on other architectures, run by qemu-user: the same bytes from the same files as here
#
#   tests/cross.sh [--fast] [ARCH...]    arm64, i386, s390x (big-endian), musl (another C library); all of them without ARCH
#
# For each: builds sysdecode and libsst.a as make does, with warnings as errors; runs the unit tests of format/ and decode/;
# writes the golden files again and compares them; decodes every golden file in every way and compares output, messages and
# exit status with this machine's decoder; decodes the golden files of version 1 and a file of more than 4 GiB; runs the command
# line tests. --fast leaves out what takes longest: test_file_everywhere, and reading from pipes. A line a check: "ok - ",
# "not ok - " or "skip - what: reason". A run of all of them goes to docs/tested.md as well.
# Compilers and libraries are cross/tools.sh's, below build/cross/; they are fetched and compiled once.
# timeout: 900
cd "$(dirname "$0")/.." || exit 1
TOP=$PWD
export TOP TESTS=$TOP/tests LC_ALL=C TZ=UTC CMOCKA_MESSAGE_OUTPUT=tap
tmp=$(mktemp -d "${TMPDIR:-/tmp}/sysstream-cross.XXXXXX") || exit 1
trap 'rm -rf "$tmp"' EXIT
trap 'exit 130' INT TERM
failed=0 checked=0 fast='' all=''
[ "$1" = --fast ] && fast=1 && shift
[ $# -gt 0 ] || [ -n "$fast" ] || all=1

ok() { say "ok - $1"; checked=$((checked + 1)); }
say() { echo "$*" | tee -a "$tmp/lines"; }
not_ok() {
	say "not ok - $1"
	failed=$((failed + 1)) checked=$((checked + 1))
	[ -s "$2" ] && tail -n "${3:-20}" "$2" | sed 's/^/      /' | cat -v
}
skip() { say "skip - $1: $2"; }

# Everything but the tests of the recorder, which is for the machine it is built on.
unit_sources() { grep -L '"[./]*tracer/' tests/unit/*.c | grep -v "/${fast:+test_file_everywhere.c}$"; }

build() {
	local units
	[ -f "$D/no-cmocka" ] || units=$(unit_sources | sed "s,\(.*\)\.c,$D/out/\1,")
	make -s -j "$(nproc)" O="$D/out" SAN= CC="$D/cc" AR="$D/ar" CFLAGS=-O2 CPPFLAGS="-I$D/include" \
		LDFLAGS="-static -L$D/lib" TRACER_LIBS='-lzstd -lpthread' WERROR=1 UNITS="$(echo $units)" \
		ORACLES= decode units "$D/out/libsst.a" "$D"/out/tests/golden/{make,large,cells} >"$D/build.log" 2>&1 || return
	# What the tests call sysdecode.
	printf '#!/bin/sh\nexec %s/run %s/out/sysdecode "$@"\n' "$D" "$D" >"$D/sysdecode" && chmod 755 "$D/sysdecode"
}

unit_tests() {
	local source name
	if [ -f "$D/no-cmocka" ]; then
		skip "$arch: unit tests" "no cmocka: $(tail -n 1 "$D/no-cmocka")"
		return
	fi
	for source in $(unit_sources); do
		name=${source##*/} name=${name%.c}
		if (cd "$tmp" && timeout 300 "$D/run" "$D/out/tests/unit/$name" >"$tmp/unit" 2>&1); then
			ok "$arch: unit/$name ($(grep -c '^ok ' "$tmp/unit") tests)"
		else
			not_ok "$arch: unit/$name" "$tmp/unit"
		fi
	done
}

# The encoder: the golden files, written there, are the golden files.
golden_files() {
	local what="$arch: writes the golden files byte for byte"
	rm -rf "$tmp/golden" && mkdir "$tmp/golden"
	if "$D/run" "$D/out/tests/golden/make" "$tmp/golden" >"$tmp/log" 2>&1 &&
		"$D/run" "$D/out/tests/golden/large" "$tmp/golden" >>"$tmp/log" 2>&1 &&
		"$D/run" "$D/out/tests/golden/cells" "$tmp/golden" 1000 >>"$tmp/log" 2>&1 && diff -r "$tmp/here" "$tmp/golden" >"$tmp/log" 2>&1; then
		ok "$what ($(ls "$tmp/golden" | wc -l) files)"
	else
		not_ok "$what" "$tmp/log"
	fi
}

columns=time,pid,tid,comm,abi,nr,syscall,arg0,arg5,ret,errno,duration,state,note,end,wall,epoch,record,seq,cpu
ways=(
	'-F tsv'
	'-F csv'
	'-F raw'
	'-F jsonl'
	'-F strace'
	'-F perfetto'
	'--files'
	'--processes'
	'--stats'
	"--columns=$columns"
	'--failed --slower=1us'
	'--info'
	'--verify'
)

# decode_all SYSDECODE DIRECTORY: every file in every way, from a file and from a pipe; a line each with hash and status
decode_all() {
	local file way name
	for file in "$tmp"/here/*.sst; do
		name=${file##*/}
		for way in "${ways[@]}"; do
			(cd "$tmp/here" && "$1" $way "$name" >"$tmp/out" 2>"$tmp/err")
			echo "$? $(cat "$tmp/out" "$tmp/err" | sha256sum) $name $way"
			[ -z "$fast" ] || continue
			"$1" $way <"$file" 2>"$tmp/err" | cat >"$tmp/out"
			echo "${PIPESTATUS[0]} $(cat "$tmp/out" "$tmp/err" | sha256sum) $name $way, piped"
		done
	done
}

outputs() {
	local what="$arch: same output and exit status for every golden file"
	decode_all "$D/sysdecode" >"$tmp/$arch.outputs"
	if diff "$tmp/here.outputs" "$tmp/$arch.outputs" >"$tmp/log"; then
		ok "$what ($(wc -l <"$tmp/here.outputs") runs)"
	else
		not_ok "$what" "$tmp/log"
	fi
}

# script NAME: tests/NAME.sh with the decoder of the architecture
script() {
	local line n=0
	tests/"$1".sh "$D/sysdecode" >"$tmp/script" 2>&1
	while IFS= read -r line; do
		case $line in
		'ok - '*) ok "$arch: ${line#ok - }"; n=$((n + 1)) ;;
		'not ok - '*) not_ok "$arch: ${line#not ok - }" "$tmp/script"; n=$((n + 1)) ;;
		'skip - '*) say "skip - $arch: ${line#skip - }"; n=$((n + 1)) ;;
		esac
	done <"$tmp/script"
	[ $n -gt 0 ] || not_ok "$arch: $1.sh" "$tmp/script"
}

# The command line tests of the decoder; what they expect is beside them.
command_lines() {
	local script base part n=0 bad=0
	: >"$tmp/diff"
	export SYSDECODE=$D/sysdecode GOLDEN=$TOP/tests/golden
	while IFS= read -r script; do
		grep -q SYSSTREAM "$script" && continue
		base=$TOP/${script%.sh} n=$((n + 1))
		rm -rf "$tmp/cwd" && mkdir "$tmp/cwd"
		(cd "$tmp/cwd" && timeout 600 "$TOP/$script") >"$tmp/got.out" 2>"$tmp/got.err" </dev/null
		echo $? >"$tmp/got.status"
		grep -qx 77 "$tmp/got.status" && continue
		for part in out err status; do
			cp "$base.$part" "$tmp/want" 2>/dev/null || { [ $part = status ] && echo 0; } >"$tmp/want"
			diff -u --label "$base.$part" --label got "$tmp/want" "$tmp/got.$part" >>"$tmp/diff" || bad=$((bad + 1))
		done
	done < <(find tests/cli -name '*.sh' -perm -u+x | sort)
	if [ $n -eq 0 ]; then
		skip "$arch: command line tests" "there are none"
	elif [ $bad -eq 0 ]; then
		ok "$arch: command line tests ($n)"
	else
		not_ok "$arch: command line tests ($bad differences)" "$tmp/diff" 60
	fi
}

# The golden files and what this machine makes of them.
make -s -j "$(nproc)" TRACER_LIBS='-lzstd -lpthread' decode build/tests/golden/{make,large,cells,tally} >"$tmp/log" 2>&1 || { not_ok "this machine's decoder builds" "$tmp/log"; exit 1; }
mkdir "$tmp/here" && build/tests/golden/make "$tmp/here" && build/tests/golden/large "$tmp/here" &&
	build/tests/golden/cells "$tmp/here" 1000 || exit 1
decode_all "$TOP/build/sysdecode" >"$tmp/here.outputs"

[ $# -gt 0 ] || set -- s390x i386 arm64 musl
for arch; do
	D=$TOP/build/cross/$arch
	if ! tests/cross/tools.sh "$arch" >"$tmp/tools"; then
		skip "$arch" "$(tail -n 1 "$tmp/tools")"
	elif ! build; then
		not_ok "$arch: builds" "$D/build.log"
	else
		ok "$arch: builds"
		unit_tests
		golden_files
		outputs
		script golden
		script huge
		command_lines
	fi
done

if [ -n "$all" ] && [ $checked -gt 0 ]; then
	{
		echo "sysdecode, the library and their unit tests for other processors and another C library, run by qemu-user. Written by"
		echo "\`make check-cross\` on $(date -u +%Y-%m-%d), $(git describe --always --dirty=', with changes not committed')."
		echo
		sed 's/^/    /' "$tmp/lines"
	} | tests/tested.sh "Other architectures"
fi

[ $failed -eq 0 ] || exit 1
[ $checked -gt 0 ] || exit 77
