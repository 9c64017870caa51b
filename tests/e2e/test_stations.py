"""A whole hub plays a station from ``radio: Friday``: it bends to every skip, and never ends in silence."""

import asyncio
import shutil
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from statistics import fmean

import pytest

from moodroom_hub.core.stations import NewStation, NextTrack
from moodroom_hub.domain.models import DurationMs, EpochMs, PoolEntry, RoomSlug, Tier, Track, Uri
from moodroom_hub.domain.recording import recording_keys
from moodroom_hub.domain.stations.models import Seed, Station, StationKey, Vote, VoteKind
from moodroom_hub.simulator.catalogue import demo_pools
from moodroom_hub.simulator.catalogue.stations import FRIDAY_SCENES, KARAOKE_CREW, scene_artists, scene_songs
from moodroom_hub.simulator.faults import Fault, FaultRule
from moodroom_hub.simulator.items import Item
from moodroom_hub.simulator.scrobble_services import FakeLastfm, ScrobbleServer
from tests.e2e.airing import (
    FRIDAY_KEY,
    ITEMS,
    LEAVE_S,
    SONG_S,
    STAND_IN,
    Airing,
    aired,
    airing,
    artists_of,
    scene_of,
    share,
    train_model,
    uris_of,
)

HOUSE = FRIDAY_SCENES[0]
QUOTA = FaultRule(Fault.QUOTA, ("GET /search", "GET /artists*", "GET /albums*"), retry_after_s=50_000)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Trained once, in a process of its own."""
    pytest.importorskip("scipy")
    return train_model(tmp_path_factory.mktemp("strangers"))


async def until_votes(on: Airing, count: int, key: StationKey = FRIDAY_KEY) -> None:
    """Until so many votes are written."""
    for _ in range(100):
        if len(on.votes(key)) >= count:
            return
        await asyncio.sleep(1)
    raise AssertionError(f"{len(on.votes(key))} of {count} votes")


def lead(these: Sequence[NextTrack], others: Sequence[NextTrack], is_one: Callable[[str], bool]) -> float:
    """How much better some artists fit than the rest, by the scores here of whoever is among both."""
    both = set(artists_of(these)) & set(artists_of(others))
    scores = {each.track.artists[0]: each.score for each in these if each.score is not None}
    some, rest = ([scores[name] for name in both if is_one(name) is wanted] for wanted in (True, False))
    return fmean(some) - fmean(rest)


def is_house(artist: str) -> bool:
    """Whether most of their songs are."""
    return scene_of(artist) == HOUSE


def stand_in(item: Item) -> bool:
    """Whether it is a song of the room that stands in."""
    return item.uri in {track.uri for _, track in demo_pools()[STAND_IN]}


def test_a_station_plays_bends_to_skips_and_follows_what_is_heard(tmp_path: Path, model: Path) -> None:
    async def scenario() -> None:
        async with airing(tmp_path, model) as on:
            station = await on.station()
            assert (station.name, len(station.seeds)) == ("Friday", 10)
            begun = await on.commands.play_station(FRIDAY_KEY)
            assert begun.notes == ()
            now = await on.now()
            assert (now.station, now.room, now.track.uri) == (FRIDAY_KEY, None, on.true_uri())
            before = await on.next(20)
            assert {each.link for each in before} == {"station"}
            assert min(share(artists_of(before), scene) for scene in FRIDAY_SCENES) > 0.3

            # Three of the one scene are skipped, what comes between is left too late to say anything.
            skipped: list[Item] = []
            await on.skip()  # it was heard for longer than a skip may be by now
            while len(skipped) < 3:
                if not is_house(ITEMS[on.true_uri()].artists[0]):
                    await on.skip(LEAVE_S)
                    continue
                ahead = uris_of(await on.next(4))
                skipped.append(await on.skip())
                await until_votes(on, len(skipped))
                # The one that was queued already plays; after it comes another than would have come.
                assert on.true_uri() not in ahead[1:]
                assert uris_of(await on.next(4)) != ahead
            assert [(vote.kind, vote.track.uri) for vote in on.votes()] == [
                (VoteKind.DISLIKE, each.uri) for each in skipped
            ]
            turned = await on.next(20)
            assert lead(turned, before, is_house) < lead(before, turned, is_house) - 0.1
            assert not {each.artists[0] for each in skipped} & set(artists_of(turned)[:10])
            assert all("skipped after" in vote.why for vote in on.votes())
            await on.radio.tune(FRIDAY_KEY, {"dislikes": 3.0})
            weighty = await on.next(20)
            await on.radio.tune(FRIDAY_KEY, {"dislikes": 0.0})
            assert share(artists_of(weighty), HOUSE) < share(artists_of(await on.next(20)), HOUSE) - 0.05
            await on.radio.tune(FRIDAY_KEY, {"dislikes": 1.0})
            assert uris_of(await on.next(20)) == uris_of(turned)

            # Full plays pull.
            heard = await on.hear(4)
            await until_votes(on, 7)
            assert [vote.kind for vote in on.votes()][3:] == [VoteKind.LIKE] * 4
            liked = {each.artists[0] for each in heard}
            pulled = await on.next(30)
            assert lead(pulled, before, liked.__contains__) > lead(before, pulled, liked.__contains__)
            assert any(name in each.why for each in pulled for name in liked)
            (view,) = await on.radio.overview()
            assert (view.likes, view.dislikes, view.known, view.unknown, view.trouble) == (4, 3, 10, (), "")
            assert on.home.world.truth.dry_ms() == 0

            # Taken back, nothing of it is left but what was heard lately.
            await on.radio.clear(FRIDAY_KEY)
            assert on.votes() == ()
            cleared = await on.next(20)
            assert lead(cleared, before, is_house) == pytest.approx(lead(before, cleared, is_house))

    aired(scenario)


def test_an_evening_has_no_doubles_no_karaoke_and_nothing_that_was_removed(tmp_path: Path, model: Path) -> None:
    async def scenario() -> None:
        async with airing(tmp_path, model) as on:
            seeds = tuple(Seed(artist) for artist in list(scene_artists(HOUSE))[:4])
            removed = [song.track() for song in scene_songs(HOUSE) if song.artists[0] == seeds[0].artist]
            room = RoomSlug(HOUSE)
            entries = [PoolEntry(track, Tier.REMOVED) for track in removed[::2]]
            await on.hub.pools.put_base(room, entries, replace_all=True)
            key = StationKey("mine")
            await on.commands.stations.put(Station(key, "Mine", seeds, room=room, chance=7))
            await on.commands.play_station(key)
            heard = await on.hear(13)
            assert on.home.world.truth.dry_ms() == 0
            assert not any(stand_in(item) for item in heard)
            names = [item.name for item in heard]
            assert not any(word in name for name in names for word in (" - Live", "Karaoke"))
            assert KARAOKE_CREW not in {artist for item in heard for artist in item.artists}
            gone = {name for entry in entries for name in recording_keys(entry.track)}
            keys = [recording_keys(_track(item)) for item in heard]
            assert all(gone.isdisjoint(each) for each in keys)
            assert all(one.isdisjoint(other) for at, one in enumerate(keys) for other in keys[:at])
            assert not any(set(one.artists) & set(other.artists) for one, other in pairwise(heard))

    aired(scenario)


def test_when_the_requests_are_spent_a_room_stands_in_with_a_word(tmp_path: Path, model: Path) -> None:
    async def scenario() -> None:
        async with airing(tmp_path, model, rules=[QUOTA]) as on:
            await on.station()
            begun = await on.commands.play_station(FRIDAY_KEY)
            assert any("wait" in note for note in begun.notes), begun.notes
            assert any("stands in" in note for note in begun.notes), begun.notes
            heard = await on.hear(3)
            assert all(stand_in(item) for item in heard)
            assert on.home.world.truth.dry_ms() == 0
            asked = [each.endpoint for each in on.home.fake.requests if each.endpoint == "GET /search"]
            assert len(asked) <= 2
            why = await on.radio.why(FRIDAY_KEY, 5)
            assert any("wait" in note for note in why.notes), why.notes
            # What comes from a room says nothing about the station's artists, but was heard on it.
            assert (await on.now()).station == FRIDAY_KEY

    aired(scenario)


def test_when_they_are_spent_later_what_was_found_goes_on(tmp_path: Path, model: Path) -> None:
    async def scenario() -> None:
        async with airing(tmp_path, model) as on:
            await on.station()
            await on.commands.play_station(FRIDAY_KEY)
            await on.next(8)
            on.home.fake.faults.rules.append(QUOTA)
            heard = await on.hear(5)
            assert not any(stand_in(item) for item in heard)
            assert len({item.uri for item in heard}) == 5
            assert on.home.world.truth.dry_ms() == 0

    aired(scenario)


def test_votes_outlive_a_kill(tmp_path: Path, model: Path) -> None:
    async def scenario() -> None:
        before, after = tmp_path / "before", tmp_path / "after"
        before.mkdir()
        after.mkdir()
        async with airing(before, model) as on:
            await on.station()
            await on.commands.play_station(FRIDAY_KEY)
            await on.begun("")
            for count in (1, 2):
                await on.skip()
                await until_votes(on, count)
            shutil.copytree(before / "data", after / "data")  # as the power's end would leave it
            told = on.votes(), await on.radio.overview()
        async with airing(after, model) as on:
            await on.station()
            assert on.votes() == told[0]
            assert [(view.likes, view.dislikes, view.drift) for view in await on.radio.overview()] == [
                (view.likes, view.dislikes, view.drift) for view in told[1]
            ]
            assert len(on.commands.stations.all()) == 1
            await on.commands.play_station(FRIDAY_KEY)
            disliked = {vote.track.artists[0] for vote in on.votes()}
            assert not disliked & set(artists_of(await on.next(10)))

    aired(scenario)


def test_seeds_that_nobody_knows_are_said_and_music_goes_on(tmp_path: Path, model: Path) -> None:
    async def scenario() -> None:
        async with airing(tmp_path, model, playlists=()) as on:
            made = await on.radio.new(NewStation("Nowhere", (Seed("Nobody at All"), Seed("Still Nobody\u202e<b>"))))
            assert made.known == 0
            assert len(made.unknown) == 2
            assert "knows none" in made.trouble
            begun = await on.commands.play_station(made.station.key)
            assert begun.notes, "a person is told that something else plays"
            heard = await on.hear(3)
            assert all(stand_in(item) for item in heard)
            assert on.home.world.truth.dry_ms() == 0

    aired(scenario)


def test_whom_the_model_does_not_know_lastfm_may(tmp_path: Path, model: Path) -> None:
    async def scenario() -> None:
        asked = FakeLastfm(lambda: asyncio.get_running_loop().time())
        asked.similar["ghost of a band"] = ["Tame Impala", "The xx", "Nobody at All", "Massive Attack", "Kavinsky"]
        async with ScrobbleServer(asked) as server:
            lastfm = {"api_key": asked.api_key, "api_secret": asked.api_secret, "api_url": server.lastfm_url}
            plugins = ["moodroom_hub.plugins.scrobbling"]
            async with airing(
                tmp_path, model, playlists=(), pools=(RoomSlug(HOUSE),), plugins=plugins, scrobbling={"lastfm": lastfm}
            ) as on:
                made = await on.radio.new(NewStation("Ghosts", (Seed("Ghost of a Band"),)))
                key = made.station.key
                await on.commands.play_station(key)
                found = await on.next(2, key)
                assert {(each.link, each.why) for each in found} == {("similar", "like Ghost of a Band")}
                alike = set(asked.similar["ghost of a band"])
                for _ in range(3):
                    left = await on.skip(LEAVE_S)
                    assert alike & set(left.artists), left.name
                assert on.home.world.truth.dry_ms() == 0
                assert asked.requests.count("artist.getsimilar") == 1
        assert asked.broken == []

    aired(scenario)


@pytest.mark.parametrize("has_model", [True, False])
def test_however_much_is_disliked_music_goes_on(tmp_path: Path, model: Path, has_model: bool) -> None:
    async def scenario() -> None:
        async with airing(tmp_path, model if has_model else None) as on:
            await on.station()
            everybody = sorted({artist for item in ITEMS.values() for artist in item.artists})
            tracks = [Track(Uri(f"spotify:track:{at:022}"), "x", (artist,)) for at, artist in enumerate(everybody)]
            votes = [Vote(0, FRIDAY_KEY, VoteKind.DISLIKE, track, EpochMs(1)) for track in tracks]
            await asyncio.gather(*map(on.commands.stations.vote, votes))
            await on.commands.play_station(FRIDAY_KEY)
            heard = await on.hear(2)
            assert len({item.uri for item in heard}) == 2
            assert on.home.world.truth.dry_ms() == 0
            (view,) = await on.radio.overview()
            assert view.dislikes == len(everybody)
            if not has_model:
                assert "station train" in view.trouble

    aired(scenario)


def test_a_card_gives_the_same_order_on_another_account_and_a_skip_there_stays_there(
    tmp_path: Path, model: Path
) -> None:
    async def scenario() -> None:
        here, there = tmp_path / "here", tmp_path / "there"
        here.mkdir()
        there.mkdir()
        async with airing(here, model) as on:
            await on.station()
            card = await on.radio.card(FRIDAY_KEY)
            first = uris_of(await on.next(10))
            async with airing(there, model, playlists=()) as other:
                got = await other.radio.import_card(card)
                assert got.coverage == 1.0
                key = got.view.station.key
                assert uris_of(await other.next(10, key)) == first
                await other.commands.play_station(key)
                await other.begun("")
                await other.skip()
                await until_votes(other, 1, key)
                assert uris_of(await other.next(10, key)) != first
            assert uris_of(await on.next(10)) == first
            assert on.votes() == ()
            assert "access_token" not in card
            assert "refresh" not in card

    aired(scenario)


def _track(item: Item) -> Track:
    return Track(Uri(item.uri), item.name, item.artists, DurationMs(round(SONG_S * 1000)), item.isrc)
