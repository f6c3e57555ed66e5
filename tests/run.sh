#!/bin/bash
# run.sh - runs the tests and counts them; `make check` builds first and then calls this
#
#   tests/run.sh [-v] [--rewrite] [WORD...]    only tests whose name contains one of the WORDs
#
# Kinds of tests, all with a time limit (300 s, or what a line "# timeout: N" in the script says, if that is more; 900 s from
# build-san): for what hangs, not for slow machines.
#   unit     build/tests/unit/*: cmocka programs; each test function counts. Again from build-san
#   fuzz     build/tests/fuzz/*: the fuzz targets on tests/fuzz/corpus; long: a sample of make check-long. Again from build-san
#   lines    tests/tables.sh; library.sh: installed and used; second.sh: a second decoder, made from the document alone;
#            golden.sh: files of version 1 that never change; future.sh: files as later versions may write them; huge.sh
#   cli      tests/cli/**/*.sh: one test each. Beside NAME.sh, NAME.out, .err and .status hold exactly what it prints and
#            its exit status (0 without the file); --rewrite writes them. Again with the programs of build-san
#   e2e      tests/e2e/*.sh: print a line a check: "ok - what", "not ok - what" or "skip - what: reason". Some of them again with
#            the recorder of build-san
# A script runs in an empty directory of its own; exit status 77 is a skip, the reason on its output.
# Results and times go to build/tests/results.tsv.

cd "$(dirname "$0")/.." || exit 1
TOP=$PWD
export TOP TESTS=$TOP/tests GOLDEN=$TOP/tests/golden LC_ALL=C TZ=UTC
export ASAN_OPTIONS=${ASAN_OPTIONS:-abort_on_error=0:exitcode=99} UBSAN_OPTIONS=${UBSAN_OPTIONS:-print_stacktrace=1}
PATH=$PATH:/usr/sbin:/sbin:$TOP/build/tools/usr/bin
verbose='' rewrite='' words=()
for word; do
	case $word in
	-v) verbose=1 ;;
	--rewrite) rewrite=1 ;;
	-*) sed -n '2,17s/^# \{0,1\}//p' "$0"; exit 2 ;;
	*) words+=("$word") ;;
	esac
done

if [ ! -d build/tests ]; then
	echo "run.sh: nothing has been built: make check, or make tests" >&2
	exit 2
fi
passed=0 failed=0 skipped=0
tmp=$(mktemp -d "${TMPDIR:-/tmp}/sysstream-check.XXXXXX") || exit 1
chmod 755 "$tmp" # some tests run programs as another user
trap 'rm -rf "$tmp"' EXIT
trap 'exit 130' INT TERM
results=build/tests/results.tsv
: >"$tmp/results"

wanted() {
	local word
	[ ${#words[@]} -eq 0 ] && return 0
	for word in "${words[@]}"; do
		[[ $1 == *"$word"* ]] && return 0
	done
	return 1
}

now_ms() { local t=${EPOCHREALTIME/[.,]/}; echo $((t / 1000)); }

# The log of a failed test; of the first ten, the others are likely to say the same.
show() { [ $failed -le 10 ] && sed "s/^/      /" "$1" | cat -v | head -n 60; }

# count RESULT NAME: one test, with the time since $began
count() {
	case $1 in
	passed) passed=$((passed + 1)); [ -n "$verbose" ] && echo "  ok      $2" ;;
	skipped) skipped=$((skipped + 1)); echo "  skip    $2" ;;
	failed) failed=$((failed + 1)); echo "  FAILED  $2" ;;
	esac
	printf '%s\t%s\t%s\n' "$1" "$((${took:-0}))" "$2" >>"$tmp/results"
}

least=300 # s: no time limit is shorter
# limited SCRIPT COMMAND...: with its time limit, from the directory $tmp/cwd; sets $status and $took (ms)
limited() {
	local seconds=0 began script=$1
	shift
	[[ $script == *.sh ]] && seconds=$(sed -n '1,20s/^# timeout: \([0-9]*\)$/\1/p' "$script")
	[ "${seconds:-0}" -ge $least ] || seconds=$least
	rm -rf "$tmp/cwd" && mkdir "$tmp/cwd"
	began=$(now_ms)
	(cd "$tmp/cwd" && exec timeout -k 5 "$seconds" "$@") >"$tmp/out" 2>"$tmp/err" </dev/null
	status=$?
	took=$(($(now_ms) - began))
	[ $status -eq 124 ] && echo "stopped after $seconds s" >>"$tmp/err"
}

# result_lines NAME: counts "ok", "not ok" and "skip" lines in $tmp/out, which may be TAP; fails when there is none
result_lines() {
	local name=$1 line n=0 bad=0 good=$passed
	while IFS= read -r line; do
		case $line in
		*'# SKIP'* | *'# skip'*) count skipped "$name: ${line#ok * - }" ;;
		'ok '*) count passed "$name: ${line#*- }" ;;
		'not ok '*) count failed "$name: ${line#*- }"; bad=1 ;;
		'skip - '*) count skipped "$name: ${line#skip - }" ;;
		*) continue ;;
		esac
		n=$((n + 1))
	done <"$tmp/out"
	if [ $status -eq 77 ] && [ $n -eq 0 ]; then
		count skipped "$name: $(tail -n 1 "$tmp/out")"
	elif { [ $status -ne 0 ] && [ $status -ne 77 ] && [ $bad -eq 0 ]; } || { [ $n -eq 0 ] && [ $status -ne 77 ]; }; then
		count failed "$name (status $status)"
		bad=1
	fi
	if [ $bad -ne 0 ]; then
		grep -v '^ok ' "$tmp/out" >"$tmp/shown"
		show "$tmp/shown"
		show "$tmp/err"
	fi
	[ -z "$verbose" ] && [ "$passed" -gt "$good" ] &&
		printf '  ok      %-52s %4d passed %7d ms\n' "$name" $((passed - good)) "$took"
	return 0
}

