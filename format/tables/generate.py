#!/usr/bin/env python3
"""Write the system call tables, one ABI.inc each, signatures.inc and sets.inc: what `make tables` runs.

    generate.py [DIRECTORY]     where the tables go (default: beside this file)

For each number the first source that knows it gives the name:
  1. `ausyscall ARCH --dump` of this machine, where it knows the ABI;
  2. newer.tsv: calls that ausyscall of Debian 12 does not name;
  3. this machine's UAPI headers: calls newer than both, if any. They are reported, to be
     added to newer.tsv and nargs.tsv, so that every machine makes the same tables.
Argument counts are from nargs.tsv, other names from aliases.tsv, what arguments are from signatures.tsv.
"""
import glob
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))

# In the order of enum sst_abi. x32 is no ABI of ausyscall; it takes its common names from x86_64.
ABIS = ("x86_64 i386 x32 aarch64 arm s390x s390 ppc64le ppc64 ppc riscv64 riscv32").split()
AUSYSCALL_NAME = {"arm": "armeb"}       # what ausyscall calls its table when asked for arm
POINTERS = {"mmap", "mmap2", "mremap", "brk", "shmat"}
X32_BIT = 0x40000000
# From here on all ABIs give a new call the same number.
FIRST_COMMON = 451
BITS_32 = "i386 arm s390 ppc riscv32".split()
# Of these: a 64-bit argument begins at an even register; its first register has the high half.
ALIGNING = ("arm", "ppc")
BIG_ENDIAN = ("s390", "ppc")


def say(text):
    print("generate.py: " + text, file=sys.stderr)


def rows(name, columns=3):
    with open(os.path.join(HERE, name), encoding="ascii") as f:
        for line in f:
            if not line.startswith("#"):
                yield (line.rstrip("\n").split("\t") + [""])[:columns]


def split(abis):
    for abi in [a for a in ABIS if a != "x32"] if abis == "all" else abis.split(","):
        if abi not in ABIS:
            sys.exit(f"generate.py: no such ABI: {abi}")
        yield abi


def ausyscall(abi):
    """{nr: name}; empty when ausyscall does not know the ABI: it then dumps the host's."""
    run = subprocess.run(["ausyscall", abi, "--dump"], capture_output=True, text=True, check=False)
    lines = run.stdout.splitlines()
    if not lines or lines[0] != f"Using {AUSYSCALL_NAME.get(abi, abi)} syscall table:":
        return {}
    return {int(nr): name for nr, name in (line.split() for line in lines[1:])}


def header(path):
    """{nr: name} of the plain definitions in one UAPI header."""
    define = re.compile(r"#define\s+__NR_(\w+)\s+\(?(?:__X32_SYSCALL_BIT\s*\+\s*)?(\d+)\)?\s*$")
    names = {}
    with open(path, encoding="utf-8") as f:
        for line in f:
            m = define.match(line)
            if m and not m[1].endswith("syscalls"):
                names[int(m[2])] = m[1]
    return names


def headers():
    """{abi: {nr: name}} from the headers of this machine."""
    found = {abi: {} for abi in ABIS}
    generic = "/usr/include/asm-generic/unistd.h"
    if os.path.exists(generic):
        newer = {nr: name for nr, name in header(generic).items() if nr >= FIRST_COMMON}
        for abi in ABIS:
            found[abi].update(newer)
    # unistd_64.h exists on other machines too; only x86 has unistd_x32.h.
    for x32 in glob.glob("/usr/include/asm/unistd_x32.h") + \
            glob.glob("/usr/include/x86_64-linux-gnu*/asm/unistd_x32.h"):
        for abi, name in (("x86_64", "64"), ("i386", "32"), ("x32", "x32")):
            found[abi].update(header(x32.replace("_x32.h", f"_{name}.h")))
    return found


def collect():
    """{abi: {nr: name}}"""
    tables = {abi: ausyscall(abi) for abi in ABIS if abi != "x32"}
    if not tables["x86_64"]:
        sys.exit("generate.py: ausyscall is needed (Debian package auditd)")
    x32, not_x32 = {}, set()
    for nr, name, abis in rows("newer.tsv"):
        nr = int(nr)
        for abi in split(abis):
            if name == "-":
                not_x32.add(nr)
            elif abi == "x32":
                x32[nr] = name
            elif tables[abi].setdefault(nr, name) != name:
                say(f"{abi} {nr}: ausyscall says {tables[abi][nr]}, newer.tsv {name}")
    for nr, name in tables["x86_64"].items():
        if nr not in not_x32:
            x32.setdefault(nr, name)
    tables["x32"] = x32
    for abi, names in headers().items():
        for nr, name in sorted(names.items()):
            if nr not in tables[abi]:
                say(f"{abi} {nr} {name}: only the headers know it: add it to newer.tsv")
                tables[abi][nr] = name
    return tables


def counts():
    """{(abi or None, name): count}"""
    found = {}
    for name, count, exceptions in rows("nargs.tsv"):
        found[None, name] = int(count)
        for one in filter(None, exceptions.split(",")):
            abi, n = one.split("=")
            found[next(split(abi)), name] = int(n)
    return found


