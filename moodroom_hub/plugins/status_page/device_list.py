"""The devices to choose from where none plays; asked for seldom, however many pages show them."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from moodroom_hub.core.clock import Clock
from moodroom_hub.core.errors import Trouble
from moodroom_hub.core.face import HubFace
from moodroom_hub.domain.models import Device, ZoneName

KEPT_MS: Final = 10_000
PATIENCE_MS: Final = 2_000
MOST_SHOWN: Final = 12


@dataclass(slots=True)
class _Answer:
    asked_at_ms: int
    devices: Sequence[Device] = ()


@dataclass(slots=True)
class DeviceList:
    """The newest answer of each zone, for ten seconds."""

    _known: dict[ZoneName | None, _Answer] = field(default_factory=dict)

    async def of(self, hub: HubFace, clock: Clock, zone: ZoneName | None = None) -> Sequence[Device]:
        """The zone's devices, those that can be steered first; none where nobody tells them in time."""
        now_ms = clock.now_ms()
        known = self._known.get(zone)
        if known is None or now_ms - known.asked_at_ms >= KEPT_MS:
            # At once: pages that come meanwhile take the older answer.
            known = self._known[zone] = _Answer(now_ms, () if known is None else known.devices)
            try:
                async with asyncio.timeout(clock.real_seconds(PATIENCE_MS)):
                    found = await hub.devices(zone)
            except (Trouble, TimeoutError):
                found = ()
            known.devices = sorted(found, key=lambda each: each.is_restricted or each.id is None)[:MOST_SHOWN]
        return known.devices

    def forget(self) -> None:
        """Ask anew the next time: something was chosen."""
        self._known.clear()
