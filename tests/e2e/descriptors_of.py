#!/usr/bin/env python3
"""Compare the files that strace -f -yy and sysdecode --format=strace write behind descriptors.

    descriptors_of.py STRACE OURS

Threads are compared call by call, as long as both have the same calls; files by what they are, not by which of their names
was used. Prints what differs, and last how many are equal. Exit 0 if none is another file and at most one in twenty is not
known.
"""
import collections
import os
import re
import sys

import strace_text

# Of files without a name it is enough that they are of the same kind.
KIND = re.compile(r"(pipe|socket|anon_inode|TCP|UDP|UNIX|NETLINK|RAW|PACKET|ICMP|\w+(?=:\[))")
DESCRIPTOR = r"(?<![\w.])(\d+)(?:<((?:[^<>]|<[^>]*>|->)*)>)?"
PROCESS = re.compile(r"/proc/(?:self|thread-self|\d+)(?:/task/\d+)?")


def calls_of(path):
    """{tid: [(name, [file behind each descriptor, in order])]}"""
    threads = collections.defaultdict(list)
    for tid, text in strace_text.calls(path):
        call = re.match(r"(\w+)\((.*)\)\s+= ", text)
        if call:
            args = re.sub(r'"(?:[^"\\]|\\.)+"', '"x"', call[2])
            # A directory and a path from there: the call is about neither.
            files = [] if re.match(DESCRIPTOR + ', "x"', args) else re.findall(DESCRIPTOR, args)
            threads[tid].append((call[1], files))
    return threads


def what(name):
    """What a file is, so that two names of it are equal."""
    name = re.sub(r"<char .*?>|\(deleted\)", "", name)
    if name.startswith("/"):
        name = re.sub(r"^/dev/(stdin|stdout|stderr|fd)", "/proc/self/fd", name)
        name = re.sub(r"^/proc/(mounts|net)\b", r"/proc/self/\1", name)
        return PROCESS.sub("/proc/self", name) if name.startswith("/proc/") else os.path.realpath(name)
    kind = KIND.match(name)
    return kind[1] if kind else name


def is_same(theirs, ours):
    theirs, ours = what(theirs), what(ours)
    return theirs == ours or theirs in ("socket", "anon_inode") and not ours.startswith("/")


def main():
    theirs, ours = calls_of(sys.argv[1]), calls_of(sys.argv[2])
    count = collections.Counter()
    for tid, calls in theirs.items():
        for (name, wanted), (other, got) in zip(calls, ours.get(tid, [])):
            if name != other:
                break
            known = {fd: file for fd, file in got if file}
            # The one that the call is about; others have no room in a row.
            fd, file = next(((fd, file) for fd, file in wanted if file), (None, None))
            if not file or re.match(r"p?select|p?poll|pipe", name):
                continue
            if fd not in known:
                count["unknown"] += 1
                print(f"{name}: {fd}: not known: {file}")
            elif is_same(file, known[fd]):
                count["equal"] += 1
            else:
                count["wrong"] += 1
                print(f"{name}: {fd}: {file}, ours: {known[fd]}")
    print(f"{count['equal']} of {sum(count.values())} files behind descriptors equal, {count['unknown']} not known, "
          f"{count['wrong']} wrong")
    sys.exit(count["wrong"] > 0 or count["equal"] < 20 * count["unknown"] or not count["equal"])


main()
