#!/bin/bash
# sandbox.sh - sysdecode never looks at a recording as root, and can do little whoever starts it: /proc says so while it runs
. "$TESTS/e2e/lib.sh"
make=$TOP/build/tests/golden/make
"$make" . && mkfifo in && chmod 755 .

# start COMMAND...: a decoder that has read half of a recording and waits for the rest; sets $target
start() {
	"$@" --columns=tid,syscall in >out 2>err &
	target=$!
	mine+=("$target")
	exec {fifo}>in
	head -c 600 threads.sst >&"$fifo"
	wait_for 10 waits "$target" || not_ok "it waits for the rest" err
}
waits() { grep -q '^State:.S' "/proc/$1/status" && [ "$(status NoNewPrivs)" = 1 ] && [ "$(wc -l <out)" -ge 1 ]; }
end() {
	tail -c +601 threads.sst >&"$fifo"
	exec {fifo}>&-
	wait "$target"
	equal "$1: and decodes" "0 9" "$? $(wc -l <out)"
}
status() { sed -n "s/^$1:[[:space:]]*//p" "/proc/$target/status" | tr '\t' ' ' | sed 's/ *$//'; }
# layers NAME: what everybody has
layers() {
	equal "$1: no_new_privs" 1 "$(status NoNewPrivs)"
	equal "$1: no capabilities" "0000000000000000 0000000000000000 0000000000000000 0000000000000000" \
		"$(status CapInh) $(status CapPrm) $(status CapEff) $(status CapAmb)"
	if ! "$SYSDECODE" --version | grep -q ', seccomp$'; then
		skip "$1: seccomp" "built without libseccomp"
	elif [ -z "$(status Seccomp)" ]; then
		skip "$1: seccomp" "the kernel has none"
	else
		equal "$1: seccomp filters" 2 "$(status Seccomp)"
	fi
}

if [ "$(id -u)" -eq 0 ]; then
	start env -u SUDO_UID -u SUDO_GID "$SYSDECODE"
	equal "root becomes nobody" "65534 65534 65534 65534" "$(status Uid)"
	equal "... in no group of root's" "65534 65534 65534 65534 - " "$(status Gid) - $(status Groups)"
	equal "... and the bounding set is empty" 0000000000000000 "$(status CapBnd)"
	layers "as root"
	end "as root"
	start env SUDO_UID=1234 SUDO_GID=1235 "$SYSDECODE"
	equal "under sudo it becomes the caller" "1234 1234 1234 1234 1235 - " "$(status Uid) $(status Gid | cut -d ' ' -f 1) - $(status Groups)"
	layers "under sudo"
	end "under sudo"
	chmod 600 threads.sst
	equal "a file that only root can read is decoded" 9 "$("$SYSDECODE" threads.sst | wc -l)"
	(cd / && umask 077 && "$SYSDECODE" -o "$OLDPWD/table" "$OLDPWD/threads.sst")
	equal "... to a file that only root can write" "9 0" "$(wc -l <table) $(stat -c %u table)"
	mkdir -m 700 closed
	(cd / && umask 077 && "$SYSDECODE" --rows-per-file=4 -o "$OLDPWD/closed/table.tsv" "$OLDPWD/threads.sst")
	equal "... and in several files" "4 4 3 0" "$(wc -l closed/table.0* | awk '/closed/ { printf "%s ", $1 }')$(stat -c %u closed/table.00003.tsv)"
	"$SYSDECODE" --rows-per-file=4 -o closed/more.tsv --columns=tid in 2>err &
	target=$!
	mine+=("$target")
	exec {fifo}>in
	head -c 600 threads.sst >&"$fifo"
	wait_for 10 test -s closed/more.00001.tsv || not_ok "it waits for the rest" err
	opener=$(children "$target")
	equal "who opens files reads nothing: its descriptors are a folder and a socket" "$(printf '%s\n' "$PWD/closed" socket:)" \
		"$(readlink /proc/"$opener"/fd/* | sed 's/\[.*//' | sort)"
	kill -KILL "$target"
	exec {fifo}>&-
	check "... and it ends with who reads" wait_for 5 test ! -e "/proc/$opener/fd/0" -a ! -d "/proc/$opener/task"
	cp "$SYSDECODE" sysdecode
	setpriv="setpriv --reuid=1234 --regid=1235 --clear-groups"
	if $setpriv ./sysdecode --version >/dev/null 2>&1; then
		start $setpriv ./sysdecode
		equal "anybody else stays who he is" "1234 1234 1234 1234" "$(status Uid)"
		layers "as a user"
		end "as a user"
	else
		skip "as a user" "user 1234 cannot execute files in $PWD"
	fi
else
	skip "as root" "needs root"
	start "$SYSDECODE"
	layers "as a user"
	end "as a user"
fi
