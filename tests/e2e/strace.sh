#!/bin/bash
# strace.sh - real programs, watched by strace -f and recorded at the same time: the same calls in the same order in each thread,
# with the same arguments and results
# timeout: 180
. "$TESTS/e2e/lib.sh"
need_recorder
if ! command -v strace >/dev/null; then
	echo "skip - comparison with strace -f: strace is missing"
	exit 77
fi
if ! strace -X raw -e raw=all -o /dev/null true 2>strace.err; then
	echo "skip - comparison with strace -f: $(tail -n 1 strace.err)"
	exit 77
fi

compare() {
	local name=$1
	shift
	beside_strace "$name" -ttt -X raw -e raw=all -- "$@" || return
	if "$SYSDECODE" "$name.sst" >"$name.tsv" 2>"$name.said" &&
		$COMPARE strace "$name.strace" "$name.tsv" >"$name.diff"; then
		ok "$name: $(tail -n 1 "$name.diff")"
	else
		not_ok "$name" "$name.diff" "$name.said" "$name.sst.log"
	fi
}

cat >hello.c <<'C'
#include <stdio.h>
int main(void) { return puts("hello") < 0; }
C
cat >script.sh <<'S'
for i in 1 2 3 4 5 6 7; do echo "$i $(date +%s)" | sed s/1/2/ | sort -n; done | tail -n 3
S
cat >threads.py <<'P'
import subprocess, threading, time
def work(n):
    for i in range(20):
        open("/proc/self/stat").read()
        time.sleep(0.001)
threads = [threading.Thread(target=work, args=(i,)) for i in range(5)]
[t.start() for t in threads]
[t.join() for t in threads]
subprocess.run(["true"])
P
compare find find /usr/share/doc -maxdepth 2 -name 'c*'
compare shell sh script.sh
compare python python3 -c 'import json, socket; print(json.dumps(list(range(9)))); socket.socket().close()'
compare threads python3 threads.py
command -v gcc >/dev/null && compare gcc gcc -O1 hello.c -o hello
if command -v git >/dev/null && git init -q repo 2>git.err; then
	git -C repo -c user.name=a -c user.email=a@b commit -q --allow-empty -m one
	compare git git -C repo log --stat
fi
