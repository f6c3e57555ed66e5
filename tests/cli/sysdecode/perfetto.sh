#!/bin/sh
# The timeline: what is in it, and for every golden file that it is JSON, that the slices of each thread lie in each other or
# beside each other, and that each row of the table is there once.
. "$TESTS/cli/sysdecode/golden.inc"
command -v python3 >/dev/null || { echo "there is no python3"; exit 77; }
try -F perfetto states.sst
try -F perfetto gaps.sst
try -F perfetto processes.sst
try -F perfetto --comm=make --syscall=wait4 processes.sst
echo '$ cat processes.sst | sysdecode -F perfetto --pid=801'
cat processes.sst | "$D" -F perfetto --pid=801
try -F perfetto hostile.sst
try -F perfetto empty.sst
try -F perfetto nothing.sst
try -F perfetto cut-payload.sst
try -F perfetto --columns=time states.sst
try -F perfetto --stats states.sst
cat >check.py <<'END2'
import collections, json, subprocess, sys

sysdecode, *files = sys.argv[1:]

def run(*arguments, pipe=False):
    files = {'input': open(arguments[-1], 'rb').read()} if pipe else {}
    words = arguments[:-1] if pipe else arguments
    done = subprocess.run([sysdecode, *words], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, **files)
    return done.stdout, done.returncode

def unique(pairs):
    assert len(dict(pairs)) == len(pairs), pairs
    return dict(pairs)

def whole(number):
    """Microseconds with three decimals to nanoseconds; floats would round."""
    left, right = number.split('.')
    assert len(right) == 3, number
    return int(left + right)

def nested(events):
    """Slices of one thread: (from, until), until None for one without an end."""
    open_calls, until = [], []
    for event in sorted(events, key=lambda e: e['ts']):  # stable: in the order of the file
        while until and until[-1] <= event['ts']:
            until.pop()
        if event['ph'] == 'B':
            assert not until, (event, 'begins within a slice')
            assert not open_calls, (event, open_calls, 'begins within an open call')
            open_calls.append(event)
        elif event['ph'] == 'E':
            assert not until and open_calls, (event, 'ends nothing')
            open_calls.pop()
        elif event['ph'] == 'X':
            assert not open_calls, (event, open_calls, 'within an open call')
            end = event['ts'] + event['dur']
            assert not until or end <= until[-1], (event, until)
            until.append(end)

def demanded(event):
    """What the trace event format demands of each kind. Times are numbers with three decimals, which whole() has made int."""
    kind = event['ph']
    assert kind in ('M', 'X', 'B', 'E', 'i'), event
    assert type(event['pid']) is int and type(event['tid']) is int and type(event.get('args', {})) is dict, event
    if kind == 'M':
        assert event['name'] in ('thread_name', 'process_name') and type(event['args']['name']) is str, event
        return
    assert type(event['ts']) is int and (type(event.get('dur')) is int) == (kind == 'X'), event
    if kind != 'E':
        assert event['name'] and type(event['name']) is str and event['cat'] in ('syscall', 'lost', 'process'), event
    assert event.get('s') in ('t', 'g') if kind == 'i' else 's' not in event, event

def check(path, *options, pipe=False, clean=True):
    text, status = run('-F', 'perfetto', *options, path, pipe=pipe)
    tsv, same = run('--no-header', '--columns=tid,state,seq,time,abi,ret,arg0,arg5', *options, path)
    assert status == same, (path, status, same)
    if not text:
        assert not tsv, path
        return 0
    events = json.loads(text.decode('utf-8', 'strict'), object_pairs_hook=unique, parse_float=whole)
    lines = text.decode().split('\n')
    assert lines[0] == '[' and lines[-2:] == [']', ''] and len(lines) == len(events) + 3, path
    for line in lines[1:-2]:  # whatever follows is cut off: lines are events
        json.loads(line.rstrip(','))
    threads = collections.defaultdict(list)
    names = collections.Counter()
    calls = losses = 0
    for event in events:
        demanded(event)
        if event['ph'] == 'M':
            names[event['name'], event['tid' if event['name'] == 'thread_name' else 'pid']] += 1
            continue
        threads[event['pid'], event['tid']].append(event)
        calls += event.get('cat') == 'syscall'
        losses += event.get('cat') == 'lost'
        if event.get('cat') == 'syscall':
            assert names['thread_name', event['tid']] and names['process_name', event['pid']], event
    rows = tsv.decode().split('\n')[:-1]
    lost = sum(row.split('\t')[1] == 'lost' for row in rows)
    assert losses == lost, (path, losses, lost)
    if not pipe:
        assert calls == len(rows) - lost, (path, options, calls, len(rows), lost)
    if clean:
        for thread in threads.values():
            nested(thread)
    return calls

total = 0
for path in files:
    # The calls of a thread never overlap, but in files that were made without care for that.
    clean = any(word in path for word in ('recorded', 'busy', 'late', 'processes', 'gaps', 'part-', 'beside'))
    for options in ('-j1',), ('-j4',), ('--failed',), ('-j4', '--slower=1us'):
        total += check(path, *options, clean=clean)
    if subprocess.run([sysdecode, '--verify', path], stdout=-3, stderr=-3).returncode in (0, 4):
        check(path, pipe=True, clean=clean)
for path in files:
    one, many, piped = run('-j1', '-F', 'perfetto', path), run('-j4', '-F', 'perfetto', path), None
    assert one == many, path
assert total > 10000, total
print('every timeline is good')
END2
python3 check.py "$D" ./*.sst "$GOLDEN"/v1/*.sst
# Sessions that overlap, in one timeline.
"$D" -F perfetto beside.sst elsewhere.sst part-1.sst processes.sst | python3 -c '
import json, sys
events = [e for e in json.load(sys.stdin) if e["ph"] != "M"]
print(len(events), "events,", sum(e.get("cat") == "process" for e in events), "of lives; in order:", [e["ts"] for e in events] == sorted(e["ts"] for e in events))'
