"""Zones that play along with another one: orders go to the leader, nothing is wanted or judged in them."""

import asyncio
from pathlib import Path

import pytest

from moodroom_hub.core.errors import Trouble
from moodroom_hub.core.events import Partial, RoomDeactivated
from moodroom_hub.core.ports import CheckLevel
from moodroom_hub.core.wire import views, zones
from moodroom_hub.domain.models import Cause, LedgerStatus, ZoneName
from moodroom_hub.simulator.virtual_time import run_virtual
from tests.core.hub_lab import HOUSE, NIGHT
from tests.core.zone.house_lab import ATTIC, BATH, KITCHEN, living, make_house


def test_a_zone_that_joins_gives_up_its_room_and_nothing_is_judged_there(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with living(make_house(), tmp_path) as house:
            hub = house.hub.commands
            await hub.activate(NIGHT, KITCHEN)
            await hub.activate(HOUSE, BATH)
            await asyncio.sleep(12)
            house.join(BATH, KITCHEN)
            house.log.clear()
            await asyncio.sleep(5)
            (off,) = house.told("ROOM_DEACTIVATED")
            assert isinstance(off, RoomDeactivated)
            assert (off.zone, off.room, off.reason) == (BATH, HOUSE, "joined")
            (partial,) = house.told("PARTIAL")
            assert isinstance(partial, Partial)
            assert (partial.zone, partial.listen.verdict.cause) == (BATH, Cause.TRANSFERRED)
            await asyncio.sleep(600)
            assert {zone for zone, _ in house.log} == {KITCHEN}
            assert house.told("SKIPPED") == house.told("PLAYER_LOST", BATH) == []
            statuses = {entry.status for entry in house.hub.zones[BATH].session.ledger.entries}
            assert statuses == {LedgerStatus.PLAYED, LedgerStatus.DROPPED}
            house.part(BATH)
            await asyncio.sleep(60)
            assert ("bath", "play") not in house.log
            assert hub.wanted_room(BATH) is None

    run_virtual(scenario)


def test_every_order_that_names_a_joined_zone_goes_to_the_one_that_leads(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with living(make_house(), tmp_path) as house:
            hub = house.hub.commands
            house.leaders = {ATTIC: BATH, BATH: KITCHEN}
            await hub.activate(NIGHT, ATTIC)
            assert hub.wanted_room(ATTIC) == hub.wanted_room(BATH) == NIGHT
            assert await hub.turn_on(NIGHT, BATH) is None
            await asyncio.sleep(5)
            await hub.play_pause(BATH)
            await hub.play(BATH)
            await hub.pause(ATTIC)
            await hub.play(ATTIC)
            assert await hub.next(zone=ATTIC)
            assert await hub.never_again(zone=BATH) is not None
            await hub.top_up(BATH)
            assert [each.name for each in await hub.devices(ATTIC)] == ["Somewhere"]
            assert (await hub.batch(ATTIC)).room == NIGHT
            assert (await hub.quiet(ATTIC)).conclusion == "It is not quiet: music plays."
            assert {zone for zone, _ in house.log} == {KITCHEN}
            view = await hub.state(ATTIC)
            assert (view.zone, view.leader, view.zones) == (ATTIC, KITCHEN, (KITCHEN, BATH, ATTIC))
            assert view.now_playing is not None
            told = views.state(view, [], house.clock.now_ms())
            assert (told.zone, told.leader, told.active_room) == ("attic", "kitchen", "late-night")
            (room,) = [each for each in await hub.room_views() if each.is_active]
            assert (room.room.slug, room.zones) == (NIGHT, (KITCHEN,))
            glance = zones.zones(await hub.zone_views(), house.clock.now_ms())
            assert [(each.zone, each.leader, each.members) for each in glance.zones] == [
                ("kitchen", None, ["bath", "attic"]),
                ("bath", "kitchen", []),
                ("attic", "kitchen", []),
            ]
            assert {each.active_room for each in glance.zones} == {"late-night"}
            figures = hub.metrics()
            assert (figures["zones"], figures["zones_joined"], figures["zones_playing"]) == (3, 2, 1)
            players = [check.message for check in await hub.health() if check.name == "player"]
            assert players == ["kitchen: answers", "bath: plays along with kitchen", "attic: plays along with kitchen"]
            await hub.rooms_off(BATH)
            assert hub.wanted_room(KITCHEN) is None

    run_virtual(scenario)


@pytest.mark.parametrize(
    "leaders", [{BATH: BATH}, {BATH: ZoneName("cellar")}, {BATH: ATTIC, ATTIC: BATH}, {BATH: ATTIC, ATTIC: ATTIC}]
)
def test_a_leader_that_makes_no_sense_is_nobody_s(leaders: dict[ZoneName, ZoneName], tmp_path: Path) -> None:
    async def scenario() -> None:
        async with living(make_house(), tmp_path) as house:
            house.leaders = leaders
            zone = house.hub.zones[BATH]
            assert zone.leading.name == (ATTIC if leaders.get(ATTIC) == ATTIC else BATH)

    run_virtual(scenario)


def test_several_zones_have_a_room_each_and_off_means_the_first(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with living(make_house(), tmp_path) as house:
            hub = house.hub.commands
            await hub.activate(NIGHT, KITCHEN)
            batch = await hub.activate(NIGHT, BATH)
            await hub.activate(HOUSE, ATTIC)
            # No song comes again within its zone's window; another zone's plays do not count in it.
            assert len(batch.batch) == 10
            assert {entry.zone for entry in batch.batch} == {BATH}
            await asyncio.sleep(60)
            active = {each.room.slug: each.zones for each in await hub.room_views() if each.is_active}
            assert active == {NIGHT: (KITCHEN, BATH), HOUSE: (ATTIC,)}
            for zone in (KITCHEN, BATH, ATTIC):
                uris = [entry.track.uri for entry in house.hub.zones[zone].session.ledger.entries]
                assert len(uris) == len(set(uris)) >= 10
            await hub.rooms_off()
            assert [hub.wanted_room(zone) for zone in (KITCHEN, BATH, ATTIC)] == [None, NIGHT, HOUSE]

    run_virtual(scenario)


def test_one_speaker_of_many_in_trouble_is_a_warning_until_a_room_is_on_there(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with living(make_house(), tmp_path) as house:
            hub = house.hub.commands
            await hub.activate(NIGHT, ATTIC)
            house.restricted = {BATH, ATTIC}
            for zone in (BATH, ATTIC):
                with pytest.raises(Trouble, match="steer it"):
                    await hub.activate(HOUSE, zone)
            levels = {
                each.message.partition(":")[0]: each.level for each in await hub.health() if each.name == "player"
            }
            assert levels[BATH] is CheckLevel.WARNING
            assert levels[ATTIC] is CheckLevel.FAILED

    run_virtual(scenario)
