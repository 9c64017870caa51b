"""A database that is locked, full, away or gone: one clear line, nothing half done, and it works again by itself."""

import contextlib
import os
import sqlite3
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from moodroom_hub.core.store import Change, Store, StoreDown
from moodroom_hub.domain.models import HOME
from tests.core.store.builders import Spot, full_change, ledger_entry, liked, receipt, skipped
from tests.core.store.conftest import Cluster

BUSY_S = 0.15


@contextlib.contextmanager
def another_program(path: Path) -> Iterator[sqlite3.Connection]:
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        yield connection


@pytest.mark.parametrize("how", ["IMMEDIATE", "EXCLUSIVE"])
async def test_a_locked_file_is_told_in_time_and_works_again(sqlite_store: Store, sqlite_spot: Spot, how: str) -> None:
    await sqlite_store.commit(full_change(1))
    with another_program(sqlite_spot.data_dir / "moodroom.db") as other:
        other.execute(f"BEGIN {how}")
        began = time.monotonic()
        with pytest.raises(StoreDown, match=r"moodroom\.db is locked by another program; close"):
            await sqlite_store.commit(full_change(2))
        assert BUSY_S * 0.9 <= time.monotonic() - began < BUSY_S + 1.5
        assert await sqlite_store.ledger(HOME, 9) == [ledger_entry(1)], "reading goes on"
        other.execute("ROLLBACK")
    await sqlite_store.commit(full_change(2))
    assert await sqlite_store.ledger(HOME, 9) == [ledger_entry(1), ledger_entry(2)]


@pytest.mark.postgresql
async def test_a_locked_table_is_told_in_time_and_works_again(postgresql_spot: Spot) -> None:
    import psycopg

    store = postgresql_spot.store()
    await store.open()
    try:
        with psycopg.connect(postgresql_spot.url) as other:
            other.execute("LOCK TABLE ledger IN EXCLUSIVE MODE")
            began = time.monotonic()
            with pytest.raises(StoreDown, match="locked by another program"):
                await store.commit(full_change(1))
            assert BUSY_S * 0.9 <= time.monotonic() - began < BUSY_S + 1.5
        assert await store.zone_states() == {}, "nothing of the change was kept"
        await store.commit(full_change(1))
        assert await store.ledger(HOME, 9) == [ledger_entry(1)]
    finally:
        await store.close()


@pytest.mark.postgresql
async def test_a_connection_that_was_cut_is_made_anew(postgresql_spot: Spot) -> None:
    store = postgresql_spot.store()
    await store.open()
    try:
        await store.commit(full_change(1))
        postgresql_spot.sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE pid <> pg_backend_pid() AND application_name = 'moodroom-hub'"
        )
        await store.commit(full_change(2))
        assert len(await store.ledger(HOME, 9)) == 2
    finally:
        await store.close()


@pytest.mark.postgresql
async def test_a_server_that_went_away_and_comes_back(cluster: Cluster, tmp_path: Path) -> None:
    spot = Spot(cluster.url, tmp_path)
    store = spot.store()
    await store.open()
    try:
        await store.commit(full_change(1))
        cluster.stop()
        try:
            for _ in range(2):
                with pytest.raises(StoreDown, match=r"does not answer.*; check that it runs"):
                    await store.commit(full_change(2))
        finally:
            cluster.start()
        await store.commit(full_change(2))
        assert len(await store.ledger(HOME, 9)) == 2
    finally:
        await store.close()
        spot.sql("DROP SCHEMA public CASCADE")
        spot.sql("CREATE SCHEMA public")


