"""Who keeps company with whom in the owner's own lists: short rows for songs and for artists.

The rows are the leading directions of the matrices of songs and lists, and of artists and lists: two that never share
a list but share neighbours come out near each other.
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy import sparse

from moodroom_hub.plugins.sorter.learning.keys import artist_name, song_name
from moodroom_hub.plugins.sorter.learning.tables import Table, empty_table, table_of, unit
from moodroom_hub.plugins.sorter.learning.task import SongList

LEAST_LISTS = 2
ROUNDS = 4


def learn_company(lists: Sequence[SongList], width: int, seed: int) -> tuple[Table, Table]:
    """Of songs, and of artists; a table without rows where the lists are too few to say anything."""
    songs = [list(dict.fromkeys(song_name(*item) for item in each.items)) for each in lists]
    artists = [dict.fromkeys(name for item in each.items if (name := artist_name(item[1]))) for each in lists]
    known = len({name for each in artists for name in each})
    # A list of many artists says little of any two of them.
    weights = [math.log(1 + known / max(1, len(each))) for each in artists]
    return (
        _table([dict.fromkeys(each, 1.0) for each in songs], weights, width, seed),
        _table([dict.fromkeys(each, 1.0) for each in artists], weights, width, seed),
    )


def _table(members: Sequence[dict[str, float]], weights: Sequence[float], width: int, seed: int) -> Table:
    names = sorted({name for each in members for name in each})
    width = min(width, len(names), len(members))
    if len(members) < LEAST_LISTS or width < LEAST_LISTS:
        return empty_table()
    places = {name: place for place, name in enumerate(names)}
    entries = [
        (places[name], column, value * weights[column])
        for column, each in enumerate(members)
        for name, value in each.items()
        if name in places
    ]
    rows, columns, values = zip(*entries, strict=True)
    matrix = sparse.csr_matrix((values, (rows, columns)), (len(names), len(members)), dtype=np.float32)
    lengths = np.sqrt(np.asarray(matrix.multiply(matrix).sum(1)).ravel())
    matrix = sparse.diags(1 / lengths) @ matrix
    return table_of(names, unit(np.asarray(matrix @ directions(matrix, width, seed), dtype=np.float32)))


def directions(matrix: Any, width: int, seed: int) -> Any:
    """The leading right singular directions (columns by width), by subspace iteration."""
    rng = np.random.default_rng(seed)
    found = rng.standard_normal((matrix.shape[1], width)).astype(np.float32)
    for _ in range(ROUNDS):
        found, _ = np.linalg.qr(matrix.T @ (matrix @ found))
    return found
