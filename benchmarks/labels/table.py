"""The results as tables, and which goals were missed."""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence

from benchmarks.labels.baselines import BASELINES
from benchmarks.labels.measures import Row, error_by_chance, pooled_error
from benchmarks.labels.run import OURS, OURS_ASKING

MOST_ERROR = 0.05
LAST, BEFORE = 200, 100
LEAST_CLEAR = 3
VALUES = {"mutual": "accuracy", "non-mutual": "micro-F1", "incomplete": "void precision"}
BESIDE = {
    "even": "Void precision where every method puts as many songs into the void as belong there",
    "first": "Void precision of the bare first choices, 0 where nothing is put there",
    "other": "Accuracy of this case, the void being one more class",
}
"""Of the incomplete case."""
NOTES = """
Each number is the mean over owners of the mean over seeds. ±: the standard error over owners. ECE: expected calibration
error in ten bins, of all songs of all owners together / of each owner's songs, all draws together, and the mean of that
over owners (few songs alone make it larger: see what chance would show though every confidence were true).
All methods have text, year, length and the same artist vectors; ours has the owner's other lists besides.
Asking: the sorter's own questions; a quarter of the songs is never asked for, and accuracy on these is told, too.
Void precision: of the songs put into the void, the share that belongs there. Each method puts its first choices there,
and, where these are fewer than a quarter of what belongs there, its next likeliest up to that: two songs put there
rightly are no finding, none is no precision of 0."""


def tables(rows: Sequence[Row]) -> str:
    """One table a case."""
    parts = []
    for case, value in VALUES.items():
        own = [row for row in rows if row.case == case]
        if not own:
            continue
        counts = sorted({row.labels for row in own})
        methods = [name for name in (OURS, OURS_ASKING, *BASELINES) if any(row.method == name for row in own)]
        parts.append(f"## {case}: {value}\n\n{_table(own, methods, counts, 'value')}")
        if case == "incomplete":
            parts += [f"{words}:\n\n{_table(own, methods, counts, what)}" for what, words in BESIDE.items()]
        parts.append(f"ECE:\n\n{_errors(own, methods, counts)}")
        if any(row.unseen is not None for row in own):
            parts.append(_unseen([row for row in own if row.unseen is not None], counts))
    return "\n\n".join(parts)


def _table(rows: Sequence[Row], methods: Sequence[str], counts: Sequence[int], what: str) -> str:
    lines = [_head(counts)]
    for method in methods:
        cells = []
        for count in counts:
            found = _by_owner(rows, method, count, what)
            cells.append(f"{_mean(found.values()):.3f} ±{_standard_error(found.values()):.3f}" if found else "–")
        lines.append(f"| {method} | {' | '.join(cells)} |")
    best = [_lead(rows, count, what) for count in counts]
    cells = [f"{each[0]:+.3f} ±{each[1]:.3f} ({each[2]})" if each else "–" for each in best]
    lines.append(f"| ours above the best other | {' | '.join(cells)} |")
    return "\n".join(lines)


def _head(counts: Sequence[int]) -> str:
    return f"| labels | {' | '.join(map(str, counts))} |\n|{'---|' * (len(counts) + 1)}"


def _errors(rows: Sequence[Row], methods: Sequence[str], counts: Sequence[int]) -> str:
    lines = [_head(counts)]
    for method in methods:
        cells = []
        for count in counts:
            found = [row for row in rows if row.method == method and row.labels == count]
            cells.append(
                f"{pooled_error(found):.3f} / {_mean(map(pooled_error, _owners(found))):.3f}" if found else "–"
            )
        lines.append(f"| {method} | {' | '.join(cells)} |")
    cells = []
    for count in counts:
        found = [row for row in rows if row.method == OURS and row.labels == count]
        cells.append(f"– / {_mean(map(error_by_chance, _owners(found))):.3f}")
    lines.append(f"| ours, were it perfectly true | {' | '.join(cells)} |")
    return "\n".join(lines)


def _unseen(rows: Sequence[Row], counts: Sequence[int]) -> str:
    lines = [_head(counts)]
    for method in (OURS_ASKING, OURS):
        cells = []
        for count in counts:
            found = _by_owner(rows, method, count, "unseen")
            cells.append(f"{_mean(found.values()):.3f} ±{_standard_error(found.values()):.3f}" if found else "–")
        lines.append(f"| {method} | {' | '.join(cells)} |")
    return "On the songs that are never asked for (of these, for labels at random, the unlabelled):\n\n" + "\n".join(
        lines
    )


