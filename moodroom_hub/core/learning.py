"""Whether listening may change pools. Off while guests are here; can come back by itself."""

import json
from dataclasses import asdict, dataclass

from moodroom_hub.domain.models import DurationMs, EpochMs

FACT = "learning"


@dataclass(frozen=True, slots=True)
class Learning:
    """On or off since ``since_ms``; with ``back_at_ms`` the opposite returns by itself at that time."""

    is_on: bool = True
    since_ms: EpochMs = EpochMs(0)
    back_at_ms: EpochMs | None = None

    def at(self, now_ms: EpochMs) -> "Learning":
        """How it stands at ``now_ms``."""
        if self.back_at_ms is None or now_ms < self.back_at_ms:
            return self
        return Learning(is_on=not self.is_on, since_ms=self.back_at_ms)

    def switched(self, is_on: bool, now_ms: EpochMs, for_ms: DurationMs | None) -> "Learning":
        """Switched at ``now_ms``; saying what holds already only changes for how long."""
        held = self.at(now_ms)
        since_ms = held.since_ms if held.is_on == is_on else now_ms
        return Learning(is_on, since_ms, None if for_ms is None else EpochMs(now_ms + for_ms))

    def effective_since_ms(self, now_ms: EpochMs) -> EpochMs | None:
        """Since when listening teaches; ``None`` while it does not."""
        held = self.at(now_ms)
        return held.since_ms if held.is_on else None

    def to_json(self) -> str:
        """For the store's facts."""
        return json.dumps(asdict(self))

    @staticmethod
    def from_json(text: str | None) -> "Learning":
        """From the store's facts; on, where nothing was ever said."""
        return Learning() if text is None else Learning(**json.loads(text))
