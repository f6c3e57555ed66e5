#!/usr/bin/env python3
"""Writes recordings whose checksums are right and that are wrong nevertheless, from a good one: make_wrong.py GOOD DIRECTORY

GOOD is threads.sst: META, two ROWS frames, END. Each file has one thing that docs/format.md forbids, or that it says is damage. For
what only version 2 has it is clock-of-10ns-small.sst: META, three ROWS frames in ticks, END.
"""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "second"))

import decode
import frames
from decode import ARG0, CALL, CALLS, DURATION, FACTS, GROUPS, PAUSE, RET, STATE


def frame_missing(r):
    r.frames[2].force = {"number": 3, "rows_total": 8}
    r.frames[3].force = {"number": 4, "rows_total": 8}


def frame_repeated(r):
    r.frames[2].force = {"number": 1}


def frame_exchanged(r):
    r.frames[2].force = {"previous_crc": 0}


def stream_twice(r):
    r.frames[1].pack = lambda data: frames.compress(data)
    payload, directory = r.frames[1].payload_and_directory()
    r.frames[1].raw, r.frames[1].directory = payload + payload, b"\x02" + directory[1:-1] * 2 + b"\0"


def lengths_do_not_add_up(r):
    payload, directory = r.frames[1].payload_and_directory()
    r.frames[1].raw, r.frames[1].directory = payload + b"\0", directory


def directory_too_long(r):
    r.frames[1].directory = r.frames[1].payload_and_directory()[1] + b"\0"


def directory_too_short(r):
    r.frames[1].directory = r.frames[1].payload_and_directory()[1][:-1]


def too_many_rows(r):
    r.frames[1].rows = 65537


def too_much_raw(r):
    r.frames[1].streams[64] = (0, bytes(5 << 20))


def varint_spelled_otherwise(r):
    payload, directory = r.frames[1].payload_and_directory()
    r.frames[1].raw, r.frames[1].directory = payload, b"\x81\0" + directory[1:]


def no_content_size(r):
    r.frames[1].pack = lambda data: frames.compress(data, size=False)


def no_checksum(r):
    r.frames[1].pack = lambda data: frames.compress(data, checksum=False)


def two_in_a_part(r):
    r.frames[1].pack = lambda data: frames.compress(data[:9]) + frames.compress(data[9:])


def another_content_size(r):
    r.frames[1].pack = lambda data: frames.compress(data + b"\0")


def not_zstd(r):
    r.frames[1].pack = lambda data: data


def edit(stream, change):
    """In the first ROWS frame."""

    def apply(r):
        encoding, data = r.frames[1].streams.get(stream, (0, b""))
        r.frames[1].streams[stream] = (encoding, change(data))

    return apply


def change_byte(at, value):
    return lambda data: data[:at] + bytes([value]) + data[at + 1 :]


WRONG = {
    "frame-missing": frame_missing,
    "frame-repeated": frame_repeated,
    "frame-exchanged": frame_exchanged,
    "stream-twice": stream_twice,
    "lengths-do-not-add-up": lengths_do_not_add_up,
    "directory-too-long": directory_too_long,
    "directory-too-short": directory_too_short,
    "too-many-rows": too_many_rows,
    "too-much-raw": too_much_raw,
    "varint-spelled-otherwise": varint_spelled_otherwise,
    "no-content-size": no_content_size,
    "no-checksum": no_checksum,
    "two-in-a-part": two_in_a_part,
    "another-content-size": another_content_size,
    "not-zstd": not_zstd,
    "groups-too-few-rows": edit(GROUPS, change_byte(1, 1)),
    "groups-too-many": edit(GROUPS, change_byte(0, 3)),
    "groups-too-long": edit(GROUPS, lambda data: data + b"\0"),
    "comm-with-zero": edit(GROUPS, lambda data: data.replace(b"worker", b"wor\0er")),
    "comm-too-long": edit(GROUPS, lambda data: data.replace(b"\x07worker", b"\x42" + b"w" * 65)),
    "no-such-call": edit(CALL, lambda data: data[:-1] + b"\x64"),
    "seven-arguments": edit(CALLS, change_byte(2, 7)),
    "calls-too-long": edit(CALLS, lambda data: data + b"\0"),
    "no-such-state": edit(STATE, lambda data: b"\0\0\0\6"),
    "state-too-short": edit(STATE, lambda data: b"\0\0\0"),
    "pause-too-short": edit(PAUSE, lambda data: data[:-1]),
    "pause-too-long": edit(PAUSE, lambda data: data + b"\0"),
    "pause-of-252": edit(PAUSE, change_byte(0, 252)),
    "duration-too-long": edit(DURATION, lambda data: data + b"\0"),
    "argument-as-result": edit(ARG0, change_byte(0, 1)),
    "argument-too-long": edit(ARG0, lambda data: data + b"\0"),
    "ret-too-short": edit(RET, lambda data: data[:-1]),
}


