"""How far likes lead a station away from its seeds, and how they are held back.

Style (the seeds) and likes are directions. What a station asks for is the sum of both by their weights; its drift is
one minus the cosine of that sum and the style alone: 0 where the likes agree with the seeds, 1 where nothing is left
of them.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, sqrt
from typing import Final, TypeVar

LIKES_MEASURE: Final = 0.6
"""What a like weighs against a seed where both are tuned to 1."""
LEAST_STYLE: Final = 0.05
"""Without any style there is no direction to drift from."""
MOST_OF_ONE: Final = 0.25
"""The largest share that one artist may have of a station's likes."""
LEAST_OF_ONE: Final = 2
_STEPS: Final = 40

Vector = Sequence[float]
ArtistT = TypeVar("ArtistT")


@dataclass(frozen=True, slots=True)
class Bound:
    """``like_weight``: what is left of the wanted one. ``drift``: with that weight, 0 to 1."""

    like_weight: float
    drift: float
    is_bounded: bool


def held_back(seeds: Sequence[Vector], likes: Sequence[Vector], style: float, like_weight: float, most: float) -> Bound:
    """The like weight under which the drift is at most ``most``. Vectors are of one length each; any may be zero."""
    toward, away = _mean(seeds), _mean(likes)
    if toward is None or away is None or like_weight <= 0:
        return Bound(like_weight, 0.0, False)
    alike = max(-1.0, min(1.0, sum(a * b for a, b in zip(toward, away, strict=True))))
    wanted = drift(alike, style, like_weight)
    if wanted <= most:
        return Bound(like_weight, wanted, False)
    low, high = 0.0, like_weight
    for _ in range(_STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if drift(alike, style, middle) <= most else (low, middle)
    return Bound(low, drift(alike, style, low), True)


def drift(alike: float, style: float, like_weight: float) -> float:
    """The drift where the mean direction of the likes has the cosine ``alike`` with that of the seeds."""
    a, b = max(style, LEAST_STYLE), max(like_weight, 0.0) * LIKES_MEASURE
    length = sqrt(max(a * a + 2 * a * b * alike + b * b, 0.0))
    if length <= 1e-9:
        return 1.0
    return min(1.0, max(0.0, 1.0 - (a + b * alike) / length))


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


def _mean(vectors: Sequence[Vector]) -> list[float] | None:
    """The mean direction, of length 1; ``None`` where there is none."""
    if not vectors:
        return None
    summed = [sum(numbers) for numbers in zip(*vectors, strict=True)]
    length = sqrt(sum(number * number for number in summed))
    return [number / length for number in summed] if length > 1e-9 else None
