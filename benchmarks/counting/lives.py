"""The hub's lives in a household: it runs, is killed as ``kill -9`` would, and runs again over the files left behind.

A kill takes the files as they lie at that moment, in one go, and cuts the hub's wire to the speakers; the former hub
then goes on into nothing until it is put away. SQLite's files are taken while no write is under way: in the middle of a
commit they would be worth what they were before it or after it (``benchmarks/durability.py`` proves that with power cut
in real processes), and both of these moments are struck, at commits that hold a play as well.
"""

import asyncio
import logging
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from random import Random

from benchmarks.counting import sonos as wires
from benchmarks.counting.houses import House, Kill
from benchmarks.counting.sonos import Wire
from moodroom_hub.core import hub as hub_module
from moodroom_hub.core.clock import LoopClock
from moodroom_hub.core.config import load_config
from moodroom_hub.core.hub import Hub
from moodroom_hub.core.store import Change, Store
from moodroom_hub.domain.models import EpochMs
from moodroom_hub.domain.plays.models import Play
from moodroom_hub.simulator.sonos.home import SimulatedSonos

BUILTINS = ("benchmarks.counting.sonos",)
PATIENCE_MS = 600_000
"""A kill at a commit comes at this moment at the latest, commit or no commit."""
TAIL_MS = 25_000
"""So long the hub looks on after all music has ended: shorter than anything new would need to count."""
CUSTOM = "{profile: custom, share: 0.9, at_least: 20s, at_most: 10m, without_length: 90s}"


class MortalStore(Store):
    """Lets somebody in before and after each commit, while nothing else is written."""

    moment: "Doom | None" = None

    async def commit(self, change: Change) -> None:
        """As always, between two chances to die."""
        doom = MortalStore.moment
        if doom is None:
            await super().commit(change)
            return
        async with doom.gate:
            doom.strike("before", change)
            await super().commit(change)
            doom.strike("after", change)


class Doom:
    """What a hub's end waits for."""

    def __init__(self, folder: Path, to: Path, wire: Wire) -> None:
        self.gate = asyncio.Lock()
        self.has_struck = asyncio.Event()
        self._folder, self._to, self._wire = folder, to, wire
        self._armed = ""

    def arm(self, moment: str) -> None:
        """Strike at the next such commit."""
        self._armed = moment

    def strike(self, moment: str, change: Change) -> None:
        """A commit is about to be, or was."""
        place, _, what = self._armed.partition(" ")
        if place == moment and (not what or change.plays):
            self._die()

    async def strike_now(self) -> None:
        """At once, unless it has happened."""
        async with self.gate:
            self._die()

    def _die(self) -> None:
        if self.has_struck.is_set():
            return
        self._armed = ""
        self._wire.cut()
        shutil.copytree(self._folder, self._to)
        (self._to / "data" / "hub.lock").unlink(missing_ok=True)
        self.has_struck.set()


class Lives:
    """One hub after the other. ``down`` are the times, in epoch ms, in which none looked."""

    def __init__(self, house: House, sonos: SimulatedSonos, clock: LoopClock, folder: Path) -> None:
        self._house, self._sonos, self._clock, self._folder = house, sonos, clock, folder
        self._ghosts: set[asyncio.Task[None]] = set()
        self.down: list[tuple[int, int]] = []
        self.is_down = False
        self.deaths = 0
        self.requests = 0

    async def live(self, until_ms: int, at_end: Callable[[], None]) -> Sequence[Play]:
        """Until then, through all kills; every play that the last life's database holds.

        ``at_end`` lets all music end; the hub looks on for a moment.
        """
        began_ms = self._clock.now_ms()
        number = 0
        for kill in self._house.kills:
            await self._life(number, began_ms, kill)
            number += 1
            self.deaths += 1
            died_ms = self._clock.now_ms()
            self.is_down = True
            await self._clock.sleep_ms(kill.down_ms)
            self.is_down = False
            self.down.append((died_ms, self._clock.now_ms()))
        return await self._last_life(number, until_ms, at_end)

    async def put_away(self) -> None:
        """Whoever still haunts."""
        await asyncio.gather(*self._ghosts)
        await self._clock.sleep_ms(60_000)  # threads that wait for answers in virtual time come to their ends

    def _hub(self, number: int) -> tuple[Hub, Wire, Path]:
        folder = self._folder / str(number)
        folder.mkdir(exist_ok=True)
        path = folder / "config.yaml"
        path.write_text(configuration(self._house, self._sonos, folder))
        wire = Wire(self._sonos)
        wires.lead_to(wire)
        rng = Random(f"hub:{self._house.seed}:{number}")
        _stores(MortalStore)
        hub = Hub(load_config(path, {}), clock=self._clock, rng=rng, builtins=BUILTINS, with_foreign=False)
        return hub, wire, folder

    async def _life(self, number: int, began_ms: int, kill: Kill) -> None:
        hub, wire, folder = self._hub(number)
        MortalStore.moment = doom = Doom(folder, self._folder / str(number + 1), wire)
        await hub.__aenter__()
        await self._clock.sleep_ms(max(1_000, began_ms + kill.at_ms - self._clock.now_ms()))
        if kill.moment == "now":
            await doom.strike_now()
        else:
            doom.arm(kill.moment)
            with suppress(TimeoutError):
                async with asyncio.timeout(self._clock.real_seconds(PATIENCE_MS)):
                    await doom.has_struck.wait()
            await doom.strike_now()
        MortalStore.moment = None
        self.requests += wire.requests
        ghost = asyncio.create_task(self._leave(hub, folder))
        self._ghosts.add(ghost)
        ghost.add_done_callback(self._ghosts.discard)

    async def _last_life(self, number: int, until_ms: int, at_end: Callable[[], None]) -> Sequence[Play]:
        hub, wire, _ = self._hub(number)
        MortalStore.moment = None
        async with hub:
            await self._clock.sleep_ms(until_ms - self._clock.now_ms())
            at_end()
            await self._clock.sleep_ms(TAIL_MS)
            plays = await hub.store.recent_plays(EpochMs(0))
        self.requests += wire.requests
        wire.cut()
        return plays

    async def _leave(self, hub: Hub, folder: Path) -> None:
        await hub.__aexit__(None, None, None)
        shutil.rmtree(folder)


def configuration(house: House, sonos: SimulatedSonos, folder: Path) -> str:
    """What the people of the house wrote: search the network; in half of the houses two addresses as well."""
    written = sonos.addresses[: 2 * (house.number // 2 % 2)]
    addresses = ", ".join(f'"{host}:{port}"' for host, port in written)
    played = CUSTOM if house.rules == "custom" else f"{{profile: {house.rules}}}"
    events = str(house.has_events).lower()
    speakers = f"discover: true, addresses: [{addresses}], events: {events}, event_host: 127.0.0.1"
    return (
        f"hub: {{data_dir: {folder / 'data'}}}\nlistening: {{played: {played}}}\nplugins: {{sonos: {{{speakers}}}}}\n"
    )


@contextmanager
def quiet() -> Iterator[None]:
    """Faults are planned here: only errors are worth a line."""
    logger = logging.getLogger("moodroom_hub")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)
        _stores(Store)


def _stores(kind: type[Store]) -> None:
    """Hubs that are made from now on keep things in such a store."""
    setattr(hub_module, "Store", kind)  # noqa: B010 -- the hub has no other door for it
