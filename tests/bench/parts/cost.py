"""What a call costs: recorded and in other ways, with text, and beside another checkout."""
import os
import re
import subprocess
import sys
import time
from functools import partial
from subprocess import DEVNULL, PIPE

from paths import CALLS, CAPTURED, CLOCK, EMPTY, NAME, STORM, SYSSTREAM, folder, fresh
from processes import Recorder, Storm, attached, attached_perf, have, pinned, settle, why_no_perf
from rounds import ROUNDS, interleaved, medians
from table import at_least, at_most, figure, skipped, title

COUNT = 400000


# --- a getppid: ns of one

def alone():
    return Storm(COUNT, cpu=0).go()


def with_programs(programs):
    with attached(programs):
        return alone()


def recorded(*options):
    storm = Storm(COUNT, cpu=0)
    recorder = Recorder(fresh("cost.sst"), *options, storm.pid, cpu=1)
    settle()
    ns = storm.go()
    recorder.wait()
    return ns


def recorded_child():
    """Of a child of the recorded process, born while it is recorded."""
    command = pinned(0, "sh", "-c", 'read go; "$@"; exit $?', "sh", STORM, "-", str(COUNT), "1")
    with subprocess.Popen(command, stdin=PIPE, stderr=PIPE, text=True) as parent:
        recorder = Recorder(fresh("cost.sst"), "-F", parent.pid, cpu=1)
        settle()
        _, err = parent.communicate("go\n")
        recorder.wait()
    if recorder.events() + recorder.lost() < COUNT:
        sys.exit("-F has not recorded the child: " + recorder.said)
    return float(err.split()[0])


def beside_recorder(*args):
    """While a recorder with these arguments runs, which ends later."""
    recorder = Recorder(fresh("cost.sst"), *args, cpu=1)
    settle()
    ns = alone()
    recorder.stop()
    return ns


def not_recorded():
    other = subprocess.Popen(["sleep", "1000"])
    ns = beside_recorder(other.pid)
    other.kill()
    other.wait()
    return ns


def with_perf():
    storm = Storm(COUNT, cpu=0)
    perf = attached_perf(storm.pid)
    ns = storm.go()
    perf.wait()
    return ns


def with_strace():
    storm = Storm(20000, cpu=0)
    strace = subprocess.Popen(["strace", "-f", "-o", fresh("strace.out"), "-p", str(storm.pid)], stderr=PIPE, text=True)
    strace.stderr.readline()
    time.sleep(0.3)
    ns = storm.go()
    strace.wait()
    return ns


# What all others are compared with.
BASIC = {"base": alone, "empty": partial(with_programs, EMPTY), "clock": partial(with_programs, CLOCK), "traced": recorded}


def costs(kinds, rare=()):
    """(ns of a call by itself, {kind: ns it adds to a call})"""
    ns = medians(interleaved(3 * ROUNDS, kinds, rare))
    return ns["base"], {kind: t - ns["base"] for kind, t in ns.items()}


def bench_cost():
    title("ns added to a getppid (medians of %d rounds)" % (3 * ROUNDS))
    kinds = {**BASIC, "followed": recorded_child, "classic": partial(recorded, "--hooks=classic"),
             "excluded": partial(recorded, "-e", "trace=!getppid"), "untraced": not_recorded}
    no_perf = why_no_perf()
    if not no_perf:
        kinds["perf"] = with_perf
    if have("strace"):
        kinds["strace"] = with_strace
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


# --- a call with text: ns of CPU time of one

def call_cost(what, *options, program=SYSSTREAM):
    """Without options nothing is recorded."""
    calls = subprocess.Popen(pinned(0, CALLS, what, str(COUNT)), stdin=PIPE, stdout=PIPE, text=True)
    calls.stdout.readline()
    recorder = Recorder(fresh("text.sst"), *options, calls.pid, cpu=1, program=program) if options else None
    settle()
    out, _ = calls.communicate("go\n")
    if recorder:
        recorder.wait()
    return float(out)


def call_with_programs(what, programs):
    with attached(programs):
        return call_cost(what)


def cold_names(count):
    """How many of so many names in cold pages are in the file, and how many are there as empty."""
    path = fresh("cold.sst")
    command = [SYSSTREAM, "-q", "-f", path, "--", CALLS, "cold", str(count)]
    subprocess.run(command, input="go\n", stdout=DEVNULL, text=True, check=True, cwd=folder())
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
    kinds = {(what, *options): partial(call_cost, what, *options)
             for what in ("getppid", "openat") for options in ((), ("-s", "0"), ("-s", "4096"))}
    kinds["openat", NAME] = partial(call_with_programs, "openat", NAME)
    kinds["getppid", CLOCK] = partial(call_with_programs, "getppid", CLOCK)
    ns = medians(interleaved(3 * ROUNDS, kinds))
    added = {kind: t - ns[kind[:1]] for kind, t in ns.items()}
    figure("getppid, nothing recorded", "%.0f ns" % ns[("getppid",)])
    figure("getppid, recorded without text", "+%.0f ns" % added["getppid", "-s", "0"])
    figure("getppid, recorded with text", "+%.0f ns" % added["getppid", "-s", "4096"])
    at_most("  the whole call against one without text", ns["getppid", "-s", "4096"] / ns["getppid", "-s", "0"], 1.03, " x", 2)
    figure("openat of 23 characters, nothing recorded", "%.0f ns" % ns[("openat",)])
    figure("openat, programs that read the clock and the name: the floor", "+%.0f ns" % added["openat", NAME])
    floor = added["openat", NAME] + added["getppid", "-s", "4096"] - added["getppid", CLOCK]
    figure("  and what a recorded getppid costs beyond the clock", "+%.0f ns, %.2f x getppid" %
           (floor, floor / added["getppid", "-s", "4096"]))
    figure("openat, recorded without text", "+%.0f ns" % added["openat", "-s", "0"])
    figure("openat, recorded with text", "+%.0f ns" % added["openat", "-s", "4096"])
    figure("  against the floor", "%.2f x" % (added["openat", "-s", "4096"] / added["openat", NAME]))
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
    programs = {"recorded there": other, "recorded here": SYSSTREAM}
    kinds = {}
    for what in ("getppid", "openat"):
        kinds[what, "nothing recorded"] = partial(call_cost, what)
        for who, program in programs.items():
            kinds[what, who] = partial(call_cost, what, "-s", "4096", program=program)
    ns = medians(interleaved(3 * ROUNDS, kinds))
    for what, who in kinds:
        added = ns[what, who] - ns[what, "nothing recorded"]
        figure("%s, %s" % (what, who), "+%.0f ns" % added if who in programs else "%.0f ns" % ns[what, who])
