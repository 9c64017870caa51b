"""Likes lead away from the seeds as far as the owner lets them, and no artist has all of them."""

from collections import Counter
from math import sqrt

from hypothesis import given
from hypothesis import strategies as st

from moodroom_hub.domain.stations.drift import LEAST_OF_ONE, drift, held_back, none_too_many

NUMBERS = st.floats(-1, 1, allow_nan=False)
VECTORS = st.lists(st.tuples(NUMBERS, NUMBERS, NUMBERS).map(lambda v: unit(v)), max_size=6)
WEIGHTS = st.floats(0, 3)


def unit(vector: tuple[float, ...]) -> tuple[float, ...]:
    """Of length 1, or nothing."""
    length = sqrt(sum(each * each for each in vector))
    return tuple(each / length for each in vector) if length > 1e-6 else tuple(0.0 for _ in vector)


@given(VECTORS, VECTORS, WEIGHTS, WEIGHTS, st.floats(0, 1))
def test_the_bound_holds_and_takes_no_more_than_it_must(
    seeds: list[tuple[float, ...]], likes: list[tuple[float, ...]], style: float, weight: float, most: float
) -> None:
    bound = held_back(seeds, likes, style, weight, most)
    assert 0 <= bound.like_weight <= weight
    assert 0 <= bound.drift <= 1
    assert bound.drift <= most + 1e-9
    assert bound.is_bounded == (bound.like_weight < weight)
    if not bound.is_bounded:
        assert bound.like_weight == weight


def test_agreeing_likes_drift_nowhere_and_others_further_by_weight() -> None:
    assert held_back([(1.0, 0.0)], [(1.0, 0.0)], 1, 3, 0).drift == 0
    steps = [drift(0.0, 1.0, weight / 4) for weight in range(12)]
    assert steps == sorted(steps)
    assert steps[0] == 0
    assert held_back([(1.0, 0.0)], [(-1.0, 0.0)], 1, 3, 0.4).is_bounded


@given(st.lists(st.sampled_from("abcdef"), max_size=40))
def test_nobody_has_more_than_their_share_of_the_likes(likes: list[str]) -> None:
    kept = none_too_many(likes)
    counts, before = Counter(kept), Counter(likes)
    for artist, count in counts.items():
        others = len(likes) - before[artist]
        assert count <= max(LEAST_OF_ONE, -(-others // 3))
        assert count >= min(before[artist], LEAST_OF_ONE)
    # In their order, and the newest of each artist stay.
    order = iter(likes)
    assert all(each in order for each in kept)
    if likes:
        assert kept[-1] == likes[-1]


def test_fifty_likes_of_one_artist_are_no_station_of_theirs() -> None:
    kept = none_too_many(["her"] * 50 + ["him", "them"])
    assert Counter(kept) == {"her": 2, "him": 1, "them": 1}
