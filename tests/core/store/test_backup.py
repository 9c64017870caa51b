"""A backup is whole whatever happens meanwhile, and comes back in one step or not at all."""

import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from moodroom_hub.core.store import BackupError, Store, StoreTooNew, restore
from moodroom_hub.domain.models import HOME
from tests.core.store.builders import Spot, full_change


async def ledger_ids(path: Path) -> list[int]:
    """What a database at ``path`` remembers."""
    store = Spot(f"sqlite:///{path}", path.parent).store()
    await store.open()
    try:
        return [entry.id for entry in await store.ledger(HOME, 999)]
    finally:
        await store.close()


@pytest.fixture
async def backup(sqlite_store: Store, tmp_path: Path) -> Path:
    """A backup with the changes 1 and 2; the store knows 3 too."""
    target = tmp_path / "kept" / "backup.db"
    target.parent.mkdir()
    await sqlite_store.commit(full_change(1))
    await sqlite_store.commit(full_change(2))
    await sqlite_store.backup(target)
    await sqlite_store.commit(full_change(3))
    return target


def is_private(file: Path) -> bool:
    return file.stat().st_mode & 0o077 == 0


def spoil(backup: Path, kind: str) -> None:
    """Make of a good backup what is none."""
    match kind:
        case "missing" | "folder":
            backup.unlink()
            if kind == "folder":
                backup.mkdir()
        case "text":
            backup.write_text("not a database" * 100)
        case "empty":
            backup.write_bytes(b"")
        case "cut":
            os.truncate(backup, backup.stat().st_size // 2)
        case _:
            with closing(sqlite3.connect(backup)) as connection:
                version = "moodroom_9999" if kind == "newer" else "a1b2c3"
                connection.execute("UPDATE alembic_version SET version_num = ?", (version,))
                connection.commit()


def files_in(folder: Path) -> set[str]:
    return {file.name for file in folder.iterdir() if file.is_file()}


async def test_a_backup_is_one_private_file_and_the_store_goes_on(sqlite_store: Store, backup: Path) -> None:
    assert files_in(backup.parent) == {"backup.db"}
    assert is_private(backup)
    assert len(await sqlite_store.ledger(HOME, 9)) == 3
    assert await ledger_ids(backup) == [1, 2]


async def test_a_second_backup_replaces_the_first(sqlite_store: Store, backup: Path) -> None:
    await sqlite_store.backup(backup)
    assert await ledger_ids(backup) == [1, 2, 3]


async def test_a_backup_that_cannot_be_written_leaves_nothing(
    sqlite_store: Store, tmp_path: Path, small_disk: Path
) -> None:
    (small_disk / "ballast").write_bytes(bytes(os.statvfs(small_disk).f_bavail * os.statvfs(small_disk).f_frsize))
    await sqlite_store.commit(full_change(1))
    with pytest.raises(BackupError, match=r"cannot be written .*full.*; check its folder and its disk"):
        await sqlite_store.backup(small_disk / "backup.db")
    assert files_in(small_disk) == {"ballast"}
    with pytest.raises(BackupError, match="No such file or directory"):
        await sqlite_store.backup(tmp_path / "nowhere" / "backup.db")
    with pytest.raises(BackupError, match="is a folder"):
        await sqlite_store.backup(small_disk)
    with pytest.raises(BackupError, match="is the database itself"):
        await sqlite_store.backup(tmp_path / "moodroom.db")
    assert len(await sqlite_store.ledger(HOME, 9)) == 1


@pytest.mark.postgresql
async def test_postgresql_has_its_own_way(postgresql_spot: Spot, tmp_path: Path) -> None:
    store = postgresql_spot.store()
    await store.open()
    with pytest.raises(BackupError, match="pg_dump"):
        await store.backup(tmp_path / "backup.db")
    await store.close()


async def test_restoring_takes_the_place_and_keeps_what_was_there(
    sqlite_store: Store, backup: Path, tmp_path: Path
) -> None:
    await sqlite_store.close()
    target = tmp_path / "moodroom.db"
    kept = restore(backup, target)
    assert kept is not None
    assert files_in(tmp_path) == {"moodroom.db", kept.name}
    assert await ledger_ids(target) == [1, 2]
    assert await ledger_ids(kept) == [1, 2, 3]
    assert files_in(backup.parent) == {"backup.db"}
    assert is_private(target)


async def test_restoring_where_nothing_was(backup: Path, tmp_path: Path) -> None:
    folder = tmp_path / "new"
    folder.mkdir()
    assert restore(backup, folder / "moodroom.db") is None
    assert files_in(folder) == {"moodroom.db"}
    assert await ledger_ids(folder / "moodroom.db") == [1, 2]
    with pytest.raises(BackupError, match="cannot be replaced"):
        restore(backup, tmp_path / "nowhere" / "moodroom.db")


async def test_a_running_hub_is_not_replaced_under_its_feet(sqlite_store: Store, backup: Path, tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="is in use; stop the hub first"):
        restore(backup, tmp_path / "moodroom.db")
    await sqlite_store.commit(full_change(4))
    assert len(await sqlite_store.ledger(HOME, 9)) == 4
    assert files_in(tmp_path) == {"moodroom.db", "moodroom.db-wal", "moodroom.db-shm"}


async def test_a_plain_copy_of_a_running_hubs_files_comes_back_whole(
    sqlite_store: Store, backup: Path, tmp_path: Path
) -> None:
    copied = tmp_path / "copied"
    copied.mkdir()
    for name in ("moodroom.db", "moodroom.db-wal"):
        shutil.copyfile(tmp_path / name, copied / name)
    await sqlite_store.close()
    restore(copied / "moodroom.db", tmp_path / "moodroom.db")
    assert await ledger_ids(tmp_path / "moodroom.db") == [1, 2, 3]


async def test_a_damaged_database_is_replaced_with_its_log(sqlite_store: Store, backup: Path, tmp_path: Path) -> None:
    await sqlite_store.close()
    target = tmp_path / "moodroom.db"
    target.write_bytes(b"\xa5" * 9_000)
    for ending in ("-wal", "-shm"):
        (tmp_path / f"moodroom.db{ending}").write_bytes(b"left over")
    kept = restore(backup, target)
    assert await ledger_ids(target) == [1, 2]
    assert kept is not None
    assert kept.read_bytes() == b"\xa5" * 9_000


@pytest.mark.parametrize("kind", ["missing", "folder", "itself", "text", "empty", "cut", "foreign", "newer"])
async def test_what_is_no_backup_changes_nothing(sqlite_store: Store, backup: Path, tmp_path: Path, kind: str) -> None:
    await sqlite_store.close()
    target = tmp_path / "moodroom.db"
    before = target.read_bytes()
    if kind == "itself":
        backup = target
    else:
        spoil(backup, kind)
    expected = StoreTooNew if kind == "newer" else BackupError
    with pytest.raises(expected) as caught:
        restore(backup, target)
    assert "\n" not in str(caught.value)
    assert str(backup) in str(caught.value)
    assert target.read_bytes() == before
    assert files_in(tmp_path) == {"moodroom.db"}
