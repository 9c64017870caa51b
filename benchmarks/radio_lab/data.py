"""Playlists as lists of artists: read, parted into those to learn from and those to ask about."""

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.mining_lab.data import Playlist, data_folder, read
from moodroom_hub.plugins.radio.recommending.interface import Lists

HELD_OUT = 10
"""One list in so many."""
LEAST_IN_LISTS = 2
"""An artist in fewer lists of those that are learnt from is not in the vocabulary."""
MOST_SHARED = 0.5
"""A list that shares more of its songs (or of the other's, the smaller counts) with one held out is a near copy."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One playlist: each artist once, in its order, and its songs for the finding of copies."""

    artists: tuple[str, ...]
    songs: frozenset[str]


@dataclass(frozen=True, slots=True)
class Split:
    """What is learnt from, and the held-out lists as places in its vocabulary; -1 is an artist outside it."""

    lists: Lists
    held_out: tuple[tuple[int, ...], ...]
    dropped: int
    """Near copies of held-out lists, not learnt from."""
    outside: float
    """The share of the held-out artists that is outside the vocabulary."""


def playlists(folder: Path | None = None) -> list[Listed]:
    """All lists of the open data that name an artist; none where the data is absent."""
    folder = folder or data_folder()
    if folder is None:
        return []
    data = read(folder)
    found = [_listed(each) for each in (*data.archive, *data.audio, *data.owner)]
    return [each for each in found if each.artists]


def _listed(playlist: Playlist) -> Listed:
    artists = (" ".join(song.artists[0].casefold().split()) for song in playlist.songs if song.artists)
    return Listed(tuple(dict.fromkeys(filter(None, artists))), frozenset(song.key for song in playlist.songs))


def part(listed: Sequence[Listed], split: int) -> Split:
    """The fold ``split`` of one seeded permutation is held out: ten folds hold every list out once."""
    order = list(range(len(listed)))
    random.Random(0).shuffle(order)
    held_out = [listed[at] for at in order[split % HELD_OUT :: HELD_OUT]]
    others = [listed[at] for place, at in enumerate(order) if place % HELD_OUT != split % HELD_OUT]
    learnt = without_copies(others, held_out)
    counts = Counter(artist for each in learnt for artist in each.artists)
    vocabulary = {
        artist: place for place, artist in enumerate(sorted(a for a, n in counts.items() if n >= LEAST_IN_LISTS))
    }
    rows = [[vocabulary[artist] for artist in each.artists if artist in vocabulary] for each in learnt]
    asked = tuple(tuple(vocabulary.get(artist, -1) for artist in each.artists) for each in held_out)
    flat = [place for each in asked for place in each]
    outside = sum(place < 0 for place in flat) / max(1, len(flat))
    return Split(as_lists(rows, len(vocabulary)), asked, len(others) - len(learnt), outside)


def without_copies(others: Sequence[Listed], held_out: Sequence[Listed]) -> list[Listed]:
    """Those of ``others`` that are no near copy of a held-out list."""
    by_song: dict[str, list[int]] = {}
    for at, each in enumerate(held_out):
        for song in each.songs:
            by_song.setdefault(song, []).append(at)
    kept = []
    for other in others:
        shared = Counter(at for song in other.songs for at in by_song.get(song, ()))
        if not any(n > MOST_SHARED * min(len(other.songs), len(held_out[at].songs)) for at, n in shared.items()):
            kept.append(other)
    return kept


def as_lists(rows: Sequence[Sequence[int]], size: int) -> Lists:
    """Rows of places as the recommenders take them; empty rows are left out."""
    full = [row for row in rows if row]
    starts = np.zeros(len(full) + 1, dtype=np.int64)
    np.cumsum([len(row) for row in full], out=starts[1:])
    return Lists(starts, np.array([place for row in full for place in row], dtype=np.int32), size)
