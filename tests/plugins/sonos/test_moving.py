"""Music that goes on elsewhere, through the whole hub; and what is shown while the hub cannot follow yet."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.core.events import Completed, Moved, Partial, Skipped
from moodroom_hub.core.hub import Hub
from moodroom_hub.domain.models import EpochMs, PlaybackSnapshot, Playing, ZoneName
from moodroom_hub.plugins.sonos.topology import Topology, made_of
from moodroom_hub.simulator.sonos.home import SimulatedSonos
from tests.plugins.sonos.lab import URIS, Lab
from tests.plugins.sonos.virtual_lab import ROOM, Plugin, household, in_virtual_time, virtual_hub, virtual_lab

KITCHEN, LIVING, OFFICE = ZoneName("kitchen"), ZoneName("living-room"), ZoneName("office")

Regroup = Callable[[SimulatedSonos], None]


def leader_leaves(sonos: SimulatedSonos) -> None:
    """The living room walks out; the kitchen plays on."""
    sonos.world.leave("Living Room")


def hand_over(sonos: SimulatedSonos) -> None:
    """The kitchen leads from now on, and the living room stays with it."""
    sonos.world.delegate("Living Room", "Kitchen", stays=True)


def move_in_one_go(sonos: SimulatedSonos) -> None:
    """As the app does it, before anybody could look."""
    sonos.world.leave("Kitchen")
    sonos.world.move_music("Living Room", "Kitchen")


async def until(is_so: Callable[[], bool], patience_s: float = 120) -> None:
    """Wait for it, in virtual time."""
    async with asyncio.timeout(patience_s):
        while not is_so():  # noqa: ASYNC110 -- the household tells nobody
            await asyncio.sleep(0.2)


def verdicts() -> list[Completed | Partial | Skipped]:
    """Every verdict that the hub told."""
    return [each for each in Plugin.wire.events if isinstance(each, Completed | Partial | Skipped)]


def playing(sonos: SimulatedSonos, room: str) -> str | None:
    """What really sounds there."""
    with sonos.world.looked_at():
        deck = sonos.world.coordinator_of(room).deck
        return deck.track.recording.uri if deck.track is not None and deck.is_running else None


async def begin(hub: Hub, sonos: SimulatedSonos) -> tuple[str, ...]:
    """A room plays in the living room, for the kitchen too; the batch."""
    await until(lambda: {KITCHEN, LIVING, OFFICE} <= set(hub.commands.zones))
    sonos.world.join("Kitchen", "Living Room")
    await until(lambda: hub.zones[KITCHEN].is_joined)
    batch = await hub.commands.activate(ROOM, LIVING)
    await asyncio.sleep(240 + 100)
    uris = tuple(str(entry.track.uri) for entry in batch.batch)
    assert playing(sonos, "Living Room") == uris[1]
    return uris


async def went_on(hub: Hub, sonos: SimulatedSonos, batch: tuple[str, ...]) -> None:
    """In the middle of its second track the batch went to the kitchen: nothing of it was counted or judged twice."""
    assert playing(sonos, "Kitchen") == batch[1]
    await asyncio.sleep(240 * 3)
    session = hub.zones[KITCHEN].session
    assert session.active_room == ROOM
    assert {entry.zone for entry in session.ledger.entries} == {KITCHEN}
    assert len(session.ledger.upcoming(session.activation)) == 9
    left = hub.zones[LIVING].session
    assert (left.active_room, left.playback.listening, left.ledger.entries) == (None, None, ())
    told = verdicts()
    assert [(type(each), each.listen.track.uri) for each in told] == [(Completed, uri) for uri in batch[:4]]
    assert [each.zone for each in told] == [LIVING, KITCHEN, KITCHEN, KITCHEN]
    counted = await hub.store.recent_plays(EpochMs(0))
    assert len(counted) in {4, 5}, "the fifth is under way"
    assert [(play.track.uri, play.twin_of) for play in counted] == [(uri, None) for uri in batch[: len(counted)]]
    moves = [(each.zone, each.to) for each in Plugin.wire.events if isinstance(each, Moved)]
    assert moves == [(LIVING, KITCHEN)]


@pytest.mark.parametrize(
    ("regroup", "events"),
    [(leader_leaves, "true"), (leader_leaves, "false"), (hand_over, "true"), (move_in_one_go, "false")],
)
@in_virtual_time
async def test_a_room_goes_on_where_its_music_goes_on(tmp_path: Path, regroup: Regroup, events: str) -> None:
    async with household() as sonos, virtual_hub(tmp_path, sonos, events=events) as hub:
        batch = await begin(hub, sonos)
        regroup(sonos)
        await went_on(hub, sonos, batch)


@in_virtual_time
async def test_while_the_hub_is_too_busy_to_follow_nothing_is_judged(tmp_path: Path) -> None:
    async with household() as sonos, virtual_hub(tmp_path, sonos) as hub:
        batch = await begin(hub, sonos)
        async with hub.zones[KITCHEN].commands:  # something that takes long
            leader_leaves(sonos)
            await asyncio.sleep(75)
            assert len(verdicts()) == 1, "the first track, before all this"
            assert hub.zones[LIVING].session.active_room == ROOM
        await until(lambda: hub.zones[KITCHEN].session.active_room == ROOM, 10)
        await went_on(hub, sonos, batch)


async def shown(here: Lab, zone: str) -> PlaybackSnapshot | None:
    """What the zone's source shows; ``None`` where it says that it cannot tell just now."""
    try:
        return await here.look(zone)
    except Trouble as trouble:
        if trouble.code is not TroubleCode.UNAVAILABLE:
            raise
        return None


