#!/usr/bin/env python3
"""Write the system call tables, one ABI.inc each: what `make tables` runs.

    generate.py [DIRECTORY]     where the tables go (default: beside this file)

For each number the first source that knows it gives the name:
  1. `ausyscall ARCH --dump` of this machine, where it knows the ABI;
  2. newer.tsv: calls that ausyscall of Debian 12 does not name;
  3. this machine's UAPI headers: calls newer than both, if any. They are reported, to be
     added to newer.tsv and nargs.tsv, so that every machine makes the same tables.
Argument counts are from nargs.tsv, other names from aliases.tsv.
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


def say(text):
    print("generate.py: " + text, file=sys.stderr)


def rows(name):
    with open(os.path.join(HERE, name), encoding="ascii") as f:
        for line in f:
            if not line.startswith("#"):
                yield (line.rstrip("\n").split("\t") + [""])[:3]


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


def table(abi, names, nargs, aliases):
    first = "x86_64.inc" if abi == "x32" else f"ausyscall {abi} --dump"
    yield f"/* `make tables` (generate.py): {first}, newer.tsv, nargs.tsv; not to be edited */"
    digits = len(str(max(names)))
    width = max(map(len, names.values())) + 1
    for nr, name in sorted(names.items()):
        n = nargs.get((abi, name), nargs.get((None, name)))
        if n is None:
            say(f"{abi} {nr} {name}: nargs.tsv does not have it; 6 is used")
            n = 6
        ret = "PTR" if name in POINTERS else "INT"
        yield f"SYSCALL({nr:{digits}}, {name + ',':{width}} {n}, {ret})"
    numbers = {name: nr for nr, name in names.items()}
    if len(numbers) != len(names):
        sys.exit(f"generate.py: {abi}: a name twice")
    for nr, alias in sorted((numbers[name], a) for name, a in aliases if name in numbers):
        if alias not in numbers:
            yield f"ALIAS({nr:{digits}}, {alias})"


def main():
    out = sys.argv[1] if len(sys.argv) > 1 else HERE
    nargs = counts()
    aliases = {abi: [] for abi in ABIS}
    for name, alias, abis in rows("aliases.tsv"):
        for abi in split(abis):
            aliases[abi].append((name, alias))
    for abi, names in collect().items():
        with open(os.path.join(out, abi + ".inc"), "w", encoding="ascii") as f:
            f.writelines(line + "\n" for line in table(abi, names, nargs, aliases[abi]))


if __name__ == "__main__":
    main()
