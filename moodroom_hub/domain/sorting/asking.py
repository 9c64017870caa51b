"""Which question teaches most: uncertain songs that stand for many other uncertain ones, unlike what was asked before.

A labelled song says something of those around it. So a song is worth asking for by the doubt, its own and that of the
songs near it, that no label stands nearer to.

At first, while sublists have hardly a label, uncertainty means nothing yet: then the questions spread over the whole
list, and look for likely examples of the sublists that have none.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from heapq import nlargest
from itertools import pairwise
from random import Random
from types import MappingProxyType
from typing import Final

from moodroom_hub.domain.models import Uri
from moodroom_hub.domain.sorting.models import Chances, Label, Layer
from moodroom_hub.domain.sorting.reading import readable, recording, said

FEWEST_LABELS: Final = 2
"""A sublist with fewer is still to be found."""
SHORTLIST: Final = 150
"""So many of the most uncertain songs are looked at more closely."""
LANDMARKS: Final = 150
"""So many songs, drawn at random, stand for the whole list where it is sought what a song stands for."""
MOST_LABELS: Final = 150
"""So many labels, drawn at random, stand for all where it is sought what labels stand near."""
LEARNT: Final = 0.5
"""What a label that the model has learned from covers: near it, uncertainty has fallen by itself."""
ALONE: Final = 1e-3
"""What a song counts that stands for no other, beside one that stands for all."""
TORN: Final = 1
"""How much uncertainty counts, as a power: in mutual layers, and ..."""
UNDECIDED: Final = 3
"""... in non-mutual ones, where a sum over sublists differs less from song to song."""

Point = Sequence[float]

_NOBODY: Final[Mapping[Uri, Uri]] = MappingProxyType({})
_NOWHERE: Final[Mapping[Uri, Point]] = MappingProxyType({})


def next_question(
    layer: Layer,
    candidates: Sequence[Uri],
    chances: Mapping[Uri, Chances],
    labels: Mapping[Uri, Label],
    rng: Random,
    *,
    points: Mapping[Uri, Point] = _NOWHERE,
    lately: Sequence[Uri] = (),
    same: Mapping[Uri, Uri] = _NOBODY,
) -> Uri | None:
    """The song to ask for next; ``None`` where none is left. Arguments as in ``rank``."""
    found = rank(layer, candidates, chances, labels, rng, count=1, points=points, lately=lately, same=same)
    return found[0] if found else None


def rank(
    layer: Layer,
    candidates: Sequence[Uri],
    chances: Mapping[Uri, Chances],
    labels: Mapping[Uri, Label],
    rng: Random,
    *,
    count: int,
    points: Mapping[Uri, Point] = _NOWHERE,
    lately: Sequence[Uri] = (),
    same: Mapping[Uri, Uri] = _NOBODY,
) -> list[Uri]:
    """Up to ``count`` songs to ask for, the one that teaches most first, each chosen with those before it in mind.

    ``candidates``: the songs that may be asked for; labelled ones, and all but one of a recording, are left out.
    ``chances``: from the model as it is, none where there is no model yet. ``points``: a few numbers a song, nearer
    ones more alike; where a song has none, it is neither dense nor near. ``lately``: what was asked since the model
    was trained, answered or skipped: the like of these is not asked yet (what the model has learned from needs no
    such care: its uncertainty has fallen there). 5,000 candidates take less than 50 ms.
    """
    left = _left(candidates, labels, same)
    if not left or count <= 0:
        return []
    needy = _needy(layer, labels)
    doubts = _worths(layer, left, chances)
    worth = _first_worths(layer, left, chances, needy) if needy else doubts
    songs = {left[at]: worth[at] for at in _shortlist(worth, max(SHORTLIST, 2 * count), rng)}
    space = _Space.of(left, doubts, points, rng)
    learnt = rng.sample(list(labels), min(len(labels), MOST_LABELS))
    for uris, part in ((learnt, LEARNT), (lately, 1.0)):
        for uri in uris:
            space.cover(uri, part)
    return _chosen(songs, space, count)


def _shortlist(worth: Sequence[float], size: int, rng: Random) -> list[int]:
    """Half the best, half drawn from the others in proportion to their worth: the most uncertain songs may all lie in
    one corner."""
    order = nlargest(size // 2, range(len(worth)), key=lambda at: (worth[at], rng.random()))
    best = frozenset(order)
    others = (at for at in range(len(worth)) if at not in best)
    return order + nlargest(size - len(order), others, key=lambda at: -rng.expovariate(1.0) / max(worth[at], 1e-9))


def _left(candidates: Sequence[Uri], labels: Mapping[Uri, Label], same: Mapping[Uri, Uri]) -> list[Uri]:
    if not same:
        return [uri for uri in dict.fromkeys(candidates) if uri not in labels]
    known = {recording(uri, same) for uri in labels}
    first: dict[Uri, Uri] = {}
    for uri in candidates:
        first.setdefault(recording(uri, same), uri)
    return [uri for whose, uri in first.items() if whose not in known]


def _needy(layer: Layer, labels: Mapping[Uri, Label]) -> list[int]:
    """The sublists with the fewest labels, where these are too few; by index."""
    counts = Counter(key for label in labels.values() for key in said(layer, label).fits)
    fewest = min((counts[key] for key in layer.keys), default=FEWEST_LABELS)
    return [at for at, key in enumerate(layer.keys) if counts[key] == fewest] if fewest < FEWEST_LABELS else []


def _worths(layer: Layer, songs: Sequence[Uri], chances: Mapping[Uri, Chances]) -> list[float]:
    """How uncertain each song is, from 0 to 1; what is unknown is as uncertain as can be."""
    worths = []
    uncertainty = _torn if layer.is_mutual else _undecided
    has_void = layer.is_mutual and not layer.is_complete
    for uri in songs:
        values = readable(layer, chances.get(uri))
        if values is None:
            worths.append(1.0)
        elif has_void:
            worths.append(uncertainty((*values, max(0.0, 1 - sum(values)))))
        else:
            worths.append(uncertainty(values))
    return worths


def _torn(values: tuple[float, ...]) -> float:
    """How near the second likeliest is to the likeliest: one answer decides between the two."""
    if len(values) == 1:
        return (1 - values[0]) ** TORN
    *_, second, first = sorted(values)
    return (1 - (first - second)) ** TORN


def _undecided(values: tuple[float, ...]) -> float:
    """How far from both yes and no, over all sublists: one answer tells of every one of them."""
    return (2 * sum([min(value, 1 - value) for value in values]) / len(values)) ** UNDECIDED


def _first_worths(
    layer: Layer, songs: Sequence[Uri], chances: Mapping[Uri, Chances], needy: Sequence[int]
) -> list[float]:
    """How likely each song is an example of a sublist that lacks them, beside the likeliest one of the list."""
    rows = [readable(layer, chances.get(uri)) for uri in songs]
    best = [max((row[at] for row in rows if row is not None), default=0.0) for at in needy]
    worths = []
    for row in rows:
        likeness = [row[at] / top for at, top in zip(needy, best, strict=True) if top > 0] if row is not None else []
        worths.append(max(likeness, default=0.5))
    return worths


@dataclass(frozen=True, slots=True)
class _Space:
    """The songs as points. ``landmarks``: some of them, with their ``doubts``; ``covered``: how near each is to what
    was asked; ``unit`` is about how far two songs at random lie from each other."""

    points: Mapping[Uri, Point]
    landmarks: tuple[Point, ...]
    doubts: tuple[float, ...]
    covered: list[float]
    unit: float

    @classmethod
    def of(cls, songs: Sequence[Uri], doubts: Sequence[float], points: Mapping[Uri, Point], rng: Random) -> "_Space":
        places = rng.sample(range(len(songs)), min(len(songs), LANDMARKS))
        drawn = [(points[songs[at]], doubts[at]) for at in places if songs[at] in points]
        sizes = Counter(len(point) for point, _ in drawn)
        size = max(sizes, key=sizes.__getitem__) if sizes else 0
        marks = [(point, doubt) for point, doubt in drawn if _is_sound(point, size)]
        apart = sorted(math.dist(one, other) for (one, _), (other, _) in pairwise(marks))
        unit = apart[len(apart) // 2] if apart else 0.0
        return cls(points, tuple(p for p, _ in marks), tuple(d for _, d in marks), [0.0] * len(marks), unit)

    def near(self, uri: Uri) -> list[float] | None:
        """How near the landmarks are: 1 for the same point, near 0 for what is unlike. ``None`` where it is not known
        where the song lies, or where that cannot be compared."""
        found = self.points.get(uri)
        if found is None or self.unit <= 0 or not _is_sound(found, len(self.landmarks[0])):
            return None
        # Multiplied, not raised to a power: that would fail where points lie further apart than a square can say.
        distances = [2 * math.dist(found, mark) / self.unit for mark in self.landmarks]
        return [math.exp(-(distance * distance)) for distance in distances]

    def cover(self, uri: Uri, part: float = 1.0) -> None:
        """It was asked for: what is near it needs no other question."""
        near = self.near(uri)
        if near is not None:
            self.covered[:] = [max(known, part * value) for known, value in zip(self.covered, near, strict=True)]

    def gain(self, near: Sequence[float]) -> float:
        """The doubt that asking for this song would stand nearer to than what was asked already, from 0 to 1."""
        found = [
            doubt * (value - known)
            for doubt, value, known in zip(self.doubts, near, self.covered, strict=True)
            if value > known
        ]
        return sum(found) / len(self.landmarks)


def _is_sound(point: Point, size: int) -> bool:
    return len(point) == size > 0 and all(map(math.isfinite, point))


def _chosen(worth: Mapping[Uri, float], space: _Space, count: int) -> list[Uri]:
    """The best of the shortlist, one after the other, each covering what is near it."""
    left = {uri: space.near(uri) for uri in worth}
    chosen: list[Uri] = []
    while left and len(chosen) < count:
        gains = {uri: space.gain(near) for uri, near in left.items() if near is not None}
        usual = sorted(gains.values())[len(gains) // 2] if gains else 0.0
        best = max(left, key=lambda uri: worth[uri] * (ALONE + gains.get(uri, usual)))
        chosen.append(best)
        del left[best]
        space.cover(best)
    return chosen
