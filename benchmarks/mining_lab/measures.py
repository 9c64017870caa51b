"""How good placements are: accuracy, what can be placed at 90 % precision, and whether confidence is true."""

from collections.abc import Sequence

PRECISION = 0.9
BINS = 10


def accuracy(hits: Sequence[bool]) -> float:
    """The share of right first choices."""
    return sum(hits) / len(hits) if hits else 0.0


def coverage(confidence: Sequence[float], hits: Sequence[bool], precision: float = PRECISION) -> float:
    """The largest share that can be placed, most confident first, with at least this precision.

    Equal confidence is placed together or not at all: a miner can't part what it calls equal.
    """
    order = sorted(range(len(hits)), key=lambda index: -confidence[index])
    best = right = 0
    for rank, index in enumerate(order, start=1):
        right += hits[index]
        is_last_of_equals = rank == len(order) or confidence[order[rank]] < confidence[index]
        if is_last_of_equals and right >= precision * rank:
            best = rank
    return best / len(hits) if hits else 0.0


def calibration_error(confidence: Sequence[float], hits: Sequence[bool], bins: int = BINS) -> float:
    """Expected calibration error: |confidence - precision| over equally wide bins, weighted by their tracks."""
    _, sums, rights = _binned(confidence, hits, bins)
    if not hits:
        return 0.0
    return sum(abs(total - right) for total, right in zip(sums, rights, strict=True)) / len(hits)


def squared_error_without_chance(confidence: Sequence[float], hits: Sequence[bool], bins: int = BINS) -> float:
    """(confidence - precision)² over the bins, less what chance alone would add; below 0 where chance added less."""
    found = 0.0
    for count, total, right in zip(*_binned(confidence, hits, bins), strict=True):
        if count > 1:
            precision = right / count
            gap = (total - right) / count
            found += count * (gap * gap - precision * (1 - precision) / (count - 1))
    return found / len(hits) if hits else 0.0


def _binned(confidence: Sequence[float], hits: Sequence[bool], bins: int) -> tuple[list[int], list[float], list[int]]:
    """Of each bin the number of tracks, the sum of their confidence, and how many were right."""
    counts, sums, rights = [0] * bins, [0.0] * bins, [0] * bins
    for value, hit in zip(confidence, hits, strict=True):
        place = min(int(value * bins), bins - 1)
        counts[place] += 1
        sums[place] += value
        rights[place] += hit
    return counts, sums, rights
