"""How well a layer is taught: the accuracy to expect, how sure that is, and how many labels are left to a goal."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Final

from moodroom_hub.domain.models import Uri
from moodroom_hub.domain.sorting.models import Chances, Label, Layer, SublistKey
from moodroom_hub.domain.sorting.reading import readable, said

FEWEST: Final = 5
"""Of fewer held-out labels nothing is told."""
NINETEEN_OF_TWENTY: Final = 1.96
"""Standard deviations to either side."""
RESAMPLES: Final = 200
EVEN: Final = 0.5
FARTHEST: Final = 2_000
"""More labels than that nobody gives; a goal so far away counts as one that cannot be told."""


@dataclass(frozen=True, slots=True)
class Expectation:
    """The accuracy (non-mutual: micro-F1) to expect; within ``low`` and ``high`` in nineteen of twenty cases."""

    accuracy: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Counts:
    """One song's sublists: placed rightly, placed wrongly, missed."""

    right: int
    wrong: int
    missed: int


def wilson(hits: int, total: int, deviations: float = NINETEEN_OF_TWENTY) -> tuple[float, float]:
    """Wilson's interval of a share, (0, 1) where ``total`` is 0. Honest for few and for extreme shares, too."""
    if total <= 0:
        return 0.0, 1.0
    share, square = hits / total, deviations * deviations
    middle = (share + square / (2 * total)) / (1 + square / total)
    half = deviations * math.sqrt(share * (1 - share) / total + square / (4 * total * total)) / (1 + square / total)
    return max(0.0, min(share, middle - half)), min(1.0, max(share, middle + half))


def expected(
    layer: Layer,
    chances: Mapping[Uri, Chances],
    labels: Mapping[Uri, Label],
    rng: Random,
    thresholds: Mapping[SublistKey, float] | None = None,
) -> Expectation | None:
    """What to expect on songs that nobody labelled; ``None`` with fewer than ``FEWEST`` labels to judge by.

    ``chances`` are held out: each from a model that did not see the song's label. A mutual layer's song is right
    where the likeliest (the void among them, unless the layer is complete) is what the label says. A non-mutual one
    is placed by ``thresholds`` (default: even chances); only what the label speaks of counts.
    """
    if layer.is_mutual:
        return of_hits(_hits(layer, chances, labels))
    return of_counts(_counts(layer, chances, labels, thresholds or {}), rng)


def of_hits(hits: Sequence[bool]) -> Expectation | None:
    """Accuracy with Wilson's interval."""
    if len(hits) < FEWEST:
        return None
    right = sum(hits)
    return Expectation(right / len(hits), *wilson(right, len(hits)))


def of_counts(counts: Sequence[Counts], rng: Random) -> Expectation | None:
    """Micro-F1, its interval by drawing the songs anew ``RESAMPLES`` times.

    Drawing anew cannot see beyond perfect or hopeless counts, so that the interval is never narrower than half of
    Wilson's for as many songs.
    """
    if len(counts) < FEWEST:
        return None
    whole = _micro_f1(counts)
    if whole is None:
        return None
    drawn = sorted(
        whole if (score := _micro_f1(rng.choices(counts, k=len(counts)))) is None else score for _ in range(RESAMPLES)
    )
    low, high = wilson(round(whole * len(counts)), len(counts))
    tail = RESAMPLES // 40
    return Expectation(
        whole,
        max(0.0, min(drawn[tail], whole - (high - low) / 4)),
        min(1.0, max(drawn[-1 - tail], whole + (high - low) / 4)),
    )


def labels_left(history: Sequence[tuple[int, float]], goal: float) -> int | None:
    """About how many labels are left until ``goal`` (an accuracy); 0 where the last point reached it.

    ``history``: (labels, accuracy) in the order in which they were measured. Accuracy is taken to grow as
    ``ceiling - slope / sqrt(labels)``, as it does for most learners, fitted with each point's labels as its weight.
    ``None`` where that cannot tell: fewer than three different label counts, no growth, a ceiling below the goal, or
    a goal more than ``FARTHEST`` labels away.
    """
    points = [(labels, accuracy) for labels, accuracy in history if labels > 0 and math.isfinite(accuracy)]
    if not points or not math.isfinite(goal):
        return None
    labels, accuracy = points[-1]
    if accuracy >= goal:
        return 0
    if len({count for count, _ in points}) < 3:
        return None
    ceiling, slope = _fitted(points)
    if slope <= 0 or min(1.0, ceiling) <= goal:
        return None
    needed = (slope / (ceiling - goal)) ** 2 - labels
    return max(1, math.ceil(needed)) if needed <= FARTHEST else None


def _fitted(points: Sequence[tuple[int, float]]) -> tuple[float, float]:
    """Ceiling and slope: weighted least squares over ``1 / sqrt(labels)``."""
    total = sum(labels for labels, _ in points)
    mean_x = sum(labels * labels**-0.5 for labels, _ in points) / total
    mean_y = sum(labels * accuracy for labels, accuracy in points) / total
    spread = sum(labels * (labels**-0.5 - mean_x) ** 2 for labels, _ in points)
    joint = sum(labels * (labels**-0.5 - mean_x) * (accuracy - mean_y) for labels, accuracy in points)
    slope = -joint / spread
    return mean_y + slope * mean_x, slope


def _hits(layer: Layer, chances: Mapping[Uri, Chances], labels: Mapping[Uri, Label]) -> list[bool]:
    keys = layer.keys
    hits = []
    for uri, label in labels.items():
        values, spoken = readable(layer, chances.get(uri)), said(layer, label)
        is_void = not layer.is_complete and len(spoken.misfits) == len(keys)
        if values is None or not (len(spoken.fits) == 1 or is_void):
            continue
        best = max(range(len(values)), key=values.__getitem__)
        is_to_void = not layer.is_complete and 1 - sum(values) > values[best]
        hits.append(is_to_void if is_void else not is_to_void and keys[best] in spoken.fits)
    return hits


def _counts(
    layer: Layer, chances: Mapping[Uri, Chances], labels: Mapping[Uri, Label], thresholds: Mapping[SublistKey, float]
) -> list[Counts]:
    counts = []
    for uri, label in labels.items():
        values, spoken = readable(layer, chances.get(uri)), said(layer, label)
        if values is None or spoken.is_nothing:
            continue
        placed = {key for key, value in zip(layer.keys, values, strict=True) if value >= thresholds.get(key, EVEN)}
        if layer.is_complete and not placed:
            placed = {layer.keys[max(range(len(values)), key=values.__getitem__)]}
        counts.append(
            Counts(len(placed & spoken.fits), len(placed & spoken.misfits), len(spoken.fits - placed)),
        )
    return counts


def _micro_f1(counts: Sequence[Counts]) -> float | None:
    right = sum(each.right for each in counts)
    whole = 2 * right + sum(each.wrong + each.missed for each in counts)
    return 2 * right / whole if whole else None
