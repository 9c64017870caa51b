"""What the owner likes, as far as stations ask: whose songs, and which."""

import logging
from collections.abc import Callable, Collection, Iterable
from itertools import islice
from typing import Final

from moodroom_hub.core.clock import Clock
from moodroom_hub.core.errors import Trouble
from moodroom_hub.core.face import HubFace
from moodroom_hub.core.sorting import Material
from moodroom_hub.domain.models import EpochMs, Track
from moodroom_hub.domain.stations.choosing import keys_of
from moodroom_hub.plugins.radio.names import artist_key

log = logging.getLogger(__name__)

FRESH_MS: Final = 86_400_000


class Known:
    """The owner's liked songs, read once a day where somebody asks. ``version`` grows with every reading."""

    def __init__(self, hub: Callable[[], HubFace], clock: Clock) -> None:
        self._hub = hub
        self._clock = clock
        self._read_at_ms: EpochMs | None = None
        self.artists: Collection[str] = frozenset()
        self.songs: Collection[str] = frozenset()
        self.version = 0

    async def ready(self) -> None:
        """Read what is older than a day; where the database is away, what was read last stays."""
        now_ms = self._clock.now_ms()
        if self._read_at_ms is None or not 0 <= now_ms - self._read_at_ms < FRESH_MS:
            self._read_at_ms = now_ms  # whoever comes meanwhile does without
            try:
                self.take(await self._hub().sorting.material())
            except Trouble as trouble:
                log.info("stations do without the liked songs for now: %s", trouble)

    def take(self, material: Material) -> None:
        """This is how it is now."""
        self._read_at_ms = self._clock.now_ms()
        artists = frozenset(artist_key(name) for track in material.liked for name in islice(track.artists, 1))
        songs = frozenset(song_keys(material.liked))
        if artists != self.artists or songs != self.songs:
            self.artists, self.songs = artists, songs
            self.version += 1


def song_keys(tracks: Iterable[Track]) -> Iterable[str]:
    """Every key by which one of these may be met again."""
    return (key for track in tracks for key in keys_of(track))
