"""The eyes: what plays now."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final

from moodroom_hub.core.clock import Clock
from moodroom_hub.domain.models import Device, DurationMs, EpochMs, PlaybackSnapshot, Playing, ZoneName
from moodroom_hub.plugins.spotify import parsers
from moodroom_hub.plugins.spotify.budget import Priority
from moodroom_hub.plugins.spotify.client import SpotifyClient
from moodroom_hub.plugins.spotify.failures import SpotifyTrouble

logger = logging.getLogger(__name__)

HURRIED_LOOKS: Final = 2
"""After a command: the first look was mostly begun before it and counts for nothing."""
HURRY_AGAIN_MS: Final = 15_000
"""Hurried looks use what is reserved for commands: so seldom that half of it stays for those."""


class SpotifySource:
    """Looks at ``GET /me/player``. ``on_device`` hears which device was seen with it."""

    def __init__(
        self, client: SpotifyClient, clock: Clock, zone: ZoneName, on_device: Callable[[Device], Awaitable[None]]
    ) -> None:
        self._client = client
        self._clock = clock
        self._zone = zone
        self._on_device = on_device
        self._owed = 0
        self._hurry_from_ms = 0
        self._hurried = asyncio.Event()

    def hurry(self) -> None:
        """Other music may sound by now: where requests are rationed, the next looks go before all but commands."""
        self._owed = HURRIED_LOOKS
        self._hurried.set()

    async def look(self) -> PlaybackSnapshot:
        """Look once. Raises ``Trouble``."""
        is_hurried = not self._client.has_room_to_look() and await self._is_hurried()
        self._owed = max(0, self._owed - 1)
        if is_hurried and self._owed == 0:
            self._hurry_from_ms = self._clock.now_ms() + HURRY_AGAIN_MS
        return await self.look_with(Priority.PLAY if is_hurried else Priority.POLL)

    async def _is_hurried(self) -> bool:
        """Wait for room, or till this look is to be hurried, whichever comes first; gives whether it is to be."""
        room = asyncio.ensure_future(self._client.room_to_look())
        hurry = asyncio.ensure_future(self._hurry())
        try:
            await asyncio.wait((room, hurry), return_when=asyncio.FIRST_COMPLETED)
            if room.done():
                room.result()  # raises where Spotify says wait
            return not room.done()
        finally:
            room.cancel()
            hurry.cancel()
            await asyncio.gather(room, hurry, return_exceptions=True)

    async def _hurry(self) -> None:
        while self._owed == 0:
            self._hurried.clear()
            await self._hurried.wait()
        await self._clock.sleep_ms(max(0, self._hurry_from_ms - self._clock.now_ms()))

    async def look_with(self, priority: Priority) -> PlaybackSnapshot:
        """Look once, as urgently as said. Raises ``Trouble``."""
        try:
            answer = await self._client.playback(priority)
        except SpotifyTrouble as trouble:
            if trouble.status == 400:  # some clients playing local files, and bursts without a known cause
                return self._unknown()
            raise
        # Spotify's own time stamp is not the time of the answer; the middle of the round trip is.
        middle_ms = EpochMs((answer.sent_ms + answer.received_ms) // 2)
        half_ms = DurationMs((answer.received_ms - answer.sent_ms + 1) // 2)
        try:
            snapshot = parsers.playback(answer.body, zone=self._zone, at_ms=middle_ms, uncertainty_ms=half_ms)
        except parsers.ParseProblem as problem:
            logger.warning("Spotify's answer on what plays cannot be read: %s", problem)
            return self._unknown()
        if snapshot.device is not None:
            await self._on_device(snapshot.device)
        return snapshot

    def _unknown(self) -> PlaybackSnapshot:
        return PlaybackSnapshot(self._zone, self._clock.now_ms(), Playing.UNKNOWN)
