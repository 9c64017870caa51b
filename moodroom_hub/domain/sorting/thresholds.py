"""From which chance on a song is surely a sublist's: by the owner's wish, and by what held-out labels prove."""

import math
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from typing import Final

from moodroom_hub.domain.models import Uri
from moodroom_hub.domain.sorting.expecting import wilson
from moodroom_hub.domain.sorting.models import BALANCED, Chances, Label, Layer, SublistKey
from moodroom_hub.domain.sorting.reading import leader, readable, said

CAREFUL: Final = 0.95
"""Of so many placements that are right the most careful wish is content with."""
EAGER: Final = 0.6
FEWEST: Final = 5
"""Fewer held-out placements than that prove nothing."""
CAUTION: Final = 1.0
"""Standard deviations that the proven share lies below the counted one (the lower end of Wilson's interval)."""
LEAST: Final = 0.5
"""What is calibrated to less than so much of the wished precision is never sure: a few labels without a counter-example
down there prove nothing."""
NEVER: Final = math.nextafter(1.0, 2.0)
"""Above every chance: nothing is sure."""


def target_precision(eagerness: float) -> float:
    """The share of placements that shall be right. What is no number counts as balanced."""
    wish = min(1.0, max(0.0, eagerness)) if math.isfinite(eagerness) else BALANCED
    return CAREFUL + (EAGER - CAREFUL) * wish


def thresholds(layer: Layer, chances: Mapping[Uri, Chances], labels: Mapping[Uri, Label]) -> dict[SublistKey, float]:
    """The smallest chance of each sublist at which placements are as precise as the owner wishes.

    ``chances`` are held out: each from a model that did not see the song's label. A mutual layer's song is a
    placement of its leading sublist only. Songs in one of the two mappings only, rows that cannot be read and
    sublists that a label does not speak of count for nothing.
    """
    target = target_precision(layer.eagerness)
    placements: dict[SublistKey, list[tuple[float, bool]]] = {key: [] for key in layer.keys}
    for uri, label in labels.items():
        values, spoken = readable(layer, chances.get(uri)), said(layer, label)
        if values is None or spoken.is_nothing or (layer.is_mutual and len(spoken.fits) > 1):
            continue
        best, is_ahead = leader(values)
        for at, key in enumerate(layer.keys):
            truth = spoken.truth(key)
            if truth is not None and (not layer.is_mutual or (at == best and is_ahead)):
                placements[key].append((values[at], truth))
    return {key: threshold(found, target) for key, found in placements.items()}


def threshold(placements: Sequence[tuple[float, bool]], target: float) -> float:
    """The smallest chance from which on placements (chance, whether right) reach the precision ``target``.

    Two things may prove that. The labels alone: at least ``FEWEST`` placements, of which even a cautious estimate
    is precise enough; though never below ``LEAST`` of the target. Or the chance itself, as chances are calibrated:
    from ``target`` on, where the placements up there, if there are any, do not speak against it. So without labels it
    is ``target``; and a lower target never gives a higher threshold.
    """
    rising = sorted(placements)
    chances = [chance for chance, _ in rising]
    total = len(rising)
    hits_from = [0] * (total + 1)
    for at in range(total - 1, -1, -1):
        hits_from[at] = hits_from[at + 1] + rising[at][1]
    proven = NEVER
    for chance in dict.fromkeys(chances[bisect_left(chances, LEAST * target) :]):
        at = bisect_left(chances, chance)
        if total - at >= FEWEST and wilson(hits_from[at], total - at, CAUTION)[0] >= target:
            proven = chance
            break
    trusted = NEVER
    for start in (target, *(math.nextafter(chance, 2.0) for chance in dict.fromkeys(chances) if chance >= target)):
        at = bisect_left(chances, start)
        if hits_from[at] >= target * (total - at):
            trusted = start
            break
    return min(proven, trusted)
