"""How far likes lead a station away from its seeds, and how they are held back.

Measured by what is heard, not by what is asked: by how much the order of the artists who fit has changed, the first
places most. Nothing changed is 0; where none of those who fitted is left among the first, it is 1.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil, log2
from typing import Final, TypeVar

DEPTH: Final = 50
"""So many artists at the head of an order are compared."""
MOST_OF_ONE: Final = 0.25
"""The largest share that one artist may have of a station's likes."""
LEAST_OF_ONE: Final = 2
_STEPS: Final = 4

ArtistT = TypeVar("ArtistT")


@dataclass(frozen=True, slots=True)
class Bound:
    """``like_weight``: what is left of the wanted one. ``drift``: with that weight, 0 to 1."""

    like_weight: float
    drift: float
    is_bounded: bool


def drift(before: Sequence[ArtistT], after: Sequence[ArtistT]) -> float:
    """How much of an order is another one now: 0 to 1. Places from ``DEPTH`` on say nothing."""
    weights = {artist: _weight(place) for place, artist in enumerate(before[:DEPTH])}
    whole = sum(weights.values())
    if not whole:
        return 0.0
    kept = sum(min(weights.get(artist, 0.0), _weight(place)) for place, artist in enumerate(after[:DEPTH]))
    return min(1.0, max(0.0, 1.0 - kept / whole))


def held_back(drift_at: Callable[[float], float], like_weight: float, most: float) -> Bound:
    """The largest like weight, up to the wanted one, that is found to drift ``most`` at most.

    ``drift_at`` gives the drift under a weight; it is asked ``_STEPS`` times and once more at most. At 0 there is none.
    """
    if like_weight <= 0:
        return Bound(0.0, 0.0, is_bounded=False)
    wanted = drift_at(like_weight)
    if wanted <= most:
        return Bound(like_weight, wanted, is_bounded=False)
    found = Bound(0.0, 0.0, is_bounded=True)
    low, high = 0.0, like_weight
    for _ in range(_STEPS if most > 0 else 0):
        middle = (low + high) / 2
        there = drift_at(middle)
        if there <= most:
            found = Bound(middle, there, is_bounded=True)
            low = middle
        else:
            high = middle
    return found


def none_too_many(likes: Sequence[ArtistT]) -> tuple[ArtistT, ...]:
    """The likes (oldest first) without the oldest ones of an artist who has more than ``MOST_OF_ONE`` of them.

    Measured against what the others have, so that fifty likes of one artist are as few as two where nobody else is
    liked: those are always left.
    """
    liked = Counter(likes)
    share = MOST_OF_ONE / (1 - MOST_OF_ONE)
    left = {artist: max(LEAST_OF_ONE, ceil((len(likes) - count) * share)) for artist, count in liked.items()}
    kept: list[ArtistT] = []
    for artist in reversed(likes):
        if left[artist] > 0:
            left[artist] -= 1
            kept.append(artist)
    return tuple(reversed(kept))


def _weight(place: int) -> float:
    return 1 / log2(place + 2)
