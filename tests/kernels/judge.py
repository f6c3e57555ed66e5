#!/usr/bin/env python3
"""Judge what a machine of the kernel matrix handed out: judge.py CELL DIRECTORY SYSDECODE SECONDS

Decodes every recording and compares it with what the oracles wrote down (tests/e2e/compare.py); looks up the name of every
row in the C library's headers. Prints what is wrong, and the row of this kernel, as tests/kernels/run documents it. Keeps
a table only if something is wrong with it. Exit status 1 if anything is.
"""
import contextlib
import io
import itertools
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../e2e"))
import compare  # noqa: E402

SUMS = "tid,state,note,syscall,arg0,arg1"
# Which header has the numbers of an ABI, and the bit that is set in each of them.
HEADERS = {
    "x86_64": ("asm/unistd_64.h", 0),
    "x32": ("asm/unistd_x32.h", 0x40000000),
    "i386": ("asm/unistd_32.h", 0),
    "aarch64": ("asm-generic/unistd.h", 0),
    "arm": ("asm/unistd.h", 0),
}
# Of the architecture that a compiler here has none of; tests/kernels/cross.sh unpacks them.
ARM_HEADERS = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                           "../../build/kernels/sysroot-arm64/usr/arm-linux-gnueabihf/include")


def header_names(abi):
    """{number: name} as the C library's headers have them, or {}"""
    header, bit = HEADERS.get(abi, ("", 0))
    source = "#define __X32_SYSCALL_BIT 0x40000000\n#define __BITS_PER_LONG 64\n#include <%s>\n" % header
    options = ["-nostdinc", "-I" + ARM_HEADERS, "-D__ARM_EABI__", "-D__NR_SYSCALL_BASE=0"] if abi == "arm" else []
    done = subprocess.run(["cc", "-E", "-dM", *options, "-xc", "-"], input=source.encode(), capture_output=True, check=False)
    defined = dict(re.findall(r"^#define (__NR\w+) (.+)$", done.stdout.decode(), re.M))
    names = {}
    for name, value in defined.items():
        value = defined.get(value, value)
        m = re.match(r"\(?(?:(?:__X32_SYSCALL_BIT|__NR_SYSCALL_BASE) ?\+ ?)?(\d+)\)?$", value)
        if m and name.startswith("__NR_") and name not in ("__NR_syscalls", "__NR_SYSCALL_BASE"):
            names[int(m[1]) & ~bit] = name[len("__NR_"):]
    return names


