"""Every room's pool: read at the start, kept in memory, changed only by receipts.

Pools live on base rows (mined, imported) plus an append-only log of receipts; what is here is their projection.
"""

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import count, takewhile

from moodroom_hub.core.bus import Bus, MakeEvent
from moodroom_hub.core.clock import Clock
from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.core.events import Completed, Event, PoolChanged, Skipped
from moodroom_hub.core.face import ReceiptView
from moodroom_hub.core.ids import Ids
from moodroom_hub.core.store import Change, Store
from moodroom_hub.domain.models import (
    HOME,
    EpochMs,
    PoolEntry,
    Receipt,
    Room,
    RoomSlug,
    Tier,
    Uri,
    ZoneName,
)
from moodroom_hub.domain.pools import (
    Pool,
    PoolChange,
    Refusal,
    apply_verdict,
    liked,
    live_receipts,
    plan_group_undo,
    plan_undo,
    project,
)

MakeChanges = Callable[[Pool, Sequence[Receipt]], Sequence[PoolChange]]
"""From a room's pool and all of its receipts to what shall be changed."""


CLOCK_SLACK_MS = 3_600_000


@dataclass(slots=True)
class _Shelf:
    """One room's rows in memory."""

    base: list[PoolEntry]
    receipts: list[Receipt]
    pool: Pool


