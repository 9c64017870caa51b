"""Many homes under many systems, on all cores that it may use."""

import multiprocessing
import os
import platform
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.truth.drive import Trials, drive
from benchmarks.truth.homes import plan_home
from benchmarks.truth.score import Score, score

HOME_HOURS = 25.0
Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Task:
    """One home under one system."""

    home: int
    seed: int
    hours: float
    system: str
    trials: Trials = field(default_factory=Trials)


@dataclass(slots=True)
class Result:
    """What came of a task: the system's score, the seed's as a bystander, those on trial; real seconds taken."""

    task: Task
    temperament: str
    own: Score
    bystander: Score | None
    trials: dict[str, Score]
    took_s: float


def tasks(hours: float, seed: int, systems: Sequence[str], trials: Trials | None = None) -> list[Task]:
    """Homes of about a day each that make ``hours`` together, under each system; the dear ones first."""
    count = max(1, round(hours / HOME_HOURS)) if hours >= 10 * HOME_HOURS else max(1, min(10, round(hours / 2)))
    each = hours / count
    return [
        Task(home, seed, each, system, trials or Trials())
        for system in sorted(systems, key=("normal", "eco", "seed").index)
        for home in range(count)
    ]


def run_all(todo: Sequence[Task], jobs: int, progress: Progress) -> Iterator[Result]:
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
    record = drive(plan_home(task.home, task.seed, task.hours), task.system, task.trials)
    return Result(
        task=task,
        temperament=record.temperament,
        own=score(record),
        bystander=None if record.bystander is None else score(record, record.bystander),
        trials={name: score(record, told) for name, told in record.trials.items()},
        took_s=time.perf_counter() - began_s,
    )


def machine() -> str:
    """What this runs on, in one line."""
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        names = [line.partition(":")[2].strip() for line in cpuinfo.read_text().splitlines() if "model name" in line]
        model = names[0] if names else model
    return f"{os.cpu_count()} x {model}, {platform.system()}, Python {platform.python_version()}"


def _settle(places: "multiprocessing.Queue[int]") -> None:
    """Stay on one core: the hub's threads take turns, and turns between two cores cost more than they gain."""
    place = places.get()
    if hasattr(os, "sched_setaffinity"):
        cores = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {cores[place % len(cores)]})


def _line(result: Result) -> str:
    task = result.task
    return f"home {task.home:2d} {result.temperament:9s} {task.system:6s} {task.hours:.1f} h in {result.took_s:.1f} s"
