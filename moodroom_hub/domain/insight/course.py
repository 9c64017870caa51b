"""How many tracks of each tier a room held at the end of each day, reckoned backwards from what it holds now."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from moodroom_hub.domain.insight.days import Day
from moodroom_hub.domain.models import PLAYABLE_TIERS, EpochMs, PoolEntry, Receipt, Tier, Uri


@dataclass(frozen=True, slots=True)
class DayCounts:
    """A room's tracks at the end of a day (of today: now)."""

    day: Day
    confirmed: int
    safe_side: int
    discovery: int

    @property
    def total(self) -> int:
        """All that could be played."""
        return self.confirmed + self.safe_side + self.discovery


@dataclass(frozen=True, slots=True)
class _Step:
    """At that moment one track went from a tier to another; ``None``: it was not in the pool."""

    at_ms: int
    before: Tier | None
    after: Tier | None


def course(entries: Iterable[PoolEntry], receipts: Iterable[Receipt], days: Sequence[Day]) -> list[DayCounts]:
    """The counts at the end of each of ``days`` (oldest first).

    ``entries`` is the room's effective pool, ``receipts`` at least all of the room from those days, in any order.
    Every receipt is a step backwards, an ``UNDO`` too: the course shows what the room really held. Before its first
    known change a track was where it was since the moment that its entry names; what a mining took away without a
    receipt is not known any more.
    """
    if not days:
        return []
    pool = list(entries)
    counts = Counter[Tier | None](entry.tier for entry in pool)
    steps = _steps(pool, receipts, days[0].start_ms)
    steps.sort(key=lambda step: step.at_ms, reverse=True)
    found = [_day(days[-1], counts)]
    following = iter(steps)
    step = next(following, None)
    for day in reversed(days[:-1]):
        while step is not None and step.at_ms >= day.end_ms:
            counts[step.after] -= 1
            counts[step.before] += 1
            step = next(following, None)
        found.append(_day(day, counts))
    return found[::-1]


def _day(day: Day, counts: Counter[Tier | None]) -> DayCounts:
    # A row that cannot be read any more breaks a track's chain; it shall not break the chart.
    return DayCounts(day, *(max(0, counts[tier]) for tier in PLAYABLE_TIERS))


def _steps(pool: Iterable[PoolEntry], receipts: Iterable[Receipt], since_ms: EpochMs) -> list[_Step]:
    earliest: dict[Uri, PoolEntry | None] = {entry.track.uri: entry for entry in pool}
    steps: list[_Step] = []
    for receipt in sorted(receipts, key=lambda receipt: receipt.id, reverse=True):
        if receipt.at_ms >= since_ms:
            steps.append(_Step(receipt.at_ms, _tier(receipt.before), _tier(receipt.after)))
            earliest[receipt.track.uri] = receipt.before
    # What no receipt tells came with the pool itself (mined, imported): its entry says when.
    steps += [
        _Step(entry.since_ms, None, entry.tier)
        for entry in earliest.values()
        if entry is not None and entry.since_ms >= since_ms
    ]
    return steps


def _tier(entry: PoolEntry | None) -> Tier | None:
    return None if entry is None else entry.tier
