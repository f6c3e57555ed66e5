#!/bin/bash
# metrics.sh - sysdecode --metrics: the sums of the table, in a form that Prometheus takes; hostile requests; a live recorder
# timeout: 240
. "$TESTS/e2e/lib.sh"
ask() { python3 -B "$TESTS/e2e/metrics.py" "$@"; }
reason=$(: | "$SYSDECODE" --metrics=127.0.0.1:0 2>&1 | grep -o 'built without libmicrohttpd\|libmicrohttpd, which cannot be loaded')
if [ -n "$reason" ]; then
	echo "skip - metrics: $reason"
	exit 77
fi
"$TOP/build/tests/golden/make" . && "$TOP/build/tests/long/hostile" . && mkfifo in || exit 1

# serve NAME OPTION...: a decoder that reads from $fifo; sets $decoder and $port
serve() {
	local name=$1
	shift
	"$SYSDECODE" --metrics=127.0.0.1:0 "$@" <in >"$name.out" 2>"$name.err" &
	decoder=$!
	mine+=("$decoder")
	exec {fifo}>in
	listens "$name"
}
# listens NAME: sets $port
listens() {
	wait_for 10 grep -q '/metrics$' "$1.err" || not_ok "$1: it listens" "$1.err"
	port=$(sed -n 's,.*http://127.0.0.1:\([0-9]*\)/metrics$,\1,p' "$1.err")
	url=http://127.0.0.1:$port/metrics
}
finish_serving() {
	exec {fifo}>&-
	wait "$decoder"
	equal "$1: it ends with the recording and has written nothing else" "0 0" "$? $(wc -c <"$1.out")"
}

# sums PAGE: "abi call calls nanoseconds bytes", sorted
sums() {
	sed -n 's/^\(sysstream_[a-z_]*\){syscall="\([^"]*\)",abi="\([^"]*\)"} \(.*\)/\1 \3 \2 \4/p' "$1" | awk '
		{ k = $2 " " $3 }
		$1 == "sysstream_syscalls_total" { n[k] = $4 }
		$1 == "sysstream_syscall_bytes_total" { b[k] = $4 }
		$1 == "sysstream_syscall_duration_seconds_sum" { sub(/\./, "", $4); t[k] = $4 }
		END { for (k in n) printf "%s %d %.0f %d\n", k, n[k], t[k], b[k] }' | sort
}
# ... and those of the statistics. Calls that have not returned are not counted here
stats() {
	"$SYSDECODE" --stats --by=syscall -F tsv --no-header "$1" | awk -F'\t' '
		$1 == "calls" && $4 > $6 { sub(/\./, "", $7); printf "%s %s %d %.0f %d\n", $2, $3, $4 - $6, $7, $12 }' | sort
}

from_a_pipe() {
	local file
	for file in threads states; do
		[ -f $file.sst ] || continue
		serve $file
		cat $file.sst >&"$fifo"
		ask until "$url" 'sysstream_recordings_total 1' "sysstream_frames_total $(frames $file.sst)" >page.late
		ask get "$url" >$file.page
		stats $file.sst >wanted
		sums $file.page >got
		if [ -s wanted ] && diff wanted got >diff.log; then
			ok "$file: sums are those of --stats"
		else
			not_ok "$file: sums are those of --stats" diff.log page.late
		fi
		check_page $file
		finish_serving $file
	done
}
frames() { "$SYSDECODE" --info "$1" | sed -n 's/^frames *\([0-9]*\).*/\1/p'; }
check_page() {
	if command -v promtool >/dev/null; then
		check "$1: promtool finds nothing wrong with the page" promtool check metrics <"$1.page"
	else
		skip "$1: promtool check metrics" "promtool is not installed (prometheus)"
	fi
}

# As many series as a hostile recording can make, and whoever asks for them
hostile() {
	local file
	serve hostile --by=thread,comm,syscall
	cat threads.sst >&"$fifo"
	for file in *.sst; do [ "$(stat -c %s "$file")" -gt 100000 ] && cat "$file"; done >&"$fifo" &
	mine+=("$!")
	for _ in 1 2 3 4 5 6 7 8; do ask get "$url" >hostile.page; sleep 0.3; done
	check "hostile requests" ask rude "$port" "$decoder"
	check "requests that never end" ask patient "$port"
	ask get "$url" >hostile.page
	check_page hostile
	kill -KILL "$decoder"
	wait "$decoder" 2>/dev/null
	exec {fifo}>&-
}

usage() {
	"$SYSDECODE" --metrics=0 threads.sst >out 2>err
	equal "a file that is complete is refused" 1 "$?"
	says "... and told why" err "a recording that goes on"
	serve first
	"$SYSDECODE" --metrics=$port <in >out 2>err
	equal "a port that is taken" 1 "$?"
	says "... is said" err "--metrics: 127.0.0.1:$port: Address already in use"
	cat threads.sst >&"$fifo"
	finish_serving first
}

