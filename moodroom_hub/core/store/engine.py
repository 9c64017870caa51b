"""From a database URL to an engine: SQLite with its pragmas, or PostgreSQL with its time limits."""

import importlib.util
import os
import sqlite3
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import QueuePool

from moodroom_hub.core.errors import StartError
from moodroom_hub.core.store.errors import Place

_POSTGRESQL_NAMES = {"postgresql", "postgres", "postgresql+psycopg"}
_SQLITE_NAMES = {"sqlite", "sqlite+pysqlite"}
_CONNECT_LIMIT_S = 5
_STATEMENT_LIMIT_MS = 30_000
_WAL_LIMIT_BYTES = 16 * 1024 * 1024
_CACHE_KIB = 512
"""SQLite's own would grow to 2 MB, in which a hub reads little twice; the system's cache lies below."""


@dataclass(frozen=True, slots=True)
class Database:
    """An engine, where it leads, and how its transactions begin.

    ``write`` begins at once with the lock for writing, so that what was read inside stays true until the commit, and
    what it commits is on the disk: it outlasts a power cut. ``jot`` is the same without the last: a power cut may take
    it back, with all that was jotted since the last ``write``, and nothing else.
    """

    engine: Engine
    place: Place
    write: Callable[[], AbstractContextManager[Connection]]
    jot: Callable[[], AbstractContextManager[Connection]]
    read: Callable[[], AbstractContextManager[Connection]]

    @property
    def is_sqlite(self) -> bool:
        """SQLite, else PostgreSQL."""
        return self.place.path is not None


def parse_url(url: str | URL, data_dir: Path) -> tuple[URL, Place]:
    """The URL in its full form, and the place for people. Raises ``StartError``, which never repeats the password."""
    backups = data_dir / "backups"
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise StartError(
            "database.url cannot be read; write it like sqlite:////path/to/moodroom.db "
            "or postgresql://user:password@host/database"
        ) from None
    if parsed.drivername in _SQLITE_NAMES:
        if not parsed.database or parsed.database == ":memory:" or parsed.database.startswith("file:"):
            raise StartError("database.url names no file; write it like sqlite:////path/to/moodroom.db")
        path = data_dir.absolute() / Path(parsed.database).expanduser()
        return URL.create("sqlite", database=str(path)), Place(str(path), path, backups)
    if parsed.drivername in _POSTGRESQL_NAMES:
        label = parsed.set(drivername="postgresql", query={}).render_as_string(hide_password=True)
        return parsed.set(drivername="postgresql+psycopg"), Place(label, None, backups)
    raise StartError(
        f"database.url is for {parsed.drivername}, which the hub does not speak; use sqlite:////path/to/moodroom.db "
        "or postgresql://user:password@host/database"
    )


def connect(url: str | URL, data_dir: Path, busy_timeout_ms: int) -> Database:
    """Make the engine; nothing is opened yet. Raises ``StartError``."""
    parsed, place = parse_url(url, data_dir)
    path = place.path
    engine = _postgresql(parsed, busy_timeout_ms) if path is None else _sqlite(path, busy_timeout_ms)
    writer = engine.execution_options(moodroom_synchronous="FULL")
    jotter = engine.execution_options(moodroom_synchronous="NORMAL")
    return Database(engine, place, writer.begin, jotter.begin, engine.begin)


def prepare_file(place: Place, data_dir: Path) -> None:
    """See to the folder of an SQLite file, and that a new file is its owner's alone. Raises ``StartError``."""
    if place.path is None:
        return
    try:
        if place.path.parent == data_dir:
            data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not place.path.parent.is_dir():
            raise StartError(
                f"The folder {place.path.parent} of the database does not exist; create it, or mend database.url"
            )
        if place.path.is_dir():
            raise StartError(f"The database {place.label} is a folder; name a file in database.url")
        if not place.path.exists():
            # What one listens to is nobody else's business.
            os.close(os.open(place.path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise StartError(
            f"The database {place.label} cannot be created ({error.strerror or error}); "
            "let the hub's user write to its folder, or mend hub.data_dir"
        ) from error


def _sqlite(path: Path, busy_timeout_ms: int) -> Engine:
    is_wal = False

    def opened() -> sqlite3.Connection:
        nonlocal is_wal
        # isolation_level None: the driver begins nothing by itself, so that reads, writes and migrations all stand
        # in the transactions that are begun below. mode=rw: a file that vanished is not made anew behind our back.
        connection = sqlite3.connect(
            f"{path.as_uri()}?mode=rw",
            uri=True,
            isolation_level=None,
            timeout=busy_timeout_ms / 1000,
            check_same_thread=False,
        )
        try:
            is_wal = _set_up(connection)
        except sqlite3.Error:
            connection.close()
            raise
        return connection

    def on_begin(connection: Connection) -> None:
        synchronous = connection.get_execution_options().get("moodroom_synchronous")
        if synchronous is None:
            connection.exec_driver_sql("BEGIN")
            return
        # Before the transaction: inside one the switch has no effect. NORMAL keeps the file whole in WAL mode only,
        # which network file systems refuse.
        connection.exec_driver_sql(f"PRAGMA synchronous={synchronous if is_wal else 'FULL'}")
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    engine = create_engine(
        "sqlite://", creator=opened, poolclass=QueuePool, hide_parameters=True, pool_size=1, max_overflow=0
    )
    event.listen(engine, "begin", on_begin)
    return engine


def _set_up(connection: sqlite3.Connection) -> bool:
    """Whether it writes ahead (WAL)."""
    # A text of invalid UTF-8 must not make the rows beside it unreadable.
    connection.text_factory = _lenient_text
    (mode,) = connection.execute("PRAGMA journal_mode=WAL").fetchone()
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute(f"PRAGMA journal_size_limit={_WAL_LIMIT_BYTES}")
    connection.execute(f"PRAGMA cache_size=-{_CACHE_KIB}")
    return bool(mode == "wal")


def _lenient_text(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")


def _postgresql(url: URL, busy_timeout_ms: int) -> Engine:
    if importlib.util.find_spec("psycopg") is None:
        raise StartError(
            "database.url is for PostgreSQL, whose driver is not installed; "
            "install it with: pip install 'moodroom-hub[postgresql]'"
        )
    defaults: dict[str, Any] = {
        "connect_timeout": _CONNECT_LIMIT_S,
        "application_name": "moodroom-hub",
        # A server that vanished without a word is noticed after seconds, not after the system's two hours.
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 3,
        "tcp_user_timeout": 15_000,
    }
    limits = f"-c lock_timeout={busy_timeout_ms} -c statement_timeout={_STATEMENT_LIMIT_MS}"
    given = url.query.get("options", "")
    return create_engine(
        url,
        hide_parameters=True,
        pool_size=1,
        max_overflow=0,
        pool_pre_ping=True,
        connect_args={
            **{key: value for key, value in defaults.items() if key not in url.query},
            "options": f"{limits} {given if isinstance(given, str) else ' '.join(given)}",  # the later one counts
        },
    )
