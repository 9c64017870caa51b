"""The store's parts ``Store.plays`` and ``Store.findings``. Every call may raise ``StoreDown``."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from sqlalchemy import Connection

from moodroom_hub.core.played import PlaySearch, PlayView
from moodroom_hub.core.store import deliveries, findings, plays
from moodroom_hub.core.store.codec import Decoder
from moodroom_hub.domain.models import DurationMs, EpochMs
from moodroom_hub.domain.plays.models import Delivery, DeliveryStatus, Play

T = TypeVar("T")


class Desk(Protocol):
    """How work on the database is handed in."""

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Run a look at it."""
        ...

    async def write(self, work: Callable[[Connection], T], *, must_last: bool = True) -> T:
        """Run a change in a transaction of its own; ``must_last``: even a power cut may not take it back."""
        ...


@dataclass(frozen=True, slots=True)
class Changed:
    """What a change of one play met (``there``), and how many of those were written anew."""

    there: tuple[Delivery, ...]
    written: int


class PlayShelf:
    """Plays and their deliveries."""

    def __init__(self, desk: Desk, decoder: Decoder) -> None:
        self._desk = desk
        self._decoder = decoder

    async def recent(self, since_ms: EpochMs) -> list[Play]:
        """Plays that counted since then, oldest first, twins too."""
        return await self._desk.read(lambda connection: plays.recent(connection, self._decoder, since_ms))

    async def last_id(self) -> int:
        """The id of the newest play; 0 where there is none."""
        return await self._desk.read(plays.greatest_id)

    async def find(self, wanted: PlaySearch, limit: int, before: int | None) -> tuple[list[PlayView], int | None]:
        """Up to ``limit`` wanted plays, newest first, and the id to go on from (``None`` at the end)."""
        return await self._desk.read(lambda connection: plays.find(connection, self._decoder, wanted, limit, before))

    async def get(self, play_id: int) -> PlayView | None:
        """One play, if there is one."""
        return await self._desk.read(lambda connection: plays.get(connection, self._decoder, play_id))

    async def fold(self, since_ms: EpochMs, after: int, rows: int, take: Callable[[Play], None]) -> int | None:
        """Give the next ``rows`` plays since then (no twins) to ``take``, in the store's thread; where to go on."""

        def work(connection: Connection) -> int | None:
            return plays.fold(connection, self._decoder, take, since_ms=since_ms, after=after, rows=rows)

        return await self._desk.read(work)

    async def plan(self, planned: Sequence[Delivery]) -> None:
        """Remember deliveries; those known already stay as they are."""
        await self._desk.write(lambda connection: deliveries.plan(connection, planned))

    async def due(self, target: str, now_ms: EpochMs, limit: int, status: DeliveryStatus) -> list[PlayView]:
        """Plays whose delivery to ``target`` stands so and may be tried by now, oldest first, each with just that."""

        def work(connection: Connection) -> list[PlayView]:
            found = deliveries.due(connection, self._decoder, target, now_ms, limit, status)
            known = plays.by_id(connection, self._decoder, [each.play_id for each in found])
            return [PlayView(known[each.play_id], (each,)) for each in found if each.play_id in known]

        return await self._desk.read(work)

    async def settle(self, settled: Sequence[Delivery]) -> None:
        """Write how deliveries stand, all or none; what a person said since they were read is kept."""
        await self._desk.write(lambda connection: deliveries.settle(connection, self._decoder, settled))

    async def change(
        self, play_id: int, target: str | None, changed: Callable[[Play, Delivery], Delivery | None]
    ) -> Changed | None:
        """Write what ``changed`` makes of each delivery of the play (``None``: as it is); ``None``: no such play.

        One transaction; ``changed`` runs in the store's thread.
        """

        def work(connection: Connection) -> Changed | None:
            view = plays.get(connection, self._decoder, play_id)
            if view is None:
                return None
            there = tuple(each for each in view.deliveries if target in (None, each.target))
            new = [after for each in there if (after := changed(view.play, each)) is not None]
            deliveries.write(connection, new)
            return Changed(there, len(new))

        return await self._desk.write(work)

    async def change_standing(
        self,
        status: DeliveryStatus,
        target: str | None,
        changed: Callable[[Delivery], Delivery | None],
    ) -> int:
        """Write what ``changed`` makes of every delivery that stands so; how many.

        One transaction; ``changed`` runs in the store's thread.
        """

        def work(connection: Connection) -> int:
            there = deliveries.standing(connection, self._decoder, [status], target)
            new = [after for each in there if (after := changed(each)) is not None]
            deliveries.write(connection, new)
            return len(new)

        return await self._desk.write(work)

    async def change_these(
        self, play_ids: Collection[int], target: str | None, changed: Callable[[Delivery], Delivery | None]
    ) -> int | tuple[int, ...]:
        """Write what ``changed`` makes of the deliveries of these plays; how many, or the ids that are no play's.

        Where an id is unknown nothing is written. One transaction; ``changed`` runs in the store's thread.
        """

        def work(connection: Connection) -> int | tuple[int, ...]:
            ids = sorted(play_ids)
            known = plays.by_id(connection, self._decoder, ids)
            if unknown := tuple(play_id for play_id in ids if play_id not in known):
                return unknown
            there = deliveries.of_plays(connection, self._decoder, ids)
            meant = (each for found in there.values() for each in found if target in (None, each.target))
            new = [after for each in meant if (after := changed(each)) is not None]
            deliveries.write(connection, new)
            return len(new)

        return await self._desk.write(work)

    async def targets(self) -> list[str]:
        """Every target that any delivery names, however many there are: cheap."""
        return await self._desk.read(deliveries.targets)

    async def counts(self) -> Mapping[str, Mapping[DeliveryStatus, int]]:
        """How many deliveries stand where, by target."""
        return await self._desk.read(deliveries.counts)


class FindingShelf:
    """Findings: a cache, which a power cut may take."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def get(self, kind: str, keys: Sequence[str], now_ms: EpochMs) -> Mapping[str, str]:
        """What is kept under these keys and has not expired."""
        return await self._desk.read(lambda connection: findings.get(connection, kind, keys, now_ms))

    async def put(self, kind: str, key: str, text: str, now_ms: EpochMs, keep_ms: DurationMs, most: int) -> None:
        """Keep; of this kind only the ``most`` that were put last stay."""

        def work(connection: Connection) -> None:
            findings.put(connection, kind, key, text, now_ms, keep_ms, most)

        await self._desk.write(work, must_last=False)

    async def forget(self, kind: str) -> int:
        """Forget all of this kind; how many."""
        return await self._desk.write(lambda connection: findings.forget(connection, kind), must_last=False)

    async def expire(self, now_ms: EpochMs) -> int:
        """Forget what has expired; how many."""
        return await self._desk.write(lambda connection: findings.expire(connection, now_ms), must_last=False)
