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

record_options=(--data=4096)
compare() {
	local name=$1
	shift
	beside_strace "$name" -s 4096 -- "$@" || return
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
mkdir tree && printf hello | tee tree/{a,b,c} >/dev/null && printf 'int main(void) { return 0; }\n' >program.c

# A server, and what its clients do to it.
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
during_redis() {
	wait_for 20 redis-cli -p "$port" ping
	redis-cli -p "$port" set key value
	redis-cli -p "$port" lrange list 0 -1
	command -v redis-benchmark >/dev/null && timeout 60 redis-benchmark -q -p "$port" -n 200 -c 5 -t get,set,lpush
	redis-cli -p "$port" shutdown nosave
}
cat >nginx.conf <<END
daemon off;
user root;
pid nginx.pid;
error_log error.log;
events {
}
http {
	access_log access.log;
	server {
		listen 127.0.0.1:$((port + 2));
		root $PWD/tree;
		autoindex on;
	}
}
END
during_nginx() {
	wait_for 5 grep -q . nginx.pid
	sleep 0.2
	python3 fetch.py "$((port + 2))"
	kill -QUIT "$(cat nginx.pid)"
}
python3 -m http.server --bind 127.0.0.1 "$((port + 1))" --directory tree >http.log 2>&1 &
mine+=($!)
cat >fetch.py <<'END'
import http.client, sys, urllib.request
base = "http://127.0.0.1:%s/" % sys.argv[1]
print(len(urllib.request.urlopen(base).read()), len(urllib.request.urlopen(base + "a").read()))
client = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]), timeout=10)
for path in "/a", "/none", "/b":
    client.request("GET", path, headers={"X-Test": "1"})
    print(client.getresponse().read()[:20])
END
wait_for 10 grep -q "^Serving" http.log

# A container of one program, as its runtime starts it.
container() {
	into_root bundle/rootfs "$(command -v busybox)" && (cd bundle && runc spec) &&
		python3 - bundle/config.json <<-'END'
			import json, sys
			config = json.load(open(sys.argv[1]))
			config["process"].update(terminal=False, args=["/bin/busybox", "sh", "-c", "busybox ls /; busybox id; busybox hostname"])
			json.dump(config, open(sys.argv[1], "w"))
		END
	runc --root "$PWD/runc" run --bundle bundle "sysstream-test-$$"
}

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
if command -v redis-server >/dev/null && command -v redis-cli >/dev/null; then
	compare redis redis-server --port "$port" --bind 127.0.0.1 --save '' --appendonly no
else
	skip redis "there is no redis-server: make check-apps installs it"
fi
compare nginx nginx -p "$PWD" -c nginx.conf
compare ping ping -c 2 -i 0.2 127.0.0.1
compare http /usr/bin/python3 fetch.py "$((port + 1))"
if ! command -v runc >/dev/null || ! command -v busybox >/dev/null; then
	skip "a container's start" "there is no runc or no busybox: make check-apps installs them"
elif ! container >container.out 2>&1; then
	skip "a container's start" "no container can be started here: $(tail -n 1 container.out)"
else
	compare container runc --root "$PWD/runc" run --bundle bundle "sysstream-test-$$"
fi
compare unshare unshare -m -p -f sh -c 'mount -t proc proc /proc; hostname; ls -l /proc/self/'
