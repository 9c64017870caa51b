"""Times in which the database cannot be written: the disk is full, the disk fails, or another program holds it."""

import contextlib
import resource
import sqlite3
import subprocess
from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path

SMALL_DISK = "64m"


class Outage(ABC):
    """One way to be without a database. ``begin`` and ``end`` may be called again and again."""

    name: str

    @abstractmethod
    def begin(self, database: Path, pid: int) -> None:
        """From now on nothing can be written by the hub of this pid."""

    @abstractmethod
    def end(self, pid: int | None) -> None:
        """It can again; ``pid`` is the hub that lives, if one does."""


class Locked(Outage):
    """Another program holds the lock for writing."""

    name = "locked"

    def __init__(self) -> None:
        self._holder: sqlite3.Connection | None = None

    def begin(self, database: Path, pid: int) -> None:
        """Take it."""
        self._holder = sqlite3.connect(database, isolation_level=None, timeout=5)
        self._holder.execute("BEGIN EXCLUSIVE")

    def end(self, pid: int | None) -> None:
        """Give it back."""
        if self._holder is not None:
            self._holder.rollback()
            self._holder.close()
            self._holder = None


class DiskFull(Outage):
    """The small disk on which the database lies is filled to its last byte."""

    name = "disk full"

    def __init__(self, folder: Path) -> None:
        self._filler = folder / "filler"

    def begin(self, database: Path, pid: int) -> None:
        """Fill it. The write-ahead log is emptied first, else SQLite would go on in the room that it has there."""
        with contextlib.closing(sqlite3.connect(database, isolation_level=None, timeout=5)) as other:
            other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        with self._filler.open("wb", buffering=0) as filler:
            for size in (65_536, 4_096, 1):
                with contextlib.suppress(OSError):
                    while True:
                        filler.write(b"\0" * size)

    def end(self, pid: int | None) -> None:
        """Make room."""
        self._filler.unlink(missing_ok=True)


class DiskFails(Outage):
    """Every write beyond the first byte of a file is refused, whoever runs this (no disk has to be made)."""

    name = "disk refuses writes"

    def begin(self, database: Path, pid: int) -> None:
        """Refuse."""
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))

    def end(self, pid: int | None) -> None:
        """Allow. A new hub was never refused anything."""
        if pid is not None:
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


@contextlib.contextmanager
def small_disk(folder: Path) -> Iterator[bool]:
    """``folder`` as a disk of its own that holds ``SMALL_DISK``; false where this machine does not let us make one."""
    command = ["mount", "-t", "tmpfs", "-o", f"size={SMALL_DISK}", "moodroom-small-disk", str(folder)]
    try:
        is_made = subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        is_made = False
    try:
        yield is_made
    finally:
        if is_made:
            subprocess.run(["umount", str(folder)], check=True)
