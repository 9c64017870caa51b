"""Every method on the same draws, in processes of their own."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace

import numpy as np

from benchmarks.labels.baselines import BASELINES, Baselines
from benchmarks.labels.drawing import Asking, at_random, lesson_of, never_asked
from benchmarks.labels.measures import Chances, Row, measure
from benchmarks.labels.owners import Owner
from moodroom_hub.plugins.sorter.learning.task import Trained
from moodroom_hub.plugins.sorter.learning.training import look, train

COUNTS = (10, 25, 50, 100, 200)
LEAST_ASKED = 50
"""So many songs must be left to ask for, or the owner is left out at this count."""
MOST_ASKED = 100
"""Nobody is asked more than that: it is to be enough."""
OURS = "ours"
OURS_ASKING = "ours, asking"


@dataclass(frozen=True, slots=True)
class Unit:
    """One owner in one case, drawn anew ``seed`` by ``seed``."""

    owner: Owner
    seed: int
    counts: tuple[int, ...]
    is_asking: bool


def run(units: Sequence[Unit], jobs: int, tell: Callable[[str], None]) -> list[Row]:
    """All rows, in no order."""
    if jobs < 2:
        return _gathered(map(_run, units), len(units), tell)
    with ProcessPoolExecutor(jobs) as pool:
        return _gathered(pool.map(_run, units), len(units), tell)


def _gathered(found: Iterable[list[Row]], count: int, tell: Callable[[str], None]) -> list[Row]:
    rows: list[Row] = []
    for place, each in enumerate(found, start=1):
        rows += each
        tell(f"{place} of {count}: {each[0].owner}, {each[0].case}" if each else f"{place}: too small")
    return rows


def _run(unit: Unit) -> list[Row]:
    if os.environ.get("OMP_NUM_THREADS") != "1":
        raise RuntimeError("one thread a process: several only get in each other's way")
    return list(_rows(unit))


def _rows(unit: Unit) -> Iterator[Row]:
    owner, seed = unit.owner, unit.seed
    seen = look(owner.task)

    def ours(labelled: Sequence[int], *, is_quick: bool = False) -> Trained:
        lessons = tuple(lesson_of(owner, at) for at in labelled)
        return train(replace(owner.task, lessons=lessons, seed=seed, is_quick=is_quick), seen=seen)[0]

    counts = [count for count in unit.counts if len(owner.truth) >= count + LEAST_ASKED]
    baselines = Baselines(owner)
    hidden = sorted(never_asked(owner, seed)) if unit.is_asking else []
    for count in counts:
        labelled = at_random(owner, count, seed)
        asked = _others(owner, labelled)
        unseen = sorted({*hidden} - {*labelled})
        yield measure(owner, OURS, count, seed, _with_void(owner, ours(labelled)), asked, unseen)
        for name in BASELINES:
            yield measure(owner, name, count, seed, baselines.chances(name, labelled), asked)
    if unit.is_asking:
        asking = Asking(owner, seed, lambda labelled: ours(labelled, is_quick=True))
        for count in (each for each in counts if each <= MOST_ASKED):
            asking.go_on(count)
            if len(asking.labelled) == count:
                chances = _with_void(owner, ours(asking.labelled))
                yield measure(owner, OURS_ASKING, count, seed, chances, _others(owner, asking.labelled), hidden)


def _others(owner: Owner, labelled: Sequence[int]) -> list[int]:
    known = set(labelled)
    return [at for at in range(len(owner.truth)) if at not in known]


def _with_void(owner: Owner, trained: Trained) -> Chances:
    chances = np.array(trained.chances)
    if owner.case != "incomplete":
        return chances
    return np.hstack([chances, np.maximum(0.0, 1 - chances.sum(1, keepdims=True))])
