"""The things that sound in the make-believe home, with their habits."""

from dataclasses import dataclass, field
from enum import StrEnum

from moodroom_hub.simulator.items import made_up_id

MINUTE_MS = 60_000


class Presence(StrEnum):
    """Where a device stands with the service."""

    ACTIVE = "active"
    IDLE = "idle"
    """Listed, not the one that plays; commands that name no device do not reach it."""
    ASLEEP = "asleep"
    """Listed, needs a moment to wake when it is named or transferred to."""
    LOST = "lost"
    """Not listed; its id is unknown."""


class AtEnd(StrEnum):
    """What a device shows after its last track."""

    REWIND = "rewind"
    """Position 0, not playing."""
    HOLD = "hold"
    """The end position, still claiming to play."""
    SHORT = "short"
    """A little before the end, not playing."""


@dataclass(slots=True)
class SimDevice:
    """One device. ``id`` changes each time it comes back. Times in milliseconds.

    ``idle_out_ms``: how long a pause lasts before it stops being the active device (``None``: never).
    ``wake_ms``: silence before the first sound when woken. ``crossfade_ms`` / ``automix_max_ms``: how much earlier
    than its duration a track ends when another follows (automix: a seeded length for each track).
    """

    name: str
    kind: str = "Speaker"
    presence: Presence = Presence.IDLE
    is_restricted: bool = False
    is_private_session: bool = False
    idle_out_ms: int | None = 10 * MINUTE_MS
    wake_ms: int = 1_500
    crossfade_ms: int = 0
    automix_max_ms: int = 0
    autoplays: bool = False
    at_end: AtEnd = AtEnd.REWIND
    plays_only_first_uri: bool = False
    volume_percent: int | None = 50
    returns: int = field(default=0)

    @property
    def id(self) -> str | None:
        """The id that the service shows; restricted devices have none."""
        if self.is_restricted:
            return None
        return made_up_id("device", self.name, str(self.returns))

    @property
    def is_listed(self) -> bool:
        """Whether the list of devices holds it."""
        return self.presence is not Presence.LOST and not self.is_restricted
