"""How long it takes to begin and to end."""
import statistics
import subprocess
import time
from subprocess import DEVNULL

from paths import STORM, fresh
from processes import Recorder, settle
from rounds import ROUNDS
from table import at_most, title


def bench_start():
    title("start and stop (medians of %d rounds)" % ROUNDS)
    starts, stops = [], []
    for _ in range(ROUNDS):
        load = subprocess.Popen([STORM, "-", "2000000000", "2"], stderr=DEVNULL)
        recorder = Recorder(fresh("start.sst"), load.pid)
        starts.append(recorder.attach_time)
        time.sleep(1)
        began = time.monotonic()
        recorder.stop()
        stops.append(time.monotonic() - began)
        load.kill()
        load.wait()
        settle()
    at_most("from start to attached, under full load", statistics.median(starts) * 1000, 300, " ms")
    at_most("from Ctrl-C to the end, under full load", statistics.median(stops) * 1000, 500, " ms")
    sleeper = subprocess.Popen(["sleep", "1000"])
    starts = []
    for _ in range(ROUNDS):
        recorder = Recorder(fresh("start.sst"), sleeper.pid)
        starts.append(recorder.attach_time)
        recorder.stop()
        settle()
    sleeper.kill()
    sleeper.wait()
    at_most("from start to attached, nothing else running", statistics.median(starts) * 1000, 300, " ms")
