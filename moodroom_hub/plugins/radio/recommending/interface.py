"""What a recommender of artists is: learnt from playlists, it orders artists for seeds, likes and dislikes.

Artists are numbers here: places in the vocabulary of the lists that were learnt from. Names are the model's affair.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol, Self

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Places = NDArray[np.int64]
Arrays = Mapping[str, NDArray[np.generic]]
Tell = Callable[[str, int, int], None]
"""What is being done, how much of it is done, how much there is."""


def tell_nobody(doing: str, done: int, whole: int) -> None:
    """For fits that nobody watches."""


Spread = Callable[[Callable[[Any], Any], Sequence[Any]], Iterator[Any]]
"""Does the same work for each of several tasks, wherever that is, and gives the results in their order."""


@dataclass(frozen=True, slots=True)
class Lists:
    """Playlists as rows of artists: row ``n`` is ``artists[starts[n]:starts[n + 1]]``, each artist once, in its order.

    ``size``: how many artists there are. Both arrays may be mapped from a file that is larger than the memory.
    ``spread``: where sums over many lists are worked on; ``None``: here, piece by piece all the same.
    """

    starts: NDArray[np.int64]
    artists: NDArray[np.int32]
    size: int
    spread: Spread | None = None

    def __len__(self) -> int:
        return len(self.starts) - 1


@dataclass(frozen=True, slots=True)
class Query:
    """Artists by their places. Nothing is known of anybody where all three are empty.

    ``likes`` and ``dislikes``: the oldest first; the same artist may come several times. The weights say how much
    style (the seeds), likes and dislikes count, each by itself, from 0; 1 is the recommender's own measure.
    """

    seeds: tuple[int, ...]
    likes: tuple[int, ...] = ()
    dislikes: tuple[int, ...] = ()
    style: float = 1.0
    like_weight: float = 1.0
    dislike_weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Best:
    """The artists that fit best, the best first; higher scores fit better and mean nothing beyond this query."""

    places: Places
    scores: Floats


class Recommender(Protocol):
    """Learnt once, asked often; asking changes nothing, so any number may ask at once."""

    name: ClassVar[str]
    """As manifests and tables have it."""

    @classmethod
    def fit(cls, lists: Lists, seed: int = 0, tell: Tell = tell_nobody) -> Self:
        """Learn from these lists; the same lists and seed give the same answers, bit by bit on one machine."""
        ...

    def save(self) -> Arrays:
        """All that it has learnt, as plain numbers under plain names."""
        ...

    @classmethod
    def load(cls, arrays: Arrays) -> Self:
        """What ``save`` gave, be it mapped from a file. Raises ``ValueError`` where they are not what they must be."""
        ...

    def score(self, query: Query, count: int, without: Collection[int] = ()) -> Best:
        """Up to ``count`` artists, never one of ``without``; seeds and likes may be among them."""
        ...


class Indexable(Recommender, Protocol):
    """A recommender whose score is one inner product, so that an index of inner products can answer for it.

    ``save`` has the same matrix under the name ``items``: artists by dimensions, float32, C order.
    """

    @property
    def items(self) -> Floats:
        """One vector an artist."""
        ...

    def query_vector(self, query: Query) -> Floats:
        """The one vector ``q`` with ``items @ q`` as the score of every artist, before any second ranking."""
        ...

    def rerank(self, query: Query, places: Places, scores: Floats, count: int) -> Best:
        """At most ``count`` of these, the best first; give it a few hundred, the best by ``query_vector`` first."""
        ...
