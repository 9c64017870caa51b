"""Where each song belongs, from chances, labels and thresholds: the four cases of a layer with their guarantees.

| layer | guarantee |
|---|---|
| mutual, complete | every song in exactly one sublist |
| mutual, incomplete | every song in at most one |
| non-mutual, complete | every song in at least one |
| non-mutual, incomplete | sublists hold songs of the motherlist, no more |

*Sure* is what reaches its sublist's threshold (in a mutual layer also: ahead of every other sublist). *Doubtful* is
what does not, and is worth a look: its chance is at least half of the threshold, or (mutual) it lies likelier in some
sublist than in none, only not clearly in which. Everything else is the void's. A complete layer has no void: there
the rest is doubtful and lies in its likeliest sublist meanwhile.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

from moodroom_hub.domain.models import Uri
from moodroom_hub.domain.sorting.models import Chances, Label, LabelOrigin, Layer, Place, Standing, SublistKey
from moodroom_hub.domain.sorting.percent import percent
from moodroom_hub.domain.sorting.reading import NOTHING_SAID, Said, leader, readable, recording, said, strength
from moodroom_hub.domain.sorting.thresholds import target_precision

WORTH_A_LOOK: Final = 0.5
"""The part of its threshold from which on a chance is doubtful rather than none."""
LIKELIER_THAN_NOT: Final = 0.5
MOST_LIKELY: Final = 3
"""A doubtful song names so many sublists at most; a person shall choose, not read."""

_NOBODY: Final[Mapping[Uri, Uri]] = MappingProxyType({})
_HOW_SAID: Final = {
    LabelOrigin.ASKED: "you said",
    LabelOrigin.CORRECTED: "you moved it",
    LabelOrigin.PLAYLIST: "it lay in your playlist",
    LabelOrigin.ROOM: "as in the room",
}


def place(
    layer: Layer,
    songs_in_order: Sequence[Uri],
    chances: Mapping[Uri, Chances],
    labels: Mapping[Uri, Label],
    thresholds: Mapping[SublistKey, float],
    same: Mapping[Uri, Uri] = _NOBODY,
) -> tuple[Place, ...]:
    """The place of every song, each once, in the order in which they come first.

    Labels win, whatever the chances are; one that the layer's case forbids (two fits in a mutual layer, none in a
    complete one) makes the song doubtful. ``same``: a uri to the uri that stands for its recording; all of one
    recording have one place, by the strongest label of any of them. A row of chances that cannot be read counts as
    none; without chances a song is the void's, or (complete) doubtful in the sublist with the most labels. A sublist
    without a threshold has the wish's own precision as one.
    """
    songs = tuple(dict.fromkeys(songs_in_order))
    standing_for = {uri: recording(uri, same) for uri in songs} if same else {uri: uri for uri in songs}
    spoken: dict[Uri, Label] = {}
    for uri, label in labels.items():
        if said(layer, label).is_nothing:
            continue
        whose = recording(uri, same)
        known = spoken.get(whose)
        if known is None or (strength(label), label.uri) > (strength(known), known.uri):
            spoken[whose] = label
    members: dict[Uri, list[Uri]] = {}
    for uri, whose in standing_for.items():
        members.setdefault(whose, []).append(uri)
    judge = _Judge.of(layer, thresholds, spoken.values())
    decided: dict[Uri, Place] = {}
    for whose, uris in members.items():
        row = _row(layer, chances, (whose, *sorted(uris)) if len(uris) > 1 else (uris[0], whose))
        decided[whose] = judge.decide(whose, row, spoken.get(whose))
    return tuple(
        decided[whose] if whose == uri else replace(decided[whose], uri=uri) for uri, whose in standing_for.items()
    )


def _row(layer: Layer, chances: Mapping[Uri, Chances], uris: Iterable[Uri]) -> Chances | None:
    """The first row that can be read, its values tidied."""
    for uri in uris:
        row = chances.get(uri)
        values = readable(layer, row)
        if row is not None and values is not None:
            return row if values is row.values else replace(row, values=values)
    return None


@dataclass(frozen=True, slots=True)
class _Judge:
    """One layer's rules. ``commonest``: its sublists, those with the most labels first."""

    layer: Layer
    keys: tuple[SublistKey, ...]
    names: Mapping[SublistKey, str]
    thresholds: tuple[float, ...]
    commonest: tuple[SublistKey, ...]

    @classmethod
    def of(cls, layer: Layer, thresholds: Mapping[SublistKey, float], labels: Iterable[Label]) -> "_Judge":
        counts = Counter(key for label in labels for key in said(layer, label).fits)
        given = (thresholds.get(key, float("nan")) for key in layer.keys)
        return cls(
            layer,
            layer.keys,
            {each.key: each.name for each in layer.sublists},
            tuple(bar if bar == bar else target_precision(layer.eagerness) for bar in given),
            tuple(sorted(layer.keys, key=lambda key: -counts[key])),
        )

    def decide(self, uri: Uri, row: Chances | None, label: Label | None) -> Place:
        """One recording's place."""
        if not self.keys:
            return Place(uri, (), Standing.VOID, 0.0, why="the layer has no sublists")
        spoken = NOTHING_SAID if label is None else said(self.layer, label)
        if label is None or spoken.is_nothing:
            return self._by_chances(uri, row, frozenset())
        if self.layer.is_mutual and len(spoken.fits) > 1:
            names = self._named(key for key in self.keys if key in spoken.fits)
            return self._in_doubt(uri, row, spoken.fits, f"{_HOW_SAID[label.origin]}: {names}, and only one can be")
        if spoken.fits:
            return self._as_said(uri, row, label, spoken)
        is_open = [key for key in self.keys if key not in spoken.misfits]
        if self.layer.is_complete:
            if not is_open:
                reason = f"{_HOW_SAID[label.origin]}: none of these, but every song lies in some"
                return self._in_doubt(uri, row, frozenset(self.keys), reason)
            if len(is_open) == 1:
                why = f"{_HOW_SAID[label.origin]}: none of the others"
                return Place(uri, (is_open[0],), Standing.SAID, 1.0, why=why)
        elif not is_open:
            return Place(uri, (), Standing.SAID, 0.0, why=f"{_HOW_SAID[label.origin]}: none of these")
        return self._by_chances(uri, row, spoken.misfits)

    def _as_said(self, uri: Uri, row: Chances | None, label: Label, spoken: Said) -> Place:
        """What a label names, and in a non-mutual layer what is sure of the sublists that it left open."""
        sure = [
            at
            for at, key in enumerate(self.keys)
            if row is not None and spoken.truth(key) is None and row.values[at] >= self.thresholds[at]
        ]
        why = f"{_HOW_SAID[label.origin]}: {self._named(key for key in self.keys if key in spoken.fits)}"
        if sure and row is not None:
            why = _joined(f"{why}; sure: {self._odds(row.values, sure)}", row.why)
        sublists = tuple(key for at, key in enumerate(self.keys) if key in spoken.fits or at in sure)
        return Place(uri, sublists, Standing.SAID, 1.0, why=why)

    def _by_chances(self, uri: Uri, row: Chances | None, misfits: frozenset[SublistKey]) -> Place:
        values = None if row is None else self._without(row.values, misfits)
        if row is None or values is None or (self.layer.is_complete and max(values) <= 0):
            return self._unknown(uri, misfits)
        best, is_ahead = leader(values)
        if self.layer.is_mutual:
            sure = [best] if is_ahead and values[best] >= self.thresholds[best] and values[best] > 0 else []
            is_worth_a_look = (
                values[best] >= WORTH_A_LOOK * self.thresholds[best] or sum(values) > LIKELIER_THAN_NOT
            ) and values[best] > 0
        else:
            allowed = [at for at, key in enumerate(self.keys) if key not in misfits and values[at] > 0]
            sure = [at for at in allowed if values[at] >= self.thresholds[at]]
            is_worth_a_look = any(values[at] >= WORTH_A_LOOK * self.thresholds[at] for at in allowed)
        if sure:
            why = _joined(f"sure: {self._odds(values, sure)}", row.why)
            return Place(uri, tuple(self.keys[at] for at in sure), Standing.SURE, values[best], why=why)
        if self.layer.is_complete or is_worth_a_look:
            return self._doubtful(uri, values, row.why, "doubtful")
        why = _joined(f"in none: {self._odds(values, [best])} at most", row.why)
        return Place(uri, (), Standing.VOID, values[best], why=why)

    def _without(self, values: tuple[float, ...], misfits: frozenset[SublistKey]) -> tuple[float, ...] | None:
        """The chances when these are out of the question; ``None`` where nothing else was thought possible."""
        if not misfits:
            return values
        left = tuple(0.0 if key in misfits else value for key, value in zip(self.keys, values, strict=True))
        if not self.layer.is_mutual:
            return left
        rest = 1 - (sum(values) - sum(left))
        return tuple(min(1.0, value / rest) for value in left) if rest > 0 else None

    def _in_doubt(self, uri: Uri, row: Chances | None, among: frozenset[SublistKey], reason: str) -> Place:
        """A label that cannot be obeyed: the likeliest of what it leaves."""
        values = tuple(row.values[at] if row is not None and key in among else 0.0 for at, key in enumerate(self.keys))
        if max(values) > 0:
            return self._doubtful(uri, values, "" if row is None else row.why, reason)
        likely = tuple(key for key in self.commonest if key in among)
        sublists = likely[:1] if self.layer.is_complete else ()
        return Place(uri, sublists, Standing.DOUBTFUL, 0.0, likely[:MOST_LIKELY], reason)

    def _doubtful(self, uri: Uri, values: tuple[float, ...], song_why: str, reason: str) -> Place:
        best = max(values)
        order = sorted(range(len(values)), key=lambda at: -values[at])
        near = [at for at in order if values[at] >= best * WORTH_A_LOOK][:MOST_LIKELY]
        return Place(
            uri,
            (self.keys[order[0]],) if self.layer.is_complete else (),
            Standing.DOUBTFUL,
            best,
            tuple(self.keys[at] for at in near),
            _joined(f"{reason}: {self._odds(values, near)}", song_why),
        )

    def _unknown(self, uri: Uri, misfits: frozenset[SublistKey]) -> Place:
        if not self.layer.is_complete:
            return Place(uri, (), Standing.VOID, 0.0, why="nothing is known of it yet")
        first = next(key for key in self.commonest if key not in misfits)
        why = f"nothing is known of it yet; {self.names[first]} has the most labels"
        return Place(uri, (first,), Standing.DOUBTFUL, 0.0, (first,), why)

    def _odds(self, values: Sequence[float], at: Iterable[int]) -> str:
        return ", ".join(f"{percent(values[index])} % {self.names[self.keys[index]]}" for index in at)

    def _named(self, keys: Iterable[SublistKey]) -> str:
        return ", ".join(self.names[key] for key in keys)


def _joined(reason: str, why: str) -> str:
    return f"{reason}; {why}" if why else reason
