"""Who lives in the demo's home and flicks its switches: the rooms, as a person at the page would.

What is heard and skipped is the simulator's listener's affair; this one only chooses rooms.
"""

import logging
from random import Random

from moodroom_hub.core.clock import Clock
from moodroom_hub.core.errors import MoodroomError
from moodroom_hub.core.face import HubFace
from moodroom_hub.domain.models import RoomSlug, ZoneName

log = logging.getLogger(__name__)

FIRST_ROOM = RoomSlug("late-night")
LOOK_MS = 20_000
PATIENCE_MS = 150_000
"""So long the resident lets other music play before a room is wanted again."""
STAY_MS = (20 * 60_000, 50 * 60_000)


class Resident:
    """Keeps a room on in one zone (``None``: the default one). Times are the demo's own."""

    def __init__(self, hub: HubFace, clock: Clock, rng: Random, zone: ZoneName | None = None) -> None:
        self._hub = hub
        self._zone = zone
        self._clock = clock
        self._rng = rng
        self._away_since_ms: int | None = None
        self._leaves_at_ms = 0

    async def come_home(self, first: RoomSlug = FIRST_ROOM) -> None:
        """Switch the first room on."""
        await self._switch_on(first)

    async def live(self) -> None:
        """Change rooms now and then, come back after other music. For ever."""
        while True:
            await self._clock.sleep_ms(LOOK_MS)
            now_ms = self._clock.now_ms()
            if not await self._is_away():
                self._away_since_ms = None
                if now_ms >= self._leaves_at_ms:
                    await self._switch_on(self._another())
            elif self._away_since_ms is None:
                self._away_since_ms = now_ms
            elif now_ms - self._away_since_ms >= PATIENCE_MS:
                self._away_since_ms = None
                await self._switch_on(self._another())

    async def _is_away(self) -> bool:
        state = await self._hub.state(self._zone)
        return state.active_room is None or any(trouble.code == "takeover" for trouble in state.troubles)

    def _another(self) -> RoomSlug:
        return self._rng.choice(list(self._hub.rooms))

    async def _switch_on(self, room: RoomSlug) -> None:
        self._leaves_at_ms = self._clock.now_ms() + self._rng.randint(*STAY_MS)
        try:
            await self._hub.activate(room, self._zone)
        except MoodroomError as error:
            log.info("%s could not be switched on: %s", room, error)

    async def read_library(self) -> None:
        """Let the hub read the liked songs."""
        try:
            await self._hub.sync_library()
        except MoodroomError as error:
            log.info("the liked songs could not be read: %s", error)
