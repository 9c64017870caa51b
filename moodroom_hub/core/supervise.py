"""Keeps long-lived loops alive: backs off, parks, restarts, and never loses a task."""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from moodroom_hub.core.clock import Clock
from moodroom_hub.core.errors import Trouble
from moodroom_hub.core.face import PluginStatus
from moodroom_hub.core.reasons import reason_of, status_of

_log = logging.getLogger(__name__)

Work = Callable[[], Awaitable[None]]
OnTrouble = Callable[[str, str, PluginStatus, str], None]
OnWell = Callable[[str, str], None]

FIRST_PAUSE_MS = 1_000
LONGEST_PAUSE_MS = 120_000
STEADY_MS = 30_000
"""A loop that ran for so long has recovered: told as such, and its next pause is short again."""
CRASHES_ALLOWED = 3
CRASH_WINDOW_MS = 600_000
STOP_LIMIT_S = 2.0
"""Real seconds given to cancelled loops, twice, before they are called stubborn."""


@dataclass(slots=True, eq=False)
class _Loop:
    owner: str
    name: str
    work: Work
    is_vital: bool = False
    task: asyncio.Task[None] = field(init=False)
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    pauses: int = 0
    crashes_s: deque[float] = field(default_factory=deque)
    is_in_trouble: bool = False
    is_stopping: bool = False


