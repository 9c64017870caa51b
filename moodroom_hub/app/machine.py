"""What ``check`` sees of the machine: room on the disk, and the database as it lies there."""

import os
import shutil
import tempfile
from pathlib import Path

from moodroom_hub.core.config import LoadedConfig
from moodroom_hub.core.errors import MoodroomError
from moodroom_hub.core.ports import Check, CheckLevel
from moodroom_hub.core.store.looking import look_over

SCANT_BYTES = 200_000_000
TRIAL_BYTES = 65_536


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
        told = look_over(loaded.settings.database_url(), loaded.settings.hub.data_dir)
    except MoodroomError as error:
        said, _, mend = str(error).partition("; ")
        return Check("database", CheckLevel.FAILED, said, mend)
    return Check("database", CheckLevel.OK, told)
