"""One budget of requests for the app: what may go out now, in which order, and when nothing may.

Spotify publishes no number for its rolling window of 30 s, so the hub stays below what others were seen
to survive. Urgent requests may use all of it, patient ones only a part: a library sync never delays a play, and
neither do the queue posts and looks of the plays before it.
"""

import asyncio
import bisect
import contextlib
import hashlib
import itertools
import logging
import math
from collections import deque
from collections.abc import Callable, Mapping
from enum import IntEnum, StrEnum
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

from moodroom_hub.core.clock import Clock
from moodroom_hub.domain.models import EpochMs
from moodroom_hub.plugins.spotify.failures import LONGEST_WAIT_S, rate_limited
from moodroom_hub.plugins.spotify.files import read_private, write_private
from moodroom_hub.plugins.spotify.worker import Worker

logger = logging.getLogger(__name__)

_MARGIN_MS = 250
"""Added to every wait, so that rounding never makes the hub knock a hair too early."""
_EVERYTHING = "everything"


class Priority(IntEnum):
    """Who goes first where not all may go; smaller is more urgent."""

    PLAY = 0
    TOP_UP = 1
    POLL = 2
    PAGE = 3
    LIBRARY = 4
    MINING = 5


class Bucket(StrEnum):
    """The groups of calls for which Spotify keeps a quota of their own (our guess of its grouping)."""

    PLAYER = "player"
    LIBRARY = "library"
    SEARCH = "search"
    PLAYLIST = "playlist"
    CATALOGUE = "catalogue"


_SHARE: Mapping[Priority, float] = MappingProxyType(
    {
        Priority.PLAY: 1.0,
        Priority.TOP_UP: 0.9,
        Priority.POLL: 0.8,
        Priority.PAGE: 0.7,
        Priority.LIBRARY: 0.6,
        Priority.MINING: 0.5,
    }
)
# Waits where Spotify gives none: first and longest, doubling in between.
_RATE_BACK_OFF_S = (5.0, 300.0)
_QUOTA_BACK_OFF_S = (300.0, 3600.0)


