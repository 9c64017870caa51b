"""Music that goes on in another zone: one listen, one verdict, its ledger and room go along."""

import asyncio
import shutil
from pathlib import Path

import pytest

from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.core.events import Completed, Moved, Partial, RoomDeactivated, Skipped
from moodroom_hub.domain.models import Cause, LedgerStatus, ZoneName
from moodroom_hub.domain.session import Session
from moodroom_hub.simulator.virtual_time import run_virtual
from tests.core.hub_lab import HOUSE, NIGHT
from tests.core.zone.house_lab import ATTIC, BATH, KITCHEN, House, living, make_house


def room_of(house: House, zone: ZoneName) -> str | None:
    """The active room of the zone's own session."""
    return house.hub.zones[zone].session.active_room


def is_bare(session: Session) -> bool:
    """Whether nothing plays, nothing is to come and nothing is remembered."""
    return session.active_room is None and session.playback.listening is None and session.ledger.entries == ()


async def move_in_the_middle(house: House) -> None:
    """A room plays in the kitchen, which leaves its group; the bath plays on."""
    hub = house.hub.commands
    await hub.activate(NIGHT, KITCHEN)
    house.join(BATH, KITCHEN)
    await asyncio.sleep(90)
    uri = house.playing(KITCHEN)
    entries = {entry.id for entry in house.hub.zones[KITCHEN].session.ledger.entries}
    await house.hand_on(KITCHEN, BATH)
    session = house.hub.zones[BATH].session
    assert house.hub.zones[KITCHEN].session == Session()
    assert session.active_room == NIGHT
    assert {entry.id for entry in session.ledger.entries} == entries
    assert {entry.zone for entry in session.ledger.entries} == {BATH}
    assert house.playing(BATH) == uri


