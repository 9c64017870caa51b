"""Miners measured: the local one on real people's lists beside every baseline, the model's against a strict fake.

python -m benchmarks.mining                          both (about ten minutes on two cores)
python -m benchmarks.mining --only local             only the local miner
python -m benchmarks.mining --smoke                  less than a minute, with made-up lists where the data is absent
"""

import argparse
import os
import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run and print. Exit 1 where the local miner is not above every baseline, or its confidence not true."""
    parser = argparse.ArgumentParser(prog="benchmarks.mining", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--smoke", action="store_true", help="only a glimpse, in less than a minute")
    parser.add_argument("--only", choices=("local", "model"), help="one miner's section")
    parser.add_argument("--owners", type=int, default=5, help="pseudo-owners of each kind; 20 is the whole protocol")
    parser.add_argument("--seeds", type=int, default=2, help="draws of labels for each task; 5 is the whole protocol")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    options = parser.parse_args(arguments)
    is_fine = True
    if options.only in (None, "local"):
        # One thread a process: two processes of two threads each only get in each other's way.
        os.environ.setdefault("OMP_NUM_THREADS", "1")
        from benchmarks.mining_lab.local import report as report_local

        is_fine = report_local(options.smoke, options.jobs, options.owners, options.seeds)
    if options.only in (None, "model"):
        from benchmarks.mining_lab.model import report as report_model

        report_model(is_smoke=options.smoke)
    return 0 if is_fine or options.smoke else 1


if __name__ == "__main__":
    sys.exit(main())
