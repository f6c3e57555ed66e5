#!/bin/bash
# containers.sh - --containers, --container, and what the stream says of where a process is: with control groups of our own
# that are called as engines call them, and with containers of a real Docker engine
# timeout: 240
. "$TESTS/e2e/lib.sh"
need_recorder
shopt -s nullglob

# sums FILE NAME...: calls of getppid by container, "web=100 db=50"
sums() { "$SYSDECODE" --stats --by=container --syscall=getppid --comm=storm --format=tsv "${@:2}" "$1" 2>sums.err | awk -F '\t' 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next } { print $at["container"] "=" $at["calls"] }' | sort | xargs; }
# column FILE NAME ARG...: the different values of a column
column() { "$SYSDECODE" --no-header --columns="$2" "${@:3}" "$1" | sort -u | xargs; }
unset DOCKER_HOST # nobody else's engine is asked
daemon=

# --- control groups of our own
groups=
for dir in /sys/fs/cgroup/unified /sys/fs/cgroup /sys/fs/cgroup/pids; do
	[ -w "$dir/cgroup.procs" ] && groups=$dir && break
done
ID1=$(printf 'abc1%060x' $$) ID2=$(printf 'def2%060x' $$)
top=$groups/sysstream-test-$$
made=()
group() { mkdir -p "$1" 2>/dev/null && made=("$1" "${made[@]}"); }
remove_groups() {
	[ -n "$daemon" ] && stop_daemon
	end_mine
	local dir
	for dir in "${made[@]}" "$top/docker" "$top/kubepods" "$top"; do rmdir "$dir" 2>/dev/null; done
	return 0
}
trap remove_groups EXIT
# within GROUP COMMAND...: run it there
within() {
	local dir=$1
	shift
	sh -c 'echo $$ >"$0/cgroup.procs" && exec "$@"' "$dir" "$@"
}

if [ -z "$groups" ] || ! mkdir "$top" 2>/dev/null; then
	skip "control groups of our own" "none can be made in /sys/fs/cgroup"