def test_a_listen_that_moves_in_its_middle_is_one_listen_and_the_room_goes_on(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with living(make_house(), tmp_path) as house:
            await move_in_the_middle(house)
            assert house.told("PARTIAL") == house.told("SKIPPED") == house.told("COMPLETED") == []
            house.log.clear()
            await asyncio.sleep(4 * 200)
            verdicts = [each for each in house.events if isinstance(each, Completed | Partial | Skipped)]
            assert [type(each) for each in verdicts] == [Completed] * 4
            assert {each.zone for each in verdicts} == {BATH}
            assert verdicts[0].listen.started_at_ms < house.told("MOVED")[0].at_ms
            session = house.hub.zones[BATH].session
            assert len(session.ledger.upcoming(session.activation)) == 9
            assert {zone for zone, _ in house.log} == {BATH}
            (moved,) = house.told("MOVED")
            assert isinstance(moved, Moved)
            assert (moved.zone, moved.to) == (KITCHEN, BATH)
            # Nothing is left to move: again changes nothing.
            await house.context.policy.move(KITCHEN, BATH)
            assert len(house.told("MOVED")) == 1

    run_virtual(scenario)


def test_after_a_kill_right_after_it_the_music_is_where_it_went(tmp_path: Path) -> None:
    killed = tmp_path / "killed"

    async def before() -> None:
        async with living(make_house(), tmp_path) as house:
            await move_in_the_middle(house)
            # The files as they are at this moment; what an orderly end writes comes too late for them.
            shutil.copytree(tmp_path / "data", killed / "data")

    async def after() -> None:
        async with living(make_house(), killed) as house:
            session = house.hub.zones[BATH].session
            assert session.active_room == NIGHT
            assert session.playback.listening is not None
            assert len(session.ledger.upcoming(session.activation)) >= 9
            assert {entry.zone for entry in session.ledger.entries} == {BATH}
            assert is_bare(house.hub.zones[KITCHEN].session)

    run_virtual(before)
    run_virtual(after)


def test_what_was_in_the_other_zone_ends_without_a_strike(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with living(make_house(), tmp_path) as house:
            await house.hub.commands.activate(HOUSE, BATH)
            await asyncio.sleep(5)
            await house.hub.commands.activate(NIGHT, KITCHEN)
            await asyncio.sleep(10)
            await house.hand_on(KITCHEN, BATH)
            await asyncio.sleep(30)
            (partial,) = house.told("PARTIAL")
            assert isinstance(partial, Partial)
            assert (partial.zone, partial.listen.verdict.cause) == (BATH, Cause.TRANSFERRED)
            assert house.told("SKIPPED") == []
            off = [each for each in house.told("ROOM_DEACTIVATED") if isinstance(each, RoomDeactivated)]
            assert [(each.zone, each.room, each.reason) for each in off] == [(BATH, HOUSE, "moved")]
            session = house.hub.zones[BATH].session
            left = [entry.status for entry in session.ledger.entries if entry.room == HOUSE]
            assert set(left) == {LedgerStatus.DROPPED, LedgerStatus.PLAYED}
            assert session.surfaced is None
            assert room_of(house, BATH) == NIGHT
            assert room_of(house, KITCHEN) is None

    run_virtual(scenario)


def test_a_track_that_is_under_way_to_the_queue_is_known_where_the_music_went(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with living(make_house(), tmp_path) as house:
            house.queue_takes_ms = 400
            await house.hub.commands.activate(NIGHT, KITCHEN)
            await asyncio.sleep(1)
            assert any(e.status is LedgerStatus.SENDING for e in house.hub.zones[KITCHEN].session.ledger.entries)
            await house.hand_on(KITCHEN, BATH)
            await asyncio.sleep(20)
            session = house.hub.zones[BATH].session
            entries = session.ledger.upcoming(session.activation)
            assert len(entries) == 9
            assert {entry.status for entry in entries} <= {LedgerStatus.QUEUED, LedgerStatus.DRAWN}
            assert is_bare(house.hub.zones[KITCHEN].session)
            sent = [zone for zone, what in house.log if what == "queue"]
            assert sent[-1] == BATH

    run_virtual(scenario)


def test_a_look_that_began_before_the_move_is_dropped(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with living(make_house(), tmp_path) as house:
            await house.hub.commands.activate(NIGHT, KITCHEN)
            await asyncio.sleep(40)
            began_before = [house.hub.zones[zone].crossing() for zone in (KITCHEN, BATH)]
            await house.context.policy.move(KITCHEN, BATH)
            assert all(was_crossed() for was_crossed in began_before)

    run_virtual(scenario)


def test_orders_that_wait_while_the_music_moves_go_where_they_are_meant(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with living(make_house(), tmp_path) as house:
            hub = house.hub.commands
            await hub.activate(NIGHT, KITCHEN)
            await asyncio.sleep(40)
            async with house.hub.zones[KITCHEN].commands:
                waits = asyncio.ensure_future(hub.pause(KITCHEN))
                switch = asyncio.ensure_future(hub.activate(HOUSE, KITCHEN))
                await asyncio.sleep(0.1)
                house.music[BATH], house.music[KITCHEN] = house.music[KITCHEN], house.music[BATH]
                house.leaders[KITCHEN] = BATH
            await asyncio.gather(waits, switch)
            assert ("bath", "pause") in house.log
            assert ("kitchen", "pause") not in house.log
            assert room_of(house, BATH) == HOUSE
            await asyncio.sleep(10)
            assert room_of(house, KITCHEN) is None

    run_virtual(scenario)


def test_a_move_gives_up_where_a_player_never_answers(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with living(make_house(), tmp_path) as house:
            await house.hub.commands.activate(NIGHT, KITCHEN)
            async with house.hub.zones[KITCHEN].commands:
                with pytest.raises(Trouble, match="busy") as refused:
                    await house.context.policy.move(KITCHEN, ATTIC)
                assert refused.value.code is TroubleCode.CONFLICT
            assert room_of(house, KITCHEN) == NIGHT
            assert not house.hub.zones[ATTIC].commands.locked()

    run_virtual(scenario)
