#!/usr/bin/env python3
"""All figures, side by side in one run: medians of interleaved rounds after a warm-up. Needs root and `make tests`.

    bench.py [PART...]     (all of them by default)

    cost      ns that recording adds to a getppid, also of a child with -F, of a call that -e leaves out, and through
              classic tracepoints; beside it: empty programs on the same hooks, programs that only read the clock,
              perf record, strace
    storm     one thread at full speed, two threads: lost, recorded = made; the recorder's CPU time and memory
    text      what the strings of calls cost: openat beside getppid, a call without any; names in cold pages
    lossless  what --lossless takes from a storm
    bytes     bytes per call of five real workloads, with text and without, and of a quiet one, beside perf record -z and
              strace | zstd -3; and to which columns they go
    codec     rows of these workloads encoded and decoded on one core, beside zstd -dc of the same table; a recording of
              10 million rows on one core and on two, filtered, and its last second; the decoder's memory
    decode    rows a second, beside perf script
    stats     sums of a recording of 10 million rows
    start     from start to attached, from Ctrl-C to the end
    server    throughput of a redis server, recorded and not
    against   this recorder beside that of another checkout, BENCH_AGAINST, which is built: a getppid, an openat
    tally     --tally: what it adds to a getppid, beside empty programs, recording and bpftrace; a redis server in a tally
              of the whole machine; 10,000 processes; a day of an idle server

Environment: BENCH_SECONDS (60): how long `storm` storms. BENCH_ROUNDS (5). BENCH_ROWS (10000000): of the large recording
of `codec` and `stats`. BENCH_AGAINST: another checkout. TMPDIR: where files go (1 GB).
Exit status 1 when a figure misses its target.
"""
import glob
import os
import random
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
CALLS, CAPTURED = BUILD + "tests/bench/calls", BUILD + "tests/e2e/captured"
EMPTY, CLOCK = BUILD + "tests/bench/empty.bpf.o", BUILD + "tests/bench/clock.bpf.o"
CROWD, TALLIES = BUILD + "tests/bench/crowd", BUILD + "tests/golden/tally"
CODEC = BUILD + "tests/bench/bench_codec"
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "5"))
SECONDS = float(os.environ.get("BENCH_SECONDS", "60"))
ROWS = int(os.environ.get("BENCH_ROWS", "10000000"))
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


def at_least(what, value, limit, unit="", digits=0):
    figure(what, "%.*f%s" % (digits, value, unit), "at least %.*f%s" % (digits, limit, unit), value >= limit)


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

    def __init__(self, path, *args, cpu=None, cwd=None, program=SYSSTREAM):
        command = [program, "-f", path, *map(str, args)]
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

COST_CALLS = 400000


def cost_base():
    return Storm(COST_CALLS, cpu=0).go()


def cost_attached(programs):
    with subprocess.Popen([ATTACH, programs], stdin=PIPE, stdout=PIPE, text=True) as attach:
        if attach.stdout.readline() != "attached\n":
            sys.exit("programs cannot be attached: " + programs)
        settle()
        ns = Storm(COST_CALLS, cpu=0).go()
        attach.stdin.close()
    return ns


def cost_traced(*options):
    storm = Storm(COST_CALLS, cpu=0)
    recorder = Recorder(in_tmp("cost.sst"), *options, storm.pid, cpu=1)
    settle()
    ns = storm.go()
    recorder.wait()
    return ns


def cost_followed():
    """A child of the recorded process, born while it is recorded."""
    command = pinned(0, "sh", "-c", 'read go; "$@"; exit $?', "sh", STORM, "-", str(COST_CALLS), "1")
    with subprocess.Popen(command, stdin=PIPE, stderr=PIPE, text=True) as parent:
        recorder = Recorder(in_tmp("cost.sst"), "-F", parent.pid, cpu=1)
        settle()
        _, err = parent.communicate("go\n")
        recorder.wait()
    if recorder.events() + recorder.lost() < COST_CALLS:
        sys.exit("-F has not recorded the child: " + recorder.said)
    return float(err.split()[0])


def cost_untraced():
    other = subprocess.Popen(["sleep", "1000"])
    recorder = Recorder(in_tmp("cost.sst"), other.pid, cpu=1)
    settle()
    ns = Storm(COST_CALLS, cpu=0).go()
    recorder.stop()
    other.kill()
    other.wait()
    return ns


