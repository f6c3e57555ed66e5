#!/usr/bin/env python3
"""A second decoder, written from docs/format.md and docs/sysdecode.1 alone: is what they say enough to read a recording?

    decode.py [--columns=LIST] FILE...      the table that `sysdecode` prints, byte for byte

Standard library only; zstd by libzstd.so.1 or else the zstd command. It is short rather than fast, and holds a recording in
memory. Exit status as of sysdecode: 0, 3 damaged or cut short, 5 not an .sst file or one that needs a newer decoder.
"""
import ctypes
import os
import re
import struct
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
FORMAT = os.path.join(HERE, "..", "..", "format")
VERSION = 2
U64 = (1 << 64) - 1
MAGIC = b"\x53\x2a\x4d\x18"
SYNC = b"\x89SST\r\n\x1a\n"
META, ROWS, LATE, END = 1, 2, 3, 4
ANCILLARY = 0x8000

GROUPS, CALLS, CALL, PAUSE, DURATION, RET, ARG0, STATE, CPU, SEQ, FACTS, GAPS, EVENTS, CLOCKS = (*range(7), *range(12, 19))
REST = {PAUSE: 19, DURATION: 20, RET: 21, **{ARG0 + k: 22 + k for k in range(6)}}
CONTAINERS = 56
KNOWN_STREAMS = [*range(28), CONTAINERS]  # 32, the index, is left alone
OK, UNFINISHED, NO_RETURN, MIDWAY, REFUSED, MIDWAY_OPEN = range(6)
STATES = ["ok", "unfinished", "no-return", "midway", "refused", "midway"]
CAUSES = {1: "ring full", 2: "too many threads", 3: "skipped by the kernel", 4: "cut out of the file", 5: "not written"}
ABIS = [None, "x86_64", "i386", "x32", "aarch64", "arm", "s390x", "s390", "ppc64le", "ppc64", "ppc", "riscv64", "riscv32"]
NARROW = {"i386", "arm", "s390", "ppc", "riscv32"}


class Refused(Exception):
    """The frame is damaged, or was made wrong."""


class Newer(Exception):
    """The frame needs a newer decoder."""


def need(condition, what="contradiction"):
    if not condition:
        raise Refused(what)


# --- numbers


def crc_table():
    for n in range(256):
        for _ in range(8):
            n = n >> 1 ^ (0x82F63B78 if n & 1 else 0)
        yield n


CRC_TABLE = list(crc_table())


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = CRC_TABLE[(crc ^ byte) & 0xFF] ^ crc >> 8
    return crc ^ 0xFFFFFFFF


assert crc32c(b"123456789") == 0xE3069283


def unzigzag(z):
    return (z >> 1 ^ -(z & 1)) & U64


