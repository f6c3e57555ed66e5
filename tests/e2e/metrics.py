#!/usr/bin/env python3
"""What tests/e2e/metrics.sh asks of `sysdecode --metrics`.

    metrics.py get URL                  print the page; fails unless it is a good answer of the right type
    metrics.py until URL LINE...        get it until it has all these lines, 20 s at most; else print it and fail
    metrics.py forward URL N S          get it N times, S seconds apart: no counter goes back or away
    metrics.py rude PORT PID            requests that nobody should send; then it still answers, with little memory
    metrics.py patient PORT             connections that never end are ended, and others get their answer meanwhile
    metrics.py dashboard FILE PAGE [PORT]   each metric of a dashboard is on the page, and Prometheus takes each query
    metrics.py query PORT QUERY         ask a Prometheus on this port until there is an answer, 60 s at most: print it
"""
import json
import re
import socket
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

TYPE = "text/plain; version=0.0.4; charset=utf-8"


def get(url):
    with urllib.request.urlopen(url, timeout=20) as answer:
        if answer.status != 200 or answer.headers["Content-Type"] != TYPE:
            sys.exit("status %d, type %s" % (answer.status, answer.headers["Content-Type"]))
        return answer.read().decode("utf-8")


def until(url, lines):
    deadline = time.monotonic() + 20
    while True:
        page = get(url)
        missing = set(lines) - set(page.split("\n"))
        if not missing:
            return
        if time.monotonic() > deadline:
            sys.stdout.write(page)
            sys.exit("missing: " + "\n".join(missing))
        time.sleep(0.05)


def forward(url, times, pause):
    before = {}
    for _ in range(times):
        page = get(url)
        counters = set(re.findall(r"^# TYPE (\w+) (?:counter|histogram)$", page, re.M))
        values = {}
        for line in page.split("\n"):
            name = re.match(r"\w*", line)[0]
            if name in counters or re.sub("_(bucket|sum|count)$", "", name) in counters:
                key, value = line.rsplit(" ", 1)
                values[key] = float(value)
        for key, value in before.items():
            if values.get(key, -1) < value:
                sys.exit("%s was %s, is %s" % (key, value, values.get(key)))
        before = values
        time.sleep(pause)
    if len(before) < 300:
        sys.exit("only %d counters" % len(before))


def talk(port, data, read=True, seconds=15):
    """What is answered to these bytes until the connection is closed, or nothing."""
    with socket.create_connection(("127.0.0.1", port), timeout=15) as s:
        s.settimeout(seconds)
        try:
            s.sendall(data)
            answer = b""
            while read and (more := s.recv(65536)):
                answer += more
            return answer
        except OSError:
            return b""


def status(answer):
    return int(answer.split(b" ")[1]) if answer.startswith(b"HTTP/") else 0


def expect(what, got, wanted):
    if got not in wanted:
        sys.exit("%s: %r instead of %r" % (what, got, wanted))


def memory(pid):
    """KiB at most, so far"""
    with open("/proc/%d/status" % pid, encoding="ascii") as f:
        return int(next(line for line in f if line.startswith("VmHWM")).split()[1])


