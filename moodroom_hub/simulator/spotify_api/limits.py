"""Rate limit (a rolling window of 30 s) and daily quotas by group of endpoints."""

import math
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field

from moodroom_hub.simulator.spotify_api.answers import ApiError

WINDOW_MS = 30_000
DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class Limits:
    """``per_window``: requests in any 30 s (``None``: any number). ``per_day``: requests of a group in 24 hours.

    Groups: ``player``, ``library``, ``playlists``, ``search``, ``catalogue``, ``profile``.
    ``knocking_s``: what each request during a ban adds to it. ``tells_wait``: whether 429 carries ``Retry-After``.
    """

    per_window: int | None = 120
    per_day: Mapping[str, int] = field(default_factory=dict)
    knocking_s: int = 0
    tells_wait: bool = True


class Limiter:
    """Counts requests and refuses those beyond the limits."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._window: deque[int] = deque()
        self._banned_until_ms = 0
        self._days: dict[str, deque[int]] = {}
        self._quota_until_ms: dict[str, int] = {}

    def admit(self, group: str, now_ms: int) -> None:
        """Count a request. Raises ``ApiError`` 429 where it is one too many."""
        if now_ms < self._banned_until_ms:
            self._banned_until_ms += self.limits.knocking_s * 1000
            raise self._refusal("API rate limit exceeded", self._banned_until_ms - now_ms, None)
        if now_ms < self._quota_until_ms.get(group, 0):
            raise self._refusal("Quota exceeded", self._quota_until_ms[group] - now_ms, "QUOTA_EXCEEDED")
        self._count_window(now_ms)
        self._count_day(group, now_ms)

    def _count_window(self, now_ms: int) -> None:
        window, most = self._window, self.limits.per_window
        while window and window[0] <= now_ms - WINDOW_MS:
            window.popleft()
        if most is not None and len(window) >= most:
            self._banned_until_ms = (window[0] if window else now_ms) + WINDOW_MS
            raise self._refusal("API rate limit exceeded", self._banned_until_ms - now_ms, None)
        window.append(now_ms)

    def _count_day(self, group: str, now_ms: int) -> None:
        most = self.limits.per_day.get(group)
        if most is None:
            return
        day = self._days.setdefault(group, deque())
        while day and day[0] <= now_ms - DAY_MS:
            day.popleft()
        if len(day) >= most:
            until_ms = (day[0] if day else now_ms) + DAY_MS
            self._quota_until_ms[group] = until_ms
            raise self._refusal("Quota exceeded", until_ms - now_ms, "QUOTA_EXCEEDED")
        day.append(now_ms)

    def _refusal(self, message: str, wait_ms: int, reason: str | None) -> ApiError:
        wait_s = max(1, math.ceil(wait_ms / 1000))
        return ApiError(429, message, reason, headers={"Retry-After": str(wait_s)} if self.limits.tells_wait else {})
