"""The plugin's own threads: SoCo blocks, so all of it happens in here."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from moodroom_hub.plugins.sonos import failures

ResultT = TypeVar("ResultT")

MOST_THREADS = 48
"""More than a house has speakers (32): even if all of them hang at once, none waits for another one's thread.
Threads are begun only when they are needed, and wait without costing anything."""


class Threads:
    """A pool that can be let go of within a bounded time."""

    def __init__(self) -> None:
        self._executor = ThreadPoolExecutor(max_workers=MOST_THREADS, thread_name_prefix="sonos")
        self._under_way: set[asyncio.Future[Any]] = set()
        self._is_closed = False

    def submit(self, job: Callable[[], ResultT]) -> asyncio.Future[ResultT]:
        """Start ``job`` in a thread; it runs to its end even where nobody waits any more. Raises ``Trouble``."""
        if self._is_closed:
            raise failures.closed()
        future = asyncio.get_running_loop().run_in_executor(self._executor, job)
        self._under_way.add(future)
        future.add_done_callback(self._done)
        return future

    async def run(self, job: Callable[[], ResultT]) -> ResultT:
        """``submit`` and its result. Whoever is cancelled leaves; the job stays under way."""
        return await asyncio.shield(self.submit(job))

    async def close(self, patience_s: float) -> None:
        """Take no more work; wait at most ``patience_s`` for what is under way. Idempotent."""
        self._is_closed = True
        pending: set[asyncio.Future[Any]] = set(self._under_way)
        if pending:
            _, pending = await asyncio.wait(pending, timeout=patience_s)
        self._executor.shutdown(wait=not pending, cancel_futures=True)

    def _done(self, future: asyncio.Future[Any]) -> None:
        self._under_way.discard(future)
        if not future.cancelled():
            future.exception()  # seen: whoever waited may have been cancelled, that is no news for the log
