#!/usr/bin/env python3
"""All figures, side by side in one run: medians of interleaved rounds after a warm-up. Needs root and `make tests`.

    bench.py [cost] [storm] [bytes] [decode] [start] [server]     (all of them by default)

    cost    ns that recording adds to a getppid; beside it: empty programs on the same hooks, programs
            that only read the clock, perf record, strace
    storm   one thread at full speed, two threads: lost, recorded = made; the recorder's CPU time and memory
    bytes   bytes per call of five real workloads and of a quiet one, beside perf record -z and strace | zstd -3
    decode  rows a second, beside perf script
    start   from start to attached, from Ctrl-C to the end
    server  throughput of a redis server, recorded and not

Environment: BENCH_SECONDS (60): how long `storm` storms. BENCH_ROUNDS (5). TMPDIR: where files go (1 GB).
Exit status 1 when a figure misses its target.
"""
import glob
import os
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = TOP + "/build/"
SYSSTREAM, SYSDECODE = BUILD + "sysstream", BUILD + "sysdecode"
STORM, ATTACH = BUILD + "tests/oracle/storm", BUILD + "tests/bench/attach"
EMPTY, CLOCK = BUILD + "tests/bench/empty.bpf.o", BUILD + "tests/bench/clock.bpf.o"
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "5"))
SECONDS = float(os.environ.get("BENCH_SECONDS", "60"))
PIPE, NULL = subprocess.PIPE, subprocess.DEVNULL
missed = 0
tmp = ""


# --- the table

def figure(what, value, target="", good=None):
    global missed
    missed += good is False
    print("  %-58s %14s  %-22s %s" % (what, value, target, {True: "ok", False: "MISS", None: ""}[good]), flush=True)


def at_most(what, value, limit, unit="", digits=0):
    figure(what, "%.*f%s" % (digits, value, unit), "at most %.*f%s" % (digits, limit, unit), value <= limit)


def skipped(what, why):
    figure(what, "-", "skipped: " + why)


def title(text):
    print("\n" + text, flush=True)


# --- processes

def have(command):
    return shutil.which(command) is not None


def pinned(cpu, *command):
    """On one CPU, where there are at least two."""
    return (["taskset", "-c", str(cpu)] if os.cpu_count() > 1 and have("taskset") else []) + list(command)


def in_tmp(name):
    path = os.path.join(tmp, name)
    if os.path.exists(path):
        os.unlink(path)
    return path


class Recorder:
    """sysstream, attached when the constructor returns."""

    def __init__(self, path, *args, cpu=None, cwd=None):
        command = [SYSSTREAM, "-f", path, *map(str, args)]
        self.began = time.monotonic()
        self.process = subprocess.Popen(pinned(cpu, *command) if cpu is not None else command, stderr=PIPE, text=True,
                                        cwd=cwd, stdout=NULL)
        self.said = ""
        while "recording" not in self.said:
            line = self.process.stderr.readline()
            if not line:
                sys.exit("sysstream did not attach: " + self.said)
            self.said += line
        self.attach_time = time.monotonic() - self.began

    def wait(self):
        self.said += self.process.stderr.read()
        _, status, self.usage = os.wait4(self.process.pid, 0)
        self.process.returncode = os.waitstatus_to_exitcode(status)
        return self

    def stop(self):
        self.process.send_signal(signal.SIGINT)
        return self.wait()

    def events(self):
        m = re.search(r"([\d,]+) events? in", self.said)
        return int(m[1].replace(",", "")) if m else 0

    def lost(self):
        m = re.search(r"([\d,]+) lost", self.said)
        return int(m[1].replace(",", "")) if m else 0

    def cpu(self):
        return self.usage.ru_utime + self.usage.ru_stime


class Storm:
    """getppid in a loop; waits for go()."""

    def __init__(self, calls, threads=1, cpu=None, rows="-"):
        command = [STORM, rows, str(calls), str(threads), "wait"]
        self.process = subprocess.Popen(pinned(cpu, *command) if cpu is not None else command, stdin=PIPE, stdout=PIPE,
                                        stderr=PIPE, text=True)
        self.process.stdout.readline()
        self.pid = self.process.pid

    def go(self):
        """ns per call"""
        _, err = self.process.communicate("go\n")
        return statistics.mean(float(line.split()[0]) for line in err.splitlines())


