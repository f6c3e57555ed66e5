#!/bin/sh
# JSON: the same rows as objects; every line of every golden file is read back and compared with the table.
. "$TESTS/cli/sysdecode/golden.inc"
command -v python3 >/dev/null || { echo "there is no python3"; exit 77; }
try -F jsonl gaps.sst
try --format=jsonl --columns=pid,time,pid,comm,lost threads.sst
try --format=jsonl --columns=pid,time,pid,comm threads.sst
try --format=jsonl --columns=tid,syscall,errno --failed --no-header states.sst
try --format=jsonl --columns=comm hostile.sst
try --format=jsonl nothing.sst
# The document's way back to bytes, and every cell.
cat >compare.py <<'END'
import json, re, subprocess, sys

sysdecode, *files = sys.argv[1:]
ALL = ('time pid tid comm abi nr syscall arg0 arg1 arg2 arg3 arg4 arg5 ret errno duration state note '
       'end wall epoch record seq cpu').split()

def name(text):
    return re.sub(rb'\\(?:x(..)|(.))', lambda m: bytes([int(m[1], 16)]) if m[1] else
                  {b't': b'\t', b'n': b'\n', b'r': b'\r', b'\\': b'\\'}[m[2]], text)

def run(*arguments):
    done = subprocess.run([sysdecode, *arguments], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    return done.stdout, done.returncode

def unique(pairs):
    assert len(dict(pairs)) == len(pairs)
    return dict(pairs)

def cell(row, key):
    value = row[key]
    if value is None:
        return b''
    assert type(value) is (int if key in ('pid', 'tid', 'nr', 'cpu') else str), (key, value)
    return str(value).encode()

def compare(path, *options):
    tsv, status = run('-F', 'tsv', '--no-header', '--columns=' + ','.join(ALL), *options, path)
    jsonl, same = run('-F', 'jsonl', '--columns=' + ','.join(ALL), *options, path)
    assert status == same, path
    lines, objects = tsv.split(b'\n')[:-1], jsonl.split(b'\n')[:-1]
    assert len(lines) == len(objects), path
    for line, text in zip(lines, objects):
        row = json.loads(text.decode('utf-8', 'strict'), object_pairs_hook=unique)
        assert list(row)[:len(ALL)] == ALL and ('lost' in row) == (row['state'] == 'lost'), text
        for key, want in zip(ALL, line.split(b'\t')):
            got = cell(row, key)
            assert got == want or (key == 'comm' and name(got) == name(want)), (path, key, got, want)
        if 'lost' in row:
            assert row['note'].startswith(row['lost']['calls'] + ' call')
            assert row['lost']['cause'] in row['note'] and row['lost']['until'] == row['end']
            assert row['lost']['seq'] == row['seq']
    return len(lines)

total = sum(compare(path, *options) for path in files
            for options in (('-j1',), ('-j4',), ('-j4', '--failed'), ('--slower=1us',)))
assert total > 10000, total
print('every cell is equal')
END
python3 compare.py "$D" ./*.sst "$GOLDEN"/v1/*.sst
"$D" -F jsonl "$GOLDEN/v1/busy.sst" | head -n 1 | python3 -m json.tool >/dev/null && echo python3 -m json.tool reads it
