"""Steps lead from any list to any other, and to exactly that order."""

from collections import Counter
from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from moodroom_hub.domain.models import Uri
from moodroom_hub.domain.sorting.steps import (
    MOST_PER_STEP,
    UNKNOWN,
    Add,
    Move,
    Remove,
    after,
    attainable,
    is_settable,
    next_step,
)

FEW = st.sampled_from([Uri(f"spotify:track:{n}") for n in range(8)])
FIXED = st.sampled_from([UNKNOWN, Uri("spotify:local:a"), Uri("spotify:local:b")])
ROWS = st.lists(st.one_of(FEW, FEW, FIXED), max_size=14)
SONGS = st.lists(FEW, max_size=14)


def song(number: int) -> Uri:
    """One of many songs."""
    return Uri(f"spotify:track:{number}")


def walk(current: Sequence[Uri], target: Sequence[Uri]) -> tuple[tuple[Uri, ...], int]:
    """Take every step, as a service would carry it out; gives the end and how many there were."""
    rows, count = tuple(current), 0
    while (step := next_step(rows, target)) is not None:
        match step:
            case Add(uris, position):
                assert 0 < len(uris) <= MOST_PER_STEP
                assert 0 <= position <= len(rows)
                assert all(map(is_settable, uris))
            case Remove(uris):
                assert 0 < len(uris) <= MOST_PER_STEP
                assert all(map(is_settable, uris))
            case Move(start, length, before):
                assert 0 < length <= MOST_PER_STEP
                assert 0 <= start < start + length <= len(rows)
                assert before < start or start + length < before <= len(rows)
        rows, count = after(rows, step), count + 1
        assert count <= len(current) + len(target) + 2
    return rows, count


@settings(max_examples=60)
@given(SONGS, SONGS)
def test_songs_come_to_exactly_that_order(current: list[Uri], target: list[Uri]) -> None:
    assert walk(current, target)[0] == tuple(target)


@settings(max_examples=60)
@given(ROWS, ROWS)
def test_what_can_be_neither_added_nor_removed_stays(current: list[Uri], target: list[Uri]) -> None:
    end, _ = walk(current, target)
    assert end == attainable(current, target)
    assert Counter(filter(is_settable, end)) == Counter(filter(is_settable, target))
    fixed = Counter(uri for uri in current if not is_settable(uri))
    assert Counter(uri for uri in end if not is_settable(uri)) == fixed
    if fixed == Counter(uri for uri in target if not is_settable(uri)):
        assert end == tuple(target)


@settings(max_examples=25)
@given(st.permutations(range(40)), st.integers(0, 39), st.integers(0, 39))
def test_no_more_is_moved_than_stands_in_the_way(order: list[int], start: int, place: int) -> None:
    rows = [song(n) for n in order]
    moved = rows[:start] + rows[start + 1 :]
    moved.insert(place, rows[start])
    assert walk(moved, rows)[1] <= 1


def test_many_at_once_are_few_calls() -> None:
    songs = [song(n) for n in range(1, 1001)]
    assert walk([], songs) == (tuple(songs), 10)
    assert walk(songs, []) == ((), 10)
    assert walk(songs[500:] + songs[:500], songs) == (tuple(songs), 5)
    holes = [uri for place, uri in enumerate(songs) if place % 250]
    assert walk(holes, songs) == (tuple(songs), 4)


def test_a_step_that_happened_is_not_taken_again() -> None:
    target = [song(n) for n in range(150)]
    first = next_step([], target)
    assert first == Add(tuple(target[:100]), 0)
    assert next_step(after([], first), target) == Add(tuple(target[100:]), 100)


def test_too_many_of_one_song() -> None:
    current = [song(1), song(2), song(1), song(3)]
    assert next_step(current, [song(2), song(1), song(3)]) == Remove((song(1),))
    assert walk(current, [song(2), song(1), song(3)]) == ((song(2), song(1), song(3)), 2)
