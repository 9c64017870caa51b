"""Both plugins in a real hub with a real database, against the make-believe services: facts come with plays."""

import asyncio
from pathlib import Path
from random import Random

from moodroom_hub.core.config import load_config
from moodroom_hub.core.face import PluginStatus
from moodroom_hub.core.hub import Hub
from moodroom_hub.domain.models import DurationMs, Track, Uri
from moodroom_hub.domain.plays.facts import FACTS_KIND, facts_key
from moodroom_hub.simulator.music_facts import MusicFactsServer, MusicKnowledge
from tests.core import hub_lab
from tests.core.hub_lab import NIGHT, POLICIES, Lab, fill, make_lab
from tests.plugins.metadata.lab import CONTACT, virtually

PLUGINS = (*POLICIES, "tests.core.hub_lab", "moodroom_hub.plugins.metadata", "moodroom_hub.plugins.artwork")


def knowing(lab: Lab) -> MusicKnowledge:
    """Knows what may play."""
    knowledge = MusicKnowledge()
    for item in lab.world.items.values():
        knowledge.add(Track(Uri(item.uri), item.name, item.artists, DurationMs(item.duration_ms), album=item.name))
    return knowledge


def test_what_counts_as_played_is_looked_up_and_has_a_picture(tmp_path: Path) -> None:
    async def run() -> None:
        lab = make_lab()
        async with MusicFactsServer(knowing(lab), now_ms=lab.clock.now_ms) as server:
            file = tmp_path / "config.yaml"
            file.write_text(
                f"hub: {{data_dir: {tmp_path / 'data'}}}\n"
                "plugins:\n"
                f"  metadata: {{contact: {CONTACT}, url: '{server.musicbrainz_url}'}}\n"
                f"  artwork: {{cover_art_archive_url: '{server.cover_art_url}'}}\n"
            )
            hub = Hub(load_config(file, {}), clock=lab.clock, rng=Random(1), builtins=PLUGINS, with_foreign=False)
            async with hub:
                lab.hub = hub
                await fill(hub, NIGHT)
                assert {view.name: view.status for view in hub.commands.plugin_views()}[
                    "artwork"
                ] is PluginStatus.RUNNING
                await hub.commands.activate(NIGHT)
                await asyncio.sleep(150)
                state = await hub.commands.state()
                assert state.now_playing is not None
                track = state.now_playing.track
                key = facts_key(track)
                assert key is not None
                assert (await hub.commands.findings.get(FACTS_KIND, [key])).get(key)
                facts = await hub.commands.facts(track)
                assert facts is not None
                assert facts.year == 2001
                picture = await hub.commands.artwork(track)
                assert picture is not None
                assert picture.url == f"{server.cover_art_url}/release/{facts.release_mbid}/front-500"
            assert server.broken == []

    virtually(run)


def test_as_it_comes_a_playing_hub_asks_nobody(tmp_path: Path) -> None:
    async def run() -> None:
        lab = make_lab()
        async with MusicFactsServer(knowing(lab), now_ms=lab.clock.now_ms) as server:
            file = tmp_path / "config.yaml"
            file.write_text(
                f"hub: {{data_dir: {tmp_path / 'data'}}}\n"
                "plugins:\n"
                f"  metadata: {{url: '{server.musicbrainz_url}'}}\n"
                f"  artwork: {{cover_art_archive_url: '{server.cover_art_url}', deezer_url: '{server.deezer_url}'}}\n"
            )
            hub = Hub(load_config(file, {}), clock=lab.clock, rng=Random(1), builtins=PLUGINS, with_foreign=False)
            async with hub:
                lab.hub = hub
                await fill(hub, NIGHT)
                await hub.commands.activate(NIGHT)
                for _ in range(20):
                    await asyncio.sleep(30)
                    await hub.commands.state()
                statuses = {view.name: view.status for view in hub.commands.plugin_views()}
                assert statuses["metadata"] is statuses["artwork"] is PluginStatus.DISABLED
            assert server.requests == 0

    virtually(run)
    assert hub_lab.Plugin.name == "hub_lab"
