"""Plans: what a playlist holds afterwards, whatever the owner did, and however often it was begun."""

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from moodroom_hub.domain.models import Uri
from moodroom_hub.domain.sorting.steps import UNKNOWN, after, is_settable, next_step
from moodroom_hub.domain.sorting.writing import going_back_on, going_on, is_as_left, plan, taken_back

FEW = [Uri(f"spotify:track:{n}") for n in range(8)]
SAME = {FEW[7]: FEW[0], FEW[6]: FEW[1]}
ROWS = st.lists(st.sampled_from([*FEW, *FEW, UNKNOWN, Uri("spotify:local:a")]), max_size=10)
SETS = st.lists(st.sampled_from(FEW), unique=True, max_size=8)


def by_hand(rows: list[Uri] | tuple[Uri, ...], ours: list[Uri] | tuple[Uri, ...]) -> list[Uri]:
    """Those that the owner placed."""
    return [uri for uri in rows if uri not in ours]


@settings(max_examples=60)
@given(ROWS, SETS, SETS)
def test_a_plan_touches_nothing_of_the_owners(current: list[Uri], ours: list[Uri], wanted: list[Uri]) -> None:
    made = plan(current, ours, wanted, SAME)
    held = Counter(current)
    hand = [uri for uri in current if uri not in ours or held[uri] > 1]
    assert hand == [uri for uri in made.rows if uri not in made.ours]
    assert made.by_hand == len(hand)
    assert made.rows == (*(uri for uri in current if uri not in made.removes), *made.adds)
    assert set(made.removes) <= set(ours)
    assert set(made.ours) <= {*ours, *made.adds}
    assert not {SAME.get(uri, uri) for uri in made.adds} & {SAME.get(uri, uri) for uri in (*current, *ours)}
    assert list(made.adds) == [uri for uri in wanted if uri in made.adds]
    there = {SAME.get(uri, uri) for uri in made.rows}
    taken_out = {SAME.get(uri, uri) for uri in ours} - {SAME.get(uri, uri) for uri in current}
    assert {SAME.get(uri, uri) for uri in wanted} - taken_out <= there
    if not taken_out:
        assert not plan(made.rows, made.ours, wanted, SAME).is_change


@settings(max_examples=60)
@given(ROWS, SETS, SETS, st.integers(0, 6), st.data())
def test_a_plan_is_gone_on_with_from_wherever_it_stopped(
    current: list[Uri], ours: list[Uri], wanted: list[Uri], stop: int, data: st.DataObject
) -> None:
    made = plan(current, ours, wanted, SAME)
    rows = tuple(current)
    for _ in range(stop):
        step = next_step(rows, going_on(rows, current, made.rows))
        if step is not None:
            rows = after(rows, step)
    assert is_as_left(rows, current, made.rows, is_done=False)
    if made.adds and made.adds[0] in rows:  # it came twice under way
        place = data.draw(st.integers(0, len(rows)))
        rows = (*rows[:place], made.adds[0], *rows[place:])
    while (step := next_step(rows, going_on(rows, current, made.rows))) is not None:
        rows = after(rows, step)
    assert rows == made.rows
    assert is_as_left(rows, current, made.rows, is_done=True)


@settings(max_examples=60)
@given(ROWS, SETS, SETS, st.integers(0, 6), st.integers(0, 6))
def test_taking_back_gives_the_former_order(
    current: list[Uri], ours: list[Uri], wanted: list[Uri], stop: int, pause: int
) -> None:
    made = plan(current, ours, wanted, SAME)
    rows = tuple(current)
    for _ in range(stop):
        step = next_step(rows, going_on(rows, current, made.rows))
        if step is not None:
            rows = after(rows, step)
    begun = rows
    target = taken_back(begun, current, made.rows)
    assert target == tuple(current)
    for _ in range(pause):
        step = next_step(rows, going_back_on(rows, begun, target))
        if step is not None:
            rows = after(rows, step)
    while (step := next_step(rows, going_back_on(rows, begun, target))) is not None:
        rows = after(rows, step)
    assert rows == tuple(current)


@settings(max_examples=60)
@given(ROWS, SETS, SETS, ROWS)
def test_nothing_of_the_owners_is_lost_by_force(
    current: list[Uri], ours: list[Uri], wanted: list[Uri], later: list[Uri]
) -> None:
    made = plan(current, ours, wanted, SAME)
    target = taken_back(later, current, made.rows)
    assert target[: len(current)] == tuple(current)
    added = set(made.adds)
    expected = Counter(uri for uri in later if uri not in added and is_settable(uri))
    assert not expected - Counter(target)


def test_what_the_owner_took_out_is_not_put_back() -> None:
    a, b, c = FEW[:3]
    made = plan([a], [a, b], [a, b, c])
    assert (made.adds, made.removes, made.ours) == ((c,), (), (a, c))


def test_a_song_of_ours_that_the_owner_placed_again_is_the_owners() -> None:
    a, b = FEW[:2]
    made = plan([a, b, a], [a, b], [])
    assert (made.removes, made.rows, made.by_hand) == ((b,), (a, a), 2)


def test_the_same_recording_is_not_added_again() -> None:
    assert plan([FEW[7]], [], [FEW[0], FEW[2]], SAME).adds == (FEW[2],)
    assert plan([], [], [FEW[0], FEW[7], Uri("spotify:local:x")], SAME).adds == (FEW[0],)
    assert plan([FEW[7]], [FEW[7]], [FEW[0]], SAME).removes == ()


def test_the_owners_change_is_seen() -> None:
    a, b, c, d = FEW[:4]
    assert is_as_left([a, b], [a], [a, b], is_done=True)
    assert not is_as_left([b, a], [a], [a, b], is_done=True)
    assert is_as_left([a, b], [a, d], [a, b, c], is_done=False)
    assert not is_as_left([b, d], [a, d], [a, b, c], is_done=False)
    assert taken_back([d, b], [a], [a, b]) == (a, d)
    assert going_on([a, d], [a], [a, b, c]) == (a, d, b, c)
