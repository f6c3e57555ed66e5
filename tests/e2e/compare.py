#!/usr/bin/env python3
"""Compare a table of sysdecode with what must be in it. Prints what differs; exit status 0 when nothing does.

    compare.py sane TABLE               true of every table: columns, order, numbers that fit each other
    compare.py oracle EXPECTED TABLE    what an oracle program wrote down (tests/oracle/oracle.h), and sane
    compare.py sums EXPECTED TABLE      what tests/oracle/storm wrote: recorded + lost = made. Columns:
                                        tid,state,note,syscall,arg0,arg1
    compare.py strace LOG TABLE         what `strace -f -ttt -X raw -e raw=all` saw of the same run
    compare.py part WHOLE PART [UNTIL]  PART is of a file that was cut: it has no row that WHOLE does not have (but the call may
                                        be unfinished), and every row that ended before UNTIL
    compare.py prefix TABLE             of a recording that was killed: each thread's rows without a hole, by seq

TABLE may be - and has a header line; `seq` is needed for part and prefix.
"""
import errno
import re
import sys

COLUMNS = ("time pid tid comm abi nr syscall arg0 arg1 arg2 arg3 arg4 arg5 ret errno duration state note").split()
ARGS = ["arg%d" % i for i in range(6)]
STATES = {"ok", "unfinished", "no-return", "midway", "refused", "lost"}
MARK_BEGIN, MARK_END = 0x53535442, 0x53535445
MARKERS = 5  # each of them, as tests/oracle/storm.c has it
GETPRIORITY = {"x86_64": "140", "aarch64": "141", "i386": "96", "arm": "96"}
KERNEL_ERRORS = {512: "ERESTARTSYS", 513: "ERESTARTNOINTR", 514: "ERESTARTNOHAND", 515: "ENOIOCTLCMD",
                 516: "ERESTART_RESTARTBLOCK", errno.EOPNOTSUPP: "EOPNOTSUPP"}  # python has ENOTSUP for this one
# Names that ausyscall has otherwise.
RENAMED = {"pread64": "pread", "pwrite64": "pwrite"}
RENAMED_IN = {("aarch64", "fstat"): "newfstat", ("aarch64", "getdents64"): "getdents", ("arm", "_llseek"): "llseek",
              ("arm", "_newselect"): "newselect"}
problems = 0


def problem(text):
    global problems
    problems += 1
    if problems <= 20:
        print(text)
    elif problems == 21:
        print("…")


def renamed(name, abi):
    return RENAMED_IN.get((abi, name)) or RENAMED.get(name, name)


def unescape(text):
    """The bytes of a text column, as latin-1."""
    def one(m):
        return {"t": "\t", "n": "\n", "r": "\r", "\\": "\\"}.get(m[1]) or chr(int(m[1][1:], 16))
    if re.search(r"\\(?![tnr\\]|x[0-9a-f]{2})", re.sub(r"\\\\", "", text)):
        problem("a backslash that begins no escape: %r" % text)
    return re.sub(r"\\(t|n|r|\\|x[0-9a-f]{2})", one, text)


def read_table(path):
    with (sys.stdin.buffer if path == "-" else open(path, "rb")) as f:
        lines = f.read().decode("latin-1").split("\n")
    if lines.pop() != "":
        problem("the last line has no end")
    if not lines:
        sys.exit("an empty table: not even a header")
    header = lines[0].split("\t")
    rows = []
    for n, line in enumerate(lines[1:], 2):
        cells = line.split("\t")
        if len(cells) != len(header):
            problem("line %d has %d columns, the header %d: %r" % (n, len(cells), len(header), line))
            continue
        rows.append(dict(zip(header, cells)))
    return header, rows


def number(text):
    return int(text, 0)


def show(row):
    return " ".join("%s=%s" % (k, v) for k, v in row.items() if v != "")


def lost_count(row):
    """A lost row says in its note how many calls."""
    m = re.search(r"\d+", row["note"])
    if not m:
        problem("a lost row without a count: " + show(row))
        return 0
    return int(m[0])


def symbol(ret):
    return KERNEL_ERRORS.get(-ret) or errno.errorcode.get(-ret, "")


