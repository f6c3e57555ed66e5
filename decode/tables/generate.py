#!/usr/bin/env python3
"""Write symbols.inc and ioctls.inc: what `make tables` runs for the decoder. Needs a C compiler and the kernel's headers.

    generate.py [DIRECTORY]     where the tables go (default: beside this file)

symbols.inc has the sets of symbols.tsv with the values that this machine's headers say; ioctls.inc every request that its
headers define with _IO() and so on, and the older ones of the headers in PLAIN. Values are facts of Linux's interface and
do not change; newer headers know more requests, which are reported.
"""
import concurrent.futures
import glob
import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
CC = os.environ.get("CC", "cc")
ABIS = "x86_64 i386 x32 aarch64 arm s390x s390 ppc64le ppc64 ppc riscv64 riscv32".split()
INCLUDE = "/usr/include/"
# Where requests are, and those headers whose requests are plain numbers, with what they begin with.
DIRECTORIES = ("asm-generic", "linux", "linux/can", "drm", "mtd", "rdma", "scsi", "sound", "video", "misc")
PLAIN = {"asm-generic/ioctls.h": r"(?:TC|TIOC|FIO)\w+", "asm-generic/sockios.h": r"\w+", "linux/sockios.h": r"SIO\w+",
         "linux/fs.h": r"FIBMAP|FIGETBSZ", "linux/cdrom.h": r"CDROM\w+", "linux/hdreg.h": r"HDIO_\w+",
         "linux/fd.h": "FD(?!_)[A-Z]+", "linux/loop.h": r"LOOP_(?:SET|CLR|GET|CHANGE|CONF|CTL)\w*",
         "linux/if_tun.h": r"TUN\w+", "linux/vt.h": r"VT_\w+", "linux/kd.h": r"(?:KD|GIO|PIO)\w+"}
# Not requests, though they look so: ranges, helpers, names that are the same thing again.
NO_REQUEST = re.compile(r"_?IOC?[RW]*_|.*_(?:BASE|MAGIC|FIRST|LAST|MAX|MIN|SIZE|TYPE|TYPES|MASK|SHIFT)$|"
                        r"TIOCPKT_|TIOCM_|TIOCSER_|TCSETS.?_|(?!SIOCGSTAMP).*_OLD$")


def say(text):
    print("generate.py: " + text, file=sys.stderr)


def values(headers, expressions):
    """[value], or what the compiler says."""
    with tempfile.TemporaryDirectory() as tmp:
        program = os.path.join(tmp, "values")
        with open(program + ".c", "w", encoding="ascii") as f:
            f.write("#define _GNU_SOURCE\nint printf(const char *, ...);\n\n")
            f.writelines(f"#include <{h}>\n" for h in headers)
            f.write("int main(void)\n{\n")
            f.writelines(f'printf("%lld\\n", (long long)({e}));\n' for e in expressions)
            f.write("}\n")
        run = subprocess.run([CC, "-w", "-o", program, program + ".c"], capture_output=True, text=True, check=False)
        if run.returncode:
            return run.stderr
        return [int(v) for v in subprocess.run([program], capture_output=True, text=True, check=True).stdout.split()]


def read_sets():
    """{set: (abis or None, headers, [(symbol, value or None)])} in order, as a list of (set, …)"""
    with open(os.path.join(HERE, "symbols.tsv"), encoding="ascii") as f:
        for line in f:
            if line.startswith("#"):
                continue
            name, headers, symbols = line.rstrip("\n").split("\t")
            name, _, abis = name.partition("@")
            pairs = [(s.partition("=")[0], s.partition("=")[2]) for s in symbols.split()]
            yield name, abis.split(",") if abis else None, headers.split(",") if headers else [], pairs


def number(text):
    return int(text, 8) if re.fullmatch("0[0-7]+", text) else int(text, 0)


def set_values(one):
    name, _, headers, pairs = one
    wanted = [s for s, v in pairs if not v and not s.startswith("?")]
    found = values(headers, wanted) if wanted else []
    if isinstance(found, str):
        sys.exit(f"generate.py: set {name}:\n{found}")
    known = dict(zip(wanted, found))
    return [(s, known[s] if s in known else number(v or "0")) for s, v in pairs]


def unknown(pairs):
    """What stands beside a value that has no symbol: FOO_???."""
    names = [s for s, _ in pairs]
    if names[-1].startswith("?"):
        return names[-1][1:]
    return re.sub("[^_]*$", "", os.path.commonprefix(names)) + "???"


def initialiser(pairs):
    pairs = [(s, v) for s, v in pairs if not s.startswith("?")]
    return "".join(f",\n\t{{{value & 0xffffffff if value < 0 else value:#x}, \"{name}\", {len(name)}}}" for name, value in pairs)


