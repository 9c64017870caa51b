"""Storms of joins, partings and moves with orders in between, and a restart: nothing is lost, doubled or struck."""

import asyncio
from collections import Counter
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from moodroom_hub.core.errors import Trouble
from moodroom_hub.core.events import Completed, Partial, Skipped
from moodroom_hub.simulator.virtual_time import run_virtual
from tests.core.hub_lab import HOUSE, NIGHT
from tests.core.zone.house_lab import ATTIC, BATH, KITCHEN, House, living, make_house

ZONES = (KITCHEN, BATH, ATTIC)
STEPS = ("join", "part", "move", "activate", "off", "pause", "play", "top_up", "wait", "wait")


async def step(house: House, rng: Random) -> None:
    """One thing that happens in the house."""
    hub, (one, other) = house.hub.commands, rng.sample(ZONES, 2)
    match rng.choice(STEPS):
        case "join":
            if one not in house.leaders.values() and other not in house.leaders:
                house.join(one, other)
        case "part":
            house.part(one)
        case "move":
            if one not in house.leaders and house.leaders.get(other) in (None, one):
                await house.hand_on(one, other)
        case "activate":
            await hub.activate(rng.choice((NIGHT, HOUSE)), one)
        case "off":
            await hub.rooms_off(one)
        case "pause":
            await hub.pause(one)
        case "play":
            await hub.play(one)
        case "top_up":
            await hub.top_up(one)
        case _:
            await asyncio.sleep(rng.choice((1, 8, 35, 150)))


def hold(house: House) -> None:
    """What is true at every moment."""
    entries = Counter(entry.id for zone in house.hub.zones.values() for entry in zone.session.ledger.entries)
    assert set(entries.values()) <= {1}
    for name, zone in house.hub.zones.items():
        assert {entry.zone for entry in zone.session.ledger.entries} <= {name}
    verdicts = [each for each in house.events if isinstance(each, Skipped | Completed | Partial)]
    listens = Counter((each.listen.ledger_id, each.listen.started_at_ms) for each in verdicts)
    assert set(listens.values()) <= {1}
    assert not any(isinstance(each, Skipped) for each in verdicts)


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_whatever_is_regrouped_each_entry_is_in_one_zone_and_nobody_is_struck(seed: int) -> None:
    with TemporaryDirectory() as folder:

        async def scenario() -> None:
            rng, house = Random(seed), make_house()
            for _ in range(2):
                async with living(house, Path(folder), seed=seed):
                    waiting: list[asyncio.Task[None]] = []
                    for _ in range(14):
                        # Nobody waits for the one before: orders and regroupings cross each other.
                        waiting.append(asyncio.ensure_future(step(house, rng)))
                        await asyncio.sleep(rng.choice((0, 0.05, 2)))
                        hold(house)
                    for each in await asyncio.gather(*waiting, return_exceptions=True):
                        assert each is None or isinstance(each, Trouble)
                    await asyncio.sleep(20)
                    hold(house)
                    check_queues(house)

        run_virtual(scenario)


def check_queues(house: House) -> None:
    """Where a room is on, and only there, tracks are to come."""
    for name, zone in house.hub.zones.items():
        session = zone.session
        if name in house.leaders:
            assert session.active_room is None
        elif session.active_room is not None:
            assert len(session.ledger.upcoming(session.activation)) <= 9
        assert all(entry.activation == session.activation for entry in session.ledger.waiting())
