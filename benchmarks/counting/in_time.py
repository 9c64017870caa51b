"""An event loop in virtual time that does the speakers' work itself where no speaker makes anybody wait."""

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor
from typing import Any, TypeVar, TypeVarTuple

from moodroom_hub.simulator.virtual_time import VirtualTimeLoop

ResultT = TypeVar("ResultT")
ArgumentTs = TypeVarTuple("ArgumentTs")


class QuickLoop(VirtualTimeLoop):
    """Virtual time stands still while threads work, so where all speakers answer at once a thread changes nothing but
    the time that the benchmark takes (half of it is threads waiting for their turns)."""

    def __init__(self) -> None:
        super().__init__()
        self.answers_at_once: Callable[[], bool] = lambda: False

    def run_in_executor(
        self, executor: Executor | None, func: Callable[[*ArgumentTs], ResultT], *args: *ArgumentTs
    ) -> asyncio.Future[ResultT]:
        """As the base class does, save for the speakers' threads."""
        name = getattr(executor, "_thread_name_prefix", "")
        if name != "sonos" or not self.answers_at_once():
            return super().run_in_executor(executor, func, *args)
        future: asyncio.Future[ResultT] = self.create_future()
        try:
            future.set_result(func(*args))
        except Exception as error:  # noqa: BLE001 -- whatever it raises belongs to whoever waits for it
            future.set_exception(error)
        return future


def run_quickly(main: Callable[[QuickLoop], Coroutine[Any, Any, ResultT]]) -> ResultT:
    """Run it to its end in a loop of its own."""
    loops: list[QuickLoop] = []

    def make() -> QuickLoop:
        loops.append(QuickLoop())
        return loops[-1]

    async def begin() -> ResultT:
        return await main(loops[-1])

    with asyncio.Runner(loop_factory=make) as runner:
        return runner.run(begin())