async def test_a_full_database_is_told_and_works_again(sqlite_store: Store, sqlite_spot: Spot) -> None:
    """As any user: SQLite's own limit of pages gives the same error as a disk without space."""
    await sqlite_store.commit(full_change(1))
    database = sqlite_store._database  # the limit belongs to the very connection that writes
    assert database is not None

    def limit(pages: int) -> None:
        raw = database.engine.raw_connection()
        try:
            raw.cursor().execute(f"PRAGMA max_page_count={pages}")
        finally:
            raw.close()

    limit(1)  # SQLite takes the present size instead
    big = replace(full_change(2), zone_states={HOME: "x" * 100_000})
    with pytest.raises(StoreDown, match="is full; free some space"):
        await sqlite_store.commit(big)
    assert await sqlite_store.zone_states() == {HOME: '{"step": 1}'}
    assert await sqlite_store.ledger(HOME, 9) == [ledger_entry(1)], "all or nothing"
    limit(1_000_000)
    await sqlite_store.commit(big)
    assert await sqlite_store.ledger(HOME, 9) == [ledger_entry(1), ledger_entry(2)]


async def test_a_full_disk_is_told_and_works_again(small_disk: Path) -> None:
    store = Spot(f"sqlite:///{small_disk}/moodroom.db", small_disk).store()
    await store.open()
    try:
        ballast = small_disk / "ballast"
        free = os.statvfs(small_disk)
        ballast.write_bytes(bytes(max(0, free.f_bavail * free.f_frsize - 8_192)))
        written = 0

        async def write_on() -> None:
            nonlocal written
            for number in range(1, 500):
                await store.commit(replace(full_change(number), zone_states={HOME: f"{number}" + "x" * 8_000}))
                written = number

        with pytest.raises(StoreDown, match="is full; free some space"):
            await write_on()
        assert [entry.id for entry in await store.ledger(HOME, 999)] == list(range(1, written + 1))
        ballast.unlink()
        await store.commit(full_change(written + 1))
        assert (await store.last_ids()).ledger == written + 1
        assert len(await store.pending_events()) == 2 * (written + 1)
    finally:
        await store.close()


async def test_a_change_is_all_or_nothing(store: Store) -> None:
    """The last statement of a change fails after all others were done."""
    await store.commit(Change(receipts=(receipt(1, 1),)))
    change = replace(full_change(5), receipts=(receipt(9, 9), receipt(1, 2)))
    with pytest.raises(ValueError, match="taken"):
        await store.commit(change)
    assert await store.zone_states() == {}
    assert await store.ledger(HOME, 9) == []
    assert await store.pending_events() == []
    assert await store.history(9, None) == []
    assert [one.id for one, _ in await store.receipts(9, None)] == [1]
    await store.commit(Change(events=(skipped(1),)))
    assert await store.pending_events() == [skipped(1)], "and goes on working"


@pytest.mark.parametrize("how", ["moved", "replaced"])
async def test_a_file_that_was_taken_away_is_noticed(sqlite_store: Store, sqlite_spot: Spot, how: str) -> None:
    path = sqlite_spot.data_dir / "moodroom.db"
    away = sqlite_spot.data_dir / "away.db"
    path.rename(away)
    if how == "replaced":
        path.write_bytes(b"")
    with pytest.raises(StoreDown, match="moved, replaced or deleted"):
        await sqlite_store.commit(full_change(1))
    with pytest.raises(StoreDown, match="moved, replaced or deleted"):
        await sqlite_store.pending_events()
    assert path.exists() == (how == "replaced"), "nothing is made anew behind the owner's back"
    away.rename(path)
    await sqlite_store.commit(full_change(1))
    assert await sqlite_store.ledger(HOME, 9) == [ledger_entry(1)]


async def test_damage_inside_the_file_is_told(sqlite_spot: Spot) -> None:
    store = sqlite_spot.store()
    await store.open()
    await store.put_liked([liked(number) for number in range(12_000)])  # more than SQLite keeps in its cache
    await store.close()
    await store.open()
    try:
        path = sqlite_spot.data_dir / "moodroom.db"
        size = path.stat().st_size
        with path.open("r+b") as file:
            file.seek(4_096)
            file.write(os.urandom(size - 4_096))
        with pytest.raises(StoreDown, match="is damaged; restore a backup with 'moodroom-hub restore FILE'"):
            await store.liked()
    finally:
        await store.close()
