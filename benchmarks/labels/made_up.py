"""An owner out of nothing, for where the open data is absent."""

import random

from benchmarks.labels.owners import Owner
from benchmarks.mining_lab.made_up import made_up_tasks
from moodroom_hub.plugins.sorter.learning.task import Song, SongList, TrainingTask


def made_up_owner(case: str, number: int = 0) -> Owner:
    """Artists have homes, lists are noisy; the same one every time."""
    made = made_up_tasks(number + 1)[number]
    rng = random.Random(f"{case}/{number}")
    truth = [frozenset({room}) for room in made.truth]
    names = made.rooms
    if case == "incomplete":
        truth = [frozenset() if 0 in each else frozenset(room - 1 for room in each) for each in truth]
        names = names[1:]
    elif case == "non-mutual":
        truth = [each | {(min(each) + 1) % len(names)} if rng.random() < 0.3 else each for each in truth]
    task = TrainingTask(
        songs=tuple(
            Song(str(place), song.name, song.artists, song.album, song.year, song.duration_ms)
            for place, song in enumerate(made.songs)
        ),
        lists=tuple(SongList(each.title, tuple((s.name, s.artists[0]) for s in each.songs)) for each in made.corpus),
        lessons=(),
        names=tuple(names),
        is_mutual=case != "non-mutual",
        is_complete=case != "incomplete",
    )
    return Owner(made.name, "made up", case, task, tuple(truth))
