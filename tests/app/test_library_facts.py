"""``library facts``: against a make-believe MusicBrainz over a real socket and a real database."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from moodroom_hub.app.fact_filling import Filling, fill_facts, filled, progress_line
from moodroom_hub.app.offline import opened
from moodroom_hub.core.clock import LoopClock
from moodroom_hub.core.config import LoadedConfig, load_config, plugin_config
from moodroom_hub.core.errors import MoodroomError
from moodroom_hub.core.ports import LikedTrack
from moodroom_hub.domain.models import EpochMs
from moodroom_hub.plugins.metadata.config import MetadataConfig
from moodroom_hub.simulator.music_facts import Mood, MusicFactsServer
from moodroom_hub.simulator.virtual_time import run_virtual
from tests.plugins.metadata.lab import catalogue_tracks

NOW_MS = EpochMs(1_795_000_000_000)
SONGS = 12


def configured(folder: Path, **metadata: Any) -> LoadedConfig:
    """A hub of its own with this section."""
    file = folder / "config.yaml"
    config = {"hub": {"data_dir": str(folder / "data")}, "plugins": {"metadata": metadata}}
    file.write_text(json.dumps(config), encoding="utf-8")
    return load_config(file, {})


async def liking(loaded: LoadedConfig) -> None:
    """Some songs of the catalogue are liked."""
    began = datetime(2026, 1, 1, tzinfo=UTC)
    songs = [LikedTrack(one, began + timedelta(days=day)) for day, one in enumerate(catalogue_tracks(SONGS))]
    async with opened(loaded, is_reading=False) as hub:
        await hub.store.put_liked(songs)


def with_service(
    folder: Path, work: Callable[[MusicFactsServer, Callable[..., Awaitable[Filling]]], Awaitable[None]]
) -> None:
    """Run ``work(server, fill)`` in virtual time."""

    async def run() -> None:
        clock = LoopClock(NOW_MS)
        async with MusicFactsServer(now_ms=clock.now_ms) as server:
            loaded = configured(folder, contact="me@home.example", url=server.musicbrainz_url)
            await liking(loaded)
            config = plugin_config(loaded, "metadata", MetadataConfig)

            async def fill(limit: int | None = None, *, is_dry: bool = False) -> Filling:
                return await filled(loaded, config, limit, clock, is_dry=is_dry)

            await work(server, fill)
            assert server.broken == []

    run_virtual(run)


def test_it_fills_in_parts_and_asks_for_nothing_twice(tmp_path: Path) -> None:
    async def work(server: MusicFactsServer, fill: Callable[..., Awaitable[Filling]]) -> None:
        dry = await fill(is_dry=True)
        assert (dry.liked, dry.known, dry.open) == (SONGS, 0, SONGS)
        assert dry.about_s >= 2 * SONGS
        assert server.requests == 0
        first = await fill(5)
        assert (first.found + first.unknown, first.open) == (5, SONGS - 5)
        rest = await fill()
        assert (rest.known, rest.open) == (5, 0)
        before = server.requests
        assert (await fill()).known == SONGS
        assert server.requests == before

    with_service(tmp_path, work)


def test_stopped_in_the_middle_it_goes_on_from_there(tmp_path: Path) -> None:
    async def work(server: MusicFactsServer, fill: Callable[..., Awaitable[Filling]]) -> None:
        filling = asyncio.ensure_future(fill())
        await asyncio.sleep(10)
        filling.cancel()
        await asyncio.wait([filling])
        assert 2 <= (await fill(is_dry=True)).known < SONGS
        assert (await fill()).open == 0

    with_service(tmp_path, work)


def test_a_service_that_is_away_is_waited_for(tmp_path: Path) -> None:
    async def work(server: MusicFactsServer, fill: Callable[..., Awaitable[Filling]]) -> None:
        server.musicbrainz.mood = Mood.BUSY
        filling = asyncio.ensure_future(fill())
        await asyncio.sleep(200)
        server.musicbrainz.mood = Mood.WELL
        assert (await filling).open == 0

    with_service(tmp_path, work)


def test_without_a_contact_it_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(MoodroomError, match=r"plugins\.metadata\.contact"):
        fill_facts(configured(tmp_path), None, is_dry=False)


def test_the_line_says_how_far_it_is() -> None:
    assert progress_line(12, 24) == "[############............] 12/24 songs · about 0:26 left"
