#!/bin/bash
# view.sh - what is being recorded, shown by sysdecode as a child: alone and beside a file, its rights, its end
# timeout: 180
. "$TESTS/e2e/lib.sh"
need_recorder

# complete TABLE: each call once, as from a file; a pipe shows a call that is open first, and once more
complete() {
	awk -F '\t' '{ open = $17 == "unfinished" || ($17 == "midway" && $14 == "") }
		NR == FNR { if (!open) done[$3, $1] = 1; next } !open || !(($3, $1) in done)' "$1" "$1"
}
COLUMNS18=--columns=time,pid,tid,comm,abi,nr,syscall,arg0,arg1,arg2,arg3,arg4,arg5,ret,errno,duration,state,note
# the sysdecode that is a child of $recorder
view_of() { grep -lx "PPid:[[:space:]]*$1" /proc/[0-9]*/status 2>/dev/null | xargs -r grep -l '^Name:[[:space:]]*sysdecode' | tr -dc '0-9\n'; }

# --- alone
"$SYSSTREAM" --view=tsv -- sh -c 'echo to stderr; cat /etc/hostname /nowhere; exit 7' >alone.tsv 2>alone.err
equal "the command's status is ours" 7 $?
says "its output goes to standard error" alone.err "to stderr"
says "the view is the output" alone.err "to the view; Ctrl-C ends it"
check "the view is a table" $COMPARE sane alone.tsv
check "nothing else is in it" awk -F '\t' 'NR == 1 { n = NF } NF != n { exit 1 }' alone.tsv
check "the command's calls are in it" grep -qP '\texecve\t' alone.tsv
equal "no file is written" "" "$(ls ./*.sst 2>/dev/null)"

timeout 20 "$SYSSTREAM" --view='tsv --columns=syscall,errno --failed --no-header' -- cat /nowhere >failed.tsv 2>failed.err
check "options of sysdecode" grep -qxP 'openat\tENOENT' failed.tsv
equal "a filter of its" "" "$(awk -F '\t' '$2 == ""' failed.tsv)"

# --- a reader that has seen enough
timeout 20 "$SYSSTREAM" --view=tsv -- sh -c 'while :; do cat /nowhere; done' 2>enough.err | head -n 3 >enough.tsv
equal "head ends the recording" "0 0" "${PIPESTATUS[*]}"
equal "head has its lines" 3 "$(wc -l <enough.tsv)"
equal "nothing is called lost then" "" "$(grep -i lost: enough.err)"
mine+=("$(grep -o 'sh\[[0-9]*' enough.err | tr -dc 0-9)") # the command goes on

rm -f beside.sst
timeout 20 "$SYSSTREAM" --view=tsv -f beside.sst -- sh -c 'for i in 1 2 3 4 5 6 7 8 9; do cat /nowhere; sleep 0.1; done' 2>beside.err | head -n 3 >beside.tsv
equal "with a file the recording goes on" "0 0" "${PIPESTATUS[*]}"
says "and that is said" beside.err "the view has ended; the recording goes on"
check "the file is whole and complete" "$SYSDECODE" --verify beside.sst
equal "the file has all" 9 "$("$SYSDECODE" --no-header --columns=syscall,comm beside.sst | grep -cP 'exit_group\tcat')"

# --- beside a file: the same calls
for view in tsv processes; do
	rm -f both.sst
	[ $view = tsv ] && options=$COLUMNS18 || options=--processes
	"$SYSSTREAM" --view="$view $options" -f both.sst -- sh -c 'ls / | sort; (exit 3); sleep 0.3; kill -9 $$' >both.view 2>both.err
	equal "$view: status of a command that was killed" 137 $?
	"$SYSDECODE" $options both.sst 2>&1 | sort >both.want
	complete both.view | sort >both.got
	check "$view: the file and the view agree" cmp both.want both.got
done
says "the exit status is there" both.view "[3] ("
says "the signal is there" both.view "[SIGKILL]"

