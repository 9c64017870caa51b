"""Time as the hub sees it. Injected everywhere, so that a month of listening can run in seconds."""

import asyncio
import time
from datetime import UTC, datetime
from typing import Protocol

from moodroom_hub.domain.models import EpochMs


class Clock(Protocol):
    """What the hub asks of time."""

    def now_ms(self) -> EpochMs:
        """Milliseconds since the Unix epoch, UTC."""
        ...

    def now(self) -> datetime:
        """The same moment as an aware datetime in UTC."""
        ...

    async def sleep_ms(self, duration_ms: float) -> None:
        """Let ``duration_ms`` of this clock's time pass."""
        ...

    def real_seconds(self, duration_ms: float) -> float:
        """How long ``duration_ms`` of this clock is for the event loop (for ``asyncio.timeout``)."""
        ...


class SystemClock:
    """The wall clock, optionally running ``speed`` times as fast from the moment of its making (demo)."""

    def __init__(self, speed: float = 1.0) -> None:
        if speed <= 0:
            raise ValueError("speed must be above 0")
        self._speed = speed
        self._origin_s = time.time()

    def now_ms(self) -> EpochMs:
        """Milliseconds since the Unix epoch."""
        elapsed_s = time.time() - self._origin_s
        return EpochMs(round((self._origin_s + elapsed_s * self._speed) * 1000))

    def now(self) -> datetime:
        """The same moment as an aware datetime."""
        return datetime.fromtimestamp(self.now_ms() / 1000, UTC)

    async def sleep_ms(self, duration_ms: float) -> None:
        """Sleep; shorter than asked in real time where the clock runs faster."""
        await asyncio.sleep(self.real_seconds(duration_ms))

    def real_seconds(self, duration_ms: float) -> float:
        """Seconds of the event loop's clock."""
        return max(0.0, duration_ms) / 1000 / self._speed


class LoopClock:
    """A clock that reads the running event loop's time: virtual wherever the loop's time is."""

    def __init__(self, epoch_ms: EpochMs) -> None:
        self._epoch_ms = epoch_ms

    def now_ms(self) -> EpochMs:
        """``epoch_ms`` plus the running loop's time."""
        return EpochMs(round(self._epoch_ms + asyncio.get_running_loop().time() * 1000))

    def now(self) -> datetime:
        """The same moment as an aware datetime."""
        return datetime.fromtimestamp(self.now_ms() / 1000, UTC)

    async def sleep_ms(self, duration_ms: float) -> None:
        """Sleep in loop time."""
        await asyncio.sleep(max(0.0, duration_ms) / 1000)

    def real_seconds(self, duration_ms: float) -> float:
        """Seconds of loop time."""
        return max(0.0, duration_ms) / 1000
