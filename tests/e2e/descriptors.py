# descriptors.py - compares names with what the kernel answered
#
#	sysdecode --columns=pid,tid,state,syscall,arg0,arg2,ret,args,path FILE | descriptors.py DIRECTORY KNOWN [lossy]
#
# KNOWN: so many percent of the calls of fighting threads must be known. lossy: nothing must be known, but still no name may
# be wrong.
import posixpath
import re
import sys

directory, percent, lossy = sys.argv[1], int(sys.argv[2]), len(sys.argv) > 3
link = re.compile(r'(?:\\x22|")/proc/self/fd/(\d+)", "((?:[^"\\]|\\.)*)"')
wrong = must = fights = known_fights = steps = 0
last = {}


def unescape(text):
    return text.encode('latin-1').decode('unicode_escape')


def is_true(name, truth):
    if truth.startswith('pipe:['):
        return name in (truth, 'pipe:[?]')
    if truth.startswith('socket:['):
        return name == truth or re.match(r'(TCP|UDP|UNIX|NETLINK)', name)
    name = posixpath.normpath(name) # no directory here is a symbolic link
    return name == truth or name + ' (deleted)' == truth


def say(*words):
    global wrong
    wrong += 1
    if wrong <= 20:
        print(*words)


for line in sys.stdin:
    pid, tid, state, call, arg0, arg2, ret, args, path = line.rstrip('\n').split('\t')
    if state == 'lost':
        last.clear()
    elif call == 'lseek':
        last[tid] = (int(arg0, 16), int(arg2, 16), path)
    elif call == 'readlink' and tid in last:
        fd, whence, name = last.pop(tid)
        match = link.match(unescape(args))
        if not match or int(match.group(1)) != fd:
            continue
        truth = unescape(match.group(2))
        steps += 1
        if name == '?':
            must += whence == 1
            if whence == 1 and not lossy:
                print('not known:', pid, fd, truth)
        elif not is_true(name, truth):
            say('wrong:', pid, fd, name, 'is', truth)
    elif call == 'pread' and int(arg0, 16) >= 100 and ret.isdigit() and int(ret) > 0:
        fights += 1
        known_fights += path != '?'
        if path not in ('?', f'{directory}/sizes/{ret}'):
            say('wrong:', tid, int(arg0, 16), path, 'has', ret, 'bytes')
print(f'{steps} steps, {must} not known; {fights} reads of threads, {known_fights} known; {wrong} wrong')
if not lossy and (steps < 50 or fights < 500):
    sys.exit('that is not all of it')
if wrong or (not lossy and (must or known_fights * 100 < fights * percent)):
    sys.exit(1)
