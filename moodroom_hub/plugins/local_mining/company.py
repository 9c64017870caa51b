"""Which songs and artists keep company: the lists they stand in, and short vectors that sum the lists up.

The vectors are the leading right singular directions of the matrix of artists and lists, found by subspace iteration:
two artists that never share a list but share neighbours come out near each other.
"""

import math
import random
from array import array
from collections.abc import Sequence
from operator import mul

from moodroom_hub.plugins.local_mining.songs import SongList

DIMENSIONS = 64
ROUNDS = 3
_SEED = 20_260
_TINY = 1e-9

_NOWHERE: tuple[int, ...] = ()

Row = dict[int, float]


class Company:
    """What lists say: for each song and artist the lists it stands in. Only their places are kept, to save memory."""

    def __init__(self, lists: Sequence[tuple[SongList, Sequence[tuple[str, str]]]]) -> None:
        """``lists`` come with the keys of their items: (song, artist)."""
        weights: list[float] = []
        self._songs: dict[str, array[int]] = {}
        self._artists: dict[str, array[int]] = {}
        known = len({artist for _, keys in lists for _, artist in keys if artist})
        for place, (_, keys) in enumerate(lists):
            songs, artists = {song for song, _ in keys}, {artist for _, artist in keys if artist}
            # A list of many artists says little of any two of them.
            weights.append(math.log(1 + known / max(1, len(artists))))
            for rows, members in ((self._songs, songs), (self._artists, artists)):
                for member in members:
                    rows.setdefault(member, array("i")).append(place)
        self._weights = weights
        self._directions = _directions(
            [self._row(self._artists[artist]) for artist in sorted(self._artists) if len(self._artists[artist]) > 1],
            len(lists),
        )

    def lists_of(self, song: str) -> Sequence[int]:
        """The lists that hold this song, in order."""
        return self._songs.get(song, _NOWHERE)

    def of_song(self, song: str) -> Row:
        """The lists of this song, weighted and of length 1."""
        return self._row(self.lists_of(song))

    def _row(self, places: Sequence[int]) -> Row:
        row = {place: self._weights[place] for place in places}
        _to_unit(row)
        return row

    def of_artists(self, artists: Sequence[str]) -> Row:
        """The lists of all these artists together."""
        found: Row = {}
        for artist in artists:
            for place, value in self._row(self._artists.get(artist, _NOWHERE)).items():
                found[place] = found.get(place, 0.0) + value
        _to_unit(found)
        return found

    def forget_vectors(self) -> None:
        """Frees what only ``vector`` needs."""
        self._directions = []

    def vector(self, row: Row) -> list[float]:
        """Where somebody of these lists stands, as a vector of length 1; empty where the lists say nothing."""
        if not row or not self._directions:
            return []
        sums = [0.0] * len(self._directions[0])
        for place, value in row.items():
            sums = [s + value * d for s, d in zip(sums, self._directions[place], strict=True)]
        length = math.sqrt(sum(map(mul, sums, sums)))
        return [value / length for value in sums] if length > _TINY else []


def _to_unit(row: Row) -> None:
    length = math.sqrt(sum(value * value for value in row.values()))
    for place in row if length > 0 else ():
        row[place] /= length


def _directions(entries: Sequence[Row], lists: int) -> list[list[float]]:
    """For each list its part of the orthonormal leading directions. ``entries``: artists of several lists."""
    width = min(DIMENSIONS, len(entries) - 1, lists - 1)
    if width < 2:
        return []
    rng = random.Random(_SEED)  # noqa: S311 -- a starting point, no secret
    directions = [[rng.gauss(0, 1) for _ in range(width)] for _ in range(lists)]
    for _ in range(ROUNDS):
        spread = [[0.0] * width for _ in range(lists)]
        for row in entries:
            seen = [0.0] * width
            for place, value in row.items():
                seen = [s + value * d for s, d in zip(seen, directions[place], strict=True)]
            for place, value in row.items():
                spread[place] = [s + value * d for s, d in zip(spread[place], seen, strict=True)]
        directions = _orthonormal(spread, width)
    return directions


def _orthonormal(rows: list[list[float]], width: int) -> list[list[float]]:
    columns = [list(column) for column in zip(*rows, strict=True)]
    kept: list[list[float]] = []
    for column in columns[:width]:
        before = math.sqrt(sum(map(mul, column, column)))
        for other in kept:
            share = sum(map(mul, column, other))
            column = [value - share * along for value, along in zip(column, other, strict=True)]
        length = math.sqrt(sum(map(mul, column, column)))
        # A direction that the others already span would be noise blown up.
        kept.append([value / length for value in column] if length > 1e-7 * before > 0 else [0.0] * len(column))
    return [list(row) for row in zip(*kept, strict=True)]
