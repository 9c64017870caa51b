"""What ``check`` sees of the machine: room on the disk, and the database as it lies there."""

import os
import shutil
import sqlite3
import tempfile
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from moodroom_hub.core.config import LoadedConfig
from moodroom_hub.core.errors import MoodroomError
from moodroom_hub.core.ports import Check, CheckLevel
from moodroom_hub.core.store.engine import connect
from moodroom_hub.core.store.schema import LINEAGE, check_known, check_whole

SCANT_BYTES = 200_000_000
TRIAL_BYTES = 65_536
BUSY_MS = 500


def check_disk(data_dir: Path) -> Check:
    """Whether the data folder can be written to, tried, and how much room is left."""
    try:
        data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.TemporaryFile(dir=data_dir) as trial:
            trial.write(os.urandom(TRIAL_BYTES))
            trial.flush()
            os.fsync(trial.fileno())
        free = shutil.disk_usage(data_dir).free
    except OSError as error:
        mend = "free some room, or mend the folder's rights, or choose another hub.data_dir"
        return Check("data folder", CheckLevel.FAILED, f"{data_dir} cannot be written to ({error.strerror})", mend)
    room = f"{data_dir}, {free / 1e9:.1f} GB free"
    if free < SCANT_BYTES:
        return Check("data folder", CheckLevel.WARNING, room, "free some room")
    return Check("data folder", CheckLevel.OK, room)


def check_database(loaded: LoadedConfig) -> Check:
    """Whether the database is whole and of a version that this hub knows; changes nothing, makes nothing."""
    try:
        database = connect(loaded.settings.database_url(), loaded.settings.hub.data_dir, BUSY_MS)
    except MoodroomError as error:
        return Check("database", CheckLevel.FAILED, str(error))
    place = database.place
    if place.path is not None and not place.path.exists():
        database.engine.dispose()
        return Check("database", CheckLevel.OK, f"{place.label} will be made at the first start")
    try:
        with database.read() as connection:
            revision = check_known(connection, place, LINEAGE)
            check_whole(connection, place)
    except MoodroomError as error:
        return Check("database", CheckLevel.FAILED, str(error), _mend(place.path))
    except (SQLAlchemyError, sqlite3.Error) as error:
        why = str(getattr(error, "orig", None) or error).splitlines()[0]
        return Check("database", CheckLevel.FAILED, f"{place.label} cannot be read ({why})", _mend(place.path))
    finally:
        database.engine.dispose()
    if revision != LINEAGE.head:
        return Check("database", CheckLevel.OK, f"{place.label} is of an older version; the next start brings it up")
    return Check("database", CheckLevel.OK, f"{place.label} is whole")


def _mend(path: Path | None) -> str:
    if path is None:
        return "see that the server runs and lets the hub in"
    return f"bring back a copy: moodroom-hub restore FILE; automatic ones lie in {path.parent / 'backups'}"
