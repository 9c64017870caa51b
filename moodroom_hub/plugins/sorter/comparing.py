"""Whether a new model may take the place of the one in use: by the same labels, seen by neither."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from moodroom_hub.domain.models import Uri
from moodroom_hub.domain.sorting.models import Chances, Label, Layer, SublistKey
from moodroom_hub.domain.sorting.reading import readable, said

FEWEST = 8
"""On fewer labels one model cannot be told from another."""
NOISE = 1.645
"""Standard errors by which the new one must be behind to count as worse: once in twenty times by mere chance."""
EVEN = 0.5


@dataclass(frozen=True, slots=True)
class Comparison:
    """``labels``: how many could be compared; ``before`` and ``now``: the share that each had right of them."""

    labels: int
    before: float
    now: float
    is_worse: bool


def compared(
    layer: Layer,
    old: Mapping[Uri, Chances],
    new: Mapping[Uri, Chances],
    labels: Mapping[Uri, Label],
    old_thresholds: Mapping[SublistKey, float],
    new_thresholds: Mapping[SublistKey, float],
) -> Comparison | None:
    """Both by what they say of labelled songs that they had not learnt; ``None`` where there are none."""
    pairs = []
    for uri, label in labels.items():
        before = rightness(layer, old.get(uri), label, old_thresholds)
        now = rightness(layer, new.get(uri), label, new_thresholds)
        if before is not None and now is not None:
            pairs.append((before, now))
    if not pairs:
        return None
    count = len(pairs)
    gains = [now - before for before, now in pairs]
    mean = sum(gains) / count
    spread = sum((gain - mean) ** 2 for gain in gains) / max(1, count - 1)
    is_worse = count >= FEWEST and mean < 0 and mean < -NOISE * math.sqrt(spread / count)
    return Comparison(count, sum(before for before, _ in pairs) / count, sum(now for _, now in pairs) / count, is_worse)


def rightness(
    layer: Layer, chances: Chances | None, label: Label, thresholds: Mapping[SublistKey, float]
) -> float | None:
    """How right the chances are: in a mutual layer 0 or 1, else the F1 of this song's sublists; ``None``: unknown."""
    values, spoken = readable(layer, chances), said(layer, label)
    if values is None or spoken.is_nothing or (layer.is_mutual and len(spoken.fits) > 1):
        return None
    best = max(range(len(values)), key=values.__getitem__)
    if layer.is_mutual:
        if not spoken.fits and len(spoken.misfits) < len(values):
            return None
        is_void = not layer.is_complete and 1 - sum(values) > values[best]
        return float(is_void if not spoken.fits else not is_void and layer.keys[best] in spoken.fits)
    taken = {key for key, value in zip(layer.keys, values, strict=True) if value >= thresholds.get(key, EVEN)}
    if layer.is_complete and not taken:
        taken = {layer.keys[best]}
    right, wrong, missed = len(taken & spoken.fits), len(taken & spoken.misfits), len(spoken.fits - taken)
    return 1.0 if right + wrong + missed == 0 else 2 * right / (2 * right + wrong + missed)
