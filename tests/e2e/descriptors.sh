#!/bin/bash
# descriptors.sh - the path column against what the kernel says of each descriptor, for a program that does with them what
# programs do, with threads that take each other's away, after loss, and of a process that was there before
# timeout: 180
. "$TESTS/e2e/lib.sh"
need_recorder
command -v python3 >/dev/null || { echo "there is no python3"; exit 77; }
PROGRAM=$TOP/build/tests/e2e/descriptors
COLUMNS=pid,tid,state,syscall,arg0,arg2,ret,args,path

# judge NAME KNOWN DIRECTORY [lossy]: rows on standard input
judge() {
	if python3 -B "$TESTS/e2e/descriptors.py" "$PWD/$3" "$2" ${4:+"$4"} >"$1.said" 2>&1; then
		ok "$1: $(tail -n 1 "$1.said")"
	else
		not_ok "$1" "$1.said"
	fi
}

for i in 1 2 3; do
	mkdir d$i
	"$SYSSTREAM" -q -f $i.sst -- "$PROGRAM" "$PWD/d$i" >$i.log 2>&1 || not_ok "recording" $i.log
	"$SYSDECODE" --no-header --columns=$COLUMNS $i.sst | judge "from a file, $i" 80 d$i
done
"$SYSDECODE" --no-header --columns=$COLUMNS --syscall=lseek,readlink,pread64 1.sst | judge "with --syscall" 80 d1
"$SYSDECODE" --no-header -j 1 --columns=$COLUMNS 1.sst >one.tsv
"$SYSDECODE" --no-header -j 8 --columns=$COLUMNS 1.sst >eight.tsv
check "the same with one thread and with eight" cmp one.tsv eight.tsv

mkdir pipe
"$SYSSTREAM" -q -f - --flush=20ms -- "$PROGRAM" "$PWD/pipe" 2>pipe.log </dev/null |
	"$SYSDECODE" --no-header --columns=$COLUMNS | judge "from a pipe" 50 pipe

mkdir parts
"$SYSSTREAM" -q --rotate-size=64KiB --flush=5ms -f parts.sst -- "$PROGRAM" "$PWD/parts" >parts.log 2>&1
"$SYSDECODE" --no-header --columns=$COLUMNS parts*.sst | judge "in $(find . -name 'parts*.sst' | wc -l) parts" 50 parts

mkdir found
mkfifo found.fifo
"$PROGRAM" "$PWD/found" wait <found.fifo >found.log 2>&1 &
mine+=($!)
exec 9>found.fifo
wait_for 10 test -e found/early
record found.sst -F ${mine[0]} || exit
echo >&9
exec 9>&-
wait "${mine[0]}"
finished
"$SYSDECODE" --no-header --columns=$COLUMNS found.sst | judge "of a process that was there before" 80 found

mkdir lossy
"$SYSSTREAM" -q --flush=20ms --ring-size=64KiB -f lossy.sst -- "$PROGRAM" "$PWD/lossy" >lossy.log 2>&1
"$SYSDECODE" --no-header --columns=$COLUMNS lossy.sst 2>lossy.said | judge "with loss" 0 lossy lossy

# What --files tells of it.
"$SYSDECODE" --files -F tsv --path="$PWD/d1/*renamed" 1.sst | cut -f 5-6,8-9 >renamed.tsv
printf 'op\tret\tpath\tto\nrename\t0\t%s\t%s\nrename\t0\t%s\t%s\n' "$PWD/d1/a" "$PWD/d1/renamed" "$PWD/d1/renamed" "$PWD/d1/a" >wanted.tsv
check "--files --path tells of what was renamed" diff wanted.tsv renamed.tsv
equal "and says what it cannot tell" "" "$("$SYSDECODE" --files --path="/no/*" --no-header 1.sst 2>/dev/null)"
