"""One hub per data folder: a lock that dies with its process, and says who holds it and where it listens."""

import fcntl
import json
import os
import time
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from moodroom_hub.core.errors import StartError

FILE_NAME = "hub.lock"
_TRIES = 5
_BETWEEN_TRIES_S = 0.02


@dataclass(frozen=True, slots=True)
class RunningHub:
    """A hub that runs now. ``pid`` is 0 where it cannot be read. ``url`` is where its page answers, ``None`` while
    (or where) there is no page. ``since_s``: when it began, in seconds of the epoch; ``None`` where it does not say."""

    pid: int
    url: str | None
    since_s: float | None = field(default=None, compare=False)


class HubLock:
    """Held by a running hub, and by commands that change its data while none runs. A context manager."""

    def __init__(self, data_dir: Path) -> None:
        self._path = data_dir / FILE_NAME
        self._descriptor: int | None = None
        self._since_s = 0.0

    def acquire(self) -> None:
        """Take the lock. Raises ``StartError`` where another process has it, or the folder cannot be written."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise StartError(
                f"The data folder {self._path.parent} cannot be used ({error.strerror}). "
                "Mend its rights, or choose another one with hub.data_dir."
            ) from error
        if not _locked(descriptor, fcntl.LOCK_EX):
            holder = _holder(descriptor)
            os.close(descriptor)
            who = f"pid {holder.pid}" if holder else "pid unknown"
            raise StartError(f"Another hub runs here already ({who}, data folder {self._path.parent}). Stop it first.")
        self._descriptor = descriptor
        self._since_s = time.time()
        self._write(None)

    def set_url(self, url: str | None) -> None:
        """Tell other processes where the page answers."""
        self._write(url)

    def release(self) -> None:
        """Let go; idempotent. The file stays: removing it could split the lock in two."""
        if self._descriptor is not None:
            os.ftruncate(self._descriptor, 0)
            os.close(self._descriptor)
            self._descriptor = None

    def _write(self, url: str | None) -> None:
        if self._descriptor is None:
            raise RuntimeError("the lock is not held")
        content = json.dumps({"pid": os.getpid(), "url": url, "since_s": self._since_s}).encode()
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, content, 0)

    def __enter__(self) -> Self:
        self.acquire()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


def running(data_dir: Path) -> RunningHub | None:
    """The hub that runs on this data folder now, if any. Raises nothing: a folder that cannot be read has no hub."""
    try:
        descriptor = os.open(data_dir / FILE_NAME, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        if _locked(descriptor, fcntl.LOCK_SH, tries=1):
            return None
        return _holder(descriptor) or RunningHub(0, None)
    finally:
        os.close(descriptor)


def _locked(descriptor: int, kind: int, tries: int = _TRIES) -> bool:
    for number in range(tries):
        if number:
            time.sleep(_BETWEEN_TRIES_S)  # somebody may just be looking: that lasts microseconds
        try:
            fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
        except OSError:
            continue
        return True
    return False


def _holder(descriptor: int) -> RunningHub | None:
    for number in range(_TRIES):  # the holder writes its line right after it has the lock
        if number:
            time.sleep(_BETWEEN_TRIES_S)
        try:
            content = json.loads(os.pread(descriptor, 4096, 0))
            url, since_s = content["url"], content.get("since_s")
            return RunningHub(
                int(content["pid"]),
                url if isinstance(url, str) else None,
                since_s if isinstance(since_s, float) else None,
            )
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return None
