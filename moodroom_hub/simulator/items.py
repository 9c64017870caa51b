"""What can play in the make-believe home."""

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

_BASE62 = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_ID_LENGTH = 22


class ItemKind(StrEnum):
    """What sort of thing an item is."""

    TRACK = "track"
    EPISODE = "episode"
    ADVERT = "advert"
    LOCAL = "local"


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that can play.

    ``plays_as`` is the uri of another item that sounds in its place (relinking: same recording, other id).
    An item with ``is_playable`` false is jumped over when its turn comes.
    """

    uri: str
    name: str
    artists: tuple[str, ...]
    duration_ms: int
    album: str = ""
    year: int | None = None
    isrc: str | None = None
    kind: ItemKind = ItemKind.TRACK
    is_playable: bool = True
    plays_as: str | None = None

    @property
    def id(self) -> str | None:
        """The last part of the uri; local files and adverts have none."""
        if self.kind in (ItemKind.LOCAL, ItemKind.ADVERT):
            return None
        return self.uri.rsplit(":", 1)[-1]


@lru_cache(maxsize=8192)
def made_up_id(*parts: str) -> str:
    """A stable 22-character base62 id for these words."""
    number = int.from_bytes(hashlib.sha256("\x1f".join(parts).encode()).digest(), "big")
    digits = []
    for _ in range(_ID_LENGTH):
        number, digit = divmod(number, len(_BASE62))
        digits.append(_BASE62[digit])
    return "".join(digits)


def uri_of(name: str, artist: str) -> str:
    """The make-believe track uri of a song."""
    return "spotify:track:" + made_up_id("track", name, artist)


def isrc_of(name: str, artist: str, year: int) -> str:
    """A made-up, well-formed ISRC; ``QZMR0`` marks it as the simulator's."""
    number = int.from_bytes(hashlib.sha256(f"isrc\x1f{name}\x1f{artist}".encode()).digest()[:8], "big")
    return f"QZMR0{year % 100:02d}{number % 100_000:05d}"


ADVERT = Item("spotify:ad:0000000000000000000000", "Advertisement", (), 30_000, kind=ItemKind.ADVERT)


def album_id(item: Item) -> str:
    """The made-up id of an item's album."""
    return made_up_id("album", item.album, item.artists[0] if item.artists else "")


def artist_id(name: str) -> str:
    """The made-up id of an artist."""
    return made_up_id("artist", name)
