"""How good chances are, by the case of the layer."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

import numpy as np
from numpy.typing import NDArray

from benchmarks.labels.owners import Owner
from benchmarks.mining_lab.measures import calibration_error

Chances = NDArray[np.float64]
EVEN = 0.5
CHANCE_DRAWS = 5


@dataclass(frozen=True, slots=True)
class Row:
    """One method's result of one draw. ``value``: accuracy, micro-F1 or void precision, by the case.

    ``other``: of the incomplete case the accuracy, the void being one more class. ``even``: its void precision where
    every method puts as many songs into the void as belong there. ``confidence`` and ``hits``: of all asked songs (of
    all said sublists). ``unseen``: accuracy on songs that are never asked for.
    """

    method: str
    owner: str
    kind: str
    case: str
    labels: int
    seed: int
    value: float
    error: float
    confidence: tuple[float, ...]
    hits: tuple[bool, ...]
    other: float = 0.0
    even: float = 0.0
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
    other = even = 0.0
    if owner.case == "non-mutual":
        value = _micro_f1(owner, chances, asked)
    elif owner.case == "incomplete":
        value, other = _void_precision(owner, chances, asked), float(np.mean(hits))
        even = _even_void_precision(owner, chances, asked)
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
        calibration_error(confidence, hits),
        tuple(round(each, 4) for each in confidence),
        tuple(hits),
        other,
        even,
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


def _void_precision(owner: Owner, chances: Chances, asked: Sequence[int]) -> float:
    """Of the songs put into the void, the share that belongs there; what finds no void at all has none."""
    void = len(owner.task.names)
    put = [at for at in asked if int(chances[at].argmax()) == void]
    return sum(not owner.truth[at] for at in put) / len(put) if put else 0.0


def _even_void_precision(owner: Owner, chances: Chances, asked: Sequence[int]) -> float:
    """As many songs as belong into the void are put there, the likeliest: who dares little gains nothing by it."""
    belongs = [not owner.truth[at] for at in asked]
    rng = Random(0)
    order = sorted(range(len(asked)), key=lambda place: (-chances[asked[place], -1], rng.random()))
    return sum(belongs[place] for place in order[: sum(belongs)]) / max(1, sum(belongs))


def error_by_chance(row: Row) -> float:
    """What a method of this confidence would show, on average, though every chance were perfectly true."""
    rng = Random(0)
    draws = [[rng.random() < chance for chance in row.confidence] for _ in range(CHANCE_DRAWS)]
    return sum(calibration_error(row.confidence, hits) for hits in draws) / CHANCE_DRAWS


def pooled_error(rows: Sequence[Row]) -> float:
    """The calibration error of all these rows' songs together."""
    confidence = [each for row in rows for each in row.confidence]
    hits = [each for row in rows for each in row.hits]
    return calibration_error(confidence, hits)
