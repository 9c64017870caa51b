"""What the make-believe Web API tells of artists and albums: as much as the real one tells a new app, no more."""

from collections.abc import Sequence
from typing import Any

import pytest

from moodroom_hub.simulator.items import Item, album_id, artist_id, uri_of
from moodroom_hub.simulator.spotify_api import Habits, Limits
from moodroom_hub.simulator.world import World
from tests.simulator.fakes import Asker
from tests.simulator.homes import HandClock


def song(name: str, *artists: str, album: str = "", year: int = 2010) -> Item:
    """A song; a single unless an album is named."""
    return Item(uri_of(name, artists[0]), name, artists, 200_000, album or name, year)


ITEMS = [
    *(song(f"Long {number}", "The Band", album="Long One", year=2001) for number in range(60)),
    *(song(f"Single {number}", "The Band", year=2010 + number) for number in range(12)),
    song("Long 1 - Live", "The Band", album="Live", year=2015),
    song("Together", "Somebody", "The Band", year=2020),
    song("Alone", "The Band of Others", year=2021),
    song("Long 1 (Karaoke)", "Sing Along With The Band", year=2022),
]


def asker(**more: Any) -> Asker:
    """A client of a world with these songs."""
    clock = HandClock()
    return Asker(world=World(clock, ITEMS, seed=1), clock=clock, **more)


def get(one: Asker, path: str, **query: Any) -> Any:
    """A good answer."""
    answer = one.ask("GET", path, **query)
    assert answer.status == 200, answer.body
    return answer.json()


def names(rows: Sequence[Any]) -> list[str]:
    """Of artists, albums or tracks."""
    return [row["name"] for row in rows]


BAND = f"/artists/{artist_id('The Band')}"


def test_artists_are_found_by_their_names_the_closest_first() -> None:
    found = get(asker(), "/search", q='artist:"the band"', type="artist", limit=10)["artists"]
    assert names(found["items"]) == ["The Band", "The Band of Others", "Sing Along With The Band"]
    assert found["total"] == 3
    assert not {"followers", "popularity"} & found["items"][0].keys()
    for query in ("nobody", 'artist:"nobody"', 'isrc:"x"'):
        assert get(asker(), "/search", q=query, type="artist")["artists"]["items"] == []
    assert names(get(asker(), "/search", q="somebody", type="artist")["artists"]["items"]) == ["Somebody"]
    assert names(get(asker(), "/search", q="track:together", type="artist")["artists"]["items"]) == ["Somebody"]


def test_a_filter_by_artist_gives_whole_pages_of_their_tracks() -> None:
    one = asker()
    pages = [
        get(one, "/search", q='artist:"The Band"', type="track", limit=10, offset=at)["tracks"] for at in (0, 10, 70)
    ]
    assert [len(page["items"]) for page in pages] == [10, 10, 6]
    assert pages[0]["total"] == 76
    assert not {track["id"] for track in pages[0]["items"]} & {track["id"] for track in pages[1]["items"]}
    assert one.ask("GET", "/search", q="x", type="artist", limit=11).status == 400
    assert one.ask("GET", "/search", q="x", type="track", offset=1001).status == 400


def test_albums_come_by_group_and_newest_first() -> None:
    one = asker()
    own = get(one, f"{BAND}/albums", include_groups="album,single", limit=10)
    assert names(own["items"])[:3] == ["Live", "Long One", "Single 11"]
    assert [each["total_tracks"] for each in own["items"][:3]] == [1, 60, 1]
    assert [each["album_type"] for each in own["items"][:3]] == ["album", "album", "single"]
    assert (own["total"], own["next"] is None) == (14, False)
    assert len(get(one, f"{BAND}/albums", include_groups="album,single", limit=10, offset=10)["items"]) == 4
    assert names(get(one, f"{BAND}/albums", include_groups="appears_on")["items"]) == ["Together"]
    everything = get(one, f"{BAND}/albums")
    assert (everything["total"], everything["limit"]) == (15, 5)
    gone = {"available_markets", "popularity", "label", "album_group"}
    assert not gone & everything["items"][0].keys()


@pytest.mark.parametrize(
    ("path", "query", "status"),
    [
        (f"{BAND}/albums", {"limit": 11}, 400),
        (f"{BAND}/albums", {"limit": 0}, 400),
        (f"{BAND}/albums", {"include_groups": "albums"}, 400),
        (f"/artists/{'x' * 22}/albums", {}, 404),
        ("/artists/short/albums", {}, 400),
        (f"/albums/{'x' * 22}", {}, 404),
        ("/albums/short", {}, 400),
        (f"{BAND}/top-tracks", {}, 403),
        (f"{BAND}/related-artists", {}, 403),
    ],
)
def test_what_it_refuses(path: str, query: dict[str, Any], status: int) -> None:
    assert asker().ask("GET", path, **query).status == status


def test_an_album_shows_fifty_tracks_which_do_not_tell_it_again() -> None:
    one = asker()
    album = get(one, f"/albums/{album_id(ITEMS[0])}", market="DE")
    tracks = album["tracks"]
    assert (album["name"], album["total_tracks"], tracks["total"], len(tracks["items"])) == ("Long One", 60, 60, 50)
    assert [track["track_number"] for track in tracks["items"][:3]] == [1, 2, 3]
    assert not {"album", "external_ids", "popularity", "linked_from"} & tracks["items"][0].keys()
    assert tracks["items"][0]["is_playable"] is True
    assert not {"label", "popularity", "available_markets"} & album.keys()
    assert get(one, BAND)["genres"] == []


def test_lists_may_hold_nulls_and_the_quota_of_the_catalogue_is_its_own() -> None:
    one = asker(habits=Habits(null_rate=1.0), limits=Limits(per_day={"catalogue": 1}))
    assert get(one, f"{BAND}/albums")["items"] == [None] * 5
    assert one.error("GET", BAND)[2] == "QUOTA_EXCEEDED"
    assert get(one, "/search", q="band", type="artist", limit=1)["artists"]["items"] == [None]
