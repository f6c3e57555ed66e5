#!/usr/bin/env python3
"""Compare the args column with what strace -f says of the same calls of real programs.

    arguments_of.py STRACE TABLE KNOWN

STRACE is the output of strace -f -o, TABLE that of sysdecode --no-header --columns=tid,syscall,args,state, KNOWN as in
arguments.py. Threads are compared call by call; one that only one of the two has seen is left out. Prints differences by
kind, and last how many calls are equal, in percent of those compared. Exit 0 if at least 99 % are equal or differ as
known.
"""
import collections
import re
import sys

import strace_text
from arguments import NAMES, Comparison, exceptions, unescape


def calls_of_strace(path):
    """{tid: [(name, arguments)]}"""
    threads = collections.defaultdict(list)
    for tid, text in strace_text.calls(path):
        m = re.match(r"(\w+)\((.*)\)\s+= ", text) or re.match(r"(\w+)\((.*)", text)
        if m:
            threads[tid].append((NAMES.get(m[1], m[1]), m[2].removesuffix(strace_text.UNFINISHED)))
    return threads


def calls_of_table(path):
    threads = collections.defaultdict(list)
    with open(path, encoding="ascii") as f:
        for line in f:
            tid, name, args, state = line.rstrip("\n").split("\t")
            if state != "lost":
                threads[int(tid)].append((name, unescape(args), state))
    return threads


def align(theirs, ours):
    """Pairs of the same calls in order: one of the two may have more at the beginning or in between."""
    i = k = 0
    while i < len(theirs) and k < len(ours):
        if theirs[i][0] == ours[k][0]:
            yield theirs[i], ours[k]
            i, k = i + 1, k + 1
            continue
        ahead = next(((a, b) for n in range(1, 30) for a in range(n + 1) for b in (n - a,)
                      if i + a < len(theirs) and k + b < len(ours) and theirs[i + a][0] == ours[k + b][0]), None)
        if not ahead:
            return
        i, k = i + ahead[0], k + ahead[1]


def main():
    theirs, ours = calls_of_strace(sys.argv[1]), calls_of_table(sys.argv[2])
    comparison = Comparison(exceptions(sys.argv[3]))
    for tid in sorted(set(theirs) & set(ours)):
        for (name, wanted), (_, got, state) in align(theirs[tid], ours[tid]):
            if state in ("ok", "no-return"):
                comparison.add(name, wanted, got)
    comparison.print()
    alike = comparison.equal + comparison.expected
    sys.exit(0 if comparison.compared and alike >= 0.99 * comparison.compared else 1)


if __name__ == "__main__":
    main()
