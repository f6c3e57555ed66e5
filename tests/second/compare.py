#!/usr/bin/env python3
"""Do sysdecode and the second decoder print the same table, byte for byte, with the same exit status?

    compare.py SYSDECODE FILE...              every file as it is
    compare.py --damage=N SYSDECODE FILE...   N copies of them, each damaged in some way, the same ones every time

Prints what differs, and a count; exit status 1 when something does.
"""
import io
import os
import random
import subprocess
import sys
import tempfile

import decode


def second(path):
    real, out = sys.stdout, io.BytesIO()
    sys.stdout = io.TextIOWrapper(out, write_through=True)
    try:
        return decode.main([COLUMNS, path]), out.getvalue()
    finally:
        sys.stdout = real


# What format.md and the manual page say of them is enough to make them; the columns behind these need more.
COLUMNS = "--columns=time,pid,tid,comm,abi,nr,syscall,arg0,arg1,arg2,arg3,arg4,arg5,ret,errno,duration,state,note,container,container_id,image,runtime,nspid,nstid"


def same(sysdecode, path, label):
    run = subprocess.run([sysdecode, COLUMNS, path], stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    status, out = second(path)
    if (run.returncode, run.stdout) == (status, out):
        return True
    print("%s: status %d, second decoder %d" % (label, run.returncode, status))
    ours, theirs = run.stdout.splitlines(), out.splitlines()
    for i in range(max(len(ours), len(theirs))):
        a, b = (lines[i] if i < len(lines) else b"(nothing)" for lines in (ours, theirs))
        if a != b:
            print("  line %d: %r\n     second: %r" % (i + 1, a, b))
            break
    print("  " + run.stderr.decode(errors="replace").replace("\n", "\n  "))
    return False


def damage(data, choose):
    """A copy that is cut, changed, shortened, lengthened or overwritten somewhere."""
    data = bytearray(data)
    a = choose.randrange(len(data))
    b = min(len(data), a + choose.randrange(1, 400))
    kind = choose.choice(["cut", "bit", "bits", "delete", "repeat", "zero", "insert"])
    if kind == "cut":
        del data[a:]
    elif kind in ("bit", "bits"):
        for _ in range(1 if kind == "bit" else 3):
            data[choose.randrange(len(data))] ^= 1 << choose.randrange(8)
    elif kind == "delete":
        del data[a:b]
    elif kind == "repeat":
        data[a:a] = data[a:b]
    elif kind == "zero":
        data[a:b] = bytes(b - a)
    else:
        data[a:a] = bytes(choose.randrange(256) for _ in range(b - a))
    return kind, data


def main(words):
    copies = 0
    if words[0].startswith("--damage="):
        copies = int(words.pop(0).partition("=")[2])
    sysdecode, files = words[0], words[1:]
    if not copies:
        differ = sum(not same(sysdecode, path, os.path.basename(path)) for path in files)
        print("%d files, %d differ" % (len(files), differ))
        return 1 if differ else 0
    choose, differ = random.Random(1), 0
    contents = []
    for path in files:
        with open(path, "rb") as source:
            contents.append((os.path.basename(path), source.read()))
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "damaged.sst")
        for i in range(copies):
            name, data = choose.choice(contents)
            kind, data = damage(data, choose)
            with open(path, "wb") as out:
                out.write(data)
            differ += not same(sysdecode, path, "copy %d, %s: %s" % (i, name, kind))
    print("%d damaged copies, %d differ" % (copies, differ))
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
