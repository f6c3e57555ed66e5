#!/bin/sh
# Recordings that overlap in time have, merged, the rows that each has alone: arguments, what was captured, names of files.
. "$TESTS/cli/sysdecode/golden.inc"
columns=--columns=time,pid,tid,comm,syscall,arg0,arg1,arg2,arg3,arg4,arg5,ret,duration,state,seq,args,captured,path
# same FILE... [-- OPTION...]
same() {
	echo "$*:"
	files=
	while [ $# -gt 0 ] && [ "$1" != -- ]; do files="$files $1" && shift; done
	[ $# -eq 0 ] || shift
	for file in $files; do
		"$D" $columns --no-header "$@" $file 2>/dev/null
	done | sort >alone.tsv
	[ -s alone.tsv ] || echo "there is nothing to compare"
	for threads in 1 4; do
		"$D" -j $threads $columns --no-header "$@" $files >merged.tsv 2>/dev/null
		cut -f 1 merged.tsv | sort -nc || echo "-j $threads: out of order"
		sort merged.tsv | diff alone.tsv - && echo "-j $threads: the same $(wc -l <merged.tsv)"
	done
}
same files.sst processes.sst
same files.sst late-text.sst
same files.sst threads.sst states.sst late.sst gaps.sst extreme.sst late-text.sst processes.sst
for filter in --syscall=read --syscall=close,write --pid=901 --failed --slower=1ms --comm=sh; do
	same files.sst threads.sst late-text.sst processes.sst -- $filter
done
echo "in other formats:"
for format in jsonl strace; do
	for file in files.sst late-text.sst; do "$D" -F $format $file; done 2>/dev/null | sort >alone.txt
	"$D" -F $format late-text.sst files.sst 2>/dev/null | sort | diff alone.txt - && echo "$format: the same $(wc -l <alone.txt)"
done
for file in files.sst late-text.sst; do "$D" --files --no-header $file; done | sort >alone.txt
"$D" --files --no-header late-text.sst files.sst | sort | diff alone.txt - && echo "--files: the same $(wc -l <alone.txt)"
