"""What ours is measured against: each known method by itself, with the settings that its measured reference names.

Each answers a query with a score for every artist. ``likes`` and ``dislikes`` are the answers of a session.
"""

from collections.abc import Sequence
from typing import Any, ClassVar, Protocol

import numpy as np
from scipy import sparse

from moodroom_hub.plugins.radio.recommending.interface import Floats, Lists, tell_nobody
from moodroom_hub.plugins.radio.recommending.least_squares import CONFIDENCE, fold_in, gram_of, item_vectors
from moodroom_hub.plugins.radio.recommending.matrices import matrix, popularity

Sparse = Any
Artists = Sequence[int]


class Baseline(Protocol):
    """A method by itself."""

    name: ClassVar[str]

    def scores(self, seeds: Artists, likes: Artists = (), dislikes: Artists = ()) -> Floats:
        """For every artist, higher fits better."""
        ...


class Popularity:
    """The most listed first, whoever asks."""

    name: ClassVar[str] = "popularity"

    def __init__(self, lists: Lists) -> None:
        self._counts = popularity(lists)

    def scores(self, seeds: Artists, likes: Artists = (), dislikes: Artists = ()) -> Floats:
        """The same for everybody."""
        return self._counts


class ItemKnn:
    """How often artists are listed together, less for those that are listed often; likes are seeds."""

    name: ClassVar[str] = "item-kNN"

    def __init__(self, lists: Lists, asked: float = 0.7, found: float = 0.3, length: float = 0.5) -> None:
        lengths = np.diff(lists.starts).astype(np.float32)
        self._rows = matrix(lists, (1 / lengths**length).astype(np.float32))
        self._columns = sparse.csr_matrix(matrix(lists).T)
        counts = np.maximum(popularity(lists), 1)
        self._asked, self._found = counts**-asked, counts**-found

    def scores(self, seeds: Artists, likes: Artists = (), dislikes: Artists = ()) -> Floats:
        """Nothing is taken off for dislikes: that is what serves this method best."""
        places = [*seeds, *likes]
        of_lists = self._columns[places].T @ self._asked[places]
        return np.asarray(self._rows.T @ of_lists * self._found, dtype=np.float32)


class PlaylistKnn:
    """The lists most like the query, by their rare artists, tell what else belongs; likes are seeds."""

    name: ClassVar[str] = "playlist-kNN"

    def __init__(self, lists: Lists, neighbours: int = 300, rarity: float = 1.0) -> None:
        counts = np.maximum(popularity(lists), 1)
        self._idf = (np.log(len(lists) / counts) + 1).astype(np.float32) ** rarity
        self._rows = matrix(lists)
        weighted = self._rows.multiply(self._idf[None, :]).tocsr()
        norms = np.sqrt(np.asarray(weighted.multiply(weighted).sum(axis=1)).ravel())
        self._weighted = sparse.csr_matrix((sparse.diags(1 / np.maximum(norms, 1e-9)) @ weighted).T).astype(np.float32)
        self._neighbours = neighbours

    def scores(self, seeds: Artists, likes: Artists = (), dislikes: Artists = ()) -> Floats:
        """The cosine of every near list that has the artist, summed up."""
        places = [*seeds, *likes]
        near = np.asarray(self._weighted[places].T @ self._idf[places])
        if self._neighbours < len(near):
            least = np.partition(near, -self._neighbours)[-self._neighbours]
            near = np.where(near >= least, near, 0)
        return np.asarray(self._rows.T @ near, dtype=np.float32)


class FoldIn:
    """ALS 64; the vector of whoever likes the seeds is solved for. Dislikes stay the zeros that they are."""

    name: ClassVar[str] = "ALS fold-in"

    def __init__(self, lists: Lists, vectors: Floats | None = None) -> None:
        found = item_vectors(lists, 64, np.random.default_rng(0), tell_nobody) if vectors is None else vectors
        self._items, self._gram = found, gram_of(found)

    def scores(self, seeds: Artists, likes: Artists = (), dislikes: Artists = ()) -> Floats:
        """The inner product with the solved vector."""
        places = [*seeds, *likes]
        weights = np.full(len(places), CONFIDENCE, dtype=np.float32)
        at = np.array(places, dtype=np.int64)
        return self._items @ fold_in(self._items, self._gram, at, np.ones_like(weights), weights)


class Ease:
    """EASE, lists of unit length: the best linear map from lists to themselves that may not say "because it is there".

    By way of the lists where there are fewer of them than artists: ``(X'X + pI)^-1 = (I - X'(XX' + pI)^-1 X) / p``.
    """

    name: ClassVar[str] = "EASE"

    def __init__(self, lists: Lists, penalty: float = 2000.0, scale: float = 1.0) -> None:
        lengths = np.diff(lists.starts).astype(np.float32)
        self._rows = matrix(lists, (scale / np.sqrt(lengths)).astype(np.float32))
        self._columns = sparse.csr_matrix(self._rows.T)
        self._penalty = penalty
        if len(lists) < lists.size:
            squares = (self._rows @ self._columns).toarray().astype(np.float64)
            squares[np.diag_indices_from(squares)] += penalty
            self._inner = np.linalg.inv(squares).astype(np.float32)
            mixed = np.asarray((self._columns @ self._inner).T, dtype=np.float32)
            own = np.asarray(self._rows.multiply(mixed).sum(axis=0)).ravel()
            self._diagonal = ((1 - own) / penalty).astype(np.float32)
        else:
            squares = (self._columns @ self._rows).toarray().astype(np.float64)
            squares[np.diag_indices_from(squares)] += penalty
            self._inner = np.linalg.inv(squares).astype(np.float32)
            self._diagonal = np.diag(self._inner).copy()

    def scores(self, seeds: Artists, likes: Artists = (), dislikes: Artists = ()) -> Floats:
        """Likes are seeds; nothing for dislikes."""
        places = [*seeds, *likes]
        if len(self._inner) == len(self._diagonal):
            return np.asarray(-self._inner[places].sum(axis=0) / self._diagonal, dtype=np.float32)
        of_lists = self._inner @ np.asarray(self._columns[places].sum(axis=0)).ravel()
        return np.asarray((self._columns @ of_lists) / self._penalty / self._diagonal, dtype=np.float32)
