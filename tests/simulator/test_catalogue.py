"""The made-up home's songs: enough, well-formed, the same in every run."""

import csv
import io
import json
import re
from collections import Counter

from moodroom_hub.domain.models import Tier
from moodroom_hub.simulator.catalogue import (
    ROOM_SLUGS,
    demo_items,
    demo_liked,
    demo_pools,
    own_playlist_uris,
    pool_csv,
    songs,
)
from moodroom_hub.simulator.catalogue.stations import (
    FRIDAY_SCENES,
    KARAOKE_CREW,
    as_slice,
    doubles,
    friday_uris,
    further_songs,
    scene_artists,
    scene_songs,
    station_items,
    strangers_playlists,
)
from moodroom_hub.simulator.items import uri_of


def test_every_room_has_its_hundred() -> None:
    pools = demo_pools()
    assert tuple(pools) == ROOM_SLUGS
    for slug, pool in pools.items():
        counts = Counter(tier for tier, _ in pool)
        assert counts == {Tier.CONFIRMED: 50, Tier.SAFE_SIDE: 35, Tier.DISCOVERY: 15}, slug
        assert len({track.uri for _, track in pool}) == 100, slug


def test_facts_are_well_formed() -> None:
    for song in songs():
        assert song.name == song.name.strip()
        assert all(artist == artist.strip() for artist in song.artists)
        assert 60_000 <= song.duration_ms <= 14 * 60_000, song
        assert 1960 <= song.year <= 2026
        assert re.fullmatch(r"spotify:track:[0-9A-Za-z]{22}", song.uri)
        assert re.fullmatch(r"QZMR0\d{7}", song.isrc)


def test_a_song_in_two_rooms_is_one_song() -> None:
    by_uri: dict[str, set[tuple[object, ...]]] = {}
    for song in songs():
        by_uri.setdefault(song.uri, set()).add((song.name, song.artists, song.album, song.year, song.duration_ms))
    assert {uri: facts for uri, facts in by_uri.items() if len(facts) > 1} == {}
    assert len(by_uri) < len(songs())


def test_recordings_have_isrcs_of_their_own() -> None:
    items = [item for item in demo_items() if item.isrc]
    assert len({item.isrc for item in items}) == len(items)


def test_uris_stay_the_same_for_ever() -> None:
    assert uri_of("Nights", "Frank Ocean") == "spotify:track:o3qGLkKoi3K2Tv4FNDmSIk"


def test_the_csv_holds_every_pool() -> None:
    rows = list(csv.DictReader(io.StringIO(pool_csv())))
    assert len(rows) == 600
    assert rows[0] == {
        "room": "late-night",
        "tier": "CONFIRMED",
        "name": "Trophies",
        "artist": "Drake",
        "uri": uri_of("Trophies", "Drake"),
        "isrc": rows[0]["isrc"],
    }


def test_liked_songs_are_playable_and_dated() -> None:
    liked = demo_liked()
    known = {item.uri for item in demo_items()}
    assert 250 < len(liked) < 350
    assert {one.uri for one in liked} <= known
    assert sorted((one.added_ms for one in liked), reverse=True) == [one.added_ms for one in liked]
    assert set(own_playlist_uris()) <= known


def test_there_is_more_than_the_rooms_hold() -> None:
    known = {item.uri for item in demo_items()}
    beside = station_items()
    assert len({item.uri for item in beside}) == len(beside)
    assert not {item.uri for item in beside} & known
    assert len({item.isrc for item in beside}) == len(beside)
    assert {song.room for song in further_songs()} <= set(ROOM_SLUGS)
    assert all(60_000 <= song.duration_ms <= 14 * 60_000 and song.tier is None for song in further_songs())
    for scene in ROOM_SLUGS:
        assert sum(count >= 3 for count in scene_artists(scene).values()) >= 7, scene


def test_favourites_have_doubles_of_every_kind() -> None:
    names = [item.name for item in doubles()]
    for kind in (" - Live at ", " - Remastered ", " (Karaoke Version)"):
        assert sum(kind in name for name in names) == len(names) / 3 > 30
    assert {item.artists for item in doubles() if "Karaoke" in item.name} == {(KARAOKE_CREW,)}


def test_friday_mixes_two_scenes() -> None:
    uris = friday_uris()
    assert len(set(uris)) == 10
    for scene in FRIDAY_SCENES:
        assert len(set(uris) & {song.uri for song in scene_songs(scene)}) == 5


def test_strangers_mostly_keep_to_a_scene() -> None:
    playlists = strangers_playlists(seed=3, count=120)
    assert playlists == strangers_playlists(seed=3, count=120)
    assert playlists != strangers_playlists(seed=4, count=120)
    assert Counter(one.scene for one in playlists) == dict.fromkeys(ROOM_SLUGS, 20)
    kept = [song.room == one.scene for one in playlists for song in one.songs]
    assert 0.75 < sum(kept) / len(kept) < 0.95
    read = json.loads(as_slice(playlists))["playlists"]
    assert [len(each["tracks"]) for each in read] == [len(one.songs) for one in playlists]
    assert read[0]["tracks"][0]["artist_name"] == playlists[0].songs[0].artists[0]
