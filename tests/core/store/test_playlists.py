"""Playlists and what was looked up, as the store keeps them."""

import logging

import pytest

from moodroom_hub.core.ports import Playlist
from moodroom_hub.core.store import Store
from moodroom_hub.domain.mining.models import TrackList
from moodroom_hub.domain.models import EpochMs, Track, Uri
from tests.core.store.builders import Spot, track

DAY_MS = 86_400_000


def playlist(number: int, snapshot: str = "s1", name: str = "") -> Playlist:
    """A playlist with a number."""
    return Playlist(f"p{number}", name or f"List {number}", snapshot)


async def test_playlists_keep_their_order_and_their_tracks(store: Store) -> None:
    await store.put_playlist(playlist(2), 1, [track(3), track(1), track(3)])
    await store.put_playlist(playlist(1), 0, [track(5)])
    await store.put_playlist(playlist(3), 2, [])
    song = ("A song", "Somebody")
    assert await store.playlist_lists() == [TrackList("List 1", (song,)), TrackList("List 2", (song,) * 3)]
    await store.put_playlist(playlist(2, "s2"), 1, [track(9, "Another")])
    assert (await store.playlist_lists())[1] == TrackList("List 2", (("Another", "Somebody"),))
    assert await store.keep_playlists([playlist(2, name="Renamed"), playlist(1), playlist(7)]) == {
        "p1": "s1",
        "p2": "s2",
    }
    assert [each.name for each in await store.playlist_lists()] == ["Renamed", "List 1"]
    assert await store.keep_playlists([]) == {}
    assert await store.playlist_lists() == []
    assert (await store.statistics())["rows_playlist_item"] == 0


async def test_a_long_playlist(store: Store) -> None:
    await store.put_playlist(playlist(1), 0, [track(number, f"Song {number}") for number in range(1_203)])
    (found,) = await store.playlist_lists()
    assert [name for name, _ in found.items] == [f"Song {number}" for number in range(1_203)]


async def test_hostile_names_and_broken_rows_do_no_harm(
    spot: Spot, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    name = "a\x00\ud800'; DROP TABLE playlist;--"
    nobody = Track(Uri("spotify:track:x"), name)
    await store.put_playlist(Playlist("p\x00", name, "\ud800"), 0, [nobody, track(2)])
    (found,) = await store.playlist_lists()
    assert found.items == (("a\x00\ufffd'; DROP TABLE playlist;--", ""), ("A song", "Somebody"))
    spot.sql("UPDATE playlist_item SET track = '{}' WHERE position = 0")
    with caplog.at_level(logging.WARNING):
        assert (await store.playlist_lists())[0].items == (("A song", "Somebody"),)
    assert "playlist_item cannot be read" in caplog.text


async def test_what_was_found_is_remembered_for_a_while(store: Store) -> None:
    now = EpochMs(100 * DAY_MS)
    await store.put_lookup("a", now, [track(1), track(2)], EpochMs(0))
    await store.put_lookup("b\x00\ud800", now, [], EpochMs(0))
    found = await store.lookups(["a", "b\x00\ud800", "c"], EpochMs(now - DAY_MS))
    assert found == {"a": (track(1), track(2)), "b\x00\ud800": ()}
    assert await store.lookups(["a"], EpochMs(now + 1)) == {}
    later = EpochMs(now + 8 * DAY_MS)
    await store.put_lookup("a", later, [track(3)], EpochMs(later - 7 * DAY_MS))
    assert await store.lookups(["a", "b\x00\ud800"], EpochMs(0)) == {"a": (track(3),)}
    assert await store.lookups([], now) == {}


async def test_many_lookups_at_once(store: Store) -> None:
    await store.put_lookup("key 1200", EpochMs(5), [track(1)], EpochMs(0))
    assert list(await store.lookups([f"key {number}" for number in range(1_300)], EpochMs(0))) == ["key 1200"]
