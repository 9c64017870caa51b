"""An event loop whose clock jumps: weeks of timers run in seconds, while sockets and threads stay real.

The clock moves only when nothing else can happen: no callback is ready, no socket has data, and no
work handed to an executor is under way (its result belongs to the present moment).
"""

import asyncio
import contextlib
import selectors
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor
from typing import Any, TypeVar, TypeVarTuple

ResultT = TypeVar("ResultT")
ArgumentTs = TypeVarTuple("ArgumentTs")

_CLOCK_RESOLUTION_S = 1e-6


class _Work:
    """One piece of work handed to an executor, as the clock sees it."""

    __slots__ = ("has_finished", "has_started", "is_orphaned")

    def __init__(self) -> None:
        self.has_started = False
        self.has_finished = False
        self.is_orphaned = False


class _JumpingSelector(selectors.BaseSelector):
    """A real selector that, instead of waiting, lets the loop's clock jump."""

    def __init__(self, may_jump: Callable[[], bool], jump: Callable[[float], None]) -> None:
        self._real = selectors.DefaultSelector()
        self._may_jump = may_jump
        self._jump = jump

    def register(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        """As the real one."""
        return self._real.register(fileobj, events, data)

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:
        """As the real one."""
        return self._real.unregister(fileobj)

    def modify(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        """As the real one."""
        return self._real.modify(fileobj, events, data)

    def get_map(self) -> Any:
        """As the real one."""
        return self._real.get_map()

    def get_key(self, fileobj: Any) -> selectors.SelectorKey:
        """As the real one."""
        return self._real.get_key(fileobj)

    def close(self) -> None:
        """As the real one."""
        self._real.close()

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """What is ready now; else wait for threads in real time; else jump by ``timeout`` seconds."""
        ready = self._real.select(0)
        if ready or (timeout is not None and timeout <= 0):
            return ready
        if timeout is None or not self._may_jump():
            return self._real.select(None)
        self._jump(timeout)
        return []


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """An event loop with a virtual clock that begins at ``start_s`` seconds.

    Work of ``run_in_executor`` (and ``asyncio.to_thread``) holds the clock still. A thread that means to
    let virtual time pass says so with :meth:`sleep_from_thread`; a coroutine on which such a thread waits
    (a server that answers it over a socket) with :meth:`sleep_for_thread`.
    Threads that nobody handed to an executor, and other processes, are not waited for.
    """

    def __init__(self, start_s: float = 0.0) -> None:
        self._now_s = start_s
        self._works_under_way = 0
        self._parked = 0
        self._is_joining_threads = False
        super().__init__(_JumpingSelector(self._may_jump, self._jump))
        self._clock_resolution = _CLOCK_RESOLUTION_S

    def time(self) -> float:
        """Virtual seconds."""
        return self._now_s

    def _may_jump(self) -> bool:
        if self._is_joining_threads and not self._parked:
            return False
        return self._works_under_way <= self._parked

    def _jump(self, seconds: float) -> None:
        self._now_s += seconds

    def run_in_executor(
        self, executor: Executor | None, func: Callable[[*ArgumentTs], ResultT], *args: *ArgumentTs
    ) -> asyncio.Future[ResultT]:
        """As the base class does, while the clock stands still until ``func`` is done."""
        work = _Work()

        def watched() -> ResultT:
            work.has_started = True
            try:
                return func(*args)
            finally:
                work.has_finished = True
                with contextlib.suppress(RuntimeError):  # the loop is closed: nobody keeps time any more
                    self.call_soon_threadsafe(self._orphan_finished, work)

        future = super().run_in_executor(executor, watched)
        self._works_under_way += 1
        future.add_done_callback(lambda done: self._future_done(done, work))
        return future

    def _future_done(self, future: asyncio.Future[Any], work: _Work) -> None:
        if future.cancelled() and work.has_started and not work.has_finished:
            work.is_orphaned = True  # the waiter left, the thread still works at this very moment
        else:
            self._works_under_way -= 1

    def _orphan_finished(self, work: _Work) -> None:
        if work.is_orphaned:
            work.is_orphaned = False
            self._works_under_way -= 1

    def sleep_from_thread(self, seconds: float) -> None:
        """Block the calling worker thread for ``seconds`` of virtual time."""
        if threading.get_ident() == getattr(self, "_thread_id", None):
            raise RuntimeError("the loop's own thread must not block: await asyncio.sleep instead")
        woken = threading.Event()

        def wake() -> None:
            self._parked -= 1
            woken.set()

        def park() -> None:
            self._parked += 1
            self.call_later(max(0.0, seconds), wake)

        self.call_soon_threadsafe(park)
        woken.wait()

    async def sleep_for_thread(self, seconds: float) -> None:
        """Sleep, although a worker thread is under way: it waits for the one who sleeps."""
        self._parked += 1
        try:
            await asyncio.sleep(max(0.0, seconds))
        finally:
            self._parked -= 1

    async def shutdown_default_executor(self, *args: Any, **kwargs: Any) -> None:
        """As the base class does; its time-out must not run off while threads are joined."""
        self._is_joining_threads = True
        try:
            await super().shutdown_default_executor(*args, **kwargs)
        finally:
            self._is_joining_threads = False


def run_virtual(coro_factory: Callable[[], Coroutine[Any, Any, ResultT]], *, start_s: float = 0.0) -> ResultT:
    """Run a coroutine to its end under a fresh ``VirtualTimeLoop``, leaving nothing behind; gives its result."""
    with asyncio.Runner(loop_factory=lambda: VirtualTimeLoop(start_s)) as runner:
        return runner.run(coro_factory())
