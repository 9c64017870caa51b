"""Every method on the same held-out lists, split by split, in processes of their own."""

import os
import random
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

from benchmarks.radio_lab.baselines import Ease, FoldIn, ItemKnn, PlaylistKnn, Popularity
from benchmarks.radio_lab.data import Split
from benchmarks.radio_lab.measures import LENGTH, Measured, diversity, measured, neutral_space
from benchmarks.radio_lab.methods import Method, Other, Ours
from benchmarks.radio_lab.sessions import Session, sessions
from moodroom_hub.plugins.radio.recommending.blend import Blend
from moodroom_hub.plugins.radio.recommending.interface import Floats, Lists
from moodroom_hub.plugins.radio.recommending.matrices import popularity
from moodroom_hub.plugins.radio.recommending.seed_rule import SeedRule

OURS = "ours"
SEED_ALS, SEED_SVD = "seed's rule, ALS 64", "seed's rule, SVD 128"
SEED_RULES = (SEED_ALS, SEED_SVD)
COUNTS = (1, 5, 10, 25)
KINDS = ("first", "random")
LEAST_WANTED = 10
FIRST = 10
"""So many are looked at for diversity."""
NEUTRAL_WIDTH, SEED_SVD_WIDTH = 64, 128


@dataclass(frozen=True, slots=True)
class Unit:
    """One split; at most ``most_tasks`` and ``most_listeners`` of its held-out lists are asked about."""

    number: int
    split: Split
    most_tasks: int
    most_listeners: int


@dataclass(frozen=True, slots=True)
class Answer:
    """One method on one task. ``apart``: the diversity of its first ten."""

    method: str
    seeds: int
    kind: str
    listener: int
    measured: Measured
    apart: float


@dataclass(frozen=True, slots=True)
class Found:
    """Everything of one split."""

    answers: tuple[Answer, ...]
    sessions: tuple[Session, ...]


def run(units: Sequence[Unit], jobs: int, news: Callable[[str], None]) -> list[Found]:
    """All of it, split by split."""
    if jobs < 2 or len(units) < 2:
        return [_found(unit, news) for unit in units]
    with ProcessPoolExecutor(jobs) as pool:
        found = []
        for place, each in enumerate(pool.map(_found, units), start=1):
            found.append(each)
            news(f"{place} of {len(units)} splits")
        return found


def _found(unit: Unit, news: Callable[[str], None] | None = None) -> Found:
    if os.environ.get("OMP_NUM_THREADS") != "1":
        raise RuntimeError("one thread a process: several only get in each other's way")
    space = neutral_space(unit.split.lists, NEUTRAL_WIDTH)
    asked = unit.split.held_out[: unit.most_tasks]
    answers: list[Answer] = []
    heard: list[Session] = []
    for method in methods(unit.split.lists):
        answers += _answers(method, asked, unit.number, space)
        heard += sessions(method, asked[: unit.most_listeners], unit.number)
        if news is not None:
            news(f"split {unit.number}: {method.name}")
    return Found(tuple(answers), tuple(heard))


def methods(lists: Lists) -> Iterator[Method]:
    """Ours, the seed's rule on two kinds of vectors, and every known method by itself."""
    yield Ours(OURS, Blend.fit(lists))
    rule = SeedRule.fit(lists)
    yield Ours(SEED_ALS, rule)
    yield Ours(SEED_SVD, SeedRule.of(neutral_space(lists, SEED_SVD_WIDTH), popularity(lists)))
    for baseline in (Popularity, ItemKnn, PlaylistKnn, FoldIn, Ease):
        yield Other(baseline(lists))


def _answers(method: Method, held_out: Sequence[Sequence[int]], split: int, space: Floats) -> Iterator[Answer]:
    for listener, artists in enumerate(held_out):
        known = [artist for artist in artists if artist >= 0]
        for count in COUNTS:
            if len(artists) < count + LEAST_WANTED or len(known) <= count:
                continue
            for kind in KINDS:
                drawn = random.Random(f"{split}/{listener}/{count}").sample(known, count)
                seeds = known[:count] if kind == "first" else drawn
                best = method.best(seeds, LENGTH)
                result = measured(best, set(known).difference(seeds), len(artists) - len(known))
                apart = diversity(space, best[:FIRST])
                yield Answer(method.name, count, kind, split * 100_000 + listener, result, apart)
