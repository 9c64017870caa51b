"""Which songs of the motherlist lie around a song: what is known of them says something of it, too.

Songs are neighbours by the motherlist's leading directions, labelled or not. So what a handful of labels says spreads
from song to song along what is alike, further than a likeness to a labelled song itself reaches.
"""

from dataclasses import dataclass
from random import Random
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from moodroom_hub.plugins.sorter.learning.company import directions
from moodroom_hub.plugins.sorter.learning.tables import Floats, unit

DIRECTIONS = 64
NEIGHBOURS = 10
HOPS = 6
KEPT = 0.5
"""What a song keeps of its own at each hop; the rest it has from its neighbours."""
ANCHORS = 5_000
"""A larger motherlist is stood for by so many of its songs."""
LEAST_LIKENESS = 1e-3
PIECE = 1_000


@dataclass(frozen=True, slots=True)
class Surroundings:
    """``directions``: the motherlist's, columns by width; ``anchors``: where its songs lie, each of length 1."""

    directions: Floats
    anchors: Floats

    def points(self, rows: Any) -> Floats:
        """Where these songs (sparse rows) lie."""
        return unit(np.asarray(rows @ self.directions, dtype=np.float32))

    def near(self, points: Floats) -> Any:
        """Songs by anchors, sparse: how much of a song each neighbour makes up. Rows sum to 1; a song of the
        motherlist is among its own neighbours, so that it has the same ones whenever it is looked at."""
        count = min(NEIGHBOURS, len(self.anchors))
        if not count:
            return sparse.csr_matrix((len(points), 0), dtype=np.float32)
        columns = np.empty((len(points), count), dtype=np.int64)
        values = np.empty((len(points), count), dtype=np.float32)
        for start in range(0, len(points), PIECE):
            likeness = points[start : start + PIECE] @ self.anchors.T
            found = np.argpartition(-likeness, count - 1, axis=1)[:, :count]
            columns[start : start + PIECE] = found
            values[start : start + PIECE] = np.take_along_axis(likeness, found, 1)
        values = np.maximum(values, LEAST_LIKENESS) ** 2
        values /= values.sum(1, keepdims=True)
        starts = np.arange(0, columns.size + 1, count)
        return sparse.csr_matrix((values.ravel(), columns.ravel(), starts), (len(points), len(self.anchors)))


def learn_surroundings(rows: Any, seed: int) -> tuple[Surroundings, NDArray[np.int64]]:
    """From the rows of the whole motherlist; also which of them are the anchors."""
    width = min(DIRECTIONS, *rows.shape)
    found = directions(rows, width, seed) if width else np.zeros((rows.shape[1], 0))
    whole = Surroundings(found.astype(np.float32), np.zeros((0, width), dtype=np.float32))
    points = whole.points(rows)
    chosen = np.arange(len(points))
    if len(points) > ANCHORS:
        chosen = np.array(sorted(Random(seed).sample(range(len(points)), ANCHORS)))  # noqa: S311 -- a sample
    return Surroundings(whole.directions, points[chosen]), chosen


def spread(own: Floats, near: Any) -> Floats:
    """What neighbours lend: by anchor, to be weighed by ``near``. ``own``: the anchors' rows; ``near``: among them.

    With that a song has ``KEPT ** HOPS`` of its own, and the rest as lent: after each hop it is half itself and half
    its neighbours as they were before that hop.
    """
    lent = np.zeros_like(own)
    now = own
    for hop in range(HOPS):
        lent += np.float32((1 - KEPT) * KEPT ** (HOPS - 1 - hop)) * now
        now = np.float32(KEPT) * now + np.float32(1 - KEPT) * (near @ now)
    return lent