def step_of_zero(r):
    r.frames[1].streams[PAUSE] = (2, bytes(4) + r.frames[1].streams[PAUSE][1])


def split_without_rest(r):
    r.frames[1].streams[PAUSE] = (1, r.frames[1].streams[PAUSE][1][: r.frames[1].rows])


def meta_key(r):
    r.frames[0].streams[FACTS] = (0, r.frames[0].streams[FACTS][1] + b"Wrong Key\0value\0")


def meta_not_ended(r):
    r.frames[0].streams[FACTS] = (0, r.frames[0].streams[FACTS][1] + b"key\0value")


def end_facts(r):
    r.frames[3].streams[FACTS] = (0, b"reason\0golden\0rows\0")


def index_of_nonsense(r):
    r.frames[3].streams[frames.INDEX] = (0, b"\xff")
    r.index = lambda lengths: b"\xff\xff\x03abc"


WRONG.update({"step-of-zero": step_of_zero, "split-without-rest": split_without_rest, "meta-key": meta_key,
              "meta-not-ended": meta_not_ended, "end-facts": end_facts, "index-of-nonsense": index_of_nonsense})


def encoding(stream, number):
    def change(r):
        r.frames[1].streams[stream] = (number, r.frames[1].streams[stream][1])

    return change


def ticks_without_pauses(r):
    del r.frames[1].streams[PAUSE]


def shift_of_64(r):
    kind, data = r.frames[1].streams[ARG0]
    assert kind == 0
    calls = r.frames[1].streams[CALLS][1][0]
    r.frames[1].streams[ARG0] = (2, b"\x40" + bytes(calls - 1) + data)


def shifts_too_few(r):
    r.frames[1].streams[ARG0] = (2, b"\0")


# The clock is phase, step, odd in 8 bytes each, then come the tokens.
WRONG_2 = {
    "phase-too-late": edit(PAUSE, change_byte(6, 1)),
    "step-too-short": edit(PAUSE, lambda data: data[:8] + b"\xff\xff\xff\xff\xff\0\0\0" + data[16:]),
    "step-too-long": edit(PAUSE, change_byte(14, 1)),
    "odd-too-far": edit(PAUSE, lambda data: data[:16] + data[8:16] + data[24:]),
    "clock-cut": edit(PAUSE, lambda data: data[:23]),
    "tick-of-211": edit(PAUSE, change_byte(24 + 7, 211)),
    "tick-of-251": edit(DURATION, change_byte(0, 251)),
    "tick-of-254": edit(DURATION, change_byte(7, 254)),
    "ticks-too-short": edit(PAUSE, lambda data: data[:-1]),
    "ticks-too-long": edit(DURATION, lambda data: data + b"\0"),
    "durations-not-in-ticks": encoding(DURATION, 0),
    "pauses-not-in-ticks": encoding(PAUSE, 0),
    "ticks-without-pauses": ticks_without_pauses,
    "shift-of-64": shift_of_64,
    "shifts-too-few": shifts_too_few,
}


def main(good, directory):
    version = max(frame.version for frame in frames.Recording.read(good).frames)
    for name, change in (WRONG if version == 1 else WRONG_2).items():
        recording = frames.Recording.read(good)
        before = recording.bytes()
        change(recording)
        assert recording.bytes() != before, name
        recording.write(os.path.join(directory, "wrong-%s.sst" % name))


if __name__ == "__main__":
    main(*sys.argv[1:])
