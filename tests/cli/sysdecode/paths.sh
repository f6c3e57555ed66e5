#!/bin/sh
# Files: the path column in each format, from files and pipes, with filters; and --files, a line for each call that opens, makes,
# renames or removes one.
. "$TESTS/cli/sysdecode/golden.inc"
C=time,pid,syscall,ret,path
try --columns=$C files.sst
try --columns=$C -F csv files.sst
try --columns=$C -F jsonl files.sst
try --columns=$C --syscall=read --no-header files.sst
try --columns=$C --pid=901 --no-header files.sst
try --columns=$C --since=20ms --no-header files.sst
try --columns=$C --failed --no-header files.sst
try --columns=$C --no-header files.sst processes.sst
echo '$ cat files.sst | sysdecode'
cat files.sst | "$D" --columns=$C --no-header
try --columns=path --no-header threads.sst
try --files files.sst
try --files -F tsv files.sst
try --files -F csv files.sst
try --files -F jsonl files.sst
try --files --path='/home/*' --no-header files.sst
try --files --path='/tmp/?cmd*' --no-header files.sst
try --files --syscall=unlinkat,mkdir --no-header files.sst
try --files --failed --no-header files.sst
echo '$ cat files.sst | sysdecode --files'
cat files.sst | "$D" --files
for wrong in --columns=time --stats --summary --processes --info "-F raw" "-F perfetto"; do
	try --files $wrong files.sst
done
try --path=x files.sst
