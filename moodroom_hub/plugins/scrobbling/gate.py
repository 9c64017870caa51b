"""When a target may be asked again: back-off, what the service asks for, one try an hour while a person is needed."""

from collections.abc import Callable
from random import Random
from typing import Final

from moodroom_hub.domain.models import EpochMs

FIRST_WAIT_MS: Final = 5_000
LONGEST_WAIT_MS: Final = 3_600_000


class Gate:
    """Open, or closed for a while. ``is_firm``: the service named the time, and nobody may shorten it."""

    def __init__(self, now_ms: Callable[[], EpochMs], rng: Random) -> None:
        self._now_ms = now_ms
        self._rng = rng
        self._closed_at_ms = EpochMs(0)
        self._length_ms = 0
        self._failures = 0
        self.is_firm = False

    @property
    def is_open(self) -> bool:
        """Whether something may be sent. A clock that was set back does not keep it closed."""
        return not 0 <= self._now_ms() - self._closed_at_ms < self._length_ms

    @property
    def opens_at_ms(self) -> EpochMs:
        """When it opens; 0 while it is open."""
        return EpochMs(0) if self.is_open else EpochMs(self._closed_at_ms + self._length_ms)

    def open(self) -> None:
        """Something worked."""
        self._length_ms, self._failures, self.is_firm = 0, 0, False

    def allow_one(self) -> None:
        """A person asked: one try now; if it fails, the wait goes on as long as before."""
        self._length_ms, self.is_firm = 0, False

    def close(self, wait_s: float | None = None) -> None:
        """Not now: for ``wait_s`` seconds, or twice as long as the last time, an hour at most, with some jitter."""
        if wait_s is not None:
            self._shut(wait_s * 1000, is_firm=True)
            return
        wait_ms = min(FIRST_WAIT_MS * 2.0 ** min(self._failures, 20), LONGEST_WAIT_MS)
        self._failures += 1
        self._shut(wait_ms * self._rng.uniform(0.75, 1.0), is_firm=False)

    def park(self) -> None:
        """A person is needed: one try an hour until then."""
        self._shut(LONGEST_WAIT_MS, is_firm=False)

    def _shut(self, length_ms: float, *, is_firm: bool) -> None:
        self._closed_at_ms, self._length_ms, self.is_firm = self._now_ms(), max(1, round(length_ms)), is_firm
