"""How well a layer is taught, and what is left to a goal."""

import math
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moodroom_hub.domain.sorting.expecting import Counts, Expectation, expected, labels_left, of_counts, of_hits, wilson
from moodroom_hub.domain.sorting.models import SublistKey
from tests.domain.sorting.worlds import fits, layer_of, misfits, random_world, row, uri

LATE, POP = SublistKey("late"), SublistKey("pop")


@given(st.integers(0, 300), st.integers(0, 300))
def test_the_interval_holds_the_share_and_shrinks_with_more(hits: int, misses: int) -> None:
    total = hits + misses
    low, high = wilson(hits, total)
    assert 0 <= low <= high <= 1
    if total:
        assert low <= hits / total <= high
        tenfold = wilson(10 * hits, 10 * total)
        assert tenfold[1] - tenfold[0] < high - low
    else:
        assert (low, high) == (0, 1)


def test_nineteen_of_twenty_intervals_hold_the_truth() -> None:
    rng = Random(5)
    held = 0
    for _ in range(2000):
        low, high = wilson(sum(rng.random() < 0.7 for _ in range(40)), 40)
        held += low <= 0.7 <= high
    assert held / 2000 == pytest.approx(0.95, abs=0.02)


def test_micro_f1s_interval_holds_the_truth_about_as_often() -> None:
    rng = Random(6)
    truth = 2 * 0.6 / (2 * 0.6 + 0.3 + 0.4)  # one right with 0.6, one wrong with 0.3, one missed with 0.4, per song
    held = 0
    for _ in range(150):
        counts = [Counts(rng.random() < 0.6, rng.random() < 0.3, rng.random() < 0.4) for _ in range(50)]
        found = of_counts(counts, rng)
        assert found is not None
        held += found.low <= truth <= found.high
    assert held / 150 >= 0.9


def test_too_few_or_empty_labels_tell_nothing() -> None:
    assert of_hits([True] * 4) is None
    assert of_counts([Counts(1, 0, 0)] * 4, Random(0)) is None
    assert of_counts([Counts(0, 0, 0)] * 9, Random(0)) is None
    assert expected(layer_of("late"), {}, {}, Random(0)) is None


def test_perfect_labels_are_no_certainty() -> None:
    found = of_counts([Counts(1, 0, 0)] * 10, Random(0))
    assert found is not None
    assert found.accuracy == found.high == 1
    assert 0.8 < found.low < 1


def test_in_a_mutual_layer_the_void_is_an_answer_like_any_other() -> None:
    songs = [uri(number) for number in range(8)]
    chances = {song: row(song, 0.3, 0.2) for song in songs}  # the void is likeliest
    labels = {song: misfits(song, "late", "pop") for song in songs[:6]} | {
        song: fits(song, "late") for song in songs[6:]
    }
    layer = layer_of("late", "pop")
    assert expected(layer, chances, labels, Random(0)) == Expectation(0.75, *wilson(6, 8))
    complete = layer_of("late", "pop", complete=True)
    assert expected(complete, chances, {song: fits(song, "late") for song in songs}, Random(0)) == Expectation(
        1.0, *wilson(8, 8)
    )


def test_a_non_mutual_layer_counts_what_labels_speak_of() -> None:
    songs = [uri(number) for number in range(10)]
    chances = {song: row(song, 0.9, 0.6) for song in songs}
    labels = {song: fits(song, "late") for song in songs}
    layer = layer_of("late", "pop", mutual=False)
    open_ended = expected(layer, chances, labels, Random(0))
    assert open_ended is not None
    assert open_ended.accuracy == 1
    wrong = {song: misfits(song, "pop") for song in songs[:5]} | {song: fits(song, "late") for song in songs[5:]}
    assert_f1(2 * 5 / (2 * 5 + 5), expected(layer, chances, wrong, Random(0)))
    missed = expected(layer, chances, labels, Random(0), {LATE: 0.95, POP: 0.95})
    assert_f1(0.0, missed)
    cover = layer_of("late", "pop", mutual=False, complete=True)
    assert_f1(1.0, expected(cover, chances, labels, Random(0), {LATE: 0.95, POP: 0.95}))


def assert_f1(wanted: float, found: Expectation | None) -> None:
    assert found is not None
    assert found.accuracy == pytest.approx(wanted)
    assert found.low <= found.accuracy <= found.high


@given(st.randoms(use_true_random=False))
def test_whatever_is_held_out_gives_an_interval_or_nothing(rng: Random) -> None:
    world = random_world(rng)
    found = expected(world.layer, world.chances, world.labels, rng, world.thresholds)
    assert found is None or 0 <= found.low <= found.accuracy <= found.high <= 1


def test_labels_left_follows_the_curve() -> None:
    history = [(count, 0.9 - 1.5 / math.sqrt(count)) for count in (10, 25, 50, 100)]
    assert labels_left(history, 0.8) == pytest.approx(125, abs=1)  # (1.5 / 0.1)² = 225
    assert labels_left(history, 0.7) == 0
    assert labels_left(history, 0.9) is None
    assert labels_left(history, 0.88) is None  # 5,525 more: nobody gives them


def test_labels_left_cannot_be_told_without_growth_or_points() -> None:
    assert labels_left([], 0.8) is None
    assert labels_left([(10, 0.4), (20, 0.5)], 0.8) is None
    assert labels_left([(10, 0.4), (20, 0.5), (20, 0.52)], 0.8) is None
    assert labels_left([(10, 0.6), (20, 0.5), (40, 0.4)], 0.8) is None
    assert labels_left([(0, 0.1), (10, float("nan"))], 0.8) is None


@given(st.lists(st.tuples(st.integers(0, 500), st.floats(0, 1)), max_size=12), st.floats(0, 1), st.floats(0, 1))
def test_a_higher_goal_never_has_fewer_labels_left(history: list[tuple[int, float]], one: float, other: float) -> None:
    near, far = labels_left(history, min(one, other)), labels_left(history, max(one, other))
    if far is not None:
        assert near is not None
        assert 0 <= near <= far
