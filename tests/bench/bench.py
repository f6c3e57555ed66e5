#!/usr/bin/env python3
"""All figures, side by side in one run: medians of interleaved rounds after a warm-up. Needs root and `make tests`.

    bench.py [PART...]     (all of them by default)

    cost      ns that recording adds to a getppid, also of a child with -F, of a call that -e leaves out, and through
              classic tracepoints; beside it: empty programs on the same hooks, programs that only read the clock,
              perf record, strace
    storm     one thread at full speed, two threads: lost, recorded = made; the recorder's CPU time and memory
    text      what the strings of calls cost: openat beside getppid, a call without any; names in cold pages
    lossless  what --lossless takes from a storm
    bytes     bytes per call of five real workloads, with text and without, with times in microseconds, and of a quiet
              one, beside perf record -z and strace | zstd -3; and to which columns they go
    codec     rows of these workloads encoded and decoded on one core, beside zstd -dc of the same table; a recording of
              10 million rows on one core and on two, filtered, and its last second; the decoder's memory
    decode    rows a second, beside perf script
    stats     sums of a recording of 10 million rows
    start     from start to attached, from Ctrl-C to the end
    server    throughput of a redis server, recorded and not
    against   this recorder beside that of another checkout, BENCH_AGAINST, which is built: a getppid, an openat
    tally     --tally: what it adds to a getppid, beside empty programs, recording and bpftrace; a redis server in a tally
              of the whole machine; 10,000 processes; a day of an idle server

Environment: BENCH_SECONDS (60): how long `storm` storms. BENCH_ROUNDS (5). BENCH_ROWS (10000000): of the large recording
of `codec` and `stats`. BENCH_AGAINST: another checkout. TMPDIR: where files go (1 GB).
Exit status 1 when a figure misses its target.
"""
import os
import sys

sys.dont_write_bytecode = True   # root would leave __pycache__ in the checkout of whoever said sudo make bench

import paths  # noqa: E402
import table  # noqa: E402
from parts import cost, decoding, server, sizes, start, storm, tally  # noqa: E402

PARTS = {"cost": cost.bench_cost, "text": cost.bench_text, "storm": storm.bench_storm, "lossless": storm.bench_lossless,
         "bytes": sizes.bench_bytes, "codec": decoding.bench_codec, "decode": decoding.bench_decode,
         "stats": decoding.bench_stats, "start": start.bench_start, "server": server.bench_server,
         "against": cost.bench_against, "tally": tally.bench_tally}


def main():
    parts = sys.argv[1:] or list(PARTS)
    if any(p not in PARTS for p in parts):
        sys.exit(__doc__)
    if os.geteuid() != 0:
        sys.exit("bench.py: needs root")
    print("%s, %d processors, load %.2f" % (" ".join(os.uname()[i] for i in (0, 2, 4)), os.cpu_count(), os.getloadavg()[0]))
    with paths.folder_of_run():
        for part in parts:
            PARTS[part]()
    missed = table.missed()
    print("\n" + ("all figures are within their targets" if not missed else "%d figures miss their targets" % missed))
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
