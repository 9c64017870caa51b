"""Why a song is thought to belong somewhere names the list that it is about: a question has none of its own."""

from dataclasses import replace

import numpy as np

from moodroom_hub.plugins.sorter.learning.task import Lesson, Song, SongList, TrainingTask
from moodroom_hub.plugins.sorter.learning.whys import Reasons


def test_a_reason_names_its_list() -> None:
    songs = tuple(Song(f"uri:{at}", f"Song {at}", (f"Band {at}",), year=2000 + at, genres=("dub",)) for at in range(5))
    lessons = tuple(Lesson(at, frozenset({1})) for at in range(4))
    lists = (SongList("Mine", tuple((each.name, each.artists[0]) for each in songs)),)
    chances = np.array([[0.1, 0.9]] * 5)
    task = TrainingTask(songs, lists, lessons, ("Wild", "Calm"), is_mutual=True, is_complete=False)
    assert Reasons(task).whys(chances)[4] == "shares your list “Mine” with 4 songs of Calm; dub, like others of Calm"
    alone = Reasons(replace(task, lists=())).whys(chances)
    assert alone[4] == "dub, like others of Calm; of 2004, like most of Calm"