def cost_perf():
    storm = Storm(COST_CALLS, cpu=0)
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


def costs(kinds, rare=()):
    """
    (ns of a call by itself, {kind: ns it adds to a call}). Machines drift, and others work on the same one: many short
    rounds, each of all kinds in another order, and of each kind the median. Those that are rare take part in every third.
    """
    times = {kind: [] for kind in kinds}
    for n in range(3 * ROUNDS + 1):
        now = [kind for kind in kinds if n % 3 == 0 or kind not in rare]
        random.shuffle(now)
        for kind in now:
            ns = kinds[kind]()
            if n > 0 or kind in rare:   # the first round warms up
                times[kind].append(ns)
            settle()
    base = statistics.median(times["base"])
    return base, {kind: statistics.median(t) - base for kind, t in times.items()}


def bench_cost():
    title("ns added to a getppid (medians of %d rounds)" % (3 * ROUNDS))
    kinds = {"base": cost_base, "empty": lambda: cost_attached(EMPTY), "clock": lambda: cost_attached(CLOCK),
             "traced": cost_traced, "followed": cost_followed, "classic": lambda: cost_traced("--hooks=classic"),
             "excluded": lambda: cost_traced("-e", "trace=!getppid"), "untraced": cost_untraced}
    no_perf = perf_works()
    if not no_perf:
        kinds["perf"] = cost_perf
    if have("strace"):
        kinds["strace"] = cost_strace
    base, added = costs(kinds, rare=("perf", "strace", "classic"))
    figure("a call, nothing attached", "%.0f ns" % base)
    figure("empty programs on both hooks", "+%.0f ns" % added["empty"])
    figure("programs that read the clock, no more: the floor", "+%.0f ns" % added["clock"])
    figure("recorded by sysstream", "+%.0f ns" % added["traced"])
    figure("  against the floor", "%.2f x" % (added["traced"] / added["clock"]))
    at_most("  against the empty programs", added["traced"] / added["empty"], 2.0, " x", 2)
    figure("recorded as a child's, with -F", "+%.0f ns" % added["followed"])
    at_most("  against one that is recorded itself", added["followed"] / added["traced"], 1.1, " x", 2)
    figure("recorded with --hooks=classic", "+%.0f ns" % added["classic"])
    figure("left out, with -e trace=!getppid", "+%.0f ns" % added["excluded"])
    at_most("  against the empty programs", added["excluded"] / added["empty"], 1.3, " x", 2)
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


# --- text

def call_cost(what, count, *options, program=SYSSTREAM):
    """ns of CPU time per call; without options nothing is recorded"""
    calls = subprocess.Popen(pinned(0, CALLS, what, str(count)), stdin=PIPE, stdout=PIPE, text=True)
    calls.stdout.readline()
    recorder = Recorder(in_tmp("text.sst"), *options, calls.pid, cpu=1, program=program) if options else None
    settle()
    out, _ = calls.communicate("go\n")
    if recorder:
        recorder.wait()
    return float(out)


def cold_names(count):
    """How many of so many names in cold pages are in the file, and how many are there as empty."""
    path = in_tmp("cold.sst")
    command = [SYSSTREAM, "-q", "-f", path, "--", CALLS, "cold", str(count)]
    subprocess.run(command, input="go\n", stdout=NULL, text=True, check=True, cwd=tmp)
    listing = subprocess.Popen([CAPTURED, path], stdout=PIPE, text=True, errors="replace")
    opens = found = empty = 0
    for line in listing.stdout:
        cells = line.split()
        if cells[0].isdigit() and cells[3] == "openat" and cells[4] == "-2":
            opens += 1
            found += bool(re.search(r":/cold/name-\d+/no-such-file$", line))
            empty += bool(re.search(r" 1:1:[^u:]*:$", line))
    listing.wait()
    return opens, found, empty


