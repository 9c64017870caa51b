"""What people do, and that a hub could learn from it."""

from collections.abc import Iterator
from statistics import mean

import pytest

from moodroom_hub.domain.models import Tier
from moodroom_hub.simulator.catalogue import demo_pools
from moodroom_hub.simulator.library import Library
from moodroom_hub.simulator.listener import Listener
from moodroom_hub.simulator.temperaments import (
    HUNTER,
    PATIENT,
    REPEATER,
    SEEKER,
    TEMPERAMENTS,
    Deed,
    Planned,
    Planner,
    Tastes,
)
from moodroom_hub.simulator.truth import Actor, EndedBy
from tests.simulator.homes import EPOCH_MS, MINUTE_MS, URIS, HandClock, small_world


def plans(planner: Planner, liking: float, times: int) -> Iterator[list[Planned]]:
    for _ in range(times):
        yield list(planner.plan(EPOCH_MS, 200_000, liking))


def skip_rate(liking: float) -> float:
    return mean(any(one.deed is Deed.NEXT for one in plan) for plan in plans(Planner([PATIENT], 1), liking, 400))


def test_the_less_one_likes_a_track_the_sooner_it_goes() -> None:
    assert skip_rate(1.0) == 0
    assert skip_rate(0.9) < skip_rate(0.5) < skip_rate(0.1)


def test_liking_follows_the_tiers_but_not_always() -> None:
    pools = demo_pools()
    tastes = Tastes(1, pools)
    by_tier: dict[Tier, list[float]] = {}
    for slug, pool in pools.items():
        for tier, track in pool:
            by_tier.setdefault(tier, []).append(tastes.liking(track.uri, slug))
    assert mean(by_tier[Tier.CONFIRMED]) > mean(by_tier[Tier.SAFE_SIDE]) > mean(by_tier[Tier.DISCOVERY])
    assert min(by_tier[Tier.CONFIRMED]) < 0.4
    assert max(by_tier[Tier.DISCOVERY]) > 0.6


def test_liking_belongs_to_a_room() -> None:
    pools = demo_pools()
    tastes = Tastes(1, pools)
    nights = next(str(track.uri) for _, track in pools["late-night"] if track.name == "Nights")
    assert tastes.room_of(nights, "after-hours") == "after-hours"
    assert tastes.room_of(nights, None) == "late-night"
    assert tastes.room_of(nights, "rage") == "late-night"
    assert tastes.liking(nights, "late-night") != tastes.liking(nights, "after-hours")


def test_a_hunter_skips_five_in_a_row_within_seconds() -> None:
    skips = []
    for plan in plans(Planner([HUNTER], 2), 1.0, 300):
        nexts = [one.after_ms for one in plan if one.deed is Deed.NEXT]
        skips.append(nexts[0] if nexts else None)
    runs, run = [], 0
    for skip in [*skips, None]:
        if skip is None:
            runs.append(run)
            run = 0
        else:
            run += 1
    assert max(runs) >= 5
    quick = [skip for skip in skips if skip is not None and skip <= 10_000]
    assert len(quick) > 0.8 * sum(skip is not None for skip in skips)
    assert any(skip is not None and skip > 30_000 for skip in skips)


def test_seekers_seek_and_repeaters_repeat_and_stop_repeating() -> None:
    seeks = [one for plan in plans(Planner([SEEKER], 3), 0.9, 100) for one in plan if one.deed is Deed.SEEK]
    assert len(seeks) > 30
    assert all(0 <= one.position_ms <= 180_000 for one in seeks)
    deeds = [one.deed for plan in plans(Planner([REPEATER], 3), 1.0, 200) for one in plan]
    assert deeds.count(Deed.REPEAT_ON) == deeds.count(Deed.REPEAT_OFF) > 10


def test_plans_come_in_the_order_of_their_times() -> None:
    for plan in plans(Planner(TEMPERAMENTS["household"], 4), 0.3, 300):
        assert [one.after_ms for one in plan] == sorted(one.after_ms for one in plan)
        assert all(one.after_ms >= 0 for one in plan)


DEEDS = {"sleeper": {"pause", "resume"}, "seeker": {"seek"}, "repeater": {"repeat"}, "browser": {"queue", "play"}}


@pytest.mark.parametrize("temperament", list(TEMPERAMENTS))
def test_everybody_lives_their_day_and_acts_only_on_the_listen_that_was_meant(temperament: str) -> None:
    clock = HandClock()
    library = Library()
    own = library.make_playlist("Own", clock.now_ms, URIS[6:])
    world = small_world(clock, library=library)
    Listener(temperament, 5, own=URIS[6:], own_context=own.uri).attach(world)
    world.play(Actor.HUB, uris=URIS[:6] * 100)
    for _ in range(3 * 24 * 20):
        clock.turn(3 * MINUTE_MS)
        world.advance()
    skips = [one for one in world.truth.listens if one.ended_by is EndedBy.LISTENER_SKIP]
    assert len(skips) > 5
    assert all(one.heard_ms >= 1_000 for one in skips)
    assert sum(one.ended_by is EndedBy.NATURAL for one in world.truth.listens) > 30
    assert DEEDS.get(temperament, set()) <= {one.name for one in world.truth.commands if one.by is Actor.LISTENER}


def test_whoever_takes_over_comes_back() -> None:
    clock = HandClock()
    world = small_world(clock)
    own = world.library.make_playlist("Own", clock.now_ms, URIS[6:])
    wishes: list[str | None] = []
    listener = Listener("browser", 1, own=URIS[6:], own_context=own.uri, wants_room=lambda room: wishes.append(room))
    listener.mood = "rage"
    listener.attach(world)
    world.play(Actor.HUB, uris=URIS[:6] * 40)
    clock.turn(8 * 60 * MINUTE_MS)
    assert any(listen.context_uri == own.uri for listen in world.truth.listens)
    assert set(wishes) == {"rage"}