class Judge:
    def __init__(self, directory, sysdecode):
        self.directory, self.sysdecode = directory, sysdecode
        self.made = self.recorded = self.lost = self.unexplained = self.wrong_names = 0
        self.loads = self.attaches = "no"
        self.failed = False
        self.names = {abi: header_names(abi) for abi in HEADERS}

    def path(self, name):
        return os.path.join(self.directory, name)

    def complain(self, text):
        self.failed = True
        print(text)

    def tail(self, name, lines=5):
        with contextlib.suppress(OSError), open(self.path(name), encoding="utf-8", errors="replace") as f:
            for line in f.read().splitlines()[-lines:]:
                print("    %s: %s" % (name, line))

    def decode(self, name, columns=None):
        """Leaves NAME.tsv; returns the decoder's exit status, and says what it says when that is not expected."""
        with open(self.path(name + ".tsv"), "wb") as table, open(self.path(name + ".decoded"), "wb") as said:
            arguments = ["--columns=" + columns] if columns else []
            return subprocess.run([self.sysdecode, *arguments, self.path(name + ".sst")], stdout=table, stderr=said,
                                  check=False).returncode

    def compared(self, what, function, *paths):
        """What a function of compare.py returns; its problems are counted and printed."""
        compare.problems = 0
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            try:
                result = function(*paths)
            except (OSError, ValueError, KeyError, SystemExit) as error:
                compare.problem("cannot be compared: %r" % error)
                result = None
        if compare.problems:
            self.complain("%s: %d differences" % (what, compare.problems))
            fine = re.compile(r"thread \d+: \d+ made, \d+ recorded, \d+ lost$|\d+ rows as expected$")
            lines = [line for line in said.getvalue().splitlines() if not fine.match(line)]
            print("".join("    %s\n" % line for line in lines[:8]), end="")
        return result

    def look_at_names(self, what, name):
        wrong = {}
        with open(self.path(name + ".tsv"), encoding="latin-1") as f:
            header = f.readline().rstrip("\n").split("\t")
            abi, nr, syscall = (header.index(c) for c in ("abi", "nr", "syscall"))
            for line in f:
                cells = line.rstrip("\n").split("\t")
                known = self.names.get(cells[abi], {}).get(int(cells[nr] or -1))
                if known and cells[syscall] != compare.renamed(known, cells[abi]):
                    wrong[cells[abi], cells[nr]] = (cells[syscall], known)
        self.wrong_names += len(wrong)
        for (abi, nr), (ours, theirs) in wrong.items():
            self.complain("%s: %s %s is %s, not %s" % (what, abi, nr, theirs, ours))

    def load(self, name, status):
        if status == "0":
            self.loads = self.attaches = "yes"
            return
        with open(self.path(name + ".log"), encoding="utf-8", errors="replace") as f:
            self.loads = "yes" if "cannot attach" in f.read() else "no"
        self.complain("the recorder does not record here: status %s" % status)
        self.tail(name + ".log")

    def oracle(self, name, what):
        status = self.decode(name)
        if status not in (0, 4):
            self.complain("%s: sysdecode's status %d" % (what, status))
            self.tail(name + ".decoded")
        result = self.compared(what, compare.oracle, self.path(name + ".rows"), self.path(name + ".tsv"))
        self.unexplained += compare.problems
        if result:
            self.made += result[0]
            self.recorded += result[1]
        self.look_at_names(what, name)

    def sums(self, name, what):
        self.decode(name, SUMS)
        result = self.compared(what, compare.sums, self.path(name + ".rows"), self.path(name + ".tsv"))
        if not result:
            self.unexplained += 1
            return
        made, recorded, lost = result
        print("%s: %d made, %d recorded, %d lost, %d unexplained" % (what, made, recorded, lost, made - recorded - lost))
        self.made, self.recorded, self.lost = self.made + made, self.recorded + recorded, self.lost + lost
        self.unexplained += abs(made - recorded - lost)

    def holes(self, name, what):
        """Each thread's rows by their sequence numbers: with what was lost, nothing is missing between first and last."""
        status = self.decode(name, "tid,state,seq,note")
        if status != 3:
            self.complain("%s: sysdecode's status %d, and not that of a file without an end" % (what, status))
            self.tail(name + ".decoded")
        threads = {}
        with open(self.path(name + ".tsv"), encoding="latin-1") as f:
            f.readline()
            for line in f:
                tid, state, seq, note = line.rstrip("\n").split("\t")
                thread = threads.setdefault(tid, [None, None, 0, 0])
                if state == "lost":
                    thread[3] += compare.lost_count({"note": note})
                else:
                    thread[0] = min(thread[0] or int(seq), int(seq))
                    thread[1] = max(thread[1] or int(seq), int(seq))
                    thread[2] += 1
        for tid, (first, last, rows, lost) in threads.items():
            missing = last - first + 1 - rows - lost if rows else 0
            self.made, self.recorded, self.lost = self.made + rows + lost + missing, self.recorded + rows, self.lost + lost
            self.unexplained += abs(missing)
            if missing:
                self.complain("%s: thread %s: seq %d to %d, but %d rows and %d lost" % (what, tid, first, last, rows, lost))

    def clocks(self, name, what):
        """Marks with what the clocks were just before and after: the table's times must lie between."""
        self.decode(name, "time,epoch,syscall,arg0,arg1")
        with open(self.path(name + ".marks"), encoding="utf-8") as f:
            marks = {int(n): tuple(map(int, rest)) for n, *rest in map(str.split, f)}
        times, last = {}, -1
        with open(self.path(name + ".tsv"), encoding="latin-1") as f:
            f.readline()
            for line in f:
                time, epoch, syscall, arg0, arg1 = line.rstrip("\n").split("\t")
                time, epoch = (int(seconds.replace(".", "")) for seconds in (time, epoch))
                if time < last:
                    self.complain("%s: time goes back from %d to %d ns" % (what, last, time))
                last = time
                if syscall == "getpriority" and arg0 == "0x%x" % compare.MARK_BEGIN:
                    times[int(arg1, 16)] = (time, epoch)
        if not marks or times.keys() != marks.keys():
            self.complain("%s: %d marks, %d of them recorded" % (what, len(marks), len(times)))
            return
        # The table's time is boot time less one beginning: there is one that fits for all.
        earliest = max(boot_before - times[n][0] for n, (_, _, boot_before, _) in marks.items())
        latest = min(boot_after - times[n][0] for n, (_, _, _, boot_after) in marks.items())
        if earliest > latest + 1000000:
            self.complain("%s: boot times are wrong by %d ns" % (what, earliest - latest))
        for n, (real_before, real_after, _, _) in marks.items():
            if not real_before - 1000000 <= times[n][1] <= real_after + 1000000:
                self.complain("%s: mark %d was made at %d, not at %d ns" % (what, n, real_before, times[n][1]))
        info = subprocess.run([self.sysdecode, "--info", self.path(name + ".sst")], capture_output=True, check=False).stdout
        clock = dict(re.findall(rb"^((?:start|end)\.\w+) +(\d+)", info, re.M))
        slept = sum(sign * int(clock[key]) for sign, key in
                    ((1, b"end.boot"), (-1, b"end.mono"), (-1, b"start.boot"), (1, b"start.mono"))) / 1e9
        if "sleeps" in what and slept < 1 and not self.slept_lightly(name):
            self.complain("%s: it has not slept" % what)
        print("%s: %d marks; the clock stood still for %.1f s" % (what, len(marks), slept))

    def slept_lightly(self, name):
        """Suspended to idle, as the kernel counts it: without an idle state made for that its clocks run on."""
        with open(self.path(name + ".sleeps"), encoding="ascii") as f:
            times, kind = (f.read() + " 0 ").split()[:2]
        return times.isdigit() and int(times) > 0 and kind == "[s2idle]"

    def captured(self, name):
        """The rows of a recording with what was captured, as tests/e2e/captured.c prints them."""
        program = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../build/tests/e2e/captured")
        done = subprocess.run([program, self.path(name + ".sst")], stdout=subprocess.PIPE, check=False)
        if done.returncode:
            self.complain("%s cannot be read" % name)
        return done.stdout.decode("latin-1").splitlines()

    def texts(self, name, what):
        inside, got = False, []
        for line in self.captured(name):
            cells = line.split(" ", 3)
            if cells[0].isdigit() and cells[3].startswith("getpriority "):
                inside = not inside
            elif cells[0].isdigit() and inside:
                got.append(cells[3])
        with open(self.path(name + ".wanted"), encoding="latin-1") as f:
            wanted = f.read().splitlines()
        wrong = [pair for pair in itertools.zip_longest(wanted, got) if pair[0] != pair[1]]
        if wrong or not wanted:
            self.complain("%s: %d of %d calls are not as they were" % (what, len(wrong), len(wanted)))
        for line in wrong[:4]:
            print("    wanted: %s\n    got:    %s" % line)
        print("%s: %d calls, %d wrong" % (what, len(wanted), len(wrong)))

    def cold(self, name, what):
        """Of every thousand names one may be missing, and none is empty."""
        opens = found = empty = late = 0
        for line in self.captured(name):
            cells = line.split(" ")
            if cells[0].isdigit() and cells[3] == "openat" and cells[4] == "-2":
                opens += 1
                _, _, flags, text = (cells[5] if len(cells) > 5 else ":::").split(":")
                found += bool(re.fullmatch("/cold/name-[0-9]+/no-such-file", text))
                empty += not text and "u" not in flags and len(cells) > 5
                late += "l" in flags
        print("%s: %d opens, %d names found, %d of them late, %d silently empty" % (what, opens, found, late, empty))
        if not opens or found < 0.999 * opens or empty:
            self.complain("%s: too many are missing" % what)

    def one(self, how, name, program, recorder, what):
        if how == "load":
            self.load(name, program)
            return
        if program == "77":
            print("skip - %s" % what)
            self.tail(name + ".said", 1)
            return
        failed, self.failed = self.failed, False
        if (program, recorder) != ("0", "0"):
            self.complain("%s: status %s, the recorder's %s" % (what, program, recorder))
            self.tail(name + ".said")
            self.tail(name + ".err")
        if os.path.exists(self.path(name + ".sst")):
            getattr(self, how)(name, what)
        else:
            self.complain("%s: there is no recording" % what)
        if self.failed:
            self.tail(name + ".log")
        else:
            for kind in (".tsv", ".decoded"):
                with contextlib.suppress(OSError):
                    os.remove(self.path(name + kind))
        self.failed |= failed


def main(cell, directory, sysdecode, seconds):
    judge = Judge(directory, sysdecode)
    with open(judge.path("runs"), encoding="utf-8") as f:
        for line in f:
            judge.one(*line.rstrip("\n").split("\t"))
    with open(judge.path("release"), encoding="utf-8") as f:
        release = f.read().strip()
    if os.path.exists(judge.path("tripped")):
        judge.tail("tripped")
    elif judge.loads == "yes" and not os.path.exists(judge.path("uptime")):
        judge.complain("the machine did not come to the end of its tests")
    print(cell, release, judge.loads, judge.attaches, judge.made, judge.recorded, judge.lost, judge.unexplained,
          judge.wrong_names, seconds, sep="\t")
    sys.exit(1 if judge.failed or judge.unexplained or judge.wrong_names else 0)


main(*sys.argv[1:])
