"""Names for comparing, as numbers: 64 bits of a hash that is the same on every machine."""

from collections.abc import Iterable
from functools import lru_cache
from hashlib import blake2b

from moodroom_hub.domain.recording import name_key, normal_artist
from moodroom_hub.plugins.sorter.learning.task import Song


@lru_cache(maxsize=65_536)
def number_of(text: str) -> int:
    """64 bits, unsigned."""
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big")


@lru_cache(maxsize=65_536)
def artist_name(artist: str) -> str:
    """The artist's name for comparing."""
    return normal_artist(artist)


def artist_names(artists: Iterable[str]) -> tuple[str, ...]:
    """Each once, in order; nameless ones are left out."""
    return tuple(dict.fromkeys(name for artist in artists if (name := artist_name(artist))))


def song_name(name: str, artist: str) -> str:
    """A song's name and first artist for comparing."""
    return name_key(name, artist) or f"{artist}\n{name}"


def song_key(song: Song) -> str:
    """As ``song_name``."""
    return song_name(song.name, song.artists[0] if song.artists else "")
