"""Looking for receipts and listens: newest first, page by page; no call reads more than a bounded number of rows."""

import json
from collections.abc import Callable, Container
from dataclasses import dataclass, replace

from moodroom_hub.core.face import HistoryPage, ListenView, ReceiptPage, ReceiptView
from moodroom_hub.core.past import Past
from moodroom_hub.core.store import Store
from moodroom_hub.domain.models import Listen, Receipt, RoomSlug
from moodroom_hub.domain.searching import HistorySearch, ReceiptSearch, Words, words

ROWS_AT_ONCE = 2_000
"""Rows that are read in one go; a verdict that is to be written waits for no more than these."""
ROWS_AT_FIRST = 250
"""Most searches find a page of rows among so many."""
ROWS_AT_MOST = 20_000
"""Rows that one search looks at; the page after goes on from there."""


@dataclass(frozen=True, slots=True)
class Searching:
    """Reads what one hub remembers. ``rooms``: those that there are today. Raises ``StoreDown``."""

    store: Store
    past: Past
    rooms: Container[RoomSlug]

    async def receipts(self, wanted: ReceiptSearch, limit: int, before: int | None) -> ReceiptPage:
        """Up to ``limit`` receipts with smaller ids than ``before``."""
        typed = words(wanted.text)
        views: list[ReceiptView] = []
        looked_at, cursor = 0, before
        while looked_at < ROWS_AT_MOST:
            scanned = await self.store.look_for_receipts(
                _quick(typed, wanted.kind, None),
                lambda receipt, undone_by: self._is_receipt(wanted, typed, receipt, undone_by),
                room=wanted.room,
                before=cursor,
                limit=limit - len(views),
                # The room alone is what the database itself looks for.
                rows=_rows(replace(wanted, room=None).is_all, limit, looked_at),
            )
            views += [ReceiptView(*row) for row in scanned.found]
            looked_at, cursor = looked_at + scanned.looked_at, scanned.next
            if cursor is None or len(views) == limit:
                break
        return ReceiptPage(tuple(views), cursor)

    async def history(self, wanted: HistorySearch, limit: int, before: int | None) -> HistoryPage:
        """Up to ``limit`` listens with smaller ids than ``before``: the hub's own, then those of the past."""
        typed = words(wanted.text)
        views: list[ListenView] = []
        looked_at, cursor = 0, before
        is_own = before is None or before > 0
        while is_own and looked_at < ROWS_AT_MOST and len(views) < limit:
            scanned = await self.store.look_for_listens(
                _quick(typed, wanted.verdict, wanted.room),
                lambda listen: _is_listen(wanted, typed, listen),
                before=cursor,
                limit=limit - len(views),
                rows=_rows(wanted.is_all, limit, looked_at),
            )
            views += [ListenView(*row) for row in scanned.found]
            looked_at += scanned.looked_at
            # Ids of the past lie below 0, so 0 is where it begins.
            cursor, is_own = (0, False) if scanned.next is None else (scanned.next, True)
        if is_own:
            return HistoryPage(tuple(views), cursor)
        if wanted.room is not None:  # the past was of no room
            return HistoryPage(tuple(views), None)
        return await self._past(wanted, typed, views, limit, cursor, looked_at)

    async def _past(
        self,
        wanted: HistorySearch,
        typed: Words,
        views: list[ListenView],
        limit: int,
        before: int | None,
        looked_at: int,
    ) -> HistoryPage:
        cursor = before
        if len(views) == limit:
            return HistoryPage(tuple(views), cursor if await self.store.newest_past(1, cursor) else None)
        while looked_at < ROWS_AT_MOST:
            rows = _rows(wanted.is_all, limit, looked_at)
            plays = await self.store.newest_past(rows, cursor)
            for at, (play_id, play) in enumerate(plays, 1):
                looked_at, cursor = looked_at + 1, play_id
                if not typed.are_in(play.name, play.artist, play.album):
                    continue
                view = await self.past.view(play_id, play)
                if wanted.verdict is None or view.listen.verdict.kind is wanted.verdict:
                    views.append(view)
                    if len(views) == limit:
                        is_end = at == len(plays) < rows
                        return HistoryPage(tuple(views), None if is_end else cursor)
            if len(plays) < rows:
                return HistoryPage(tuple(views), None)
        return HistoryPage(tuple(views), cursor)

    def _is_receipt(self, wanted: ReceiptSearch, typed: Words, receipt: Receipt, undone_by: int | None) -> bool:
        if wanted.undoable and (undone_by is not None or receipt.room not in self.rooms):
            return False
        return (wanted.kind is None or receipt.kind is wanted.kind) and typed.are_in_track(receipt.track)


def _is_listen(wanted: HistorySearch, typed: Words, listen: Listen) -> bool:
    if wanted.room is not None and listen.room != wanted.room:
        return False
    return (wanted.verdict is None or listen.verdict.kind is wanted.verdict) and typed.are_in_track(listen.track)


def _rows(is_all: bool, limit: int, looked_at: int) -> int:
    if is_all:  # one more than is wanted tells whether there is a page after
        return limit + 1
    return ROWS_AT_ONCE if looked_at else ROWS_AT_FIRST


def _quick(typed: Words, kind: str | None, room: RoomSlug | None) -> Callable[[str], bool]:
    """What a document must hold; quotes inside its texts are escaped, so none of them can look like a field."""
    parts = [f'"kind":"{kind}"'] if kind is not None else []
    if room is not None:
        parts.append(f'"room":{json.dumps(room, ensure_ascii=False)}')

    def may_fit(document: str) -> bool:
        return all(part in document for part in parts) and typed.may_be_in_json(document)

    return may_fit