def _owners(rows: Iterable[Row]) -> list[list[Row]]:
    """The rows of each owner."""
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[row.owner].append(row)
    return list(found.values())


def _by_owner(rows: Iterable[Row], method: str, count: int, what: str) -> dict[str, float]:
    found: dict[str, list[float]] = defaultdict(list)
    for row in rows:
        if row.method == method and row.labels == count:
            found[row.owner].append(float(getattr(row, what)))
    return {owner: sum(values) / len(values) for owner, values in found.items()}


def _mean(values: Iterable[float]) -> float:
    found = list(values)
    return sum(found) / len(found) if found else 0.0


def _standard_error(values: Iterable[float]) -> float:
    found = list(values)
    if len(found) < 2:
        return 0.0
    mean = _mean(found)
    return math.sqrt(sum((value - mean) ** 2 for value in found) / (len(found) - 1) / len(found))


def _lead(rows: Sequence[Row], count: int, what: str) -> tuple[float, float, str] | None:
    """How far ours is above the best baseline on the mean; the standard error of that, owner by owner; which it is."""
    ours = _by_owner(rows, OURS, count, what)
    others = {name: _by_owner(rows, name, count, what) for name in BASELINES}
    if not ours:
        return None
    best = max(others, key=lambda name: _mean(others[name].values()))
    gaps = [ours[owner] - others[best][owner] for owner in ours]
    return _mean(gaps), _standard_error(gaps), best


def missed(rows: Sequence[Row]) -> list[str]:
    """Which goals were missed, and how far."""
    found = []
    for case, value in VALUES.items():
        own = [row for row in rows if row.case == case]
        counts = sorted({row.labels for row in own})
        leads = [(count, lead) for count in counts if (lead := _lead(own, count, "value"))]
        found += [
            f"{case}: {value} at {count} labels is {-gap:.3f} below {best}"
            for count, (gap, _, best) in leads
            if gap <= 0
        ]
        clear = sum(gap > error for _, (gap, error, _) in leads)
        if leads and clear < LEAST_CLEAR:
            found.append(f"{case}: {value} is outside the standard error at {clear} counts only")
        last = [row for row in own if row.method == OURS and row.labels == LAST]
        for words, error in (
            ("of all songs together", pooled_error(last)),
            ("as mean over owners", _mean(map(pooled_error, _owners(last)))),
        ):
            if last and error > MOST_ERROR:
                found.append(f"{case}: the calibration error at {LAST} labels is {error:.3f} {words}")
    return [*found, *_asking_missed(rows)]


def _asking_missed(rows: Sequence[Row]) -> list[str]:
    gaps = _asking_gaps(rows, "value")
    if not gaps or _mean(gaps) >= 0:
        return []
    return [f"asking: {BEFORE} answers are {-_mean(gaps):.3f} below {LAST} labels drawn at random"]


def _asking_gaps(rows: Sequence[Row], what: str) -> list[float]:
    """How far the answers are above the labels at random, by owner that has both."""
    own = [row for row in rows if row.case == "mutual" and getattr(row, what) is not None]
    drawn, asked = _by_owner(own, OURS, LAST, what), _by_owner(own, OURS_ASKING, BEFORE, what)
    return [asked[owner] - drawn[owner] for owner in drawn if owner in asked]


def asking_line(rows: Sequence[Row]) -> str:
    """The two in a line, of the owners that have both."""
    lines = []
    for what, words in (("value", "all other songs"), ("unseen", "songs that are never asked for")):
        own = [row for row in rows if row.case == "mutual" and getattr(row, what) is not None]
        drawn, asked = _by_owner(own, OURS, LAST, what), _by_owner(own, OURS_ASKING, BEFORE, what)
        both = sorted(drawn.keys() & asked.keys())
        if both:
            gaps = _asking_gaps(rows, what)
            lines.append(
                f"Asking, of the {len(both)} owners with both, on {words}: {_mean(asked[each] for each in both):.3f} "
                f"after {BEFORE} answers, {_mean(drawn[each] for each in both):.3f} after {LAST} labels at random "
                f"({_mean(gaps):+.3f} ±{_standard_error(gaps):.3f})."
            )
    return "\n".join(lines)
