"""The plugin's own worker threads: whatever may block (sockets, the disk) happens in there."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from moodroom_hub.core.errors import TroubleCode
from moodroom_hub.plugins.spotify.failures import SpotifyTrouble

ResultT = TypeVar("ResultT")

_THREADS = 3
"""A hanging look must not hold up a command, nor a library page both."""


class Worker:
    """A small pool of threads that can be let go of within a bounded time."""

    def __init__(self) -> None:
        self._executor = ThreadPoolExecutor(max_workers=_THREADS, thread_name_prefix="spotify")
        self._under_way: set[asyncio.Future[Any]] = set()
        self._is_closed = False

    def submit(self, job: Callable[[], ResultT]) -> asyncio.Future[ResultT]:
        """Start ``job`` in a thread. It runs to its end even where nobody waits for it any more.

        Raises ``Trouble(UNAVAILABLE)`` once this is closed.
        """
        if self._is_closed:
            raise SpotifyTrouble(TroubleCode.UNAVAILABLE, "The connection to Spotify is shut down.")
        future = asyncio.get_running_loop().run_in_executor(self._executor, job)
        self._under_way.add(future)
        future.add_done_callback(self._done)
        return future

    async def run(self, job: Callable[[], ResultT]) -> ResultT:
        """Run ``job`` in a thread and give its result, or raise what it raised.

        Whoever is cancelled leaves; the job stays under way, so that ``close`` knows of its thread.
        """
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
