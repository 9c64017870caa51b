"""The eyes: what plays now."""

import logging
from collections.abc import Awaitable, Callable

from moodroom_hub.core.clock import Clock
from moodroom_hub.domain.models import Device, DurationMs, EpochMs, PlaybackSnapshot, Playing, ZoneName
from moodroom_hub.plugins.spotify import parsers
from moodroom_hub.plugins.spotify.budget import Priority
from moodroom_hub.plugins.spotify.client import SpotifyClient
from moodroom_hub.plugins.spotify.failures import SpotifyTrouble

logger = logging.getLogger(__name__)


class SpotifySource:
    """Looks at ``GET /me/player``. ``on_device`` hears which device was seen with it."""

    def __init__(
        self, client: SpotifyClient, clock: Clock, zone: ZoneName, on_device: Callable[[Device], Awaitable[None]]
    ) -> None:
        self._client = client
        self._clock = clock
        self._zone = zone
        self._on_device = on_device

    async def look(self) -> PlaybackSnapshot:
        """Look once. Raises ``Trouble``."""
        return await self.look_with(Priority.POLL)

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
