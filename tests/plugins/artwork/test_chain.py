"""Pictures: the chain, its memories, what may reach the page, and whatever the services do."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from moodroom_hub.core.face import PluginStatus
from moodroom_hub.domain.models import DurationMs, Track
from moodroom_hub.plugins.artwork import Plugin
from moodroom_hub.plugins.artwork.addresses import is_picture_address
from moodroom_hub.plugins.artwork.config import ArtworkConfig
from moodroom_hub.simulator.music_facts import KnownRelease, Mood, MusicKnowledge, made_up_mbid
from tests.plugins.metadata.lab import CONTACT, DAY_MS, Lab, catalogue_tracks, lab, track, virtually

ISRC = "GBAAA0100001"
BOTH = ("cover_art_archive", "deezer")
Work = Callable[[Lab, Plugin], Awaitable[None]]


@asynccontextmanager
async def started(made: Lab, *, has_facts: bool = True, **section: Any) -> AsyncIterator[Plugin]:
    """The plugin at work, with facts as the metadata plugin gives them."""
    finder = made.finder()
    if has_facts:
        made.hub.find_facts = finder.find
    config = ArtworkConfig(
        **{
            "contact": CONTACT,
            "cover_art_archive_url": made.server.cover_art_url,
            "deezer_url": made.server.deezer_url,
            **section,
        }
    )
    plugin = Plugin(made.context("artwork", config))
    await plugin.start()
    try:
        yield plugin
    finally:
        await plugin.stop()
        await finder.close()


def with_plugin(work: Work, knowledge: MusicKnowledge | None = None, **section: Any) -> None:
    """Run ``work``; no rule may be broken."""

    async def run() -> None:
        async with lab(MusicKnowledge() if knowledge is None else knowledge) as made, started(made, **section) as one:
            await work(made, one)
            assert made.server.broken == []

    virtually(run)


def knowing(song: Track, *, has_cover: bool = True) -> MusicKnowledge:
    """Knows just this song."""
    knowledge = MusicKnowledge()
    release = KnownRelease(made_up_mbid("release"), song.album or "", "2001", None, has_cover=has_cover)
    knowledge.add(song, releases=(release,))
    return knowledge


def test_the_archive_is_asked_first_and_only_its_lasting_address_is_kept() -> None:
    song = track(isrc=ISRC)

    async def work(made: Lab, plugin: Plugin) -> None:
        found = await plugin.find_artwork(song)
        assert found is not None
        mbid = made_up_mbid("release")
        assert found.url == f"{made.server.cover_art_url}/release/{mbid}/front-500"
        assert (found.source, found.page_url) == ("Cover Art Archive", f"https://musicbrainz.org/release/{mbid}")
        assert made.server.deezer.requests == []
        assert await plugin.find_artwork(song) == found
        assert len(made.server.cover_art.requests) == 1

    with_plugin(work, knowing(song), services=BOTH)


@pytest.mark.parametrize("isrc", [ISRC, None])
def test_deezer_comes_after_the_archive_with_a_link_to_the_album(isrc: str | None) -> None:
    song = track(isrc=isrc)

    async def work(made: Lab, plugin: Plugin) -> None:
        found = await plugin.find_artwork(song)
        assert found is not None
        assert found.url.startswith("https://cdn-images.dzcdn.net/images/cover/")
        assert found.source == "Deezer"
        assert found.page_url is not None
        assert found.page_url.startswith("https://www.deezer.com/album/")
        assert len(made.server.cover_art.requests) == 1
        before = made.server.requests
        await asyncio.sleep(0.9 * DAY_MS / 1000)
        assert await plugin.find_artwork(song) == found
        assert made.server.requests == before
        await asyncio.sleep(0.2 * DAY_MS / 1000)  # Deezer's addresses are kept for a day, the archive's "no" for a week
        assert await plugin.find_artwork(song) == found
        assert len(made.server.cover_art.requests) == 1
        assert made.server.requests == before + 1

    with_plugin(work, knowing(song, has_cover=False), services=BOTH)


def test_deezer_alone_needs_no_facts_and_never_guesses() -> None:
    song = track(isrc=ISRC)
    others = [
        replace(song, name="A Song (live)"),
        replace(song, artists=("Another",)),
        track(duration_ms=DurationMs(200_000)),
        track("\u200b", ""),
    ]

    async def work(made: Lab, plugin: Plugin) -> None:
        assert await plugin.find_artwork(song) is not None
        for other in others:
            assert await plugin.find_artwork(replace(other, isrc=None, uri=song.uri)) is None
        assert made.server.musicbrainz.requests == []

    with_plugin(work, knowing(song), services=("deezer",), has_facts=False)


def test_a_hundred_at_once_break_no_quota() -> None:
    async def work(made: Lab, plugin: Plugin) -> None:
        await asyncio.gather(*(plugin.find_artwork(one) for one in catalogue_tracks(100)))
        await asyncio.sleep(600)
        found = [await plugin.find_artwork(one) for one in catalogue_tracks(100)]
        assert all(found)
        assert {one.source for one in found if one} == {"Cover Art Archive", "Deezer"}

    with_plugin(work, MusicKnowledge.of_catalogue(), services=BOTH)


MOODS = [
    Mood.DOWN, Mood.BUSY, Mood.GONE, Mood.SLOW, Mood.GARBAGE, Mood.OTHER_SHAPE, Mood.DEEP, Mood.HUGE,
]  # fmt: skip


@pytest.mark.parametrize("mood", MOODS)
def test_a_service_in_a_mood_is_passed_over_and_asked_again_later(mood: Mood) -> None:
    song = track(isrc=ISRC)

    async def work(made: Lab, plugin: Plugin) -> None:
        made.server.cover_art.mood = made.server.deezer.mood = mood
        assert await plugin.find_artwork(song) is None
        await asyncio.sleep(12)
        made.server.deezer.mood = Mood.WELL
        found = None
        for _ in range(10):
            await asyncio.sleep(60)
            found = found or await plugin.find_artwork(song)
        assert found is not None
        assert found.source == "Deezer"
        made.server.cover_art.mood = Mood.WELL
        await asyncio.sleep(3_700)
        found = await plugin.find_artwork(song)
        assert found is not None
        assert found.source == "Cover Art Archive"

    with_plugin(work, knowing(song), services=BOTH)


def test_a_quota_refused_with_200_is_waited_out() -> None:
    song = track(isrc=ISRC)

    async def run() -> None:
        async with lab(knowing(song)) as made, started(made, services=("deezer",)) as plugin:
            for _ in range(50):  # somebody else in the house
                made.server.deezer.receive("GET", "track/isrc:GBAAA0100009", {}, {"User-Agent": "Somebody/1"})
            assert await plugin.find_artwork(song) is None
            assert len(made.server.deezer.broken) == 1
            await asyncio.sleep(11)
            assert await plugin.find_artwork(song) is not None
            assert len(made.server.deezer.broken) == 1

    virtually(run)


EVIL = [
    "javascript:alert(1)",
    "http://archive.org/x.jpg#http",
    "https://archive.org.evil.example/x.jpg",
    "https://evil.example/https://archive.org/",
    "https://archive.org@evil.example/x.jpg",
    "https://user:pw@archive.org/x.jpg",
    "https://archive.org:8443/x.jpg",
    'https://archive.org/"onerror=alert(1)',
    "https://archive.org/" + "x" * 600,
    "//archive.org/x.jpg",
    "https://dzcdn.net.evil.example/x",
    "https://[::1",
    "http://127.0.0.1:1/x.jpg",
    "",
]


@pytest.mark.parametrize("address", EVIL)
def test_hostile_addresses_reach_nobody(address: str) -> None:
    song = track(isrc=ISRC)

    async def work(made: Lab, plugin: Plugin) -> None:
        made.server.cover_art.mood = made.server.deezer.mood = Mood.HOSTILE
        made.server.cover_art.hostile_address = made.server.deezer.hostile_address = address
        found = await plugin.find_artwork(song)
        assert found is None or found.url.startswith(made.server.cover_art_url)
        for (_, _), (text, _) in made.memory.rows.items():
            assert not address or address not in text

    with_plugin(work, knowing(song), services=BOTH)


@given(st.text(max_size=60))
@settings(max_examples=25)
def test_whatever_passes_is_https_of_a_known_host(text: str) -> None:
    for url in (text, f"https://{text}", f"https://archive.org{text}"):
        if is_picture_address(url, ("archive.org",), "https://coverartarchive.org"):
            assert url.startswith("https://")
            assert url.isascii()
            assert not set(url) & set("\"'<> \\")


def test_as_it_comes_it_is_off_with_the_mend_and_sends_nothing() -> None:
    async def run() -> None:
        async with lab() as made:
            plugin = Plugin(made.context("artwork", ArtworkConfig()))
            await plugin.start()
            ((status, reason),) = made.statuses
            assert status is PluginStatus.DISABLED
            assert "contact" in reason
            assert await plugin.find_artwork(track()) is None
            await plugin.stop()
            assert made.server.requests == 0

    virtually(run)


@pytest.mark.parametrize(("contact", "is_on"), [("me@x.org", True), ("no address\r\n", False), (None, False)])
def test_the_contact_of_metadata_is_enough(contact: str | None, is_on: bool) -> None:
    async def run() -> None:
        async with lab() as made:
            plugin = Plugin(made.context("artwork", ArtworkConfig(), {"metadata": {"contact": contact}}))
            await plugin.start()
            assert (made.statuses == []) is is_on
            await plugin.stop()

    virtually(run)


def test_stopping_in_the_middle_leaves_nothing() -> None:
    async def run() -> None:
        async with lab() as made, started(made, services=BOTH) as plugin:
            made.server.musicbrainz.mood = made.server.deezer.mood = Mood.SLOW
            asking = [asyncio.ensure_future(plugin.find_artwork(one)) for one in catalogue_tracks(3)]
            await asyncio.sleep(1)
            await plugin.stop()
            assert await asyncio.gather(*asking) == [None] * 3

    virtually(run)


@pytest.mark.parametrize(
    "section",
    [
        {"services": ["itunes"]},
        {"contact": "nobody"},
        {"deezer_url": "http://api.deezer.com"},
        {"cover_art_archive_url": "https://a@b"},
        {"keep": "1s"},
    ],
    ids=str,
)
def test_the_configuration_refuses_what_cannot_be_meant(section: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        ArtworkConfig.model_validate(section)
