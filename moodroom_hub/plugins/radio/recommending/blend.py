"""Ours: two ways to know what belongs together, in one inner product.

*Together* is item-kNN (how often two artists are listed together, less for those listed often), distilled by a singular
value decomposition to two vectors an artist: one for asking, one for being found. It is best where little is known.
*Likely* is alternating least squares; the asker's vector is solved for from all that is known of the asker, dislikes as
zeros that were seen, and held back the more the less is liked. It is best where much is known. Both are put side by
side in ``items``; a query weighs each by the spread of its own scores, so that how much each says depends on how much
is known, and not on the size of the numbers.
"""

import math
from collections.abc import Collection
from typing import ClassVar, Self

import numpy as np

from moodroom_hub.plugins.radio.recommending.decomposing import decomposed
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
from moodroom_hub.plugins.radio.recommending.least_squares import fold_in, gram_of, item_vectors
from moodroom_hub.plugins.radio.recommending.matrices import popularity, sample
from moodroom_hub.plugins.radio.recommending.ranking import array_of, best_of, known, products, varied
from moodroom_hub.plugins.radio.recommending.sums import listed_together, own_sums

FEW_ARTISTS = 50_000
"""Up to so many, all are scored by brute force, and vectors may be longer."""
WIDTH, WIDTH_OF_MANY = 64, 32
"""Dimensions of *likely*. Who likes much is told apart by many, even if few lists are learnt from; what would be noise
where little is known is held back."""
WIDER = 3
"""*Together* has so many times as many, less one: that one has how common an artist is."""
MOST_LISTS = 200_000
CONFIDENCE, HELD_BACK = 20.0, 10.0
HELD_BACK_FROM_ONE = 1.5
"""Held back so much more where one artist is liked, half of it where two are: one says little of the finer dimensions.
In means of the gram's diagonal, for that grows with the lists."""
ASKED, FOUND = 0.8, 0.2
"""How much less an artist counts for being listed often: the one that asks, the one that is found."""
LIKELY = 2.0
"""How much *likely* says beside *together*."""
DISLIKES, MOST_DISLIKES = 0.4, 0.45
"""What a dislike weighs, and what all together may weigh beside all that is liked: most of what is skipped is near to
what is liked, and many skips after few likes would turn everything away."""
VECTORS_AT_ONCE = 24
FIRST, CANDIDATES, VARIETY = 10, 30, 0.3
"""The first ten are drawn from so many, each the less likely the more it is like those before it."""
FADING = 50
"""Answers that it takes until an older one counts half."""


