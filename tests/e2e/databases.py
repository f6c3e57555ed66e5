#!/usr/bin/env python3
"""Compare what a database has made of a table with the table.

    databases.py sums TABLE               counts and sums, as databases.sh asks for them
    databases.py same TABLE DUMP [KIND]   DUMP has the table's rows, in any order, with a tab between the cells and the database's
                                          own escapes. KIND: bytes (the default): text is what the escapes of the table stand for;
                                          csv: TABLE is CSV, and escapes are left as they are

Prints what differs; exit status 0 when nothing does.
"""
import collections
import csv
import decimal
import re
import sys

NUMBERS = ("time", "pid", "tid", "nr", "duration")
SHORT = {b"t": b"\t", b"n": b"\n", b"r": b"\r", b"b": b"\b", b"f": b"\f", b"v": b"\v", b"a": b"\a", b"0": b"\0", b"e": b"\x1b"}


def unescape(text):
    """As COPY and TabSeparated read it, and write it."""
    def one(match):
        escape = match[1]
        if len(escape) > 1:
            return bytes([int(escape[1:], 16)])
        return SHORT.get(escape, escape)
    return re.sub(rb"\\(x[0-9a-f]{2}|.)", one, text, flags=re.DOTALL)


def rows_of(path, kind="bytes"):
    if kind == "csv":
        with open(path, encoding="utf-8", newline="\n") as f:
            return [[cell.encode() for cell in row] for row in csv.reader(f)]
    with open(path, "rb") as f:
        return [[unescape(cell) for cell in line.split(b"\t")] for line in f.read().split(b"\n")[:-1]]


def number(text):
    return decimal.Decimal(text.decode() or "0")


def sums(path):
    header, *rows = rows_of(path)
    names = [name.decode() for name in header]
    at = {name: names.index(name) for name in names}
    results = [row[at["ret"]] for row in rows if re.fullmatch(rb"-?\d+", row[at["ret"]])]
    print(len(rows), sum(number(row[at["time"]]) for row in rows), sum(number(row[at["duration"]]) for row in rows),
          sum(int(result) for result in results), len(results), len({row[at["comm"]] for row in rows}),
          sum(row[at["errno"]] != b"" for row in rows), sum(len(row[at["path"]]) for row in rows), sep="\t")
    calls = collections.Counter(row[at["syscall"]] for row in rows)
    for call in sorted(calls):
        print(call.decode(), calls[call], sep="\t")


def same(table, dump, kind="bytes"):
    header, *rows = rows_of(table, kind)
    numbers = [header.index(name.encode()) for name in NUMBERS]

    def key(row):
        return tuple(number(cell) if i in numbers else cell for i, cell in enumerate(row))
    wanted = collections.Counter(map(key, rows))
    got = collections.Counter(map(key, rows_of(dump)))
    for row in list((wanted - got).elements())[:5]:
        print("missing:", row)
    for row in list((got - wanted).elements())[:5]:
        print("too much:", row)
    print("%d rows wanted, %d there" % (len(rows), sum(got.values())))
    sys.exit(wanted != got)


if __name__ == "__main__":
    if len(sys.argv) < 3 or sys.argv[1] not in ("sums", "same"):
        sys.exit(__doc__)
    {"sums": sums, "same": same}[sys.argv[1]](*sys.argv[2:])
