#!/usr/bin/env python3
"""Compare what strace says of the calls of tests/arguments with the args column.

    arguments.py STRACE TABLE [EXCEPTIONS]

STRACE is the output of strace -o, TABLE that of sysdecode --no-header --columns=syscall,args. Prints the calls that differ
and, last, how many are equal. EXCEPTIONS has a line for each kind of difference that is known: call, a tab, a regular
expression that strace's text matches. Exit 0 if there are no others.
"""
import collections
import re
import sys

MARK = "getpgid(2125315823)"
# Names of ausyscall and of strace.
NAMES = {"pread64": "pread", "pwrite64": "pwrite", "sendfile64": "sendfile"}
# Of the differences of one call.
WIDTH, SHOWN = 300, 3
SIMPLE = {"t": "\t", "n": "\n", "r": "\r", "\\": "\\"}


def unescape(text):
    return re.sub(r"\\(?:x([0-9a-f]{2})|(.))", lambda m: chr(int(m[1], 16)) if m[1] else SIMPLE[m[2]], text)


def calls_of_strace(path):
    """(name, arguments) of each call right after a mark."""
    marked = False
    with open(path, encoding="ascii", errors="backslashreplace") as f:
        for line in f:
            if not re.match(r"\w+\(", line):
                continue
            if line.startswith(MARK):
                marked = True
            elif marked:
                marked = False
                m = re.match(r"(\w+)\((.*)\)\s+= ", line)
                yield (NAMES.get(m[1], m[1]), m[2]) if m else ("?", line)


def calls_of_table(path):
    with open(path, encoding="ascii") as f:
        for line in f:
            name, _, args = line.rstrip("\n").partition("\t")
            yield name, unescape(args)


def exceptions(path):
    with open(path, encoding="ascii") as f:
        for line in f:
            if not line.startswith("#"):
                call, _, pattern = line.rstrip("\n").partition("\t")
                yield re.compile(call + r"\Z"), re.compile(pattern)


class Comparison:
    """Counts calls that are equal, that differ as known, and others, of which the first of each name are printed."""

    def __init__(self, known):
        self.known = list(known)
        self.compared = self.equal = self.expected = 0
        self.said = collections.Counter()

    def add(self, name, wanted, got):
        self.compared += 1
        if wanted == got:
            self.equal += 1
        elif any(call.match(name) and pattern.search(wanted) for call, pattern in self.known):
            self.expected += 1
        else:
            self.said[name] += 1
            if self.said[name] <= SHOWN:
                print(f"{name}\n  strace: {wanted[:WIDTH]}\n  ours:   {got[:WIDTH]}")

    def print(self):
        print(f"{self.equal} of {self.compared} calls equal ({100 * self.equal / max(self.compared, 1):.2f} %), "
              f"{self.expected} differ as known, {sum(self.said.values())} otherwise: {dict(self.said.most_common())}")


def main():
    theirs, ours = list(calls_of_strace(sys.argv[1])), list(calls_of_table(sys.argv[2]))
    comparison = Comparison(exceptions(sys.argv[3]) if len(sys.argv) > 3 else [])
    if len(theirs) != len(ours):
        sys.exit(f"{len(theirs)} calls in {sys.argv[1]}, {len(ours)} in {sys.argv[2]}")
    for (name, wanted), (our_name, got) in zip(theirs, ours):
        if name != our_name:
            sys.exit(f"out of step: {name} and {our_name}")
        comparison.add(name, wanted, got)
    comparison.print()
    sys.exit(1 if comparison.said else 0)


if __name__ == "__main__":
    main()
