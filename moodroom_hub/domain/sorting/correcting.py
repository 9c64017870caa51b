"""What the owner meant by moving songs on the service: corrections, which are labels."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from moodroom_hub.domain.models import EpochMs, Uri
from moodroom_hub.domain.sorting.models import Label, LabelOrigin, SublistKey
from moodroom_hub.domain.sorting.steps import is_settable
from moodroom_hub.domain.sorting.writing import NONE_SAME

_BY_HAND = frozenset({LabelOrigin.ASKED, LabelOrigin.CORRECTED})
_MANY = 5
"""From so many songs of ours on, a list that lost all of them was emptied, and says nothing of each of them."""


@dataclass(frozen=True, slots=True)
class Left:
    """One sublist's playlist as it was last known: what it held, and what of that the sorter had put there."""

    rows: tuple[Uri, ...]
    ours: tuple[Uri, ...]


@dataclass(frozen=True, slots=True)
class Corrections:
    """``labels``: in the order of the lists. ``emptied``: lists from which nothing is concluded."""

    labels: tuple[Label, ...]
    emptied: tuple[SublistKey, ...] = ()


def corrections(
    left: Mapping[SublistKey, Left],
    now: Mapping[SublistKey, Sequence[Uri]],
    said: Mapping[Uri, Label],
    *,
    is_mutual: bool,
    at_ms: EpochMs,
    same: Mapping[Uri, Uri] = NONE_SAME,
) -> Corrections:
    """What the owner moved since: what is gone from a list does not fit it, what is new in one by hand does.

    In a mutual layer what is new in one list fits that one alone; in two at once, it says nothing. ``said``: what
    holds of each song now; of a song of a layer that is not mutual, what was said of other lists is kept. Only lists
    in both ``left`` and ``now`` are looked at.
    """
    came: dict[Uri, set[SublistKey]] = {}
    went: dict[Uri, set[SublistKey]] = {}
    emptied = []
    for key, before in left.items():
        if key not in now:
            continue
        old, new = _songs(before.rows, same), _songs(now[key], same)
        for uri in new:
            if uri not in old:
                came.setdefault(uri, set()).add(key)
        ours = _songs(before.ours, same)
        if len(ours) >= _MANY and not ours.keys() & new.keys():
            emptied.append(key)
            continue
        for uri in old:
            if uri not in new:
                went.setdefault(uri, set()).add(key)
    labels = []
    for uri in dict.fromkeys((*came, *went)):
        fits, misfits = frozenset(came.get(uri, ())), frozenset(went.get(uri, ()))
        if is_mutual and len(fits) > 1:
            continue
        label = _joined(uri, fits, misfits, said.get(uri), is_mutual=is_mutual, at_ms=at_ms)
        if label is not None:
            labels.append(label)
    return Corrections(tuple(labels), tuple(emptied))


def without_corrected(
    targets: Mapping[SublistKey, Sequence[Uri]],
    labels: Sequence[Label],
    *,
    is_mutual: bool,
    same: Mapping[Uri, Uri] = NONE_SAME,
) -> dict[SublistKey, tuple[Uri, ...]]:
    """``targets`` without the songs that do not belong there by these corrections."""
    said = {label.uri: label for label in labels}

    def is_out(uri: Uri, key: SublistKey) -> bool:
        label = said.get(same.get(uri, uri))
        if label is None or key in label.fits:
            return False
        return key in label.misfits or (is_mutual and bool(label.fits))

    return {key: tuple(uri for uri in uris if not is_out(uri, key)) for key, uris in targets.items()}


def _songs(rows: Sequence[Uri], same: Mapping[Uri, Uri]) -> dict[Uri, None]:
    return dict.fromkeys(same.get(uri, uri) for uri in rows if is_settable(uri))


def _joined(
    uri: Uri,
    fits: frozenset[SublistKey],
    misfits: frozenset[SublistKey],
    before: Label | None,
    *,
    is_mutual: bool,
    at_ms: EpochMs,
) -> Label | None:
    """The correction and what was said before as one label; ``None`` where a person had said all of it."""
    fitted = frozenset() if before is None else before.fits - misfits
    misfitted = frozenset() if before is None else before.misfits - fits
    all_fits = fits if is_mutual and fits else fitted | fits
    label = Label(uri, all_fits, (misfitted | misfits) - all_fits, LabelOrigin.CORRECTED, at_ms)
    if (
        before is not None
        and before.origin in _BY_HAND
        and (before.fits, before.misfits) == (label.fits, label.misfits)
    ):
        return None
    return label
