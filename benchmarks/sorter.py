"""The sorter on real people's lists, beside every baseline in the same run; and what a training costs.

    python -m benchmarks.sorter                   the owner's layers and pseudo-owners (about a quarter of an hour)
    python -m benchmarks.sorter --smoke           less than fifteen seconds, a made-up owner where the data is absent
    python -m benchmarks.sorter --load            5,000 songs, 8 sublists, 200 labels: time, memory, the hub's loop

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
        from benchmarks.labels.load import report as report_load

        return 0 if report_load(print) else 1
    from benchmarks.labels.report import report

    began_s = time.perf_counter()
    faults = report(
        is_smoke=options.smoke,
        pseudo=options.owners,
        seeds=options.seeds,
        jobs=options.jobs,
        cases=options.cases.split(","),
        tell=print,
        news=lambda line: print(f"{time.perf_counter() - began_s:.0f} s: {line}", file=sys.stderr, flush=True),
    )
    return 1 if faults and not options.smoke else 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks.sorter", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--smoke", action="store_true", help="only a glimpse")
    parser.add_argument("--load", action="store_true", help="what a training costs")
    parser.add_argument("--owners", type=int, default=6, help="pseudo-owners of each kind, easy and hard")
    parser.add_argument("--seeds", type=int, default=2, help="draws of labels for each owner; 5 is the whole protocol")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    parser.add_argument("--cases", default="mutual,non-mutual,incomplete", help="parted by commas")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