class PoolBook:
    """Reads and changes the pools; every change is a receipt, written with its event in one transaction."""

    def __init__(self, store: Store, bus: Bus, clock: Clock, ids: Ids, rooms: Mapping[RoomSlug, Room]) -> None:
        self._store = store
        self._bus = bus
        self._clock = clock
        self._ids = ids
        self._rooms = rooms
        self._lock = asyncio.Lock()
        self._shelves: dict[RoomSlug, _Shelf] = {}

    async def read_all(self) -> None:
        """Read every room now: later the database may be away, and the music must not wait for it."""
        for room in self._rooms:
            await self._shelf(room)

    async def pool(self, room: RoomSlug) -> Pool:
        """The room's pool as it stands."""
        return (await self._shelf(room)).pool

    async def base(self, room: RoomSlug) -> Sequence[PoolEntry]:
        """The room's mined or imported rows, without what listening taught."""
        return tuple((await self._shelf(room)).base)

    async def tier(self, room: RoomSlug, uri: Uri) -> Tier | None:
        """The track's tier in the room now; ``None`` where it is not in the pool."""
        if room not in self._rooms:
            return None
        entry = (await self.pool(room)).entries.get(uri)
        return None if entry is None else entry.tier

    async def learned(self, room: RoomSlug) -> set[Uri]:
        """The tracks whose place in the room comes from a receipt that counts, not from the base alone."""
        return {receipt.track.uri for receipt in live_receipts((await self._shelf(room)).receipts)}

    async def learn(self, event: Skipped | Completed) -> Receipt | None:
        """Apply the rule of listening to the pool, once per event."""
        listen = event.listen
        if listen.room is None or listen.room not in self._rooms:
            return None
        async with self._lock:
            shelf = await self._shelf(listen.room)
            if any(receipt.event_id == event.id for receipt in reversed(shelf.receipts)):
                return None
            change = apply_verdict(shelf.pool, listen.track, listen.verdict, event.at_ms)
            if change is None:
                return None
            return (await self._write(shelf, [change], zone=event.zone, event_id=event.id))[0]

    async def change(
        self, room: RoomSlug, changes: Sequence[PoolChange], zone: ZoneName = HOME, group: str | None = None
    ) -> list[Receipt]:
        """Write changes of one room, each as a receipt; those of one ``group`` can be undone at once."""
        return await self.change_by(room, lambda _pool, _receipts: changes, zone, group)

    async def change_by(
        self, room: RoomSlug, make: MakeChanges, zone: ZoneName = HOME, group: str | None = None
    ) -> list[Receipt]:
        """Write what ``make(pool, receipts)`` says of the room as it stands, with nothing coming in between."""
        async with self._lock:
            shelf = await self._shelf(room)
            changes = make(shelf.pool, shelf.receipts)
            return await self._write(shelf, changes, zone=zone, group=group) if changes else []

    async def new_group(self, name: str) -> str:
        """``name-1``, or with the first number that no receipt's group has yet."""
        taken = {receipt.group for room in self._rooms for receipt in (await self._shelf(room)).receipts}
        return next(group for number in count(1) if (group := f"{name}-{number}") not in taken)

    async def like(self, uris: Collection[Uri]) -> int:
        """Newly liked tracks that sit in a room's SAFE_SIDE become CONFIRMED there. Gives how many moved."""
        moved, now_ms = 0, self._clock.now_ms()
        for room in self._rooms:
            pool = await self.pool(room)
            entries = (pool.entries[uri] for uri in uris if uri in pool.entries)
            changes = [change for entry in entries if (change := liked(pool, entry.track, now_ms)) is not None]
            moved += len(await self.change(room, changes))
        return moved

    async def put_base(self, room: RoomSlug, entries: Sequence[PoolEntry], *, replace_all: bool) -> None:
        """Write base rows; what listening taught lies over them and stays."""
        async with self._lock:
            known = await self._shelf(room)
            await self._store.put_base(room, entries, replace=replace_all)
            # The receipts in memory may be ahead of the database's, where that was away a moment ago.
            self._put(room, await self._store.base(room), known.receipts)

    async def read_base_again(self, room: RoomSlug) -> None:
        """The base was changed in the database by others; receipts stay as they are in memory."""
        async with self._lock:
            known = await self._shelf(room)
            self._put(room, await self._store.base(room), known.receipts)

    async def undo(self, receipt_id: int) -> Receipt:
        """Take a track back to what it was before this receipt (and before all later ones of the same track)."""
        async with self._lock:
            receipt = await self._find(receipt_id)
            shelf = await self._shelf(receipt.room)
            plan = plan_undo(shelf.receipts, receipt_id)
            if isinstance(plan, Refusal):
                raise Trouble(TroubleCode.CONFLICT, plan.reason)
            written = await self._write(shelf, [plan.change], zone=receipt.zone or HOME, undoes=[plan.undoes])
            return written[0]

    async def undo_group(self, group: str) -> list[Receipt]:
        """Take back, at once, every receipt of the group that still counts; the UNDO receipts are a group, too."""
        undo_group = await self.new_group(f"undo-{group}")
        async with self._lock:
            shelves = [await self._shelf(room) for room in self._rooms]
            if not any(receipt.group == group for shelf in shelves for receipt in shelf.receipts):
                raise Trouble(TroubleCode.NOT_FOUND, "There is no such group of receipts.")
            written: list[Receipt] = []
            for shelf in shelves:
                plans = plan_group_undo(shelf.receipts, group)
                changes, undoes = [plan.change for plan in plans], [plan.undoes for plan in plans]
                if changes:
                    written += await self._write(shelf, changes, zone=HOME, undoes=undoes, group=undo_group)
        if not written:
            raise Trouble(TroubleCode.CONFLICT, f"All receipts of {group} were undone already.")
        return written

    async def receipts(self, limit: int, before: int | None) -> list[ReceiptView]:
        """Newest first."""
        return [ReceiptView(receipt, undone_by) for receipt, undone_by in await self._store.receipts(limit, before)]

    async def receipt_count(self, room: RoomSlug) -> int:
        """How many receipts the room has; grows with every change."""
        return len((await self._shelf(room)).receipts)

    async def receipts_since(self, room: RoomSlug, at_ms: EpochMs) -> list[Receipt]:
        """The room's receipts since that moment, newest first, out of memory."""
        receipts = (await self._shelf(room)).receipts
        # Clocks are set back now and then: an hour does not end the search.
        newest = takewhile(lambda receipt: receipt.at_ms >= at_ms - CLOCK_SLACK_MS, reversed(receipts))
        return [receipt for receipt in newest if receipt.at_ms >= at_ms]

    async def _find(self, receipt_id: int) -> Receipt:
        for shelf in self._shelves.values():
            for receipt in shelf.receipts:
                if receipt.id == receipt_id:
                    return receipt
        found = await self._store.receipt(receipt_id)
        if found is None or found.room not in self._rooms:
            raise Trouble(TroubleCode.NOT_FOUND, f"There is no receipt {receipt_id}.")
        return found

    async def _shelf(self, room: RoomSlug) -> _Shelf:
        shelf = self._shelves.get(room)
        if shelf is None:
            base, receipts = await self._store.base(room), await self._store.room_receipts(room)
            # Somebody else may have read it meanwhile, and may even have changed it since.
            shelf = self._shelves.setdefault(room, _Shelf(base, receipts, project(room, base, receipts)))
        return shelf

    def _put(self, room: RoomSlug, base: list[PoolEntry], receipts: list[Receipt]) -> None:
        self._shelves[room] = _Shelf(base, receipts, project(room, base, receipts))

    async def _write(
        self,
        shelf: _Shelf,
        changes: Sequence[PoolChange],
        *,
        zone: ZoneName,
        event_id: int | None = None,
        undoes: Sequence[tuple[int, ...]] = (),
        group: str | None = None,
    ) -> list[Receipt]:
        now_ms = self._clock.now_ms()
        receipts = [
            change.receipt(self._ids.receipt(), now_ms, event_id=event_id, zone=zone, undoes=named, group=group)
            for change, named in zip(changes, undoes or [()] * len(changes), strict=True)
        ]
        shelf.receipts.extend(receipts)
        if len(changes) == 1:
            shelf.pool = changes[0].applied_to(shelf.pool)
        else:
            shelf.pool = project(shelf.pool.room, shelf.base, shelf.receipts)
        await self._bus.publish([_told(receipt, zone) for receipt in receipts], Change(receipts=tuple(receipts)))
        return receipts


def _told(receipt: Receipt, zone: ZoneName) -> MakeEvent:
    def make(event_id: int, at_ms: EpochMs) -> Event:
        return PoolChanged(id=event_id, zone=zone, at_ms=at_ms, receipt=receipt)

    return make