def symbols():
    yield "/* `make tables` (decode/tables/generate.py): symbols.tsv and UAPI headers; not to be edited */"
    sets = list(read_sets())
    with concurrent.futures.ThreadPoolExecutor() as pool:
        found = list(pool.map(set_values, sets))
    base = {}
    for (name, abis, _, _), pairs in zip(sets, found):
        if not abis:
            base[name] = pairs
            yield f"SYMBOLS({name}, \"{unknown(pairs)}\"{initialiser(pairs)})"
    for (name, abis, _, _), pairs in zip(sets, found):
        if not abis:
            continue
        if set(abis) - set(ABIS):
            sys.exit(f"generate.py: no such ABI: {abis}")
        other = dict(pairs)
        changed = [(s, other.pop(s, v)) for s, v in base[name]] + list(other.items())
        changed = [(s, v) for s, v in changed if v or dict(base[name]).get(s) == 0]    # =0: not there
        mask = " | ".join(f"1u << SST_ABI_{a.upper()}" for a in abis)
        yield f"VARIANT({name}, {'_'.join(abis)}, {mask}, \"{unknown(base[name])}\"{initialiser(changed)})"


def requests_of(header):
    """{name: value} of the requests that a header defines."""
    with open(INCLUDE + header, encoding="utf-8", errors="replace") as f:
        text = f.read().replace("\\\n", " ")
    names = re.findall(r"^[ \t]*#[ \t]*define[ \t]+([A-Z]\w+)[ \t]+\(?_IO(?:WR|R|W|C)?\(", text, re.M)
    if header in PLAIN:
        names += re.findall(rf"^[ \t]*#[ \t]*define[ \t]+({PLAIN[header]})[ \t]+0x[0-9A-Fa-f]+", text, re.M)
        if header == "linux/sockios.h":
            names = [n for n in names if n not in ("SIOCDEVPRIVATE", "SIOCPROTOPRIVATE")]
    # Some define them with macros of their own: whatever has such a name and uses a name that ends in _IO…(.
    names += re.findall(r"^[ \t]*#[ \t]*define[ \t]+([A-Z]\w+)[ \t]+\(?\w+_IO(?:WR|R|W|C)?\(", text, re.M)
    names = [n for n in dict.fromkeys(names) if not NO_REQUEST.match(n)]
    if not names:
        return {}
    before = ["time.h", "stddef.h", "sys/types.h", "sys/socket.h", "linux/types.h", "linux/ioctl.h"]
    while names:
        found = values(before + [header], names)
        if not isinstance(found, str):
            return {n: v & 0xffffffff for n, v in zip(names, found)}
        # Names of what this header does not define (types, mostly): without those.
        lines = {int(m) for m in re.findall(r"values\.c:(\d+):\d+: error", found)}
        first = 3 + len(before) + 1 + 3
        wrong = {names[k - first] for k in lines if 0 <= k - first < len(names)}
        if not wrong:
            say(f"{header}: left out, it cannot be compiled alone")
            return {}
        names = [n for n in names if n not in wrong]
    return {}


def version():
    """Of the UAPI headers: 6.1.192."""
    with open(INCLUDE + "linux/version.h", encoding="ascii") as f:
        return ".".join(re.findall(r"define LINUX_VERSION_(?:MAJOR|PATCHLEVEL|SUBLEVEL) (\d+)", f.read()))


def requests():
    yield f"/* `make tables` (decode/tables/generate.py): UAPI headers of {version()}; not to be edited */"
    headers = [h[len(INCLUDE):] for d in DIRECTORIES for h in sorted(glob.glob(f"{INCLUDE}{d}/*.h"))]
    headers = [h for h in headers if h != "asm-generic/ioctl.h"]
    by_value = {}
    with concurrent.futures.ThreadPoolExecutor() as pool:
        for found in pool.map(requests_of, headers):
            for name, value in found.items():
                by_value.setdefault(value, []).append(name)
    for value, names in sorted(by_value.items()):
        for name in dict.fromkeys(names):
            if value < 0x1000 and name not in ("FIBMAP", "FIGETBSZ"):
                continue                # a value of something else
            yield f"IOCTL({value:#x}, {name})"


def write(directory, name, lines):
    with open(os.path.join(directory, name), "w", encoding="ascii") as f:
        f.writelines(line + "\n" for line in lines)


def main():
    out = sys.argv[1] if len(sys.argv) > 1 else HERE
    write(out, "symbols.inc", list(symbols()))
    write(out, "ioctls.inc", list(requests()))


if __name__ == "__main__":
    main()
