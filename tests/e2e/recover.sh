#!/bin/bash
# recover.sh - files damaged in many ways become whole again: --verify finds nothing wrong, the rows are those that the damaged file has
# timeout: 300
. "$TESTS/e2e/lib.sh"
recover="python3 -B $TESTS/e2e/recover.py $SYSDECODE"
"$TOP/build/tests/golden/make" .
for file in threads late gaps two-recordings; do
	check "$file, damaged in 60 ways" $recover $file.sst 60
done
# Two recordings, each twice, of one a damaged copy and one without an end: that once gained frames, and was kept, by being recovered.
check "copies of recordings, damaged each in its way" env SEED=5964712 $recover two-recordings.sst 1
need_recorder
"$SYSSTREAM" -q -f real.sst --flush=20ms -- sh -c 'for i in 1 2 3 4 5; do sleep 0.03; ls -R /usr/share/doc | head -n 300 | wc -l; done' >/dev/null
check "a recording of many processes, damaged in 100 ways" $recover real.sst 100
mkdir parts
"$SYSSTREAM" -q -f parts/part.sst --rotate-size=64k --flush=20ms -- sh -c 'for i in 1 2 3 4 5 6; do find /usr /etc -size +1k | head -n 20000; done' >/dev/null 2>&1
part=$(ls parts/*.sst | sed -n 2p)
if [ -n "$part" ]; then
	check "a part of a rotated recording, damaged in 40 ways" $recover "$part" 40
	"$SYSDECODE" --recover -o again.sst "$part" 2>/dev/null
	check "what is whole is copied byte for byte" cmp again.sst "$part"
else
	not_ok "a recording in parts" parts
fi
chmod 644 real.sst && head -c 3000 real.sst >torn.sst
SUDO_UID=1234 SUDO_GID=1235 "$SYSDECODE" --recover -o mine.sst torn.sst 2>/dev/null
equal "under sudo the new file is the caller's, and nobody else's" "1234 1235 600" "$(stat -c '%u %g %a' mine.sst)"
# META damaged: END tells what times count from
cp real.sst headless.sst && printf XXXXXXXX | dd of=headless.sst bs=1 seek=150 conv=notrunc 2>/dev/null
"$SYSDECODE" real.sst >real.tsv 2>/dev/null
"$SYSDECODE" headless.sst >headless.tsv 2>headless.err
equal "with its beginning damaged a recording has the same times" "0 3" "$(cmp real.tsv headless.tsv; echo $?) $("$SYSDECODE" headless.sst >/dev/null 2>&1; echo $?)"
"$SYSDECODE" --recover -o headed.sst headless.sst 2>/dev/null
"$SYSDECODE" headed.sst 2>/dev/null >headed.tsv
check "... and when it is recovered" cmp real.tsv headed.tsv
