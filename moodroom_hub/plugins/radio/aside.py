"""Work that would hold the hub's loop up, in a thread that is gone with the work."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

ResultT = TypeVar("ResultT")


async def aside(work: Callable[[], ResultT]) -> ResultT:
    """What ``work`` gives or raises. Whoever is cancelled meanwhile does not wait for its end."""
    thread = ThreadPoolExecutor(1, "moodroom-radio")
    try:
        return await asyncio.get_running_loop().run_in_executor(thread, work)
    finally:
        thread.shutdown(wait=False)