def rude(port, pid):
    head = b"Host: x\r\nConnection: close\r\n\r\n"
    expect("another page", status(talk(port, b"GET / HTTP/1.1\r\n" + head)), (404,))
    expect("a page above", status(talk(port, b"GET /metrics/../../etc/passwd HTTP/1.1\r\n" + head)), (404,))
    expect("with a query", status(talk(port, b"GET /metrics?x=1 HTTP/1.1\r\n" + head)), (200,))
    answer = talk(port, b"HEAD /metrics HTTP/1.1\r\n" + head)
    expect("HEAD", (status(answer), answer.split(b"\r\n\r\n")[1]), ((200, b""),))
    for method in (b"POST", b"PUT", b"DELETE", b"TRACE", b"X" * 1000):
        expect(method[:8], status(talk(port, method + b" /metrics HTTP/1.1\r\n" + head)), (405,))
    expect("a body", status(talk(port, b"POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n" +
                                 b"x" * 100000)), (405, 0))
    expect("HTTP 1.0", status(talk(port, b"GET /metrics HTTP/1.0\r\n\r\n")), (200,))
    for garbage in (b"\0" * 1000, b"\r\n" * 1000, b"GET /metrics\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00" + b"\xff" * 600,
                    b"GET /metrics HTTP/9.9\r\n\r\n"):
        talk(port, garbage + b"\r\n\r\n", seconds=0.5)
    answer = talk(port, b"GET /" + b"a" * 200000 + b" HTTP/1.1\r\n" + head)
    expect("a long address", status(answer), (0, 400, 413, 414, 431))
    answer = talk(port, b"GET /metrics HTTP/1.1\r\n" + b"".join(b"H%d: %s\r\n" % (i, b"x" * 1000) for i in range(200)) + head)
    expect("many headers", status(answer), (0, 400, 413, 431))
    for _ in range(300):    # gone before the answer
        talk(port, b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n", read=False)
    if b"sysstream_syscalls_total" not in talk(port, b"GET /metrics HTTP/1.1\r\n" + head):
        sys.exit("no answer afterwards")
    if memory(pid) > 65536:
        sys.exit("%d KiB of memory" % memory(pid))


def patient(port):
    began = time.monotonic()
    idle = [socket.create_connection(("127.0.0.1", port), timeout=40) for _ in range(20)]
    slow = [socket.create_connection(("127.0.0.1", port), timeout=40) for _ in range(8)]
    for s in slow:
        s.sendall(b"GET /metrics HTTP/1.1\r\n")
    if status(talk(port, b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")) != 200:
        sys.exit("no answer beside those that wait")
    while slow and time.monotonic() - began < 40:
        time.sleep(1)
        for s in list(slow):    # a byte a second, for ever
            try:
                s.sendall(b"x")
                s.setblocking(False)
                if s.recv(1000) == b"":
                    slow.remove(s)
            except BlockingIOError:
                pass
            except OSError:
                slow.remove(s)
    if slow:
        sys.exit("%d slow requests go on after %.0f s" % (len(slow), time.monotonic() - began))
    for s in idle:
        s.settimeout(20)
        if s.recv(10) != b"":
            sys.exit("an idle connection is answered")


def query(port, text):
    url = "http://127.0.0.1:%s/api/v1/query?%s" % (port, urllib.parse.urlencode({"query": text}))
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                result = json.load(answer)["data"]["result"]
            if result:
                print(result[0]["value"][1])
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            pass
        time.sleep(0.2)
    sys.exit("no answer to " + text)


def dashboard(path, page, port=None):
    with open(page, encoding="utf-8") as f:
        there = set(re.findall(r"^# TYPE (\w+) ", f.read(), re.M))
    with open(path, encoding="utf-8") as f:
        board = json.load(f)
    queries = [target["expr"] for panel in board["panels"] for target in panel["targets"]]
    queries += [re.sub(r"^label_values\((.*), \w+\)$", r"\1", v["query"]["query"])
                for v in board["templating"]["list"] if v["type"] == "query"]
    for text in queries:
        for name in re.findall(r"\bsys\w+", text):
            if name not in there and re.sub("_(bucket|sum|count)$", "", name) not in there and name != "syscall":
                sys.exit("%s: no such metric in %s" % (name, text))
        text = re.sub(r"\$\w+", ".*", re.sub(r"\$__\w+", "1m", text))
        if port:
            url = "http://127.0.0.1:%s/api/v1/query?%s" % (port, urllib.parse.urlencode({"query": text}))
            with urllib.request.urlopen(url, timeout=5) as answer:
                json.load(answer)
    if len(queries) < 10:
        sys.exit("only %d queries" % len(queries))


def main():
    command, args = sys.argv[1], sys.argv[2:]
    if command == "get":
        sys.stdout.write(get(args[0]))
    elif command == "until":
        until(args[0], args[1:])
    elif command == "forward":
        forward(args[0], int(args[1]), float(args[2]))
    elif command == "rude":
        rude(int(args[0]), int(args[1]))
    elif command == "patient":
        patient(int(args[0]))
    elif command == "dashboard":
        dashboard(*args)
    else:
        query(*args)


main()