SIMPLE = re.compile(r"\d+\.\d{9}$")


def sane(header, rows, ordered=True):
    if header[:len(COLUMNS)] != COLUMNS:
        problem("columns: " + " ".join(header))
        return
    last = (-1.0, 0, 0)
    for row in rows:
        if not SIMPLE.match(row["time"]):
            problem("time: " + show(row))
        place = (float(row["time"]), int(row["tid"] or 0))
        if ordered and row["state"] != "lost":
            if place[0] < last[0]:
                problem("out of order: " + show(row))
            last = place
        if row["state"] not in STATES:
            problem("state: " + show(row))
        if row["state"] == "lost":
            lost_count(row)
            continue
        ret = row["ret"]
        has_ret = row["state"] in ("ok", "refused") or (row["state"] == "midway" and ret != "")
        if has_ret != (ret != ""):
            problem("state and ret: " + show(row))
        if (row["state"] == "ok") != (row["duration"] != ""):
            problem("state and duration: " + show(row))
        if row["duration"] != "" and not SIMPLE.match(row["duration"]):
            problem("duration: " + show(row))
        if ret and not re.match(r"(-?\d+|0x[0-9a-f]+)$", ret):
            problem("ret: " + show(row))
        value = number(ret) if ret else 0
        if row["errno"] != (symbol(value) if -4095 <= value < 0 else ""):
            problem("errno: " + show(row))
        if ret and not ret.startswith("-") and (row["syscall"] in ("mmap", "brk", "mremap", "mmap2")) != ret.startswith("0x"):
            problem("a pointer, or not: " + show(row))
        given = [row[a] for a in ARGS]
        if any(b and not a for a, b in zip(given, given[1:])):
            problem("a hole in the arguments: " + show(row))
        if any(a and not re.match(r"0x[0-9a-f]+$", a) for a in given):
            problem("argument: " + show(row))
        text = row["comm"]
        if re.search("[\x00-\x1f\x7f]", text) or text[:1] in ("=", "+", "-", "@", '"'):
            problem("an unsafe name: %r" % text)
        try:
            text.encode("latin-1").decode("utf-8")
        except UnicodeDecodeError:
            problem("a name that is not UTF-8: %r" % text)
        if not (row["pid"].isdigit() and row["tid"].isdigit() and row["nr"].isdigit() and row["abi"] and row["syscall"]):
            problem("an empty cell: " + show(row))


def is_mark(row, which):
    return row["nr"] == GETPRIORITY.get(row["abi"]) and row["arg0"] == "0x%x" % which


def between_marks(rows):
    """{tid: rows between its markers}; a thread killed in between has no end."""
    found, open_ = {}, set()
    for row in rows:
        tid = row["tid"]
        if is_mark(row, MARK_BEGIN):
            open_.add(tid)
            found.setdefault(tid, [])
        elif is_mark(row, MARK_END):
            open_.discard(tid)
        elif tid in open_:
            found[tid].append(row)
    return found


EXPECTED = "how pid tid comm abi nr arg0 arg1 arg2 arg3 arg4 arg5 ret state syscall".split()


def same(want, row):
    for key in EXPECTED[1:]:
        w, g = want.get(key, "*"), row[key]
        if w == "*":
            continue
        if key == "comm":
            w, g = bytes.fromhex(w).decode("latin-1"), unescape(g)
        elif key == "syscall":
            w = renamed(w, row["abi"])
        elif key == "ret" and g:
            g = str(number(g) - (1 << 64) if number(g) >= 1 << 63 else number(g))
        if w != g:
            return False
    return True


