"""What the house and the hub's process say to each other."""

import mmap
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from moodroom_hub.simulator.spotify_api.answers import Answer

_MOMENT = struct.Struct("<q")


@dataclass(frozen=True, slots=True)
class Birth:
    """A hub begins to live at ``start_ms`` of world time. ``folder`` holds its configuration and its log.

    ``busy_timeout_ms`` replaces the store's patience with a locked database, which is real time.
    """

    life: int
    start_ms: int
    seed: int
    folder: Path
    clock_page: Path
    busy_timeout_ms: int


@dataclass(frozen=True, slots=True)
class Order:
    """What a person asks of the hub: ``activate``, ``next``, ``undo``, ``sync`` or ``stop``."""

    name: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Ask:
    """One request to Spotify, at ``now_ms`` of the hub's clock; ``waiting`` changes wait for the database by then.

    ``notes``: what was logged or came of orders since the last one. Without a method: the last words of a hub.
    """

    now_ms: int
    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    way_back_ms: float
    waiting: int
    notes: tuple[str, ...] = ()

    @property
    def endpoint(self) -> str:
        """``POST /v1/me/player/queue``."""
        return f"{self.method} {self.path}"


@dataclass(frozen=True, slots=True)
class Reply:
    """Spotify's answer, and what people ask of the hub at this moment."""

    answer: Answer
    orders: tuple[Order, ...] = field(default=())


class ClockPage:
    """The hub's virtual time in shared memory, so that a killed hub never wakes up before its own death."""

    def __init__(self, path: Path) -> None:
        with path.open("r+b") as file:
            self._page = mmap.mmap(file.fileno(), _MOMENT.size)

    @staticmethod
    def make(path: Path) -> "ClockPage":
        """A new one."""
        path.write_bytes(bytes(_MOMENT.size))
        return ClockPage(path)

    @property
    def now_ms(self) -> int:
        """What the hub's clock showed last."""
        moment: int = _MOMENT.unpack_from(self._page)[0]
        return moment

    def show(self, now_ms: int) -> None:
        """The hub's clock moved."""
        _MOMENT.pack_into(self._page, 0, now_ms)

    def close(self) -> None:
        """Let go of the memory."""
        self._page.close()
