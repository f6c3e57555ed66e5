"""Rounds: a figure is the median of several, after one that warms up."""
import os
import random
import statistics

from processes import settle

ROUNDS = int(os.environ.get("BENCH_ROUNDS", "5"))


def interleaved(count, kinds, rare=()):
    """
    {kind: what its function returned, round by round}. Machines drift, and others work on the same one: many short rounds,
    each of all kinds in another order. Those that are rare take part in every third, and need no warm-up.
    """
    got = {kind: [] for kind in kinds}
    for n in range(count + 1):
        now = [kind for kind in kinds if n % 3 == 0 or kind not in rare]
        for kind in random.sample(now, len(now)):
            result = kinds[kind]()
            if n > 0 or kind in rare:   # the first round warms up
                got[kind].append(result)
            settle()
    return got


def in_turn(count, kinds):
    """The same in the order given and without a pause, for what attaches nothing."""
    got = {kind: [] for kind in kinds}
    for n in range(count + 1):
        for kind, measure in kinds.items():
            result = measure()
            if n > 0:
                got[kind].append(result)
    return got


def medians(got):
    return {kind: statistics.median(results) for kind, results in got.items()}
