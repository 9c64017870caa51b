"""Work that is done beside other work, and work that gives more work, a few pieces at a time."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from moodroom_hub.core.errors import Trouble

WorkT = TypeVar("WorkT")
GivenT = TypeVar("GivenT")
ResultT = TypeVar("ResultT")


async def in_thread(work: Callable[[GivenT], ResultT], given: GivenT) -> ResultT:
    """Do it beside the loop, which has other guests, in a thread that ends with it."""
    with ThreadPoolExecutor(1, "llm-mining") as thread:
        return await asyncio.get_running_loop().run_in_executor(thread, work, given)


async def work_off(pieces: Iterable[WorkT], do: Callable[[WorkT], Awaitable[list[WorkT]]], at_once: int) -> None:
    """Do every piece, and what each gives, which goes before the others.

    A ``Trouble`` ends it: nothing further is begun, what is under way comes to its end (it may be paid by now), then
    the first trouble is raised. Cancelled, or at any other error, everything under way is cancelled.
    """
    waiting = deque(pieces)
    troubles: list[Trouble] = []
    busy = 0
    woken = asyncio.Event()

    async def worker() -> None:
        nonlocal busy
        while not troubles:
            if not waiting:
                if busy == 0:
                    break
                woken.clear()
                await woken.wait()
                continue
            piece = waiting.popleft()
            busy += 1
            try:
                waiting.extendleft(reversed(await do(piece)))
            except Trouble as trouble:
                troubles.append(trouble)
            finally:
                busy -= 1
                woken.set()

    async with asyncio.TaskGroup() as group:
        for _ in range(min(at_once, max(1, len(waiting) * 2))):
            group.create_task(worker())
    if troubles:
        raise troubles[0]
