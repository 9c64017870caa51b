"""Everything that must survive goes through here, in order, and waits here while the database is away.

The music does not wait: a change that cannot be written now is kept in memory and written as soon as the database
takes it again. Only a crash inside such an outage can lose it, and the outage is said wherever one would look.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from moodroom_hub.core.clock import Clock
from moodroom_hub.core.store import Change, Store, StoreDown

log = logging.getLogger(__name__)

RETRY_MS = 2_000


class Journal:
    """Writes changes one after the other; never raises for a database that is away."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._lock = asyncio.Lock()
        self._backlog: deque[Change] = deque()
        self._under_way: Change | None = None
        self._has_left_over = asyncio.Event()
        self.trouble: str | None = None

    @property
    def waiting(self) -> int:
        """How many changes wait for the database."""
        return len(self._backlog)

    async def write(self, change: Change) -> bool:
        """Write ``change`` after all earlier ones. False: it waits in memory for now.

        While the database is away nobody waits for it: a locked one takes seconds to say no, and the loop of
        ``run`` asks it anyway.
        """
        self._enqueue(change)
        with self._told_of_rest():
            if self.trouble is None:
                async with self._lock:
                    if self.trouble is None:
                        await self._flush()
        return not self._backlog

    async def run(self) -> None:
        """Try again and again while something waits (a supervised loop)."""
        while True:
            await self._has_left_over.wait()
            await self._clock.sleep_ms(RETRY_MS)
            self._has_left_over.clear()
            with self._told_of_rest():
                async with self._lock:
                    await self._flush()

    async def close(self) -> None:
        """Try once more, and say what could not be saved."""
        async with self._lock:
            if self._backlog and not await self._flush():
                log.error("%d changes could not be saved: %s", len(self._backlog), self.trouble)

    @contextmanager
    def _told_of_rest(self) -> Iterator[None]:
        """What waits afterwards, however this ended, is what the loop of ``run`` is there for."""
        try:
            yield
        finally:
            if self._backlog:
                self._has_left_over.set()

    def _enqueue(self, change: Change) -> None:
        latest = self._backlog[-1] if self._backlog else None
        is_free = latest is not None and latest is not self._under_way
        if latest is not None and is_free and _is_state_only(change) and _is_state_only(latest):
            # Only the newest state of a zone matters: an outage of hours must not grow without end.
            self._backlog.pop()
            states = {**latest.zone_states, **change.zone_states}
            change = replace(change, zone_states=states, done=(*latest.done, *change.done))
        self._backlog.append(change)

    async def _flush(self) -> bool:
        while self._backlog:
            self._under_way = self._backlog[0]
            try:
                await self._store.commit(self._under_way)
            except StoreDown as down:
                if self.trouble is None:
                    log.warning("the database is away, changes wait in memory: %s", down)
                self.trouble = str(down)
                return False
            except Exception:
                # Not an outage but a fault of ours: it must be heard of, and must not block what comes after it.
                self._backlog.popleft()
                raise
            finally:
                self._under_way = None
            self._backlog.popleft()
        if self.trouble is not None:
            log.info("the database is back, everything is saved")
            self.trouble = None
        return True


def _is_state_only(change: Change) -> bool:
    return not change.must_last