else
	# the names of different engines, and some that are not of a container
	group "$top/docker/$ID1"
	group "$top/kubepods/cri-containerd-$ID2.scope"
	group "$top/lxc.payload.beta"
	group "$top/libpod-conmon-$ID1.scope"
	group "$top/${ID1%1}"

	for name in "docker/$ID1" "libpod-conmon-$ID1.scope" "${ID1%1}"; do
		within "$top/$name" sleep 60 &
		mine+=($!)
	done

	if record all.sst --containers; then
		within "$top/kubepods/cri-containerd-$ID2.scope" "$STORM" - 45 1 >/dev/null 2>&1
		"$STORM" - 70 1 >/dev/null 2>&1
		within "$top/docker/$ID1" sh -c ': ; "$0" - 50 1 >/dev/null' "$STORM"
		within "$top/lxc.payload.beta" unshare -pf sh -c '"$0" - 40 1 >/dev/null; :' "$STORM"
		within "$top/libpod-conmon-$ID1.scope" "$STORM" - 90 1 >/dev/null
		unshare -pf --mount-proc "$STORM" - 30 1 >/dev/null 2>&1
		finish
		equal "the recorder ends well" 0 "$status"
		says "it is complete" all.sst.log "nothing lost"
		equal "in containers, by the names of control groups" "${ID1:0:12} beta ${ID2:0:12}" "$(column all.sst container --comm=storm)"
		equal "whose engines they are" "containerd docker lxc" "$(column all.sst runtime --comm=storm)"
		equal "nobody else is recorded" "" "$("$SYSDECODE" --no-header --columns=container,comm all.sst | awk -F '\t' '$1 == ""')"
		equal "numbers in a PID namespace of its own" "" "$("$SYSDECODE" --no-header --columns=pid,nspid,nstid --container=beta --comm=storm all.sst | awk '$2 > 9 || $3 > 9')"
		check "the whole file" "$SYSDECODE" --verify all.sst
	fi

	# A call that was going on before has the numbers as well.
	within "$top/lxc.payload.beta" unshare -pf --kill-child sleep 60 &
	mine+=($!)
	sleeper() { children "$(children "$!")"; }
	wait_for 5 sleeper
	sleep 0.2
	sleeper=$(sleeper)
	if record begun.sst --containers; then
		sleep 0.2
		finish
		equal "numbers in a PID namespace of a call that was going on" "1 1" \
			"$("$SYSDECODE" --no-header --columns=nspid,nstid --container=beta --pid="$sleeper" begun.sst | tr '\t' ' ')"
	fi

	# Without calls there are no rows that say whose container it is.
	if record lives.sst --containers --events=process; then
		within "$top/docker/$ID1" sh -c '"$0" - 5 1 >/dev/null; :' "$STORM"
		within "$top/lxc.payload.beta" "$STORM" - 5 1 >/dev/null
		finish
		lives() { "$SYSDECODE" --processes "$@" lives.sst | awk 'NR > 1 { print $2, $3 }' | xargs; }
		equal "process events of one container" "EXEC storm EXIT storm" "$(lives --container=beta)"
		equal "... and of another, a child's with them" "EXEC sh FORK sh EXEC storm EXIT storm EXIT sh" "$(lives --container="${ID1:0:12}")"
		says "they are counted" lives.sst.log "7 events in"
	fi

	if record one.sst --container="${ID1:0:12}"; then
		within "$top/docker/$ID1" "$STORM" - 50 1 >/dev/null
		within "$top/kubepods/cri-containerd-$ID2.scope" "$STORM" - 60 1 >/dev/null
		finish
		equal "--container with a short id: only that one" "${ID1:0:12}" "$(column one.sst container)"
		equal "in full" "$ID1" "$(column one.sst container_id --comm=storm)"
		"$SYSDECODE" --format=jsonl --columns=container,nspid one.sst >one.jsonl
		check "jsonl" grep -q "\"container\":\"${ID1:0:12}\"" one.jsonl
	fi

	# A process that moves while it runs, with all its threads.
	if record moved.sst -a -e trace=getppid; then
		sh -c 'for i in 1 2 3; do :; done; echo $$ >moved.pid; sleep 0.5; "$0" - 20 1 >/dev/null' "$STORM" &
		wait_for 5 test -s moved.pid && sleep 0.1 && cat moved.pid >"$top/docker/$ID1/cgroup.procs"
		wait $!
		finish
		equal "who comes into a container is in it from then on" "${ID1:0:12}" "$(column moved.sst container --comm=storm)"
	fi

	if record tallied.sst --containers --tally=1s; then
		within "$top/docker/$ID1" "$STORM" - 500 1 >tallied.out
		within "$top/lxc.payload.beta" "$STORM" - 300 1 >/dev/null
		"$STORM" - 100 1 >/dev/null
		finish
		wanted="${ID1:0:12}=500 beta=300"
		equal "a tally by container" "$wanted" "$(sums tallied.sst)"
		equal "a tally of one container" "beta=300" "$(sums tallied.sst --container=beta)"
	fi

	equal "a name that is not there, and nobody to tell" 4 "$(
		DOCKER_HOST=unix:///nowhere "$SYSSTREAM" -d 0.1s --container=nobody -f none.sst >none.out 2>&1
		echo $?
	)"
	says "one line says what there is" none.out "there is no 'nobody'"
	says "with short ids" none.out "${ID1:0:12}"
	equal "and nothing else" 1 "$(wc -l <none.out)"
fi

# --- Docker
tools=$TESTS/../build/tools
PATH=$PATH:$tools/usr/bin:$tools/usr/sbin:$tools/bin:/usr/sbin:/sbin
stop_daemon() {
	docker ps -aq 2>/dev/null | xargs -r docker rm -f >/dev/null 2>&1
	kill "$daemon" 2>/dev/null
	wait_for 10 sh -c "! kill -0 $daemon" || kill -KILL "$daemon" 2>/dev/null
	daemon=
	rm -rf "$docker"
}
start_daemon() {
	docker=$(mktemp -d /tmp/sst-docker.XXXXXX) || return 1 # the path of a socket has 107 bytes
	export DOCKER_HOST=unix://$docker/sock
	dockerd --iptables=false --ip6tables=false --bridge=none --storage-driver=vfs --data-root "$docker/data" \
		--exec-root "$docker/exec" --pidfile "$docker/pid" -H "$DOCKER_HOST" >docker.log 2>&1 &
	daemon=$!
	wait_for 20 docker version
}
busybox=$(command -v busybox)
what="containers of Docker"
if ! command -v dockerd >/dev/null || ! command -v docker >/dev/null || ! command -v containerd >/dev/null; then
	skip "$what" "there is no dockerd"
	exit 0
