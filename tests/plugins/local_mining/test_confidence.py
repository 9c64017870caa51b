"""Confidence that says what it means, and doubt whether a song belongs anywhere."""

import random
from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moodroom_hub.plugins.local_mining.belonging import learn_belonging
from moodroom_hub.plugins.local_mining.confidence import Correction
from moodroom_hub.plugins.local_mining.songs import Sparse

chances = st.floats(0, 1)
claims = st.lists(st.tuples(chances, st.booleans()), max_size=60)


def test_without_a_claim_nothing_is_corrected() -> None:
    assert [Correction().of(step / 7) for step in range(8)] == pytest.approx([step / 7 for step in range(8)])


@settings(max_examples=50, deadline=None)
@given(claims, st.lists(chances, min_size=2, max_size=10))
def test_a_correction_keeps_the_order_and_stays_a_chance(
    given_claims: list[tuple[float, bool]], asked: list[float]
) -> None:
    correction = Correction(given_claims)
    said = [correction.of(chance) for chance in sorted(asked)]
    assert said == sorted(said)
    assert all(-1e-12 <= chance <= 1 + 1e-12 for chance in said)
    low, high = correction.of(min(asked)), correction.of(max(asked))
    assert low < high or max(asked) - min(asked) < 1e-6


@settings(max_examples=50, deadline=None)
@given(claims, st.lists(st.floats(0.01, 1), min_size=2, max_size=6))
def test_the_best_room_stays_the_best(given_claims: list[tuple[float, bool]], raw: list[float]) -> None:
    shares = [value / sum(raw) for value in raw]
    said = Correction(given_claims).applied(shares)
    assert said[shares.index(max(shares))] == max(said)
    assert all(0 <= chance <= 1 for chance in said)


@pytest.mark.parametrize(("truth", "sign"), [(0.4, -1), (0.95, 1)])
def test_who_is_often_wrong_says_less_and_who_is_often_right_says_more(truth: float, sign: int) -> None:
    rng = random.Random(5)
    correction = Correction([(0.7, rng.random() < truth) for _ in range(200)])
    assert abs(correction.of(0.7) - truth) < 0.06
    assert (correction.of(0.7) - 0.7) * sign > 0
    few = Correction([(0.7, sign > 0)] * 3)
    assert abs(few.of(0.7) - 0.7) < 0.1


def test_songs_of_one_kind_all_belong() -> None:
    rng = random.Random(2)
    features = [_song(rng, 0) for _ in range(300)]
    belonging = learn_belonging(range(100), range(100, 300), features)
    assert min(belonging.chance(each) for each in features) > 0.9


def test_where_the_rest_differs_every_song_loses_confidence_and_the_strange_ones_more() -> None:
    rng = random.Random(2)
    inside, outside = [_song(rng, 0) for _ in range(200)], [_song(rng, 6) for _ in range(100)]
    belonging = learn_belonging(range(100), range(100, 300), [*inside, *outside])
    assert max(belonging.chance(each) for each in (*inside, *outside)) < 0.7
    assert _mean(belonging.chance(each) for each in outside) < _mean(belonging.chance(each) for each in inside) - 0.2


def _mean(values: Iterable[float]) -> float:
    found = list(values)
    return sum(found) / len(found)


def _song(rng: random.Random, first: int) -> Sparse:
    """A song with four of ten words, from number ``first`` on."""
    ids = sorted(rng.sample(range(first, first + 10), 4))
    return Sparse(ids, [0.5] * 4)
