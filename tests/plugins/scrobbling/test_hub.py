"""The real hub with its real database: what plays in a room arrives at the services, also when the hub was killed."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random

import pytest

from moodroom_hub.core.config import load_config
from moodroom_hub.core.events import Played
from moodroom_hub.core.face import PluginStatus
from moodroom_hub.core.hub import Hub
from moodroom_hub.core.played import PlaySearch
from moodroom_hub.domain.plays.models import DeliveryStatus, Edit
from moodroom_hub.simulator.scrobble_services import Fault, FaultKind
from tests.core.hub_lab import NIGHT, POLICIES, Lab, fill, make_lab
from tests.plugins.scrobbling import lab as services
from tests.plugins.scrobbling.lab import DAY_S, HOUR_S, MINUTE_S, SECRETS, virtually


@asynccontextmanager
async def hub_on(world: Lab, home: services.Lab, folder: Path) -> AsyncIterator[Hub]:
    """The hub with this plugin."""
    config = folder / "config.yaml"
    plugins = {"scrobbling": home.section(servers={})}
    config.write_text(json.dumps({"hub": {"data_dir": str(folder / "data")}, "plugins": plugins}), encoding="utf-8")
    builtins = (*POLICIES, "tests.core.hub_lab", "moodroom_hub.plugins.scrobbling")
    async with Hub(
        load_config(config, {}), clock=world.clock, rng=Random(3), builtins=builtins, with_foreign=False
    ) as hub:
        world.hub = hub
        if not await hub.store.base(NIGHT):
            await fill(hub, NIGHT)
        yield hub


def played(world: Lab) -> list[Played]:
    """What counted."""
    return [event for event in world.told("PLAYED") if isinstance(event, Played)]


def test_a_room_is_scrobbled_through_a_night_offline_and_a_restart(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "moodroom_hub")

    async def work() -> None:
        async with services.lab(tmp_path) as home:
            world = make_lab()
            home.skew_ms = world.clock.now_ms() - home.clock.now_ms()
            async with hub_on(world, home, tmp_path) as hub:
                await hub.commands.activate(NIGHT)
                await asyncio.sleep(HOUR_S)
                assert len(played(world)) >= 15
                assert len(home.lastfm.held) == len(home.listenbrainz.held) == len(played(world))
                assert home.lastfm.now_playing[-1].title == home.listenbrainz.now_playing[-1].title
                home.lastfm.is_down = home.listenbrainz.is_down = True
                await asyncio.sleep(2 * HOUR_S)
            home.lastfm.is_down = home.listenbrainz.is_down = False
            # Now-playing is a request, too, and may be the one that is cut.
            home.lastfm.faults.append(Fault(FaultKind.CUT_AFTER, times=3))
            async with hub_on(world, home, tmp_path) as hub:
                await asyncio.sleep(10 * MINUTE_S)
                queues = {view.target: view.counts for view in await hub.commands.plays.targets()}
                assert queues["lastfm"][DeliveryStatus.WAITING] == queues["listenbrainz"][DeliveryStatus.WAITING] == 0
                views = {view.name: view for view in hub.commands.plugin_views()}
                assert views["scrobbling"].status is PluginStatus.RUNNING
                lines = [line for line in await hub.commands.health() if line.name == "scrobbling"]
                assert [line.level.value for line in lines] == ["ok"]
                figures = hub.commands.metrics()
                assert figures["scrobbles_lastfm_sent"] == len({event.play.id for event in played(world)})
                assert figures["scrobbles_listenbrainz_waiting"] == figures["scrobbles_lastfm_dead"] == 0
            told = {event.play.id: event.play for event in played(world)}
            wanted = [(play.began_at_ms // 1000, play.track.name) for _, play in sorted(told.items())]
            for service in (home.lastfm, home.listenbrainz):
                assert [(heard.at_s, heard.title) for heard in service.held] == wanted
            assert home.lastfm.doubles >= 1

    virtually(work)
    assert not [secret for secret in SECRETS if secret in caplog.text]


def test_a_dead_play_is_corrected_and_sent_again_by_a_person(tmp_path: Path) -> None:
    async def work() -> None:
        async with services.lab(tmp_path) as home:
            world = make_lab()
            home.skew_ms = world.clock.now_ms() - home.clock.now_ms()
            home.lastfm.ignored_artists = {f"Band {number}" for number in range(60)}
            async with hub_on(world, home, tmp_path) as hub:
                await hub.commands.activate(NIGHT)
                await asyncio.sleep(4 * MINUTE_S)
                plays = hub.commands.plays
                found = (await plays.find(PlaySearch(status=DeliveryStatus.DEAD))).plays
                assert found
                first = found[-1].play
                assert await plays.edit(first.id, Edit(artist="The Right Band"), "lastfm") == 1
                await asyncio.sleep(MINUTE_S)
                assert [(heard.artist, heard.title) for heard in home.lastfm.held] == [
                    ("The Right Band", first.track.name)
                ]

    virtually(work)


def test_nothing_configured_is_switched_off(tmp_path: Path) -> None:
    async def work() -> None:
        async with services.lab(tmp_path) as home, home.plugin(lastfm={}, listenbrainz={}, servers={}) as plugin:
            await home.play(plugin)
            await home.change(plugin, services.track())
            await asyncio.sleep(DAY_S)
            assert home.standing() is PluginStatus.DISABLED
            assert home.why().startswith("switched off: ")
            assert home.plays.deliveries == {}
            [check] = await plugin.check()
            assert check.level.value == "skipped"

    virtually(work)
