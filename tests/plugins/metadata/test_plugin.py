"""The plugin as the hub sees it."""

import asyncio

import pytest
from pydantic import ValidationError

from moodroom_hub.core.events import Played
from moodroom_hub.core.face import PluginStatus
from moodroom_hub.core.ports import CheckLevel
from moodroom_hub.domain.models import HOME, DurationMs, EpochMs, Track
from moodroom_hub.domain.plays.models import Play
from moodroom_hub.plugins.metadata import Plugin
from moodroom_hub.plugins.metadata.config import MetadataConfig
from moodroom_hub.simulator.music_facts import Mood, MusicKnowledge
from tests.plugins.metadata.lab import catalogue_tracks, lab, track, virtually


def played(number: int, what: Track) -> Played:
    """A play of this track."""
    play = Play(
        id=number,
        zone=HOME,
        track=what,
        began_at_ms=EpochMs(0),
        counted_at_ms=EpochMs(0),
        heard_ms=DurationMs(0),
        threshold_ms=DurationMs(0),
        offset_ms=0,
        rules="spinstack",
        why="",
    )
    return Played(id=number, zone=HOME, at_ms=EpochMs(0), play=play)


def test_as_it_comes_it_is_off_with_the_mend_and_sends_nothing() -> None:
    async def run() -> None:
        async with lab() as made:
            plugin = Plugin(made.context("metadata", MetadataConfig(url=made.server.musicbrainz_url)))
            await plugin.start()
            ((status, reason),) = made.statuses
            assert status is PluginStatus.DISABLED
            assert "plugins.metadata.contact" in reason
            await plugin.on_played(played(1, track()))
            assert await plugin.find_facts(track()) is None
            assert [check.level for check in await plugin.check()] == [CheckLevel.SKIPPED]
            await plugin.stop()
            assert made.server.requests == 0

    virtually(run)


def test_what_was_played_is_looked_up_behind_even_if_the_service_is_away_for_a_while() -> None:
    async def run() -> None:
        async with lab() as made:
            plugin = Plugin(made.context("metadata", made.metadata()))
            await plugin.start()
            made.server.musicbrainz.mood = Mood.DOWN
            tracks = catalogue_tracks(5)
            for number, one in enumerate(tracks):
                await plugin.on_played(played(number, one))
            await asyncio.sleep(45)
            made.server.musicbrainz.mood = Mood.WELL
            await asyncio.sleep(120)
            before = made.server.requests
            for one in tracks:
                assert await plugin.find_facts(one) is not None
            assert made.server.requests == before
            await plugin.stop()
            assert made.server.broken == []

    virtually(run)


def test_a_thousand_plays_at_once_hold_up_nobody() -> None:
    async def run() -> None:
        async with lab(MusicKnowledge()) as made:
            plugin = Plugin(made.context("metadata", made.metadata()))
            await plugin.start()
            for number in range(1_000):
                await plugin.on_played(played(number, track(f"Song {number}")))
            assert made.clock.now_ms() == 1_795_000_000_000
            await plugin.stop()

    virtually(run)


def test_stopping_in_the_middle_leaves_nothing() -> None:
    async def run() -> None:
        async with lab() as made:
            plugin = Plugin(made.context("metadata", made.metadata()))
            await plugin.start()
            made.server.musicbrainz.mood = Mood.SLOW
            asking = [asyncio.ensure_future(plugin.find_facts(one)) for one in catalogue_tracks(3)]
            await asyncio.sleep(1)
            await plugin.stop()
            assert await asyncio.gather(*asking) == [None] * 3
            await plugin.stop()

    virtually(run)


@pytest.mark.parametrize(
    "section",
    [
        {"contact": "nobody"},
        {"contact": "a@b.c\r\nX-Evil: 1"},
        {"contact": "me ( you@x.org )"},
        {"url": "http://musicbrainz.org/ws/2"},
        {"url": "https://user:secret@musicbrainz.org/ws/2"},
        {"url": "ftp://x"},
        {"keep": "1s"},
        {"timeout": "1h"},
        {"most": 0},
    ],
    ids=str,
)
def test_the_configuration_refuses_what_cannot_be_meant(section: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        MetadataConfig.model_validate(section)


@pytest.mark.parametrize("contact", ["you@example.org", "https://example.org/me", " you@example.org "])
def test_a_contact_is_an_address(contact: str) -> None:
    assert MetadataConfig.model_validate({"contact": contact}).contact == contact.strip()
