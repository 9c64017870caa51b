"""How the plays fare on their way to other services, for the one line on the main page; asked for seldom."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from moodroom_hub.core.clock import Clock
from moodroom_hub.core.errors import Trouble
from moodroom_hub.core.face import HubFace
from moodroom_hub.core.played import PlaySearch
from moodroom_hub.domain.models import EpochMs
from moodroom_hub.domain.plays.models import DeliveryStatus

KEPT_MS: Final = 10_000
LONG_MS: Final = 3_600_000
"""What waits for longer than this is told of: a service that is away for minutes is nobody's trouble."""


@dataclass(slots=True)
class PlaysLook:
    """The newest answer, for ten seconds."""

    _lines: Sequence[str] = ()
    _asked_at_ms: int | None = None

    async def lines(self, hub: HubFace, clock: Clock) -> Sequence[str]:
        """What a person should know: plays that are dead, and such as wait for long. Usually nothing."""
        now_ms = clock.now_ms()
        if self._asked_at_ms is None or now_ms - self._asked_at_ms >= KEPT_MS:
            self._asked_at_ms = now_ms  # at once: pages that come meanwhile take the older answer
            try:
                self._lines = await _lines(hub, now_ms)
            except Trouble:  # the database has a line of its own
                self._lines = ()
        return self._lines

    def forget(self) -> None:
        """Ask anew the next time: something was decided."""
        self._asked_at_ms = None


async def _lines(hub: HubFace, now_ms: EpochMs) -> Sequence[str]:
    targets = await hub.plays.targets()
    lines = []
    dead = [(each.target, each.counts.get(DeliveryStatus.DEAD, 0)) for each in targets]
    if any(count for _, count in dead):
        lines.append(f"Refused for good: {_told(dead)}.")
    waiting = [(each.target, each.counts.get(DeliveryStatus.WAITING, 0)) for each in targets]
    if any(count for _, count in waiting):
        long_ago = PlaySearch(status=DeliveryStatus.WAITING, until_ms=EpochMs(now_ms - LONG_MS))
        if (await hub.plays.find(long_ago, 1)).plays:
            lines.append(f"Waiting for more than an hour: {_told(waiting)}.")
    return lines


def _told(counts: Sequence[tuple[str, int]]) -> str:
    """``1 play for lastfm, 3 plays for listenbrainz``."""
    return ", ".join(f"{count} {'play' if count == 1 else 'plays'} for {target}" for target, count in counts if count)
