"""A house with so many players that none of them answers who plays with whom: only their events tell."""

import asyncio
from pathlib import Path

from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.core.face import PluginStatus
from moodroom_hub.domain.models import Playing
from moodroom_hub.simulator.sonos.home import SimulatedSonos
from moodroom_hub.simulator.sonos.session import SonosSettings
from tests.plugins.sonos.lab import URIS, Lab
from tests.plugins.sonos.virtual_lab import in_virtual_time, virtual_lab

REFUSING = SonosSettings(topology_refused_from=1)


async def plays(here: Lab, zone: str, uri: str) -> bool:
    """Whether the zone shows this track."""
    try:
        track = (await here.look(zone)).track
    except Trouble as trouble:
        if trouble.code is not TroubleCode.UNAVAILABLE:
            raise
        return False
    return track is not None and track.uri == uri


def asked(sonos: SimulatedSonos) -> int:
    """How often any player was asked for the groups."""
    return sum(times for (_, action), times in sonos.fake.asked.items() if action == "GetZoneGroupState")


@in_virtual_time
async def test_events_alone_tell_the_groups(tmp_path: Path) -> None:
    async with virtual_lab(tmp_path, settings=REFUSING) as (sonos, here):
        assert sorted(here.zones) == ["kitchen", "living-room", "office"]
        assert here.statuses[-1][0] is PluginStatus.RUNNING
        sonos.world.play_songs("Kitchen", URIS)
        await here.until(lambda: plays(here, "kitchen", URIS[0]))
        sonos.world.join("Office", "Kitchen")
        await here.until(lambda: here.zones["office"].leader() == "kitchen")
        sonos.world.leave("Kitchen")
        await here.until(lambda: plays(here, "office", URIS[0]))
        assert here.policy.moved == [("kitchen", "office")]
        assert (await here.look("kitchen")).playing is Playing.IDLE
        assert here.zones["office"].leader() is None
        before = asked(sonos)
        await asyncio.sleep(60)
        assert asked(sonos) - before <= 5, "one of them is asked, now and then, whether it still refuses"


@in_virtual_time
async def test_a_move_that_an_event_told_is_tried_again(tmp_path: Path) -> None:
    async with virtual_lab(tmp_path, settings=REFUSING) as (sonos, here):
        faults = [Trouble(TroubleCode.CONFLICT, "busy")] * 3
        here.policy.fault = lambda zone: faults.pop() if faults else None
        sonos.world.play_songs("Kitchen", URIS)
        sonos.world.join("Office", "Kitchen")
        await here.until(lambda: here.zones["office"].leader() == "kitchen")
        await here.until(lambda: plays(here, "kitchen", URIS[0]))
        sonos.world.leave("Kitchen")
        await here.until(lambda: plays(here, "office", URIS[0]))
        assert (faults, here.policy.moved) == ([], [("kitchen", "office")])


@in_virtual_time
async def test_the_speaker_that_tells_the_groups_is_unplugged(tmp_path: Path) -> None:
    """Another one is subscribed to, and tells what happened meanwhile."""
    async with virtual_lab(tmp_path, first=3, settings=REFUSING) as (sonos, here):
        await here.until(lambda: here.parts.about_events() == "events come")
        teller = next(each.uid for each in sonos.fake.subscriptions.active if each.service == "ZoneGroupTopology")
        room = sonos.world.players[teller].name
        others = [name for name in ("Kitchen", "Living Room", "Office") if name != room]
        sonos.world.unplug(room)
        await sonos.settle()
        sonos.world.join(*others)
        zone, leader = (name.lower().replace(" ", "-") for name in others)
        await here.until(lambda: here.zones[zone].leader() == leader)


@in_virtual_time
async def test_without_events_it_says_what_is_missing(tmp_path: Path) -> None:
    async with virtual_lab(tmp_path) as (sonos, here):
        await here.stop()
        sonos.world.settings = REFUSING
        blind = Lab(tmp_path / "new", here.config.model_copy(update={"events": False}), here.clock, make=here.make)
        blind.folder.mkdir()
        await blind.start()
        try:
            await blind.until(lambda: "only by events" in blind.statuses[-1][1])
            assert blind.statuses[-1][0] is PluginStatus.WAITING
        finally:
            await blind.stop()