def settle():
    # Right after a detach the kernel's tracepoints are slower for a while.
    time.sleep(0.5)


def perf_works():
    if not have("perf"):
        return "perf is missing (linux-perf)"
    run = subprocess.run(["perf", "record", "-q", "-e", "raw_syscalls:*", "-o", in_tmp("perf.try"), "true"],
                         stdout=NULL, stderr=PIPE, text=True, check=False)
    return "" if run.returncode == 0 else (run.stderr.strip().splitlines() or ["perf fails"])[0]


def attached_perf(pid):
    perf = subprocess.Popen(["perf", "record", "-q", "-e", "raw_syscalls:*", "-o", in_tmp("perf.data"), "-p", str(pid)],
                            stdout=NULL, stderr=NULL)
    time.sleep(1)
    return perf


def interrupt(process):
    process.send_signal(signal.SIGINT)
    process.wait()


# --- cost

def cost_base():
    return Storm(3000000, cpu=0).go()


def cost_attached(programs):
    with subprocess.Popen([ATTACH, programs], stdin=PIPE, stdout=PIPE, text=True) as attach:
        if attach.stdout.readline() != "attached\n":
            sys.exit("programs cannot be attached: " + programs)
        settle()
        ns = Storm(2000000, cpu=0).go()
        attach.stdin.close()
    return ns


def cost_traced():
    storm = Storm(2000000, cpu=0)
    recorder = Recorder(in_tmp("cost.sst"), storm.pid, cpu=1)
    settle()
    ns = storm.go()
    recorder.wait()
    return ns


def cost_untraced():
    other = subprocess.Popen(["sleep", "1000"])
    recorder = Recorder(in_tmp("cost.sst"), other.pid, cpu=1)
    settle()
    ns = Storm(2000000, cpu=0).go()
    recorder.stop()
    other.kill()
    other.wait()
    return ns


def cost_perf():
    storm = Storm(500000, cpu=0)
    perf = attached_perf(storm.pid)
    ns = storm.go()
    perf.wait()
    return ns


def cost_strace():
    storm = Storm(20000, cpu=0)
    strace = subprocess.Popen(["strace", "-f", "-o", in_tmp("strace.out"), "-p", str(storm.pid)], stderr=PIPE, text=True)
    strace.stderr.readline()
    time.sleep(0.3)
    ns = storm.go()
    strace.wait()
    return ns


def bench_cost():
    title("ns added to a getppid (medians of %d rounds)" % ROUNDS)
    kinds = {"base": cost_base, "empty": lambda: cost_attached(EMPTY), "clock": lambda: cost_attached(CLOCK),
             "traced": cost_traced, "untraced": cost_untraced}
    no_perf = perf_works()
    if not no_perf:
        kinds["perf"] = cost_perf
    if have("strace"):
        kinds["strace"] = cost_strace
    times = {kind: [] for kind in kinds}
    for n in range(ROUNDS + 1):
        for kind, run in kinds.items():
            ns = run()
            if n > 0:   # the first round warms up
                times[kind].append(ns)
            settle()
    base = statistics.median(times["base"])
    added = {kind: statistics.median(t) - base for kind, t in times.items()}
    figure("a call, nothing attached", "%.0f ns" % base)
    figure("empty programs on both hooks", "+%.0f ns" % added["empty"])
    figure("programs that read the clock, no more: the floor", "+%.0f ns" % added["clock"])
    figure("recorded by sysstream", "+%.0f ns" % added["traced"])
    figure("  against the floor", "%.2f x" % (added["traced"] / added["clock"]))
    at_most("  against the empty programs", added["traced"] / added["empty"], 2.0, " x", 2)
    figure("not recorded, while another process is", "+%.0f ns" % added["untraced"])
    at_most("  against the empty programs", added["untraced"] / added["empty"], 1.2, " x", 2)
    if no_perf:
        skipped("perf record -e raw_syscalls:*", no_perf)
    else:
        figure("perf record -e raw_syscalls:*", "+%.0f ns" % added["perf"])
        at_most("  sysstream against it", added["traced"] / added["perf"], 0.25, " x", 3)
    if "strace" in added:
        figure("strace -f", "+%.0f ns" % added["strace"])
        at_most("  sysstream against it", added["traced"] / added["strace"], 0.005, " x", 4)
    else:
        skipped("strace -f", "strace is missing")


