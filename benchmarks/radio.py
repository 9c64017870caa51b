"""Recommenders of artists on real playlists, every method in the same run: lists completed, and stations listened to.

    python -m benchmarks.radio                    two splits of the open data
    python -m benchmarks.radio --splits 10        every list held out once
    python -m benchmarks.radio --smoke            less than fifteen seconds, on made-up lists
    python -m benchmarks.radio --load             what a query and the opening of a model cost, up to 1,000,000 artists
    python -m benchmarks.radio --stream           1,000,000 made-up playlists through a training, and its memory
    python -m benchmarks.radio --names            the clean-up of artists' names

Reads the open data of ``../shared/data`` or ``$MOODROOM_DATA``. Exit code 1: a goal was missed (not with ``--smoke``).
"""

import argparse
import os
import sys
import time
from collections.abc import Sequence

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run and print; see the module for the exit code."""
    options = _options(arguments)
    for name in THREADS:
        # Before numpy loads: two processes of two threads each only get in each other's way.
        os.environ[name] = "1"
    if options.load:
        from benchmarks.radio_lab.load import report as report_load

        return 0 if report_load(print) else 1
    if options.stream:
        from benchmarks.radio_lab.stream import report as report_stream

        return 0 if report_stream(print) else 1
    if options.names:
        from benchmarks.radio_lab.names import report as report_names

        return 0 if report_names(print) else 1
    from benchmarks.radio_lab.report import report

    began_s = time.perf_counter()
    faults = report(
        is_smoke=options.smoke,
        splits=options.splits,
        jobs=options.jobs,
        tell=print,
        news=lambda line: print(f"{time.perf_counter() - began_s:.0f} s: {line}", file=sys.stderr, flush=True),
    )
    return 1 if faults and not options.smoke else 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks.radio", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--smoke", action="store_true", help="only a glimpse, on made-up lists")
    parser.add_argument("--splits", type=int, choices=range(1, 11), default=2, help="each holds another tenth out")
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    parser.add_argument("--load", action="store_true", help="what a query costs")
    parser.add_argument("--stream", action="store_true", help="what a training costs")
    parser.add_argument("--names", action="store_true", help="the clean-up of names")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
