"""The plugin in a simulated household without sockets, in virtual time: nothing depends on how busy a machine is."""

import asyncio
import functools
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random
from typing import Any, ClassVar, ParamSpec

from multidict import CIMultiDict

from moodroom_hub.core.clock import LoopClock
from moodroom_hub.core.config import load_config
from moodroom_hub.core.context import PluginContext
from moodroom_hub.core.events import Event
from moodroom_hub.core.hookspecs import hookimpl
from moodroom_hub.core.hub import Hub
from moodroom_hub.domain.models import DurationMs, EpochMs, PoolEntry, RoomSlug, Tier, Track, Uri
from moodroom_hub.plugins.sonos import Plugin as SonosPlugin
from moodroom_hub.plugins.sonos.config import SonosConfig
from moodroom_hub.plugins.sonos.posting import NoAnswer, NotSent
from moodroom_hub.plugins.sonos.wiring import Ways
from moodroom_hub.simulator.home import EPOCH_MS
from moodroom_hub.simulator.sonos.events import Notice
from moodroom_hub.simulator.sonos.home import SimulatedSonos
from moodroom_hub.simulator.sonos.session import SonosSettings
from moodroom_hub.simulator.virtual_time import run_virtual
from tests.plugins.sonos.lab import SONGS, Lab, config_for

GivenT = ParamSpec("GivenT")

ROOM = RoomSlug("late-night")
POLICIES = ("moodroom_hub.plugins.sampling", "moodroom_hub.plugins.demotion", "moodroom_hub.plugins.top_up")


def in_virtual_time(test: Callable[GivenT, Coroutine[Any, Any, None]]) -> Callable[GivenT, None]:
    """The whole test runs in a loop whose clock jumps."""

    @functools.wraps(test)
    def run(*arguments: GivenT.args, **named: GivenT.kwargs) -> None:
        run_virtual(lambda: test(*arguments, **named))

    return run


class Wire:
    """The plugin's way to the players, and theirs to the plugin; ``events`` is what the hub told it."""

    def __init__(self, sonos: SimulatedSonos) -> None:
        self._requests = sonos.requests
        self._tasks: set[asyncio.Task[Any]] = set()
        self.plugin: Plugin | None = None
        self.events: list[Event] = []
        self.ways = Ways(self._post, None, lambda timeout_s: sonos.client_session(), asyncio.get_running_loop().time)
        sonos.on_notice = self._notify

    async def close(self) -> None:
        """What was told has been heard."""
        await asyncio.gather(*self._tasks)

    def _post(
        self, host: str, port: int, method: str, path: str, headers: dict[str, str], body: bytes, timeout_s: float
    ) -> tuple[int, str]:
        try:
            return self._requests.exchange(host, port, method, path, headers, body, timeout_s)
        except ConnectionRefusedError as error:
            raise NotSent from error
        except TimeoutError as error:
            raise NoAnswer from error

    def _notify(self, notice: Notice) -> None:
        if self.plugin is not None:
            task = asyncio.get_running_loop().create_task(self.plugin.hear(notice))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)


class _Request:
    """A notice, shaped as the plugin's listener is handed it."""

    remote = "127.0.0.1"

    def __init__(self, notice: Notice) -> None:
        self.headers = CIMultiDict(notice.headers)
        self.text = notice.text


class Plugin(SonosPlugin):
    """``sonos`` in every respect but the sockets."""

    wire: ClassVar[Wire]

    def __init__(self, context: PluginContext[SonosConfig]) -> None:
        super().__init__(context)
        type(self).ways = self.wire.ways
        self.wire.plugin = self

    @hookimpl
    async def on_event(self, event: Event) -> None:
        """Keep it."""
        self.wire.events.append(event)

    async def hear(self, notice: Notice) -> None:
        """A speaker tells something."""
        events = None if self._made is None else self._made.events
        if events is not None:
            request: Any = _Request(notice)
            await events._heard(request)


@asynccontextmanager
async def household(
    players: Sequence[Any] = (), settings: SonosSettings | None = None
) -> AsyncIterator[SimulatedSonos]:
    """A silent household, to which the next plugin that is made leads."""
    given: dict[str, Any] = {"players": players} if players else {}
    async with SimulatedSonos(serve=False, items=SONGS, settings=settings, **given) as sonos:
        Plugin.wire = Wire(sonos)
        try:
            yield sonos
        finally:
            await Plugin.wire.close()


@asynccontextmanager
async def virtual_lab(
    folder: Path, *, players: Sequence[Any] = (), settings: SonosSettings | None = None, **config: Any
) -> AsyncIterator[tuple[SimulatedSonos, Lab]]:
    """A household and the plugin in it, found and well."""
    async with household(players, settings) as sonos:
        here = Lab(folder, config_for(sonos, **config), LoopClock(EpochMs(EPOCH_MS)), make=Plugin, step_s=0.1)
        await here.start()
        try:
            await here.until(lambda: len(here.zones) == len(sonos.addresses) and here.parts.keeper.has_answer)
            yield sonos, here
        finally:
            await here.stop()


@asynccontextmanager
async def virtual_hub(folder: Path, sonos: SimulatedSonos, **config: Any) -> AsyncIterator[Hub]:
    """A whole hub, whose only player is the household; its one room draws from the household's songs."""
    first = "{}:{}".format(*sonos.addresses[0])
    section = ", ".join(f"{key}: {value}" for key, value in {"event_host": "127.0.0.1", **config}.items())
    path = folder / "config.yaml"
    path.write_text(
        f"hub: {{data_dir: {folder / 'data'}}}\nplugins: {{sonos: {{addresses: ['{first}'], {section}}}}}\n",
        encoding="utf-8",
    )
    hub = Hub(
        load_config(path, {}),
        clock=LoopClock(EpochMs(EPOCH_MS)),
        rng=Random(1),
        builtins=(*POLICIES, "tests.plugins.sonos.sonos"),
        with_foreign=False,
    )
    async with hub:
        pool = [
            PoolEntry(Track(Uri(song.uri), song.name, song.artists, DurationMs(song.duration_ms)), Tier.CONFIRMED)
            for song in SONGS
        ]
        await hub.pools.put_base(ROOM, pool, replace_all=True)
        yield hub
