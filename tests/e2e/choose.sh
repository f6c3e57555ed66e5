#!/bin/bash
# choose.sh - processes by name, user, tree and PID namespace
# timeout: 120
. "$TESTS/e2e/lib.sh"
need_recorder

columns() { "$SYSDECODE" --no-header --columns="$2" "$1" 2>/dev/null; }
whole() {
	"$SYSDECODE" --verify "$1" >verify.out 2>&1
	equal "$1 is whole and complete" 0 $?
}
# named REGEX: processes of this directory's programs; not every machine has pgrep
named() {
	local exe
	for exe in /proc/[0-9]*/exe; do
		[[ $(readlink "$exe" 2>/dev/null) =~ ^$PWD/($1)$ ]] && exe=${exe%/exe} && echo "${exe#/proc/}"
	done | grep .
}
nap=$(command -v sleep)
cp "$nap" napper && cp "$nap" other

# --- names and users, by both kinds of hooks
for hooks in btf classic; do
# --- names
./napper 100 & old=$!
./other 100 & mine+=("$old" $!)
record names.sst --hooks=$hooks --force -c napper
./napper 0.01
./other 0.01
bash -c 'exec -a x ./other 0.01'
perl -e '$0 = "napper"; getppid for 1..7; $0 = "renamed"; getppid for 1..1000' 2>/dev/null
kill "$old"
finish
whole names.sst
equal "$hooks, -c: only that name" "napper" "$(columns names.sst comm | grep -vxE 'perl|bash' | sort -u | tr '\n' ' ' | sed 's/ $//; s/ renamed//')"
check "$hooks, -c: one that was there" grep -qx "$old" <(columns names.sst pid)
check "$hooks, -c: one that came, with all of its program" sh -c "[ $(columns names.sst pid | sort -u | wc -l) -ge 2 ]"
equal "$hooks, -c: a process that takes the name, for as long as it has it" 7 "$(columns names.sst syscall | grep -c getppid)"
# --- users
setpriv --reuid=54321 --clear-groups ./napper 100 & there=$!
mine+=("$there")
record users.sst --hooks=$hooks --force --uid 54321
setpriv --reuid=54321 --clear-groups ./other 0.01
./other 0.01
/usr/bin/python3 -c 'import os
os.setuid(54321)
for i in range(11): os.getppid()' 2>/dev/null
kill "$there"
finish
whole users.sst
check "$hooks, --uid: one that was there" grep -qx "$there" <(columns users.sst pid)
check "$hooks, --uid: one that came" grep -qx other <(columns users.sst comm)
equal "$hooks, --uid: one that has become that user" 11 "$(columns users.sst syscall | grep -c getppid)"
equal "$hooks, --uid: nobody else's" 3 "$(columns users.sst pid | sort -u | wc -l)"
done
"$SYSSTREAM" -f no.sst -c longer-than-fifteen 2>bad.err
equal "-c with too long a name: status" 2 $?
says "-c with too long a name: says so" bad.err "the kernel keeps 15 characters of a name"

"$SYSSTREAM" -f no.sst --uid nobody-of-that-name 2>bad.err
equal "--uid of nobody: status" 2 $?

# --- trees
bash -c 'bash -c "./napper 1000; true" & bash -c "bash -c \"./other 1000; true\"; true" & wait' & root=$!
mine+=("$root")
wait_for 5 named other
mine+=($(named 'napper|other'))
record tree.sst --tree "$root"
record one.sst --tree=1 "$root"
kill $(named 'napper|other')
wait "$root"
finish
wait
whole tree.sst
equal "--tree: six processes, and all that they do next" 6 "$(columns tree.sst pid | sort -u | wc -l)"
equal "--tree=1: the children, not theirs" 3 "$(columns one.sst pid | sort -u | wc -l)"

# --- PID namespaces
if ! unshare -pf --mount-proc true 2>/dev/null; then
	skip "PID namespaces" "unshare is not allowed here"
	exit 0
fi
unshare -pf --mount-proc bash -c '"$0" -q -f inside.sst -- ./napper 0.01 ; ./other 2 & sleep 0.1; "$0" -q -f given.sst $!; wait' "$SYSSTREAM" 2>inside.err
whole inside.sst
whole given.sst
check "in a container: a command" grep -qx napper <(columns inside.sst comm)
check "in a container: its own PIDs" grep -qx other <(columns given.sst comm)
check "in a container: the numbers are the kernel's" sh -c "[ $(columns given.sst pid | sort -u | head -n 1) -gt 20 ]"

unshare -pf --mount-proc bash -c './other 1000 & ./napper 1000; true' & unshare=$!
mine+=("$unshare")
wait_for 5 named napper
wait_for 5 named other
inner=$(named napper)
there=$(named other)
mine+=("$there" "$inner")
number=$(awk '/^NSpid/ { print $NF }' "/proc/$inner/status")
record ns.sst --pidns="$inner" "$number"
finish
equal "--pidns: a container's number means its process" "$inner" "$(columns ns.sst pid | sort -u)"
"$SYSSTREAM" -f no.sst --pidns="$there" 4000000 2>bad.err
equal "--pidns: nobody of that number: status" 4 $?
says "--pidns: nobody of that number: says so" bad.err "no such process in the PID namespace"
