"""Which songs and artists keep company: the lists they stand in, and short vectors that sum the lists up.

The vectors are the leading right singular directions of the matrix of artists and lists, found by subspace iteration:
two artists that never share a list but share neighbours come out near each other.
"""

import math
import random
from collections.abc import Sequence
from operator import mul

from moodroom_hub.plugins.local_mining.songs import SongList

DIMENSIONS = 64
ROUNDS = 3
MOST_SITTINGS = 1_500
MOST_LISTS = 1_000
"""More would cost minutes and memory and say little that is new."""
_SEED = 20_260
_TINY = 1e-9

Row = dict[int, float]


class Company:
    """What lists say. ``artists`` and ``songs`` give for each key the lists it stands in, weighted and of length 1."""

    def __init__(self, lists: Sequence[tuple[SongList, Sequence[tuple[str, str]]]]) -> None:
        """``lists`` come with the keys of their items: (song, artist)."""
        members = [({song for song, _ in keys}, {artist for _, artist in keys if artist}) for _, keys in lists]
        known = len({artist for _, artists in members for artist in artists})
        # A list of many artists says little of any two of them.
        weights = [math.log(1 + known / max(1, len(artists))) for _, artists in members]
        self.artists: dict[str, Row] = {}
        self.songs: dict[str, Row] = {}
        for place, (songs, artists) in enumerate(members):
            for artist in sorted(artists):
                self.artists.setdefault(artist, {})[place] = weights[place]
            for song in sorted(songs):
                self.songs.setdefault(song, {})[place] = weights[place]
        for row in (*self.artists.values(), *self.songs.values()):
            _to_unit(row)
        self._directions = _directions(self.artists, len(members))

    def of_artists(self, artists: Sequence[str]) -> Row:
        """The lists of all these artists together."""
        found: Row = {}
        for artist in artists:
            for place, value in self.artists.get(artist, {}).items():
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


def most_telling(lists: Sequence[SongList]) -> tuple[SongList, ...]:
    """The playlists and the longest sittings: where many songs were heard together most can be learnt."""
    kept: set[int] = set()
    for is_playlist, most in ((True, MOST_LISTS), (False, MOST_SITTINGS)):
        own = [place for place, each in enumerate(lists) if bool(each.title) is is_playlist and len(each.items) > 1]
        kept.update(sorted(own, key=lambda place: (-len(lists[place].items), place))[:most])
    return tuple(each for place, each in enumerate(lists) if place in kept)


def _to_unit(row: Row) -> None:
    length = math.sqrt(sum(value * value for value in row.values()))
    for place in row if length > 0 else ():
        row[place] /= length


def _directions(rows: dict[str, Row], lists: int) -> list[list[float]]:
    """For each list its part of the orthonormal leading directions."""
    entries = [row for row in rows.values() if len(row) > 1]
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
