"""The rule of the seed system "Spotify Radio": the mean of the seeds, some of the likes' mean, less the dislikes'.

Its vectors are those of alternating least squares in 64 dimensions: with them the rule is stronger than with
a singular value decomposition in 128.
"""

from collections.abc import Collection, Sequence
from typing import ClassVar, Self

import numpy as np

from moodroom_hub.plugins.radio.recommending.interface import (
    Arrays,
    Best,
    Floats,
    Lists,
    Places,
    Query,
    Tell,
    tell_nobody,
)
from moodroom_hub.plugins.radio.recommending.least_squares import item_vectors
from moodroom_hub.plugins.radio.recommending.matrices import popularity, sample
from moodroom_hub.plugins.radio.recommending.ranking import array_of, best_of, known, products

WIDTH = 64
MOST_LISTS = 200_000
LIKES, DISLIKES = 0.6, 0.3


class SeedRule:
    """Cosine with ``unit(seeds) + 0.6 unit(likes) - 0.3 unit(dislikes)``, each the mean of the artists' unit vectors.

    One more dimension has how common an artist is: it counts only where nothing at all is known of the asker.
    """

    name: ClassVar[str] = "seed"

    def __init__(self, items: Floats) -> None:
        self._items = items

    @classmethod
    def fit(cls, lists: Lists, seed: int = 0, tell: Tell = tell_nobody) -> Self:
        """See ``Recommender``."""
        rng = np.random.default_rng(seed)
        vectors = item_vectors(sample(lists, MOST_LISTS, rng), min(WIDTH, max(1, lists.size)), rng, tell)
        return cls.of(vectors, popularity(lists))

    @classmethod
    def of(cls, vectors: Floats, counts: Floats) -> Self:
        """The rule on other vectors, one an artist, of any length; ``counts``: how common each artist is."""
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        common = counts / max(1.0, float(counts.max(initial=0.0)))
        return cls(np.hstack([vectors / np.maximum(lengths, 1e-9), common[:, None]]).astype(np.float32))

    def save(self) -> Arrays:
        """See ``Recommender``."""
        return {"items": self._items}

    @classmethod
    def load(cls, arrays: Arrays) -> Self:
        """See ``Recommender``."""
        items = array_of(arrays, "items", None, None)
        if items.shape[1] < 2:
            raise ValueError("the array 'items' has no vectors")
        return cls(items)

    @property
    def items(self) -> Floats:
        """See ``Indexable``."""
        return self._items

    def query_vector(self, query: Query) -> Floats:
        """See ``Indexable``."""
        found = query.style * self._middle(query.seeds)
        found += LIKES * query.like_weight * self._middle(query.likes)
        found -= DISLIKES * query.dislike_weight * self._middle(query.dislikes)
        if not found.any():
            found[-1] = 1.0
        return found

    def rerank(self, query: Query, places: Places, scores: Floats, count: int) -> Best:
        """See ``Indexable``; the order stays."""
        return Best(places[:count], scores[:count])

    def score(self, query: Query, count: int, without: Collection[int] = ()) -> Best:
        """See ``Recommender``."""
        return best_of(products(self._items, self.query_vector(query)), count, without)

    def _middle(self, artists: Sequence[int]) -> Floats:
        found = np.zeros(self._items.shape[1], dtype=np.float32)
        places = known(artists, len(self._items))
        if places:
            # In one order whatever order they come in: sums of floats would differ in the last bit.
            found[:-1] = self._items[np.sort(places), :-1].mean(axis=0)
            found /= max(float(np.linalg.norm(found)), 1e-9)
        return found