class Bytes:
    """Bytes that are read one after the other."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, n):
        need(self.at + n <= len(self.data), "too short")
        self.at += n
        return self.data[self.at - n : self.at]

    def byte(self):
        return self.take(1)[0]

    def varint(self, limit=U64):
        value = 0
        for i in range(10):
            byte = self.byte()
            need(not (i == 9 and byte > 1) and not (i > 0 and byte == 0), "not canonical")
            value |= (byte & 0x7F) << 7 * i
            if byte < 0x80:
                need(value <= limit, "beyond a limit")
                return value
        raise Refused("not canonical")

    def difference(self):
        return unzigzag(self.varint())

    def end(self):
        need(self.at == len(self.data), "too long")


# --- zstd


def load_zstd():
    try:
        lib = ctypes.CDLL("libzstd.so.1")
    except OSError:
        return None
    lib.ZSTD_decompress.restype = lib.ZSTD_findFrameCompressedSize.restype = ctypes.c_size_t
    lib.ZSTD_decompress.argtypes = [ctypes.c_char_p, ctypes.c_size_t, ctypes.c_char_p, ctypes.c_size_t]
    lib.ZSTD_findFrameCompressedSize.argtypes = [ctypes.c_char_p, ctypes.c_size_t]
    return lib


ZSTD = load_zstd()


def check_zstd_header(part, raw):
    """RFC 8878, 3.1.1.1: content size, checksum, no dictionary."""
    need(len(part) >= 6 and part[:4] == b"\x28\xb5\x2f\xfd", "not a zstd frame")
    descriptor = part[4]
    single, size_flag = descriptor >> 5 & 1, descriptor >> 6
    need(descriptor & 4 and not descriptor & 3 and not descriptor & 8, "wrong kind of zstd frame")
    need(size_flag or single, "no content size")
    width = (1, 2, 4, 8)[size_flag]
    at = 5 if single else 6
    size = int.from_bytes(part[at : at + width], "little") + (256 if width == 2 else 0)
    need(size == raw, "another content size")


def decompress(part, raw):
    check_zstd_header(part, raw)
    if ZSTD:
        need(ZSTD.ZSTD_findFrameCompressedSize(part, len(part)) == len(part), "not one zstd frame")
        out = ctypes.create_string_buffer(raw or 1)
        need(ZSTD.ZSTD_decompress(out, raw, part, len(part)) == raw, "damaged zstd frame")
        return out.raw[:raw]
    run = subprocess.run(["zstd", "-dcq"], input=part, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    need(run.returncode == 0 and len(run.stdout) == raw, "damaged zstd frame")
    return run.stdout


# --- frames


class Header:
    """The fixed fields of a header whose CRC is right; the directory is read when it is needed."""

    def __init__(self, data):
        (self.uuid, self.number, self.type, self.version, self.rows, self.time_min, self.time_max, self.cut, self.rows_total,
         self.lost_total, self.payload, self.payload_crc, self.previous_crc) = struct.unpack_from("<16sQHHIQQQQQIII", data, 16)
        self.length = len(data)
        self.directory = data[100:-4]
        self.crc = int.from_bytes(data[-4:], "little")

    def begins_recording(self):
        return self.type == META and self.number == 0

    def parts(self):
        """[(compressed length, [(id, encoding, raw length)])]"""
        directory = Bytes(self.directory)
        need(self.rows <= 65536 and self.payload <= (4 << 20) + (128 << 10), "beyond a limit")
        parts = []
        for _ in range(directory.varint(64)):
            packed, streams = directory.varint(), []
            for _ in range(directory.varint(128)):
                key = directory.varint(65535 << 3 | 7)
                streams.append((key >> 3, key & 7, directory.varint(4 << 20)))
            parts.append((packed, streams))
        ids = [stream[0] for _, streams in parts for stream in streams]
        need(len(ids) == len(set(ids)) and len(ids) <= 128, "a stream stands twice")
        need(sum(packed for packed, _ in parts) == self.payload, "lengths do not add up")
        need(sum(stream[2] for _, streams in parts for stream in streams) <= 4 << 20, "beyond a limit")
        newer = any(i not in KNOWN_STREAMS and (i < 32 or i % 2 == 1) for i in ids)
        for _ in range(directory.varint()):
            newer |= directory.varint() % 2 == 1
            directory.take(directory.varint())
        directory.end()
        if newer:
            raise Newer
        return parts


def header_at(data, at):
    if data[at : at + 4] != MAGIC or data[at + 8 : at + 16] != SYNC or at + 106 > len(data):
        return None
    size = int.from_bytes(data[at + 4 : at + 8], "little")
    end = at + 8 + size
    if not 98 <= size <= 65536 or end > len(data):
        return None
    if crc32c(data[at + 8 : end - 4]) != int.from_bytes(data[end - 4 : end], "little"):
        return None
    return Header(data[at:end])


def streams_of(header, payload):
    """{id: (encoding, bytes)} of a frame."""
    need(crc32c(payload) == header.payload_crc, "damaged payload")
    found, at = {}, 0
    for packed, streams in header.parts():
        raw = decompress(payload[at : at + packed], sum(length for _, _, length in streams))
        at += packed
        begin = 0
        for number, encoding, length in streams:
            found[number] = (encoding, raw[begin : begin + length])
            begin += length
    return found


# --- columns


class Clock:
    """When each tick is, in ns after the beginning of the frame."""

    def __init__(self, data):
        need(len(data) == 24, "no clock")
        self.phase, self.step, self.odd = struct.unpack("<QQq", data)
        need(self.phase < 1 << 48 and 1 << 40 <= self.step < 1 << 48 and abs(self.odd) < self.step, "wrong clock")

    def time(self, tick):
        return (self.phase + tick * self.step + tick % 2 * self.odd) >> 40


class Column:
    """The tokens of a column and what they call for."""

    def __init__(self, streams, number, n, n_calls=0):
        encoding, data = streams.get(number, (0, None))
        self.rest, self.step, self.ticks, self.shifts = b"", None, False, None
        if data is not None and encoding in (2, 3) and number in (PAUSE, DURATION):
            need(len(data) >= 4, "no step")
            self.step, data, encoding = int.from_bytes(data[:4], "little"), data[4:], encoding - 2
            need(self.step > 0, "wrong step")
        elif data is not None and encoding in (4, 5) and number in (PAUSE, DURATION):
            encoding, self.ticks = encoding - 4, True
            if number == PAUSE:
                self.clock, data = Clock(data[:24]), data[24:]
        elif data is not None and encoding in (2, 3) and (number == RET or ARG0 <= number < ARG0 + 6):
            self.shifts, data, encoding = data[:n_calls], data[n_calls:], encoding - 2
            need(len(self.shifts) == n_calls and max(self.shifts, default=0) < 64, "wrong shifts")
        self.seen = set()
        if data is None:
            self.tokens = bytes(n)
        elif encoding == 0:
            self.tokens, self.rest = data[:n], data[n:]
        elif encoding == 1 and number in REST:
            need(REST[number] in streams, "no rest")
            encoding, self.rest = streams[REST[number]]
            if encoding:
                raise Newer
            self.tokens = data
        else:
            raise Newer
        need(len(self.tokens) == n, "too few tokens")
        self.next = iter(self.tokens).__next__
        self.at = 0
        self.bits, self.n_bits = 0, 0

    def take(self, n):
        need(self.at + n <= len(self.rest), "rest too short")
        self.at += n
        return int.from_bytes(self.rest[self.at - n : self.at], "little")

    def take_bits(self, n):
        while self.n_bits < n:
            self.bits |= self.take(1) << self.n_bits
            self.n_bits += 8
        rest, self.bits, self.n_bits = self.bits & (1 << n) - 1, self.bits >> n, self.n_bits - n
        return rest

    def time(self):
        token = self.next()
        need(token <= (251 if self.step is None else 252), "wrong token")
        if token == 252:
            return self.take_bits(16)
        e = max(token // 4 - 1, 0)
        code = token if token < 8 else (4 + token % 4 << e) + self.take_bits(e)
        if self.step is None or code >= 65536:
            return code
        return ((code >> 1) * self.step >> 16) + (code & 1)

    def sort(self, contexts):
        """Tokens stand by context, and are taken by row."""
        order = sorted(range(len(contexts)), key=contexts.__getitem__)
        tokens = bytearray(len(contexts))
        for row, token in zip(order, self.tokens):
            tokens[row] = token
        self.next = iter(tokens).__next__

    def tick(self):
        """How many ticks more, and how many ns behind that tick."""
        token = self.next()
        if token < 32:
            return token, 0
        if token < 160:
            return (16 + token % 16 << token // 16 - 1) + self.take_bits(token // 16 - 1), 0
        if token <= 210:
            return (1 << token - 147) + self.take_bits(token - 147), 0
        need(token in (252, 253), "wrong token")
        if token == 252:
            return self.take_bits(12), (self.take_bits(4) ^ 8) - 8
        return (self.take_bits(56) ^ 1 << 55) - (1 << 55), (self.take_bits(8) ^ 128) - 128

    def of_call(self, call, expected, arg2=None):
        """A value of that call; the first is not shifted."""
        shift = self.shifts[call] if self.shifts and call in self.seen else 0
        self.seen.add(call)
        return self.value(expected, arg2, shift)

    def value(self, expected, arg2=None, shift=0):
        token = self.next()
        if token == 0:
            return expected
        if token == 1:
            need(arg2 is not None, "wrong token")
            return arg2
        d = token - 1 if token <= 247 else self.take(token - 247)
        return (expected + (unzigzag(d) << shift)) & U64

    def small(self, expected):
        token = self.next()
        return expected if token == 0 else token - 1 if token < 255 else self.take(2)

    def end(self):
        need(self.at == len(self.rest), "rest too long")


class Row:
    __slots__ = ("group", "call", "time", "state", "seq", "first_seq", "args", "ret", "duration")


def list_of(streams, number, limit):
    """A stream that is a list, behind its count."""
    encoding, data = streams.get(number, (0, b"\0"))
    if encoding:
        raise Newer
    data = Bytes(data)
    return data, data.varint(limit)


class Threads:
    """tid and pid as a list of groups, gaps or events has them."""

    def __init__(self):
        self.tid = self.pid = 0

    def next_tid(self, data):
        self.tid = (self.tid + data.difference()) & U64
        need(self.tid < 1 << 32, "wrong tid")
        return self.tid

    def next_pid(self, data):
        code = data.varint()
        if code != 1:
            self.pid = self.tid if code == 0 else (self.tid + unzigzag(code - 2)) & U64
        need(self.pid < 1 << 32, "wrong pid")
        return self.pid


def read_groups(streams):
    """[(n, pid, tid, comm, seq of the first row)]"""
    data, n = list_of(streams, GROUPS, 65536)
    threads, comm, groups = Threads(), b"", []
    for _ in range(n):
        rows, tid, pid, seq = data.varint(65536), threads.next_tid(data), threads.next_pid(data), data.varint()
        code = data.varint(65)
        if code:
            comm = data.take(code - 1)
            need(b"\0" not in comm, "wrong comm")
        groups.append((rows, pid, tid, comm, seq))
    data.end()
    return groups


def read_calls(streams):
    """[(abi, nr, nargs)]"""
    data, n = list_of(streams, CALLS, 4096)
    calls = []
    for _ in range(n):
        abi, nargs, nr = data.byte(), data.byte(), data.varint((1 << 32) - 1)
        need(nargs <= 6, "too many arguments")
        calls.append((abi, nr, nargs))
    data.end()
    return calls


def read_gaps(streams):
    """[(time, until, seq, count, pid, tid, cause)]"""
    data, n = list_of(streams, GAPS, 16384)
    threads, time, gaps = Threads(), 0, []
    for _ in range(n):
        cause = data.byte()
        time = (time + data.difference()) & U64
        until = (time + data.difference()) & U64
        seq, count = data.varint(), data.varint()
        tid, pid = threads.next_tid(data), threads.next_pid(data)
        gaps.append((time, until, seq, count, pid, tid, cause))
    data.end()
    return gaps


def read_containers(streams, n):
    """For each of n groups: (container or None, ns pid, ns tid); a container is (pid namespace, id, name, image, runtime, cgroup)."""
    encoding, content = streams.get(CONTAINERS, (0, None))
    if encoding:
        raise Newer
    if content is None:
        return [(None, 0, 0)] * n
    data, containers = Bytes(content), []
    for _ in range(data.varint(4096)):
        containers.append([data.varint((1 << 32) - 1)] + [data.take(data.varint(1024)) for _ in range(5)])
        need(containers[-1][1] and b"\0" not in b"".join(containers[-1][1:]), "wrong container")
    which = [data.varint(len(containers)) for _ in range(n)]
    pids, tids = ([data.varint((1 << 32) - 1) for _ in range(n)] for _ in range(2))
    data.end()
    return [(containers[i - 1] if i else None, pid, tid) for i, pid, tid in zip(which, pids, tids)]


def decode_ticks(header, heads, pause, duration):
    """The times of rows by the clock of their frame. Tokens of both columns stand by the call and the one before."""
    contexts = []
    for _, members in heads:
        before = 0
        for row in members:
            contexts.append((row, row.call % 64 * 64 + before % 64))
            before = row.call
    pause.sort([context for _, context in contexts])
    duration.sort([context for row, context in contexts if row.state == OK])
    for _, members in heads:
        tick = 0
        for row in members:
            ticks, more = pause.tick()
            tick = (tick + ticks) & U64
            row.time = (header.time_min + pause.clock.time(tick) + more) & U64
            if row.state == OK:
                ticks, more = duration.tick()
                tick = (tick + ticks) & U64
                row.duration = (header.time_min + pause.clock.time(tick) + more - row.time) & U64


def read_rows(header, streams):
    groups, calls = read_groups(streams), read_calls(streams)
    groups = [(*group, where) for group, where in zip(groups, read_containers(streams, len(groups)))]
    rows = []
    for group in groups:
        need(len(rows) + group[0] <= header.rows, "too many rows")
        rows += (Row() for _ in range(group[0]))
    need(len(rows) == header.rows, "too few rows")
    heads, at = [], 0
    for group in groups:
        heads.append((group, rows[at : at + group[0]]))
        at += group[0]

    column, table = Column(streams, CALL, len(rows)), [0] * 4096
    for group, members in heads:
        a = b = 0
        for row in members:
            context = (64 * b + a) % 4096
            index = column.small(table[context])
            need(index < len(calls), "no such call")
            table[context] = index
            a, b = index, a
            row.group, row.call = group, index
    column.end()

    encoding, states = streams.get(STATE, (0, bytes(len(rows))))
    need(len(states) == len(rows) and (not states or max(states) <= MIDWAY_OPEN), "wrong states")
    if encoding:
        raise Newer
    for row, state in zip(rows, states):
        row.state, row.args, row.ret, row.duration = state, [], None, None

    for k in range(6):
        having = [row for row in rows if calls[row.call][2] > k]
        column, last = Column(streams, ARG0 + k, len(having), len(calls)), {}
        for row in having:
            last[row.call] = column.of_call(row.call, last.get(row.call, 0))
            row.args.append(last[row.call])
        column.end()

    having = [row for row in rows if row.state in (OK, MIDWAY, REFUSED)]
    column, last = Column(streams, RET, len(having), len(calls)), {}
    for row in having:
        arg2 = row.args[2] if len(row.args) > 2 else 0
        last[row.call] = row.ret = column.of_call(row.call, last.get(row.call, 0), arg2)
    column.end()

    having = [row for row in rows if row.state == OK]
    pause, duration = Column(streams, PAUSE, len(rows)), Column(streams, DURATION, len(having))
    if pause.ticks or duration.ticks:
        need(pause.ticks and (duration.ticks or DURATION not in streams), "ticks and no ticks")
        decode_ticks(header, heads, pause, duration)
    else:
        for row in having:
            row.duration = duration.time()
        for _, members in heads:
            end = header.time_min
            for row in members:
                row.time = (end + pause.time()) & U64
                end = row.time + (row.duration or 0)
    duration.end()
    pause.end()

    seqs = Column(streams, SEQ, sum(max(group[0] - 1, 0) for group in groups))
    for group, members in heads:
        seq = None
        for row in members:
            row.first_seq = group[4]
            row.seq = seq = group[4] if seq is None else seqs.value((seq + 1) & U64)
    seqs.end()

    column, cpu = Column(streams, CPU, len(rows)), 0
    for _ in rows:
        cpu = column.small(cpu)
    column.end()
    for row in rows:
        row.call = calls[row.call]
    return rows, heads


def read_facts(streams):
    encoding, data = streams.get(FACTS, (0, b""))
    if encoding:
        raise Newer
    need(len(data) <= 1 << 20 and (not data or data.endswith(b"\0")), "wrong facts")
    texts = data.split(b"\0")[:-1]
    need(len(texts) % 2 == 0 and len(texts) <= 2048, "wrong facts")
    for key in texts[::2]:
        need(len(key) <= 64 and re.fullmatch(rb"[a-z][a-z0-9_-]*(\.[a-z0-9_-]+)*", key), "wrong key")
    return dict(zip(texts[::2], texts[1::2]))


# --- a recording


class Recording:
    def __init__(self):
        self.start = None
        self.number, self.crc = -1, 0  # of the last header
        self.understood = self.ended = False
        self.items = []  # rows, and gaps as (gap, comm)
        self.open = {}  # (tid, seq): index into items

    def frame(self, header, streams):
        if header.type == META:
            text = read_facts(streams).get(b"start.boot")
            self.start = int(text) if text is not None else None
        elif header.type == END:
            read_facts(streams)
            self.ended = True
        else:
            self.rows(header, streams)

    def rows(self, header, streams):
        rows, heads = read_rows(header, streams)
        gaps = read_gaps(streams)
        for row in rows:
            key = (row.group[2], row.seq)
            place = self.open.pop(key, None) if header.type == LATE else None
            if place is None:
                place = len(self.items)
                self.items.append(row)
            self.items[place] = row
            if row.state in (UNFINISHED, MIDWAY_OPEN):
                self.open[key] = place
        for gap in gaps:
            self.items.append((gap, comm_of_gap(gap, heads)))

    def sorted(self):
        def place(item):
            if isinstance(item, Row):
                return (item.time, 0, item.group[2], item.first_seq)
            return (item[0][0], 1, item[0][5], item[0][2])

        return sorted(self.items, key=place)


def comm_of_gap(gap, heads):
    """The last group of the thread that had begun, or else its first: its comm, and where it was."""
    comm = where = None
    for group, members in heads:
        if group[2] == gap[5] and (comm is None or (members and members[0].time <= gap[0])):
            comm, where = group[3], group[5]
    return comm or b"", where


def search(data, begin, uuids):
    """The next header to be believed."""
    at = data.find(MAGIC, begin)
    while at >= 0:
        header = header_at(data, at)
        if header and (not uuids or header.uuid in uuids or header.begins_recording()):
            return at
        at = data.find(MAGIC, at + 1)
    return -1


class File:
    def __init__(self, data):
        self.data = data
        self.recordings = {}  # by uuid, in order of appearance
        self.seen = self.damaged = self.newer = False

    def read(self):
        at = expected = 0
        while at < len(self.data):
            header = header_at(self.data, at)
            if header is None:
                self.damaged = True
                at = search(self.data, expected, self.recordings)
                if at < 0:
                    return
                header = header_at(self.data, at)
            self.seen = True
            begin = at + header.length
            at = begin + header.payload
            # Where this payload is wrong and no header follows, the search begins in it.
            good = self.frame(header, self.data[begin:at]) if at <= len(self.data) else False
            expected = at + 1 if good else begin
            if self.newer:
                return  # the document lets a decoder go on; sysdecode does not
            if at > len(self.data):
                self.damaged = True
                at = search(self.data, begin, self.recordings)
                if at < 0:
                    return

    def frame(self, header, payload):
        """True unless the payload is damaged."""
        recording = self.recordings.setdefault(header.uuid, Recording())
        if header.number <= recording.number:
            self.damaged = True
            return True
        self.damaged |= header.number != recording.number + 1 or header.previous_crc != recording.crc
        recording.number, recording.crc = header.number, header.crc
        if recording.start is None and header.time_min <= header.time_max:
            recording.start = header.time_min  # its beginning is damaged
        right = crc32c(payload) == header.payload_crc
        try:
            if not header.type & ANCILLARY:
                if header.type not in (META, ROWS, LATE, END) or header.version > VERSION:
                    raise Newer
                header.parts()  # whatever the payload is
            if right and not header.type & ANCILLARY:
                recording.frame(header, streams_of(header, payload))
        except Newer:
            self.newer = True
            return True
        except Refused:
            self.damaged = True
        self.damaged |= not right
        recording.understood = True
        return right

    def ends_in_first_header(self):
        head, size = self.data[:16], int.from_bytes(self.data[4:8], "little")
        return MAGIC.startswith(head[:4]) and SYNC.startswith(head[8:]) and (len(head) < 8 or 8 + size > len(self.data))

    def status(self):
        if self.newer or (not self.seen and not self.ends_in_first_header()):
            return 5
        return 3 if self.damaged or not all(r.ended for r in self.recordings.values()) or not self.recordings else 0


# --- the table


def read_tables():
    """{(abi, nr): (name, is an address)} and {number: symbol} from the tables of the C library."""
    calls, errors = {}, {}
    for number, abi in enumerate(ABIS):
        if abi is None:
            continue
        with open(os.path.join(FORMAT, "tables", abi + ".inc"), encoding="ascii") as inc:
            for nr, name, kind in re.findall(r"^SYSCALL\( *(\d+), (\w+), *\d+, (\w+), \w+\)", inc.read(), re.M):
                calls[number, int(nr)] = (name, kind == "PTR")
    with open(os.path.join(FORMAT, "errno.c"), encoding="ascii") as table:
        for number, name in re.findall(r"\bERRNO\(\s*(\d+),\s*(\w+)\)", table.read()):
            errors[int(number)] = name
    return calls, errors


HIDDEN = [(0, 0x1F), (0x7F, 0x9F), (0xAD, 0xAD), (0x600, 0x605), (0x61C, 0x61C), (0x6DD, 0x6DD), (0x70F, 0x70F), (0x890, 0x891),
          (0x8E2, 0x8E2), (0x115F, 0x1160), (0x180E, 0x180E), (0x200B, 0x200F), (0x2028, 0x202E), (0x2060, 0x206F),
          (0x3164, 0x3164), (0xFEFF, 0xFEFF), (0xFFA0, 0xFFA0), (0xFFF9, 0xFFFB), (0x110BD, 0x110BD), (0x110CD, 0x110CD),
          (0x13430, 0x1343F), (0x1BCA0, 0x1BCA3), (0x1D173, 0x1D17A), (0xE0000, 0xE0FFF)]
SHORT = {"\t": "\\t", "\n": "\\n", "\r": "\\r", "\\": "\\\\"}
FORMULA = '=+-@"\uff02\uff0b\uff0d\uff1d\uff20\u2212'
BLANK = " \xa0\u3000" + "".join(map(chr, range(0x2000, 0x200B)))


def escape(text):
    out, start = [], True
    for c in text.decode("utf-8", "surrogateescape"):  # a byte that is not UTF-8 is a surrogate
        if c in SHORT:
            out.append(SHORT[c])
        elif "\udc80" <= c <= "\udcff" or any(a <= ord(c) <= b for a, b in HIDDEN) or (start and c in FORMULA):
            out += ("\\x%02x" % byte for byte in c.encode("utf-8", "surrogateescape"))
        else:
            out.append(c)
        start = c in ",;" or (start and c in BLANK)
    return "".join(out)


def seconds(ns):
    return "%s%d.%09d" % ("-" if ns < 0 else "", *divmod(abs(ns), 10**9))


def signed(value, bits=64):
    value &= (1 << bits) - 1
    return value - (1 << bits) if value >> bits - 1 else value


class Table:
    HEADER = "time pid tid comm abi nr syscall arg0 arg1 arg2 arg3 arg4 arg5 ret errno duration state note".split()
    MORE = "container container_id image runtime nspid nstid".split()  # on request

    def __init__(self):
        self.calls, self.errors = read_tables()

    def row(self, row, start):
        abi, nr, _ = row.call
        _, pid, tid, comm, _, where = row.group
        abi_name = ABIS[abi] if abi < len(ABIS) else None
        name, address = self.calls.get((abi, nr), ("syscall_%d" % nr, False))
        bits = 32 if abi_name in NARROW else 64
        args = ["%#x" % (arg & (1 << bits) - 1) for arg in row.args]
        ret = errno = ""
        if row.ret is not None:
            number = signed(row.ret, bits)
            failed = -4095 <= number < 0
            ret = "%#x" % (row.ret & (1 << bits) - 1) if address and not failed else "%d" % number
            errno = self.errors.get(-number, "") if failed else ""
        return [seconds(signed(row.time - start)), str(pid), str(tid), escape(comm), abi_name or "abi_%d" % abi, str(nr), name,
                *args, *[""] * (6 - len(args)), ret, errno, "" if row.duration is None else seconds(row.duration),
                STATES[row.state], "", *self.where(where[0]), str(where[1] or pid), str(where[2] or tid)]

    @staticmethod
    def where(container):
        _, number, name, image, runtime, _ = container or (0, *[b""] * 5)
        short = number[:12] if re.fullmatch(b"[0-9a-f]{64}", number) else number
        return [escape(text) for text in (name or short, number, image, runtime)]

    def gap(self, gap, who, start):
        time, until, seq, count, pid, tid, cause = gap
        comm, where = who
        which = ("seq %d " % seq if count == 1 else "seq %d to %d " % (seq, (seq + count - 1) & U64)) if seq else ""
        note = "%d call%s lost: %s (%suntil %s)" % (count, "" if count == 1 else "s", CAUSES.get(cause, "unknown cause"), which,
                                                    seconds(signed(until - start)))
        return [seconds(signed(time - start)), str(pid or ""), str(tid or ""), escape(comm), *[""] * 12, "lost", note, *self.where(where and where[0])[:2], *[""] * 4]

    def lines(self, recording):
        start = recording.start or 0
        for item in recording.sorted():
            yield self.row(item, start) if isinstance(item, Row) else self.gap(*item, start)


def main(words):
    table, out, worst = Table(), sys.stdout.buffer, 0
    begun = False
    names = [word for word in words if not word.startswith("--columns=")]
    wanted = words[0][10:].split(",") if len(names) < len(words) else table.HEADER
    cells_of = [(table.HEADER + table.MORE).index(name) for name in wanted]
    for name in names:
        with open(name, "rb") as source:
            file = File(source.read())
        file.read()
        for recording in file.recordings.values():
            if recording.understood and not begun:
                out.write(("\t".join(wanted) + "\n").encode())
                begun = True
            for cells in table.lines(recording):
                out.write(("\t".join(cells[i] for i in cells_of) + "\n").encode())
        status = file.status()
        worst = status if worst == 0 or status == 5 else worst
    return worst


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
