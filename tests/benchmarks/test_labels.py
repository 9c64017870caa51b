"""How the sorter's benchmark counts: the void, errors by owner, and questions beside draws."""

import numpy as np
import pytest

from benchmarks.labels.baselines import BASELINES
from benchmarks.labels.measures import Row, measure
from benchmarks.labels.owners import Owner
from benchmarks.labels.run import OURS, OURS_ASKING
from benchmarks.labels.table import asking_line, missed
from moodroom_hub.plugins.sorter.learning.task import Song, TrainingTask

SONGS = 24
OUTSIDE = 8
"""So many belong into the void, the first ones."""


def _owner() -> Owner:
    songs = tuple(Song(str(place), f"Song {place}") for place in range(SONGS))
    task = TrainingTask(songs, (), (), ("A", "B"), is_mutual=True, is_complete=False)
    truth = tuple(frozenset[int]() if place < OUTSIDE else frozenset({place % 2}) for place in range(SONGS))
    return Owner("somebody", "made up", "incomplete", task, truth)


def _void_row(void: dict[int, float], least: float = 0.01) -> Row:
    """What is measured where the void has these chances, and all other songs ``least``."""
    chances = np.full((SONGS, 3), 0.4)
    chances[:, 2] = least
    for place, chance in void.items():
        chances[place, 2] = chance
    return measure(_owner(), OURS, 10, 0, chances, range(SONGS))


def test_void_precision_is_that_of_the_first_choices_where_they_are_many_enough() -> None:
    row = _void_row({0: 0.9, 1: 0.8, 20: 0.7, 2: 0.3})
    assert row.value == row.first == pytest.approx(2 / 3)


def test_one_song_put_rightly_is_no_precision_and_none_is_not_zero() -> None:
    one = _void_row({0: 0.9, 20: 0.3})
    assert (one.value, one.first) == (0.5, 1.0)
    none = _void_row({0: 0.3, 1: 0.2})
    assert (none.value, none.first) == (1.0, 0.0)


def test_who_puts_as_many_there_as_belong_there_gains_nothing_by_daring_little() -> None:
    assert _void_row({place: 0.9 - place / 100 for place in range(OUTSIDE)}).even == 1.0
    assert _void_row({0: 0.9} | dict.fromkeys(range(OUTSIDE, SONGS), 0.3)).even == pytest.approx(1 / OUTSIDE)


def _row(method: str, owner: str, labels: int, seed: int, value: float, hits: tuple[bool, ...] = ()) -> Row:
    confidence = (0.5,) * len(hits)
    return Row(method, owner, "made up", "mutual", labels, seed, value, confidence, hits, unseen=value - 0.1)


def _faults(rows: list[Row]) -> list[str]:
    """With baselines that know nothing."""
    others = [_row(name, row.owner, row.labels, row.seed, 0.0) for row in rows for name in BASELINES]
    return missed([*rows, *others])


def test_an_owners_draws_are_one_heap_of_songs_when_their_error_is_taken() -> None:
    """One draw is right by chance too often, the other too seldom; together the confidence is true."""
    fair = [_row(OURS, "one", 200, 0, 0.9, (True,) * 8), _row(OURS, "one", 200, 1, 0.9, (False,) * 8)]
    assert not any("calibration" in fault for fault in _faults(fair))
    unfair = [*fair, _row(OURS, "two", 200, 0, 0.9, (True,) * 16)]
    assert any("calibration error at 200 labels is 0.250 as mean over owners" in fault for fault in _faults(unfair))


def test_questions_are_compared_owner_by_owner_with_twice_as_many_draws() -> None:
    rows = [_row(OURS, name, 200, 0, value) for name, value in (("one", 0.8), ("two", 0.6), ("alone", 0.1))]
    rows += [_row(OURS_ASKING, name, 100, 0, value) for name, value in (("one", 0.82), ("two", 0.66))]
    lines = asking_line(rows).splitlines()
    assert "2 owners with both, on all other songs: 0.740 after 100" in lines[0]
    assert "(+0.040 ±0.020)" in lines[0]
    assert "never asked for: 0.640 after 100 answers, 0.600 after 200" in lines[1]
    assert not any("asking" in fault for fault in _faults(rows))
    worse = [*rows[:3], *(_row(OURS_ASKING, name, 100, 0, 0.5) for name in ("one", "two"))]
    assert any("asking: 100 answers are 0.200 below 200" in fault for fault in _faults(worse))
