#!/bin/sh
# What --recover says, writes and refuses.
. "$TESTS/cli/sysdecode/golden.inc"
umask 0
for file in threads no-end cut-payload flipped-payload flipped-header flipped-meta nothing not-sst newer; do
	rm -f clean.sst
	try --recover -o clean.sst $file.sst | sed -E 's/(bytes?) [0-9]+( to [0-9]+)?/\1 N/; s/[0-9]+ bytes/N bytes/g; s/byte [0-9]+/byte N/'
	if [ -s clean.sst ]; then
		try --verify clean.sst | sed -E 's/[0-9]+ bytes/N bytes/'
		"$D" clean.sst 2>/dev/null | grep -v 'cut out of the file' >clean.tsv
		"$D" $file.sst 2>/dev/null | cmp - clean.tsv
	fi
done
stat -c %a clean.sst
"$D" --recover -o whole.sst threads.sst 2>/dev/null && cmp whole.sst threads.sst
rm -f clean.sst && "$D" --recover -o clean.sst flipped-payload.sst 2>/dev/null
try --columns=time,tid,syscall,state,note clean.sst
# what is recovered can be damaged again
head -c -100 clean.sst >torn.sst && "$D" --recover -o again.sst torn.sst 2>/dev/null
try --verify again.sst | sed -E 's/[0-9]+ bytes/N bytes/'
# never over another file, never through a link
try --recover -o clean.sst threads.sst
ln -s nowhere.sst link.sst
try --recover -o link.sst threads.sst
[ -e nowhere.sst ] && echo 'through a link'
try --recover threads.sst
try --recover -o new.sst threads.sst late.sst
try --recover -o new.sst
try --recover --failed -o new.sst threads.sst
try --recover --verify -o new.sst threads.sst
"$D" --recover -o piped.sst - <threads.sst 2>/dev/null && cmp piped.sst threads.sst
cat threads.sst | try --recover -o new.sst -
try --recover -o new.sst missing.sst
[ -e new.sst ] && echo 'an empty file is left'
true