# --- storm

def count_rows(path):
    """{tid: (recorded, lost)} between the first markers of the storm; as compare.py has it, which is slower"""
    program = r"""
        $5 == "0x53535445" { if (open[$1]) n[$1] -= 2 * substr($6, 3); open[$1] = 0; next }
        $5 == "0x53535442" && !open[$1] { lost[$1] += 2 * substr($6, 3); open[$1] = 1; next }
        !open[$1] { next }
        $3 == "lost" { match($4, /[0-9]+/); lost[$1] += substr($4, RSTART, RLENGTH); next }
        { n[$1]++ }
        END { for (t in n) print t, n[t], lost[t] + 0 }"""
    decode = subprocess.Popen([SYSDECODE, "--no-header", "--columns=tid,syscall,state,note,arg0,arg1", path], stdout=PIPE)
    out = subprocess.run(["awk", "-F", "\t", program], stdin=decode.stdout, capture_output=True, text=True, check=True)
    decode.wait()
    return {int(tid): (int(n), int(lost)) for tid, n, lost in map(str.split, out.stdout.splitlines())}


def storm(threads, seconds):
    calls = int(seconds * 2.2e6)
    rows, path = in_tmp("storm.rows"), in_tmp("storm.sst")
    s = Storm(calls, threads, cpu=0 if threads == 1 else None, rows=rows)
    recorder = Recorder(path, s.pid, cpu=1 if threads == 1 else None)
    settle()
    ns = s.go()
    recorder.wait()
    counted = count_rows(path)
    lost = sum(c[1] for c in counted.values())
    exact = 0
    with open(rows, encoding="ascii") as f:
        for line in f:
            _, tid, made = line.split()
            exact += sum(counted.get(int(tid), (0, 0))) == int(made)
    os.unlink(path)
    return ns, calls * threads, lost, exact == threads, recorder


def bench_storm():
    title("full speed")
    ns, calls, lost, exact, recorder = storm(1, SECONDS)
    figure("one thread for %.0f s" % (calls * ns / 1e9), "%.2f million/s" % (1e3 / ns), "more than 2", ns < 500)
    at_most("  lost of %d calls" % calls, lost, 0)
    figure("  recorded + lost = made", "exactly" if exact else "NOT", "exactly", exact)
    at_most("  the recorder's CPU time a call", recorder.cpu() * 1e9 / calls, 150, " ns")
    at_most("  the recorder's peak memory", recorder.usage.ru_maxrss / 1024, 96, " MiB")
    ns, calls, lost, exact, recorder = storm(2, SECONDS / 6)
    figure("two threads, on both processors with the recorder", "%.2f million/s" % (2e3 / ns))
    figure("  lost", "%.2f %%" % (100 * lost / calls), "accounted for")
    figure("  recorded + lost = made, in each thread", "exactly" if exact else "NOT", "exactly", exact)
    at_most("  the recorder's CPU time a call", recorder.cpu() * 1e9 / max(calls - lost, 1), 150, " ns")
    at_most("  the recorder's peak memory", recorder.usage.ru_maxrss / 1024, 96, " MiB")


# --- bytes: workloads are commands, or a server that is recorded by PID while a client works

def work_find(_):
    return ["find", "/usr", "/etc", "-size", "+1k", "-newer", "/etc/hostname"]


def work_gcc(scale):
    files = sorted(glob.glob(TOP + "/format/*.c"))
    return ["sh", "-c", "for i in $(seq %d); do for f in %s; do gcc -O1 -w -D_GNU_SOURCE -iquote %s -c $f -o gcc.o; done; done" %
            (max(1, round(10 * scale)), " ".join(files), TOP)]


