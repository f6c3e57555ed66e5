"""The calls in what strace -f -o has written, or sysdecode --format=strace."""
import re

UNFINISHED = " <unfinished ...>"


def calls(path):
    """(tid, text) of each call, without the time; one that was interrupted by others in one piece, when it was resumed, or
    last if it never was."""
    begun = {}
    with open(path, encoding="ascii", errors="backslashreplace") as f:
        for line in f:
            m = re.match(r"(\d+) +(?:\d+\.\d+ )?(.*)", line.rstrip("\n"))
            if not m:
                continue
            tid, text = int(m[1]), m[2]
            resumed = re.match(r"<\.\.\. (\w+) resumed>(.*)", text)
            if resumed:
                text = begun.pop(tid, resumed[1] + "(") + resumed[2]
            elif text.endswith(UNFINISHED):
                begun[tid] = text[:-len(UNFINISHED)]
                continue
            yield tid, text
    yield from begun.items()