# expectations SCRIPT NAME: compares $tmp/out, $tmp/err and $status with the files beside the script
expectations() {
	local base=${1%.sh} part bad=0
	if [ $status -eq 77 ]; then
		count skipped "$2: $(tail -n 1 "$tmp/out")"
		return
	fi
	echo $status >"$tmp/status"
	if [ -n "$rewrite" ]; then
		cp "$tmp/out" "$base.out"
		if [ -s "$tmp/err" ]; then cp "$tmp/err" "$base.err"; else rm -f "$base.err"; fi
		if [ $status -ne 0 ]; then cp "$tmp/status" "$base.status"; else rm -f "$base.status"; fi
	fi
	: >"$tmp/diff"
	for part in out err status; do
		cp "$base.$part" "$tmp/want" 2>/dev/null || { if [ $part = status ]; then echo 0; fi; } >"$tmp/want"
		diff -u --label "expected .$part" --label "got .$part" "$tmp/want" "$tmp/$part" >>"$tmp/diff" || bad=1
	done
	if [ $bad -eq 0 ]; then
		count passed "$2"
	else
		count failed "$2"
		show "$tmp/diff"
	fi
}

run_unit() {
	local program
	export CMOCKA_MESSAGE_OUTPUT=tap
	for program in "$1"/tests/unit/*; do
		[ -f "$program" ] && [ -x "$program" ] || continue
		[ -f "tests/unit/${program##*/}.c" ] || continue # its source is gone
		wanted "unit/${program##*/}" || continue
		limited "$program" "$TOP/$program"
		result_lines "unit/${program##*/}$2"
	done
}

run_cli() {
	local script name good=$passed began
	began=$(now_ms)
	export SYSDECODE=$TOP/$1/sysdecode SYSSTREAM=$TOP/$1/sysstream ORACLES=$TOP/build/tests/oracle
	while IFS= read -r script; do
		name=${script#tests/}
		wanted "$name" || continue
		if [ ! -x "$SYSDECODE" ] || [ ! -x "$SYSSTREAM" ]; then
			count failed "cli$2: $1/ has not been built"
			break
		fi
		limited "$script" "$TOP/$script"
		expectations "$TOP/$script" "${name%.sh}$2"
	done < <(find tests/cli -name '*.sh' -perm -u+x | sort)
	[ -z "$verbose" ] && [ "$passed" -gt "$good" ] &&
		printf '  ok      %-52s %4d passed %7d ms\n' "cli$2" $((passed - good)) $(($(now_ms) - began))
	return 0
}

# run_lines SCRIPT: a script that prints a line a check
run_lines() {
	local name=${1#tests/}
	wanted "$name" || return 0
	export SYSDECODE=$TOP/build/sysdecode SYSSTREAM=$TOP/build/sysstream ORACLES=$TOP/build/tests/oracle
	limited "$1" "$TOP/$1"
	result_lines "${name%.sh}"
}

# run_sanitized NAME...: end-to-end tests again with the recorder of build-san; whatever it is told to print, what the sanitizers
# find fails the test
run_sanitized() {
	local name
	[ -x build-san/sysstream ] || return 0
	mkdir -m 1777 "$tmp/found"
	local -x ASAN_OPTIONS=$ASAN_OPTIONS:log_path=$tmp/found/asan UBSAN_OPTIONS=$UBSAN_OPTIONS:log_path=$tmp/found/ubsan
	export SYSDECODE=$TOP/build/sysdecode SYSSTREAM=$TOP/build-san/sysstream ORACLES=$TOP/build/tests/oracle
	for name; do
		wanted "e2e/$name (sanitized)" || continue
		limited "tests/e2e/$name.sh" "$TOP/tests/e2e/$name.sh"
		if [ -n "$(ls -A "$tmp/found")" ]; then
			echo "not ok - nothing for the sanitizers to find" >>"$tmp/out"
			cat "$tmp/found/"* >>"$tmp/out"
			rm -f "$tmp/found/"*
		fi
		result_lines "e2e/$name (sanitized)"
	done
}

# run_corpus BUILD SUFFIX: the fuzz targets on their corpora, and a sample of the tests that take long
run_corpus() {
	local program name
	for program in "$1"/tests/fuzz/decode "$1"/tests/fuzz/round_trip; do
		name=fuzz/${program##*/}
		wanted "$name" || continue
		limited "$program" "$TOP/$program" "$TOP/tests/fuzz/corpus/${program##*/}"
		result_lines "$name$2"
	done
	wanted long/damage || return 0
	limited "$1/tests/long/damage" "$TOP/$1/tests/long/damage" 1009
	result_lines "long/damage, a sample$2"
}

run_unit build ''
run_corpus build ''
least=900
run_unit build-san ' (sanitized)'
run_corpus build-san ' (sanitized)'
least=300
run_lines tests/tables.sh
run_lines tests/library.sh
run_lines tests/second.sh
run_lines tests/golden.sh
run_lines tests/future.sh
run_lines tests/huge.sh
run_cli build ''
saved=$rewrite rewrite='' least=900
run_cli build-san ' (sanitized)'
least=300
rewrite=$saved
for script in tests/e2e/*.sh; do
	[ -x "$script" ] && run_lines "$script"
done
run_sanitized targets command choose containers endings output

cp "$tmp/results" "$results" 2>/dev/null
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed -eq 0 ]
