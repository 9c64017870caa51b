"""A player whose queue is the hub's own: a room that is left leaves no tail, and a failed switch changes nothing."""

import asyncio
from pathlib import Path

import pytest

from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.domain.models import LedgerStatus
from moodroom_hub.simulator.virtual_time import run_virtual
from tests.core.hub_lab import HOUSE, NIGHT
from tests.core.zone.house_lab import ATTIC, BATH, KITCHEN, SONGS, Music, living, make_house


def test_switching_rooms_leaves_no_stale_tail_and_skips_nothing(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with living(make_house(), tmp_path) as house:
            house.queue_takes_ms = 300
            await house.hub.commands.activate(NIGHT, KITCHEN)
            await asyncio.sleep(1)
            await house.hub.commands.activate(HOUSE, KITCHEN)
            await asyncio.sleep(900)
            session = house.hub.zones[KITCHEN].session
            assert session.ledger.stale() == ()
            left = {entry.status for entry in session.ledger.entries if entry.room == NIGHT}
            assert left == {LedgerStatus.DROPPED, LedgerStatus.PLAYED}
            assert ("kitchen", "next") not in house.log
            music = house.run_on(KITCHEN)
            assert {SONGS[uri].name.split()[0] for uri in music.queue} == {"house"}

    run_virtual(scenario)


def test_a_switch_that_fails_leaves_the_room_and_its_queue_as_they_were(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with living(make_house(), tmp_path) as house:
            await house.hub.commands.activate(NIGHT, KITCHEN)
            await asyncio.sleep(30)
            before = house.hub.zones[KITCHEN].session
            house.play_fault = lambda: Trouble(TroubleCode.UNAVAILABLE, "away")
            with pytest.raises(Trouble, match="away"):
                await house.hub.commands.activate(HOUSE, KITCHEN)
            now = house.hub.zones[KITCHEN].session
            assert (now.active_room, now.activation) == (NIGHT, before.activation)
            assert now.ledger.upcoming(now.activation) == before.ledger.upcoming(before.activation)

    run_virtual(scenario)


def test_a_queue_that_somebody_emptied_is_filled_again(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with living(make_house(), tmp_path) as house:
            await house.hub.commands.activate(NIGHT, KITCHEN)
            await asyncio.sleep(30)
            music = house.run_on(KITCHEN)
            music.queue, music.at = [music.queue[music.at]], 0
            await asyncio.sleep(400)
            house.music[KITCHEN] = house.run_on(KITCHEN)
            assert house.playing(KITCHEN) is not None
            assert len(house.run_on(KITCHEN).queue) >= 8

    run_virtual(scenario)


@pytest.mark.parametrize("arrives", [True, False])
def test_a_queue_of_the_hubs_own_tells_whether_a_track_arrived(tmp_path: Path, arrives: bool) -> None:
    async def scenario() -> None:
        async with living(make_house(), tmp_path) as house:
            house.unclear = [arrives, arrives]
            batch = (await house.hub.commands.activate(NIGHT, KITCHEN)).batch
            await asyncio.sleep(30)
            queue = house.run_on(KITCHEN).queue
            assert sorted(queue) == sorted(entry.track.uri for entry in batch), "each once, none missing"
            session = house.hub.zones[KITCHEN].session
            assert {entry.status for entry in session.ledger.ahead(session.activation)} == {LedgerStatus.QUEUED}

    run_virtual(scenario)


@pytest.mark.parametrize(
    ("device", "zone", "words"),
    [
        ("KITCHEN + 1", "kitchen", "Kitchen takes no orders .* Activate the room in the zone kitchen instead."),
        ("kitchen", "kitchen", "zone kitchen instead"),
        ("Television", None, "Spotify lets no app steer it. The hub itself can play in the zones: kitchen."),
    ],
)
def test_a_device_that_takes_no_orders_is_offered_as_a_zone_of_its_own(
    device: str, zone: str | None, words: str, tmp_path: Path
) -> None:
    async def scenario() -> None:
        house = make_house((KITCHEN,))
        house.music[BATH] = Music()
        async with living(house, tmp_path):
            await house.context.add_zone(house.ports(BATH, owns_queue=False))
            house.restricted, house.device = {BATH}, device
            with pytest.raises(Trouble, match=words) as refused:
                await house.hub.commands.activate(NIGHT, BATH)
            assert (refused.value.code, refused.value.zone) == (TroubleCode.RESTRICTED_DEVICE, zone)
            kept = house.hub.zones[BATH].trouble
            assert kept is not None
            assert kept.zone == zone
            told = (await house.hub.commands.state(BATH)).troubles
            assert [each.zone for each in told] == [zone]

    run_virtual(scenario)


def test_a_device_that_is_named_goes_before_what_was_seen(tmp_path: Path) -> None:
    async def scenario() -> None:
        house = make_house((KITCHEN, ATTIC))
        house.music[BATH] = Music()
        async with living(house, tmp_path):
            await house.context.add_zone(house.ports(BATH, owns_queue=False))
            house.restricted, house.device = {BATH}, "Attic"
            with pytest.raises(Trouble, match="Kitchen takes no orders") as refused:
                await house.hub.commands.wake("Kitchen", BATH)
            assert refused.value.zone == KITCHEN

    run_virtual(scenario)


def test_without_such_zones_the_way_to_have_one_is_told(tmp_path: Path) -> None:
    async def scenario() -> None:
        house = make_house(())
        house.music[BATH] = Music()
        async with living(house, tmp_path):
            await house.context.add_zone(house.ports(BATH, owns_queue=False))
            house.restricted = {BATH}
            with pytest.raises(Trouble, match=r"set plugins\.sonos up") as refused:
                await house.hub.commands.activate(NIGHT, BATH)
            assert refused.value.zone is None

    run_virtual(scenario)
