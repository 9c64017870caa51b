"""The whole run: data, splits, every method, tables, goals."""

from collections.abc import Callable

import numpy as np

from benchmarks.radio_lab.data import Listed, part, playlists
from benchmarks.radio_lab.run import Unit, run
from benchmarks.radio_lab.table import Tables

Tell = Callable[[str], None]
MOST_TASKS, MOST_LISTENERS = 400, 60
"""Held-out lists of one split that are asked about, and that listen: a larger corpus takes not ten times as long."""
SMOKE_TASKS, SMOKE_LISTENERS = 12, 3
SMOKE_LISTS, SMOKE_ARTISTS = 250, 800
SCENES, OWN_SCENE, POPULAR = 10, 0.85, 0.6
NOTES = """
Means over held-out lists; NDCG over 500, its error over lists. k: seed artists, first ones and random ones together.
Artists outside the vocabulary count as misses of every method. Full plays are what was really in the list; flipped
answers are only what the method was told. Diversity: mean of 1 - cosine of the first ten in one neutral space."""


def report(*, is_smoke: bool, splits: int, jobs: int, tell: Tell, news: Tell) -> list[str]:
    """Print the tables; give the goals that were missed."""
    listed = _made_up() if is_smoke else playlists()
    if not listed:
        tell("radio: no open data here (../shared/data or $MOODROOM_DATA)")
        return ["there is no data"]
    parts = [part(listed, split) for split in range(1 if is_smoke else splits)]
    for number, each in enumerate(parts):
        tell(
            f"Split {number}: {len(each.lists)} of {len(listed)} lists to learn from ({each.dropped} near copies of "
            f"held-out lists left out), {each.lists.size} artists; {len(each.held_out)} lists held out, "
            f"{each.outside:.0%} of their artists outside the vocabulary."
        )
    tasks, listeners = (SMOKE_TASKS, SMOKE_LISTENERS) if is_smoke else (MOST_TASKS, MOST_LISTENERS)
    units = [Unit(number, each, tasks, listeners) for number, each in enumerate(parts)]
    tables = Tables(run(units, jobs, news))
    faults = tables.missed()
    tell(f"\n{tables.recommending()}\n\n{tables.listening()}\n\n{tables.leads()}\n{NOTES}")
    if is_smoke:
        tell("\nMade-up lists: the goals mean nothing here.")
        return faults
    for fault in faults:
        tell(f"MISSED: {fault}")
    if not faults:
        tell("\nEvery goal is met.")
    return faults


def _made_up() -> list[Listed]:
    """Lists out of nothing: scenes keep to themselves, some artists are in most lists of theirs. A song each."""
    rng = np.random.default_rng(0)
    each = SMOKE_ARTISTS // SCENES
    chances = (np.arange(each) + 5.0) ** -POPULAR
    found = []
    for _ in range(SMOKE_LISTS):
        own = int(rng.integers(SCENES))
        places = rng.choice(each, 40, replace=False, p=chances / chances.sum())
        scenes = np.where(rng.random(40) < OWN_SCENE, own, rng.integers(SCENES, size=40))
        names = tuple(f"Artist {scene}/{place}" for scene, place in zip(scenes, places, strict=True))
        found.append(Listed(names, frozenset(names)))
    return found
