#!/usr/bin/env python3
"""Writes recordings as later versions of the format may have them: future.py GOOD LATE DIRECTORY

GOOD and LATE are recordings of today; LATE has LATE frames. What is added are frames, streams, extensions, keys and numbers
that version 2 does not know, as "What may come later" of docs/format.md allows. Writes to DIRECTORY, for each:

    NAME.sst        the recording
    NAME.known.sst  what a decoder of version 2 is to make of it: the same without what it must skip, or up to where it must stop
    LIST            lines "NAME STATUS": 0 if all of it must be skipped, 5 if a newer decoder is needed
"""
import os
import sys

import frames
from decode import ANCILLARY, CLOCKS, CPU, DURATION, EVENTS, FACTS, GAPS, GROUPS, LATE, META, PAUSE, RET, ROWS
from frames import Frame, Recording, varint, zigzag

ANCILLARY_TYPE, CRITICAL_TYPE = 0xFFF0, 0x7FF0
ANCILLARY_STREAM, CRITICAL_STREAM = 65534, 65533
ANCILLARY_EXTENSION, CRITICAL_EXTENSION = 1 << 40, (1 << 40) + 1
NOISE = bytes(range(256)) * 3


def insert(at, **words):
    return lambda r: r.frames.insert(at, Frame(**words))


def everywhere(r):
    """Behind each frame but END, also with a later version and what looks like one of our headers within."""
    inner = r.frames[1].bytes(r.uuid, 7, 0, 0)[0]
    for at in range(len(r.frames) - 1, 0, -1):
        r.frames.insert(at, Frame(type=ANCILLARY_TYPE + at, raw=inner, version=at))
        r.frames.insert(at, Frame(type=ANCILLARY_TYPE, raw=b"", directory=NOISE, version=65535))


def ancillary_with_rows(r):
    frame = Frame(type=ANCILLARY_TYPE, streams=r.frames[1].streams, rows=r.frames[1].rows)
    frame.time_min, frame.time_max, frame.extensions = 0, frames.U64, [(CRITICAL_EXTENSION, b"")]
    r.frames.insert(2, frame)


def add_stream(at, number, encoding=0, content=NOISE):
    """In a part of its own."""

    def apply(r):
        r.frames[at].streams[number] = (encoding, content)

    return apply


def add_stream_between(r):
    """In the same part as known ones, before, between and behind them."""
    frame = r.frames[1]
    known = list(frame.streams)
    for i in range(3):
        frame.streams[ANCILLARY_STREAM - 2 * i] = (7, NOISE[i:])
    frame.parts = [[ANCILLARY_STREAM, *known[:3], ANCILLARY_STREAM - 2, *known[3:], ANCILLARY_STREAM - 4]]


def add_extensions(*ids):
    def apply(r):
        for frame in r.frames:
            frame.extensions = [(i, NOISE[: i % 500]) for i in ids] + frame.extensions + [(i, b"") for i in ids]

    return apply


def change_encoding(number, encoding, at=1):
    def apply(r):
        r.frames[at].streams[number] = (encoding, r.frames[at].streams[number][1])

    return apply


def add_facts(at):
    text = b"future.key\0value\x1b[31m\xff\0zzz-9_a.b\0\0"

    def apply(r):
        encoding, facts = r.frames[at].streams[FACTS]
        r.frames[at].streams[FACTS] = (encoding, text + facts + text)

    return apply


def change_version(at, version):
    def apply(r):
        r.frames[at].version = version

    return apply


def all_at_once(r):
    everywhere(r)
    add_extensions(ANCILLARY_EXTENSION, 16, 2**63)(r)
    for frame in r.frames:
        if not frame.type & ANCILLARY:
            frame.streams[ANCILLARY_STREAM] = (5, NOISE)
    add_facts(0)(r)
    add_facts(-1)(r)


def add_event(r):
    """Of a kind that is not known, and a clock, which nothing of the table shows."""
    r.frames[1].streams[EVENTS] = (0, varint(1) + b"\xc8" + varint(zigzag(10**12)) + varint(zigzag(77)) + varint(0) * 3)
    r.frames[1].streams[CLOCKS] = (0, varint(1) + varint(zigzag(10**12)) * 3)


