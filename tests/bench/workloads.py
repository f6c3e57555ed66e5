"""Workloads: commands, or a server that is recorded by PID while a client works; and a database of any size."""
import glob
import os
import re
import shutil
import subprocess
import sys
import time
from subprocess import DEVNULL, PIPE

from paths import SYSDECODE, TOP, folder, fresh, kept
from processes import Recorder, have, interrupt, pinned

ROWS = int(os.environ.get("BENCH_ROWS", "10000000"))


def new_database():
    """In memory where that is possible."""
    place = "/dev/shm" if os.access("/dev/shm", os.W_OK) else folder()
    return os.path.join(place, "sysstream-bench-%d.db" % os.getpid())


def work_find(_):
    return ["find", "/usr", "/etc", "-size", "+1k", "-newer", "/etc/hostname"]


def work_gcc(scale):
    files = sorted(glob.glob(TOP + "/format/*.c"))
    return ["sh", "-c", "for i in $(seq %d); do for f in %s; do gcc -O1 -w -D_GNU_SOURCE -iquote %s -c $f -o gcc.o; done; done" %
            (max(1, round(10 * scale)), " ".join(files), TOP)]


def work_git(scale):
    repo = kept("repo%d" % (100 * scale))
    if not os.path.exists(repo):
        subprocess.run(["git", "init", "-q", repo], check=True)
        stream = []
        for i in range(int(8000 * scale)):
            body = "".join("line %d of %d\n" % (j, i * 7919 % (j + 2)) for j in range(20))
            stream.append("commit refs/heads/main\ncommitter a <a@b> %d +0000\ndata 2\nx\nM 644 inline d%d/f%d\ndata %d\n%s\n" %
                          (1700000000 + i, i % 17, i % 101, len(body), body))
        # Loose objects, as in a repository that people work in.
        subprocess.run(["git", "-C", repo, "-c", "fastimport.unpackLimit=1000000000", "fast-import", "--quiet"],
                       input="".join(stream), text=True, check=True)
    return ["git", "-C", repo, "--no-pager", "log", "--stat", "main"]


def work_sqlite(scale):
    db = new_database()
    return ["sh", "-c", "rm -f %s; awk 'BEGIN { print \"create table t(a, b);\"; for (i = 0; i < %d; i++) "
            "print \"insert into t values(\" i \", \\\"text \" i * 7919 %% 1000 \"\\\");\" }' | sqlite3 %s; rm -f %s" %
            (db, 7000 * scale, db, db)]


COMMANDS = {"find": work_find, "gcc": work_gcc, "git": work_git, "sqlite3": work_sqlite}
# In the order in which they are measured, and the program that each of them needs.
NEEDS = {"find": "find", "gcc": "gcc", "redis": "redis-benchmark", "git": "git", "sqlite3": "sqlite3"}


def lacking(name):
    return "" if have(NEEDS[name]) else NEEDS[name] + " is missing"


class Redis:
    """A private server on a private port; `redis-tools` is enough."""

    def __init__(self):
        self.port = 20000 + os.getpid() % 20000
        binary = shutil.which("redis-server") or shutil.which("redis-check-rdb")
        self.process = subprocess.Popen(pinned(0, binary, "--port", str(self.port), "--save", "", "--daemonize", "no") if
                                        binary.endswith("redis-server") else
                                        ["sh", "-c", 'exec -a redis-server "$0" "$@"', binary, "--port", str(self.port)],
                                        stdout=DEVNULL, cwd=folder())
        self.pid = self.process.pid
        for _ in range(100):
            if subprocess.run(["redis-cli", "-p", str(self.port), "ping"], capture_output=True, check=False).stdout == b"PONG\n":
                return
            time.sleep(0.05)
        self.__exit__()
        sys.exit("redis-server does not start")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()

    def bench(self, requests):
        """requests a second of set and get"""
        out = subprocess.run(["redis-benchmark", "-p", str(self.port), "-t", "set,get", "-n", str(requests), "-c", "20",
                              "--csv"], capture_output=True, text=True, check=True).stdout
        return {m[1]: float(m[2]) for m in re.finditer(r'"(SET|GET)","([\d.]+)"', out)}


# --- workloads recorded

def run_quietly(command):
    return subprocess.run(command, stdout=DEVNULL, stderr=DEVNULL, cwd=folder(), check=False)


def record(name, *options):
    """(file, calls); with options the file is another one"""
    path = fresh("%s-%s.sst" % ("bare" if options else "work", name))
    if name == "redis":
        with Redis() as redis:
            recorder = Recorder(path, *options, redis.pid)
            redis.bench(60000)
            recorder.stop()
    else:
        recorder = Recorder(path, *options, "--", *COMMANDS[name](1), cwd=folder()).wait()
    return path, recorder.events()


def record_with(tool, name, scale=1, requests=60000):
    """The same with another tool, that takes a command, or the PID of the server."""
    if name == "redis":
        with Redis() as redis:
            process = subprocess.Popen([*tool, "-p", str(redis.pid)], stdout=DEVNULL, stderr=DEVNULL)
            time.sleep(1)
            redis.bench(requests)
            interrupt(process)
    else:
        run_quietly([*tool, "--", *COMMANDS[name](scale)])


def record_with_perf(name):
    path = fresh("perf-%s.data" % name)
    record_with(["perf", "record", "-q", "-z", "-e", "raw_syscalls:*", "-o", path], name)
    return path


def rows_of(path, *options):
    with subprocess.Popen([SYSDECODE, "--no-header", "--columns=tid", *options, path], stdout=PIPE) as decode:
        return int(subprocess.run(["wc", "-l"], stdin=decode.stdout, capture_output=True, check=True).stdout)


def recordings():
    """{name: (path, rows)} of the workloads, recorded now unless they have been"""
    found = {}
    for name in NEEDS:
        if lacking(name):
            continue
        path = kept("work-%s.sst" % name)
        if not os.path.exists(path):
            record(name)
        found[name] = path, rows_of(path)
    return found


def record_database(path):
    """A database of which one statement in 21 writes: of its calls about 1 % are openat. The last second is quieter."""
    db = new_database()
    program = r"""
        function work(from, to) {
            for (i = from; i < to; i++) {
                print "insert into t(b) values(\"text " i * 7919 % 1000 "\");"
                for (j = 0; j < 20; j++) print "select b from t where a = " (i * 31 + j * 17) % (i + 1) ";"
            }
        }
        BEGIN {
            print "create table t(a integer primary key, b);"
            work(0, n)
            for (k = 0; k < 11; k++) { print ".shell sleep 0.1"; work(n + k * 40, n + k * 40 + 40) }
        }"""
    sql = fresh("database.sql")
    with open(sql, "wb") as f:
        subprocess.run(["awk", "-v", "n=%d" % (ROWS / 219), program], stdout=f, check=True)
    recorder = Recorder(path, "--", "sh", "-c", "sqlite3 %s <%s" % (db, sql)).wait()
    os.unlink(db)
    os.unlink(sql)
    return recorder.events()
