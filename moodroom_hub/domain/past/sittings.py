"""Which songs were heard in one go: what the owner's own choice put together."""

from moodroom_hub.domain.mining.models import TrackList
from moodroom_hub.domain.past.plays import PastPlay

GAP_MS = 30 * 60_000
"""A longer silence ends a sitting."""
HEARD_MS = 30_000
FEWEST_TRACKS = 3
LONGEST = 500
"""Songs; a radio that was left on is several sittings."""


class Sittings:
    """Takes plays from the newest to the oldest; ``found`` are the sittings, newest first, each in the order of time.

    Songs heard for less than ``HEARD_MS`` are left out, and each song stands in a sitting once.
    """

    def __init__(self) -> None:
        self.found: list[TrackList] = []
        self._items: dict[tuple[str, str], None] = {}
        self._begun_ms: int | None = None

    def take(self, play: PastPlay) -> None:
        """One more play, not newer than the last."""
        if play.heard_ms < HEARD_MS:
            return
        is_apart = self._begun_ms is not None and self._begun_ms - play.ended_at_ms > GAP_MS
        if is_apart or len(self._items) >= LONGEST:
            self.finish()
        self._items[(play.name, play.artist)] = None
        self._begun_ms = play.ended_at_ms - play.heard_ms

    def finish(self) -> None:
        """There is nothing older: the sitting that is open is whole."""
        if len(self._items) >= FEWEST_TRACKS:
            self.found.append(TrackList("", tuple(self._items)[::-1]))
        self._items.clear()
        self._begun_ms = None