def oracle(expected_path, table_path):
    """Returns how many rows were wanted, and how many of them are there as they should be."""
    header, rows = read_table(table_path)
    sane(header, rows)
    inside = between_marks(rows)
    want_seq, wanted, found = {}, 0, 0
    with open(expected_path, encoding="ascii") as f:
        for line in f:
            cells = line.rstrip("\n").split("\t")
            wanted += 1
            want = dict(zip(EXPECTED, cells))
            if want["how"] == "has":
                n = sum(same(want, row) for row in rows)
                found += n == 1
                if n != 1:
                    problem("%d rows instead of one: %s" % (n, show(want)))
                    for row in rows:
                        if row["tid"] == want["tid"] and row["nr"] == want["nr"] and (row["arg0"] == want["arg0"] or
                                                                                 row["state"] == want["state"]):
                            print("   there is: " + show(row))
            else:
                want_seq.setdefault(want["tid"], []).append(want)
    for tid, wants in want_seq.items():
        got = inside.get(tid, [])
        for want, row in zip(wants, got):
            if same(want, row):
                found += 1
            else:
                problem("wanted: %s\n   got: %s" % (show(want), show(row)))
        if len(wants) != len(got):
            problem("thread %s: %d rows wanted, %d there" % (tid, len(wants), len(got)))
            if len(got) > len(wants):
                print("   the first too many: " + show(got[len(wants)]))
    if not wanted:
        problem("nothing expected")
    print("%d rows as expected" % found)
    return wanted, found


def sums(expected_path, table_path):
    """Recorded and lost make what was made, exactly. The tables are large. Returns the three numbers."""
    counts, inside, total = {}, {}, [0, 0, 0]
    with open(table_path, "rb") as f:
        f.readline()
        for line in f:
            tid, state, note, name, arg0, arg1 = line.rstrip(b"\n").split(b"\t")
            is_marker = name == b"getpriority" and arg0[:8] == b"0x535354"
            # Markers before this one were lost: what came after the first of them belongs between.
            if is_marker and int(arg0, 16) == MARK_END:
                if inside.get(tid):
                    counts[tid][0] -= 2 * int(arg1, 16)
                inside[tid] = False
            elif is_marker and not inside.get(tid):
                inside[tid] = True
                counts.setdefault(tid, [0, 0])[1] += 2 * int(arg1, 16)
            elif inside.get(tid):
                # All markers at the end were lost: they, a pause behind each, and this are what does not belong between.
                if name == b"exit_group":
                    counts[tid][1] -= 2 * MARKERS
                    inside[tid] = False
                    continue
                count = counts.setdefault(tid, [0, 0])
                if state == b"lost":
                    count[1] += lost_count({"note": note.decode()})
                else:
                    count[0] += 1
    with open(expected_path, encoding="ascii") as f:
        for line in f:
            how, tid, made = line.split()
            recorded, lost = counts.get(tid.encode(), (0, 0))
            # It was killed, maybe in a call more.
            if how == "least" and recorded + lost == int(made) + 1:
                made = str(recorded + lost)
            print("thread %s: %s made, %d recorded, %d lost" % (tid, made, recorded, lost))
            total = [a + b for a, b in zip(total, (int(made), recorded, lost))]
            if recorded + lost != int(made):
                problem("thread %s: %s made, but %d recorded and %d lost" % (tid, made, recorded, lost))
    if not counts:
        problem("no thread has a marker")
    return total


# --- strace

LINE = re.compile(r"^(\d+)\s+(\d+\.\d+)\s+(.*)$")


def strace_calls(path):
    """{tid: [(name, args, ret or None)]}"""
    calls, open_ = {}, {}
    with open(path, encoding="latin-1") as f:
        for line in f:
            m = LINE.match(line)
            if not m or m[3].startswith(("---", "+++")):
                continue
            tid, text = int(m[1]), m[3]
            if text.endswith("<unfinished ...>"):
                open_[tid] = text[:-len("<unfinished ...>")]
                continue
            r = re.match(r"<\.\.\. (\w+) resumed>(.*)", text)
            if r:
                text = open_.pop(tid, r[1] + "(") + r[2]
            m = re.match(r"(\w+)\((.*?)\)\s+= (\?|-?(?:0x)?[0-9a-f]+)", text)
            if not m:
                problem("a line of strace that is not understood: " + line.rstrip())
                continue
            args = [a.strip() for a in m[2].split(",") if a.strip()]
            calls.setdefault(tid, []).append([m[1], [int(a, 16) if a.startswith("0x") else int(a) for a in args if
                                                     re.match(r"(0x[0-9a-f]+|\d+)$", a)], m[3], text])
    for tid, text in open_.items():
        m = re.match(r"(\w+)\(", text)
        calls.setdefault(tid, []).append([m[1] if m else "", [], "?", text])
    return calls


