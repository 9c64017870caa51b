"""The hub's real Sonos plugin with the real SoCo, whose requests lead into the simulated household of this process."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar

from multidict import CIMultiDict

from moodroom_hub.core.context import PluginContext
from moodroom_hub.plugins.sonos import Plugin as SonosPlugin
from moodroom_hub.plugins.sonos import client, looking
from moodroom_hub.plugins.sonos.config import SonosConfig
from moodroom_hub.plugins.sonos.places import Address
from moodroom_hub.plugins.sonos.posting import NoAnswer, NotSent
from moodroom_hub.plugins.sonos.wiring import Ways
from moodroom_hub.simulator.sonos.events import Notice
from moodroom_hub.simulator.sonos.home import SimulatedSonos
from moodroom_hub.simulator.sonos.players import Reach

SEARCH_S = 1.5


class Wire:
    """One hub's way to the speakers; once ``cut``, nothing comes through, as when the process is gone."""

    def __init__(self, sonos: SimulatedSonos) -> None:
        self._sonos = sonos
        self._tasks: set[asyncio.Task[Any]] = set()
        self.is_cut = False
        self.requests = 0
        self.plugin: Plugin | None = None
        self.ways = Ways(self._post, self._search, lambda timeout_s: _Session(self, sonos))
        sonos.on_notice = self._notify

    def cut(self) -> None:
        """The process is dead."""
        self.is_cut = True

    def _post(
        self, host: str, port: int, method: str, path: str, headers: dict[str, str], body: bytes, timeout_s: float
    ) -> tuple[int, str]:
        if self.is_cut:
            raise NotSent
        self.requests += 1
        try:
            return self._sonos.requests.exchange(host, port, method, path, headers, body, timeout_s)
        except ConnectionRefusedError as error:
            raise NotSent from error
        except TimeoutError as error:
            raise NoAnswer from error

    async def _search(self) -> Sequence[Address]:
        """Who answers a search of the network."""
        await asyncio.sleep(SEARCH_S)
        players = self._sonos.world.players.values()
        return [] if self.is_cut else [Address(*player.address) for player in players if player.reach is Reach.ANSWERS]

    def _notify(self, notice: Notice) -> None:
        if self.is_cut or self.plugin is None:
            return
        task = asyncio.get_running_loop().create_task(self.plugin.hear(notice))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


class _Session:
    def __init__(self, wire: Wire, sonos: SimulatedSonos) -> None:
        self._wire = wire
        self._session = sonos.client_session()

    async def request(self, *arguments: Any, **named: Any) -> Any:
        """As a client session; a dead process asks nothing."""
        if self._wire.is_cut:
            raise ConnectionError
        return await self._session.request(*arguments, **named)

    async def close(self) -> None:
        """Nothing to close."""


class _Request:
    """A notice, as the plugin's listener is handed it."""

    def __init__(self, notice: Notice) -> None:
        self._notice = notice
        self.headers = CIMultiDict(notice.headers)
        self.remote = "127.0.0.1"

    async def text(self) -> str:
        """The body."""
        return await self._notice.text()


_wires: list[Wire] = []


def lead_to(wire: Wire) -> None:
    """The plugin that is made next goes this way."""
    _wires[:] = [wire]


class Plugin(SonosPlugin):
    """``sonos``, in every respect but the sockets."""

    ways: ClassVar[Ways | None] = None

    def __init__(self, context: PluginContext[SonosConfig]) -> None:
        super().__init__(context)
        wire = _wires[0]
        wire.plugin = self
        type(self).ways = wire.ways

    async def hear(self, notice: Notice) -> None:
        """A speaker tells something."""
        events = None if self._made is None else self._made.events
        if events is not None:
            request: Any = _Request(notice)
            await events._heard(request)  # what the listening socket calls


class _LoopTime:
    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.monotonic = loop.time


@contextmanager
def threads_know_the_time(loop: asyncio.AbstractEventLoop) -> Iterator[None]:
    """Within it, the plugin's threads read the loop's (virtual) time."""
    modules = (client, looking)
    for module in modules:
        module.__dict__["time"] = _LoopTime(loop)
    try:
        yield
    finally:
        for module in modules:
            module.__dict__["time"] = time
