"""--tally: calls that are counted in the kernel."""
import os
import re
import signal
import subprocess
import time
from functools import partial
from subprocess import DEVNULL, PIPE

from parts import cost, server
from paths import CLOCK, CROWD, EMPTY, SYSDECODE, TALLIES, fresh
from processes import Recorder, have
from rounds import ROUNDS
from table import at_least, at_most, figure, skipped, title
from workloads import lacking


# --- a call

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
    bpftrace = subprocess.Popen(["bpftrace", "-e", BPFTRACE], stdout=PIPE, stderr=DEVNULL, text=True,
                                env={**os.environ, "BPFTRACE_MAP_KEYS_MAX": "65536"})
    if "Attaching" not in bpftrace.stdout.readline():
        bpftrace.wait()
        return None
    time.sleep(2)
    return bpftrace if bpftrace.poll() is None else None


def end_bpftrace(bpftrace):
    bpftrace.send_signal(signal.SIGINT)
    bpftrace.communicate()


def cost_with_bpftrace():
    bpftrace = attached_bpftrace()
    ns = cost.alone()
    end_bpftrace(bpftrace)
    return ns


def bench_call():
    tallied = partial(cost.beside_recorder, "--tally=1s", "-a")
    kinds = {**cost.BASIC, "tally": tallied, "classic": partial(tallied, "--hooks=classic")}
    bpftrace = attached_bpftrace()
    if bpftrace:
        end_bpftrace(bpftrace)
        kinds["bpftrace"] = cost_with_bpftrace
    base, added = cost.costs(kinds, rare=("bpftrace", "classic"))
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


# --- a server

def bench_redis():
    if lacking("redis"):
        skipped("redis with a tally of the whole machine", "redis-benchmark is missing (redis-tools)")
        return
    rates = server.rates(3 * ROUNDS, {"alone": lambda redis: redis.bench(50000),
                                      "empty": lambda redis: server.rate_with_programs(redis, 50000, EMPTY),
                                      "clock": lambda redis: server.rate_with_programs(redis, 50000, CLOCK),
                                      "tally": lambda redis: server.rate_recorded(redis, 50000, "--tally=1s", "-a")})
    for what, rate in rates.items():
        share = {kind: 100 * r / rate["alone"] for kind, r in rate.items()}
        figure("redis %s, not counted" % what, "%.0f" % rate["alone"])
        figure("redis %s, empty programs attached" % what, "%.1f %%" % share["empty"])
        figure("redis %s, programs that read the clock" % what, "%.1f %%" % share["clock"])
        at_least("redis %s, a tally of the whole machine" % what, share["tally"], min(90, share["empty"] - 5), " %", 1)


# --- many processes, many intervals

def stats_of(path, *options):
    lines = subprocess.run([SYSDECODE, "--stats", "-F", "tsv", "--no-header", *options, path], capture_output=True,
                           text=True, check=True).stdout
    return [line.split("\t") for line in lines.splitlines()]


def crowd_of(processes, *args):
    """So many processes, which wait for a line; None when they cannot all be there at once."""
    crowd = subprocess.Popen([CROWD, *map(str, (processes, *args))], stdin=PIPE, stdout=PIPE, text=True)
    if crowd.stdout.readline() != "ready\n":
        crowd.wait()
        return None
    return crowd


def bench_crowd(processes=10000, calls=50):
    crowd = crowd_of(processes, calls)
    if not crowd:
        skipped("%d processes" % processes, "they cannot all be there at once")
        return
    path = fresh("crowd.sst")
    recorder = Recorder(path, "-v", "--tally=60s", "-c", "crowd")
    crowd.communicate("go\n")
    recorder.stop()
    made = [int(r[3]) for r in stats_of(path, "--by=process", "--syscall=getppid") if r[0] == "calls"]
    figure("%d processes x %d calls in one interval: counted" % (processes, calls), str(sum(made)), str(processes * calls),
           sum(made) == processes * calls)
    figure("  processes of which all are there", str(made.count(calls)), str(processes), made.count(calls) == processes)
    figure("  lost", str(recorder.lost()), "0", recorder.lost() == 0)
    at_most("  the recorder's memory", recorder.usage.ru_maxrss / 1024, 96, " MiB")


def bench_intervals(processes=10000):
    """They all make calls in each interval."""
    crowd = crowd_of(processes, 1000, 400000)
    if not crowd:
        skipped("%d busy processes" % processes, "they cannot all be there at once")
        return
    recorder = Recorder(fresh("crowd.sst"), "-v", "--tally=500ms", "-c", "crowd")
    crowd.stdin.write("go\n")
    crowd.stdin.flush()
    time.sleep(5)
    recorder.stop()
    crowd.kill()
    crowd.wait()
    m = re.search(r"([\d.]+) ms to take the tables away, ([\d.]+) ms until they were added up, ([\d.]+) ms to write",
                  recorder.said)
    intervals = int(re.search(r"(\d+) intervals", recorder.said)[1])
    at_most("%d busy processes, end of an interval: taking tables away" % processes, float(m[1]), 50, " ms", 1)
    at_most("  and adding them up", float(m[2]), 50, " ms", 1)
    figure("  and writing, in a thread of its own", m[3] + " ms")
    figure("  the recorder's CPU time an interval", "%.1f ms" % (recorder.cpu() * 1000 / intervals))
    at_most("  the recorder's memory", recorder.usage.ru_maxrss / 1024, 96, " MiB")


def bench_day():
    path = fresh("day.sst")
    with open(path, "wb") as out:
        subprocess.run([TALLIES, "day"], stdout=out, check=True)
    at_most("24 hours of an idle server at 5 s (simulated)", os.path.getsize(path) / 2**20, 20, " MiB", 1)
    began = time.monotonic()
    stats_of(path, "--top=20")
    figure("  its statistics", "%.2f s" % (time.monotonic() - began))


def bench_tally():
    title("calls counted in the kernel (medians of %d rounds)" % ROUNDS)
    bench_call()
    bench_redis()
    bench_crowd()
    bench_intervals()
    bench_day()
