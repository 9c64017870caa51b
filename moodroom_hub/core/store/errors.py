"""What goes wrong with databases, told in one line with the mend."""

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from moodroom_hub.core.errors import MoodroomError, StartError, Trouble, TroubleCode


class StoreDown(MoodroomError):
    """The database cannot be read or written now; nothing of the failed change was kept. Try again later."""


@contextmanager
def asked() -> Iterator[None]:
    """Inside, a database that is away is told as any other service that is: ``Trouble(UNAVAILABLE)``."""
    try:
        yield
    except StoreDown as down:
        raise Trouble(TroubleCode.UNAVAILABLE, str(down)) from down


class StoreTooNew(StartError):
    """The database was written by a newer version of the hub."""


class BackupError(MoodroomError):
    """A backup could not be written, or not be restored; the text says why and what mends it."""


_SHORT_OF_SPACE_BYTES = 128 * 1024


@dataclass(frozen=True, slots=True)
class Place:
    """Where a database is, as a person is told: ``path`` for SQLite, else ``label`` alone (without a password)."""

    label: str
    path: Path | None
    backups: Path

    def restore_mend(self) -> str:
        """What mends a database that is lost."""
        found = sorted(self.backups.glob("*.db"), key=lambda file: file.stat().st_mtime)
        if not found:
            return "restore a backup with 'moodroom-hub restore FILE', or move the file away to start afresh"
        return (
            f"restore the newest backup with 'moodroom-hub restore {found[-1]}', or move the file away to start afresh"
        )


def first_line(error: BaseException) -> str:
    """The first line of an error's text."""
    return next(iter(str(error).strip().splitlines()), type(error).__name__)


def explain(error: Exception, place: Place) -> str:
    """One line for a person: what is wrong with the database at ``place``, and the mend."""
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    if place.path is None:
        return _explain_server(cause, place)
    if isinstance(cause, sqlite3.Error):
        return _explain_sqlite(cause, place, place.path)
    if isinstance(cause, OSError):
        return f"The database {place.label} cannot be used ({cause.strerror or cause}); check its folder and its disk"
    return f"The database {place.label} cannot be used: {first_line(cause)}"


def _explain_sqlite(cause: sqlite3.Error, place: Place, path: Path) -> str:
    name = getattr(cause, "sqlite_errorname", None) or ""
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return (
            f"The database {place.label} is locked by another program; close what else has it open "
            "(a second hub, a database browser)"
        )
    if name == "SQLITE_FULL" or (name.startswith(("SQLITE_IOERR", "SQLITE_CANTOPEN")) and _is_full(path)):
        return f"The disk of the database {place.label} is full; free some space"
    if name.startswith("SQLITE_READONLY") or (name.startswith("SQLITE_CANTOPEN") and _is_read_only(path)):
        return f"The database {place.label} is read-only; let the hub's user write to the file and its folder"
    if name.startswith("SQLITE_CANTOPEN"):
        return (
            f"The database {place.label} cannot be opened; check that its folder exists and that "
            "the hub's user may read and write there"
        )
    if name == "SQLITE_NOTADB":
        return f"The file {place.label} is not a database; {place.restore_mend()}"
    if name.startswith("SQLITE_CORRUPT") or (isinstance(cause, sqlite3.DatabaseError) and "malformed" in str(cause)):
        return f"The database {place.label} is damaged; {place.restore_mend()}"
    if name.startswith("SQLITE_IOERR"):
        return f"The disk of the database {place.label} fails ({first_line(cause)}); check the disk"
    return f"The database {place.label} cannot be used: {first_line(cause)}"


def _is_full(path: Path) -> bool:
    try:
        return shutil.disk_usage(path.parent).free < _SHORT_OF_SPACE_BYTES
    except OSError:
        return False


def _is_read_only(path: Path) -> bool:
    return path.exists() and not (os.access(path, os.W_OK) and os.access(path.parent, os.W_OK))


_SERVER_MENDS = {
    "53100": "its disk is full; free some space there",
    "53300": "it has no connection left; raise max_connections or close others",
    "55P03": "its tables are locked by another program; close what else writes there",
    "57014": "it took too long to answer; see what else it is busy with",
    "25006": "it is read-only; name the primary server, or let the hub's user write",
    "42501": "the hub's user may not do that there; grant it the rights on its database",
    "3D000": "this database does not exist there; create it with 'createdb'",
    "28P01": "it refused user or password; mend database.url",
    "28000": "it refused the user; mend database.url or the server's pg_hba.conf",
}


def _explain_server(cause: BaseException, place: Place) -> str:
    state = getattr(cause, "sqlstate", None)
    known = _SERVER_MENDS.get(state or "")
    if known is None:
        text = first_line(cause)
        known = next((mend for hint, mend in _HINTS.items() if hint in text), None)
        if known is None:
            known = f"it does not answer ({text}); check that it runs and can be reached"
    return f"The database {place.label}: {known}"


# A refused log-in carries no state with some versions of the driver, only the server's words.
_HINTS = {
    "password authentication failed": _SERVER_MENDS["28P01"],
    "no pg_hba.conf entry": _SERVER_MENDS["28000"],
    "does not exist": _SERVER_MENDS["3D000"],
}
