"""Whether a song belongs in any room at all.

Nobody labels what belongs nowhere; but songs with a label can be told from the rest of the library, where the rest
differs from them. How far they can is measured on labels that were left out: where they can't be told apart (the whole
library is room music), every song belongs. Where they can, songs unlike all labels lose much confidence, and every song
loses some: what differs so much from the rooms' songs hides songs among it that look like them.
"""

import math
import random
from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from moodroom_hub.plugins.local_mining.confidence import FOLDS
from moodroom_hub.plugins.local_mining.softmax import Lesson, Softmax, fit
from moodroom_hub.plugins.local_mining.songs import Sparse

LEAST_LABELS = 10
"""Fewer labels can't say what a song outside looks like."""
LEAST_OTHERS = 20
MOST_OTHERS = 600
TYPICAL = 0.8
"""The songs that are as typical as this part of the labelled ones surely belong."""
HOLD = 6.0
"""What it takes to believe that there is an outside: labels' worth of evidence."""
BY_CHANCE = 0.46
"""How often a left-out label looks more at home than another song where all songs belong: it was left out of less."""
CLEAR = 1.9
CLEAR_PER_LABEL = 30.0
"""So many standard errors above ``BY_CHANCE`` the rest is believed by half to differ: ``CLEAR``, and more the fewer the
labels. With 25 it takes more than they can show."""
FAINT = 0.2
"""So much below that nothing is believed of single songs."""
STEEPNESS = 3.0
MUCH = 0.1
"""Of that difference; libraries of which half belongs show about so much."""
MOST_DOUBT = 0.35
"""What every song's confidence loses where the rest surely differs: measured on libraries of which half belongs."""
_GRID = [step / 10 for step in range(13)]
_SEED = 7


class Belonging:
    """The chance that a song belongs anywhere. ``sharpness`` 0: there is no telling, all belong."""

    def __init__(self, model: Softmax | None, sharpness: float, typical: float, doubt: float = 0.0) -> None:
        self._model = model
        self._most = 1 - doubt
        self.sharpness = sharpness
        self._typical = typical

    def chance(self, features: Sparse) -> float:
        """Between 0 and 1."""
        if self._model is None or self.sharpness == 0:
            return self._most
        return self._most * min(1.0, math.exp(self.sharpness * (_likeness(self._model, features) - self._typical)))


def learn_belonging(labelled: Sequence[int], others: Sequence[int], features: Sequence[Sparse]) -> Belonging:
    """``labelled``: songs that fit some room; ``others``: songs of which nothing is known. Both without repetitions."""
    if len(labelled) < LEAST_LABELS or len(others) < LEAST_OTHERS:
        return Belonging(None, 0.0, 0.0)
    rng = random.Random(_SEED)  # noqa: S311 -- a sample, no secret
    count = min(2 * max(len(labelled), 50), 2 * MOST_OTHERS, len(others))
    sample = rng.sample(others, count)
    shown, held_back = sample[: count // 2], sample[count // 2 :]
    whole = fit(_lessons(labelled, shown, features), 2)
    inside: list[float] = []
    for fold in range(FOLDS):
        known = [song for place, song in enumerate(labelled) if place % FOLDS != fold]
        model = fit(_lessons(known, shown, features), 2, whole)
        inside.extend(_likeness(model, features[song]) for song in labelled[fold::FOLDS])
    outside = [_likeness(whole, features[song]) for song in held_back]
    difference, standard_error = _difference(inside, outside)
    missing = CLEAR + CLEAR_PER_LABEL / len(inside) - difference / standard_error
    sharp = _sharpness(inside, outside) if missing < FAINT else 0.0
    # With many labels even a trifle is clear: what is clear has to be much, too.
    doubt = MOST_DOUBT * min(1.0, max(0.0, difference / MUCH)) / (1 + math.exp(STEEPNESS * missing))
    inside.sort()
    return Belonging(whole, sharp, inside[min(int(TYPICAL * len(inside)), len(inside) - 1)], doubt)


def _likeness(model: Softmax, features: Sparse) -> float:
    inside, outside = model.scores(features)
    return inside - outside


def _lessons(labelled: Sequence[int], others: Sequence[int], features: Sequence[Sparse]) -> list[Lesson]:
    weight = len(labelled) / len(others)
    return [
        *(Lesson(features[song], 0, 1.0) for song in labelled),
        *(Lesson(features[song], 1, weight) for song in others),
    ]


def _difference(inside: Sequence[float], outside: Sequence[float]) -> tuple[float, float]:
    """How much more often than by chance a labelled song looks more at home than another, and the standard error."""
    ordered = sorted(outside)
    below = sum(bisect_left(ordered, value) + bisect_right(ordered, value) for value in inside) / 2
    pairs = len(inside) * len(outside)
    return below / pairs - BY_CHANCE, math.sqrt((len(inside) + len(outside) + 1) / (12 * pairs))


def _sharpness(inside: Sequence[float], outside: Sequence[float]) -> float:
    """How far labelled songs that were not shown can be told from others that were not shown."""
    even = len(inside) / len(outside)

    def doubt(candidate: float) -> float:
        loss = HOLD * candidate
        loss += sum(_softplus(-candidate * value) for value in inside)
        return loss + even * sum(_softplus(candidate * value) for value in outside)

    return min(_GRID, key=doubt)


def _softplus(value: float) -> float:
    return max(value, 0.0) + math.log1p(math.exp(-abs(value)))
