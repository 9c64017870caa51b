"""From artists in order to the tracks that a station plays next.

Chance comes from the station's own seed alone: the same station with the same votes, in the same company of tracks
heard lately, gives the same order on every machine; a vote changes what follows, and nothing else does.
"""

from bisect import bisect_left, bisect_right, insort
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from math import log, log2, sqrt
from typing import Final

from moodroom_hub.domain.models import Track, Uri
from moodroom_hub.domain.recording import normal_artist, recording_keys
from moodroom_hub.domain.stations.versions import is_imitation, song_key

LARGEST_SPACING: Final = 8
"""So many tracks lie between two of one artist, where there are artists enough."""
TEMPERATURE: Final = 0.4
"""How much chance mixes the order of artists: with this, one of twice the rank is passed once in about five."""
TRACK_TEMPERATURE: Final = 0.6
HEARD_AGAIN: Final = 2.0
"""What each of an artist's tracks among those heard lately takes from them."""
SUNK: Final = 2.5
"""What each dislike beyond the likes takes from an artist, besides what the model makes of it."""
SWING: Final = 12.0
"""How strongly the knob moves artists at its ends: more than the whole order does."""
NEUTRAL: Final = 0.5
KNOWN: Final = 0.4
"""How much of an artist's familiarity is that the owner likes songs of theirs; the rest is how many play them."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """An artist who fits. ``key``: the same for all spellings of the name; ``link``: of the chain, that found them.

    ``common``: 0 (hardly anybody plays them) to 1; ``is_known``: the owner likes songs of theirs;
    ``disliked``: dislikes beyond likes on this station.
    """

    key: str
    name: str
    score: float | None = None
    link: str = "station"
    common: float = NEUTRAL
    is_known: bool = False
    disliked: float = 0.0


@dataclass(frozen=True, slots=True)
class Company:
    """What a choice has to respect. ``recent``: heard or queued last, oldest first; ``waiting``: lies in the queue.

    ``never``: recording keys and song keys of what is not to be played (removed, disliked, known already).
    """

    recent: tuple[Track, ...] = ()
    waiting: frozenset[Uri] = frozenset()
    never: Collection[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Choice:
    """What comes next: a track of this artist. ``None``: theirs are not known yet, and wanted."""

    artist: Ranked
    track: Track | None


def keys_of(track: Track) -> frozenset[str]:
    """All names under which a track is known here: as a recording, and as a song in any version."""
    song = song_key(track)
    return recording_keys(track) if song is None else recording_keys(track) | {f"song:{song}"}


def spacing(artists: int) -> int:
    """How many tracks must lie between two of one artist, where so many artists can be had."""
    return max(0, min(LARGEST_SPACING, artists - 1))


def appeals(ranked: Sequence[Ranked], adventure: float) -> list[float]:
    """How much each artist is wanted, in the order given: by place, by the knob, and by dislikes."""
    turned = 2 * adventure - 1
    # Gently around the middle: the order of who fits is worth more than the knob there.
    swing = SWING * turned * sqrt(abs(turned))
    # Against each other: whoever fits a station at all is mostly among the common ones.
    commons = sorted(artist.common for artist in ranked)
    shares = [(bisect_left(commons, each.common) + bisect_right(commons, each.common)) / 2 for each in ranked]
    return [
        -log2(place + 1)
        - SUNK * max(0.0, artist.disliked)
        - swing * (2 * (KNOWN * artist.is_known + (1 - KNOWN) * share / len(ranked)) - 1)
        for place, (artist, share) in enumerate(zip(ranked, shares, strict=True), 1)
    ]


def upcoming(
    ranked: Sequence[Ranked],
    candidates: Mapping[str, Sequence[Track]],
    company: Company,
    *,
    chance: int,
    adventure: float = NEUTRAL,
    count: int = 10,
    key_of: Callable[[str], str] = normal_artist,
) -> tuple[Choice, ...]:
    """The next ``count`` choices in order. ``candidates`` by the artist's key; a key that is missing is not known yet.

    Never what ``company`` forbids. Where every artist was heard too lately the spacing gives way, never the rest.
    ``key_of``: the ``Ranked.key`` of an artist's name.
    """
    return tuple(_Chooser(ranked, candidates, company, chance, adventure, key_of).next(count))


class _Chooser:
    def __init__(
        self,
        ranked: Sequence[Ranked],
        candidates: Mapping[str, Sequence[Track]],
        company: Company,
        chance: int,
        adventure: float,
        key_of: Callable[[str], str],
    ) -> None:
        self._chance = chance
        self._candidates = candidates
        self._company = company
        self._key_of = key_of
        self._taken = set(company.never)
        self._past = 0
        self._last_at: dict[str, int] = {}
        self._heard: Counter[str] = Counter()
        self._wants: dict[str, float] = {}
        self._order: list[tuple[float, str]] = []
        for track in company.recent:
            self._taken |= keys_of(track)
            self._pass(self._keys(track))
        appeal = appeals(ranked, adventure)
        self._left = {artist.key: artist for artist in reversed(ranked)}
        self._appeal = {artist.key: wanted for artist, wanted in zip(reversed(ranked), reversed(appeal), strict=True)}
        self._wants = {key: self._wanted(key) for key in self._left}
        self._order = sorted((-wanted, key) for key, wanted in self._wants.items())

    def next(self, count: int) -> Iterator[Choice]:
        while count and self._left:
            artist = self._best()
            fresh = self._fresh(artist)
            if fresh == []:
                # Who ran dry leaves the round, and with it the distance that is asked of the others.
                self._drop(artist.key)
                continue
            track = None if fresh is None else self._drawn(artist, fresh)
            if track is not None:
                self._taken |= keys_of(track)
            self._pass({artist.key} | (frozenset() if track is None else self._keys(track)))
            count -= 1
            yield Choice(artist, track)

    def _best(self) -> Ranked:
        """The most wanted of those who were not heard within the distance; it shrinks until somebody is left."""
        distance = spacing(len(self._left))
        while True:
            for _, key in self._order:
                if self._past - self._last_at.get(key, -LARGEST_SPACING - 1) > distance:
                    return self._left[key]
            distance -= 1

    def _wanted(self, key: str) -> float:
        heard = self._heard[key]
        return self._appeal[key] - HEARD_AGAIN * heard + TEMPERATURE * _luck(self._chance, key, heard)

    def _drop(self, key: str) -> None:
        del self._left[key]
        del self._order[bisect_left(self._order, (-self._wants.pop(key), key))]

    def _fresh(self, artist: Ranked) -> list[Track] | None:
        known = self._candidates.get(artist.key)
        if known is None:
            return None
        return [
            track
            for track in known
            if track.is_playable
            and track.uri not in self._company.waiting
            and self._taken.isdisjoint(keys_of(track))
            and not is_imitation(track)
        ]

    def _drawn(self, artist: Ranked, fresh: Sequence[Track]) -> Track:
        """The first ones are the artist's best known, and come sooner."""
        lucks = [TRACK_TEMPERATURE * _luck(self._chance, artist.key, track.uri) for track in fresh]
        return fresh[max(range(len(fresh)), key=lambda at: lucks[at] - log2(at + 1))]

    def _keys(self, track: Track) -> frozenset[str]:
        return frozenset(key for key in map(self._key_of, track.artists) if key)

    def _pass(self, keys: Collection[str]) -> None:
        self._heard.update(keys)
        for key in keys:
            self._last_at[key] = self._past
            if key in self._wants:
                del self._order[bisect_left(self._order, (-self._wants[key], key))]
                self._wants[key] = self._wanted(key)
                insort(self._order, (-self._wants[key], key))
        self._past += 1


def _luck(*parts: int | str) -> float:
    """A Gumbel number that these parts, and nothing else, decide: about -1.5 to 5, mostly around 0."""
    digest = blake2b("\n".join(map(str, parts)).encode(errors="replace"), digest_size=8).digest()
    share = (int.from_bytes(digest, "little") + 1) / (2**64 + 2)
    return -log(-log(share))
