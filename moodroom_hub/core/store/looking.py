"""A look at a database that changes nothing: for whoever asks whether it is well."""

import sqlite3
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import Engine, create_engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from moodroom_hub.core.errors import StartError
from moodroom_hub.core.store.engine import connect
from moodroom_hub.core.store.schema import LINEAGE, check_known, check_whole

_BUSY_MS = 500


def look_over(url: str, data_dir: Path) -> str:
    """How the database is, in a few words. Raises ``StartError`` with the mend where a hub could not use it."""
    database = connect(url, data_dir, _BUSY_MS)
    place, engine = database.place, database.engine
    if place.path is not None:
        engine.dispose()
        if not place.path.exists():
            return f"{place.label} will be made at the first start"
        engine = _reader(place.path)
    try:
        with engine.connect() as connection:
            revision = check_known(connection, place, LINEAGE)
            check_whole(connection, place)
    except (SQLAlchemyError, sqlite3.Error) as error:
        why = str(getattr(error, "orig", None) or error).splitlines()[0]
        mend = "see that the server runs and lets the hub in" if place.path is None else place.restore_mend()
        raise StartError(f"The database {place.label} cannot be read ({why}); {mend}") from error
    finally:
        engine.dispose()
    if revision is None:
        return f"{place.label} is empty; the first start fills it"
    if revision != LINEAGE.head:
        return f"{place.label} is of an older version; the next start brings it up to date"
    return f"{place.label} is whole"


def _reader(path: Path) -> Engine:
    """Without the pragmas of the hub's own engine: those write into the file's header."""
    address = f"file:{quote(str(path))}?mode=ro"
    return create_engine(
        "sqlite://",
        creator=lambda: sqlite3.connect(address, uri=True, timeout=_BUSY_MS / 1000),
        poolclass=NullPool,
    )
