"""Whatever is wrong with the database at the start: one line, with the mend, and nothing is changed."""

import os
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest

from moodroom_hub.core.errors import StartError
from moodroom_hub.core.store import Store, StoreTooNew
from moodroom_hub.core.store.schema import LINEAGE
from tests.core.store.builders import Spot, full_change

DAMAGE_START = 100


async def refusal(spot: Spot) -> str:
    """The line with which the store refuses to open."""
    store = spot.store()
    with pytest.raises(StartError) as caught:
        await store.open()
    await store.close()
    line = str(caught.value)
    assert "\n" not in line
    assert "Traceback" not in line
    assert len(line) < 400
    return line


def remount(folder: Path, how: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{how}", str(folder)], check=True)


async def filled(spot: Spot) -> Path:
    store = spot.store()
    await store.open()
    for number in range(1, 100):
        await store.commit(full_change(number))
    await store.close()
    return spot.data_dir / "moodroom.db"


async def test_a_newer_database(spot: Spot) -> None:
    store = spot.store()
    await store.open()
    await store.commit(full_change(1))
    await store.close()
    spot.sql("UPDATE alembic_version SET version_num = 'moodroom_9999'")
    again = spot.store()
    with pytest.raises(StoreTooNew, match=r"newer Moodroom Hub \(moodroom_9999.*update Moodroom Hub"):
        await again.open()
    spot.sql(f"UPDATE alembic_version SET version_num = '{LINEAGE.head}'")
    await again.open()
    assert len(await again.pending_events()) == 2
    await again.close()


@pytest.mark.parametrize("with_alembic", [False, True])
async def test_a_foreign_database(spot: Spot, with_alembic: bool) -> None:
    spot.sql("CREATE TABLE recipes (id INTEGER)")
    if with_alembic:
        spot.sql("CREATE TABLE alembic_version (version_num VARCHAR(32))")
        spot.sql("INSERT INTO alembic_version VALUES ('a1b2c3')")
    assert "belongs to another program; name one of the hub's own" in await refusal(spot)
    assert spot.sql("SELECT COUNT(*) FROM recipes") == [(0,)]


async def test_a_file_that_is_no_database(sqlite_spot: Spot) -> None:
    path = sqlite_spot.data_dir / "moodroom.db"
    path.write_text("rooms: are not kept here\n" * 100)
    assert "is not a database; restore a backup" in await refusal(sqlite_spot)
    assert path.read_text().startswith("rooms:")


async def test_the_newest_backup_is_named(sqlite_spot: Spot) -> None:
    backups = sqlite_spot.data_dir / "backups"
    backups.mkdir()
    for number, name in enumerate(("b.db", "a.db")):
        (backups / name).write_bytes(b"")
        os.utime(backups / name, (number, number))
    (sqlite_spot.data_dir / "moodroom.db").write_text("no database" * 100)
    assert f"restore the newest backup with 'moodroom-hub restore {backups / 'a.db'}'" in await refusal(sqlite_spot)


@pytest.mark.parametrize("where", ["schema", "rows", "cut"])
async def test_a_damaged_database(sqlite_spot: Spot, where: str) -> None:
    path = await filled(sqlite_spot)
    size = path.stat().st_size
    with path.open("r+b") as file:
        if where == "cut":
            file.truncate(size // 2)
        else:
            file.seek(DAMAGE_START if where == "schema" else 4_096 * 12)
            file.write(b"\xa5" * 8_192)
    assert "is damaged; restore a backup" in await refusal(sqlite_spot)


async def test_a_locked_database(sqlite_spot: Spot) -> None:
    path = await filled(sqlite_spot)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        assert "is locked by another program; close what else has it open" in await refusal(sqlite_spot)


async def test_a_missing_folder(tmp_path: Path) -> None:
    spot = Spot(f"sqlite:///{tmp_path}/nowhere/moodroom.db", tmp_path)
    assert f"The folder {tmp_path}/nowhere of the database does not exist; create it" in await refusal(spot)
    assert not (tmp_path / "nowhere").exists()


async def test_a_folder_in_the_place_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "moodroom.db").mkdir()
    assert "is a folder; name a file" in await refusal(Spot(f"sqlite:///{tmp_path}/moodroom.db", tmp_path))


async def test_a_file_in_the_place_of_the_data_folder(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    spot = Spot(f"sqlite:///{tmp_path}/data/moodroom.db", tmp_path / "data")
    assert "cannot be created" in await refusal(spot)


async def test_the_data_folder_is_made_and_is_private(tmp_path: Path) -> None:
    folder = tmp_path / "share" / "moodroom-hub"
    store = Store("sqlite:///moodroom.db", folder)
    await store.open()
    await store.commit(full_change(1))
    assert folder.stat().st_mode & 0o077 == 0
    assert all(file.stat().st_mode & 0o077 == 0 for file in folder.iterdir())
    assert (folder / "moodroom.db").exists(), "a relative path counts from the data folder"
    await store.close()


@pytest.mark.parametrize("is_new", [True, False])
async def test_a_read_only_disk(small_disk: Path, is_new: bool) -> None:
    spot = Spot(f"sqlite:///{small_disk}/moodroom.db", small_disk)
    if not is_new:
        await filled(spot)
    remount(small_disk, "ro")
    line = await refusal(spot)
    assert "cannot be created (Read-only file system)" in line or "is read-only; let the hub's user write" in line
    remount(small_disk, "rw")
    store = spot.store()
    await store.open()
    await store.close()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere; a read-only disk is tested instead")
async def test_a_read_only_file(sqlite_spot: Spot) -> None:
    path = await filled(sqlite_spot)
    path.chmod(0o400)
    assert "is read-only; let the hub's user write" in await refusal(sqlite_spot)


@pytest.mark.parametrize("is_new", [True, False])
async def test_a_full_disk(small_disk: Path, is_new: bool) -> None:
    spot = Spot(f"sqlite:///{small_disk}/moodroom.db", small_disk)
    if not is_new:
        await filled(spot)
    ballast = small_disk / "ballast"
    free = os.statvfs(small_disk)
    ballast.write_bytes(bytes(free.f_bavail * free.f_frsize))
    line = await refusal(spot)
    assert "is full; free some space" in line
    ballast.unlink()
    store = spot.store()
    await store.open()
    await store.commit(full_change(500))
    await store.close()


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("mysql://me:sesame@host/db", "is for mysql"),
        ("::sesame::", "cannot be read"),
        ("sqlite://", "names no file"),
        ("sqlite:///:memory:", "names no file"),
        ("", "cannot be read"),
    ],
)
async def test_an_address_that_the_hub_does_not_speak(tmp_path: Path, url: str, expected: str) -> None:
    line = await refusal(Spot(url, tmp_path))
    assert expected in line
    assert "sqlite:////path/to/moodroom.db" in line
    assert "sesame" not in line


@pytest.mark.postgresql
async def test_a_server_that_is_not_there(tmp_path: Path, unused_tcp_port: int) -> None:
    pytest.importorskip("psycopg")
    spot = Spot(f"postgresql://me:sesame@127.0.0.1:{unused_tcp_port}/moodroom", tmp_path)
    line = await refusal(spot)
    assert f"postgresql://me:***@127.0.0.1:{unused_tcp_port}/moodroom: it does not answer" in line
    assert "sesame" not in line


@pytest.mark.postgresql
async def test_a_server_without_this_database(postgresql_url: str, tmp_path: Path) -> None:
    address, _, query = postgresql_url.partition("?")
    spot = Spot(f"{address.rpartition('/')[0]}/moodroom_nowhere?{query}", tmp_path)
    assert "this database does not exist there; create it with 'createdb'" in await refusal(spot)


@pytest.mark.postgresql
async def test_a_server_that_only_reads(postgresql_spot: Spot) -> None:
    spot = Spot(f"{postgresql_spot.url}%20-cdefault_transaction_read_only%3Don", postgresql_spot.data_dir)
    assert "it is read-only; name the primary server" in await refusal(spot)
