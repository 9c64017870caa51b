"""Which question teaches most: songs whose place is uncertain, that stand for many others, and unlike the last ones.

At first, while sublists have hardly a label, uncertainty means nothing yet: then the questions spread over the whole
list, and look for likely examples of the sublists that have none.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
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
SHORTLIST: Final = 300
"""So many of the most uncertain songs are looked at more closely."""
LANDMARKS: Final = 64
"""So many songs, drawn at random, stand for the whole list where its dense regions are sought."""
TORN: Final = 2
"""How much uncertainty counts beside density, as a power: in mutual layers, and ..."""
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
    worth = _first_worths(layer, left, chances, needy) if needy else _worths(layer, left, chances)
    close = max(SHORTLIST, 2 * count)
    shortlist = nlargest(close, ((worth[at], rng.random(), at) for at in range(len(left))))
    songs = [(left[at], value) for value, _, at in shortlist]
    space = _Space.of(left, points, rng)
    asked = [*labels, *lately] if needy else lately
    return _spread(songs, space, asked, count)


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
    """The songs as points; ``unit`` is about how far two songs at random lie from each other."""

    points: Mapping[Uri, Point]
    landmarks: tuple[Point, ...]
    unit: float

    @classmethod
    def of(cls, songs: Sequence[Uri], points: Mapping[Uri, Point], rng: Random) -> "_Space":
        drawn = [points[uri] for uri in rng.sample(songs, min(len(songs), LANDMARKS)) if uri in points]
        sizes = Counter(map(len, drawn))
        size = max(sizes, key=sizes.__getitem__) if sizes else 0
        marks = tuple(point for point in drawn if _is_sound(point, size))
        apart = sorted(math.dist(one, other) for one, other in pairwise(marks))
        return cls(points, marks, apart[len(apart) // 2] if apart else 0.0)

    def point(self, uri: Uri) -> Point | None:
        """Where the song lies; ``None`` where that is not known, or cannot be compared."""
        found = self.points.get(uri)
        is_usable = self.unit > 0 and found is not None and _is_sound(found, len(self.landmarks[0]))
        return found if is_usable else None

    def nearness(self, one: Point, other: Point) -> float:
        """1 for the same point, near 0 for what is unlike."""
        return math.exp(-((2 * math.dist(one, other) / self.unit) ** 2))

    def density(self, point: Point) -> float:
        """How near the landmarks are, on average."""
        return sum([self.nearness(point, mark) for mark in self.landmarks]) / len(self.landmarks)


def _is_sound(point: Point, size: int) -> bool:
    return len(point) == size > 0 and all(map(math.isfinite, point))


def _spread(songs: Iterable[tuple[Uri, float]], space: _Space, asked: Iterable[Uri], count: int) -> list[Uri]:
    """The best of the shortlist, one after the other; what is near an asked one loses worth."""
    worth = dict(songs)
    where = {uri: point for uri in worth if (point := space.point(uri)) is not None}
    densities = {uri: space.density(point) for uri, point in where.items()}
    usual = sorted(densities.values())[len(densities) // 2] if densities else 1.0
    for uri in worth:
        worth[uri] *= densities.get(uri, usual)
    for uri in asked:
        _shade(worth, where, space, space.point(uri))
    chosen: list[Uri] = []
    while worth and len(chosen) < count:
        best = max(worth, key=worth.__getitem__)
        chosen.append(best)
        del worth[best]
        _shade(worth, where, space, where.pop(best, None))
    return chosen


def _shade(worth: dict[Uri, float], where: Mapping[Uri, Point], space: _Space, around: Point | None) -> None:
    if around is not None:
        for uri, point in where.items():
            if uri in worth:
                worth[uri] *= 1 - space.nearness(point, around)
