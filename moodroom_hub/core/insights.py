"""What the last days tell: counts over time, what listening taught, and a few figures."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Insights:
    """Of one hub. ``zone()`` is the time zone in which its days begin. Raises ``StoreDown``."""

    store: Store
    pools: PoolBook
    clock: Clock
    rooms: Iterable[RoomSlug]
    zone: Callable[[], tzinfo]

    async def course(self, room: RoomSlug, days: int) -> list[DayCounts]:
        """How many tracks of each tier the room held at the end of each of the last days."""
        wanted = last_days(self.clock.now_ms(), days, self.zone())
        pool = await self.pools.pool(room)
        return course(pool.entries.values(), await self.pools.receipts_since(room, wanted[0].start_ms), wanted)

    async def insight(self, days: int) -> Insight:
        """What listening taught, and the figures."""
        zone = self.zone()
        wanted = last_days(self.clock.now_ms(), days, zone)
        tally = await self._tally(wanted[0])
        weeks = [
            room_week(
                room,
                await self.pools.receipts_since(room, wanted[0].start_ms),
                (await self.pools.pool(room)).entries,
                tally,
                wanted,
                zone,
            )
            for room in list(self.rooms)
        ]
        return Insight(
            tuple(wanted),
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
