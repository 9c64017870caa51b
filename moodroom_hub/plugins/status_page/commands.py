"""Commands go on to their end, whoever stops waiting for them."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any, TypeVar

ResultT = TypeVar("ResultT")
_log = logging.getLogger(__name__)


class Commands:
    """Runs the hub's commands apart from the request that asked.

    The server cancels a request whose caller went away; an activation must not stop half-way because a phone
    fell asleep.
    """

    def __init__(self) -> None:
        self._running: set[asyncio.Task[Any]] = set()

    async def run(self, work: Coroutine[Any, Any, ResultT]) -> ResultT:
        """Wait for ``work``; where the waiting is cancelled, the work goes on."""
        task = asyncio.create_task(work, name="status page command")
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            if not task.done():
                task.add_done_callback(_tell)
            raise

    def begin(self, work: Coroutine[Any, Any, None]) -> None:
        """Let ``work`` go on behind; whoever asked looks again later."""
        task = asyncio.create_task(work, name="status page command")
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        task.add_done_callback(_tell)

    async def close(self, grace_s: float) -> None:
        """Give what still runs ``grace_s``, then cancel it."""
        if not self._running:
            return
        _, late = await asyncio.wait(tuple(self._running), timeout=grace_s)
        for task in late:
            task.cancel()
        if late:
            await asyncio.wait(late, timeout=grace_s)


def _tell(task: asyncio.Task[Any]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        _log.warning("a command failed after its caller had left: %s", error)
