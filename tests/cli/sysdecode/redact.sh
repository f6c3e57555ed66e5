#!/bin/sh
# Redaction: everything but names and texts stays, of every golden file; what was asked for is nowhere in the new one.
. "$TESTS/cli/sysdecode/golden.inc"
command -v zstd >/dev/null || { echo "there is no zstd"; exit 77; }
printf '0123456789abcdef0123456789abcdef' >key
try --redact=paths,args,comm --redact-key=key -o all.sst processes.sst
try --processes -F tsv all.sst
try --redact=comm --redact-key=key -o comm.sst processes.sst
try --processes -F tsv --no-header comm.sst
echo '$ sysdecode --redact=paths -o - processes.sst | sysdecode --processes'
"$D" --redact=paths --redact-key=key -o - processes.sst | "$D" --processes -F tsv --no-header
try --info all.sst
try --verify all.sst
zstd -qdc all.sst | grep -a -o -i -E 'make|worker|sh\b|cut|say|usr' # and nothing comes
# A key for each run, but where it is given
"$D" --redact=comm -o one.sst processes.sst; "$D" --redact=comm -o other.sst processes.sst
"$D" --processes one.sst >one.txt; "$D" --processes other.sst >other.txt
cmp -s one.txt other.txt || echo "another run, another key"
cat processes.sst | "$D" --redact=comm --redact-key=key -o - | cmp - comm.sst && echo "a pipe is the same"
try --redact=comm -o all.sst processes.sst
try --redact=comm processes.sst
try --redact=names -o x.sst processes.sst
try --redact= -o x.sst processes.sst
try --redact=comm -o x.sst processes.sst states.sst
try --redact=comm --failed -o x.sst processes.sst
try --redact=comm --redact-key=none -o x.sst processes.sst
printf short >short
try --redact=comm --redact-key=short -o x.sst processes.sst
try --redact-key=key processes.sst
try --redact=comm --verify -o x.sst processes.sst
[ -e x.sst ] && echo "x.sst has been made"
# Damage: what is good, and no end
try --redact=comm -o cut.sst cut-payload.sst
try --redact=comm --redact-key=key -o flipped.sst flipped-payload.sst
try --verify flipped.sst
# All rows, but for names and texts, of every file that has some
columns=--columns=time,pid,tid,abi,nr,syscall,arg0,arg1,arg2,arg3,arg4,arg5,ret,errno,duration,state,note,seq,cpu,wall
verdict() { "$D" --verify "$1" | sed 's/.*\.sst: //' | cut -f 1,2,4-; }
files=0
for file in ./*.sst "$GOLDEN"/v1/*.sst; do
	case $file in ./all.sst | ./comm.sst | ./one.sst | ./other.sst | ./cut.sst | ./flipped.sst) continue ;; esac
	"$D" --verify "$file" >/dev/null 2>&1
	case $? in 0 | 4) ;; *) continue ;; esac
	rm -f clean.sst
	"$D" --redact=paths,args,comm -o clean.sst "$file" || echo "$file: status $?"
	"$D" $columns "$file" >want 2>/dev/null
	"$D" $columns clean.sst >got 2>/dev/null
	cmp want got || echo "$file"
	[ "$(verdict "$file")" = "$(verdict clean.sst)" ] ||
		echo "$file: another verdict"
	files=$((files + 1))
done
[ $files -gt 20 ] && echo "all rows are there"
