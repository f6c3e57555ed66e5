#!/bin/bash
# descriptors-programs.sh - real programs, watched by strace -f -yy and recorded at the same time: the same files behind descriptors
# timeout: 180
. "$TESTS/e2e/lib.sh"
need_recorder
if ! command -v strace >/dev/null; then
	echo "skip - comparison of files with strace -yy: strace is missing"
	exit 77
fi
if ! strace -yy -o /dev/null true 2>strace.err; then
	echo "skip - comparison of files with strace -yy: $(tail -n 1 strace.err)"
	exit 77
fi

compare() {
	local name=$1
	shift
	beside_strace "$name" -yy -- "$@" || return
	if "$SYSDECODE" --format=strace "$name.sst" >"$name.ours" 2>"$name.said" &&
		python3 -B "$TESTS/e2e/descriptors_of.py" "$name.strace" "$name.ours" >"$name.diff"; then
		ok "$name: $(tail -n 1 "$name.diff")"
	else
		not_ok "$name" "$name.diff" "$name.said" "$name.sst.log"
	fi
}

mkdir tree && printf hello | tee tree/{a,b,c} >/dev/null && printf 'int main(void) { return 0; }\n' >program.c
compare shell bash -c 'for i in 1 2 3; do echo "$i $(date)" | sed s/1/2/ | sort; done 5<>both 6>&5 >out 2>&1; cat <tree/a <<<word'
compare python /usr/bin/python3 -c 'import multiprocessing, os; print(multiprocessing.Pool(2).map(abs, range(4)), os.listdir("/proc/self"))'
compare find find /usr/share/doc -maxdepth 2 -name 'c*'
compare tar tar czf tree.tar tree
compare gcc gcc program.c -o program
compare git git -C "$TOP" log --oneline -3
