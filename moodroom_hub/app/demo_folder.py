"""The demo's folder: gone when the demo ends; one that was killed is swept away by the next demo."""

import fcntl
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PREFIX = "moodroom-demo-"
MARKER = "demo.lock"
SIGN = b"Made by moodroom-hub demo, which holds the lock of this file while it runs.\n"


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """A folder that is gone afterwards, whatever happened; what killed demos left goes with it."""
    sweep(Path(tempfile.gettempdir()))
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    marker = None
    try:
        marker = os.open(folder / MARKER, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        fcntl.flock(marker, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.write(marker, SIGN)  # only now: without it nobody sweeps
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        if marker is not None:
            os.close(marker)


def sweep(place: Path) -> None:
    """Remove what demos of this user that run no more left in ``place``. Raises nothing; what is in doubt stays."""
    try:
        folders = [folder for folder in place.iterdir() if folder.name.startswith(PREFIX)]
    except OSError:
        return
    for folder in folders:
        try:
            _sweep_one(folder)
        except OSError:
            continue


def _sweep_one(folder: Path) -> None:
    """Raises ``OSError`` where it is no folder of a demo, or its demo lives. Links are followed nowhere."""
    inside = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        flags = os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        marker = os.open(MARKER, flags, dir_fd=inside)
        try:
            kind = os.fstat(marker)
            is_ours = os.fstat(inside).st_uid == kind.st_uid == os.geteuid() and stat.S_ISREG(kind.st_mode)
            if is_ours and os.pread(marker, len(SIGN) + 1, 0) == SIGN:
                fcntl.flock(marker, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder)  # follows no links either
        finally:
            os.close(marker)
    finally:
        os.close(inside)
