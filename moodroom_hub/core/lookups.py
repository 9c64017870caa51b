"""Asking services of others politely: in turns, with pauses, and what they said is kept for a while."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Final

from moodroom_hub.core.clock import Clock
from moodroom_hub.core.errors import Trouble
from moodroom_hub.core.played import FindingsFace
from moodroom_hub.domain.models import DurationMs, EpochMs

log = logging.getLogger(__name__)

FIRST_PAUSE_MS: Final = 30_000
LONGEST_PAUSE_MS: Final = 3_600_000
LONGEST_WISH_MS: Final = 24 * 3_600_000
"""A service that wants to be left alone for longer is asked after a day all the same."""


class ServiceAway(Exception):
    """The service gave no answer that can be used; it is left alone for a while. The text says what happened."""


class Turns:
    """One service's turns: one request at a time, the next not before ``every_ms`` after the last one ended.

    After a failure nobody gets a turn for a while, longer each time; a service that says how long is believed.
    """

    def __init__(self, service: str, clock: Clock, every_ms: DurationMs) -> None:
        self._service = service
        self._clock = clock
        self._every_ms = every_ms
        self._lock = asyncio.Lock()
        # Who was here a moment ago, before a restart, may just have asked.
        self._next_ms = EpochMs(clock.now_ms() + every_ms)
        self._away_until_ms = EpochMs(0)
        self._failures = 0

    @property
    def away_ms(self) -> DurationMs:
        """How long the service will be left alone from now on; 0 where it may be asked."""
        # A clock that was set back must not keep the service away for longer than any pause is.
        left = self._away_until_ms - self._clock.now_ms()
        return DurationMs(left if 0 < left <= LONGEST_WISH_MS else 0)

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Inside, one request may be sent. Raises ``ServiceAway`` at once while the service is left alone."""
        self._refuse_while_away()
        async with self._lock:
            self._refuse_while_away()
            wait_ms = self._next_ms - self._clock.now_ms()
            if wait_ms > 0:
                await self._clock.sleep_ms(min(wait_ms, self._every_ms))
            try:
                yield
            finally:
                self._next_ms = EpochMs(self._clock.now_ms() + self._every_ms)

    def worked(self) -> None:
        """The service answered."""
        if self._failures:
            log.info("%s answers again", self._service)
        self._failures = 0

    def failed(self, reason: str, wait_ms: DurationMs | None = None) -> ServiceAway:
        """The service did not answer properly; ``wait_ms`` is how long it wants to be left alone, if it said so."""
        self._failures += 1
        pause_ms = min(FIRST_PAUSE_MS * 2 ** min(self._failures - 1, 10), LONGEST_PAUSE_MS)
        if wait_ms is not None:
            pause_ms = min(max(wait_ms, 1_000), LONGEST_WISH_MS) if self._failures < 4 else max(wait_ms, pause_ms)
        pause_ms = min(pause_ms, LONGEST_WISH_MS)
        self._away_until_ms = EpochMs(self._clock.now_ms() + pause_ms)
        level = logging.WARNING if self._failures == 1 else logging.DEBUG
        log.log(level, "%s: %s; it is asked again in %d s", self._service, reason, pause_ms // 1000)
        return ServiceAway(reason)

    def _refuse_while_away(self) -> None:
        if self.away_ms:
            raise ServiceAway(f"{self._service} is left alone for a while")


class Lookups:
    """What one service said, by key: kept ``keep_ms``, or ``keep_nothing_ms`` where it knew nothing.

    Whoever asks for a key that is being asked for already waits for the same answer. At most ``waiting`` keys are
    under way. ``close`` ends what is under way; nothing is begun after it.
    """

    def __init__(
        self,
        findings: FindingsFace,
        kind: str,
        *,
        keep_ms: DurationMs,
        keep_nothing_ms: DurationMs,
        most: int,
        waiting: int = 500,
    ) -> None:
        self._findings = findings
        self._kind = kind
        self._keep_ms = keep_ms
        self._keep_nothing_ms = keep_nothing_ms
        self._most = most
        self._waiting = waiting
        self._tasks: dict[str, asyncio.Task[str | None]] = {}
        self._is_closed = False

    async def find(self, key: str, ask: Callable[[], Awaitable[str]], within_s: float | None) -> str | None:
        """What is known under ``key``: ``""`` says that there is nothing, ``None`` that it is not known now.

        ``ask`` gives the text (empty: nothing there is) or raises ``ServiceAway``. After ``within_s`` real seconds
        the answer is ``None``, and the work goes on behind.
        """
        task = self._tasks.get(key)
        if task is None:
            if self._is_closed or len(self._tasks) >= self._waiting:
                return None
            task = asyncio.create_task(self._work(key, ask), name=f"looking up {self._kind}")
            self._tasks[key] = task
            task.add_done_callback(lambda _: self._tasks.pop(key, None))
        done, _ = await asyncio.wait((task,), timeout=within_s)
        return task.result() if done and not task.cancelled() else None

    async def close(self) -> None:
        """End what is under way."""
        self._is_closed = True
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    async def _work(self, key: str, ask: Callable[[], Awaitable[str]]) -> str | None:
        try:
            kept = (await self._findings.get(self._kind, (key,))).get(key)
        except Trouble:
            return None  # without its memory the hub would ask again and again
        if kept is not None:
            return kept
        try:
            text = await ask()
        except ServiceAway:
            return None
        try:
            await self._findings.put(
                self._kind, key, text, self._keep_ms if text else self._keep_nothing_ms, self._most
            )
        except Trouble as trouble:
            log.warning("what was found out cannot be kept: %s", trouble)
        return text


def asked_wait(retry_after: str | None, now_ms: EpochMs) -> DurationMs | None:
    """The wait that a ``Retry-After`` header asks for, seconds or a date; ``None`` where it says nothing sensible."""
    if retry_after is None:
        return None
    text = retry_after.strip()
    if text.isascii() and text.isdigit():
        return DurationMs(min(int(text[:9]) * 1000, LONGEST_WISH_MS))
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    at_ms = int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000)
    return DurationMs(min(max(at_ms - now_ms, 0), LONGEST_WISH_MS))
