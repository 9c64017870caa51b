"""How good chances are, by the case of the layer."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

import numpy as np
from numpy.typing import NDArray

from benchmarks.labels.owners import Owner
from benchmarks.mining_lab.measures import calibration_error

Chances = NDArray[np.float64]
EVEN = 0.5
LEAST_PUT = 0.25
"""Of as many songs as belong into the void, so many are put there by every method at least, the likeliest first: a
single song put there rightly is no precision to speak of, and none at all is no precision of 0."""
CHANCE_DRAWS = 5


@dataclass(frozen=True, slots=True)
class Row:
    """One method's result of one draw. ``value``: accuracy, micro-F1 or void precision, by the case.

    ``other``: of the incomplete case the accuracy, the void being one more class. ``even``: its void precision where
    every method puts as many songs into the void as belong there; ``first``: that of the bare first choices, 0 where
    nothing is put there. ``confidence`` and ``hits``: of all asked songs (of all said sublists). ``unseen``: accuracy
    on songs that are never asked for.
    """

    method: str
    owner: str
    kind: str
    case: str
    labels: int
    seed: int
    value: float
    confidence: tuple[float, ...]
    hits: tuple[bool, ...]
    other: float = 0.0
    even: float = 0.0
    first: float = 0.0
    unseen: float | None = None


def measure(
    owner: Owner,
    method: str,
    labels: int,
    seed: int,
    chances: Chances,
    asked: Sequence[int],
    unseen: Sequence[int] = (),
) -> Row:
    """``chances``: by song and class, the void the last of an incomplete layer. ``asked``: the songs that count."""
    confidence, hits = _confidence(owner, chances, asked)
    other = even = first = 0.0
    if owner.case == "non-mutual":
        value = _micro_f1(owner, chances, asked)
    elif owner.case == "incomplete":
        value, other = _void_precision(owner, chances, asked, LEAST_PUT), float(np.mean(hits))
        even = _even_void_precision(owner, chances, asked)
        first = _void_precision(owner, chances, asked, 0.0)
    else:
        value = float(np.mean(hits))
    return Row(
        method,
        owner.name,
        owner.kind,
        owner.case,
        labels,
        seed,
        value,
        tuple(round(each, 4) for each in confidence),
        tuple(hits),
        other,
        even,
        first,
        float(np.mean(_confidence(owner, chances, unseen)[1])) if unseen else None,
    )


def _truth(owner: Owner, index: int) -> frozenset[int]:
    return owner.truth[index] or frozenset({len(owner.task.names)})


def _confidence(owner: Owner, chances: Chances, asked: Sequence[int]) -> tuple[list[float], list[bool]]:
    if owner.case == "non-mutual":
        pairs = [(chances[at, place], place in owner.truth[at]) for at in asked for place in range(chances.shape[1])]
        return [min(1.0, float(chance)) for chance, _ in pairs], [is_in for _, is_in in pairs]
    best = chances.argmax(1)
    return [min(1.0, float(chances[at, best[at]])) for at in asked], [
        int(best[at]) in _truth(owner, at) for at in asked
    ]


def _micro_f1(owner: Owner, chances: Chances, asked: Sequence[int]) -> float:
    """Every method by the same rule: what is likelier than not, and the likeliest at any rate (a complete layer)."""
    right = given = wanted = 0
    for at in asked:
        chosen = {place for place, chance in enumerate(chances[at]) if chance >= EVEN} | {int(chances[at].argmax())}
        right += len(chosen & owner.truth[at])
        given += len(chosen)
        wanted += len(owner.truth[at])
    return 2 * right / (given + wanted)


def _void_precision(owner: Owner, chances: Chances, asked: Sequence[int], least: float) -> float:
    """Of the songs put into the void, the share that belongs there: a method's first choices, and the likeliest others
    where these are fewer than ``least`` of those that belong there."""
    void = len(owner.task.names)
    put = [at for at in asked if int(chances[at].argmax()) == void]
    rest = [at for at in asked if int(chances[at].argmax()) != void]
    wanted = math.ceil(least * sum(not owner.truth[at] for at in asked))
    put += _likeliest(chances, rest, wanted - len(put))
    return sum(not owner.truth[at] for at in put) / len(put) if put else 0.0


def _even_void_precision(owner: Owner, chances: Chances, asked: Sequence[int]) -> float:
    """As many songs as belong into the void are put there, the likeliest: who dares little gains nothing by it."""
    belongs = sum(not owner.truth[at] for at in asked)
    return sum(not owner.truth[at] for at in _likeliest(chances, asked, belongs)) / max(1, belongs)


def _likeliest(chances: Chances, songs: Sequence[int], count: int) -> list[int]:
    """So many of the void's likeliest; among equals by chance."""
    rng = Random(0)
    return sorted(songs, key=lambda at: (-chances[at, -1], rng.random()))[: max(0, count)]


def error_by_chance(rows: Sequence[Row]) -> float:
    """What a method of this confidence would show, on average, though every chance were perfectly true."""
    rng = Random(0)
    confidence = [each for row in rows for each in row.confidence]
    draws = [[rng.random() < chance for chance in confidence] for _ in range(CHANCE_DRAWS)]
    return sum(calibration_error(confidence, hits) for hits in draws) / CHANCE_DRAWS


def pooled_error(rows: Sequence[Row]) -> float:
    """The calibration error of all these rows' songs together."""
    confidence = [each for row in rows for each in row.confidence]
    hits = [each for row in rows for each in row.hits]
    return calibration_error(confidence, hits)
