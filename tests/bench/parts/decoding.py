"""Rows encoded and decoded: how fast, beside other programs, and in how much memory."""
import os
import re
import statistics
import subprocess
import sys
import time
from functools import partial
from subprocess import DEVNULL, PIPE

from paths import CODEC, SYSDECODE, fresh, kept
from processes import Recorder, Storm, have, pinned, why_no_perf
from rounds import ROUNDS, in_turn
from table import at_least, at_most, figure, skipped, title
from workloads import lacking, record_database, record_with_perf, recordings, rows_of


def run_measured(command):
    """(seconds, MiB at most, not below those of this program: a process inherits the peak of who started it)"""
    began = time.monotonic()
    process = subprocess.Popen(command, stdout=DEVNULL, stderr=DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.monotonic() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit("%s: exit status %d" % (" ".join(command), process.returncode))
    return seconds, usage.ru_maxrss / 1024


def run_in_turn(commands):
    """(median of the seconds, most MiB of all rounds) of each, as {kind: seconds}, {kind: MiB}"""
    got = in_turn(ROUNDS, {kind: partial(run_measured, command) for kind, command in commands.items()})
    return ({kind: statistics.median(s for s, _ in results) for kind, results in got.items()},
            {kind: max(m for _, m in results) for kind, results in got.items()})


# --- codec

def compressed_table(files, name):
    path = fresh(name)
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
    path = fresh("database.sst")
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
    seconds, memory = run_in_turn(kinds)
    at_least("the workloads to a table, one core (%d rows)" % rows, rows / seconds["tables"] / 1e6, 6, " million/s", 1)
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


# --- decode

def timed(command):
    with subprocess.Popen(command, stdout=DEVNULL, stderr=DEVNULL) as process:
        began = time.monotonic()
        process.wait()
        return time.monotonic() - began


def decoding(rows, *args):
    """million rows a second, of so many rows, on one core; the first round warms up"""
    rates = [rows / timed(pinned(1, SYSDECODE, *args)) / 1e6 for _ in range(1 + ROUNDS)]
    return statistics.median(rates[1:])


def bench_decode():
    title("decoding, one processor")
    found = recordings()
    files, rows = [path for path, _ in found.values()], sum(rows for _, rows in found.values())
    rate = decoding(rows, *files)
    figure("sysdecode of the workloads above (%d rows)" % rows, "%.2f million/s" % rate, "at least 6.00", rate >= 6)
    path = fresh("decode.sst")
    s = Storm(5000000)
    recorder = Recorder(path, s.pid)
    s.go()
    recorder.wait()
    figure("sysdecode of a storm (%d rows)" % recorder.events(), "%.2f million/s" % decoding(recorder.events(), path))
    for fmt in ("raw", "csv"):
        figure("sysdecode --format=" + fmt, "%.2f million/s" % decoding(rows, "--format=" + fmt, *files))
    no_perf = why_no_perf() or lacking("find")
    if no_perf:
        skipped("perf script", no_perf)
        return
    data = kept("perf-find.data")
    if not os.path.exists(data):
        record_with_perf("find")
    seconds = statistics.median(timed(pinned(1, "perf", "script", "-i", data)) for _ in range(3))
    perf_rate = found["find"][1] / seconds / 1e6
    figure("perf script", "%.2f million/s" % perf_rate)
    at_least("  sysdecode against it", rate / perf_rate, 15, " x", 1)


# --- stats

def bench_stats():
    title("sums of a recording, on two cores (medians of %d rounds)" % ROUNDS)
    path = kept("database.sst")
    rows = rows_of(path) if os.path.exists(path) else record_database(path)
    kinds = {
        "--stats": ["-j2", "--stats"], "--stats, one core": ["-j1", "--stats"], "--stats=1s": ["-j2", "--stats=1s"],
        "--stats --by=thread,comm,syscall": ["-j2", "--stats", "--by=thread,comm,syscall"],
        "--stats --syscall=openat": ["-j2", "--stats", "--syscall=openat"], "--summary": ["-j2", "--summary"],
        "the table, beside it": ["-j2"],
    }
    seconds, memory = run_in_turn({kind: [SYSDECODE, *options, path] for kind, options in kinds.items()})
    for kind in kinds:
        rate = rows / seconds[kind] / 1e6
        if kind == "--stats":
            at_least("%s of %d rows" % (kind, rows), rate, 15, " million/s", 1)
        else:
            figure("  " + kind, "%.1f million/s" % rate)
    at_most("  memory of the decoder, at most", max(memory[kind] for kind in kinds if "--" in kind), 64, " MiB", 1)