def bench_text():
    title("Text: one thread, its CPU time, medians of %d rounds" % (3 * ROUNDS))
    kinds = [(what, *options) for what in ("getppid", "openat") for options in ((), ("-s", "0"), ("-s", "4096"))]
    times = {kind: [] for kind in kinds}
    for n in range(3 * ROUNDS + 1):
        for kind in random.sample(kinds, len(kinds)):
            ns = call_cost(kind[0], COST_CALLS, *kind[1:])
            if n > 0:   # the first round warms up
                times[kind].append(ns)
            settle()
    ns = {kind: statistics.median(t) for kind, t in times.items()}
    added = {kind: ns[kind] - ns[kind[:1]] for kind in kinds}
    figure("getppid, nothing recorded", "%.0f ns" % ns[("getppid",)])
    figure("getppid, recorded without text", "+%.0f ns" % added["getppid", "-s", "0"])
    figure("getppid, recorded with text", "+%.0f ns" % added["getppid", "-s", "4096"])
    at_most("  the whole call against one without text", ns["getppid", "-s", "4096"] / ns["getppid", "-s", "0"], 1.03, " x", 2)
    figure("openat of 23 characters, nothing recorded", "%.0f ns" % ns[("openat",)])
    figure("openat, recorded without text", "+%.0f ns" % added["openat", "-s", "0"])
    figure("openat, recorded with text", "+%.0f ns" % added["openat", "-s", "4096"])
    at_most("  against getppid", added["openat", "-s", "4096"] / added["getppid", "-s", "4096"], 1.6, " x", 2)
    opens, found, empty = cold_names(100000)
    at_least("names in cold pages", found / max(opens, 1) * 100, 99.9, " %", 2)
    at_most("  silently empty", empty, 0)


def bench_against():
    title("ns added to a call, beside another checkout (medians of %d rounds)" % (3 * ROUNDS))
    other = os.environ.get("BENCH_AGAINST", "") + "/build/sysstream"
    if not os.access(other, os.X_OK):
        skipped("another checkout", "BENCH_AGAINST names none that is built")
        return
    programs = {"nothing recorded": None, "recorded there": other, "recorded here": SYSSTREAM}
    times = {(what, who): [] for what in ("getppid", "openat") for who in programs}
    for n in range(3 * ROUNDS + 1):
        for what, who in random.sample(list(times), len(times)):
            ns = call_cost(what, COST_CALLS, *(("-s", "4096") if programs[who] else ()), program=programs[who])
            if n > 0:   # the first round warms up
                times[what, who].append(ns)
            settle()
    for (what, who), ns in times.items():
        added = statistics.median(ns) - statistics.median(times[what, "nothing recorded"])
        figure("%s, %s" % (what, who), "+%.0f ns" % added if programs[who] else "%.0f ns" % statistics.median(ns))


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


# --- lossless

def storm_rate(threads, *options):
    """(million calls a second, lost of a hundred)"""
    calls = 4000000 // threads
    s = Storm(calls, threads)
    recorder = Recorder(in_tmp("lossless.sst"), *options, s.pid)
    settle()
    ns = s.go()
    recorder.wait()
    settle()
    return threads * 1e3 / ns, 100 * recorder.lost() / (calls * threads)


def bench_lossless():
    title("--lossless, in a storm (medians of %d rounds)" % ROUNDS)
    cases = {"one thread": (1, ()), "two threads": (2, ()), "two threads, --ring-size=1MiB": (2, ("--ring-size=1MiB",))}
    plain, lossless = {case: [] for case in cases}, {case: [] for case in cases}
    for n in range(ROUNDS + 1):
        for case, (threads, options) in cases.items():
            for got, more in ((plain, ()), (lossless, ("--lossless",))):
                result = storm_rate(threads, *options, *more)
                if n > 0:   # the first round warms up
                    got[case].append(result)
    for case in cases:
        rate, lost = (statistics.median(column) for column in zip(*plain[case]))
        figure(case, "%.2f million/s" % rate, "%.2f %% lost" % lost)
        rate_lossless = statistics.median(rate for rate, _ in lossless[case])
        figure("  with --lossless", "%.2f million/s" % rate_lossless, "%.2f x" % (rate_lossless / rate))
        at_most("  lost, the worst of all rounds", max(lost for _, lost in lossless[case]), 0, " %", 2)


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


def bytes_sysstream(name, *options):
    """(file, calls); with options the file is another one"""
    path = in_tmp("%s-%s.sst" % ("bare" if options else "work", name))
    if name == "redis":
        redis = Redis()
        recorder = Recorder(path, *options, redis.process.pid)
        redis.bench(60000)
        recorder.stop()
        redis.stop()
    else:
        recorder = Recorder(path, *options, "--", *WORK[name](1), cwd=tmp).wait()
    return path, recorder.events()


