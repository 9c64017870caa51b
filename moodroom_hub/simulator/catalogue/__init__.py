"""Some six hundred real songs, a hundred for each of the six default rooms, and a few of the owner's beside them.

Names, artists, albums, years and durations are facts; uris and ISRCs are made up.
"""

import csv
import io
from dataclasses import dataclass
from functools import cache
from importlib import resources

from moodroom_hub.domain.models import DurationMs, Tier, Track, Uri
from moodroom_hub.simulator.items import Item, ItemKind, isrc_of, made_up_id, uri_of
from moodroom_hub.simulator.library import Liked

ROOM_SLUGS = ("late-night", "throwback-pop", "house", "rage", "throwback-rap", "after-hours")
_ELSEWHERE = "elsewhere"
_TIERS = {"C": Tier.CONFIRMED, "S": Tier.SAFE_SIDE, "D": Tier.DISCOVERY}
_LIKED_UNTIL_MS = 1_793_491_200_000
_HOUR_MS = 3_600_000


@dataclass(frozen=True, slots=True)
class Song:
    """One line of the catalogue. ``room`` and ``tier`` are ``None`` for songs that belong to no room."""

    room: str | None
    tier: Tier | None
    name: str
    artists: tuple[str, ...]
    album: str
    year: int
    duration_ms: int

    @property
    def uri(self) -> str:
        """The same in every room."""
        return uri_of(self.name, self.artists[0])

    @property
    def isrc(self) -> str:
        """Made up, well-formed."""
        return isrc_of(self.name, self.artists[0], self.year)

    def item(self) -> Item:
        """As something that can play."""
        return Item(self.uri, self.name, self.artists, self.duration_ms, self.album, self.year, self.isrc)

    def track(self) -> Track:
        """As the domain knows it."""
        return Track(
            uri=Uri(self.uri),
            name=self.name,
            artists=self.artists,
            duration_ms=DurationMs(self.duration_ms),
            isrc=self.isrc,
            album=self.album,
            year=self.year,
        )


@cache
def songs() -> tuple[Song, ...]:
    """Every line: the rooms' in their order, then those of no room. A song may stand in several rooms."""
    return tuple(song for place in (*ROOM_SLUGS, _ELSEWHERE) for song in _read(place))


def _read(place: str) -> list[Song]:
    return [read_song(line, None if place == _ELSEWHERE else place) for line in text_of(place).splitlines()]


def text_of(place: str) -> str:
    """One file of the catalogue."""
    return resources.files(__name__).joinpath(f"{place}.tsv").read_text(encoding="utf-8")


def read_song(line: str, room: str | None) -> Song:
    """One line; it begins with the song's tier in ``room``, or with the room that it is of."""
    first, name, artists, album, year, length = line.split("\t")
    minutes, seconds = length.split(":")
    return Song(
        room=first if first in ROOM_SLUGS else room,
        tier=_TIERS.get(first),
        name=name,
        artists=tuple(artists.split("; ")),
        album=album,
        year=int(year),
        duration_ms=(int(minutes) * 60 + int(seconds)) * 1000,
    )


def demo_pools() -> dict[str, list[tuple[Tier, Track]]]:
    """Each room's pool: 50 ``CONFIRMED``, 35 ``SAFE_SIDE``, 15 ``DISCOVERY``."""
    pools: dict[str, list[tuple[Tier, Track]]] = {slug: [] for slug in ROOM_SLUGS}
    for song in songs():
        if song.room is not None and song.tier is not None:
            pools[song.room].append((song.tier, song.track()))
    return pools


def pool_csv() -> str:
    """The pools as ``moodroom-hub pool import`` reads them."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["room", "tier", "name", "artist", "uri", "isrc"])
    for song in songs():
        if song.room is not None and song.tier is not None:
            row = [song.room, song.tier.value, song.name, "; ".join(song.artists), song.uri, song.isrc]
            writer.writerow(row)
    return text.getvalue()


def demo_items() -> list[Item]:
    """Everything that can play: each song once, and two episodes of a podcast."""
    tracks = {song.uri: song.item() for song in songs()}
    episodes = [
        Item(
            f"spotify:episode:{made_up_id('episode', str(number))}",
            f"Number {number}: what a record sleeve is for",
            ("The Quiet Needle",),
            1_500_000 + 60_000 * number,
            kind=ItemKind.EPISODE,
            year=2026,
        )
        for number in (1, 2)
    ]
    return [*tracks.values(), *episodes]


def demo_liked(until_ms: int = _LIKED_UNTIL_MS) -> list[Liked]:
    """Liked songs: every ``CONFIRMED`` one and those of no room, one every 19 hours back from ``until_ms``."""
    uris = dict.fromkeys(song.uri for song in songs() if song.tier in (Tier.CONFIRMED, None))
    shuffled = sorted(uris, key=lambda uri: made_up_id("liked", uri))
    return [Liked(uri, until_ms - 19 * _HOUR_MS * place) for place, uri in enumerate(shuffled, start=1)]


def own_playlist_uris() -> list[str]:
    """The songs of no room: what the owner's own playlist holds."""
    return [song.uri for song in songs() if song.room is None]
