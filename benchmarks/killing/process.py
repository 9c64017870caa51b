"""The hub's process as the house sees it: born, heard, killed."""

import contextlib
import os
import pickle
import signal
import socket
import subprocess
import sys
from multiprocessing.connection import Connection
from pathlib import Path
from types import TracebackType
from typing import Self

from benchmarks.killing.messages import Ask, Birth, Reply
from benchmarks.killing.zygote import BUFFER

_ROOT = Path(__file__).resolve().parents[2]


class HubProcess:
    """One hub at a time. A context manager; leaves no process behind."""

    def __init__(self) -> None:
        self.pid: int | None = None
        self._pipe: Connection | None = None

    def __enter__(self) -> Self:
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._zygote = subprocess.Popen(
                [sys.executable, "-m", "benchmarks.killing.zygote", str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                cwd=_ROOT,
            )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.pid is not None:
            self.kill()
        self._control.close()
        self._zygote.wait()

    def begin(self, birth: Birth) -> None:
        """A hub is born."""
        ours, theirs = socket.socketpair()
        with theirs:
            socket.send_fds(self._control, [pickle.dumps(birth)], [theirs.fileno()])
            self.pid = int(self._control.recv(BUFFER))
        self._pipe = Connection(ours.detach())

    def hear(self, limit_s: float | None = None) -> Ask | None:
        """Its next request; ``None`` after ``limit_s`` real seconds without one. Raises ``EOFError`` when it died."""
        assert self._pipe is not None
        try:
            if not self._pipe.poll(limit_s):
                return None
            ask = self._pipe.recv()
        except ConnectionError as error:
            raise EOFError from error
        assert isinstance(ask, Ask)
        return ask

    def say(self, reply: Reply) -> None:
        """Answer it (a dead one does not mind)."""
        assert self._pipe is not None
        with contextlib.suppress(ConnectionError):
            self._pipe.send(reply)

    def kill(self) -> list[Ask]:
        """``kill -9``. Gives the requests that had left before."""
        assert self.pid is not None
        os.kill(self.pid, signal.SIGKILL)
        self._reap()
        left: list[Ask] = []
        with contextlib.suppress(EOFError, OSError):
            while (ask := self.hear(0)) is not None:
                left.append(ask)
        self._forget()
        return left

    def ended(self) -> int:
        """Wait for its own end; gives the exit status."""
        status = self._reap()
        self._forget()
        return status

    def resident_bytes(self) -> int:
        """Its resident memory."""
        pages = Path(f"/proc/{self.pid}/statm").read_text().split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE")

    def _reap(self) -> int:
        self._control.send(b"reap")
        status = int(self._control.recv(BUFFER))
        self.pid = None
        return status

    def _forget(self) -> None:
        if self._pipe is not None:
            self._pipe.close()
            self._pipe = None
