"""Copies of the SQLite file: the backup on demand, and the one before a migration."""

import contextlib
import logging
import os
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Engine

from moodroom_hub.core.clock import SystemClock
from moodroom_hub.core.errors import StartError
from moodroom_hub.core.store.engine import Database
from moodroom_hub.core.store.errors import BackupError

_log = logging.getLogger(__name__)

KEPT_MIGRATION_BACKUPS = 5
_MIGRATION_PREFIX = "before-migration-"


@contextlib.contextmanager
def appearing(target: Path) -> Iterator[Path]:
    """A temporary file beside ``target`` that takes its name at the end; after an error nothing has changed."""
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".part", dir=target.parent)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        _flush(temporary)
        temporary.replace(target)
        _flush(target.parent)
    finally:
        temporary.unlink(missing_ok=True)


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def copy_database(engine: Engine, target: Path) -> None:
    """A consistent copy of an open SQLite database as one file, which appears whole or not at all.

    Raises ``OSError`` or ``sqlite3.Error``.
    """
    with appearing(target) as temporary:
        raw = engine.raw_connection()
        try:
            source = raw.driver_connection
            if not isinstance(source, sqlite3.Connection):
                raise TypeError("only SQLite databases are copied as files")
            with contextlib.closing(sqlite3.connect(temporary)) as copy:
                source.backup(copy)
                # One file without companions: what is copied by hand later is complete.
                copy.execute("PRAGMA journal_mode=DELETE").fetchone()
        finally:
            raw.close()


def back_up(database: Database, target: Path) -> None:
    """Back up on the owner's demand, replacing an older file of that name. Raises ``BackupError``."""
    path = database.place.path
    if path is None:
        raise BackupError(
            f"The database {database.place.label} is a PostgreSQL one; back it up with: pg_dump --file=FILE DATABASE"
        )
    if target.is_dir():
        raise BackupError(f"The backup {target} is a folder; name a file")
    if target.exists() and path.exists() and target.samefile(path):
        raise BackupError(f"The backup {target} is the database itself; name another file")
    try:
        copy_database(database.engine, target)
    except OSError as error:
        raise BackupError(
            f"The backup {target} cannot be written ({error.strerror or error}); check its folder and its disk"
        ) from error
    except sqlite3.Error as error:
        raise BackupError(f"The backup {target} cannot be written ({error}); check its folder and its disk") from error


def back_up_before_migration(database: Database, revision: str) -> None:
    """Copy to ``backups/`` under the time and the revision; the newest five stay. Raises ``StartError``."""
    if not database.is_sqlite:
        _log.warning(
            "The database %s is migrated without a backup; pg_dump makes one of PostgreSQL", database.place.label
        )
        return
    folder = database.place.backups
    stamp = SystemClock().now().strftime("%Y%m%dT%H%M%S.%fZ")
    target = folder / f"{_MIGRATION_PREFIX}{stamp}-{revision}.db"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        copy_database(database.engine, target)
    except (OSError, sqlite3.Error) as error:
        raise StartError(
            f"The backup {target} before the migration cannot be written ({error}); "
            "free some space and let the hub's user write there"
        ) from error
    _log.info("Backed up the database to %s before its migration", target)
    with contextlib.suppress(OSError):
        for old in sorted(folder.glob(f"{_MIGRATION_PREFIX}*.db"))[:-KEPT_MIGRATION_BACKUPS]:
            old.unlink()
