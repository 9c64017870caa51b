"""Facts from MusicBrainz: which recording, politely, kept, and whatever the service does."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moodroom_hub.core.plays.book import FindingBook
from moodroom_hub.core.store import Store
from moodroom_hub.domain.models import DurationMs, Track
from moodroom_hub.domain.plays.facts import facts_from_text, facts_key, facts_to_text
from moodroom_hub.domain.plays.models import TrackFacts
from moodroom_hub.plugins.metadata.finder import FactFinder
from moodroom_hub.plugins.metadata.lucene import phrase
from moodroom_hub.simulator.catalogue import songs
from moodroom_hub.simulator.music_facts import KnownRelease, Mood, MusicKnowledge, made_up_mbid
from tests.plugins.metadata.lab import CONTACT, DAY_MS, Lab, catalogue_tracks, lab, track, virtually

ISRC = "GBAAA0100001"
Work = Callable[[Lab, FactFinder], Awaitable[None]]


def with_finder(work: Work, knowledge: MusicKnowledge | None = None, **section: object) -> None:
    """Run ``work`` with services that know ``knowledge``; no rule may be broken."""

    async def run() -> None:
        async with lab(MusicKnowledge() if knowledge is None else knowledge) as made:
            finder = made.finder(**section)
            try:
                await work(made, finder)
            finally:
                await finder.close()
            assert made.server.broken == []

    virtually(run)


def test_the_catalogue_is_known_whole() -> None:
    async def work(made: Lab, finder: FactFinder) -> None:
        years = {song.uri: song.year for song in songs()}
        for one in catalogue_tracks(30):
            facts = await finder.find(one)
            assert facts is not None, one
            assert facts.mbid == made_up_mbid("recording", one.uri)
            assert facts.release_mbid == made_up_mbid("release", one.album or "", one.artists[0])
            assert facts.year == years[one.uri]
            assert facts.genres
            assert "voted down" not in facts.genres
            assert facts.label is not None
            assert facts.source == "MusicBrainz"
            assert facts.artist_mbid == made_up_mbid("artist", one.artists[0])

    with_finder(work, MusicKnowledge.of_catalogue(3))


def test_a_hundred_at_once_keep_the_rate_and_each_is_asked_once() -> None:
    async def work(made: Lab, finder: FactFinder) -> None:
        tracks = catalogue_tracks(100)
        began_ms = made.clock.now_ms()
        found = await asyncio.gather(*(finder.find(one) for one in [*tracks, *tracks]))
        assert all(found)
        paths = made.server.musicbrainz.requests
        assert len([path for path in paths if path.startswith("isrc/")]) == 100
        assert made.clock.now_ms() - began_ms >= (len(paths) - 1) * 1_000

    with_finder(work, MusicKnowledge.of_catalogue())


def test_of_several_recordings_with_the_isrc_the_fitting_one_is_taken() -> None:
    knowledge = MusicKnowledge()
    song = track(isrc=ISRC)
    knowledge.add(song, mbid=made_up_mbid("live"), title="A Song (live)", length_ms=185_000)
    right = knowledge.add(song)
    knowledge.add(song, mbid=made_up_mbid("other"), title="Something", artists=("Somebody",))

    async def work(made: Lab, finder: FactFinder) -> None:
        facts = await finder.find(song)
        assert facts is not None
        assert facts.mbid == right.mbid

    with_finder(work, knowledge)


def test_a_wrong_isrc_falls_back_to_the_search() -> None:
    knowledge = MusicKnowledge()
    song = track(isrc=ISRC)
    knowledge.add(song, mbid=made_up_mbid("wrong"), title="Elsewhere", artists=("Nobody",))
    right = knowledge.add(replace(song, isrc=None))

    async def work(made: Lab, finder: FactFinder) -> None:
        facts = await finder.find(song)
        assert facts is not None
        assert facts.mbid == right.mbid
        assert any(path.startswith("recording") for path in made.server.musicbrainz.requests)

    with_finder(work, knowledge)


@pytest.mark.parametrize(
    "known",
    [
        track(duration_ms=DurationMs(190_000)),
        track("A Song (Remix)"),
        track("A Song", "A Band Tribute"),
        track(duration_ms=None),
    ],
    ids=["length", "version", "artist", "no length"],
)
def test_a_search_never_guesses(known: Track) -> None:
    knowledge = MusicKnowledge()
    knowledge.add(known)

    async def work(made: Lab, finder: FactFinder) -> None:
        assert await finder.find(track()) is None

    with_finder(work, knowledge)


def test_two_artists_of_one_name_are_no_answer() -> None:
    knowledge = MusicKnowledge()
    knowledge.add(track(), mbid=made_up_mbid("1"), artist_mbid=made_up_mbid("one"))
    knowledge.add(track(), mbid=made_up_mbid("2"), artist_mbid=made_up_mbid("two"))

    async def work(made: Lab, finder: FactFinder) -> None:
        assert await finder.find(track()) is None

    with_finder(work, knowledge)


def test_the_release_of_the_track_s_own_album_is_taken_else_the_likeliest() -> None:
    hits = KnownRelease(made_up_mbid("hits"), "Hits", "1999", None, secondary_types=("Compilation",))
    single = KnownRelease(made_up_mbid("single"), "A Song", "2000-01", None, primary_type="Single")
    album = KnownRelease(made_up_mbid("album"), "The Album", "2000-06", "Label")
    knowledge = MusicKnowledge()
    knowledge.add(track(isrc=ISRC), releases=(hits, single, album))

    async def work(made: Lab, finder: FactFinder) -> None:
        facts = await finder.find(track(isrc=ISRC, album=None))
        assert facts is not None
        assert (facts.release_mbid, facts.year, facts.label) == (album.mbid, 1999, "Label")
        made.memory.rows.clear()
        facts = await finder.find(track(isrc=ISRC, album="Hits"))
        assert facts is not None
        assert facts.release_mbid == hits.mbid

    with_finder(work, knowledge)


def test_what_is_not_there_is_not_asked_again_for_a_week_and_facts_not_for_months() -> None:
    knowledge = MusicKnowledge()
    known, unknown = track(isrc=ISRC), track("Unknown")
    knowledge.add(known)

    async def work(made: Lab, finder: FactFinder) -> None:
        asked = made.server.musicbrainz.requests
        assert await finder.find(known) is not None
        assert await finder.find(unknown) is None
        before = len(asked)
        await asyncio.sleep(6 * DAY_MS / 1000)
        assert await finder.find_text(unknown) == ""
        assert len(asked) == before
        await asyncio.sleep(2 * DAY_MS / 1000)
        assert await finder.find(known) is not None
        assert len(asked) == before
        assert await finder.find_text(unknown) == ""
        assert len(asked) == before + 1
        await asyncio.sleep(90 * DAY_MS / 1000)
        assert await finder.find(known) is not None
        assert len(asked) > before + 1

    with_finder(work, knowledge)


def test_the_memory_has_a_size() -> None:
    async def work(made: Lab, finder: FactFinder) -> None:
        for one in catalogue_tracks(8):
            await finder.find(one)
        assert len(made.memory.rows) == 5

    with_finder(work, MusicKnowledge.of_catalogue(), most=5)


def test_a_restart_keeps_what_was_found(tmp_path: Path) -> None:
    knowledge = MusicKnowledge()
    knowledge.add(track(isrc=ISRC))

    async def run() -> None:
        async with lab(knowledge) as made:
            for _ in range(2):
                store = Store(f"sqlite:///{tmp_path / 'hub.db'}", tmp_path)
                await store.open()
                finder = FactFinder(made.metadata(), made.clock, FindingBook(store, made.clock))
                facts = await finder.find(track(isrc=ISRC))
                assert facts is not None
                assert facts.label == "A Label"
                await finder.close()
                await store.close()
            assert len(made.server.musicbrainz.requests) == 2
            assert made.server.broken == []

    virtually(run)


MOODS = [
    Mood.DOWN, Mood.BUSY, Mood.GONE, Mood.SLOW, Mood.GARBAGE, Mood.OTHER_SHAPE, Mood.DEEP, Mood.HUGE,
]  # fmt: skip


@pytest.mark.parametrize("mood", MOODS)
def test_a_service_in_a_mood_is_left_alone_and_asked_again_later(mood: Mood) -> None:
    knowledge = MusicKnowledge()
    song = track(isrc=ISRC)
    knowledge.add(song)

    async def work(made: Lab, finder: FactFinder) -> None:
        made.server.musicbrainz.mood = mood
        asked = made.server.musicbrainz.requests
        assert await finder.find(song) is None
        assert finder.away_ms > 0
        assert finder.away_ms >= 100_000 or mood is not Mood.BUSY
        for _ in range(10):
            assert await finder.find(song) is None
        assert len(asked) == 1
        for _ in range(24 * 60):  # somebody asks every minute for a day
            await asyncio.sleep(60)
            assert await finder.find_text(song) is None
        assert len(asked) <= 45 + (15 if mood is Mood.SLOW else 0)
        made.server.musicbrainz.mood = Mood.WELL
        await asyncio.sleep(3_700)
        assert await finder.find(song) is not None
        assert finder.away_ms == 0

    with_finder(work, knowledge)


def test_whoever_cannot_wait_gets_nothing_now_and_everything_later() -> None:
    async def work(made: Lab, finder: FactFinder) -> None:
        tracks = catalogue_tracks(20)
        began_ms = made.clock.now_ms()
        found = await asyncio.gather(*(finder.find(one, 3.5) for one in tracks))
        assert made.clock.now_ms() - began_ms < 4_000
        assert None in found
        await asyncio.sleep(60)
        assert all([await finder.find(one, 3.5) for one in tracks])

    with_finder(work, MusicKnowledge.of_catalogue())


def test_without_its_memory_nobody_is_asked() -> None:
    async def work(made: Lab, finder: FactFinder) -> None:
        made.memory.is_down = True
        assert await finder.find(track(isrc=ISRC)) is None
        assert made.server.requests == 0

    with_finder(work)


HOSTILE = [
    'a" OR recording:"b', "back\\", '\\" AND artist:"x', "/regex/ AND (a OR b) ~2 ^4 *?:[]{}!", "nul\x00\r\nHost: x",
    "\ud800", "x" * 5_000, " AND ", '"', "\u202e\u200b", "%00&fmt=xml#",
]  # fmt: skip


@pytest.mark.parametrize("words", HOSTILE)
def test_hostile_titles_stay_one_phrase(words: str) -> None:
    async def work(made: Lab, finder: FactFinder) -> None:
        await finder.find(track(words, words))
        await finder.find(track(f"x {words}", f"y {words}"))
        assert finder.away_ms == 0

    with_finder(work)


@given(st.text(max_size=80))
@settings(max_examples=25)
def test_a_phrase_never_ends_before_its_end(words: str) -> None:
    quoted = phrase(words)
    inner = quoted[1:-1].replace("\\\\", "").replace('\\"', "")
    assert '"' not in inner
    assert not inner.endswith("\\")
    assert quoted.isprintable()


def test_facts_are_read_as_they_were_written_and_anything_else_is_nothing() -> None:
    facts = TrackFacts("a", "b", "c", 1999, "L", ("x", "y"), ISRC, "MusicBrainz")
    assert facts_from_text(facts_to_text(facts)) == facts
    for text in ("", "{", "[]", "7", "[" * 50_000):
        assert facts_from_text(text) is None
    odd = facts_from_text('{"year": "x", "genres": [1, "pop"], "label": {}}')
    assert odd == TrackFacts(genres=("pop",))
    assert facts_key(track(duration_ms=None)) is None
    assert facts_key(track()) != facts_key(track(duration_ms=DurationMs(99_000)))


def test_without_a_contact_there_is_no_finder() -> None:
    async def run() -> None:
        async with lab(MusicKnowledge()) as made:
            with pytest.raises(ValueError, match="contact"):
                made.finder(contact=None)

    virtually(run)
    assert "@" in CONTACT