def work_git(scale):
    name = "repo%d" % (100 * scale)
    repo = os.path.join(tmp, name)
    if not os.path.exists(repo):
        subprocess.run(["git", "init", "-q", repo], check=True)
        stream = []
        for i in range(int(8000 * scale)):
            body = "".join("line %d of %d\n" % (j, i * 7919 % (j + 2)) for j in range(20))
            stream.append("commit refs/heads/main\ncommitter a <a@b> %d +0000\ndata 2\nx\nM 644 inline d%d/f%d\ndata %d\n%s\n" %
                          (1700000000 + i, i % 17, i % 101, len(body), body))
        # Loose objects, as in a repository that people work in.
        subprocess.run(["git", "-C", repo, "-c", "fastimport.unpackLimit=1000000000", "fast-import", "--quiet"],
                       input="".join(stream), text=True, check=True)
    return ["git", "-C", repo, "--no-pager", "log", "--stat", "main"]


def work_sqlite(scale):
    folder = "/dev/shm" if os.access("/dev/shm", os.W_OK) else tmp
    db = os.path.join(folder, "sysstream-bench-%d.db" % os.getpid())
    return ["sh", "-c", "rm -f %s; awk 'BEGIN { print \"create table t(a, b);\"; for (i = 0; i < %d; i++) "
            "print \"insert into t values(\" i \", \\\"text \" i * 7919 %% 1000 \"\\\");\" }' | sqlite3 %s; rm -f %s" %
            (db, 7000 * scale, db, db)]


class Redis:
    """A private server on a private port; `redis-tools` is enough."""

    def __init__(self):
        self.port = 20000 + os.getpid() % 20000
        binary = shutil.which("redis-server") or shutil.which("redis-check-rdb")
        self.process = subprocess.Popen(pinned(0, binary, "--port", str(self.port), "--save", "", "--daemonize", "no") if
                                        binary.endswith("redis-server") else
                                        ["sh", "-c", 'exec -a redis-server "$0" "$@"', binary, "--port", str(self.port)],
                                        stdout=NULL, cwd=tmp)
        for _ in range(100):
            if subprocess.run(["redis-cli", "-p", str(self.port), "ping"], capture_output=True, check=False).stdout == b"PONG\n":
                return
            time.sleep(0.05)
        sys.exit("redis-server does not start")

    def bench(self, requests):
        """requests a second of set and get"""
        out = subprocess.run(["redis-benchmark", "-p", str(self.port), "-t", "set,get", "-n", str(requests), "-c", "20",
                              "--csv"], capture_output=True, text=True, check=True).stdout
        return {m[1]: float(m[2]) for m in re.finditer(r'"(SET|GET)","([\d.]+)"', out)}

    def stop(self):
        self.process.terminate()
        self.process.wait()


WORK = {"find": work_find, "gcc": work_gcc, "git": work_git, "sqlite3": work_sqlite}


def run_quietly(command):
    return subprocess.run(command, stdout=NULL, stderr=NULL, cwd=tmp, check=False)


def bytes_sysstream(name):
    """(file, calls)"""
    path = in_tmp("work-%s.sst" % name)
    if name == "redis":
        redis = Redis()
        recorder = Recorder(path, redis.process.pid)
        redis.bench(60000)
        recorder.stop()
        redis.stop()
    else:
        recorder = Recorder(path, "--", *WORK[name](1), cwd=tmp).wait()
    return path, recorder.events()


def bytes_perf(name):
    """bytes a call"""
    path = in_tmp("perf-%s.data" % name)
    perf = ["perf", "record", "-q", "-z", "-e", "raw_syscalls:*", "-o", path]
    if name == "redis":
        redis = Redis()
        process = subprocess.Popen(perf + ["-p", str(redis.process.pid)], stdout=NULL, stderr=NULL)
        time.sleep(1)
        redis.bench(60000)
        interrupt(process)
        redis.stop()
    else:
        run_quietly(perf + ["--"] + WORK[name](1))
    out = subprocess.run("perf script -i %s -F event 2>/dev/null | grep -c sys_exit" % path, shell=True, capture_output=True,
                         text=True, check=False).stdout
    return os.path.getsize(path) / max(int(out or 0), 1)


