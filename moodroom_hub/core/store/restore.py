"""The way back from a backup file."""

import contextlib
import logging
import shutil
import sqlite3
from pathlib import Path

from sqlalchemy import URL
from sqlalchemy.exc import SQLAlchemyError

from moodroom_hub.core.aside import keep_aside
from moodroom_hub.core.errors import StartError
from moodroom_hub.core.store.engine import connect
from moodroom_hub.core.store.errors import BackupError, StoreTooNew
from moodroom_hub.core.store.files import appearing
from moodroom_hub.core.store.schema import LINEAGE, Lineage, check_known, check_whole

_log = logging.getLogger(__name__)

_PATIENCE_S = 0.2


def restore(source: Path, target_db: Path, *, lineage: Lineage = LINEAGE) -> Path | None:
    """Put a copy of the backup ``source`` in the place of the SQLite database ``target_db``, in one step.

    The copy is looked through first: whole, the hub's own, of a version that this hub knows (an older one is
    migrated when the hub opens it). The database that was there stays beside it as ``NAME.replaced-TIME``; gives that
    path, ``None`` where nothing was there. Raises ``BackupError``, or ``StoreTooNew``; then nothing has changed. The
    hub must not run.
    """
    if not source.is_file():
        raise BackupError(f"The backup {source} does not exist")
    if target_db.is_dir():
        raise BackupError(f"The database {target_db} is a folder; name a file")
    if target_db.exists() and source.samefile(target_db):
        raise BackupError(f"The backup {source} is the database itself; name another file")
    kept = None
    try:
        with appearing(target_db) as temporary:
            shutil.copyfile(source, temporary)
            # A plain copy of a running hub's file comes with the log of its latest changes.
            if _companion(source, "-wal").exists():
                shutil.copyfile(_companion(source, "-wal"), _companion(temporary, "-wal"))
            try:
                _validate(temporary, source, lineage)
            finally:
                _remove_companions(temporary)
            if target_db.exists():
                _let_go(target_db)
                kept = keep_aside(target_db)
            _remove_companions(target_db)
    except OSError as error:
        raise BackupError(
            f"The database {target_db} cannot be replaced ({error.strerror or error}); check its folder and its disk"
        ) from error
    return kept


def _validate(copy: Path, source: Path, lineage: Lineage) -> None:
    database = connect(URL.create("sqlite", database=str(copy)), copy.parent, busy_timeout_ms=0)
    try:
        with database.read() as connection:
            revision = check_known(connection, database.place, lineage)
            check_whole(connection, database.place)
    except StoreTooNew:
        raise StoreTooNew(
            f"The backup {source} was written by a newer Moodroom Hub; update Moodroom Hub before restoring it"
        ) from None
    except (StartError, SQLAlchemyError) as error:
        raise BackupError(
            f"The file {source} is damaged or no backup of Moodroom Hub; choose another backup"
        ) from error
    finally:
        database.engine.dispose()
    if revision is None:
        raise BackupError(f"The file {source} holds nothing; choose another backup")
    _fold_log(copy)


def _fold_log(path: Path, patience_s: float = _PATIENCE_S) -> None:
    """Make the database one file without companions, which needs it to oneself. Raises ``sqlite3.Error``."""
    with contextlib.closing(sqlite3.connect(path, timeout=patience_s, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE").fetchone()
        connection.execute("BEGIN EXCLUSIVE")
        connection.execute("ROLLBACK")


def _let_go(target: Path) -> None:
    """See that no other program has the database open: it would write on into the replaced file."""
    try:
        _fold_log(target)
    except sqlite3.DatabaseError as error:
        if (getattr(error, "sqlite_errorname", None) or "").startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
            raise BackupError(f"The database {target} is in use; stop the hub first") from error
        _log.info("The database %s, which is being replaced, cannot be read", target)


def _companion(path: Path, ending: str) -> Path:
    return path.with_name(path.name + ending)


def _remove_companions(path: Path) -> None:
    for ending in ("-wal", "-shm", "-journal"):
        _companion(path, ending).unlink(missing_ok=True)
