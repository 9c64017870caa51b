"""The real Spotify plugin, whose requests leave the process through a pipe instead of a socket."""

import os
import threading
from collections.abc import Callable, Mapping
from multiprocessing.connection import Connection
from typing import Any, ClassVar, cast

import requests

from benchmarks.killing.messages import Ask, Order, Reply
from moodroom_hub.plugins.spotify import Plugin as SpotifyPlugin
from moodroom_hub.plugins.spotify.session import SessionFactory
from moodroom_hub.simulator.faults import FaultPlan
from moodroom_hub.simulator.spotify_api import FakeSpotify
from moodroom_hub.simulator.spotify_api.answers import Answer
from moodroom_hub.simulator.transport import InProcessAdapter
from moodroom_hub.simulator.virtual_time import VirtualTimeLoop


class Line:
    """The pipe to the house; stands where ``InProcessAdapter`` expects a ``FakeSpotify``.

    ``waiting`` tells how many changes wait for the database, ``obey`` is called in the loop with what people ask.
    """

    def __init__(
        self, connection: Connection, loop: VirtualTimeLoop, epoch_ms: int, faults: FaultPlan, notes: list[str]
    ) -> None:
        self._connection = connection
        self.loop = loop
        self._epoch_ms = epoch_ms
        self._faults = faults
        self._turn = threading.Lock()
        self.notes = notes
        self.waiting: Callable[[], int] = lambda: 0
        self.obey: Callable[[Order], None] = lambda _: None

    def round_trip_ms(self) -> tuple[float, float]:
        """World time on the way there and back."""
        with self._turn:
            return self._faults.round_trip_ms()

    def handle(
        self,
        method: str,
        path: str,
        query: Mapping[str, str],
        headers: Mapping[str, str],
        body: bytes = b"",
        way_back_ms: float = 0.0,
    ) -> Answer:
        """Ask the house, from a worker thread; the hub's clock stands still meanwhile."""
        with self._turn:
            notes = tuple(self.notes)
            del self.notes[: len(notes)]
            now_ms = round(self._epoch_ms + self.loop.time() * 1000)
            ask = Ask(now_ms, method, path, query, dict(headers), body, way_back_ms, self.waiting(), notes)
            try:
                self._connection.send(ask)
                reply = self._connection.recv()
            except (EOFError, ConnectionError):
                os._exit(1)  # the house is gone: nobody is left to live for
        assert isinstance(reply, Reply)
        for order in reply.orders:
            self.loop.call_soon_threadsafe(self.obey, order)
        return reply.answer


_lines: list[Line] = []


def connect(line: Line) -> None:
    """Sessions made from now on speak through this line."""
    _lines[:] = [line]


def _session() -> requests.Session:
    session = requests.Session()
    line = _lines[-1]
    # The adapter asks no more of a FakeSpotify than the two methods that a line has.
    fake = cast("FakeSpotify", cast("Any", line))
    session.mount("https://", InProcessAdapter(fake, line.loop.sleep_from_thread))
    return session


class Plugin(SpotifyPlugin):
    """As it is, but for where its requests go."""

    session_factory: ClassVar[SessionFactory | None] = staticmethod(_session)
