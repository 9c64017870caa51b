"""What stations need of the made-up world: songs beyond the rooms, doubles of songs, and strangers' playlists.

A scene is a room's slug; strangers' playlists mostly keep to one, so that artists of one scene belong together.
"""

import json
from collections import Counter
from dataclasses import dataclass, replace
from functools import cache
from random import Random

from moodroom_hub.simulator.catalogue import ROOM_SLUGS, Song, read_song, songs, text_of
from moodroom_hub.simulator.items import Item, isrc_of, uri_of

FRIDAY = "radio: Friday"
"""The owner's playlist that is a station: a night of house that begins with pop of the day before yesterday."""
FRIDAY_SCENES = ("house", "throwback-pop")
KARAOKE_CREW = "Friday Karaoke Crew"

_FRIDAY_SEEDS = {"house": 5, "throwback-pop": 5}
_PROLIFIC = 3
"""Songs that somebody must have so that there are doubles of them."""
_STRAYS = 0.06
_SECOND_SCENE = 0.15


@dataclass(frozen=True, slots=True)
class StrangersPlaylist:
    """A playlist that somebody made somewhere, mostly of one ``scene``."""

    name: str
    scene: str
    songs: tuple[Song, ...]


@cache
def further_songs() -> tuple[Song, ...]:
    """Songs that are in no room and not liked: a station may find them. ``room`` is the scene that they are of."""
    return tuple(read_song(line, None) for line in text_of("further").splitlines())


@cache
def scene_songs(scene: str) -> tuple[Song, ...]:
    """Everything of one scene."""
    return tuple(song for song in (*songs(), *further_songs()) if song.room == scene)


def scene_artists(scene: str) -> dict[str, int]:
    """Who makes the scene's songs, and how many; most first."""
    return dict(Counter(song.artists[0] for song in scene_songs(scene)).most_common())


def doubles() -> list[Item]:
    """A live, a remastered and a karaoke double of one song of everybody who has several."""
    made: dict[str, Item] = {}
    counts = Counter(song.artists[0] for song in (*songs(), *further_songs()))
    taken: set[str] = set()
    for song in (*songs(), *further_songs()):
        artist = song.artists[0]
        if counts[artist] < _PROLIFIC or artist in taken:
            continue
        taken.add(artist)
        for item in _doubles_of(song):
            made.setdefault(item.uri, item)
    return list(made.values())


def station_items() -> list[Item]:
    """What the world holds for stations beside the rooms' songs."""
    return [*(song.item() for song in further_songs()), *doubles()]


def friday_uris() -> list[str]:
    """What the owner put into ``FRIDAY``: songs of the artists who have most, of either scene in turn."""
    chosen = []
    for scene, count in _FRIDAY_SEEDS.items():
        others = {artist for slug in ROOM_SLUGS if slug != scene for artist in scene_artists(slug)}
        artists = [artist for artist in scene_artists(scene) if artist not in others][:count]
        chosen.append([next(one.uri for one in scene_songs(scene) if one.artists[0] == artist) for artist in artists])
    return [uri for pair in zip(*chosen, strict=True) for uri in pair]


def strangers_playlists(seed: int = 1, count: int = 600) -> list[StrangersPlaylist]:
    """Playlists of 6 to 24 songs; the same for the same seed."""
    rng = Random(f"strangers:{seed}")
    everything = [song for scene in ROOM_SLUGS for song in scene_songs(scene)]
    return [_playlist(rng, number, everything) for number in range(count)]


def as_slice(playlists: list[StrangersPlaylist]) -> str:
    """The text of a file of playlists in the shape of the Million Playlist Dataset's slices."""
    rows = [
        {
            "name": playlist.name,
            "collaborative": "false",
            "pid": number,
            "num_tracks": len(playlist.songs),
            "tracks": [_row(place, song) for place, song in enumerate(playlist.songs)],
        }
        for number, playlist in enumerate(playlists)
    ]
    return json.dumps({"info": {"slice": f"0-{len(rows) - 1}"}, "playlists": rows}, ensure_ascii=False)


def _playlist(rng: Random, number: int, everything: list[Song]) -> StrangersPlaylist:
    scene = ROOM_SLUGS[number % len(ROOM_SLUGS)]
    songs_of_it = list(scene_songs(scene))
    if rng.random() < _SECOND_SCENE:
        songs_of_it += scene_songs(rng.choice(ROOM_SLUGS))
    chosen = rng.sample(songs_of_it, rng.randint(6, 24))
    mixed = [rng.choice(everything) if rng.random() < _STRAYS else song for song in chosen]
    return StrangersPlaylist(f"{scene} {number}", scene, tuple(mixed))


def _row(place: int, song: Song) -> dict[str, object]:
    return {
        "pos": place,
        "artist_name": song.artists[0],
        "track_uri": song.uri,
        "track_name": song.name,
        "album_name": song.album,
        "duration_ms": song.duration_ms,
    }


def _doubles_of(song: Song) -> list[Item]:
    return [
        _double(song, f"{song.name} - Live at the Palladium", f"Live at the Palladium ({song.artists[0]})", 25_000),
        _double(song, f"{song.name} - Remastered {min(2026, song.year + 10)}", f"{song.album} (Deluxe Edition)", 0),
        _double(replace(song, artists=(KARAOKE_CREW,)), f"{song.name} (Karaoke Version)", "Friday Hits to Sing", 2_000),
    ]


def _double(song: Song, name: str, album: str, more_ms: int) -> Item:
    artist = song.artists[0]
    isrc = isrc_of(name, artist, song.year)
    return Item(uri_of(name, artist), name, song.artists, song.duration_ms + more_ms, album, song.year, isrc)
