"""Takes recordings apart and puts them together again, as docs/format.md has it: for files that no recorder writes.

    recording = Recording.read("threads.sst")
    recording.frames[1].streams[CPU] = (0, b"\\3\\0\\0\\0")      # {id: (encoding, bytes)}
    recording.frames.insert(2, Frame(type=0xFFF0, raw=b"anything"))
    recording.write("other.sst")                                # numbers, lengths, CRCs and index are made right

Whatever a frame's `force` says is written instead of what would be right: {"number": 7, "previous_crc": 0 …}.
"""
import ctypes
import struct
import subprocess

import decode

INDEX = 32
U64 = (1 << 64) - 1


def varint(value):
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def zigzag(value):
    value = (value + (1 << 63) & U64) - (1 << 63)  # modulo 2^64, signed
    return (value << 1 ^ value >> 63) & U64


def compress(data, checksum=True, size=True):
    """One zstd frame."""
    if decode.ZSTD:
        lib = decode.ZSTD
        lib.ZSTD_createCCtx.restype = ctypes.c_void_p
        lib.ZSTD_compressBound.restype = lib.ZSTD_compress2.restype = ctypes.c_size_t
        context = ctypes.c_void_p(lib.ZSTD_createCCtx())
        for parameter, value in ((200, size), (201, checksum), (202, 0)):  # content size, checksum, dictionary id
            lib.ZSTD_CCtx_setParameter(context, parameter, int(value))
        out = ctypes.create_string_buffer(lib.ZSTD_compressBound(ctypes.c_size_t(len(data))))
        n = lib.ZSTD_compress2(context, out, ctypes.c_size_t(len(out)), data, ctypes.c_size_t(len(data)))
        lib.ZSTD_freeCCtx(context)
        return out.raw[:n]
    words = ["zstd", "-cq", "--check" if checksum else "--no-check"] + (["--stream-size=%d" % len(data)] if size else [])
    return subprocess.run(words, input=data, stdout=subprocess.PIPE, check=True).stdout


class Frame:
    """streams: {id: (encoding, bytes)}; parts: lists of the ids in each part, what is in none stands in a last one.

    raw: a payload without parts. directory: bytes instead of the directory that is right.
    """

    def __init__(self, type, streams=None, raw=None, rows=0, version=1, cut=0, lost_total=0, directory=None, **force):
        self.type, self.streams, self.raw, self.rows, self.version = type, dict(streams or {}), raw, rows, version
        self.time_min, self.time_max, self.cut, self.lost_total = U64, 0, cut, lost_total
        self.parts, self.extensions, self.directory, self.force = [], [], directory, force
        self.pack = compress

    @classmethod
    def of(cls, header, payload):
        frame = cls(header.type, {}, None, header.rows, header.version, header.cut, header.lost_total)
        frame.time_min, frame.time_max = header.time_min, header.time_max
        frame.streams = decode.streams_of(header, payload)
        frame.parts = [[stream[0] for stream in streams] for _, streams in header.parts()]
        directory = decode.Bytes(header.directory)
        for _ in range(directory.varint()):
            directory.varint()
            for _ in range(2 * directory.varint()):
                directory.varint()
        for _ in range(directory.varint()):
            kind = directory.varint()
            frame.extensions.append((kind, directory.take(directory.varint())))
        return frame

    def payload_and_directory(self):
        if self.raw is not None:
            return self.raw, b"\0\0" if self.directory is None else self.directory
        parts = [[i for i in part if i in self.streams] for part in self.parts]
        others = [i for i in self.streams if not any(i in part for part in parts)]
        parts = [part for part in parts + [others] if part]
        payload, directory = b"", varint(len(parts))
        for part in parts:
            packed = self.pack(b"".join(self.streams[i][1] for i in part))
            payload += packed
            directory += varint(len(packed)) + varint(len(part))
            for i in part:
                directory += varint(i << 3 | self.streams[i][0]) + varint(len(self.streams[i][1]))
        directory += varint(len(self.extensions))
        for kind, content in self.extensions:
            directory += varint(kind) + varint(len(content)) + content
        return payload, directory if self.directory is None else self.directory

    def bytes(self, uuid, number, rows_total, previous_crc):
        """The frame, and the CRC of its header."""
        payload, directory = self.payload_and_directory()
        fields = {"uuid": uuid, "number": number, "type": self.type, "version": self.version, "rows": self.rows,
                  "time_min": self.time_min, "time_max": self.time_max, "cut": self.cut, "rows_total": rows_total,
                  "lost_total": self.lost_total, "payload": len(payload), "payload_crc": decode.crc32c(payload),
                  "previous_crc": previous_crc}
        fields.update(self.force)
        body = decode.SYNC + struct.pack("<16sQHHIQQQQQIII", *fields.values()) + directory
        crc = decode.crc32c(body)
        return decode.MAGIC + struct.pack("<I", len(body) + 4) + body + struct.pack("<I", crc) + payload, crc


class Recording:
    def __init__(self, uuid, frames):
        self.uuid, self.frames = uuid, frames

    @classmethod
    def read(cls, path):
        with open(path, "rb") as source:
            data = source.read()
        frames, at, header = [], 0, None
        while at < len(data):
            header = decode.header_at(data, at)
            begin = at + header.length
            at = begin + header.payload
            frames.append(Frame.of(header, data[begin:at]))
        return cls(header.uuid, frames)

    def index(self, lengths):
        """The stream, with a span for each frame."""
        out, last = varint(len(lengths)), 0
        for frame, length in zip(self.frames, lengths):
            out += varint(1 << frame.type if frame.type < 5 else 1) + varint(1) + varint(length) + varint(frame.rows)
            if frame.rows:
                out += varint(zigzag(frame.time_min - last)) + varint(frame.time_max - frame.time_min)
                last = frame.time_max
        return out

    def bytes(self):
        out, lengths, crc, rows_total = b"", [], 0, 0
        for number, frame in enumerate(self.frames):
            if frame.type == decode.ROWS:
                rows_total += frame.rows
            if frame.type == decode.END and INDEX in frame.streams:
                frame.streams[INDEX] = (0, self.index(lengths))
            data, crc = frame.bytes(self.uuid, number, rows_total, crc)
            lengths.append(len(data))
            out += data
        return out

    def write(self, path):
        with open(path, "wb") as out:
            out.write(self.bytes())
