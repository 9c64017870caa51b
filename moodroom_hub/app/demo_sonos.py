"""The demo's two Sonos speakers, and who lives with them: people who skip, group and turn the volume, gently."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from importlib.util import find_spec
from random import Random
from typing import Any

from moodroom_hub.app.resident import Resident
from moodroom_hub.core.clock import Clock
from moodroom_hub.core.face import HubFace
from moodroom_hub.domain.models import RoomSlug, ZoneName
from moodroom_hub.simulator.catalogue import demo_items
from moodroom_hub.simulator.catalogue.stations import station_items
from moodroom_hub.simulator.sonos.deeds import Deed
from moodroom_hub.simulator.sonos.home import SimulatedSonos
from moodroom_hub.simulator.sonos.household import Household

MINUTE_MS = 60_000
SPEAKERS = ("Kitchen", "Living Room")
ZONE, ROOM = ZoneName("kitchen"), RoomSlug("house")
MISSING = "SoCo is not installed (pip install 'moodroom-hub[sonos]')"
NO_NIGHT = 10**9
"""Minutes until bed: whoever looks at a demo at midnight wants to hear something."""
LOOK_AGAIN_MS = 500
GENTLE = {Deed.SKIP: 8, Deed.PAUSE: 2, Deed.GROUP: 3, Deed.UNGROUP: 3, Deed.VOLUME: 3}


def what_is_missing() -> str | None:
    """Why there can be no speakers; ``None``: there can."""
    return None if find_spec("soco") is not None else MISSING


@asynccontextmanager
async def speakers(seed: int, speed: float, now_ms: Callable[[], int]) -> AsyncIterator[SimulatedSonos | None]:
    """A household of two rooms on ports of this machine; none where SoCo is missing."""
    if what_is_missing() is not None:
        yield None
        return
    items = [*demo_items(), *station_items()]
    async with SimulatedSonos(seed, players=SPEAKERS, now_ms=now_ms, speed=speed, items=items) as sonos:
        people = Household(seed, weights=GENTLE, every_ms=(2 * MINUTE_MS, 9 * MINUTE_MS), bed=NO_NIGHT, rise=0)
        people.attach(sonos.world)
        yield sonos


def section(sonos: SimulatedSonos | None) -> dict[str, Any]:
    """``plugins.sonos`` of the demo's configuration."""
    if sonos is None:
        return {}
    return {"addresses": [f"{host}:{port}" for host, port in sonos.addresses]}


async def live(hub: HubFace, clock: Clock, seed: int) -> None:
    """Keep a room on in the kitchen, as soon as the hub has found it. For ever."""
    while ZONE not in hub.zones:
        await clock.sleep_ms(LOOK_AGAIN_MS)
    resident = Resident(hub, clock, Random(f"kitchen:{seed}"), ZONE)  # noqa: S311 -- music, no secret
    await resident.come_home(ROOM)
    await resident.live()
