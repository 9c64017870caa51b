"""Lists as sparse matrices, and what is counted in them."""

from typing import Any

import numpy as np
from scipy import sparse

from moodroom_hub.plugins.radio.recommending.interface import Floats, Lists, Places

Sparse = Any
"""A matrix of scipy, which tells mypy nothing of itself."""


def popularity(lists: Lists) -> Floats:
    """In how many lists each artist is."""
    counts = np.zeros(lists.size, dtype=np.int64)
    step = 4_000_000
    for begin in range(0, len(lists.artists), step):
        counts += np.bincount(lists.artists[begin : begin + step], minlength=lists.size)
    return counts.astype(np.float32)


def chosen(lists: Lists, rows: Places) -> Lists:
    """Only these rows, in this order; the artists keep their places."""
    lengths = lists.starts[rows + 1] - lists.starts[rows]
    starts = np.zeros(len(rows) + 1, dtype=np.int64)
    np.cumsum(lengths, out=starts[1:])
    artists = np.empty(int(starts[-1]), dtype=np.int32)
    for place, row in enumerate(rows.tolist()):
        artists[starts[place] : starts[place + 1]] = lists.artists[lists.starts[row] : lists.starts[row + 1]]
    return Lists(starts, artists, lists.size)


def sample(lists: Lists, most: int, rng: np.random.Generator) -> Lists:
    """At most so many of the lists, in their order."""
    if len(lists) <= most:
        return lists
    return chosen(lists, np.sort(rng.choice(len(lists), most, replace=False)))


def matrix(lists: Lists, weights: Floats | None = None) -> Sparse:
    """Lists by artists, float32: one where an artist is in a list, times the list's weight."""
    lengths = np.diff(lists.starts)
    data = np.ones(len(lists.artists), dtype=np.float32) if weights is None else np.repeat(weights, lengths)
    starts = lists.starts.astype(np.int32) if len(lists.artists) < np.iinfo(np.int32).max else lists.starts
    return sparse.csr_matrix((data, lists.artists, starts), shape=(len(lists), lists.size))