def bytes_bare(name):
    """bytes a call without what arguments point to, which perf has not either"""
    path, calls = bytes_sysstream(name, "-s", "0")
    return os.path.getsize(path) / max(calls, 1)


def bytes_perf(name):
    """(bytes a call, calls); the bytes are None without calls"""
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
    n = int(out or 0)
    return (os.path.getsize(path) / n if n else None), n


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
    n = int(out or 0)
    return (os.path.getsize(path) / n if n else None), n


def strace_text(command):
    """strace's text of a command, in a file"""
    path = in_tmp("strace.txt")
    run_quietly(["strace", "-f", "-ttt", "-T", "-o", path, *command])
    return path


def packed(path, level):
    """bytes of the file, compressed"""
    out = subprocess.run("zstd -q -%d -c %s | wc -c" % (level, path), shell=True, capture_output=True, text=True, check=True)
    return int(out.stdout)


def bench_names():
    """Files with paths and structures in them, beside the text of strace, which has them too and times in microseconds."""
    for what, command in (("find /usr", ["find", "/usr"]), ("find /usr -size +1k", ["find", "/usr", "-size", "+1k"])):
        path = in_tmp("names.sst")
        calls = Recorder(path, "--", *command, cwd=tmp).wait().events()
        size = os.path.getsize(path)
        figure("%s with its paths, %d calls" % (what, calls), "%.2f" % (size / calls))
        text = strace_text(command)
        at_most("  against strace -f -ttt -T | zstd -3", size / packed(text, 3), 0.6, " x", 3)
        at_most("  against the same text with zstd -19", size / packed(text, 19), 1.0, " x", 3)
        os.unlink(text)


def lacking(name):
    needs = {"find": "find", "gcc": "gcc", "git": "git", "sqlite3": "sqlite3", "redis": "redis-benchmark"}
    return "" if have(needs[name]) else needs[name] + " is missing"


def columns_of(path):
    """{column: bytes a call}; the parts of a stream that is compressed for itself, and what is left over"""
    out = subprocess.run([CODEC, "-b", path], capture_output=True, text=True, check=True).stdout
    columns = {}
    for m in re.finditer(r"^(.{14}) +([\d.]+)? +([\d.]+)$", out, re.M):
        name = re.sub(" (bits|rest)$", "", m[1].strip())
        name = name if name in COLUMNS else "other"
        columns[name] = columns.get(name, 0) + float(m[3])
    return columns


COLUMNS = ("call", "pause", "duration", "ret", "arg0", "arg1", "arg2", "arg3", "arg4", "arg5", "groups", "headers")


def print_columns(paths):
    tables = [columns_of(path) for path in paths.values()]
    print("  bytes a call by column %s" % "".join("%9s" % name for name in paths))
    for column in COLUMNS + ("other",):
        values = [table.get(column, 0) for table in tables]
        print("    %-21s%s" % (column, "".join("%9.3f" % v for v in values)), flush=True)


def bench_bytes():
    title("bytes a call, whole file")
    no_perf = perf_works()
    no_strace = "" if have("strace") and have("zstd") else "strace or zstd is missing"
    all_bytes, bare, paths, peers = [], [], {}, {"perf record -z": [], "strace -f -ttt -T | zstd -3": []}
    for name in ("find", "gcc", "redis", "git", "sqlite3"):
        if lacking(name):
            skipped(name, lacking(name))
            continue
        bytes_sysstream(name)   # warms up: files and programs are in memory for all three
        path, calls = bytes_sysstream(name)
        size_here = os.path.getsize(path) / max(calls, 1)
        all_bytes.append(size_here)
        paths[name] = path
        at_most("%s, %d calls" % (name, calls), size_here, 3.0 if name == "sqlite3" else 7.0, "", 2)
        bare.append(bytes_bare(name))
        figure("  without text (-s 0)", "%.2f" % bare[-1])
        for (peer, sizes), measure, why_not in zip(peers.items(), (bytes_perf, bytes_strace), (no_perf, no_strace)):
            if why_not:
                skipped("  " + peer, why_not)
                continue
            size, n = measure(name)
            # strace gets a tenth of the work. With fewer calls than half of it most were lost: their bytes say nothing.
            if n < calls * (0.5 if measure is bytes_perf else 0.02):
                skipped("  " + peer, "it has recorded %d calls" % n)
                continue
            sizes.append((size, size_here))
            figure("  " + peer, "%.1f" % size, "%.1f x" % (size / size_here))
        if calls < 100000:
            figure("  only %d calls" % calls, "", "at least 100000", False)
    if all_bytes:
        at_most("average", statistics.mean(all_bytes), 4.0, "", 2)
        for (peer, sizes), times in zip(peers.items(), (3.0, 2.5)):
            if sizes:
                theirs, ours = (statistics.mean(column) for column in zip(*sizes))
                at_least("  smaller than %s, average" % peer, theirs / ours, times, " x", 1)
        figure("  without text (-s 0), as perf records none", "%.2f" % statistics.mean(bare))
        print_columns(paths)
    if no_strace:
        skipped("find with its paths", no_strace)
    else:
        bench_names()
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


