#!/bin/bash
# hostile.sh - recordings made to cost memory or time: sysdecode stays within 64 MiB, and ends soon
# timeout: 300
. "$TESTS/e2e/lib.sh"
"$TOP/build/tests/long/hostile" . || exit 1

# measure.py KIB COMMAND...: fails when it takes more memory, or more than a minute where a second should do
cat >measure.py <<'EOF'
import os, subprocess, sys, time
began = time.monotonic()
try:
    subprocess.run(sys.argv[2:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=60, check=False)
except subprocess.TimeoutExpired:
    sys.exit("not ended after 60 s")
import resource
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
print("%d KiB, %.1f s" % (peak, time.monotonic() - began))
sys.exit(peak > int(sys.argv[1]) and "more than %s KiB" % sys.argv[1])
EOF
for file in *.sst; do
	for options in "-j 1" "-j 2" "-j 8" "--stats=1us --by=thread,comm,syscall -j 8" "--since=1ns -j 2" "--verify" "--info" \
		"--recover -o -" "-F perfetto -j 8" "--processes --min-duration=1h -j 8" "--redact=paths,args,comm -o -"; do
		check "$file $options" python3 -B measure.py 65536 "$SYSDECODE" $options "$file"
	done
done