def strace(log_path, table_path):
    header, rows = read_table(table_path)
    sane(header, rows)
    theirs, ours = strace_calls(log_path), {}
    for row in rows:
        ours.setdefault(int(row["tid"]), []).append(row)
    compared = 0
    for tid, calls in theirs.items():
        mine = ours.get(tid, [])
        # The call that stopped the thread is over for strace, but /proc still shows the thread in it.
        if mine and mine[0]["state"] == "midway" and not mine[0]["ret"]:
            mine = mine[1:]
        for i, (call, row) in enumerate(zip(calls, mine)):
            name, args, ret, text = call
            compared += 1
            if renamed(name, row["abi"]) != row["syscall"]:
                problem("thread %d, call %d: strace has %s\n   here: %s" % (tid, i, text, show(row)))
                break
            given = [number(row[a]) for a in ARGS if row[a]]
            # strace prints as many as it knows, which may be fewer (open without mode) or more.
            n = min(len(args), len(given))
            if args[:n] != given[:n]:
                problem("thread %d, call %d, arguments: strace has %s\n   here: %s" % (tid, i, text, show(row)))
            if ret == "?":
                if row["state"] not in ("no-return", "unfinished") and "ERESTART" not in row["errno"]:
                    problem("thread %d, call %d: strace saw no result\n   here: %s" % (tid, i, show(row)))
                continue
            result = int(ret, 0)
            value = number(row["ret"]) if row["ret"] else None
            if row["state"] == "no-return" and name.endswith("sigreturn"):
                continue
            if result == -1 and value is not None and -4095 <= value < 0:
                if not re.search(r"= -1 %s\b" % row["errno"], text):
                    problem("thread %d, call %d: strace has %s\n   here: %s" % (tid, i, text, show(row)))
            elif result != value:
                problem("thread %d, call %d, result: strace has %s\n   here: %s" % (tid, i, text, show(row)))
        if len(calls) != len(mine):
            problem("thread %d: strace has %d calls, here are %d" % (tid, len(calls), len(mine)))
    for tid in ours:
        if tid not in theirs:
            problem("thread %d: strace does not know it" % tid)
    if not compared:
        problem("nothing compared")
    print("%d calls of %d threads compared" % (compared, len(theirs)))


# --- cut files

OPEN = ("unfinished", "midway")


def key(row):
    return row["tid"], row["seq"]


def fixed(row):
    return tuple(row[k] for k in ("time", "pid", "tid", "comm", "abi", "nr", *ARGS))


def part(whole_path, part_path, until=None):
    _, whole = read_table(whole_path)
    _, cut = read_table(part_path)
    known = {key(r): r for r in whole if r["state"] != "lost"}
    there = set()
    for row in cut:
        if row["state"] == "lost":
            continue
        full = known.get(key(row))
        there.add(key(row))
        if full is None or fixed(full) != fixed(row):
            problem("not in the whole file: " + show(row))
        elif full != row and not (row["state"] in OPEN and row["ret"] == ""):
            problem("differs from the whole file: %s\n   there: %s" % (show(row), show(full)))
    if until is not None:
        for k, row in known.items():
            if row["duration"] and float(row["time"]) + float(row["duration"]) <= float(until) and k not in there:
                problem("missing: " + show(row))


def prefix(path):
    header, rows = read_table(path)
    last = {}
    for row in rows:
        if row["state"] == "lost":
            last.pop(row["tid"], None)
            continue
        seq = int(row["seq"])
        if row["tid"] in last and seq != last[row["tid"]] + 1:
            problem("a hole after seq %d: %s" % (last[row["tid"]], show(row)))
        last[row["tid"]] = seq
    print("%d rows of %d threads" % (len(rows), len(last)))


def main():
    modes = {"oracle": oracle, "sums": sums, "strace": strace, "part": part, "prefix": prefix,
             "sane": lambda path: sane(*read_table(path))}
    if len(sys.argv) < 3 or sys.argv[1] not in modes:
        sys.exit(__doc__)
    modes[sys.argv[1]](*sys.argv[2:])
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