SKIPPED = {
    "ancillary-frame": insert(2, type=ANCILLARY_TYPE, raw=NOISE),
    "ancillary-frame-before-end": insert(-1, type=ANCILLARY_TYPE, raw=NOISE),
    "ancillary-frame-of-any-version": insert(1, type=0x8001, raw=NOISE, version=65535),
    "ancillary-frame-with-any-directory": insert(1, type=ANCILLARY_TYPE, raw=NOISE, directory=NOISE),
    "ancillary-frame-with-rows": ancillary_with_rows,
    "ancillary-frames-everywhere": everywhere,
    "ancillary-stream": add_stream(1, ANCILLARY_STREAM),
    "ancillary-stream-with-encoding": add_stream(2, ANCILLARY_STREAM, 7),
    "ancillary-stream-of-meta": add_stream(0, ANCILLARY_STREAM),
    "ancillary-stream-of-end": add_stream(-1, 34),
    "ancillary-streams-between": add_stream_between,
    "even-extensions": add_extensions(ANCILLARY_EXTENSION, 16, 18, 2**64 - 2),
    "keys-of-meta": add_facts(0),
    "keys-of-end": add_facts(-1),
    "event-kind": add_event,
    "all-at-once": all_at_once,
}
# With the number of the frame that a decoder of version 2 cannot read.
NEWER = {
    "critical-frame": (2, insert(2, type=CRITICAL_TYPE, raw=NOISE)),
    "critical-frame-5": (1, insert(1, type=5, raw=b"")),
    "critical-frame-0": (2, insert(2, type=0, raw=b"")),
    "critical-frame-before-end": (3, insert(-1, type=CRITICAL_TYPE, raw=NOISE, directory=NOISE, version=3)),
    "late-critical-frame": (2, insert(2, type=CRITICAL_TYPE, raw=NOISE)),
    "late-critical-stream": (2, add_stream(2, CRITICAL_STREAM)),
    "late-encoding": (4, change_encoding(GROUPS, 6, at=4)),
    "critical-stream": (2, add_stream(2, CRITICAL_STREAM)),
    "critical-stream-28": (1, add_stream(1, 28, content=b"")),
    "critical-stream-33": (1, add_stream(1, 33)),
    "critical-stream-of-end": (3, add_stream(-1, 31)),
    "odd-extension": (0, add_extensions(CRITICAL_EXTENSION)),
    "odd-extension-1": (0, add_extensions(1)),
    "encoding-of-a-column": (1, change_encoding(PAUSE, 6)),
    "encoding-of-durations": (1, change_encoding(DURATION, 7)),
    "encoding-of-results": (1, change_encoding(RET, 4)),
    "encoding-of-a-list": (1, change_encoding(GROUPS, 1)),
    "encoding-of-facts": (0, change_encoding(FACTS, 1, at=0)),
    "next-version": (2, change_version(2, 3)),
    "last-version": (1, change_version(1, 65535)),
    "next-version-of-end": (3, change_version(3, 3)),
    "next-version-of-all": (0, lambda r: [change_version(i, 3)(r) for i in range(len(r.frames))]),
}


def write(r, directory, name):
    r.write(os.path.join(directory, name + ".sst"))


def main(good, late, directory):
    lines = []
    for source, prefix in ((good, ""), (late, "late-")):
        for name, change in SKIPPED.items():
            recording = Recording.read(source)
            known = recording.bytes()
            change(recording)
            assert recording.bytes() != known, name
            write(recording, directory, prefix + name)
            write(Recording.read(source), directory, prefix + name + ".known")
            lines.append(prefix + name + " 0")
    for name, (at, change) in NEWER.items():
        source = late if name.startswith("late-") else good
        recording = Recording.read(source)
        recording.frames = recording.frames[:at]
        write(recording, directory, name + ".known")
        recording = Recording.read(source)
        change(recording)
        write(recording, directory, name)
        lines.append(name + " 5")
    with open(os.path.join(directory, "LIST"), "w", encoding="ascii") as out:
        out.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