def recordings():
    """{name: (path, rows)} of the workloads, recorded now unless they have been"""
    found = {}
    for name in ("find", "gcc", "redis", "git", "sqlite3"):
        if lacking(name):
            continue
        path = os.path.join(tmp, "work-%s.sst" % name)
        if not os.path.exists(path):
            bytes_sysstream(name)
        found[name] = path, rows_of(path)
    return found


def rows_of(path, *options):
    with subprocess.Popen([SYSDECODE, "--no-header", "--columns=tid", *options, path], stdout=PIPE) as decode:
        return int(subprocess.run(["wc", "-l"], stdin=decode.stdout, capture_output=True, check=True).stdout)


def bench_decode():
    title("decoding, one processor")
    found = recordings()
    files, calls = [path for path, _ in found.values()], {name: rows for name, (_, rows) in found.items()}
    rates = [sum(calls.values()) / timed(pinned(1, SYSDECODE, *files)) for _ in range(ROUNDS + 1)][1:]
    rate = statistics.median(rates)
    figure("sysdecode of the workloads above (%d rows)" % sum(calls.values()), "%.2f million/s" % (rate / 1e6),
           "at least 6.00", rate >= 6e6)
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
    figure("  sysdecode against it", "%.1f x" % (rate / perf_rate), "at least 15.0 x", rate >= 15 * perf_rate)


# --- codec