class Blend:
    """See the module."""

    name: ClassVar[str] = "blend"

    def __init__(self, items: Floats, asking: Floats, squares: Floats, gram: Floats) -> None:
        self._items, self._asking, self._squares, self._gram = items, asking, squares, gram
        self._width = asking.shape[1]
        self._likely = items[:, self._width : -1]

    @classmethod
    def fit(cls, lists: Lists, seed: int = 0, tell: Tell = tell_nobody) -> Self:
        """See ``Recommender``."""
        rng = np.random.default_rng(seed)
        width = WIDTH if lists.size <= FEW_ARTISTS else WIDTH_OF_MANY
        width = max(1, min(width, lists.size))
        asking, found = _together(lists, min(WIDER * width - 1, max(1, lists.size)), rng, tell)
        some = sample(lists, MOST_LISTS, rng)
        likely = item_vectors(some, width, rng, tell, confidence=CONFIDENCE, held_back=HELD_BACK)
        counts = popularity(lists)
        common = np.log1p(counts) / max(1.0, float(np.log1p(counts.max(initial=0.0))))
        items = np.ascontiguousarray(np.hstack([found, likely, common[:, None]]), dtype=np.float32)
        squares = (found.T @ found / max(1, lists.size)).astype(np.float32)
        return cls(items, asking, squares, gram_of(likely))

    def save(self) -> Arrays:
        """See ``Recommender``."""
        return {"items": self._items, "asking": self._asking, "squares": self._squares, "gram": self._gram}

    @classmethod
    def load(cls, arrays: Arrays) -> Self:
        """See ``Recommender``."""
        items = array_of(arrays, "items", None, None)
        asking = array_of(arrays, "asking", len(items), None)
        width, likely = asking.shape[1], items.shape[1] - asking.shape[1] - 1
        if min(width, likely) < 1:
            raise ValueError("the arrays 'items' and 'asking' do not belong together")
        squares = array_of(arrays, "squares", width, width)
        return cls(items, asking, squares, array_of(arrays, "gram", likely, likely))

    @property
    def items(self) -> Floats:
        """See ``Indexable``."""
        return self._items

    def query_vector(self, query: Query) -> Floats:
        """See ``Indexable``."""
        found = np.zeros(self._items.shape[1], dtype=np.float32)
        places, ones, weights = self._known(query)
        if not len(places):
            found[-1] = 1.0
            return found
        together = (((2 * ones - 1) * weights) @ self._asking[places]).astype(np.float32)
        liked = max(1.0, float(ones @ weights))
        held_back = HELD_BACK + HELD_BACK_FROM_ONE * float(np.diag(self._gram).mean()) / liked
        likely = fold_in(self._likely, self._gram, places, ones, CONFIDENCE * weights, held_back)
        found[: self._width] = together / _spread(together, self._squares)
        found[self._width : -1] = LIKELY * likely / _spread(likely, self._gram / np.float32(len(self._items)))
        return found

    def _known(self, query: Query) -> tuple[Places, Floats, Floats]:
        """Whatever is said of artists in the vocabulary: of which, 1 or 0, and how much it weighs."""
        said: list[tuple[int, float, float]] = []
        for artists, one, weight, fading in (
            (query.seeds, 1.0, query.style, math.inf),
            (query.likes, 1.0, query.like_weight, FADING),
            (query.dislikes, 0.0, DISLIKES * query.dislike_weight, FADING),
        ):
            inside = known(artists, len(self._items)) if weight > 0 else []
            said += [(at, one, weight * 0.5 ** (age / fading)) for age, at in enumerate(reversed(inside))]
        # In one order whatever order the seeds come in: sums of floats would differ in the last bit.
        said.sort()
        liked = sum(weight for _, one, weight in said if one)
        disliked = sum(weight for _, one, weight in said if not one)
        bound = MOST_DISLIKES * query.dislike_weight * liked
        less = bound / disliked if 0 < bound < disliked else 1.0
        return (
            np.array([at for at, _, _ in said], dtype=np.int64),
            np.array([one for _, one, _ in said], dtype=np.float32),
            np.array([weight if one else weight * less for _, one, weight in said], dtype=np.float32),
        )

    def rerank(self, query: Query, places: Places, scores: Floats, count: int) -> Best:
        """See ``Indexable``: the first few are less of the same."""
        head = varied(Best(places[:CANDIDATES], scores[:CANDIDATES]), self._likely[places[:CANDIDATES]], FIRST, VARIETY)
        return Best(
            np.concatenate([head.places, places[CANDIDATES:]])[:count],
            np.concatenate([head.scores, scores[CANDIDATES:]])[:count],
        )

    def score(self, query: Query, count: int, without: Collection[int] = ()) -> Best:
        """See ``Recommender``."""
        best = best_of(
            products(self._items, self.query_vector(query)), max(count, CANDIDATES) if count > 1 else count, without
        )
        return self.rerank(query, best.places, best.scores, count)


def _spread(vector: Floats, squares: Floats) -> float:
    """The root of the mean square of all artists' scores with this vector."""
    return math.sqrt(max(float(vector @ squares @ vector), 1e-18))


def _together(lists: Lists, width: int, rng: np.random.Generator, tell: Tell) -> tuple[Floats, Floats]:
    """The vectors that ask and those that are found: their inner product is item-kNN, as near as the width allows."""
    counts = np.maximum(popularity(lists), 1)
    asked, is_found = ((counts**-less).astype(np.float32)[:, None] for less in (ASKED, FOUND))
    own = own_sums(lists)[:, None] * asked * is_found

    def product(vectors: Floats, first: Floats, last: Floats) -> Floats:
        found = np.empty_like(vectors)
        # A million lists by all vectors at once would be half a gigabyte.
        for begin in range(0, vectors.shape[1], VECTORS_AT_ONCE):
            some = vectors[:, begin : begin + VECTORS_AT_ONCE]
            found[:, begin : begin + VECTORS_AT_ONCE] = last * listed_together(lists, first * some) - own * some
        return found

    def forth(vectors: Floats) -> Floats:
        return product(vectors, is_found, asked)

    def back(vectors: Floats) -> Floats:
        return product(vectors, asked, is_found)

    left, values, right = decomposed(forth, back, lists.size, width, rng, tell)
    roots = np.sqrt(values)
    return (left * roots).astype(np.float32), (right * roots).astype(np.float32)
