"""The plugin in a simulated household, over real sockets and the real SoCo."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, cast

from moodroom_hub.core.clock import Clock, SystemClock
from moodroom_hub.core.config.models import Settings
from moodroom_hub.core.context import PluginContext, PolicyFace
from moodroom_hub.core.errors import Trouble
from moodroom_hub.core.events import Completed, Skipped
from moodroom_hub.core.face import HubFace, PluginStatus
from moodroom_hub.core.ports import Check, ZonePorts
from moodroom_hub.domain.models import PlaybackSnapshot, Receipt, ZoneName
from moodroom_hub.plugins.sonos import Plugin
from moodroom_hub.plugins.sonos.config import SonosConfig
from moodroom_hub.plugins.sonos.wiring import Parts
from moodroom_hub.simulator.items import Item, uri_of
from moodroom_hub.simulator.sonos.home import SimulatedSonos

SONGS = [Item(uri_of(f"Song {n}", "Band"), f"Song {n}", ("Band",), 240_000, album="Album") for n in range(16)]
URIS = [song.uri for song in SONGS]


@dataclass
class Policy:
    """Hears of moves. ``fault(zone)``: what goes wrong with a move from there."""

    fault: Callable[[str], Trouble | None] = lambda zone: None
    moved: list[tuple[str, str]] = field(default_factory=list)
    wanted: list[str] = field(default_factory=list)

    async def learn(self, event: Skipped | Completed) -> Receipt | None:
        raise AssertionError(event)

    async def top_up(self, zone: ZoneName) -> None:
        raise AssertionError(zone)

    async def move(self, zone: ZoneName, to: ZoneName) -> None:
        await asyncio.sleep(0)
        if (trouble := self.fault(zone)) is not None:
            raise trouble
        self.moved.append((zone, to))

    def look_soon(self, zone: ZoneName) -> None:
        self.wanted.append(zone)


@dataclass
class Lab:
    """The plugin, as the core would hold it."""

    folder: Path
    config: SonosConfig
    clock: Clock
    make: Callable[[PluginContext[SonosConfig]], Plugin] = Plugin
    step_s: float = 0.01
    policy: Policy = field(default_factory=Policy)
    zones: dict[str, ZonePorts] = field(default_factory=dict)
    statuses: list[tuple[PluginStatus, str]] = field(default_factory=list)
    loops: list[asyncio.Task[None]] = field(default_factory=list)
    plugin: Plugin | None = None

    @property
    def parts(self) -> Parts:
        """What the plugin is made of."""
        assert self.plugin is not None
        parts = self.plugin._parts()  # what it is made of is what these tests measure
        assert parts is not None
        return parts

    async def start(self) -> None:
        """As the core does it."""
        self.plugin = self.make(self._context())
        for ports in self.plugin.register_zones():
            self.zones[ports.zone] = ports
        await self.plugin.start()

    async def stop(self) -> None:
        """As the core does it: loops first."""
        for loop in self.loops:
            loop.cancel()
        for outcome in await asyncio.gather(*self.loops, return_exceptions=True):
            assert isinstance(outcome, asyncio.CancelledError), outcome
        self.loops.clear()
        if self.plugin is not None:
            await self.plugin.stop()

    async def look(self, zone: str) -> PlaybackSnapshot:
        """What the zone's source shows."""
        return await self.zones[zone].source.look()

    async def name(self, zone: str) -> str | None:
        """The track that the zone shows."""
        try:
            track = (await self.look(zone)).track
        except Trouble:
            return None
        return None if track is None else track.name

    async def plugin_checks(self) -> Sequence[Check]:
        """What the plugin says of itself."""
        assert self.plugin is not None
        return await self.plugin.check()

    async def until(self, is_so: Callable[[], bool | Awaitable[bool]], patience_s: float = 60.0) -> None:
        """Wait for it; the patience is for machines that do much else."""
        async with asyncio.timeout(patience_s):
            while True:
                answer = is_so()
                if answer if isinstance(answer, bool) else await answer:
                    return
                await asyncio.sleep(self.step_s)

    def _context(self) -> PluginContext[SonosConfig]:
        async def add_zone(ports: ZonePorts) -> None:
            if ports.zone in self.zones:
                raise ValueError(ports.zone)
            self.zones[ports.zone] = ports

        async def publish(make: Callable[[int], Any]) -> None:
            raise AssertionError(make)

        def spawn(name: str, work: Callable[[], Awaitable[None]]) -> None:
            async def run() -> None:
                await work()

            self.loops.append(asyncio.create_task(run(), name=name))

        return PluginContext(
            name="sonos",
            config=self.config,
            settings=Settings(),
            data_dir=self.folder,
            clock=self.clock,
            rng=Random(1),
            hub=cast(HubFace, None),
            policy=cast(PolicyFace, self.policy),
            spawn=spawn,
            set_status=lambda status, reason: self.statuses.append((status, reason)),
            publish=publish,
            add_zone=add_zone,
        )


def config_for(sonos: SimulatedSonos, *, first: int = 1, **more: Any) -> SonosConfig:
    """A configuration that names the first players of a household."""
    addresses = tuple(f"{host}:{port}" for host, port in sonos.addresses[:first])
    return SonosConfig.model_validate({"addresses": addresses, "event_host": "127.0.0.1", **more})


@asynccontextmanager
async def lab(
    folder: Path, *, speed: float = 20.0, players: Sequence[Any] = (), **config: Any
) -> AsyncIterator[tuple[SimulatedSonos, Lab]]:
    """A household and the plugin in it, found and well."""
    given: dict[str, Any] = {"players": players} if players else {}
    async with SimulatedSonos(speed=speed, items=SONGS, **given) as sonos:
        here = Lab(folder, config_for(sonos, **config), SystemClock(speed))
        await here.start()
        try:
            await here.until(lambda: len(here.zones) == len(sonos.addresses) and here.parts.keeper.has_answer)
            yield sonos, here
        finally:
            await here.stop()
