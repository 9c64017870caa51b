"""What ten thousand listens add to the database, reckoned from those of a day."""

import contextlib
import sqlite3
from dataclasses import dataclass
from pathlib import Path

_MB = 1024 * 1024
_TAUGHT = ("history", "receipt", "receipt_undo", "ledger")


@dataclass(frozen=True, slots=True)
class Growth:
    """Megabytes for each 10,000 listens: what stays for ever, and the events on top, which go after 30 days."""

    listens: int
    lasting: float
    events: float


def measure(database: Path) -> Growth:
    """``database`` is a closed SQLite file; works on a copy beside it."""
    whole = _size_without(database, ())
    without_events = _size_without(database, ("event",))
    bare = _size_without(database, ("event", *_TAUGHT))
    with contextlib.closing(sqlite3.connect(database)) as connection:
        (listens,) = connection.execute("SELECT count(*) FROM history").fetchone()
    per_10_000 = 10_000 / max(1, listens) / _MB
    return Growth(listens, (without_events - bare) * per_10_000, (whole - without_events) * per_10_000)


def _size_without(database: Path, tables: tuple[str, ...]) -> int:
    copy = database.with_suffix(".copy")
    copy.unlink(missing_ok=True)
    with contextlib.closing(sqlite3.connect(database)) as connection:
        connection.execute("VACUUM INTO ?", (str(copy),))
    with contextlib.closing(sqlite3.connect(copy, isolation_level=None)) as connection:
        for table in tables:
            connection.execute(f"DELETE FROM {table}")
        connection.execute("VACUUM")
    return copy.stat().st_size
