#!/usr/bin/env python3
"""Make an initramfs of a directory: initramfs.py DIRECTORY FILE

A cpio archive ("newc"), as the kernel unpacks it into its first root; everything in it is root's. Adds /dev/console, so that
the first process can say something, which a directory of somebody who is not root cannot hold.
"""
import os
import stat
import sys


def entry(out, ino, name, mode, data=b"", device=(0, 0)):
    name = name.encode() + b"\0"
    fields = [ino, mode, 0, 0, 1, 0, len(data), 0, 0, *device, len(name), 0]
    header = b"070701" + b"".join(b"%08X" % f for f in fields) + name
    out.write(header + b"\0" * (-len(header) % 4) + data + b"\0" * (-len(data) % 4))


def main(directory, path):
    ino = 1
    with open(path, "wb") as out:
        entry(out, ino, "dev", stat.S_IFDIR | 0o755)
        entry(out, ino + 1, "dev/console", stat.S_IFCHR | 0o600, device=(5, 1))
        for folder, folders, files in os.walk(directory):
            for name in sorted(folders) + sorted(files):
                full = os.path.join(folder, name)
                ino += 1
                mode = os.lstat(full).st_mode
                if stat.S_ISLNK(mode):
                    data = os.readlink(full).encode()
                elif stat.S_ISREG(mode):
                    with open(full, "rb") as f:
                        data = f.read()
                else:
                    data = b""
                if os.path.relpath(full, directory) != "dev":
                    entry(out, ino + 1, os.path.relpath(full, directory), mode, data)
        entry(out, 0, "TRAILER!!!", 0)


main(*sys.argv[1:])
