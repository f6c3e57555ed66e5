"""Full speed: what is lost, what the recorder takes, and what it takes to lose nothing."""
import os
import statistics
import subprocess
from functools import partial
from subprocess import PIPE

from paths import SYSDECODE, fresh
from processes import Recorder, Storm, settle
from rounds import ROUNDS, interleaved
from table import at_most, figure, title

SECONDS = float(os.environ.get("BENCH_SECONDS", "60"))


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
    rows, path = fresh("storm.rows"), fresh("storm.sst")
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
    recorder = Recorder(fresh("lossless.sst"), *options, s.pid)
    settle()
    ns = s.go()
    recorder.wait()
    return threads * 1e3 / ns, 100 * recorder.lost() / (calls * threads)


def bench_lossless():
    title("--lossless, in a storm (medians of %d rounds)" % ROUNDS)
    cases = {"one thread": (1,), "two threads": (2,), "two threads, --ring-size=1MiB": (2, "--ring-size=1MiB")}
    got = interleaved(ROUNDS, {(case, *more): partial(storm_rate, *args, *more)
                               for case, args in cases.items() for more in ((), ("--lossless",))})
    for case in cases:
        rate, lost = (statistics.median(column) for column in zip(*got[(case,)]))
        figure(case, "%.2f million/s" % rate, "%.2f %% lost" % lost)
        rate_lossless = statistics.median(rate for rate, _ in got[case, "--lossless"])
        figure("  with --lossless", "%.2f million/s" % rate_lossless, "%.2f x" % (rate_lossless / rate))
        at_most("  lost, the worst of all rounds", max(lost for _, lost in got[case, "--lossless"]), 0, " %", 2)
