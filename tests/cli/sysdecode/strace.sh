#!/bin/sh
# The text of strace: what a program that takes strace's output in would read, line by line, is what the table has.
. "$TESTS/cli/sysdecode/golden.inc"
command -v python3 >/dev/null || { echo "there is no python3"; exit 77; }
try -F strace states.sst
try -F strace gaps.sst
try -F strace processes.sst
echo '$ cat processes.sst | sysdecode -F strace --comm=make'
cat processes.sst | "$D" -F strace --comm=make
try -F strace --failed --tid=100 states.sst
try -F strace no-end.sst
try -F strace nothing.sst
try -F strace --columns=time states.sst
cat >check.py <<'END2'
import re, subprocess, sys

sysdecode, *files = sys.argv[1:]
LINE = re.compile(r'(\d+) +(-?\d+\.\d{6}) (.*)')
CALL = re.compile(r'(\w+)\((.*)\) +=  ?(\?|-?\d+|0x[0-9a-f]+|0[0-7]+)(?:<[^<]*>)?(?: (E\w+))?(?: (\(.*\)))?(?: <(\d+\.\d{6})>)?')
OPEN = re.compile(r'(\w+)\((.*) <unfinished \.\.\.>')
REST = re.compile(r'<\.\.\. (\w+) resumed>\) += (\?|-?\d+|0x[0-9a-f]+|0[0-7]+)(?:<[^<]*>)?(?: (E\w+))?(?: (\(.*\)))?(?: <(\d+\.\d{6})>)?')
MARK = re.compile(r'\+\+\+ (exited with \d+|killed by SIG\w+( \(core dumped\))?|superseded by execve in pid \d+) \+\+\+'
                  r'|--- \d+ calls? lost: .* ---')
OTHER = {'pread64': 'pread', 'pwrite64': 'pwrite'}

def run(*arguments, pipe=False):
    words, files = (arguments[:-1], {'input': open(arguments[-1], 'rb').read()}) if pipe else (arguments, {})
    done = subprocess.run([sysdecode, *words], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, **files)
    return done.stdout.decode('ascii'), done.returncode

def cut(seconds):
    return seconds and seconds[:-3]

def compare(path, *options):
    """Each call is a line, in the order of the table, with what the table has."""
    text, status = run('-F', 'strace', *options, path)
    tsv, same = run('--no-header', '--columns=tid,epoch,time,syscall,errno,duration,state,args', *options, path)
    assert status == same, path
    rows = [row.split('\t') for row in tsv.split('\n')[:-1]]
    rows = [row for row in rows if row[6] != 'lost']
    calls = []
    for line in text.split('\n')[:-1]:
        tid, time, what = LINE.fullmatch(line).groups()
        if MARK.fullmatch(what):
            continue
        match = OPEN.fullmatch(what)
        if match:
            calls.append((tid, time, match[1], '', '', 'open'))
            continue
        name, _, ret, errno, _, duration = CALL.fullmatch(what).groups()
        calls.append((tid, time, name, errno or '', duration or '', 'done'))
    assert len(calls) == len(rows), (path, len(calls), len(rows))
    for call, row in zip(calls, rows):
        open_ = row[6] == 'unfinished' or (row[6] == 'midway' and call[5] == 'open')
        want = (row[0], cut(row[1] or row[2]), row[3], row[4], cut(row[5]), 'open' if open_ else 'done')
        assert (*call[:2], OTHER.get(call[2], call[2]), *call[3:]) == want, (path, call, want)
    return len(calls)

def piped(path):
    """Nothing is resumed that is not unfinished, and nothing begins within a call."""
    text, _ = run('-F', 'strace', path, pipe=True)
    inside, resumed = {}, 0
    for line in text.split('\n')[:-1]:
        tid, time, what = LINE.fullmatch(line).groups()
        match = REST.fullmatch(what)
        if match:
            assert inside.pop(tid) == match[1], (path, line)
            resumed += 1
        elif OPEN.fullmatch(what):
            assert tid not in inside, (path, line)
            inside[tid] = OPEN.fullmatch(what)[1]
        elif not MARK.fullmatch(what):
            assert CALL.fullmatch(what), (path, line)
            assert tid not in inside or 'lost' in text, (path, line)
    return resumed

# Arbitrary numbers have seconds that no clock has, and rows that have no time of day.
paths = [path for path in files if not any(word in path for word in ('any-values', 'extreme'))]
total = sum(compare(path, *options) for path in paths for options in (('-j1',), ('-j4',), ('-j4', '--failed')))
resumed = sum(piped(path) for path in paths if 'recorded' in path or 'processes' in path or '/late' in path)
assert total > 10000 and resumed > 3, (total, resumed)
print('every line is as the table has it')
END2
python3 check.py "$D" ./*.sst "$GOLDEN"/v1/*.sst
