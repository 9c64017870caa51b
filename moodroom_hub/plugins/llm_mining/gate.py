"""How many calls are under way, and when nobody may call: what the endpoint's limits make of ``in_flight``."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from random import Random
from typing import Final

from moodroom_hub.core.clock import Clock

FIRST_BACK_OFF_S: Final = 1.0
LONGEST_BACK_OFF_S: Final = 60.0
_CALM = 8
"""After so many good answers one more call is let through at once."""


class Gate:
    """Lets ``most`` calls through at once, fewer after the endpoint said that it is too many; none during a pause."""

    def __init__(self, most: int, clock: Clock, rng: Random) -> None:
        self._most = self._width = most
        self._clock = clock
        self._rng = rng
        self._inside = 0
        self._paused_until_ms = 0.0
        self._rounds = 0
        self._good = 0
        self._waiting: deque[asyncio.Future[None]] = deque()

    @property
    def rounds(self) -> int:
        """How many pauses in a row brought no good answer."""
        return self._rounds

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait for a turn; it ends with the block."""
        await self._come_in()
        try:
            while (wait_ms := self._paused_until_ms - self._clock.now_ms()) > 0:
                await self._clock.sleep_ms(wait_ms)
            yield
        finally:
            self._inside -= 1
            self._let_in()

    def pause(self, wait_s: float | None) -> None:
        """Nobody calls for so long; without a time as long as the back-off says. A pause is never shortened."""
        now_ms = self._clock.now_ms()
        if now_ms >= self._paused_until_ms:  # what was under way when the pause began says nothing new
            self._rounds += 1
            self._good = 0
            self._width = max(1, self._width - max(1, self._width // 4))
        if wait_s is None:
            if now_ms < self._paused_until_ms:
                return
            wait_s = self.back_off_s(self._rounds)
        # A little more than was said: the endpoint's clock and ours round differently.
        wait_ms = wait_s * 1000 * (1 + 0.02 * self._rng.random()) + 5
        self._paused_until_ms = max(self._paused_until_ms, now_ms + wait_ms)

    def rest(self, wait_s: float) -> None:
        """Nobody calls for so long, because all that is allowed for now was used, and no more."""
        self._paused_until_ms = max(self._paused_until_ms, self._clock.now_ms() + wait_s * 1000 + 5)

    def worked(self) -> None:
        """A good answer came."""
        self._rounds = 0
        self._good += 1
        if self._good >= _CALM and self._width < self._most:
            self._good = 0
            self._width += 1
            self._let_in()

    def back_off_s(self, attempt: int) -> float:
        """How long to wait before attempt number ``attempt`` + 1: doubling, half of it by chance."""
        longest_s = min(LONGEST_BACK_OFF_S, FIRST_BACK_OFF_S * 2.0 ** (max(attempt, 1) - 1))
        return longest_s * (0.5 + 0.5 * self._rng.random())

    async def _come_in(self) -> None:
        if self._inside < self._width and not self._waiting:
            self._inside += 1
            return
        place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(place)
        try:
            await place
        except asyncio.CancelledError:
            if place.done() and not place.cancelled():  # let in and cancelled at the same moment
                self._inside -= 1
                self._let_in()
            raise

    def _let_in(self) -> None:
        while self._waiting and self._inside < self._width:
            place = self._waiting.popleft()
            if not place.done():
                self._inside += 1
                place.set_result(None)
