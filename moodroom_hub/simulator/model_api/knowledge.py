"""What the make-believe model knows of music. Put in from outside, so that a test can work out the right answer."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from moodroom_hub.domain.models import Tier
from moodroom_hub.simulator.catalogue import ROOM_SLUGS, songs
from moodroom_hub.simulator.model_api.protocol import AskedRoom, AskedTrack, song_key


@dataclass(frozen=True, slots=True)
class KnownSong:
    """A song that the model may suggest."""

    name: str
    artist: str

    @property
    def key(self) -> str:
        """How it is compared with what the client lists."""
        return song_key(self.name, self.artist)


@dataclass(frozen=True, slots=True)
class Suggestions:
    """What the model would suggest for a room, best first."""

    safe_side: tuple[KnownSong, ...] = ()
    discovery: tuple[KnownSong, ...] = ()


class Knowledge(Protocol):
    """Where each track belongs."""

    def rooms_of(self, name: str, artists: Sequence[str]) -> Mapping[str, float]:
        """Slugs with confidence, 0 to 1; empty where it fits nowhere."""

    def suggestions(self, room: str) -> Suggestions:
        """What would suit this room."""


class DemoKnowledge:
    """The demo catalogue by heart; of every other track the same guess each time, decided by its name and ``seed``.

    Of tracks that it does not know 15 in 100 fit nowhere, 15 fit two of ``rooms``, the others one.
    """

    def __init__(self, seed: int = 0, rooms: Sequence[str] = ROOM_SLUGS) -> None:
        self._seed = seed
        self._rooms = tuple(rooms)
        self._known: dict[str, dict[str, float]] = {}
        suggested: dict[tuple[str, Tier | None], list[KnownSong]] = {}
        for song in songs():
            places = self._known.setdefault(song_key(song.name, song.artists[0]), {})
            if song.room is not None:
                places[song.room] = 0.8 + _share(seed, song.room, song.name) * 0.19
                suggested.setdefault((song.room, song.tier), []).append(KnownSong(song.name, song.artists[0]))
        self._suggested = {key: tuple(found) for key, found in suggested.items()}
        self._guess = lru_cache(maxsize=65_536)(self._guess_anew)

    def rooms_of(self, name: str, artists: Sequence[str]) -> Mapping[str, float]:
        """Slugs with confidence, 0 to 1."""
        key = song_key(name, artists[0] if artists else "")
        known = self._known.get(key)
        return self._guess(key) if known is None else known

    def suggestions(self, room: str) -> Suggestions:
        """The catalogue's own ``SAFE_SIDE`` and ``DISCOVERY`` songs of this room."""
        tiers = (Tier.SAFE_SIDE, Tier.DISCOVERY)
        return Suggestions(*(self._suggested.get((room, tier), ()) for tier in tiers))

    def _guess_anew(self, key: str) -> Mapping[str, float]:
        digest = hashlib.blake2b(f"{self._seed}\x1f{key}".encode("utf-8", "surrogatepass"), digest_size=8).digest()
        kind, first, step, sure = int.from_bytes(digest[4:], "big") % 100, digest[1], digest[2], digest[3]
        if kind < 15 or not self._rooms:
            return {}
        count = len(self._rooms)
        places = {self._rooms[first % count]: 0.55 + sure / 255 * 0.44}
        if kind < 30 and count > 1:
            places[self._rooms[(first + 1 + step % (count - 1)) % count]] = 0.5 + sure / 255 * 0.3
        return places


def right_rooms(knowledge: Knowledge, rooms: Sequence[AskedRoom], track: AskedTrack) -> dict[str, float]:
    """Where a track belongs among the rooms asked about, most confident first, rounded to hundredths.

    What the owner said goes before what the model knows: an anchor or a track that ``fits`` is in, one that does
    ``does_not_fit`` is out, and so is what ``avoid`` names: a song, or one of its artists.
    """
    known = knowledge.rooms_of(track.name, track.artists)
    names = {*track.keys, *(artist.casefold() for artist in track.artists)}
    found: dict[str, float] = {}
    for room in rooms:
        is_named = not names.isdisjoint(room.named)
        if is_named and (names & room.does_not_fit or names & room.avoid):
            continue
        if is_named and (names & room.anchors or names & room.fits):
            found[room.slug] = 0.99
        elif room.slug in known:
            found[room.slug] = round(known[room.slug], 2)
    return dict(sorted(found.items(), key=lambda one: -one[1]))


def _share(seed: int, *words: str) -> float:
    digest = hashlib.blake2b("\x1f".join((str(seed), *words)).encode(), digest_size=4).digest()
    return int.from_bytes(digest, "big") / 2**32
