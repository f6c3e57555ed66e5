#!/usr/bin/env python3
"""Writes a recording of more than 4 GiB that takes little room on a disk: huge.py GOOD FILE

GOOD's frames, but before the last frame of rows stand a thousand ancillary frames, as a later version may write them; their
payloads are holes in the file. END has an index of all of them.
"""
import sys

import decode
import frames
from frames import Frame, Recording

HOLE = 4 << 20
HOLES = 1030


def crc_of_zeros(n):
    """Of n zero bytes, n a power of two: a step is linear, so it is squared."""
    step = [decode.CRC_TABLE[(1 << i) & 0xFF] ^ (1 << i) >> 8 for i in range(32)]  # of one byte, for each bit

    def apply(matrix, value):
        return_value = 0
        for i in range(32):
            if value >> i & 1:
                return_value ^= matrix[i]
        return return_value

    while n > 1:
        step = [apply(step, column) for column in step]
        n //= 2
    return apply(step, 0xFFFFFFFF) ^ 0xFFFFFFFF


assert crc_of_zeros(8) == decode.crc32c(bytes(8))


def main(good, path):
    recording = Recording.read(good)
    last = max(i for i, frame in enumerate(recording.frames) if frame.type == decode.ROWS)
    empty = Frame(type=0xFFF0, raw=b"", payload=HOLE, payload_crc=crc_of_zeros(HOLE))
    recording.frames[last:last] = [empty] * HOLES
    at, crc, rows_total, lengths = 0, 0, 0, []
    with open(path, "wb") as out:
        for number, frame in enumerate(recording.frames):
            rows_total += frame.rows if frame.type == decode.ROWS else 0
            if frame.type == decode.END:
                frame.streams[frames.INDEX] = (0, recording.index(lengths))
            data, crc = frame.bytes(recording.uuid, number, rows_total, crc)
            out.seek(at)
            out.write(data)
            lengths.append(len(data) + (HOLE if frame is empty else 0))
            at += lengths[-1]


if __name__ == "__main__":
    main(*sys.argv[1:])