def bytes_strace(name):
    path = in_tmp("strace.zst")
    strace = ["strace", "-f", "-ttt", "-T", "-o", "|zstd -3 -q -f -o " + path]
    if name == "redis":
        redis = Redis()
        process = subprocess.Popen(strace + ["-p", str(redis.process.pid)], stderr=NULL)
        time.sleep(0.5)
        redis.bench(3000)
        interrupt(process)
        redis.stop()
    else:
        run_quietly(strace + ["--"] + WORK[name](0.1))
    for _ in range(50):
        if os.path.exists(path):
            break
        time.sleep(0.1)
    time.sleep(0.3)
    out = subprocess.run("zstd -dc %s | grep -vc 'unfinished ...>$'" % path, shell=True, capture_output=True, text=True,
                         check=False).stdout
    return os.path.getsize(path) / max(int(out or 0), 1)


def lacking(name):
    needs = {"find": "find", "gcc": "gcc", "git": "git", "sqlite3": "sqlite3", "redis": "redis-benchmark"}
    return "" if have(needs[name]) else needs[name] + " is missing"


def bench_bytes():
    title("bytes a call, whole file")
    no_perf = perf_works()
    no_strace = "" if have("strace") and have("zstd") else "strace or zstd is missing"
    all_bytes = []
    for name in ("find", "gcc", "redis", "git", "sqlite3"):
        if lacking(name):
            skipped(name, lacking(name))
            continue
        path, calls = bytes_sysstream(name)
        size = os.path.getsize(path) / max(calls, 1)
        all_bytes.append(size)
        at_most("%s, %d calls" % (name, calls), size, 7.0, "", 2)
        if no_perf:
            skipped("  perf record -z", no_perf)
        else:
            figure("  perf record -z", "%.1f" % bytes_perf(name))
        if no_strace:
            skipped("  strace -f -ttt -T | zstd -3", no_strace)
        else:
            figure("  strace -f -ttt -T | zstd -3", "%.1f" % bytes_strace(name))
        if calls < 100000:
            figure("  only %d calls" % calls, "", "at least 100000", False)
    if all_bytes:
        at_most("average", statistics.mean(all_bytes), 5.0, "", 2)
    quiet = subprocess.Popen([STORM, "-", "20000", "1", "1000000"], stderr=NULL)
    path = in_tmp("quiet.sst")
    recorder = Recorder(path, quiet.pid)
    began = time.monotonic()
    recorder.wait()
    quiet.wait()
    seconds = time.monotonic() - began
    at_most("quiet: %.0f calls a second for %.0f s" % (recorder.events() / seconds, seconds),
            os.path.getsize(path) / max(recorder.events(), 1), 8.0, "", 2)


# --- decode

def timed(command):
    with subprocess.Popen(command, stdout=NULL, stderr=NULL) as process:
        began = time.monotonic()
        process.wait()
        return time.monotonic() - began


def bench_decode():
    title("decoding, one processor")
    files, calls = [], {}
    for name in ("find", "gcc", "redis", "git", "sqlite3"):
        if lacking(name):
            continue
        path = os.path.join(tmp, "work-%s.sst" % name)
        if not os.path.exists(path):
            bytes_sysstream(name)
        files.append(path)
        run = subprocess.run([SYSDECODE, "--no-header", "--columns=tid", path], capture_output=True, check=True)
        calls[name] = run.stdout.count(b"\n")
    rates = [sum(calls.values()) / timed(pinned(1, SYSDECODE, *files)) for _ in range(ROUNDS + 1)][1:]
    rate = statistics.median(rates)
    figure("sysdecode of the workloads above (%d rows)" % sum(calls.values()), "%.2f million/s" % (rate / 1e6),
           "at least 3.00", rate >= 3e6)
    path, storm_calls = in_tmp("decode.sst"), 5000000
    s = Storm(storm_calls)
    recorder = Recorder(path, s.pid)
    s.go()
    recorder.wait()
    rates = [recorder.events() / timed(pinned(1, SYSDECODE, path)) for _ in range(ROUNDS + 1)][1:]
    figure("sysdecode of a storm (%d rows)" % recorder.events(), "%.2f million/s" % (statistics.median(rates) / 1e6))
    for fmt in ("raw", "csv"):
        rates = [sum(calls.values()) / timed(pinned(1, SYSDECODE, "--format=" + fmt, *files)) for _ in range(ROUNDS)]
        figure("sysdecode --format=" + fmt, "%.2f million/s" % (statistics.median(rates) / 1e6))
    no_perf = perf_works()
    if no_perf:
        skipped("perf script", no_perf)
        return
    data = os.path.join(tmp, "perf-find.data")
    if not os.path.exists(data):
        bytes_perf("find")
    seconds = statistics.median(timed(pinned(1, "perf", "script", "-i", data)) for _ in range(3))
    perf_rate = calls["find"] / seconds
    figure("perf script", "%.2f million/s" % (perf_rate / 1e6))
    figure("  sysdecode against it", "%.1f x" % (rate / perf_rate), "at least 8.0 x", rate >= 8 * perf_rate)