def run_measured(command):
    """(seconds, MiB at most, not below those of this program: a process inherits the peak of who started it)"""
    began = time.monotonic()
    process = subprocess.Popen(command, stdout=NULL, stderr=NULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.monotonic() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit("%s: exit status %d" % (" ".join(command), process.returncode))
    return seconds, usage.ru_maxrss / 1024


def record_database(path):
    """A database of which one statement in 21 writes: of its calls about 1 % are openat. The last second is quieter."""
    folder = "/dev/shm" if os.access("/dev/shm", os.W_OK) else tmp
    db = os.path.join(folder, "sysstream-bench-%d.db" % os.getpid())
    program = r"""
        function work(from, to) {
            for (i = from; i < to; i++) {
                print "insert into t(b) values(\"text " i * 7919 % 1000 "\");"
                for (j = 0; j < 20; j++) print "select b from t where a = " (i * 31 + j * 17) % (i + 1) ";"
            }
        }
        BEGIN {
            print "create table t(a integer primary key, b);"
            work(0, n)
            for (k = 0; k < 11; k++) { print ".shell sleep 0.1"; work(n + k * 40, n + k * 40 + 40) }
        }"""
    sql = in_tmp("database.sql")
    with open(sql, "wb") as f:
        subprocess.run(["awk", "-v", "n=%d" % (ROWS / 219), program], stdout=f, check=True)
    recorder = Recorder(path, "--", "sh", "-c", "sqlite3 %s <%s" % (db, sql)).wait()
    os.unlink(db)
    os.unlink(sql)
    return recorder.events()


def compressed_table(files, name):
    path = in_tmp(name)
    with subprocess.Popen([SYSDECODE, *files], stdout=PIPE) as decode:
        subprocess.run(["zstd", "-q", "-f", "-o", path], stdin=decode.stdout, check=True)
    return path


def last_call(path):
    info = subprocess.run([SYSDECODE, "--info", path], capture_output=True, text=True, check=True).stdout
    return float(re.search(r"^calls until +([\d.]+)", info, re.M)[1])


def encoding(files):
    out = subprocess.run(pinned(1, CODEC, *files), capture_output=True, text=True, check=True).stdout
    return float(re.search(r"^columns to frames.* ([\d.]+) million", out, re.M)[1])


def bench_codec():
    title("encoding and decoding (medians of %d rounds)" % ROUNDS)
    found = recordings()
    files, rows = [path for path, _ in found.values()], sum(rows for _, rows in found.values())
    at_least("the workloads to compressed frames, one core", encoding(files), 15, " million/s", 1)
    path = in_tmp("database.sst")
    large = record_database(path)
    since = "--since=%.9f" % (last_call(path) - 1)
    kinds = {
        "tables": pinned(1, SYSDECODE, "-j1", *files), "one": [SYSDECODE, "-j1", path], "two": [SYSDECODE, "-j2", path],
        "filter": [SYSDECODE, "-j1", "--syscall=openat", path],
        "since": [SYSDECODE, since, path],
    }
    if have("zstd"):
        kinds["zstd"] = pinned(1, "zstd", "-dcq", compressed_table(files, "tables.zst"))
        kinds["zstd large"] = pinned(1, "zstd", "-dcq", compressed_table([path], "large.zst"))
    got = {kind: [] for kind in kinds}
    for n in range(ROUNDS + 1):
        for kind, command in kinds.items():
            result = run_measured(command)
            if n > 0:   # the first round warms up
                got[kind].append(result)
    seconds = {kind: statistics.median(s for s, _ in results) for kind, results in got.items()}
    memory = {kind: max(m for _, m in results) for kind, results in got.items()}
    at_least("the workloads to a table, one core (%d rows)" % rows, rows / seconds["tables"] / 1e6, 6,
             " million/s", 1)
    if "zstd" in seconds:
        at_most("  against zstd -dc of the table", seconds["tables"] / seconds["zstd"], 2.5, " x", 2)
    else:
        skipped("  against zstd -dc of the table", "zstd is missing")
    figure("a database's recording of %d rows, one core" % large, "%.1f million/s" % (large / seconds["one"] / 1e6))
    if "zstd" in seconds:
        figure("  against zstd -dc of the table", "%.2f x" % (seconds["one"] / seconds["zstd large"]))
    at_least("  two cores against one", seconds["one"] / seconds["two"], 1.8, " x", 2)
    at_least("  --syscall=openat, %.2f %% of the rows, against all of it" % (100 * rows_of(path, "--syscall=openat") / large),
             seconds["one"] / seconds["filter"], 5, " x", 2)
    at_most("  --since on its last second, %d rows" % rows_of(path, since), 1000 * seconds["since"], 50, " ms", 1)
    for kind, name in (("tables", "of the workloads"), ("one", "one core"), ("two", "two cores"),
                       ("filter", "--syscall=openat"), ("since", "--since")):
        at_most("memory of the decoder, %s" % name, memory[kind], 64, " MiB", 1)


# --- stats

def bench_stats():
    title("sums of a recording, on two cores (medians of %d rounds)" % ROUNDS)
    path = os.path.join(tmp, "database.sst")
    rows = rows_of(path) if os.path.exists(path) else record_database(path)
    kinds = {
        "--stats": ["-j2", "--stats"], "--stats, one core": ["-j1", "--stats"], "--stats=1s": ["-j2", "--stats=1s"],
        "--stats --by=thread,comm,syscall": ["-j2", "--stats", "--by=thread,comm,syscall"],
        "--stats --syscall=openat": ["-j2", "--stats", "--syscall=openat"], "--summary": ["-j2", "--summary"],
        "the table, beside it": ["-j2"],
    }
    got = {kind: [] for kind in kinds}
    for n in range(ROUNDS + 1):
        for kind, options in kinds.items():
            result = run_measured([SYSDECODE, *options, path])
            if n > 0:   # the first round warms up
                got[kind].append(result)
    for kind, results in got.items():
        rate = rows / statistics.median(seconds for seconds, _ in results) / 1e6
        if kind == "--stats":
            at_least("%s of %d rows" % (kind, rows), rate, 15, " million/s", 1)
        else:
            figure("  " + kind, "%.1f million/s" % rate)
    at_most("  memory of the decoder, at most", max(m for kind in got if "--" in kind for _, m in got[kind]), 64, " MiB", 1)


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


# --- tally

BPFTRACE = """
tracepoint:raw_syscalls:sys_enter { @start[tid] = nsecs; }
tracepoint:raw_syscalls:sys_exit /@start[tid]/ {
	$ns = nsecs - @start[tid];
	@calls[pid, args->id] = count();
	@total[pid, args->id] = sum($ns);
	@times[pid, args->id] = hist($ns);
	delete(@start[tid]);
}"""


def attached_bpftrace():
    """A bpftrace that counts and times all calls, or None."""
    if not have("bpftrace"):
        return None
    bpftrace = subprocess.Popen(["bpftrace", "-e", BPFTRACE], stdout=PIPE, stderr=NULL, text=True,
                                env={**os.environ, "BPFTRACE_MAP_KEYS_MAX": "65536"})
    if "Attaching" not in bpftrace.stdout.readline():
        bpftrace.wait()
        return None
    time.sleep(2)
    return bpftrace if bpftrace.poll() is None else None


def end_bpftrace(bpftrace):
    bpftrace.send_signal(signal.SIGINT)
    bpftrace.communicate()


def tally_cost(*options):
    recorder = Recorder(in_tmp("tally.sst"), "--tally=1s", "-a", *options, cpu=1)
    settle()
    ns = Storm(COST_CALLS, cpu=0).go()
    recorder.stop()
    return ns


def tally_cost_bpftrace():
    bpftrace = attached_bpftrace()
    ns = Storm(COST_CALLS, cpu=0).go()
    end_bpftrace(bpftrace)
    return ns


def tally_storm():
    kinds = {"base": cost_base, "empty": lambda: cost_attached(EMPTY), "clock": lambda: cost_attached(CLOCK),
             "traced": cost_traced, "tally": tally_cost, "classic": lambda: tally_cost("--hooks=classic")}
    bpftrace = attached_bpftrace()
    if bpftrace:
        end_bpftrace(bpftrace)
        kinds["bpftrace"] = tally_cost_bpftrace
    base, added = costs(kinds, rare=("bpftrace", "classic"))
    figure("a getppid, nothing attached", "%.0f ns" % base)
    figure("empty programs on both hooks", "+%.0f ns" % added["empty"])
    figure("programs that read the clock, no more: the floor", "+%.0f ns" % added["clock"])
    figure("counted, in a tally of the whole machine", "+%.0f ns" % added["tally"])
    figure("  against the floor", "%.2f x" % (added["tally"] / added["clock"]))
    at_most("  against the empty programs", added["tally"] / added["empty"], 2.0, " x", 2)
    at_most("  against recorded calls (+%.0f ns)" % added["traced"], added["tally"] / added["traced"], 1.0, " x", 2)
    figure("counted with --hooks=classic", "+%.0f ns" % added["classic"])
    if bpftrace:
        figure("bpftrace with count, sum and hist", "+%.0f ns" % added["bpftrace"])
        at_most("  sysstream against it", added["tally"] / added["bpftrace"], 0.25, " x", 3)
    else:
        skipped("bpftrace", "bpftrace is missing or cannot attach")


def rate_attached(redis, programs):
    with subprocess.Popen([ATTACH, programs], stdin=PIPE, stdout=PIPE, text=True) as attach:
        attach.stdout.readline()
        settle()
        rate = redis.bench(50000)
        attach.stdin.close()
    return rate


def rate_tallied(redis):
    recorder = Recorder(in_tmp("tally.sst"), "--tally=1s", "-a")
    settle()
    rate = redis.bench(50000)
    recorder.stop()
    return rate


def tally_server():
    if lacking("redis"):
        skipped("redis with a tally of the whole machine", "redis-benchmark is missing (redis-tools)")
        return
    kinds = {"alone": lambda r: r.bench(50000), "empty": lambda r: rate_attached(r, EMPTY),
             "clock": lambda r: rate_attached(r, CLOCK), "tally": rate_tallied}
    got = {kind: [] for kind in kinds}
    redis = Redis()
    redis.bench(50000)
    for _ in range(3 * ROUNDS):
        for kind in random.sample(list(kinds), len(kinds)):
            got[kind].append(kinds[kind](redis))
            settle()
    redis.stop()
    for what in ("SET", "GET"):
        rate = {kind: statistics.median(g[what] for g in runs) for kind, runs in got.items()}
        share = {kind: 100 * rate[kind] / rate["alone"] for kind in kinds}
        figure("redis %s, not counted" % what, "%.0f" % rate["alone"])
        figure("redis %s, empty programs attached" % what, "%.1f %%" % share["empty"])
        figure("redis %s, programs that read the clock" % what, "%.1f %%" % share["clock"])
        at_least("redis %s, a tally of the whole machine" % what, share["tally"], min(90, share["empty"] - 5), " %", 1)


def stats_of(path, *options):
    lines = subprocess.run([SYSDECODE, "--stats", "-F", "tsv", "--no-header", *options, path], capture_output=True,
                           text=True, check=True).stdout
    return [line.split("\t") for line in lines.splitlines()]


def tally_crowd(processes=10000, calls=50):
    crowd = subprocess.Popen([CROWD, str(processes), str(calls)], stdin=PIPE, stdout=PIPE, text=True)
    if crowd.stdout.readline() != "ready\n":
        crowd.wait()
        skipped("%d processes" % processes, "they cannot all be there at once")
        return
    path = in_tmp("crowd.sst")
    recorder = Recorder(path, "-v", "--tally=60s", "-c", "crowd")
    crowd.communicate("go\n")
    recorder.stop()
    made = [int(r[3]) for r in stats_of(path, "--by=process", "--syscall=getppid") if r[0] == "calls"]
    figure("%d processes x %d calls in one interval: counted" % (processes, calls), str(sum(made)), str(processes * calls),
           sum(made) == processes * calls)
    figure("  processes of which all are there", str(made.count(calls)), str(processes), made.count(calls) == processes)
    figure("  lost", str(recorder.lost()), "0", recorder.lost() == 0)
    at_most("  the recorder's memory", recorder.usage.ru_maxrss / 1024, 96, " MiB")


def tally_snapshot(processes=10000):
    """They all make calls in each interval."""
    crowd = subprocess.Popen([CROWD, str(processes), "1000", "400000"], stdin=PIPE, stdout=PIPE, text=True)
    if crowd.stdout.readline() != "ready\n":
        crowd.wait()
        return
    recorder = Recorder(in_tmp("crowd.sst"), "-v", "--tally=500ms", "-c", "crowd")
    crowd.stdin.write("go\n")
    crowd.stdin.flush()
    time.sleep(5)
    recorder.stop()
    crowd.kill()
    crowd.wait()
    m = re.search(r"([\d.]+) ms to take the tables away, ([\d.]+) ms until they were added up, ([\d.]+) ms to write",
                  recorder.said)
    at_most("%d busy processes, end of an interval: taking tables away" % processes, float(m[1]), 50, " ms", 1)
    at_most("  and adding them up", float(m[2]), 50, " ms", 1)
    figure("  and writing, in a thread of its own", m[3] + " ms")
    figure("  the recorder's CPU time an interval", "%.1f ms" % (recorder.cpu() * 1000 / int(re.search(r"(\d+) intervals", recorder.said)[1])))
    at_most("  the recorder's memory", recorder.usage.ru_maxrss / 1024, 96, " MiB")


def tally_day():
    path = in_tmp("day.sst")
    with open(path, "wb") as out:
        subprocess.run([TALLIES, "day"], stdout=out, check=True)
    at_most("24 hours of an idle server at 5 s (simulated)", os.path.getsize(path) / 2**20, 20, " MiB", 1)
    began = time.monotonic()
    stats_of(path, "--top=20")
    figure("  its statistics", "%.2f s" % (time.monotonic() - began))


def bench_tally():
    title("calls counted in the kernel (medians of %d rounds)" % ROUNDS)
    tally_storm()
    tally_server()
    tally_crowd()
    tally_snapshot()
    tally_day()


PARTS = {"cost": bench_cost, "text": bench_text, "storm": bench_storm, "lossless": bench_lossless, "bytes": bench_bytes,
         "codec": bench_codec, "decode": bench_decode, "stats": bench_stats, "start": bench_start, "server": bench_server,
         "against": bench_against, "tally": bench_tally}


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
