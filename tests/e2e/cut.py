#!/usr/bin/env python3
"""Cut an .sst file in two: decode the beginning, compare with the whole.

    cut.py SYSDECODE FILE all|N      at every byte, or at N random places (and just beside the frames' boundaries)
"""
import bisect
import random
import subprocess
import sys

COLUMNS = "tid,seq,time,pid,comm,abi,nr,arg0,arg1,arg2,arg3,arg4,arg5,state,ret,duration"
N_FIXED = 13
problems = 0


def decode(data):
    run = subprocess.run([sys.argv[1], "--columns=" + COLUMNS, "--no-header", "-"], input=data, capture_output=True,
                         timeout=60, check=False)
    return run.returncode, run.stdout.split(b"\n")[:-1], run.stderr


def problem(text):
    global problems
    problems += 1
    if problems < 10:
        print(text)


def whole_frames(data):
    """Offsets where a frame of zstd ends: its format is public, RFC 8878."""
    at, ends = 0, []
    while at + 8 <= len(data):
        magic = int.from_bytes(data[at:at + 4], "little")
        if magic & 0xfffffff0 == 0x184d2a50:
            at += 8 + int.from_bytes(data[at + 4:at + 8], "little")
        elif magic == 0xfd2fb528:
            descriptor = data[at + 4]
            single = descriptor >> 5 & 1
            content = (1 if single else 0, 2, 4, 8)[descriptor >> 6]
            at += 5 + (0 if single else 1) + (0, 1, 2, 4)[descriptor & 3] + content
            last = 0
            while not last:
                block = int.from_bytes(data[at:at + 3], "little")
                last = block & 1
                at += 3 + (1 if block >> 1 & 3 == 1 else block >> 3)
            at += 4 if descriptor & 4 else 0
        else:
            sys.exit("not zstd at %d" % at)
        ends.append(at)
    return ends


def check(cut, whole, lines, ended):
    """Every row is one of the whole file's; one that has not returned yet may be open instead."""
    status, rows, err = decode(cut)
    where = "cut at %d: " % len(cut)
    if status not in (3, 5) or (status == 5 and rows):
        problem(where + "status %d: %s" % (status, err.decode(errors="replace")))
    if not err:
        problem(where + "nothing is said")
    latest = b""
    for row in rows:
        cells = row.split(b"\t")
        if cells[13] == b"lost":
            continue
        latest = max(latest, cells[2].rjust(30))
        if row in lines:
            continue
        full = whole.get((cells[0], cells[1]))
        if full is None or full[:N_FIXED] != cells[:N_FIXED] or cells[13] not in (b"unfinished", b"midway") or cells[14]:
            problem(where + "a row that the whole file does not have: " + row.decode(errors="replace"))
    # What had ended when the last of them began is complete: ended has the rows in that order.
    there = set(rows)
    for end, row in ended[:bisect.bisect_left(ended, (float(latest or b"0") - 1e-6, b""))]:
        if row not in there:
            problem(where + "missing: " + row.decode(errors="replace"))
            break
    return len(rows)


def main():
    with open(sys.argv[2], "rb") as f:
        data = f.read()
    status, rows, err = decode(data)
    if status != 0:
        sys.exit("the whole file: status %d: %s" % (status, err.decode()))
    whole, lines, ended = {}, set(), []
    for row in rows:
        cells = row.split(b"\t")
        if cells[13] != b"lost":
            whole[cells[0], cells[1]] = cells
            lines.add(row)
            if cells[15]:
                ended.append((float(cells[2]) + float(cells[15]), row))
    ended.sort()
    if sys.argv[3] == "all":
        places = range(len(data))
    else:
        places = {random.randrange(len(data)) for _ in range(int(sys.argv[3]))}
        ends = whole_frames(data)[:-1]
        for end in random.sample(ends, min(len(ends), 10)):
            places |= {end - 1, end, end + 1}
    most = max(check(data[:n], whole, lines, ended) for n in sorted(places))
    print("%d cuts of %d bytes, %d rows; the most in one cut: %d" % (len(places), len(data), len(rows), most))
    sys.exit(1 if problems else 0)


main()