# --- start and stop

def bench_start():
    title("start and stop (medians of %d rounds)" % ROUNDS)
    starts, stops = [], []
    for _ in range(ROUNDS):
        load = subprocess.Popen([STORM, "-", "2000000000", "2"], stderr=NULL)
        recorder = Recorder(in_tmp("start.sst"), load.pid)
        starts.append(recorder.attach_time)
        time.sleep(1)
        began = time.monotonic()
        recorder.stop()
        stops.append(time.monotonic() - began)
        load.kill()
        load.wait()
        settle()
    at_most("from start to attached, under full load", statistics.median(starts) * 1000, 300, " ms")
    at_most("from Ctrl-C to the end, under full load", statistics.median(stops) * 1000, 500, " ms")
    sleeper = subprocess.Popen(["sleep", "1000"])
    starts = []
    for _ in range(ROUNDS):
        recorder = Recorder(in_tmp("start.sst"), sleeper.pid)
        starts.append(recorder.attach_time)
        recorder.stop()
        settle()
    sleeper.kill()
    sleeper.wait()
    at_most("from start to attached, nothing else running", statistics.median(starts) * 1000, 300, " ms")


# --- server

def bench_server():
    title("requests a second of a redis server (medians of %d rounds)" % ROUNDS)
    if lacking("redis"):
        skipped("redis", "redis-benchmark is missing (redis-tools)")
        return
    no_perf = perf_works()
    got = {"alone": [], "recorded": [], "perf": []}
    redis = Redis()
    redis.bench(50000)
    for _ in range(ROUNDS):
        got["alone"].append(redis.bench(100000))
        recorder = Recorder(in_tmp("server.sst"), redis.process.pid)
        settle()
        got["recorded"].append(redis.bench(100000))
        recorder.stop()
        settle()
        if not no_perf:
            perf = attached_perf(redis.process.pid)
            got["perf"].append(redis.bench(100000))
            interrupt(perf)
            settle()
    redis.stop()
    for what in ("SET", "GET"):
        alone = statistics.median(g[what] for g in got["alone"])
        figure("%s, not recorded" % what, "%.0f" % alone)
        for kind, name in (("recorded", "recorded by sysstream"), ("perf", "perf record")):
            if got[kind]:
                rate = statistics.median(g[what] for g in got[kind])
                figure("%s, %s" % (what, name), "%.0f" % rate, "%.1f %%" % (100 * rate / alone))
    if no_perf:
        skipped("perf record", no_perf)


PARTS = {"cost": bench_cost, "storm": bench_storm, "bytes": bench_bytes, "decode": bench_decode, "start": bench_start,
         "server": bench_server}


def main():
    global tmp
    parts = sys.argv[1:] or list(PARTS)
    if any(p not in PARTS for p in parts):
        sys.exit(__doc__)
    if os.geteuid() != 0:
        sys.exit("bench.py: needs root")
    tmp = tempfile.mkdtemp(prefix="sysstream-bench.")
    try:
        print("%s, %d processors, load %.2f" % (" ".join(os.uname()[i] for i in (0, 2, 4)), os.cpu_count(), os.getloadavg()[0]))
        for part in parts:
            PARTS[part]()
    finally:
        shutil.rmtree(tmp)
    print("\n" + ("all figures are within their targets" if not missed else "%d figures miss their targets" % missed))
    sys.exit(1 if missed else 0)


main()
