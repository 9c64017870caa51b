"""What a hub in memory knows of days and searches."""

from collections.abc import Mapping, Sequence
from datetime import UTC

from moodroom_hub.core.face import HistoryPage, ListenView, ReceiptPage, ReceiptView
from moodroom_hub.domain.insight.course import DayCounts, course
from moodroom_hub.domain.insight.days import last_days
from moodroom_hub.domain.insight.week import Insight, ListenTally, room_week
from moodroom_hub.domain.models import EpochMs, PoolEntry, Receipt, RoomSlug, VerdictKind
from moodroom_hub.domain.searching import HistorySearch, ReceiptSearch, words


class Insightful:
    """The part of a hub in memory that searches and counts, over ``receipt_list``, ``listens`` and ``pools``."""

    receipt_list: list[Receipt]
    undone: dict[int, int]
    listens: list[ListenView]
    pools: dict[RoomSlug, list[PoolEntry]]

    @property
    def now_ms(self) -> EpochMs:
        raise NotImplementedError

    def _told(self, name: str, *arguments: object) -> None:
        raise NotImplementedError

    async def find_receipts(self, wanted: ReceiptSearch, limit: int = 50, before: int | None = None) -> ReceiptPage:
        self._told("find_receipts", wanted, limit, before)
        typed = words(wanted.text)
        found = [
            ReceiptView(each, self.undone.get(each.id))
            for each in reversed(self.receipt_list)
            if (before is None or each.id < before)
            and wanted.room in (None, each.room)
            and wanted.kind in (None, each.kind)
            and not (wanted.undoable and each.id in self.undone)
            and typed.are_in_track(each.track)
        ]
        return ReceiptPage(tuple(found[:limit]), found[limit - 1].receipt.id if len(found) > limit else None)

    async def find_listens(self, wanted: HistorySearch, limit: int = 50, before: int | None = None) -> HistoryPage:
        self._told("find_listens", wanted, limit, before)
        typed = words(wanted.text)
        found = [
            view
            for view in sorted(self.listens, key=lambda view: -view.id)
            if (before is None or view.id < before)
            and wanted.room in (None, view.listen.room)
            and wanted.verdict in (None, view.listen.verdict.kind)
            and typed.are_in_track(view.listen.track)
        ]
        return HistoryPage(tuple(found[:limit]), found[limit - 1].id if len(found) > limit else None)

    async def course(self, room: RoomSlug, days: int = 90) -> Sequence[DayCounts]:
        receipts = [each for each in self.receipt_list if each.room == room]
        return course(self.pools[room], receipts, last_days(self.now_ms, days, UTC))

    async def insight(self, days: int = 7) -> Insight:
        self._told("insight", days)
        wanted, tally = last_days(self.now_ms, days, UTC), ListenTally()
        for view in self.listens:
            if view.listen.ended_at_ms >= wanted[0].start_ms:
                tally.take(view.listen)
        weeks = [
            room_week(
                room,
                [each for each in self.receipt_list if each.room == room],
                {entry.track.uri: entry for entry in entries},
                tally,
                wanted,
                UTC,
            )
            for room, entries in self.pools.items()
        ]
        kinds: Mapping[VerdictKind, int] = tally.kinds
        return Insight(
            tuple(wanted),
            tuple(weeks),
            tally.listens,
            kinds.get(VerdictKind.COMPLETED, 0),
            kinds.get(VerdictKind.SKIPPED, 0),
            tally.uncertain,
        )
