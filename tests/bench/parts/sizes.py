"""Bytes a call, beside what other tools write of the same workloads."""
import dataclasses
import os
import re
import statistics
import subprocess
import time
from subprocess import DEVNULL

from paths import CODEC, STORM, folder, fresh
from processes import Recorder, have, why_no_perf
from table import at_least, at_most, figure, skipped, title
from workloads import NEEDS, lacking, record, record_with, record_with_perf, run_quietly

COLUMNS = ("call", "pause", "duration", "ret", "arg0", "arg1", "arg2", "arg3", "arg4", "arg5", "groups", "headers")


def bytes_a_call(path, count):
    """(bytes a call, calls) of a file whose calls a shell command counts; the bytes are None without calls"""
    out = subprocess.run(count % path, shell=True, capture_output=True, text=True, check=False).stdout
    n = int(out or 0)
    return (os.path.getsize(path) / n if n else None), n


def bytes_perf(name):
    return bytes_a_call(record_with_perf(name), "perf script -i %s -F event 2>/dev/null | grep -c sys_exit")


def bytes_strace(name):
    path = fresh("strace.zst")
    record_with(["strace", "-f", "-ttt", "-T", "-o", "|zstd -3 -q -f -o " + path], name, 0.1, 3000)
    for _ in range(50):
        if os.path.exists(path):
            break
        time.sleep(0.1)
    time.sleep(0.3)
    return bytes_a_call(path, "zstd -dc %s | grep -vc 'unfinished ...>$'")


def in_microseconds(path):
    """bytes a call of a recording whose times are as exact as those of strace -ttt -T"""
    out = subprocess.run([CODEC, "-b", "-u", path], capture_output=True, text=True, check=True).stdout
    return float(re.search(r"([\d.]+) bytes a row", out)[1])


@dataclasses.dataclass
class Peer:
    """Another tool: its bytes a call, beside ours of the same workload."""
    name: str
    measure: callable
    why_not: str    # why it cannot be measured
    part: float     # of our calls, without which most were lost: the bytes say nothing
    times: float    # as many as ours, on average
    sizes: list = dataclasses.field(default_factory=list)

    def bench(self, workload, calls, ours):
        if self.why_not:
            skipped("  " + self.name, self.why_not)
            return
        theirs, n = self.measure(workload)
        if not n or n < calls * self.part:
            skipped("  " + self.name, "it has recorded %d calls" % n)
            return
        self.sizes.append((theirs, ours))
        figure("  " + self.name, "%.1f" % theirs, "%.1f x" % (theirs / ours))

    def bench_average(self):
        if self.sizes:
            theirs, ours = (statistics.mean(column) for column in zip(*self.sizes))
            at_least("  smaller than %s, average" % self.name, theirs / ours, self.times, " x", 1)


def bench_workloads(peers):
    """Returns their recordings."""
    with_text, rounded, bare, files = [], [], [], {}
    for name in NEEDS:
        if lacking(name):
            skipped(name, lacking(name))
            continue
        record(name)   # warms up: files and programs are in memory for all three
        path, calls = record(name)
        files[name] = path
        size = os.path.getsize(path) / max(calls, 1)
        with_text.append(size)
        at_most("%s, %d calls" % (name, calls), size, 3.0 if name == "sqlite3" else 7.0, "", 2)
        rounded.append(in_microseconds(path))
        figure("  with times in microseconds, as strace's", "%.2f" % rounded[-1])
        # What arguments point to perf has not either.
        path, bare_calls = record(name, "-s", "0")
        bare.append(os.path.getsize(path) / max(bare_calls, 1))
        figure("  without text (-s 0)", "%.2f" % bare[-1])
        for peer in peers:
            peer.bench(name, calls, size)
        if calls < 100000:
            figure("  only %d calls" % calls, "", "at least 100000", False)
    if with_text:
        at_most("average", statistics.mean(with_text), 4.0, "", 2)
        for peer in peers:
            peer.bench_average()
        figure("  with times in microseconds, as strace's", "%.2f" % statistics.mean(rounded))
        figure("  without text (-s 0), as perf records none", "%.2f" % statistics.mean(bare))
    return files


def columns_of(path):
    """{column: bytes a call}; the parts of a stream that is compressed for itself, and what is left over"""
    out = subprocess.run([CODEC, "-b", path], capture_output=True, text=True, check=True).stdout
    columns = {}
    for m in re.finditer(r"^(.{14}) +([\d.]+)? +([\d.]+)$", out, re.M):
        name = re.sub(" (bits|rest)$", "", m[1].strip())
        name = name if name in COLUMNS else "other"
        columns[name] = columns.get(name, 0) + float(m[3])
    return columns


def print_columns(files):
    tables = [columns_of(path) for path in files.values()]
    print("  bytes a call by column %s" % "".join("%9s" % name for name in files))
    for column in COLUMNS + ("other",):
        values = [table.get(column, 0) for table in tables]
        print("    %-21s%s" % (column, "".join("%9.3f" % v for v in values)), flush=True)


def packed(path, level):
    """bytes of the file, compressed"""
    out = subprocess.run("zstd -q -%d -c %s | wc -c" % (level, path), shell=True, capture_output=True, text=True, check=True)
    return int(out.stdout)


def bench_names():
    """Files with paths and structures in them, beside the text of strace, which has them too and times in microseconds."""
    for what, command in (("find /usr", ["find", "/usr"]), ("find /usr -size +1k", ["find", "/usr", "-size", "+1k"])):
        path = fresh("names.sst")
        calls = Recorder(path, "--", *command, cwd=folder()).wait().events()
        size = os.path.getsize(path)
        figure("%s with its paths, %d calls" % (what, calls), "%.2f" % (size / calls))
        text = fresh("strace.txt")
        run_quietly(["strace", "-f", "-ttt", "-T", "-o", text, *command])
        at_most("  against strace -f -ttt -T | zstd -3", size / packed(text, 3), 0.6, " x", 3)
        at_most("  against the same text with zstd -19", size / packed(text, 19), 1.0, " x", 3)
        os.unlink(text)


def bench_quiet():
    quiet = subprocess.Popen([STORM, "-", "20000", "1", "1000000"], stderr=DEVNULL)
    path = fresh("quiet.sst")
    recorder = Recorder(path, quiet.pid)
    began = time.monotonic()
    recorder.wait()
    quiet.wait()
    seconds = time.monotonic() - began
    at_most("quiet: %.0f calls a second for %.0f s" % (recorder.events() / seconds, seconds),
            os.path.getsize(path) / max(recorder.events(), 1), 8.0, "", 2)


def bench_bytes():
    title("bytes a call, whole file")
    no_strace = "" if have("strace") and have("zstd") else "strace or zstd is missing"
    # strace gets a tenth of the work.
    files = bench_workloads([Peer("perf record -z", bytes_perf, why_no_perf(), 0.5, 3.0),
                             Peer("strace -f -ttt -T | zstd -3", bytes_strace, no_strace, 0.02, 2.5)])
    if files:
        print_columns(files)
    if no_strace:
        skipped("find with its paths", no_strace)
    else:
        bench_names()
    bench_quiet()
