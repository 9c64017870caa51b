"""What the last days tell: counts over time, what listening taught, and a few figures."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import tzinfo

from moodroom_hub.core.clock import Clock
from moodroom_hub.core.poolbook import PoolBook
from moodroom_hub.core.store import Store
from moodroom_hub.domain.insight.course import DayCounts, course
from moodroom_hub.domain.insight.days import Day, last_days
from moodroom_hub.domain.insight.week import Insight, ListenTally, room_week
from moodroom_hub.domain.models import RoomSlug, VerdictKind

ROWS_AT_ONCE = 1_000
"""Listens that are read in one go; so many in a row from before the first day are the end of the search."""
MOST_KNOWN = 8
"""Lengths of time whose insight is kept: every open page asks for the same one after every event."""


@dataclass(frozen=True, slots=True)
class Insights:
    """Of one hub. ``zone()`` is the time zone in which its days begin. Raises ``StoreDown``."""

    store: Store
    pools: PoolBook
    clock: Clock
    rooms: Iterable[RoomSlug]
    zone: Callable[[], tzinfo]
    _known: dict[int, tuple[tuple[object, ...], Insight]] = field(default_factory=dict)
    _reckoning: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def course(self, room: RoomSlug, days: int) -> list[DayCounts]:
        """How many tracks of each tier the room held at the end of each of the last days."""
        wanted = last_days(self.clock.now_ms(), days, self.zone())
        pool = await self.pools.pool(room)
        return course(pool.entries.values(), await self.pools.receipts_since(room, wanted[0].start_ms), wanted)

    async def insight(self, days: int) -> Insight:
        """What listening taught, and the figures. Reckoned once for all who ask before something new was heard."""
        zone = self.zone()
        wanted = last_days(self.clock.now_ms(), days, zone)
        async with self._reckoning:
            newest = await self.store.history(1, None)
            counts = [await self.pools.receipt_count(room) for room in list(self.rooms)]
            state = (wanted[-1], newest[0][0] if newest else 0, *counts)
            known = self._known.get(days)
            if known is not None and known[0] == state:
                return known[1]
            insight = await self._reckoned(wanted, zone)
            if len(self._known) >= MOST_KNOWN:
                self._known.clear()
            self._known[days] = (state, insight)
            return insight

    async def _reckoned(self, days: list[Day], zone: tzinfo) -> Insight:
        tally = await self._tally(days[0])
        weeks = [
            room_week(
                room,
                await self.pools.receipts_since(room, days[0].start_ms),
                (await self.pools.pool(room)).entries,
                tally,
                days,
                zone,
            )
            for room in list(self.rooms)
        ]
        return Insight(
            tuple(days),
            tuple(weeks),
            listens=tally.listens,
            completed=tally.kinds[VerdictKind.COMPLETED],
            skipped=tally.kinds[VerdictKind.SKIPPED],
            uncertain=tally.uncertain,
        )

    async def _tally(self, first: Day) -> ListenTally:
        tally = ListenTally()
        before: int | None = None
        while True:
            before = await self.store.fold_history(before, first.start_ms, ROWS_AT_ONCE, tally.take)
            if before is None:
                return tally
