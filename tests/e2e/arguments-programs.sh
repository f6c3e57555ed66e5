#!/bin/bash
# arguments-programs.sh - real programs, watched by strace -f and recorded at the same time with what they read and write: the args
# column has strace's text for 99 of 100 calls, but for what the manual page names
# timeout: 300
. "$TESTS/e2e/lib.sh"
need_recorder
case $(strace -V 2>/dev/null | head -n 1) in
*"version 6.1") ;;
*)
	echo "skip - comparison of arguments with strace: there is no strace 6.1, whose words they are"
	exit 77
	;;
esac
if ! strace -o /dev/null true 2>strace.err; then
	echo "skip - comparison of arguments with strace: $(tail -n 1 strace.err)"
	exit 77
fi

# A shell stops itself, both attach to it, then it becomes the program.
compare() {
	local name=$1 shell tracer
	shift
	if ! command -v "$1" >/dev/null; then
		skip "$name" "there is no $1"
		return
	fi
	bash -c 'kill -STOP $$; exec "$@"' stopped "$@" >"$name.out" 2>"$name.err" </dev/null &
	shell=$!
	mine+=("$shell")
	wait_for 5 grep -q '^State:.T' /proc/$shell/status
	record "$name.sst" --data=4096 -F $shell || return
	strace -f -s 4096 -o "$name.strace" -p $shell 2>"$name.attached" &
	tracer=$!
	mine+=("$tracer")
	wait_for 10 grep -q attached "$name.attached"
	sleep 0.2
	kill -CONT $shell
	wait $shell
	wait $tracer
	finished
	if "$SYSDECODE" --no-header --columns=tid,syscall,args,state "$name.sst" >"$name.tsv" 2>"$name.said" &&
		python3 -B "$TESTS/e2e/arguments_of.py" "$name.strace" "$name.tsv" "$TESTS/e2e/arguments.known" >"$name.diff"; then
		ok "$name: $(tail -n 1 "$name.diff")"
	else
		not_ok "$name" "$name.diff" "$name.said" "$name.sst.log"
	fi
}

# Connects to itself and talks over TCP and a socket with a name.
cat >client.py <<'END'
import socket
import threading

def serve(server):
    connection, _ = server.accept()
    connection.sendall(connection.recv(100)[::-1])
    connection.close()

for family, address in (socket.AF_INET, ("127.0.0.1", 0)), (socket.AF_INET6, ("::1", 0)), (socket.AF_UNIX, "socket"):
    try:
        server = socket.socket(family, socket.SOCK_STREAM)
        server.bind(address)
    except OSError:
        continue
    server.listen(5)
    threading.Thread(target=serve, args=(server,), daemon=True).start()
    client = socket.socket(family)
    client.connect(server.getsockname())
    client.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    client.sendall(b"hello")
    client.recv(100)
END
mkdir tree && touch tree/{a,b,c} && printf 'int main(void) { return 0; }\n' >program.c

compare bash bash -c 'for i in 1 2 3; do x=$(echo $i); [ -f /etc/passwd ] && read -r a </etc/passwd; done; ls /; umask'
compare python /usr/bin/python3 -c 'import json, subprocess, os; print(len(os.listdir("/etc"))); subprocess.run(["true"])'
compare client /usr/bin/python3 client.py
compare git git -C "$TOP" log --oneline -3
compare gcc gcc -c program.c -o program.o
compare find find /usr/share/doc -maxdepth 1
compare tar tar cf tree.tar tree
compare make make -s -C "$TOP" help
compare grep grep -r include "$TOP/format"
compare dd dd if=/dev/zero of=zeros bs=4096 count=200
compare sort sort /etc/passwd
compare unshare unshare -m -p -f sh -c 'mount -t proc proc /proc; hostname; ls -l /proc/self/'
