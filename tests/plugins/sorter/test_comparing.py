"""When a new model may take the place of the one in use."""

from dataclasses import replace

import pytest

from moodroom_hub.domain.models import Uri
from moodroom_hub.domain.sorting.models import Chances, Label
from moodroom_hub.plugins.sorter.comparing import compared, rightness
from tests.plugins.sorter.made_up import JAZZ, MOODS, TECHNO, label

OPEN = replace(MOODS, is_mutual=False)


def _rows(right: int, total: int) -> dict[Uri, Chances]:
    """Of songs that are all jazz so many are told rightly."""
    return {
        Uri(f"spotify:track:{at}"): Chances(Uri(f"spotify:track:{at}"), (0.9, 0.05) if at < right else (0.05, 0.9))
        for at in range(total)
    }


def _labels(total: int) -> dict[Uri, Label]:
    return {Uri(f"spotify:track:{at}"): label(f"spotify:track:{at}", JAZZ) for at in range(total)}


@pytest.mark.parametrize(
    ("before", "now", "total", "is_worse"),
    [
        (30, 30, 40, False),
        (30, 34, 40, False),
        (31, 30, 40, False),  # one of forty is chance
        (34, 26, 40, True),
        (5, 0, 5, False),  # too few to tell
    ],
)
def test_only_what_is_worse_beyond_noise_is_worse(before: int, now: int, total: int, is_worse: bool) -> None:
    found = compared(MOODS, _rows(before, total), _rows(now, total), _labels(total), {}, {})
    assert found is not None
    assert (found.labels, found.before, found.now) == (total, before / total, now / total)
    assert found.is_worse is is_worse


def test_only_labels_that_both_speak_of_are_compared() -> None:
    assert compared(MOODS, {}, _rows(3, 9), _labels(9), {}, {}) is None
    found = compared(MOODS, _rows(2, 2), _rows(3, 9), _labels(9), {}, {})
    assert found is not None
    assert found.labels == 2


@pytest.mark.parametrize(
    ("values", "fits", "is_mutual", "is_complete", "right"),
    [
        ((0.2, 0.3), (), True, False, 1.0),  # the void is the likeliest
        ((0.2, 0.6), (), True, False, 0.0),
        ((0.2, 0.3), (TECHNO,), True, True, 1.0),
        ((0.9, 0.8), (JAZZ,), False, False, 2 / 3),
        ((0.9, 0.8), (JAZZ, TECHNO), False, False, 1.0),
        ((0.1, 0.2), (), False, False, 1.0),
        ((0.1, 0.2), (TECHNO,), False, True, 1.0),  # complete: the likeliest one
        ((0.1, 0.2, 0.3), (JAZZ,), True, False, None),  # a row that cannot be read
    ],
)
def test_rightness(
    values: tuple[float, ...], fits: tuple[str, ...], is_mutual: bool, is_complete: bool, right: float | None
) -> None:
    layer = replace(MOODS, is_mutual=is_mutual, is_complete=is_complete)
    said = label("spotify:track:1", *(key for key in MOODS.keys if key in fits))
    assert rightness(layer, Chances(said.uri, values), said, {}) == right


def test_thresholds_decide_where_songs_may_lie_in_several() -> None:
    said = label("spotify:track:1", JAZZ)
    chances = Chances(said.uri, (0.6, 0.55))
    assert rightness(OPEN, chances, said, {JAZZ: 0.5, TECHNO: 0.58}) == 1.0
    assert rightness(OPEN, chances, said, {JAZZ: 0.7, TECHNO: 0.5}) == 0.0
