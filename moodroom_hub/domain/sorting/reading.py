"""What labels and rows of chances say, read with care: the one place that knows what cannot be read."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from moodroom_hub.domain.models import Uri
from moodroom_hub.domain.sorting.models import Chances, Label, LabelOrigin, Layer, SublistKey

ROUNDING: Final = 1e-3
"""By so much a chance may lie beside 0 or 1, and a sum above 1: single precision, not a mistake."""
NEAR: Final = 0.01
"""Two sublists of a mutual layer whose chances are nearer than that are equally likely: neither leads."""

BY_HAND: Final = 2
"""The strength of a person's word."""

_STRENGTH: Final = {
    LabelOrigin.PLAYLIST: 0,
    LabelOrigin.ROOM: 1,
    LabelOrigin.ASKED: BY_HAND,
    LabelOrigin.CORRECTED: BY_HAND,
}


@dataclass(frozen=True, slots=True)
class Said:
    """What a label says of a layer as it is configured now. Sublists in neither set are open."""

    fits: frozenset[SublistKey] = frozenset()
    misfits: frozenset[SublistKey] = frozenset()

    def truth(self, key: SublistKey) -> bool | None:
        """Whether the song belongs to this sublist; ``None``: that was not said."""
        if key in self.fits:
            return True
        return False if key in self.misfits else None

    @property
    def is_nothing(self) -> bool:
        """Whether every sublist is open."""
        return not self.fits and not self.misfits


NOTHING_SAID: Final = Said()


def said(layer: Layer, label: Label | None) -> Said:
    """What the label says, without sublists that the layer has no longer, and with what its case implies.

    What both fits and does not is open. In a mutual layer a single fit makes misfits of all others; two fits
    contradict each other and are given as they are.
    """
    if label is None:
        return NOTHING_SAID
    keys = frozenset(layer.keys)
    fits, misfits = (label.fits - label.misfits) & keys, (label.misfits - label.fits) & keys
    return Said(fits, keys - fits if layer.is_mutual and len(fits) == 1 else misfits)


def strength(label: Label) -> tuple[int, int]:
    """What orders labels of one song: a person's word above a room's, that above a playlist's; then the newer."""
    return _STRENGTH[label.origin], label.at_ms


def readable(layer: Layer, chances: Chances | None) -> tuple[float, ...] | None:
    """The chances in the layer's order, each in 0 to 1; ``None`` for a row that cannot be meant.

    That is one of the wrong length, with something that is no chance, or (mutual) with a sum above 1.
    """
    if chances is None:
        return None
    values = chances.values
    if len(values) != len(layer.sublists) or not values:
        return None
    total, lowest, highest = sum(values), min(values), max(values)
    if not (total == total and lowest >= -ROUNDING and highest <= 1 + ROUNDING):  # what is no number equals nothing
        return None
    if layer.is_mutual and total > 1 + ROUNDING:
        return None
    return values if lowest >= 0 and highest <= 1 else tuple(min(1.0, max(0.0, value)) for value in values)


def leader(values: tuple[float, ...]) -> tuple[int, bool]:
    """The likeliest one's index (of equals the first), and whether it is ahead of every other."""
    index = max(range(len(values)), key=values.__getitem__)
    best = values[index]
    return index, all(best - value >= NEAR for at, value in enumerate(values) if at != index)


def recording(uri: Uri, same: Mapping[Uri, Uri]) -> Uri:
    """The uri that stands for this song's recording, however ``same`` was put together (chains, even circles)."""
    path = [uri]
    while (following := same.get(path[-1], path[-1])) not in path:
        path.append(following)
    return min(path[path.index(following) :])
