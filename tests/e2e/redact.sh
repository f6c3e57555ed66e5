#!/bin/bash
# redact.sh - a recording that was redacted as it was made, and one that is redacted later: nothing of the names is in it
# timeout: 60
. "$TESTS/e2e/lib.sh"
need_recorder
command -v zstd >/dev/null || { echo "skip - redaction: zstd is missing"; exit 77; }

mkdir -p secret-directory && echo content >secret-directory/secret-file
cp "$(command -v cat)" secret-program
"$SYSSTREAM" -q -f plain.sst -- ./secret-program secret-directory/secret-file >/dev/null
"$SYSSTREAM" -q -f public.sst --redact=paths,args,comm -- ./secret-program secret-directory/secret-file >/dev/null
"$SYSDECODE" --redact=paths,args,comm -o later.sst plain.sst
says() { zstd -qdc "$1" | grep -a -c secret; }
check "the names are in a recording that was not redacted" [ "$(says plain.sst)" -gt 0 ]
for file in public later; do
	equal "$file: none is in it" 0 "$(says $file.sst)"
	equal "$file: nor in its facts" "" "$("$SYSDECODE" --info $file.sst | grep -E 'secret|^command|^targets')"
	check "$file: it says so" grep -qx 'redacted  *paths,args,comm' <("$SYSDECODE" --info $file.sst)
	check "$file: it is complete" "$SYSDECODE" --verify $file.sst
	check "$file: trees stay trees" grep -qE 'openat.*"[0-9a-v]{12}/[0-9a-v]{12}"' <("$SYSDECODE" --columns=syscall,args $file.sst)
done
columns=--columns=time,tid,syscall,arg0,arg1,ret,errno,duration,state
check "all else is as before" cmp <("$SYSDECODE" $columns plain.sst) <("$SYSDECODE" $columns later.sst)
"$SYSSTREAM" -q -f part.sst --redact=comm --rotate-size=64K --view='tsv --columns=comm' -- sh -c 'i=0; while [ $i -lt 300 ]; do ./secret-program secret-directory/secret-file >/dev/null; i=$((i + 1)); done' >part.view
equal "the view is redacted too" 0 "$(grep -c secret part.view)"
equal "and each part" "" "$(for part in part.0*.sst; do "$SYSDECODE" --columns=comm $part | grep secret; done | head -n 1)"
"$SYSSTREAM" -q -f tally.sst --redact=comm --tally=100ms -- sh -c 'sleep 0.3; ./secret-program secret-directory/secret-file' >/dev/null
equal "tallies" 0 "$(says tally.sst)"
check "and they decode" grep -q read <("$SYSDECODE" --stats --by=syscall tally.sst)