class Signatures:
    """signatures.tsv, and one entry of signatures.inc for each (name, expansion) that a table asks for."""

    def __init__(self):
        self.lines = {}         # (name, abi or None): (result, arguments)
        self.entries = {}       # name: {(result, arguments) in C: identifier}
        self.sets = set()
        self.wrong = []
        for name, abis, result, arguments in rows("signatures.tsv", 4):
            for abi in self.abis(abis):
                if (name, abi) in self.lines:
                    sys.exit(f"generate.py: signatures.tsv: {name} twice for {abi or 'all'}")
                self.lines[name, abi] = result, arguments.split()

    @staticmethod
    def abis(text):
        if not text:
            return [None]
        return BITS_32 if text == "32" else list(split(text))

    def symbols(self, kind):
        """(kind, parameter) in C"""
        if kind[0] in "=|":
            self.sets.add(kind[1:])
            return "ENUM" if kind[0] == "=" else "FLAGS", f"SST_SET_{kind[1:]}"
        return kind.upper(), "0"

    def argument(self, name, kind, param=None):
        m = re.fullmatch(r"(<?>?)([=|]?\w+)(?:\[(=|\*)?(\d|ret)\])?", kind)
        if not m:
            sys.exit(f"generate.py: signatures.tsv: what is {name}:{kind}?")
        kind, set_param = self.symbols(m[2])
        direction = {"": "0", "<": "SST_READS", ">": "SST_WRITES", "<>": "SST_READS | SST_WRITES"}[m[1]]
        count, by = "FIXED", int(bool(m[1]))
        if m[4] == "ret":
            count, by = "RESULT", 0
        elif m[4]:
            count, by = {"=": "FIXED", "*": "POINTEE", None: "ARG"}[m[3]], int(m[4])
        return f"ARG({name}, {kind}, {param or set_param}, {direction}, {count}, {by})"

    def expand(self, abi, arguments):
        """The arguments by registers: 64-bit ones have two on 32-bit ABIs, from an even one on on arm and ppc."""
        moved = {}              # argument: its register
        done = []
        for i, text in enumerate(arguments):
            name, kind = text.split(":")
            if kind not in ("loff", "lmask") or abi not in BITS_32:
                moved[i] = len(done)
                done.append((name, kind, None))
                continue
            if abi in ALIGNING and len(done) % 2:
                done.append(("", "unused", None))
            moved[i] = len(done)
            order = "SST_PAIR_HIGH_LOW" if abi in BIG_ENDIAN else "SST_PAIR_LOW_HIGH"
            done += [(name, kind, order), ("", "unused", None)]
        for name, kind, param in done:
            kind = re.sub(r"\[(\*?)(\d)\]", lambda m: f"[{m[1]}{moved[int(m[2])]}]", kind)
            yield self.argument(name, kind, param)

    def find(self, abi, name, nargs):
        """The identifier of the signature of a call."""
        line = self.lines.get((name, abi), self.lines.get((name, None)))
        if not line or line[0] == "-":
            return "none"
        arguments = list(self.expand(abi, line[1]))
        if len(arguments) != nargs:
            self.wrong.append(f"{abi} {name}: {nargs} in nargs.tsv, {len(arguments)} in signatures.tsv")
        entries = self.entries.setdefault(name, {})
        kind, param = self.symbols(line[0])
        entry = (f"{nargs}, {kind}, {param}", tuple(arguments))
        return entries.setdefault(entry, f"{name}_{abi}" if entries else name)

    def table(self):
        yield "/* `make tables` (generate.py): signatures.tsv; not to be edited */"
        for _, entries in sorted(self.entries.items()):
            for (first, arguments), identifier in entries.items():
                line = f"SIGNATURE({identifier}, {first}"
                for argument in arguments:
                    line += ",\n\t" + argument
                yield line + ")"

    def set_list(self):
        yield "/* `make tables` (generate.py): signatures.tsv; not to be edited */"
        for name in sorted(self.sets):
            yield f"SET({name})"


def table(abi, names, nargs, aliases, signatures):
    first = "x86_64.inc" if abi == "x32" else f"ausyscall {abi} --dump"
    yield f"/* `make tables` (generate.py): {first}, newer.tsv, nargs.tsv, signatures.tsv; not to be edited */"
    digits = len(str(max(names)))
    width = max(map(len, names.values())) + 1
    for nr, name in sorted(names.items()):
        n = nargs.get((abi, name), nargs.get((None, name)))
        if n is None:
            say(f"{abi} {nr} {name}: nargs.tsv does not have it; 6 is used")
            n = 6
        ret = "PTR" if name in POINTERS else "INT"
        yield f"SYSCALL({nr:{digits}}, {name + ',':{width}} {n}, {ret}, {signatures.find(abi, name, n)})"
    numbers = {name: nr for nr, name in names.items()}
    if len(numbers) != len(names):
        sys.exit(f"generate.py: {abi}: a name twice")
    for nr, alias in sorted((numbers[name], a) for name, a in aliases if name in numbers):
        if alias not in numbers:
            yield f"ALIAS({nr:{digits}}, {alias})"


def write(directory, name, lines):
    with open(os.path.join(directory, name), "w", encoding="ascii") as f:
        f.writelines(line + "\n" for line in lines)


def main():
    out = sys.argv[1] if len(sys.argv) > 1 else HERE
    nargs = counts()
    signatures = Signatures()
    aliases = {abi: [] for abi in ABIS}
    for name, alias, abis in rows("aliases.tsv"):
        for abi in split(abis):
            aliases[abi].append((name, alias))
    for abi, names in collect().items():
        write(out, abi + ".inc", table(abi, names, nargs, aliases[abi], signatures))
    write(out, "signatures.inc", signatures.table())
    write(out, "sets.inc", signatures.set_list())
    if signatures.wrong:
        sys.exit("generate.py: " + "\ngenerate.py: ".join(signatures.wrong))


if __name__ == "__main__":
    main()
