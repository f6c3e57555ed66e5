#!/bin/bash
# demo.sh - the main job, shown: record a running server by its PID, and a command from its first call on; look at the tables
cd "$(dirname "$0")/.." || exit 1
export LC_ALL=C
dir=$(mktemp -d) || exit 1
server=''
cleanup() {
	[ -n "$server" ] && kill "$server" 2>/dev/null
	rm -rf "$dir"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

if [ "$(id -u)" -ne 0 ]; then
	echo "demo.sh: recording needs root: sudo make demo" >&2
	exit 1
fi
if [ -t 1 ]; then bold=$'\033[1m' plain=$'\033[0m'; else bold='' plain=''; fi

step() { printf '\n%s%s%s\n' "$bold" "$1" "$plain"; }
typed() { printf '%s$ %s%s\n' "$bold" "$*" "$plain"; }
# The first rows of a table from standard input, in columns as wide as they must be; not wider than the terminal.
width=$(stty size <&1 2>/dev/null | cut -d ' ' -f 2)
aligned() {
	awk -F '\t' -v rows="$1" -v width="${width:-0}" '
		NR > rows + 1 { next }
		{ for (i = 1; i <= NF; i++) { cell[NR, i] = $i; if (length($i) > wide[i]) wide[i] = length($i) } n = NF; last = NR }
		END {
			for (r = 1; r <= last; r++) {
				line = " "
				for (i = 1; i <= n; i++) line = line " " sprintf("%-" wide[i] "s", cell[r, i])
				sub(/ +$/, "", line)
				print width ? substr(line, 1, width) : line
			}
		}'
}
columns=--columns=time,tid,comm,syscall,arg0,arg1,ret,errno,duration

step "1. A server is running. Record all it does, by its PID, for as long as you like."
(cd "$dir" && exec python3 -u -m http.server --bind 127.0.0.1 0 >said 2>&1) &
server=$!
for _ in $(seq 200); do
	port=$(sed -n 's/.* port \([0-9]*\).*/\1/p' "$dir/said" 2>/dev/null)
	[ -n "$port" ] && break
	sleep 0.05
done
if [ -z "$port" ]; then
	cat "$dir/said" >&2
	exit 1
fi
typed "sudo sysstream -f server.sst $server        # python3 -m http.server, port $port"
build/sysstream -f "$dir/server.sst" "$server" 2>"$dir/log" &
recorder=$!
for _ in $(seq 200); do
	grep -qs recording "$dir/log" && break
	kill -0 $recorder 2>/dev/null || break
	sleep 0.05
done
for _ in 1 2 3 4 5 6 7; do
	(exec 3<>"/dev/tcp/127.0.0.1/$port" && printf 'GET / HTTP/1.0\r\n\r\n' >&3 && cat <&3 >/dev/null)
done
sleep 0.3
kill -INT $recorder
wait $recorder
status=$?
sed "s|$dir/||" "$dir/log"
if [ $status -ne 0 ]; then
	exit $status
fi

step "2. The table: a row for each call."
typed "sysdecode server.sst > server.tsv           # $(build/sysdecode --no-header "$dir/server.sst" | wc -l) rows; here the first of one request:"
# From accept on, and fewer columns, so that it fits a terminal.
build/sysdecode $columns "$dir/server.sst" | awk -F '\t' 'NR == 1 || seen || $4 ~ /^accept/ { if (NR > 1) seen = 1; print }' | aligned 14

step "3. A command, from its first call to its last."
typed "sudo sysstream -f gzip.sst -- gzip -k /bin/bash"
cp /bin/bash "$dir/bash"
build/sysstream -f "$dir/gzip.sst" -- gzip -k "$dir/bash" 2>&1 | sed "s|$dir/||g"
typed "sysdecode gzip.sst | head"
build/sysdecode $columns "$dir/gzip.sst" | aligned 9
typed "sysdecode --verify gzip.sst"
(cd "$dir" && "$OLDPWD/build/sysdecode" --verify gzip.sst)

step "Next, with a process of your own (stop with Ctrl-C), and the table for a spreadsheet or database:"
echo "  sudo $PWD/build/sysstream PID"
echo "  $PWD/build/sysdecode trace.sst > trace.tsv"
