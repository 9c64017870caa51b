"""Reads the data, runs everything, prints it."""

import platform
import time
from collections.abc import Callable, Sequence

from benchmarks.labels.made_up import made_up_owner
from benchmarks.labels.owners import owners_of
from benchmarks.labels.run import COUNTS, Unit, run
from benchmarks.labels.table import NOTES, asking_line, missed, tables
from benchmarks.mining_lab.data import data_folder, read

SMOKE_COUNTS = (25,)


def report(
    *,
    is_smoke: bool,
    pseudo: int,
    seeds: int,
    jobs: int,
    cases: Sequence[str],
    tell: Callable[[str], None],
    news: Callable[[str], None],
) -> list[str]:
    """Run and print. Gives the goals that were missed."""
    began_s = time.perf_counter()
    folder = None if is_smoke else data_folder()
    if folder is None:
        why = "A glimpse" if is_smoke else "The open data is absent (neither ../shared/data nor $MOODROOM_DATA)"
        tell(f"{why}: a made-up owner instead, from which no goal can be read.\n")
        owners = [made_up_owner(case) for case in cases]
    else:
        data = read(folder)
        owners = [owner for case in cases for owner in owners_of(data, case, pseudo)]
        news(f"{len(owners)} owners read")
    seeds = 1 if is_smoke else seeds
    counts = SMOKE_COUNTS if is_smoke else COUNTS
    units = [Unit(owner, seed, counts, owner.case == "mutual") for owner in owners for seed in range(seeds)]
    rows = run(units, 1 if is_smoke else jobs, news)
    sizes = [len(owner.truth) for owner in owners]
    widths = [len(owner.task.names) for owner in owners]
    tell(
        f"# The sorter: {len({owner.name for owner in owners})} owners with {min(sizes)} to {max(sizes)} songs and "
        f"{min(widths)} to {max(widths)} sublists\n"
    )
    took_s = time.perf_counter() - began_s
    tell(
        f"{platform.machine()}, Python {platform.python_version()}, {jobs} processes, {took_s:.0f} s; "
        f"seeds 0 to {seeds - 1}.\n"
    )
    tell(tables(rows))
    line = asking_line(rows)
    if line:
        tell(f"\n{line}")
    tell(NOTES)
    faults = missed(rows) if folder is not None else []
    tell("\nEvery goal is reached." if folder is not None and not faults else "")
    for fault in faults:
        tell(f"- missed: {fault}")
    return faults
