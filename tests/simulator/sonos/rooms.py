"""A household with a hand-turned clock, and the real SoCo on a thread beside the loop."""

import asyncio
import gc
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import requests
import soco
from soco.core import soco_reset
from soco.exceptions import SoCoUPnPException

from moodroom_hub.simulator.items import Item
from moodroom_hub.simulator.sonos.home import SimulatedSonos
from moodroom_hub.simulator.sonos.players import PlayerSpec
from moodroom_hub.simulator.sonos.session import SonosSettings
from moodroom_hub.simulator.sonos.world import SonosWorld
from tests.simulator.homes import SONGS, HandClock

ROOMS = (
    PlayerSpec("Kitchen"),
    PlayerSpec("Den", "Sonos Beam", is_soundbar=True, satellites=2),
    PlayerSpec("Office & Co <1>", has_line_in=True),
)
NO_LOAD = SonosSettings(load_ms=0)
ResultT = TypeVar("ResultT")


def spinstack(duration_ms: int | None) -> int | None:
    """The default profile: half, at least 30 s; shorter tracks never."""
    if duration_ms is None:
        return 30_000
    return None if duration_ms < 30_000 else max(duration_ms // 2, 30_000)


def small_household(clock: HandClock, items: tuple[Item, ...] = SONGS, **more: Any) -> SonosWorld:
    """Three rooms and the testers' songs, without any waiting for a track to load."""
    return SonosWorld(clock, ROOMS, items, **({"settings": NO_LOAD} | more))


def refusal(call: Callable[..., object], *arguments: Any) -> str:
    """The UPnP code that a call is refused with, else the name of its error; its sockets go with the error."""
    try:
        call(*arguments)
    except SoCoUPnPException as error:
        return str(error.error_code)
    except requests.exceptions.RequestException as error:
        return type(error).__name__
    return ""


class Speakers:
    """The real SoCo at a simulated household. ``run`` calls it on a thread of its own."""

    def __init__(self, sonos: SimulatedSonos, clock: HandClock) -> None:
        self.sonos = sonos
        self.clock = clock
        self._threads = ThreadPoolExecutor(1)

    def soco(self, name: str) -> Any:
        """One player, by the room's name."""
        return soco.SoCo(*self.sonos.player(name).address)

    async def run(self, call: Callable[..., ResultT], *arguments: Any) -> ResultT:
        """Call it, away from the loop."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, call, *arguments)

    def forget(self) -> None:
        """SoCo remembers the groups for 5 s; here they change at once."""
        for state in soco.SoCo.zone_group_states.values():
            state.clear_cache()

    def close(self) -> None:
        """Nothing of SoCo's memory is left."""
        self._threads.shutdown()
        soco_reset()
        soco.SoCo.zone_group_states.clear()
        gc.collect()  # an error of SoCo's share links holds itself, and the socket of its answer


@asynccontextmanager
async def speakers(**more: Any) -> AsyncIterator[Speakers]:
    """A household behind real sockets, and SoCo at it."""
    clock = HandClock()
    facts: dict[str, Any] = {"players": ROOMS, "now_ms": clock, "items": SONGS, "settings": NO_LOAD}
    async with SimulatedSonos(1, **(facts | more)) as sonos:
        here = Speakers(sonos, clock)
        try:
            yield here
        finally:
            here.close()
