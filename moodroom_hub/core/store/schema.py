"""Which version a database has, and bringing it to today's: made new, migrated (after a backup), or refused.

Alembic is imported only where a migration has to run: a hub that starts every day on today's schema, or makes
a new database, does without its memory.
"""

import contextlib
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, text

from moodroom_hub.core.errors import StartError
from moodroom_hub.core.store.engine import Database
from moodroom_hub.core.store.errors import Place, StoreTooNew, first_line
from moodroom_hub.core.store.files import back_up_before_migration
from moodroom_hub.core.store.tables import METADATA

_log = logging.getLogger(__name__)

_OUR_PREFIX = "moodroom_"
# Any number of our own: whoever holds this lock in PostgreSQL makes or migrates the schema.
_SCHEMA_LOCK = 0x6D6F6F64


@dataclass(frozen=True, slots=True)
class Lineage:
    """Every revision from the first to today's, and the folder of their scripts."""

    revisions: tuple[str, ...]
    scripts: Path

    @property
    def head(self) -> str:
        """Today's revision."""
        return self.revisions[-1]


LINEAGE = Lineage(
    ("moodroom_0001", "moodroom_0002", "moodroom_0003", "moodroom_0004", "moodroom_0005"),
    Path(__file__).parent / "migrations",
)
"""A new revision's name is appended here; all start with ``moodroom_``, so that a foreign database is known."""


def check_known(connection: Connection, place: Place, lineage: Lineage) -> str | None:
    """The revision of the database, ``None`` for an empty one. Raises ``StartError`` for any other."""
    tables = _table_names(connection)
    found: list[str] = []
    if "alembic_version" in tables:
        found = list(connection.execute(text("SELECT version_num FROM alembic_version")).scalars())
    if not found and not tables - {"alembic_version"}:
        return None
    if len(found) != 1 or not str(found[0]).startswith(_OUR_PREFIX):
        raise StartError(
            f"The database {place.label} belongs to another program; name one of the hub's own in database.url"
        )
    if found[0] not in lineage.revisions:
        raise StoreTooNew(
            f"The database {place.label} was written by a newer Moodroom Hub ({found[0]}, this one knows "
            f"{lineage.head}); update Moodroom Hub, or restore an older backup with 'moodroom-hub restore FILE'"
        )
    return found[0]


def check_whole(connection: Connection, place: Place) -> None:
    """Look an SQLite file through for damage. Raises ``StartError``."""
    if connection.dialect.name == "sqlite":
        verdict = connection.execute(text("PRAGMA quick_check(1)")).scalar()
        if verdict != "ok":
            raise StartError(f"The database {place.label} is damaged; {place.restore_mend()}")


def bring_up_to_date(database: Database, lineage: Lineage = LINEAGE) -> None:
    """Make or migrate the schema as needed, in one transaction that holds the lock for writing.

    Raises ``StartError`` for a database that is not the hub's, or whose migration failed (then nothing changed).
    """
    with database.read() as connection:
        found = check_known(connection, database.place, lineage)
        check_whole(connection, database.place)
    if found == lineage.head:
        return
    if found is not None:
        back_up_before_migration(database, found)
    with _without_foreign_keys(database, is_needed=found is not None), database.write() as connection:
        if not database.is_sqlite:
            # The limits are for polls; a migration may take its time.
            connection.execute(text("SET LOCAL statement_timeout = 0"))
            connection.execute(text("SET LOCAL lock_timeout = '30s'"))
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _SCHEMA_LOCK})
        # Again, now under the lock: another hub may have been faster.
        found = check_known(connection, database.place, lineage)
        if found is None:
            _create(connection, lineage)
        elif found != lineage.head:
            _migrate(connection, database.place, found, lineage)


def _create(connection: Connection, lineage: Lineage) -> None:
    # Tests hold this equal to what the revisions give.
    METADATA.create_all(connection, checkfirst=False)
    connection.execute(
        text(
            "CREATE TABLE IF NOT EXISTS alembic_version (version_num VARCHAR(32) NOT NULL, "
            "CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))"
        )
    )
    connection.execute(text("INSERT INTO alembic_version VALUES (:head)"), {"head": lineage.head})


def _migrate(connection: Connection, place: Place, found: str, lineage: Lineage) -> None:
    from moodroom_hub.core.store.migrate import upgrade

    _log.info("Migrating the database %s from %s to %s", place.label, found, lineage.head)
    try:
        upgrade(connection, lineage.scripts, lineage.head)
        if place.path is not None and connection.execute(text("PRAGMA foreign_key_check")).first() is not None:
            raise ValueError("rows were left without the rows that they point to")
    except Exception as error:  # a script may fail in any way; all become one line with the mend
        raise StartError(
            f"The database {place.label} could not be migrated from {found} to {lineage.head} and was left as it "
            f"was ({type(error).__name__}: {first_line(error)}); go back to the "
            "version of Moodroom Hub before, and report this"
        ) from error


@contextlib.contextmanager
def _without_foreign_keys(database: Database, *, is_needed: bool) -> Iterator[None]:
    """Batch migrations rebuild tables, which needs them off; the switch has no effect inside a transaction."""
    if not (is_needed and database.is_sqlite):
        yield
        return
    _set_foreign_keys(database, "OFF")
    try:
        yield
    finally:
        _set_foreign_keys(database, "ON")


def _set_foreign_keys(database: Database, state: str) -> None:
    raw = database.engine.raw_connection()
    try:
        raw.cursor().execute(f"PRAGMA foreign_keys={state}")
    finally:
        raw.close()


def _table_names(connection: Connection) -> set[str]:
    if connection.dialect.name == "sqlite":
        query = "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite_%'"
    else:
        query = "SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema()"
    return set(connection.execute(text(query)).scalars())
