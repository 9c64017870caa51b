"""A simulated Sonos household on ports, served from a thread of its own: for tests that block, or start processes."""

import asyncio
import threading
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from moodroom_hub.simulator.items import Item
from moodroom_hub.simulator.sonos.home import SimulatedSonos
from moodroom_hub.simulator.sonos.players import PlayerSpec
from moodroom_hub.simulator.sonos.world import SonosWorld

PATIENCE_S = 20.0


class SonosThread:
    """A context manager. ``world`` may be used from any thread."""

    def __init__(self, items: Sequence[Item], players: Sequence[PlayerSpec | str] = ("Kitchen", "Living Room")) -> None:
        self._items = items
        self._players = players
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._live()), name="simulated Sonos")
        self._loop: asyncio.AbstractEventLoop
        self._ending: asyncio.Event
        self.sonos: SimulatedSonos

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(PATIENCE_S)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._ending.set)
        self._thread.join(PATIENCE_S)

    @property
    def world(self) -> SonosWorld:
        """What really is."""
        return self.sonos.world

    @property
    def addresses(self) -> list[str]:
        """Where the players answer."""
        return [f"{host}:{port}" for host, port in self.sonos.addresses]

    def queue(self, room: str) -> list[str]:
        """The uris in the queue of the room's group."""
        with self.world.looked_at():
            return [entry.track.recording.uri for entry in self.world.coordinator_of(room).deck.queue]

    def playing(self, room: str) -> str | None:
        """The uri that really sounds there."""
        with self.world.looked_at():
            deck = self.world.coordinator_of(room).deck
            return deck.track.recording.uri if deck.track is not None and deck.is_running else None

    def settle(self) -> None:
        """Open and close ports as the world is."""
        asyncio.run_coroutine_threadsafe(self.sonos.settle(), self._loop).result(PATIENCE_S)

    async def _live(self) -> None:
        self._loop, self._ending = asyncio.get_running_loop(), asyncio.Event()
        async with SimulatedSonos(players=self._players, items=self._items) as sonos:
            self.sonos = sonos
            self._ready.set()
            await self._ending.wait()
