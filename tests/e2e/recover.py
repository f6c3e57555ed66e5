#!/usr/bin/env python3
"""Damage an .sst file in many ways, recover it, and compare.

    recover.py SYSDECODE FILE N      N random kinds of damage, each by its number; environment: SEED, the first number
"""
import os
import random
import subprocess
import sys

COLUMNS = "time,tid,seq,pid,comm,abi,nr,arg0,arg1,arg2,arg3,arg4,arg5,ret,duration,state,note"
decoder, path, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
problems = 0


def run(*args):
    return subprocess.run([decoder, *args], capture_output=True, timeout=100, check=False)


def rows(name):
    """All rows but the gaps that recovering has put in."""
    out = run("--columns=" + COLUMNS, name).stdout.split(b"\n")
    return [row for row in out if b"cut out of the file" not in row]


def problem(seed, text):
    global problems
    problems += 1
    if problems < 10:
        print("damage %d: %s" % (seed, text))


def flip(data, dice):
    data[dice.randrange(len(data))] ^= 1 << dice.randrange(8)


def overwrite(data, dice):
    at = dice.randrange(len(data))
    n = min(dice.randrange(1, 2000), len(data) - at)
    data[at:at + n] = dice.choice([bytes(n), dice.randbytes(n)])


def cut_out(data, dice):
    at = dice.randrange(len(data))
    del data[at:at + dice.randrange(1, max(2, len(data) // 8))]


def truncate(data, dice):
    del data[dice.randrange(len(data)):]


def insert(data, dice):
    at = dice.randrange(len(data))
    data[at:at] = dice.randbytes(dice.randrange(1, 500))


def repeat(data, dice):
    at, to = dice.randrange(len(data)), dice.randrange(len(data))
    data[to:to] = data[at:at + dice.randrange(1, 5000)]


def concatenate(data, dice):
    data += bytes(data[:dice.randrange(len(data))])


def check(seed, whole):
    dice = random.Random(seed)
    data = bytearray(whole)
    for _ in range(dice.choice([1, 1, 1, 2, 5])):
        if data:
            dice.choice([flip, flip, overwrite, cut_out, truncate, insert, repeat, concatenate])(data, dice)
    with open("damaged.sst", "wb") as f:
        f.write(data)
    if os.path.exists("clean.sst"):
        os.unlink("clean.sst")
    recovered = run("--recover", "-o", "clean.sst", "damaged.sst")
    size = os.path.getsize("clean.sst")
    if recovered.returncode not in (0, 3, 5) or b"recovered" not in recovered.stderr:
        problem(seed, "recover: status %d: %s" % (recovered.returncode, recovered.stderr.decode()))
    if size == 0:
        if len(rows("damaged.sst")) > 2:
            problem(seed, "nothing was recovered, and there was something")
        return 0
    verified = run("--verify", "clean.sst")
    if verified.returncode not in (0, 4):
        problem(seed, "verify: status %d: %s" % (verified.returncode, (verified.stdout + verified.stderr).decode()))
    if recovered.returncode == 3 and verified.returncode != 4:
        problem(seed, "verify does not say what was cut: " + verified.stdout.decode())
    if rows("clean.sst") != rows("damaged.sst"):
        problem(seed, "other rows: %d, %d" % (len(rows("clean.sst")), len(rows("damaged.sst"))))
    return recovered.returncode == 3


def main():
    with open(path, "rb") as f:
        whole = f.read()
    first = int(os.environ.get("SEED") or random.SystemRandom().randrange(1 << 32))
    damaged = sum(check(seed, whole) for seed in range(first, first + count))
    print("%d kinds of damage from SEED=%d on, %d recovered from" % (count, first, damaged))
    sys.exit(1 if problems else 0)


main()