follow() {
	head -c 600 threads.sst >growing.sst
	"$SYSDECODE" --metrics=0 --follow growing.sst >follow.out 2>follow.err &
	decoder=$!
	mine+=("$decoder")
	listens follow
	check "a growing file: its beginning" ask until "$url" 'sysstream_recordings_total 1'
	tail -c +601 threads.sst >>growing.sst
	wait "$decoder"
	equal "... it ends with the recording" 0 "$?"
}

# A recorder, and a Prometheus if there is one
live() {
	start_waiting storm "$STORM" - 5000 1 wait
	mkfifo live.pipe
	"$SYSDECODE" --metrics=0 --by=comm,syscall live.pipe >live.out 2>live.err &
	decoder=$!
	mine+=("$decoder")
	"$SYSSTREAM" -q -f live.pipe -F $$ $target 2>live.log &
	recorder=$!
	mine+=("$recorder")
	listens live
	ask until "$url" 'sysstream_recordings_total 1' >live.page || not_ok "the recording begins" live.log live.page
	prometheus_begins
	go storm
	wait "$target"
	check "live: all calls of the storm" ask until "$url" \
		'sysstream_syscalls_total{comm="storm",syscall="getppid",abi="x86_64"} 5000' 'sysstream_lost_calls_total{cause="ring-full"} 0'
	(exit 0) & # a child of this shell, which is recorded with -F
	wait $!
	check "live: processes begin and end" python3 -B - "$url" <<'EOF'
import sys, time, urllib.request
for _ in range(200):
    page = urllib.request.urlopen(sys.argv[1]).read().decode()
    value = {line.split()[0]: float(line.split()[1]) for line in page.split("\n") if line and line[0] != "#" and "{" not in line}
    if value["sysstream_process_starts_total"] >= 1 and value["sysstream_process_exits_total"] >= 2:
        break
    time.sleep(0.05)
else:
    sys.exit(page)
age = time.time() - value["sysstream_recorded_until_timestamp_seconds"]
assert -1 < age < 60, age
EOF
	ask get "$url" >live.page
	check_page live
	check "live: the dashboard asks for what there is" ask dashboard "$TOP/docs/grafana.json" live.page
	prometheus_ends
	finish
	wait "$decoder"
	equal "live: it ends with the recorder" 0 "$?"
}
# The same of calls that were counted, not recorded: what is asked again and again never goes back, and adds up in the end.
tallied() {
	local tee
	mkfifo tallied.pipe tallied.copy
	"$SYSDECODE" --metrics=0 --by=comm,syscall tallied.copy >tallied.out 2>tallied.err &
	decoder=$!
	mine+=("$decoder")
	tee tallied.sst <tallied.pipe >tallied.copy &
	tee=$!
	mine+=("$tee")
	start_waiting storm "$STORM" - 200000 2 wait
	"$SYSSTREAM" -q --tally=50ms -f tallied.pipe $$ $target 2>tallied.log &
	recorder=$!
	mine+=("$recorder")
	listens tallied
	ask until "$url" 'sysstream_recordings_total 1' >tallied.page || not_ok "the tally begins" tallied.log tallied.page
	go storm
	check "a tally: counters never go back" ask forward "$url" 30 0.05
	wait "$target"
	check "a tally: all calls of the storm" ask until "$url" \
		'sysstream_syscalls_total{comm="storm",syscall="getppid",abi="x86_64"} 400000' 'sysstream_lost_calls_total{cause="ring-full"} 0'
	ask get "$url" >tallied.page
	check_page tallied
	check "a tally: the recorder tells of its ring buffers, bytes and time" wait_for 20 is_healthy
	finish
	wait "$tee" "$decoder"
	equal "a tally: it ends with the recorder" 0 "$?"
	"$SYSDECODE" --stats --by=comm,syscall -F tsv --no-header tallied.sst | awk -F'\t' '$2 == "storm" && $4 ~ /^(getppid|write|read|futex)$/ {
		sub(/\./, "", $8); printf "%s %d %d %.0f %d\n", $4, $5, $6, $8, $13 }' | sort >wanted
	tr '{}",=' '     ' <tallied.page | awk '$3 != "storm" { next } { c = $5 }
		$1 == "sysstream_syscalls_total" { n[c] = $8 } $1 == "sysstream_syscall_bytes_total" { b[c] = $8 }
		$1 == "sysstream_syscall_errors_total" { e[c] += $10 }
		$1 == "sysstream_syscall_duration_seconds_sum" { sub(/\./, "", $8); t[c] = $8 }
		END { for (c in n) if (c ~ /^(getppid|write|read|futex)$/) printf "%s %d %d %.0f %d\n", c, n[c], e[c], t[c], b[c] }' | sort >got
	if [ -s wanted ] && diff wanted got >diff.log; then
		ok "a tally: sums are those of --stats"
	else
		not_ok "a tally: sums are those of --stats" diff.log
	fi
}

