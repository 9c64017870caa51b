"""The measures of the RecSys Challenge 2018, for artists."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

import numpy as np
from scipy import sparse

from moodroom_hub.plugins.radio.recommending.decomposing import decomposed
from moodroom_hub.plugins.radio.recommending.interface import Floats, Lists, tell_nobody
from moodroom_hub.plugins.radio.recommending.matrices import matrix

LENGTH = 500
"""So many artists are recommended."""
A_PAGE = 10


class Measured(NamedTuple):
    """R-precision and NDCG: 0 to 1. Clicks: pages turned until something fits, 51 where nothing does."""

    ndcg: float
    precision: float
    clicks: float


def measured(ranked: Sequence[int], wanted: Collection[int], outside: int = 0) -> Measured:
    """``outside``: artists that are wanted beside these, and that nobody can know of."""
    whole = len(wanted) + outside
    fits = np.isin(np.asarray(ranked[:LENGTH], dtype=np.int64), np.fromiter(wanted, dtype=np.int64))
    gains = 1 / np.log2(np.arange(2, LENGTH + 2))
    ndcg = float(gains[: len(fits)][fits].sum() / gains[: min(whole, LENGTH)].sum())
    first = int(np.argmax(fits)) if fits.any() else LENGTH + A_PAGE
    return Measured(ndcg, float(fits[:whole].sum() / whole), float(first // A_PAGE))


def diversity(vectors: Floats, places: Sequence[int]) -> float:
    """Mean of 1 - cosine over all pairs of these artists."""
    own = vectors[list(places)]
    if len(own) < 2:
        return 0.0
    alike = own @ own.T
    return float(1 - (alike.sum() - np.trace(alike)) / (len(own) * (len(own) - 1)))


def neutral_space(lists: Lists, width: int) -> Floats:
    """Unit vectors of artists by a plain singular value decomposition of who is in which list; nobody's recommender."""
    rows = matrix(lists, (1 / np.sqrt(np.maximum(np.diff(lists.starts), 1))).astype(np.float32))
    columns = sparse.csr_matrix(rows.T)
    vectors, values, _ = decomposed(
        lambda some: np.asarray(columns @ some, dtype=np.float32),
        lambda some: np.asarray(rows @ some, dtype=np.float32),
        len(lists),
        width,
        np.random.default_rng(0),
        tell_nobody,
    )
    vectors = vectors * values
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    return vectors
