"""The tables of the local miner's benchmark."""

import math
import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from benchmarks.mining_lab.measures import accuracy, calibration_error, squared_error_without_chance

COUNTS = (25, 50, 100)
OURS = "the local miner"
OURS_CLOSED = "the same, told that all belong"
MOST_ERROR = 0.05
"""What the confidence may be off by, over all tracks of a setting."""
PLACED_FROM = 0.6
TUNED_ON = ("owner kinds", "owner rap", "owner mixed")


@dataclass(frozen=True, slots=True)
class Row:
    """One method on one draw of one task."""

    setting: str
    method: str
    task: str
    kind: str
    count: int
    cover: float
    right: float
    error: float
    confidence: tuple[float, ...]
    hits: tuple[bool, ...]

    @property
    def is_unseen(self) -> bool:
        """No decision was taken by looking at this task."""
        number = self.task.split()[-1]
        return self.task not in TUNED_ON and not (number.isdigit() and int(number) % 2)


def _mean(values: Iterable[float]) -> float:
    found = list(values)
    return sum(found) / len(found) if found else 0.0


def _pooled(rows: Sequence[Row]) -> float:
    confidence = [value for row in rows for value in row.confidence]
    hits = [hit for row in rows for hit in row.hits]
    return calibration_error(confidence, hits)


def _floor(rows: Sequence[Row]) -> float:
    """The mean error per task of a miner whose every confidence is true."""
    rng = random.Random(5)
    return _mean(calibration_error(row.confidence, [rng.random() < value for value in row.confidence]) for row in rows)


def _spread(rows: Sequence[Row]) -> float:
    """The root mean square error per task, less what chance alone would add."""
    return math.sqrt(max(0.0, _mean(squared_error_without_chance(row.confidence, row.hits) for row in rows)))


def _by_method(rows: Sequence[Row]) -> dict[str, dict[int, list[Row]]]:
    found: dict[str, dict[int, list[Row]]] = {}
    for row in rows:
        found.setdefault(row.method, defaultdict(list))[row.count].append(row)
    last = {method: found.pop(method) for method in (OURS, OURS_CLOSED) if method in found}
    return {**found, **last}


def table(rows: Sequence[Row]) -> str:
    """A line a method."""
    kinds = list(dict.fromkeys(row.kind for row in rows))
    lines = [
        "| method | cov90 25 | 50 | 100 | accuracy 25 | 50 | 100 | error 25 | 50 | 100 | "
        + " | ".join(f"cov90 {kind}" for kind in kinds) + " |",
        "|---|" + "---|" * (9 + len(kinds)),
    ]  # fmt: skip
    for method, by_count in _by_method(rows).items():
        cells = [f"{_mean(row.cover for row in by_count[count]):.3f}" if by_count[count] else "–" for count in COUNTS]
        cells += [f"{_mean(row.right for row in by_count[count]):.3f}" if by_count[count] else "–" for count in COUNTS]
        for count in COUNTS:
            own = by_count[count]
            error = f"{_pooled(own):.3f} / {_mean(row.error for row in own):.3f}" if own else "–"
            cells.append(f"{error} ({_floor(own):.3f}; {_spread(own):.3f})" if own and method == OURS else error)
        every = [row for own in by_count.values() for row in own]
        cells += [f"{_mean(row.cover for row in every if row.kind == kind):.3f}" for kind in kinds]
        name = f"**{method}**" if method == OURS else method
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def open_table(rows: Sequence[Row]) -> str:
    """What becomes of songs that belong nowhere."""
    lines = [
        f"| method | labels | cov90 of what belongs | placed at ≥ {PLACED_FROM} | right of these | error |",
        "|---|---|---|---|---|---|",
    ]
    for method, by_count in _by_method(rows).items():
        for count, own in sorted(by_count.items()):
            placed = [
                hit for row in own for value, hit in zip(row.confidence, row.hits, strict=True) if value >= PLACED_FROM
            ]
            total = sum(len(row.hits) for row in own)
            # Half of the library belongs nowhere.
            cover = 2 * _mean(row.cover for row in own)
            figures = (f"{cover:.3f}", f"{len(placed) / total:.3f}", f"{accuracy(placed):.3f}")
            error = f"{_pooled(own):.3f} / {_mean(row.error for row in own):.3f}"
            lines.append(f"| {method} | {count} | {' | '.join(figures)} | {error} |")
    return "\n".join(lines)


def is_best(rows: Sequence[Row]) -> bool:
    """Whether the local miner places more than any method, at each count of labels."""
    covers = {
        method: {count: _mean(row.cover for row in own) for count, own in by_count.items() if own}
        for method, by_count in _by_method(rows).items()
    }
    ours = covers.pop(OURS)
    covers.pop(OURS_CLOSED, None)
    return all(value < ours[count] for other in covers.values() for count, value in other.items())


def is_true(rows: Sequence[Row]) -> bool:
    """Whether the local miner's confidence is what it says, at each count of labels."""
    by_count = _by_method(rows)[OURS]
    return all(_pooled(own) <= MOST_ERROR for own in by_count.values() if own)
