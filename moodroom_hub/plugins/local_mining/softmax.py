"""A regularised linear model of rooms over sparse features, fitted by L-BFGS in plain Python.

Without intercepts: of a song that resembles no label the model knows nothing, and says so by equal probabilities.
Only features that a labelled song has get a weight.
"""

import math
from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import itemgetter, mul
from typing import Any

from moodroom_hub.plugins.local_mining.songs import Sparse

STRENGTH = 30.0
"""The variance of a weight before anything was seen; chosen among 3 to 100, where it hardly matters."""
MOST_ROUNDS = 60
"""Of many labels fewer: each round costs more, and stopping early does them no harm."""
_MEMORY = 5
_ENOUGH = 2e-3


_Step = tuple["array[float]", "array[float]", float]
"""How far a step went, how the slope turned, and their product; arrays take a quarter of what lists take."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """One labelled song. ``room`` is what it fits; with ``is_fit`` false, what it does not fit."""

    features: Sparse
    room: int
    weight: float
    is_fit: bool = True


class Softmax:
    """Weights per room. ``places`` maps a feature's id to its place in each room's weights."""

    def __init__(self, places: dict[int, int], weights: list[list[float]]) -> None:
        self.places = places
        self.weights = weights

    def scores(self, features: Sparse) -> list[float]:
        """One score a room; zero for all where nothing is known."""
        found = [
            (place, value)
            for feature, value in zip(features.ids, features.values, strict=True)
            if (place := self.places.get(feature)) is not None
        ]
        return [sum([value * own[place] for place, value in found]) for own in self.weights]


def fit(lessons: Sequence[Lesson], rooms: int, start: Softmax | None = None) -> Softmax:
    """The most plausible weights. ``start`` (fitted to more of the same lessons) makes it quicker."""
    most = max(15, min(MOST_ROUNDS, 15_000 // max(1, len(lessons))))
    # What differs from a fitted model by a fold of its labels is found in fewer steps.
    rounds = most if start is None else (2 * most) // 5
    places = start.places if start is not None else _places(lessons)
    width = len(places)
    known = [_Known(lesson, places) for lesson in lessons]
    point = [0.0] * (width * rooms) if start is None else [value for own in start.weights for value in own]
    found = _descend(lambda x: _loss(x, known, rooms, width), point, rounds)
    return Softmax(places, [found[room * width : (room + 1) * width] for room in range(rooms)])


def probabilities(scores: Sequence[float], sharpness: float = 1.0) -> list[float]:
    """Scores as probabilities that sum to one."""
    top = max(scores)
    powers = [math.exp((score - top) * sharpness) for score in scores]
    total = sum(powers)
    return [power / total for power in powers]


class _Known:
    __slots__ = ("ids", "is_fit", "pick", "room", "values", "weight")

    def __init__(self, lesson: Lesson, places: dict[int, int]) -> None:
        ids = [places[feature] for feature in lesson.features.ids if feature in places]
        self.values = [
            v for feature, v in zip(lesson.features.ids, lesson.features.values, strict=True) if feature in places
        ]
        self.ids = ids
        # itemgetter answers a bare value for one item and refuses none: two more make it always a tuple.
        self.pick: Callable[[Any], tuple[float, ...]] = itemgetter(*ids, 0, 0)
        self.room = lesson.room
        self.weight = lesson.weight
        self.is_fit = lesson.is_fit


def _places(lessons: Sequence[Lesson]) -> dict[int, int]:
    places: dict[int, int] = {}
    for lesson in lessons:
        for feature in lesson.features.ids:
            places.setdefault(feature, len(places))
    return places


def _loss(point: list[float], lessons: Sequence[_Known], rooms: int, width: int) -> tuple[float, list[float]]:
    """The penalised loss and its gradient."""
    weights = [point[room * width : (room + 1) * width] for room in range(rooms)]
    loss = 0.5 / STRENGTH * sum(map(mul, point, point))
    slopes = [[value / STRENGTH for value in own] for own in weights]
    for lesson in lessons:
        if not lesson.ids:
            continue
        scores = [sum(map(mul, lesson.values, lesson.pick(own))) for own in weights]
        top = max(scores)
        powers = [math.exp(score - top) for score in scores]
        total = sum(powers)
        chances = [power / total for power in powers]
        own_chance = chances[lesson.room]
        if lesson.is_fit:
            loss -= lesson.weight * math.log(max(own_chance, 1e-300))
            pulls = [lesson.weight * chance for chance in chances]
            pulls[lesson.room] -= lesson.weight
        else:
            rest = max(1 - own_chance, 1e-9)
            loss -= lesson.weight * math.log(rest)
            pulls = [-lesson.weight * chance * own_chance / rest for chance in chances]
            pulls[lesson.room] = lesson.weight * own_chance
        for slope, pull in zip(slopes, pulls, strict=True):
            if abs(pull) > 1e-7:
                for place, value in zip(lesson.ids, lesson.values, strict=True):
                    slope[place] += pull * value
    return loss, [value for slope in slopes for value in slope]


def _descend(
    function: Callable[[list[float]], tuple[float, list[float]]], point: list[float], rounds: int
) -> list[float]:
    loss, slope = function(point)
    steps: list[_Step] = []
    for _ in range(rounds):
        steepness = math.sqrt(_dot(slope, slope))
        if steepness < _ENOUGH:
            break
        way = _direction(slope, steps)
        along = _dot(way, slope)
        if along >= 0:
            way, along, steps = [-value for value in slope], -steepness * steepness, []
        length = 1.0 if steps else min(1.0, 1.0 / steepness)
        for _attempt in range(20):
            candidate = [p + length * w for p, w in zip(point, way, strict=True)]
            new_loss, new_slope = function(candidate)
            if new_loss <= loss + 1e-4 * length * along:
                break
            length *= 0.4
        else:
            break
        moved = array("d", (length * w for w in way))
        turned = array("d", (new - old for new, old in zip(new_slope, slope, strict=True)))
        bend = _dot(moved, turned)
        if bend > 1e-12:
            steps = [*steps[-(_MEMORY - 1) :], (moved, turned, bend)]
        is_done = loss - new_loss < 1e-5 * max(1.0, abs(new_loss))
        point, loss, slope = candidate, new_loss, new_slope
        if is_done:
            break
    return point


def _direction(slope: list[float], steps: Sequence[_Step]) -> list[float]:
    """The two-loop recursion of L-BFGS."""
    way = slope
    shares: list[float] = []
    for moved, turned, bend in reversed(steps):
        share = _dot(moved, way) / bend
        shares.append(share)
        way = [w - share * t for w, t in zip(way, turned, strict=True)]
    if steps:
        _, turned, bend = steps[-1]
        scale = bend / _dot(turned, turned)
        way = [w * scale for w in way]
    for (moved, turned, bend), share in zip(steps, reversed(shares), strict=True):
        more = share - _dot(turned, way) / bend
        way = [w + more * m for w, m in zip(way, moved, strict=True)]
    return [-value for value in way]


def _dot(one: Sequence[float], other: Sequence[float]) -> float:
    return float(sum(map(mul, one, other)))
