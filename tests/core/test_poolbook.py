"""Pools in memory and in the database stay one, whatever befalls the database or whoever waits for it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from moodroom_hub.core.bus import Bus
from moodroom_hub.core.clock import LoopClock
from moodroom_hub.core.config import Settings
from moodroom_hub.core.events import Skipped
from moodroom_hub.core.ids import Ids
from moodroom_hub.core.journal import Journal
from moodroom_hub.core.poolbook import PoolBook
from moodroom_hub.core.store import Change, Store, StoreDown
from moodroom_hub.domain.models import (
    HOME,
    Cause,
    DurationMs,
    EndInterval,
    EpochMs,
    Listen,
    PoolEntry,
    Tier,
    Verdict,
    VerdictKind,
)
from moodroom_hub.domain.pools import project
from moodroom_hub.simulator.virtual_time import run_virtual
from tests.core.data_lab import NIGHT, Nobody, data, song


class Slow(Store):
    """Every write takes a second; ``is_away``: and fails."""

    is_away = False

    async def commit(self, change: Change) -> None:
        """Write, slowly."""
        await asyncio.sleep(1)
        if self.is_away:
            raise StoreDown("locked by another program")
        await super().commit(change)


@dataclass(frozen=True)
class Book:
    """Pools over a slow store."""

    store: Slow
    journal: Journal
    bus: Bus
    pools: PoolBook


@asynccontextmanager
async def slow_book(folder: Path) -> AsyncIterator[Book]:
    """Late Night holds the songs 0 to 9 as CONFIRMED."""
    store = Slow(f"sqlite:///{folder / 'lab.db'}", folder)
    await store.open()
    try:
        clock = LoopClock(EpochMs(1_780_000_000_000))
        ids = Ids(await store.last_ids())
        journal = Journal(store, clock)
        bus = Bus(journal, Nobody(), clock, ids)
        pools = PoolBook(store, bus, clock, ids, Settings().domain_rooms())
        await pools.put_base(NIGHT, [PoolEntry(song(n), Tier.CONFIRMED) for n in range(10)], replace_all=True)
        yield Book(store, journal, bus, pools)
    finally:
        await store.close()


def skip_of(number: int, event_id: int) -> Skipped:
    """Song ``number`` was skipped."""
    end = EndInterval(DurationMs(8_000), DurationMs(9_000), DurationMs(9_500))
    verdict = Verdict(VerdictKind.SKIPPED, Cause.LISTENER, end, is_sure=True)
    listen = Listen(
        track=song(number), started_at_ms=EpochMs(0), ended_at_ms=EpochMs(9_000), verdict=verdict, room=NIGHT
    )
    return Skipped(id=event_id, zone=HOME, at_ms=EpochMs(9_000), listen=listen)


def test_all_rooms_are_there_when_the_database_goes_away(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with data(tmp_path) as lab:
            await lab.fill((1, Tier.CONFIRMED))
            again = PoolBook(lab.store, lab.bus, lab.clock, Ids(await lab.store.last_ids()), Settings().domain_rooms())
            await again.read_all()
            await lab.store.close()
            assert await again.tier(NIGHT, song(1).uri) is Tier.CONFIRMED
            for room in Settings().domain_rooms():
                assert (await again.pool(room)).room == room

    run_virtual(scenario)


def test_a_policy_that_ran_out_of_time_leaves_no_receipt_in_memory_only(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with slow_book(tmp_path) as book:
            other = asyncio.create_task(book.bus.publish([], Change(facts={"somebody": "else"})))
            await asyncio.sleep(0)
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.5):  # as the dispatcher does with a hook that takes too long
                    await book.pools.learn(skip_of(3, 7))
            assert await book.pools.learn(skip_of(3, 7)) is None, "told again, it is known already"
            await other
            await book.bus.drain(10)
            written = await book.store.room_receipts(NIGHT)
            assert [receipt.event_id for receipt in written] == [7]
            assert project(NIGHT, await book.store.base(NIGHT), written) == await book.pools.pool(NIGHT)

    run_virtual(scenario)


def test_new_base_rows_right_after_an_outage_forget_no_receipt(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with slow_book(tmp_path) as book:
            book.store.is_away = True
            assert await book.pools.learn(skip_of(3, 7)) is not None
            book.store.is_away = False  # but the journal has not noticed yet
            await book.pools.put_base(NIGHT, [PoolEntry(song(20), Tier.DISCOVERY)], replace_all=False)
            assert await book.pools.tier(NIGHT, song(3).uri) is Tier.SAFE_SIDE
            assert await book.pools.tier(NIGHT, song(20).uri) is Tier.DISCOVERY
            await book.journal.close()
            written = await book.store.room_receipts(NIGHT)
            assert project(NIGHT, await book.store.base(NIGHT), written) == await book.pools.pool(NIGHT)

    run_virtual(scenario)
