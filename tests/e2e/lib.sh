# lib.sh - what the end-to-end tests share; to be sourced
# shellcheck shell=bash
COMPARE="python3 -B $TESTS/e2e/compare.py"
STORM=$ORACLES/storm
mine=() # processes to end when the test ends

ok() { echo "ok - $1"; }
not_ok() {
	echo "not ok - $1"
	shift
	local file
	for file; do [ -f "$file" ] && { echo "-- $file"; tail -n 30 "$file"; }; done
	return 0
}
skip() { echo "skip - $1: $2"; }
# check NAME COMMAND...: ok if it succeeds
check() {
	local name=$1
	shift
	if "$@" >check.log 2>&1; then ok "$name"; else not_ok "$name" check.log; fi
}
# equal NAME WANTED GOT
equal() {
	if [ "$2" = "$3" ]; then ok "$1"; else printf 'not ok - %s\n  wanted: %s\n  got:    %s\n' "$1" "$2" "$3"; fi
}
# says NAME FILE TEXT: the file contains the text
says() {
	if grep -qF -- "$3" "$2"; then ok "$1"; else printf 'not ok - %s\n  wanted: %s\n  got:\n' "$1" "$3"; sed 's/^/    /' "$2"; fi
}

export SYSSTREAM_TEST=$$.$EPOCHREALTIME

# Numbers of processes are used again: is this one still ours, a child, or begun by one?
is_mine() {
	local stat
	{ read -r stat <"/proc/$1/stat"; } 2>/dev/null || return 1
	stat=(${stat##*) })
	[ "${stat[1]}" = $$ ] || grep -qzx "SYSSTREAM_TEST=$SYSSTREAM_TEST" "/proc/$1/environ" 2>/dev/null
}

end_mine() {
	local pid
	for pid in "${mine[@]}"; do is_mine "$pid" && kill -KILL "$pid" 2>/dev/null; done
	wait 2>/dev/null
}
trap end_mine EXIT
trap 'exit 130' INT TERM

# The whole script is skipped where nothing can be recorded; where it should be possible but is not, that is a failure.
need_recorder() {
	if [ "$(id -u)" -ne 0 ]; then
		echo "skip - recording: needs root"
		exit 77
	fi
	if [ ! -r /sys/kernel/btf/vmlinux ]; then
		echo "skip - recording: the kernel has no /sys/kernel/btf/vmlinux"
		exit 77
	fi
}

# children PID: of a process; not every machine has pgrep. Fails when there are none.
# The recorder's that asks container engines, where there are any, is left out.
children() { grep -lx "PPid:[[:space:]]*$1" /proc/[0-9]*/status 2>/dev/null | xargs -r grep -L '^Name:[[:space:]]*sysstream-ask' 2>/dev/null | tr -dc '0-9\n' | grep .; }

# wait_for SECONDS COMMAND...: until the command succeeds
wait_for() {
	local tries=$(($1 * 100))
	shift
	while ! "$@" >/dev/null 2>&1; do
		tries=$((tries - 1))
		[ $tries -gt 0 ] || return 1
		sleep 0.01
	done
}

# record FILE ARG...: start a recorder in the background and wait until it has attached; sets $recorder. Talk to FILE.log
record() {
	local file=$1
	shift
	: >"$file.log"
	"$SYSSTREAM" -f "$file" "$@" 2>"$file.log" &
	recorder=$!
	mine+=("$recorder")
	wait_for 10 grep -q '^sysstream: recording' "$file.log" && return 0
	not_ok "the recorder does not attach" "$file.log"
	return 1
}

# finish [SIGNAL]: end the recorder; its exit status is in $status
finish() {
	kill "-${1:-INT}" "$recorder" 2>/dev/null
	wait "$recorder"
	status=$?
}

# wait until the recorder has ended by itself
finished() {
	wait "$recorder"
	status=$?
}

# start_waiting NAME COMMAND...: a program that says "ready" and waits for a line; sets $target. go NAME releases it
start_waiting() {
	local name=$1
	shift
	rm -f "$name.go" && mkfifo "$name.go"
	: >"$name.said"
	"$@" <"$name.go" >"$name.said" 2>"$name.err" &
	target=$!
	mine+=("$target")
	exec {go_fd}>"$name.go"
	wait_for 10 grep -q ready "$name.said" || not_ok "$name does not start" "$name.said" "$name.err"
}
go() {
	echo go >&$go_fd
	exec {go_fd}>&-
}

# stopped NAME COMMAND...: a shell that has stopped itself and will become the command; its pid in $shell
stopped() {
	local name=$1
	shift
	bash -c 'kill -STOP $$; exec "$@"' stopped "$@" >"$name.out" 2>"$name.err" </dev/null &
	shell=$!
	mine+=("$shell")
	wait_for 5 grep -q '^State:.T' /proc/$shell/status
}

# watch NAME OPTION...: strace -f with these options attaches to $shell; its pid in $tracer
watch() {
	local name=$1
	shift
	strace -f "$@" -p "$shell" 2>"$name.attached" &
	tracer=$!
	mine+=("$tracer")
	wait_for 10 grep -q attached "$name.attached"
	sleep 0.2
}

# beside_strace NAME [STRACE-OPTION...] -- COMMAND...: the command recorded, with what it starts and the options in the list
# record_options, and watched by strace -f at the same time: NAME.sst and NAME.strace. during_NAME is called while it runs, if
# there is such. Fails, having said why, without a recorder; without the command that is a skip
beside_strace() {
	local name=$1 options=()
	shift
	while [ "$1" != -- ]; do options+=("$1"); shift; done
	shift
	if ! command -v "$1" >/dev/null; then
		skip "$name" "there is no $1"
		return 1
	fi
	stopped "$name" "$@"
	record "$name.sst" "${record_options[@]}" -F "$shell" || return
	watch "$name" "${options[@]}" -o "$name.strace"
	kill -CONT "$shell"
	if declare -F "during_$name" >/dev/null; then "during_$name" >"$name.during" 2>&1; fi
	wait "$shell"
	wait "$tracer"
	finished
}

# "call calls errors" of a summary, sorted; pread64 is pread in our tables
counts() { sed 's/ \(pread\|pwrite\)64$/ \1/' "$1" | awk '$1 ~ /^[0-9.]+$/ && $NF != "total" { print $NF, $4, NF == 6 ? $5 : 0 }' | sort; }

# counts_of_strace FILE.sst: $shell, which is being recorded to it, goes on under strace -c; both have counted the same
counts_of_strace() {
	watch summary -c -o strace.summary
	kill -CONT "$shell"
	wait "$shell"
	wait "$tracer"
	finished
	"$SYSDECODE" --summary "$1" >sysdecode.summary 2>said
	counts strace.summary >wanted
	counts sysdecode.summary >got
	if [ "$(wc -l <wanted)" -gt 20 ] && diff wanted got >diff.log; then
		ok "calls and errors of $(wc -l <wanted) system calls are those of strace -c"
	else
		not_ok "calls and errors are those of strace -c" diff.log said
	fi
}

# into_root ROOT PROGRAM...: into its bin; the libraries that they need, if any, to where they look for them
into_root() {
	local root=$1 lib
	shift
	mkdir -p "$root/bin" && cp "$@" "$root/bin/" || return
	for lib in $(ldd "$@" 2>/dev/null | grep -o '/[^ ]*' | sort -u); do
		[ ! -f "$lib" ] || { mkdir -p "$root${lib%/*}" && cp -L "$lib" "$root$lib"; }
	done
}
