"""People in the household: what they do is seeded, and the record of it holds together."""

import asyncio
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from moodroom_hub.simulator.home import EPOCH_MS
from moodroom_hub.simulator.sonos.deeds import Deed
from moodroom_hub.simulator.sonos.home import SimulatedSonos, default_stations
from moodroom_hub.simulator.sonos.household import WEIGHTS, Household
from moodroom_hub.simulator.sonos.truth import SonosTruth, judged, true_plays
from moodroom_hub.simulator.virtual_time import run_virtual
from tests.simulator.homes import SONGS, HandClock
from tests.simulator.sonos.rooms import small_household, spinstack

HOUR_MS = 3_600_000


def days(seed: int, count: int) -> tuple[SonosTruth, Household]:
    """Some days of a household, in one go."""
    clock = HandClock()
    world = small_household(clock, settings=None, stations=default_stations(SONGS))
    household = Household(seed)
    household.attach(world)
    clock.turn(count * 24 * HOUR_MS)
    world.close()
    return world.truth, household


def hold_together(truth: SonosTruth) -> None:
    """No player sounds twice at once; no track sounds beyond its end; time and positions run alike."""
    by_player: dict[str, list[tuple[int, int]]] = {}
    for listen in truth.listens:
        for stretch in listen.stretches:
            assert stretch.heard_ms == stretch.to_position_ms - stretch.from_position_ms > 0
            if listen.recording.duration_ms is not None:
                assert 0 <= stretch.from_position_ms < stretch.to_position_ms <= listen.recording.duration_ms
            for player in stretch.players:
                by_player.setdefault(player, []).append((stretch.from_ms, stretch.to_ms))
    for times in by_player.values():
        times.sort()
        assert all(one[1] <= other[0] for one, other in pairwise(times))


@settings(max_examples=4)
@given(seed=st.integers(0, 10_000))
def test_the_record_holds_together_whatever_they_do(seed: int) -> None:
    truth, _ = days(seed, 3)
    hold_together(truth)
    plays = true_plays(truth, spinstack)
    assert plays == sorted(plays, key=lambda play: play.counted_ms or 0)
    assert {play.listen_id for play in plays} <= {listen.id for listen in truth.listens}
    assert all((play.counted_ms is not None) == (play.margin_ms >= 0) for play in judged(truth, spinstack))


def test_the_same_seed_lives_the_same_days_and_does_everything() -> None:
    (truth, household), (again, _) = days(7, 12), days(7, 12)
    assert [(one.recording, one.stretches) for one in truth.listens] == [
        (one.recording, one.stretches) for one in again.listens
    ]
    assert set(household.done) == set(WEIGHTS) == set(Deed)
    assert len(true_plays(truth, spinstack)) > 500
    names = {deed.name for deed in truth.deeds}
    assert {"join", "leave", "tv_on", "unplug", "plug_in", "reboot", "stall", "pause", "seek"} <= names


def test_a_hundred_virtual_hours_pass_with_nobody_looking() -> None:
    async def hundred_hours() -> SonosTruth:
        async with SimulatedSonos(3, serve=False, household=Household(3)) as sonos:
            assert sonos.now_ms() == EPOCH_MS
            await asyncio.sleep(100 * 3_600)
            return sonos.world.truth

    truth = run_virtual(hundred_hours)
    hold_together(truth)
    assert truth.at_ms == EPOCH_MS + 100 * HOUR_MS
    assert len(true_plays(truth, spinstack)) > 200