elif [ -z "$busybox" ] || ! "$busybox" true; then
	skip "$what" "there is no busybox"
	exit 0
elif ! start_daemon; then
	skip "$what" "dockerd does not start: $(tail -n 1 docker.log | cut -c 1-200)"
	exit 0
fi
into_root root "$busybox" "$STORM" && ln -sf busybox root/bin/sh && ln -sf busybox root/bin/sleep
tar -C root -c . | docker import - box >/dev/null 2>import.err
run() { docker run --network none "$@"; }
if ! run --rm box /bin/sh -c : 2>run.err; then
	skip "$what" "it cannot run one: $(tail -n 1 run.err | cut -c 1-200)"
	exit 0
fi

run -d --name before box /bin/sh -c 'while ! test -e /go; do sleep 0.05; done; /bin/storm - 400 1; sleep 60' >before.id
run -d --name quiet box /bin/sleep 600 >quiet.id
run -d --name host --pid=host box /bin/sleep 600 >host.id
if record docker.sst --containers; then
	docker exec before /bin/sh -c ': >/go'
	docker exec quiet /bin/storm - 250 1 >/dev/null
	docker exec host /bin/storm - 150 1 >/dev/null
	run --name later box /bin/storm - 300 1 >later.out
	run -d --name stopped box /bin/sh -c '/bin/storm - 100 1; sleep 600' >/dev/null
	"$STORM" - 700 1 >/dev/null
	docker kill stopped >/dev/null
	sleep 0.5
	finish
	says "nothing is lost" docker.sst.log "nothing lost"
	equal "the sums by container are what the programs did" "before=400 host=150 later=300 quiet=250 stopped=100" "$(sums docker.sst)"
	equal "runtime and image" "docker box" "$("$SYSDECODE" --no-header --columns=runtime,image --comm=storm docker.sst | sort -u | xargs)"
	equal "--container=NAME of sysdecode" "later=300" "$(sums docker.sst --container=later)"
	equal "... and an id" "quiet=250" "$(sums docker.sst --container="$(cut -c 1-12 quiet.id)")"
	equal "the same PID number in two containers" "before later stopped" "$("$SYSDECODE" --no-header --columns=nspid,container --container=before,later,stopped --comm=sh,storm docker.sst | awk '$1 == 1 { print $2 }' | sort -u | xargs)"
	equal "with --pid=host the numbers are the host's" "" "$("$SYSDECODE" --no-header --columns=pid,nspid --container=host --comm=storm docker.sst | awk '$1 != $2')"
	check "the whole file" "$SYSDECODE" --verify docker.sst
fi
docker rm -f later stopped before >/dev/null 2>&1

for how in quiet "$(cut -c 1-12 quiet.id)" "$(cat quiet.id)"; do
	record by.sst --container="$how" --force || continue
	docker exec quiet /bin/storm - 60 1 >/dev/null
	docker exec host /bin/storm - 80 1 >/dev/null
	finish
	equal "--container=${how:0:14}" "quiet=60" "$(sums by.sst)"
done

if record yet.sst --container=yet; then
	says "a name that is yet to come" yet.sst.log "there is no 'yet' yet"
	run --name yet box /bin/sh -c 'sleep 0.5; /bin/storm - 90 1' >/dev/null
	finish
	equal "it is recorded once it is there" "yet=90" "$(sums yet.sst)"
fi

if record tally.sst --containers --tally=1s; then
	docker exec quiet /bin/storm - 120 1 >/dev/null
	run --rm --name tallied box /bin/sh -c '/bin/storm - 110 1; sleep 0.2' >/dev/null
	finish
	equal "a tally of real containers" "quiet=120 tallied=110" "$(sums tally.sst)"
fi
check "--view=stats" sh -c '"$0" --containers -d 2s --view="stats --by=container --format=tsv" >view.tsv 2>view.err; grep -q container view.tsv' "$SYSSTREAM"
"$SYSSTREAM" --check >check.out 2>&1
says "--check names the sockets" check.out "$docker/sock"
