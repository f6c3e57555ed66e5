"""Processes: recorders, storms that they record, and what is attached beside them."""
import contextlib
import os
import re
import shutil
import signal
import statistics
import subprocess
import sys
import time
from subprocess import DEVNULL, PIPE

from paths import ATTACH, STORM, SYSSTREAM, fresh


def have(command):
    return shutil.which(command) is not None


def pinned(cpu, *command):
    """On one CPU, where there are at least two."""
    return (["taskset", "-c", str(cpu)] if os.cpu_count() > 1 and have("taskset") else []) + list(command)


def settle():
    # Right after a detach the kernel's tracepoints are slower for a while.
    time.sleep(0.5)


def interrupt(process):
    process.send_signal(signal.SIGINT)
    process.wait()


class Recorder:
    """sysstream, attached when the constructor returns."""

    def __init__(self, path, *args, cpu=None, cwd=None, program=SYSSTREAM):
        command = [program, "-f", path, *map(str, args)]
        self.began = time.monotonic()
        self.process = subprocess.Popen(pinned(cpu, *command) if cpu is not None else command, stderr=PIPE, text=True,
                                        cwd=cwd, stdout=DEVNULL)
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


@contextlib.contextmanager
def attached(programs):
    """The BPF programs of a file, on both hooks of all calls."""
    with subprocess.Popen([ATTACH, programs], stdin=PIPE, stdout=PIPE, text=True) as attach:
        if attach.stdout.readline() != "attached\n":
            sys.exit("programs cannot be attached: " + programs)
        settle()
        yield
        attach.stdin.close()


def why_no_perf():
    """Nothing when perf works."""
    if not have("perf"):
        return "perf is missing (linux-perf)"
    run = subprocess.run(["perf", "record", "-q", "-e", "raw_syscalls:*", "-o", fresh("perf.try"), "true"],
                         stdout=DEVNULL, stderr=PIPE, text=True, check=False)
    return "" if run.returncode == 0 else (run.stderr.strip().splitlines() or ["perf fails"])[0]


def attached_perf(pid):
    perf = subprocess.Popen(["perf", "record", "-q", "-e", "raw_syscalls:*", "-o", fresh("perf.data"), "-p", str(pid)],
                            stdout=DEVNULL, stderr=DEVNULL)
    time.sleep(1)
    return perf
