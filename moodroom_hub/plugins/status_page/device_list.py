"""The devices to choose from where none plays; asked for seldom, however many pages show them."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from moodroom_hub.core.clock import Clock
from moodroom_hub.core.errors import Trouble
from moodroom_hub.core.face import HubFace
from moodroom_hub.domain.models import Device

KEPT_MS: Final = 10_000
PATIENCE_MS: Final = 2_000
MOST_SHOWN: Final = 12


@dataclass(slots=True)
class DeviceList:
    """The newest answer, for ten seconds."""

    _devices: Sequence[Device] = ()
    _asked_at_ms: int | None = None

    async def of(self, hub: HubFace, clock: Clock) -> Sequence[Device]:
        """The zone's devices, those that can be steered first; none where nobody tells them in time."""
        now_ms = clock.now_ms()
        if self._asked_at_ms is None or now_ms - self._asked_at_ms >= KEPT_MS:
            self._asked_at_ms = now_ms  # at once: pages that come meanwhile take the older answer
            try:
                async with asyncio.timeout(clock.real_seconds(PATIENCE_MS)):
                    found = await hub.devices()
            except (Trouble, TimeoutError):
                found = ()
            self._devices = sorted(found, key=lambda each: each.is_restricted or each.id is None)[:MOST_SHOWN]
        return self._devices

    def forget(self) -> None:
        """Ask anew the next time: something was chosen."""
        self._asked_at_ms = None
