"""A library as sparse features: who plays it, what it is called, when it was made, and in whose company it stands.

Each view of a song has length 1 times the view's weight, so that no view outshouts another by its mere number of
words.
"""

import math
from array import array
from collections import Counter
from collections.abc import Iterator, Sequence
from enum import IntEnum
from functools import lru_cache

from moodroom_hub.domain.recording import fold, name_key, normal_artist
from moodroom_hub.plugins.local_mining.company import Company
from moodroom_hub.plugins.local_mining.songs import Song, SongList, Sparse


class View(IntEnum):
    """A way of looking at a song."""

    ARTIST = 0
    ARTIST_WORDS = 1
    NAME = 2
    ALBUM = 3
    YEAR = 4
    LENGTH = 5
    GENRE = 6
    SONG_LISTS = 7
    ARTIST_LISTS = 8
    NEIGHBOURHOOD = 9


WEIGHTS: dict[View, float] = {
    View.ARTIST: 1.25,
    View.ARTIST_WORDS: 0.25,
    View.NAME: 0.25,
    View.ALBUM: 0.25,
    View.YEAR: 1.0,
    View.LENGTH: 0.25,
    View.GENRE: 1.0,
    View.SONG_LISTS: 1.0,
    View.ARTIST_LISTS: 1.0,
    View.NEIGHBOURHOOD: 1.5,
}
"""The weight of each view's similarity in the sum of similarities."""

YEAR_WIDTHS = (4, 12, 36)
LENGTH_WIDTH = 0.4
"""Of the logarithm: songs whose lengths differ by half share nothing."""
STEPS = 4
MOST_LISTS = 60
"""Of an artist in hundreds of lists the most telling are kept: smaller lists say more."""

Named = dict[tuple[View, str | int], float]


class Library:
    """The features of every song. ``view_of`` tells of a feature's id which view it belongs to."""

    def __init__(self, songs: Sequence[Song], lists: Sequence[SongList] = ()) -> None:
        self.songs = tuple(songs)
        self.artists = [artist_keys(song) for song in songs]
        self.keys = [song_key(song.name, song.artists[0] if song.artists else "") for song in songs]
        self.company = Company(
            [(each, [(song_key(*item), artist_key(item[1])) for item in each.items]) for each in lists]
        )
        words = [dict(_texts(song)) for song in songs]
        self._rarity = _rarities(words)
        named_ids: dict[tuple[View, str | int], int] = {}
        counts: Counter[int] = Counter()
        raw: list[tuple[array[int], array[float]]] = []
        self._vectors: dict[tuple[str, ...], list[float]] = {}
        for index, song in enumerate(songs):
            ids, values = array("i"), array("f")
            for name, value in sorted(self._named(index, song, words[index]).items()):
                ids.append(named_ids.setdefault(name, len(named_ids)))
                values.append(value)
            counts.update(ids)
            raw.append((ids, values))
        self.view_of = [name[0] for name in named_ids]
        named = len(named_ids)
        named_ids.clear()
        self._vectors.clear()
        self.company.forget_vectors()
        words.clear()
        self.features: list[Sparse] = []
        # From the end, so that each raw row is freed when its features stand.
        for index in reversed(range(len(raw))):
            self.features.append(_shared(*raw.pop(), counts, named + index))
        self.features.reverse()

    def _named(self, index: int, song: Song, words: dict[View, tuple[str, ...]]) -> Named:
        found: Named = {}
        for view, texts in words.items():
            weighed: dict[str | int, float] = {text: self._rarity[view].get(text, 0.0) for text in texts}
            _put(found, view, weighed)
        _put(found, View.ARTIST, dict.fromkeys(self.artists[index], 1.0))
        if song.year is not None:
            _put(found, View.YEAR, _bins(float(song.year), YEAR_WIDTHS))
        if song.duration_ms is not None and song.duration_ms > 0:
            _put(found, View.LENGTH, _bins(math.log(song.duration_ms), (LENGTH_WIDTH,)))
        own = self.company.of_song(self.keys[index])
        _put(found, View.SONG_LISTS, _most_telling(own))
        others = self.company.of_artists(self.artists[index])
        _put(found, View.ARTIST_LISTS, _most_telling(others))
        _put(found, View.NEIGHBOURHOOD, dict(enumerate(self._vector(self.artists[index], others))))
        return found

    def _vector(self, artists: tuple[str, ...], row: dict[int, float]) -> list[float]:
        if artists not in self._vectors:
            self._vectors[artists] = self.company.vector(row)
        return self._vectors[artists]


@lru_cache(maxsize=65_536)
def artist_key(artist: str) -> str:
    """The artist's name for comparing."""
    return normal_artist(artist)


def artist_keys(song: Song) -> tuple[str, ...]:
    """All artists of a song for comparing, each once."""
    return tuple(dict.fromkeys(key for artist in song.artists if (key := artist_key(artist))))


def song_key(name: str, artist: str) -> str:
    """The song's name and first artist for comparing."""
    return name_key(name, artist) or f"{artist}\n{name}"


def _texts(song: Song) -> Iterator[tuple[View, tuple[str, ...]]]:
    yield View.ARTIST_WORDS, _words(" ".join(song.artists))
    yield View.NAME, _words(song.name)
    yield View.ALBUM, _words(song.album)
    yield View.GENRE, tuple(dict.fromkeys(fold(genre) for genre in song.genres))


def _words(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(fold(text[:400]).split()))


def _rarities(words: Sequence[dict[View, tuple[str, ...]]]) -> dict[View, dict[str, float]]:
    counts: dict[View, Counter[str]] = {}
    for texts in words:
        for view, found in texts.items():
            counts.setdefault(view, Counter()).update(found)
    total = len(words)
    return {
        view: {text: math.log(1 + total / count) for text, count in found.items()} for view, found in counts.items()
    }


def _put(found: Named, view: View, values: dict[str | int, float] | dict[int, float] | dict[str, float]) -> None:
    length = math.sqrt(sum(value * value for value in values.values()))
    if length > 0:
        scale = math.sqrt(WEIGHTS[view]) / length
        for name, value in values.items():
            found[view, name] = value * scale


def _bins(value: float, widths: Sequence[float]) -> dict[int, float]:
    """Overlapping bins: the more bins two values share, the nearer they are."""
    found = {}
    for number, width in enumerate(widths):
        for step in range(STEPS):
            place = math.floor(value / width + step / STEPS)
            found[(place * STEPS + step) * len(widths) + number] = 1.0
    return found


def _most_telling(row: dict[int, float]) -> dict[int, float]:
    if len(row) <= MOST_LISTS:
        return row
    return dict(sorted(row.items(), key=lambda entry: (-entry[1], entry[0]))[:MOST_LISTS])


def _shared(ids: Sequence[int], values: Sequence[float], counts: Counter[int], own_id: int) -> Sparse:
    """What only this song has becomes one feature of its own: it says how much of the song is unlike all others."""
    kept = sorted((i, v) for i, v in zip(ids, values, strict=True) if counts[i] > 1)
    rest = math.sqrt(sum(v * v for i, v in zip(ids, values, strict=True) if counts[i] == 1))
    kept.append((own_id, rest))
    return Sparse(array("i", (i for i, _ in kept)), array("f", (v for _, v in kept)))