# What the recorder says of itself, every few seconds
is_healthy() {
	ask get "$url" | awk '
		/^sysstream_ring_bytes / { size = $2 } /^sysstream_ring_used_bytes / { used = $2 }
		/^sysstream_written_bytes_total / { bytes = $2 } /^sysstream_recorder_cpu_seconds_total / { cpu = $2 }
		END { exit !(size >= 65536 && used > 0 && used <= size && bytes > 0 && cpu > 0) }'
}

unit() {
	sed "s,/usr/local/sbin/,$TOP/build/,; s,/usr/local/bin/,$TOP/build/," "$TOP/docs/sysstream-metrics.service" >sysstream-metrics.service
	if command -v systemd-analyze >/dev/null; then
		check "the unit is one that systemd takes" systemd-analyze verify --man=no ./sysstream-metrics.service
	else
		skip "the unit is one that systemd takes" "systemd-analyze is not installed"
	fi
	if [ "$(id -u)" -ne 0 ] || [ ! -r /sys/kernel/btf/vmlinux ]; then
		skip "the unit's command" "nothing can be recorded here"
		return
	fi
	local command recorder
	command=$(sed -n 's/^ExecStart=//p' sysstream-metrics.service)
	command=${command/\$RECORD/-a}
	command=${command/\$\{LISTEN\}/127.0.0.1:0}
	$command >unit.out 2>unit.err &
	recorder=$!
	mine+=("$recorder")
	listens unit
	wait_for 20 eval 'ask get "$url" | grep -q "^sys_openat_calls_total [1-9]"'
	equal "the unit's command answers, once calls have been recorded" 0 $?
	kill -TERM "$recorder"
	wait "$recorder"
	equal "... and ends when systemd ends it" "0" "$?"
}
prometheus_begins() {
	prometheus=''
	command -v prometheus >/dev/null || return
	prometheus_port=$((20000 + $$ % 10000))
	cat >prometheus.yml <<EOF
global: {scrape_interval: 1s, scrape_timeout: 1s}
scrape_configs: [{job_name: sysstream, static_configs: [{targets: ["127.0.0.1:$port"]}]}]
EOF
	prometheus --config.file=prometheus.yml --storage.tsdb.path=tsdb --web.listen-address=127.0.0.1:$prometheus_port \
		>prometheus.log 2>&1 &
	prometheus=$!
	mine+=("$prometheus")
}
prometheus_ends() {
	if [ -z "$prometheus" ]; then
		skip "a Prometheus server" "prometheus is not installed"
		return
	fi
	equal "Prometheus has scraped it twice" 2 "$(ask query $prometheus_port 'count_over_time(up{job="sysstream"}[1m] @ end()) >= 2' 2>prometheus.err | awk '{ print ($1 >= 2 ? 2 : $1) }')"
	equal "... and answers what was called how often" 5000 "$(ask query $prometheus_port 'sysstream_syscalls_total{comm="storm",syscall="getppid"} >= 5000' 2>>prometheus.err)"
	check "... and every query of the dashboard" ask dashboard "$TOP/docs/grafana.json" live.page $prometheus_port
	kill "$prometheus" && wait "$prometheus" 2>/dev/null
}

# The library is loaded for --metrics only, and where it is gone that is said.
library_is_gone() {
	local library
	library=$(ldconfig -p 2>/dev/null | sed -n 's/.*libmicrohttpd\.so.* => //p' | head -n 1)
	if [ "$(id -u)" -ne 0 ] || [ -z "$library" ] || ! unshare -m mount --bind /dev/null "$(readlink -f "$library")" 2>/dev/null; then
		skip "a library that is gone" "needs root, mounts and a shared libmicrohttpd"
		return
	fi
	# shellcheck disable=SC2016
	equal "without its library" "sysdecode: --metrics needs libmicrohttpd, which cannot be loaded: 1" \
		"$(: | unshare -m sh -c 'mount --bind /dev/null "$1"; "$2" --metrics=127.0.0.1:0; echo $?' sh \
			"$(readlink -f "$library")" "$SYSDECODE" 2>&1 | sed 's/\(loaded: \).*/\1/' | tr -d '\n')"
}

from_a_pipe
usage
library_is_gone
follow
hostile
if [ "$(id -u)" -ne 0 ] || [ ! -r /sys/kernel/btf/vmlinux ]; then
	skip "live" "needs root and a kernel with BTF"
else
	live
	tallied
fi
unit