class Budget:
    """Lets requests out. ``limit`` per ``window_ms`` of the hub's clock; stops survive a restart in ``file``.

    The last ``reserved`` of them are for ``Priority.PLAY`` alone.
    """

    def __init__(
        self,
        clock: Clock,
        worker: Worker,
        file: Path,
        client_id: str,
        *,
        limit: int = 45,
        reserved: int = 8,
        window_ms: int = 30_000,
    ) -> None:
        self._clock = clock
        self._worker = worker
        self._file = file
        self._app = hashlib.sha256(client_id.encode()).hexdigest()[:16]
        self._limit = limit
        self._reserved = reserved
        self._window_ms = window_ms
        self._sent_ms: deque[int] = deque()
        self._waiting: list[tuple[Priority, int]] = []
        self._tickets = itertools.count()
        self._changed = asyncio.Event()
        self._until_ms: dict[str, int] = {}
        self._refusals: dict[str, int] = {}

    def load(self) -> None:
        """Read the stops that an earlier run was told. Blocking, quick; no error where there is nothing."""
        content = read_private(self._file) or {}
        until = content.get("until_ms")
        if content.get("app") != self._app or not isinstance(until, dict):
            return
        known = {_EVERYTHING, *Bucket}
        self._until_ms = {name: value for name, value in until.items() if name in known and type(value) is int}

    async def take(self, priority: Priority, bucket: Bucket, check: Callable[[], None] | None = None) -> None:
        """Wait until one request may go out, and count it. Raises ``Trouble(RATE_LIMITED)`` while Spotify says wait.

        ``check`` is asked last: what it raises goes to the caller, and nothing was counted.
        """
        await self.wait_for_room(priority, bucket)
        if check is not None:
            check()
        self._sent_ms.append(self._clock.now_ms())

    def has_room(self, priority: Priority) -> bool:
        """Whether a request of this priority, the first of its kind, would not wait now."""
        return self._wait_ms((priority, -1)) == 0

    async def wait_for_room(self, priority: Priority, bucket: Bucket) -> None:
        """Wait as ``take`` does, and count nothing: the room is the caller's until it awaits something."""
        self._refuse_if_stopped(bucket)
        place = (priority, next(self._tickets))
        bisect.insort(self._waiting, place)
        try:
            while (wait_ms := self._wait_ms(place)) > 0:
                changed = self._changed
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(self._clock.real_seconds(wait_ms)):
                        await changed.wait()
                self._refuse_if_stopped(bucket)
        finally:
            self._waiting.remove(place)
            self._wake()

    async def stop(self, bucket: Bucket, retry_after_s: float | None, *, is_quota: bool) -> float:
        """Spotify said 429: let nothing out (of the bucket, for a quota). Gives the wait in seconds."""
        name = str(bucket) if is_quota else _EVERYTHING
        refusals = self._refusals.get(name, 0)
        self._refusals[name] = refusals + 1
        if retry_after_s is None:
            first_s, longest_s = _QUOTA_BACK_OFF_S if is_quota else _RATE_BACK_OFF_S
            retry_after_s = min(first_s * 2.0 ** min(refusals, 20), longest_s)
        until_ms = self._clock.now_ms() + math.ceil(retry_after_s * 1000) + _MARGIN_MS
        self._until_ms[name] = max(until_ms, self._until_ms.get(name, 0))
        self._wake()
        logger.warning("Spotify asks us to wait %.0f s (%s)", retry_after_s, name)
        content: dict[str, Any] = {"app": self._app, "until_ms": dict(self._until_ms)}
        try:
            await self._worker.run(partial(write_private, self._file, content))
        except OSError as error:
            logger.warning("cannot remember Spotify's wait across a restart: %s", error.strerror)
        return retry_after_s

    def succeeded(self, bucket: Bucket) -> None:
        """A request was answered: the next refusal without a wait starts at the shortest back-off again."""
        if self.stopped_until_ms(bucket) is None:
            self._refusals.pop(bucket, None)
            self._refusals.pop(_EVERYTHING, None)

    def stopped_until_ms(self, bucket: Bucket) -> EpochMs | None:
        """Until when nothing of this bucket may go out; ``None``: it may."""
        until_ms = max(self._until_ms.get(_EVERYTHING, 0), self._until_ms.get(bucket, 0))
        left_ms = until_ms - self._clock.now_ms()
        # A wait longer than any that is believed means that this machine's clock was wrong when it was noted.
        return EpochMs(until_ms) if 0 < left_ms <= LONGEST_WAIT_S * 1000 + _MARGIN_MS else None

    def _refuse_if_stopped(self, bucket: Bucket) -> None:
        until_ms = self.stopped_until_ms(bucket)
        if until_ms is not None:
            raise rate_limited((until_ms - self._clock.now_ms()) / 1000)

    def _wait_ms(self, place: tuple[Priority, int]) -> int:
        now_ms = self._clock.now_ms()
        if self._sent_ms and self._sent_ms[-1] > now_ms:  # the machine's clock was set back
            self._sent_ms = deque(now_ms for _ in self._sent_ms)
        while self._sent_ms and self._sent_ms[0] <= now_ms - self._window_ms:
            self._sent_ms.popleft()
        ahead = bisect.bisect_left(self._waiting, place)
        allowed = int(self._limit * _SHARE[place[0]])
        if place[0] is not Priority.PLAY:
            allowed = max(1, min(allowed, self._limit - self._reserved))
        must_expire = len(self._sent_ms) + ahead + 1 - allowed
        if must_expire <= 0:
            return 0
        if must_expire > len(self._sent_ms):
            return self._window_ms
        return max(1, self._sent_ms[must_expire - 1] + self._window_ms - now_ms)

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()
