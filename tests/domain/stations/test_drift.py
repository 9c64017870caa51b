"""Likes lead away from the seeds as far as the owner lets them, and no artist has all of them."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moodroom_hub.domain.stations.drift import DEPTH, LEAST_OF_ONE, drift, held_back, none_too_many

ORDERS = st.lists(st.integers(0, 80), unique=True, max_size=70)


@given(ORDERS, ORDERS)
def test_drift_is_a_share_and_the_same_order_has_none(before: list[int], after: list[int]) -> None:
    assert 0 <= drift(before, after) <= 1
    assert drift(before, before) == pytest.approx(0)
    if before and set(before[:DEPTH]).isdisjoint(after[:DEPTH]):
        assert drift(before, after) == 1


def test_the_first_places_count_most() -> None:
    order = list(range(DEPTH))
    head, tail = [100, *order[1:]], [*order[:-1], 100]
    assert drift(order, head) > drift(order, tail) > 0
    assert drift(order, [*order, *range(200, 300)]) == pytest.approx(0)
    assert drift([], order) == 0


@given(st.floats(0, 3), st.floats(0, 1), st.floats(0.1, 5))
def test_the_bound_holds_and_takes_no_more_than_it_must(wanted: float, most: float, steep: float) -> None:
    bound = held_back(lambda weight: min(1.0, weight * steep), wanted, most)
    assert 0 <= bound.like_weight <= wanted
    assert bound.drift <= most
    assert bound.is_bounded == (min(1.0, wanted * steep) > most)
    if not bound.is_bounded:
        assert bound.like_weight == wanted
    elif most > 0:
        assert most / steep - bound.like_weight <= wanted / 2**4 + 1e-9


def test_whatever_the_measure_does_the_bound_holds() -> None:
    for jump in (0.1, 0.7, 2.9):
        bound = held_back(lambda weight, jump=jump: 0.0 if weight < jump else 0.9, 3.0, 0.5)  # type: ignore[misc]  # a default binds it
        assert (bound.is_bounded, bound.drift) == (True, 0.0)
    assert held_back(lambda weight: 1.0, 3.0, 0.5).like_weight == 0


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
