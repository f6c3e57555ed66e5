#!/bin/sh
# Processes: a line for each beginning, program and end, for people and for programs, from files and from pipes; short ones left
# out, whatever order lives end in.
. "$TESTS/cli/sysdecode/golden.inc"
command -v python3 >/dev/null || { echo "there is no python3"; exit 77; }
try --processes processes.sst
try --processes -F tsv processes.sst
try --processes -F csv processes.sst
try --processes -F jsonl processes.sst
try --processes --min-duration=3 processes.sst
try --processes --min-duration=2301us --no-header processes.sst
try --processes --min-duration=1h processes.sst
try --processes --comm=make --pid=801,804 processes.sst
try --processes --since=6ms --until=1s processes.sst
try --processes states.sst
try --processes no-end.sst
try --processes not-sst.sst
try --processes beside.sst elsewhere.sst processes.sst
echo '$ cat processes.sst | sysdecode --processes'
cat processes.sst | "$D" --processes
for wrong in --columns=time --stats --summary --failed --slower=1s --syscall=read --info "-F raw" "-F perfetto" --min-duration=x; do
	try --processes $wrong processes.sst
done
try --min-duration=5 processes.sst
cat >check.py <<'END2'
import csv, io, json, subprocess, sys

sysdecode, *files = sys.argv[1:]
KEYS = 'time event comm pid ppid file args status signal core lifetime note'.split()

def run(*arguments, pipe=False):
    words = arguments[:-1] if pipe else arguments
    files = {'input': open(arguments[-1], 'rb').read()} if pipe else {}
    done = subprocess.run([sysdecode, '--processes', *words], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, **files)
    return done.stdout.decode('utf-8', 'strict')

def ns(text):
    return int(text.replace('.', ''))

def long_enough(rows, shortest):
    """The rows of processes that have lived so long, or may have."""
    began, short = {}, set()
    for i, row in enumerate(rows):
        if row['event'] == 'fork':
            began[row['pid']] = [i]
        elif row['pid'] in began:
            began[row['pid']].append(i)
        if row['event'] == 'exit' and row['lifetime'] and ns(row['lifetime']) < shortest:
            short.update(began.get(row['pid'], [i]))
    return [row for i, row in enumerate(rows) if i not in short]

total = 0
for path in files:
    rows = [json.loads(line) for line in run('-F', 'jsonl', path).splitlines()]
    assert all(list(row) == KEYS for row in rows)
    assert [ns(row['time']) for row in rows] == sorted(ns(row['time']) for row in rows), path
    total += len(rows)
    # the other formats say the same
    text = run('-F', 'csv', path)
    assert [[row[key] or '' for key in ('time', 'event', 'signal')] + [str(row['pid'])] for row in rows] == \
        [[row[0], row[1], row[8], row[3]] for row in csv.reader(io.StringIO(text))][1:], path
    assert len(run('--no-header', path).splitlines()) == len(rows)
    assert all(len(line.split('\t')) == len(KEYS) for line in run('-F', 'tsv', path).splitlines())
    # from a pipe the same lines; events that were written too early may be out of order
    piped = sorted(run('-F', 'tsv', path, pipe=True).splitlines())
    assert piped == sorted(run('-F', 'tsv', path).splitlines()), path
    for shortest in '1us', '1ms', '20ms', '500ms':
        scale = {'u': 1000, 'm': 1000000}[shortest[-2]]
        want = long_enough(rows, int(shortest[:-2]) * scale)
        for jobs in '-j1', '-j4':
            got = [json.loads(line) for line in run('-F', 'jsonl', '--min-duration', shortest, jobs, path).splitlines()]
            assert got == want, (path, shortest, len(got), len(want))
assert total > 20, total
print('all of them agree')
END2
python3 check.py "$D" processes.sst "$GOLDEN"/v1/recorded-*.sst