# --- parts
rm -f part.*.sst
"$SYSSTREAM" --view="tsv $COLUMNS18" -f part.sst --rotate-size=64K -- sh -c 'i=0; while [ $i -lt 400 ]; do cat /nowhere; i=$((i + 1)); done' >part.view 2>part.err
check "there are several parts" test -f part.00002.sst
equal "one header" 1 "$(grep -c '^time' part.view)"
"$SYSDECODE" $COLUMNS18 part.*.sst 2>/dev/null | sort >part.want
complete part.view | sort >part.got
check "the view has all parts" cmp part.want part.got
equal "nothing is called damaged" "" "$(grep -i 'sysdecode:' part.err)"

# --- its rights: none, whoever starts it
rights() { # NAME UID: of $view
	local status=/proc/$view/status
	equal "$1: user" "$2 $2 $2 $2" "$(sed -n 's/^Uid:[[:space:]]*//p' $status | tr '\t' ' ')"
	equal "$1: capabilities" "0000000000000000" "$(sed -n 's/^Cap\(Prm\|Eff\|Inh\|Amb\|Bnd\):[[:space:]]*//p' $status | sort -u)"
	equal "$1: no_new_privs" 1 "$(sed -n 's/^NoNewPrivs:[[:space:]]*//p' $status)"
}
for user in '' 1000; do
	env -u SUDO_UID -u SUDO_GID ${user:+SUDO_UID=$user SUDO_GID=$user} "$SYSSTREAM" --view=tsv -a >all$user.tsv 2>all$user.err &
	recorder=$!
	mine+=("$recorder")
	wait_for 10 grep -q 'recording every process' all$user.err
	view=$(view_of $recorder)
	rights "${user:-nobody}" "${user:-65534}"
	cat /nowhere 2>/dev/null
	sleep 0.3
	# Ctrl-C reaches both
	kill -INT "$recorder" "$view"
	wait "$recorder"
	equal "${user:-nobody}: Ctrl-C" 0 $?
	check "${user:-nobody}: the rest is shown after it" grep -qP '\tcat\t.*\topenat\t' all$user.tsv
	equal "${user:-nobody}: what shows the recording is not in it" "" "$(awk -F '\t' -v view="$view" '$2 == view' all$user.tsv | head -n 3)"
done

# --- the recorder is killed: what has arrived is shown
"$SYSSTREAM" --view=tsv -- sh -c 'cat /nowhere; sleep 100' >killed.tsv 2>killed.err &
recorder=$!
mine+=("$recorder")
wait_for 10 grep -q nowhere killed.err
wait_for 10 grep -q openat killed.tsv
view=$(view_of $recorder)
mine+=("$(grep -o 'sh\[[0-9]*' killed.err | tr -dc 0-9)")
kill -KILL "$recorder"
wait "$recorder" 2>/dev/null
check "the view ends with its recorder" wait_for 10 test ! -d /proc/"${view:-0}"
says "and says what is missing" killed.err "cut short"

# --- what cannot be
"$SYSSTREAM" --view='tsv --bogus' -- true >/dev/null 2>bogus.err
equal "an option that sysdecode does not have" 1 $?
says "the view's own message" bogus.err "no such option '--bogus'"
says "and ours" bogus.err "the view has failed with status 2"
mkdir -p lonely && cp "$SYSSTREAM" lonely/sysstream
lonely/sysstream --view=tsv -- true >/dev/null 2>lonely.err
equal "without sysdecode" 1 $?
says "says where it was looked for" lonely.err "sysdecode is neither in"
PATH=$PWD/evil:$PATH
mkdir -p evil && printf '#!/bin/sh\necho evil\n' >evil/sysdecode && chmod +x evil/sysdecode
equal "a sysdecode of PATH is not taken" "" "$("$SYSSTREAM" --view=tsv -- true 2>/dev/null | grep evil)"