async def is_shown(here: Lab, zone: str, uri: str) -> bool:
    """Whether the zone's source shows this track."""
    snapshot = await shown(here, zone)
    return snapshot is not None and snapshot.track is not None and snapshot.track.uri == uri


@in_virtual_time
async def test_the_former_order_stays_until_the_move_was_taken(tmp_path: Path) -> None:
    async with virtual_lab(tmp_path) as (sonos, here):
        attempts = 0

        def fault(zone: str) -> Trouble | None:
            nonlocal attempts
            attempts += 1
            return Trouble(TroubleCode.CONFLICT, "busy") if attempts <= 5 else None

        here.policy.fault = fault
        sonos.world.play_songs("Living Room", URIS)
        sonos.world.join("Kitchen", "Living Room")
        await here.until(lambda: here.zones["kitchen"].leader() == "living-room")
        await here.until(lambda: is_shown(here, "living-room", URIS[0]))
        leader_leaves(sonos)
        began_s = asyncio.get_running_loop().time()
        while not here.policy.moved:
            leader = here.zones["kitchen"].leader()
            for zone in ("kitchen", "living-room"):
                snapshot = await shown(here, zone)
                if snapshot is not None and not here.policy.moved:
                    expected = Playing.TRACK if zone == "living-room" else Playing.NOTHING
                    assert (leader, snapshot.playing) == ("living-room", expected)
            assert (await here.look("office")).playing is Playing.IDLE, "others are shown as ever"
            await asyncio.sleep(0.3)
        assert attempts == 6
        assert asyncio.get_running_loop().time() - began_s < 20
        await here.until(lambda: is_shown(here, "kitchen", URIS[0]), 5)
        assert here.zones["kitchen"].leader() is None
        assert (await here.look("living-room")).playing is Playing.IDLE


@in_virtual_time
async def test_a_chain_whose_end_cannot_be_moved_yet(tmp_path: Path) -> None:
    """What is moved already is not shown before the rest is."""
    async with virtual_lab(tmp_path, events=False) as (sonos, here):
        faults = [True] * 3
        here.policy.fault = lambda zone: (
            Trouble(TroubleCode.CONFLICT, "busy") if zone == "kitchen" and faults and faults.pop() else None
        )
        sonos.world.play_songs("Kitchen", URIS)
        sonos.world.play_songs("Living Room", URIS[4:])
        await here.until(lambda: is_shown(here, "kitchen", URIS[0]))
        await here.until(lambda: is_shown(here, "living-room", URIS[4]))
        sonos.world.move_music("Living Room", "Office")
        sonos.world.move_music("Kitchen", "Living Room")
        await here.until(lambda: len(here.policy.moved) == 1)
        while len(here.policy.moved) == 1:
            assert await shown(here, "kitchen") is await shown(here, "living-room") is None
            assert await shown(here, "office") is None or await is_shown(here, "office", URIS[4])
            await asyncio.sleep(0.5)
        assert here.policy.moved == [("living-room", "office"), ("kitchen", "living-room")]
        await here.until(lambda: is_shown(here, "office", URIS[4]))
        await here.until(lambda: is_shown(here, "living-room", URIS[0]))


@in_virtual_time
async def test_a_move_that_can_never_be_taken_stops_nobody(tmp_path: Path) -> None:
    async with virtual_lab(tmp_path) as (sonos, here):
        here.policy.fault = lambda zone: Trouble(TroubleCode.NOT_FOUND, "no such zone")
        sonos.world.play_songs("Living Room", URIS)
        sonos.world.join("Kitchen", "Living Room")
        await here.until(lambda: is_shown(here, "living-room", URIS[0]))
        await here.until(lambda: here.zones["kitchen"].leader() == "living-room")
        leader_leaves(sonos)
        await here.until(lambda: is_shown(here, "kitchen", URIS[0]))


@in_virtual_time
async def test_a_slow_speaker_hides_nobody_elses_news(tmp_path: Path) -> None:
    """One room's music was put off: nobody waits for one that takes seconds to say it is not there."""
    async with virtual_lab(tmp_path, events=False) as (sonos, here):
        sonos.world.play_songs("Kitchen", URIS)
        sonos.world.play_songs("Office", URIS[4:])
        await here.until(lambda: is_shown(here, "kitchen", URIS[0]))
        await here.until(lambda: is_shown(here, "office", URIS[4]))
        sonos.world.slow_down("Living Room", 2_400)
        sonos.world.turn_tv_on("Living Room")
        await asyncio.sleep(30)
        sonos.world.play_line_in("Office", sonos.world.player("Office").uid)
        await asyncio.sleep(10)
        sonos.world.next("Kitchen")
        await here.until(lambda: is_shown(here, "kitchen", URIS[1]), 10)


@in_virtual_time
async def test_an_answer_that_comes_late_is_not_taken(tmp_path: Path) -> None:
    async with virtual_lab(tmp_path) as (sonos, here):
        groups = here.parts.house.groups
        before, late = groups.topology, groups.question()
        sonos.world.join("Kitchen", "Living Room")
        await here.until(lambda: here.zones["kitchen"].leader() == "living-room")
        assert await groups.adopt(before, late) is False
        assert here.zones["kitchen"].leader() == "living-room"
        assert await groups.adopt(groups.topology, late)
        nobody: Topology = made_of(before.players, {uid: {uid} for uid in before.players})
        assert nobody == before
        assert await groups.adopt(before, groups.question())
        assert here.zones["kitchen"].leader() is None