class Supervisor:
    """The long-lived loops of one hub.

    ``on_trouble(owner, name, status, reason)`` hears that a loop waits, is parked or is broken;
    ``on_well(owner, name)`` that it runs steadily again, or ended as it should.
    """

    def __init__(self, clock: Clock, on_trouble: OnTrouble, on_well: OnWell) -> None:
        self._clock = clock
        self._on_trouble = on_trouble
        self._on_well = on_well
        self._loops: set[_Loop] = set()
        self._closed_owners: set[str] = set()
        self._is_stopped = False

    def spawn(self, name: str, work: Work, owner: str, *, is_vital: bool = False) -> None:
        """Run ``work()`` as a supervised loop of ``owner``.

        ``NotReady`` (and a ``Trouble`` that passes): again after a pause of 1 s, doubling up to 2 min, or as long as
        the trouble says. ``NeedsLogin``: parked until ``wake``. Anything else: again after a pause, three times in
        ten minutes, then parked for good; a vital one is tried again for ever. A normal return ends it.
        Raises ``ValueError`` where the owner has a loop of that name, ``RuntimeError`` once it is being stopped.
        """
        if self._is_stopped or owner in self._closed_owners:
            raise RuntimeError(f"{owner} is being stopped: {name!r} cannot be begun any more")
        if any(loop.owner == owner and loop.name == name for loop in self._loops):
            raise ValueError(f"{owner} already runs a loop called {name!r}")
        running = asyncio.get_running_loop()
        loop = _Loop(owner, name, work, is_vital)
        loop.task = running.create_task(self._keep(loop), name=f"{owner}: {name}")
        self._loops.add(loop)
        loop.task.add_done_callback(lambda task: self._ended(loop, task))

    def wake(self, owner: str) -> None:
        """Let the owner's parked loops try again, and its waiting ones at once; not those told how long to wait."""
        for loop in self._loops:
            if loop.owner == owner:
                loop.wake.set()

    def names(self, owner: str | None = None) -> tuple[str, ...]:
        """``owner: name`` of every loop that has not ended, parked and waiting ones included."""
        return tuple(sorted(loop.task.get_name() for loop in self._loops if owner in (None, loop.owner)))

    async def cancel(self, owner: str, *, spare: str | None = None) -> tuple[str, ...]:
        """End the owner's loops (but the one called ``spare``); the names of those that refuse, after 4 s at most."""
        return await self._end([loop for loop in self._loops if loop.owner == owner and loop.name != spare])

    async def close(self, owner: str) -> tuple[str, ...]:
        """End the owner's loops and take no new ones; the names of those that refuse."""
        self._closed_owners.add(owner)
        return await self.cancel(owner)

    async def stop(self) -> tuple[str, ...]:
        """End every loop and take no new ones; the names of those that refuse. Idempotent."""
        self._is_stopped = True
        return await self._end(list(self._loops))

    async def _end(self, loops: list[_Loop]) -> tuple[str, ...]:
        alive = {loop.task for loop in loops}
        for loop in loops:
            loop.is_stopping = True
        for _ in range(2):
            if not alive:
                break
            for task in alive:
                task.cancel()
            _, alive = await asyncio.wait(alive, timeout=STOP_LIMIT_S)
        names = tuple(sorted(task.get_name() for task in alive))
        for name in names:
            _log.error("%s does not end, although it was cancelled twice; it is left behind", name)
        return names

    def _ended(self, loop: _Loop, task: asyncio.Task[None]) -> None:
        self._loops.discard(loop)
        if task.cancelled():
            if not loop.is_stopping:
                _log.error("%s was cancelled, and not by the hub; it is given up", task.get_name())
                self._on_trouble(loop.owner, loop.name, PluginStatus.FAILED, "was cancelled, and not by the hub")
        elif error := task.exception():
            _log.error("%s could not be kept", task.get_name(), exc_info=error)

    async def _keep(self, loop: _Loop) -> None:
        while True:
            loop.wake.clear()
            error = await self._attempt(loop)
            if loop.is_stopping:
                if error is not None:
                    _log.debug("%s ended with %s", loop.task.get_name(), reason_of(error))
                return
            if error is None:
                self._well(loop)
                return
            if not await self._rest(loop, error):
                return

    async def _attempt(self, loop: _Loop) -> BaseException | None:
        running = asyncio.get_running_loop()
        steady = running.call_later(self._clock.real_seconds(STEADY_MS), self._well, loop)
        try:
            await loop.work()
        except asyncio.CancelledError as error:
            if loop.task.cancelling():
                raise
            return error
        except GeneratorExit:
            raise
        except BaseException as error:  # noqa: BLE001 -- isolation: even SystemExit is its owner's failure only
            return error
        finally:
            steady.cancel()
        return None

    async def _rest(self, loop: _Loop, error: BaseException) -> bool:
        """Tell of the trouble and wait as it asks; false where the loop is given up."""
        status = status_of(error)
        is_given_up = status is PluginStatus.FAILED and self._is_hopeless(loop)
        self._tell(loop, error, status, is_given_up)
        if is_given_up:
            return False
        if isinstance(error, Trouble) and error.retry_after_s is not None:
            await self._clock.sleep_ms(max(error.retry_after_s * 1000, self._pause_ms(loop)))
            return True
        pause_s = self._clock.real_seconds(self._pause_ms(loop))
        # A wake that came while the attempt was still under way counts: what it told of has happened.
        try:
            async with asyncio.timeout(None if status is PluginStatus.NEEDS_LOGIN else pause_s):
                await loop.wake.wait()
        except TimeoutError:
            return True
        loop.pauses = 0
        return True

    def _tell(self, loop: _Loop, error: BaseException, status: PluginStatus, is_given_up: bool) -> None:
        name = loop.task.get_name()
        reason = reason_of(error)
        if status is PluginStatus.FAILED:
            what_now = "given up" if is_given_up else "tried again"
            _log.error("%s failed and is %s: %s", name, what_now, reason, exc_info=error)
        else:
            # Told when lost and when back, not each time between.
            _log.log(logging.DEBUG if loop.is_in_trouble else logging.WARNING, "%s waits: %s", name, reason)
        loop.is_in_trouble = True
        self._on_trouble(loop.owner, loop.name, status, reason)

    def _pause_ms(self, loop: _Loop) -> int:
        loop.pauses += 1
        return min(FIRST_PAUSE_MS << min(loop.pauses - 1, 10), LONGEST_PAUSE_MS)

    def _is_hopeless(self, loop: _Loop) -> bool:
        now_s = asyncio.get_running_loop().time()
        window_s = self._clock.real_seconds(CRASH_WINDOW_MS)
        loop.crashes_s.append(now_s)
        while now_s - loop.crashes_s[0] > window_s:
            loop.crashes_s.popleft()
        return len(loop.crashes_s) > CRASHES_ALLOWED and not loop.is_vital

    def _well(self, loop: _Loop) -> None:
        loop.pauses = 0
        if loop.is_in_trouble:
            loop.is_in_trouble = False
            _log.info("%s is well again", loop.task.get_name())
        self._on_well(loop.owner, loop.name)
