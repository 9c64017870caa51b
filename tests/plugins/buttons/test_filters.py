"""Filters that lie apart: a broker sends one copy per filter, and drops what does not fit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moodroom_hub.core.topics import covers, filter_problem, is_match, without_overlaps

LEVELS = ["a", "b", "", "$x"]
topics = st.lists(st.sampled_from(LEVELS), min_size=1, max_size=4).map("/".join).filter(bool)
filters = (
    st.tuples(st.lists(st.sampled_from([*LEVELS, "+"]), min_size=1, max_size=3), st.sampled_from([[], ["#"]]))
    .map(lambda parts: "/".join((*parts[0], *parts[1])))
    .filter(bool)
)


@pytest.mark.parametrize(
    ("given_filters", "left"),
    [
        (["z/desk/action", "z/+/action"], ["z/+/action"]),
        (["z/+/action", "z/desk/+"], ["z/+/+"]),
        (["z/desk/action", "z/+/action", "z/desk/+"], ["z/+/+"]),
        (["z/#", "z/desk", "z"], ["z/#"]),
        (["z/desk", "z/desk/action"], ["z/desk", "z/desk/action"]),
        (["z/a", "z/b", "z/a"], ["z/b", "z/a"]),
        (["+/b", "a/#"], ["+/b", "a/#"]),
        (["#", "$SYS/x"], ["#", "$SYS/x"]),
        ([], []),
    ],
)
def test_overlaps_go(given_filters: list[str], left: list[str]) -> None:
    assert without_overlaps(given_filters) == left


@given(st.lists(filters, max_size=6), topics)
def test_nothing_goes_unheard(given_filters: list[str], topic: str) -> None:
    left = without_overlaps(given_filters)
    assert all(filter_problem(each) is None for each in left)
    if any(is_match(each, topic) for each in given_filters):
        assert any(is_match(each, topic) for each in left)
    assert not any(covers(one, other) for one in left for other in left if one is not other)


@given(filters, filters, topics)
def test_what_covers_hears_it_all(one: str, other: str, topic: str) -> None:
    if covers(one, other) and is_match(other, topic):
        assert is_match(one, topic)
