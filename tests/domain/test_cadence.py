"""When to look: where it matters often, elsewhere seldom, never at nonsense times."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moodroom_hub.domain.cadence import ECO, NORMAL, Cadence, Watch, next_look_ms
from moodroom_hub.domain.models import Cause, EpochMs, PlaybackSnapshot, Tier
from moodroom_hub.domain.playback import OwnAct, PlaybackState, fold
from tests.domain.listening import RULES, T0, A, B, seen


def state_of(*snapshots: PlaybackSnapshot) -> PlaybackState:
    """The fold of these looks."""
    state = PlaybackState()
    for snapshot in snapshots:
        state, _ = fold(state, snapshot)
    return state


def wait_s(
    state: PlaybackState,
    at_s: float,
    *,
    tier: Tier | None = Tier.CONFIRMED,
    skips_s: tuple[float, ...] = (),
    late: int = 0,
    stale: bool = False,
    cadence: Cadence = NORMAL,
) -> float:
    """Seconds until the next look."""
    skips = tuple(EpochMs(T0 + round(each * 1000)) for each in skips_s)
    watch = Watch(tier, skips, late, EpochMs(T0 + round(at_s * 1000)), stale)
    return next_look_ms(state, watch, RULES, cadence) / 1000


def playing(position_s: float) -> PlaybackState:
    """A track of 200 s at this position at second 0."""
    return state_of(seen(0, A, position_s))


def test_looks_often_while_a_strike_can_fall_and_seldom_in_the_middle() -> None:
    assert wait_s(playing(2), 0) < wait_s(playing(60), 0)


def test_looks_most_often_in_a_tracks_first_seconds_of_all_that_may_bring_a_strike() -> None:
    assert wait_s(playing(2), 0) < wait_s(playing(20), 0)


def test_where_tracks_are_mixed_at_varying_places_it_looks_evenly_from_the_earliest_end_to_the_latest() -> None:
    mixed = replace(playing(190), early_ends_ms=(500, 5_500, 2_000, 4_000, 3_000))
    first = wait_s(mixed, 0)
    assert 6.0 <= first <= 7.0
    waits = []
    at_s = first
    while at_s < 10:
        waits.append(wait_s(mixed, at_s))
        at_s += waits[-1]
    assert max(waits) <= 1.5
    assert len(waits) <= 5
    assert wait_s(mixed, 10.7, late=0) <= 0.6


def test_looks_most_often_right_after_a_skip() -> None:
    assert wait_s(playing(2), 0, skips_s=(-2,)) < wait_s(playing(2), 0, skips_s=(-60,))


def test_whoever_skipped_lately_is_watched_more_closely_in_the_middle_too() -> None:
    calm, lately, long_ago = (wait_s(playing(60), 0, skips_s=each) for each in ((), (-60,), (-7200,)))
    assert lately < long_ago <= calm


def test_a_look_falls_right_after_the_expected_end() -> None:
    wait = wait_s(playing(190), 0)
    assert 10.0 < wait < 11.0


def test_a_look_shortly_before_the_end_is_saved() -> None:
    """From 15 s before the end it waits for the end itself instead of looking in between."""
    assert 15.0 < wait_s(playing(185), 0) < 16.0


def test_a_discovery_is_looked_at_inside_its_completion_margin() -> None:
    wait = wait_s(playing(182), 0, tier=Tier.DISCOVERY)
    assert 10.0 < wait < 12.0


def test_an_overdue_end_is_asked_for_again_and_again_more_slowly() -> None:
    state = state_of(seen(0, A, 190), seen(10.5, A, 199))
    waits = [wait_s(state, 11.6, late=late) for late in range(4)]
    assert waits == sorted(waits)
    assert waits[0] < 1.5


def test_what_can_teach_nothing_is_looked_at_seldom() -> None:
    assert wait_s(playing(5), 0, tier=None) >= 15


def test_a_stale_tail_is_watched_for() -> None:
    assert wait_s(playing(60), 0, stale=True) <= 6


def test_after_an_act_of_the_hubs_own_it_looks_once_more_when_answers_are_surely_fresh() -> None:
    state = state_of(seen(0, A, 190), seen(10, B, 0.9))
    act = OwnAct(Cause.STALE_TAIL, EpochMs(T0 + 9_500))
    assert wait_s(replace(state, own_act=act), 10) == 2.0
    assert wait_s(state, 10) > 2.0
    later, _ = fold(replace(state, own_act=act), seen(12.6, B, 3.5))
    assert wait_s(later, 12.7) > 2.0


def test_paused_and_nothing_grow_slower() -> None:
    paused = state_of(seen(0, A, 10), seen(5, A, 12, is_playing=False))
    assert wait_s(paused, 6) < wait_s(paused, 600)
    lost = state_of(seen(0, A, 10), seen(5, None), seen(20, None))
    assert wait_s(lost, 21) < wait_s(lost, 4000)


def test_a_doubted_answer_is_checked_at_once() -> None:
    state = state_of(seen(0, A, 10), seen(8, replace(A, uri="spotify:track:B"), 0.5), seen(9, A, 18.5))  # type: ignore[arg-type]  # a NewType
    assert state.doubted is not None
    assert wait_s(state, 9) <= 1.5


@pytest.mark.parametrize("cadence", [NORMAL, ECO])
@given(
    position_s=st.floats(0, 400),
    later_s=st.floats(0, 400),
    tier=st.sampled_from([None, Tier.CONFIRMED, Tier.SAFE_SIDE, Tier.DISCOVERY]),
    late=st.integers(0, 50),
    skips=st.lists(st.floats(-5000, 0), max_size=5),
)
def test_the_wait_is_always_sane(
    cadence: Cadence, position_s: float, later_s: float, tier: Tier | None, late: int, skips: list[float]
) -> None:
    wait = wait_s(playing(position_s), later_s, tier=tier, late=late, skips_s=tuple(sorted(skips)), cadence=cadence)
    assert 0.01 <= wait <= 90
