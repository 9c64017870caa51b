"""Many households under all rules, on all cores that the benchmark may use."""

import multiprocessing
import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from benchmarks.counting.drive import drive
from benchmarks.counting.houses import plan_house
from benchmarks.counting.score import Score, all_scores

HOUSE_HOURS = 50.0
"""Two nights."""


@dataclass(frozen=True, slots=True)
class Task:
    """One household, counted by one profile."""

    house: int
    seed: int
    hours: float
    rules: str


@dataclass(slots=True)
class Result:
    """What came of it; ``took_s`` real seconds."""

    task: Task
    scores: dict[str, Score]
    deeds: dict[str, int]
    deaths: int
    requests: int
    took_s: float


def tasks(hours: float, seed: int, rules: Sequence[str], houses: int = 0) -> list[Task]:
    """Households that make ``hours`` together under the first of the rules, and as many hours under all others."""
    found = []
    for place, name in enumerate(rules):
        share = hours if place == 0 else hours / max(1, len(rules) - 1)
        count = houses or max(1, round(share / HOUSE_HOURS))
        found += [Task(100 * place + number, seed, share / count, name) for number in range(count)]
    return found


def run_all(todo: Sequence[Task], jobs: int, progress: Callable[[str], None]) -> Iterator[Result]:
    """The results as they come."""
    if jobs <= 1:
        for task in todo:
            result = work(task)
            progress(_line(result))
            yield result
        return
    context = multiprocessing.get_context("spawn")
    places = context.Queue()
    for place in range(jobs):
        places.put(place)
    with context.Pool(jobs, _settle, (places,)) as pool:
        for result in pool.imap_unordered(work, todo):
            progress(_line(result))
            yield result


def work(task: Task) -> Result:
    """One task, here and now."""
    began_s = time.perf_counter()
    record = drive(plan_house(task.house, task.seed, task.hours, task.rules))
    took_s = time.perf_counter() - began_s
    return Result(task, all_scores(record), record.deeds, record.deaths, record.requests, took_s)


def _settle(places: "multiprocessing.Queue[int]") -> None:
    """Stay on one core: the hub's threads take turns, and turns between two cores cost more than they gain."""
    place = places.get()
    if hasattr(os, "sched_setaffinity"):
        cores = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {cores[place % len(cores)]})


def _line(result: Result) -> str:
    task = result.task
    hub = next(score for name, score in result.scores.items() if name.startswith("hub"))
    return (
        f"house {task.house:3d} {task.rules:12s} {task.hours:.1f} h in {result.took_s:.0f} s: {hub.true_plays} true, "
        f"{len(hub.false)} false, {len(hub.missed)} missed, {len(hub.duplicates)} twice"
    )
