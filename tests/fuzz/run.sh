#!/bin/bash
# run.sh - fuzzes both targets with libFuzzer and then with AFL++; `make fuzz-run` builds them first
#
#   tests/fuzz/run.sh [MINUTES]     so many for each target and fuzzer (10), two at a time, at nice 10
#
# Begins with tests/fuzz/corpus. What crashes or hangs a target is left in build-fuzz/found/TARGET-FUZZER/; exit status 1 then.
# The result goes to docs/tested.md.
cd "$(dirname "$0")/../.." || exit 1
minutes=${1:-10}
found=$PWD/build-fuzz/found
work=$PWD/build-fuzz/work # the corpora as they grow
rm -rf "$found" "$work"
mkdir -p "$found" "$work"
began=$(date -u +%Y-%m-%d)

libfuzzer() {
	local target=$1 to=$found/$1-libfuzzer
	mkdir -p "$work/$target" "$to"
	UBSAN_OPTIONS=print_stacktrace=1 nice -n 10 build-fuzz/"$target" -max_total_time=$((minutes * 60)) -rss_limit_mb=1024 -timeout=20 -max_len=16384 \
		-print_final_stats=1 -artifact_prefix="$to/" "$work/$target" "tests/fuzz/corpus/$target" >"$work/$target.log" 2>&1
}

afl() {
	local target=$1
	AFL_NO_UI=1 AFL_NO_AFFINITY=1 AFL_SKIP_CPUFREQ=1 AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1 AFL_IGNORE_PROBLEMS=1 \
		nice -n 10 afl-fuzz -m none -t 5000 -G 16384 -V $((minutes * 60)) -i "tests/fuzz/corpus/$target" \
		-o "$work/$target-afl" -- build-fuzz/"$target"-afl >"$work/$target-afl.log" 2>&1
	mkdir -p "$found/$target-afl"
	find "$work/$target-afl/default/crashes" "$work/$target-afl/default/hangs" -name 'id*' -exec cp {} "$found/$target-afl/" \;
}

# report FUZZER TARGET EXECUTIONS NAME INPUTS: a row of the table
rows='' failed=0
report() {
	local n
	n=$(find "$found/$2-$1" -type f | wc -l)
	rows+="| $4 | \`$2\` | $minutes min | $3 | $5 | $n |"$'\n'
	[ "$n" -eq 0 ] || failed=1
	[ "${3:-0}" -gt 0 ] || failed=1
}
statistic() { sed -n "s/^$1 *: *//p" "$2"; }

for target in decode round_trip; do libfuzzer $target & done
wait
for target in decode round_trip; do
	report libfuzzer $target "$(statistic stat::number_of_executed_units "$work/$target.log")" \
		"libFuzzer, $(clang --version | sed -n '1s/.*version \([0-9.]*\).*/clang \1/p')" "$(find "$work/$target" -type f | wc -l)"
done
if [ -x build-fuzz/decode-afl ] && command -v afl-fuzz >/dev/null; then
	for target in decode round_trip; do afl $target & done
	wait
	for target in decode round_trip; do
		stats=$work/$target-afl/default/fuzzer_stats
		report afl $target "$(statistic execs_done "$stats")" "AFL++ $(statistic afl_version "$stats" | tr -d +)" \
			"$(statistic corpus_count "$stats")"
	done
else
	echo "AFL++ is not installed: only libFuzzer ran" >&2
fi

{
	echo "The targets of tests/fuzz with AddressSanitizer and UBSan, from the corpus in the tree, at nice 10. Written by"
	echo "\`make fuzz-run\` on $began, $(git describe --always --dirty=', with changes not committed')."
	echo
	echo "| fuzzer | target | time | executions | inputs found | crashes and hangs |"
	echo "|---|---|---|---|---|---|"
	printf '%s' "$rows"
} | tests/tested.sh "Fuzzing"
find "$found" -type f
exit $failed
