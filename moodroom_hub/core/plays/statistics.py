"""What was played in the last days, reckoned once for all who ask before something new counts."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from datetime import tzinfo

from moodroom_hub.core.clock import Clock
from moodroom_hub.core.played import Counted, Statistics
from moodroom_hub.core.store.play_shelf import PlayShelf
from moodroom_hub.domain.insight.days import last_days
from moodroom_hub.domain.models import Room, RoomSlug
from moodroom_hub.domain.plays.statistics import PlayTally, Ranked

ROWS_AT_ONCE = 1_000
"""Plays that are read in one go; a verdict that is to be written waits for no more than these."""
MOST_KNOWN = 8
"""Lengths of time whose statistics are kept: every open page asks for the same one after every play."""

_State = tuple[int, int]


class PlayStatistics:
    """Of one hub. ``zone()`` is the time zone in which its days begin. Raises ``StoreDown``."""

    def __init__(
        self, shelf: PlayShelf, clock: Clock, rooms: Mapping[RoomSlug, Room], zone: Callable[[], tzinfo]
    ) -> None:
        self._shelf = shelf
        self._clock = clock
        self._rooms = rooms
        self._zone = zone
        self._known: dict[int, tuple[_State, Statistics]] = {}
        self._reckoning = asyncio.Lock()

    async def of_days(self, days: int) -> Statistics:
        """The last ``days``, today included."""
        zone = self._zone()
        first = last_days(self._clock.now_ms(), max(days, 1), zone)[0]
        async with self._reckoning:
            state = (first.start_ms, await self._shelf.last_id())
            known = self._known.get(days)
            if known is not None and known[0] == state:
                return known[1]
            tally, after = PlayTally(zone), 0
            while (on := await self._shelf.fold(first.start_ms, after, ROWS_AT_ONCE, tally.take)) is not None:
                after = on
            found = tally.ranking({slug: room.name for slug, room in self._rooms.items()})
            statistics = Statistics(
                days,
                found.plays,
                found.heard_ms,
                _counted(found.tracks),
                _counted(found.artists),
                _counted(found.rooms),
                _counted(found.zones),
                found.hours,
            )
            if len(self._known) >= MOST_KNOWN:
                self._known.clear()
            self._known[days] = (state, statistics)
            return statistics


def _counted(lines: Iterable[Ranked]) -> tuple[Counted, ...]:
    return tuple(Counted(each.name, each.detail, each.plays, each.heard_ms) for each in lines)
