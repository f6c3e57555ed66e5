#!/bin/sh
# A file that is still being written, and a pipe that gets frame after frame: rows appear as they arrive.
. "$TESTS/cli/sysdecode/golden.inc"
cut=$(stat -c %s cut-payload.sst)
head -c "$cut" threads.sst >growing.sst
try --columns=tid,syscall growing.sst | sed 's/byte [0-9]*/byte N/'
tail -c +$((cut + 1)) threads.sst >>growing.sst
try --columns=tid,syscall growing.sst
mkfifo pipe rows
"$D" --columns=tid,syscall pipe >rows 2>&1 &
exec 4<rows
exec 3>pipe
head -c "$cut" threads.sst >&3
for i in 1 2 3 4 5; do read -r row <&4 && echo "while it is written: $row"; done
tail -c +$((cut + 1)) threads.sst >&3
exec 3>&-
sed 's/^/afterwards: /' <&4
wait
