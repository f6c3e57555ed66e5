"""Requests a second of a redis server, by itself and while something is attached."""
import statistics
from functools import partial

from paths import fresh
from processes import Recorder, attached, attached_perf, interrupt, settle, why_no_perf
from rounds import ROUNDS, interleaved
from table import figure, skipped, title
from workloads import Redis, lacking


def rate_recorded(redis, requests, *args):
    """While a recorder with these arguments runs."""
    recorder = Recorder(fresh("server.sst"), *args)
    settle()
    rate = redis.bench(requests)
    recorder.stop()
    return rate


def rate_with_programs(redis, requests, programs):
    with attached(programs):
        return redis.bench(requests)


def rate_with_perf(redis, requests):
    perf = attached_perf(redis.pid)
    rate = redis.bench(requests)
    interrupt(perf)
    return rate


def rates(count, kinds):
    """{"SET": {kind: median}, "GET": ...} of functions that are given a server"""
    with Redis() as redis:
        got = interleaved(count, {kind: partial(rate, redis) for kind, rate in kinds.items()})
    return {what: {kind: statistics.median(g[what] for g in results) for kind, results in got.items()}
            for what in ("SET", "GET")}


def bench_server():
    title("requests a second of a redis server (medians of %d rounds)" % ROUNDS)
    if lacking("redis"):
        skipped("redis", "redis-benchmark is missing (redis-tools)")
        return
    no_perf = why_no_perf()
    kinds = {"alone": lambda redis: redis.bench(100000),
             "recorded": lambda redis: rate_recorded(redis, 100000, redis.pid)}
    if not no_perf:
        kinds["perf"] = lambda redis: rate_with_perf(redis, 100000)
    for what, rate in rates(ROUNDS, kinds).items():
        figure("%s, not recorded" % what, "%.0f" % rate["alone"])
        for kind, name in (("recorded", "recorded by sysstream"), ("perf", "perf record")):
            if kind in rate:
                figure("%s, %s" % (what, name), "%.0f" % rate[kind], "%.1f %%" % (100 * rate[kind] / rate["alone"]))
    if no_perf:
        skipped("perf record", no_perf)
