"""Calls hooks so that no implementation can harm another: each alone, timed, and named when it fails.

pluggy only keeps the list of implementations; its own way of calling them would let the first error
end the call, and knows nothing of coroutines.
"""

import asyncio
import logging
import types
from collections.abc import Callable, Collection, Coroutine, Generator
from dataclasses import dataclass, field
from typing import Any

import pluggy

from moodroom_hub.core.clock import Clock

_log = logging.getLogger(__name__)

DEFAULT_LIMIT_MS = 5_000
FIRST_MUTE_MS = 60_000
LONGEST_MUTE_MS = 3_600_000
NOTABLE_HOLD_S = 0.25
"""From here on a plugin that does not let go of the event loop is named in the log."""
LAST_WAIT_S = 1.0
"""Real seconds given to cancelled work before it is called stubborn."""

OnFailure = Callable[[str, str, BaseException], None]
OnSuccess = Callable[[str, str], None]
IsOpen = Callable[[str, str], bool]


class HookTimeout(TimeoutError):
    """An implementation took longer than it was given."""


class HookMuted(Exception):
    """An implementation was left out, because it took too long a while ago, or is still at it."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one plugin's implementation gave: ``value``, or the ``error`` that it raised (or was found guilty of)."""

    plugin: str
    value: Any = None
    error: BaseException | None = None


@dataclass(slots=True)
class _Run:
    """One implementation at work.

    ``held_s`` is how long it kept the event loop from everybody else; ``is_late``: it was given up on.
    """

    plugin: str
    hook: str
    task: asyncio.Task[Outcome] = field(init=False)
    held_s: float = 0.0
    is_late: bool = False


@dataclass(slots=True)
class _Mute:
    length_ms: int
    until_s: float


def _open_always(plugin: str, hook: str) -> bool:
    return True


class Dispatcher:
    """The calls of one hub. ``is_open(plugin, hook)`` says who takes part (all, unless told otherwise).

    ``on_failure(plugin, hook, error)`` and ``on_success(plugin, hook)`` hear how each implementation of
    ``call`` and ``first`` ended; a muted one is not reported again.
    """

    def __init__(
        self,
        plugin_manager: pluggy.PluginManager,
        clock: Clock,
        on_failure: OnFailure,
        on_success: OnSuccess,
        *,
        is_open: IsOpen = _open_always,
        limit_ms: int = DEFAULT_LIMIT_MS,
    ) -> None:
        self._plugin_manager = plugin_manager
        self._clock = clock
        self._on_failure = on_failure
        self._on_success = on_success
        self._is_open = is_open
        self._limit_ms = limit_ms
        self._mutes: dict[tuple[str, str], _Mute] = {}
        self._strays: dict[asyncio.Task[Outcome], _Run] = {}
        self._known_holders: set[tuple[str, str]] = set()

    async def call(self, hook_name: str, /, *, only: Collection[str] | None = None, **arguments: Any) -> list[Outcome]:
        """Call every implementation at the same time; one outcome each, a muted one's error is ``HookMuted``.

        With ``only``: those of these plugins. Never raises for what a plugin does. Takes no longer than the limit,
        save where one of them blocks.
        """
        outcomes: list[Outcome] = []
        runs: list[_Run] = []
        for impl in self._impls(hook_name):
            if only is not None and impl.plugin_name not in only:
                continue
            muted = self._muted(impl.plugin_name, hook_name)
            if muted is None:
                runs.append(self._begin(impl, hook_name, arguments))
            else:
                outcomes.append(Outcome(impl.plugin_name, error=muted))
        await self._finish(runs, self._limit_ms)
        outcomes.extend(self._settle(run, self._limit_ms) for run in runs)
        return outcomes

    async def first(self, hook_name: str, /, **arguments: Any) -> Any:
        """Ask one after another (pluggy's order: last registered first) until one gives anything but ``None``.

        Muted ones are asked last: where nobody else answers, a slow answer is better than none.
        """
        impls = self._impls(hook_name)
        if self._mutes:
            impls.sort(key=lambda impl: self._muted(impl.plugin_name, hook_name) is not None)
        for impl in impls:
            if self.is_still_running(impl.plugin_name, hook_name):
                continue
            run = self._begin(impl, hook_name, arguments)
            await self._finish([run], self._limit_ms)
            outcome = self._settle(run, self._limit_ms)
            if outcome.error is None and outcome.value is not None:
                return outcome.value
        return None

    async def call_one(
        self, hook_name: str, plugin: str, /, *, limit_ms: int | None = None, **arguments: Any
    ) -> Outcome | None:
        """Call one plugin's implementation, muted and open or not; ``None`` where it has none.

        After a time-out (and when cancelled) the implementation gets a last moment to clean up behind
        itself. Neither callback hears of it: the caller knows.
        """
        limit_ms = self._limit_ms if limit_ms is None else limit_ms
        for impl in self._hook(hook_name).get_hookimpls():
            if impl.plugin_name != plugin:
                continue
            run = self._begin(impl, hook_name, arguments)
            try:
                await self._finish([run], limit_ms)
            finally:
                if not run.task.done():
                    await asyncio.wait((run.task,), timeout=LAST_WAIT_S)
            return self._judge(run, limit_ms)
        return None

    def is_still_running(self, plugin: str, hook_name: str) -> bool:
        """True while an implementation that was given up on has not ended yet."""
        return any(
            run.plugin == plugin and run.hook == hook_name and not task.done() for task, run in self._strays.items()
        )

    async def stop(self) -> tuple[str, ...]:
        """Cancel again what was given up on; the names of those that still refuse to end. Idempotent."""
        strays = dict(self._strays)
        if not strays:
            return ()
        for task in strays:
            task.cancel()
        _, stubborn = await asyncio.wait(strays, timeout=LAST_WAIT_S)
        names = tuple(sorted(task.get_name() for task in stubborn))
        for name in names:
            _log.error("%s does not end, although it was cancelled twice; it is left behind", name)
        return names

    def _hook(self, hook_name: str) -> pluggy.HookCaller:
        hook: pluggy.HookCaller = getattr(self._plugin_manager.hook, hook_name)
        return hook

    def _impls(self, hook_name: str) -> list[pluggy.HookImpl]:
        impls = self._hook(hook_name).get_hookimpls()
        return [impl for impl in reversed(impls) if self._is_open(impl.plugin_name, hook_name)]

    def _begin(self, impl: pluggy.HookImpl, hook_name: str, arguments: dict[str, Any]) -> _Run:
        run = _Run(impl.plugin_name, hook_name)
        positional = [arguments[name] for name in impl.argnames]
        optional = {name: arguments[name] for name in impl.kwargnames if name in arguments}
        name = f"{impl.plugin_name}: {hook_name}"
        run.task = asyncio.create_task(_isolated(impl.function, positional, optional, run), name=name)
        return run

    async def _finish(self, runs: list[_Run], limit_ms: int) -> None:
        """Wait until all are done or the time is up; then give up on the rest."""
        if not runs:
            return
        # The machine is not faster where the hub's clock is (in a demo).
        limit_s = limit_ms / 1000
        try:
            _, pending = await asyncio.wait([run.task for run in runs], timeout=limit_s)
            if pending:
                # The time for which one blocked the loop was lost to the others: they get it back, once.
                lost_s = min(limit_s, sum(run.held_s for run in runs))
                if lost_s > 0:
                    await asyncio.wait(pending, timeout=lost_s)
        finally:
            for run in runs:
                if not run.task.done():
                    run.is_late = True
                    self._strays[run.task] = run
                    run.task.add_done_callback(self._strays.pop)
                    run.task.cancel()
        if pending:
            await asyncio.sleep(0)  # whoever ends when told to has now ended

    def _settle(self, run: _Run, limit_ms: int) -> Outcome:
        outcome = self._judge(run, limit_ms)
        key = (run.plugin, run.hook)
        if isinstance(outcome.error, HookTimeout):
            self._mute(key)
        elif self._mutes:
            self._mutes.pop(key, None)
        if outcome.error is None:
            self._on_success(*key)
        else:
            self._on_failure(*key, outcome.error)
        return outcome

    def _judge(self, run: _Run, limit_ms: int) -> Outcome:
        if run.held_s:
            self._name_holder(run)
        if run.is_late:
            error = HookTimeout(f"{run.hook} took longer than {limit_ms / 1000:g} s")
        elif run.held_s > limit_ms / 1000:
            error = HookTimeout(f"{run.hook} blocked the whole hub for {run.held_s:.1f} s")
        elif run.task.cancelled():
            return Outcome(run.plugin, error=asyncio.CancelledError(f"{run.hook} cancelled itself"))
        else:
            return run.task.result()
        return Outcome(run.plugin, error=error)

    def _name_holder(self, run: _Run) -> None:
        key = (run.plugin, run.hook)
        level = logging.DEBUG if key in self._known_holders else logging.WARNING
        self._known_holders.add(key)
        _log.log(level, "%s: %s kept the whole hub waiting for %.2f s", *key, run.held_s)

    def _mute(self, key: tuple[str, str]) -> None:
        before = self._mutes.get(key)
        length_ms = FIRST_MUTE_MS if before is None else min(before.length_ms * 2, LONGEST_MUTE_MS)
        until_s = asyncio.get_running_loop().time() + self._clock.real_seconds(length_ms)
        self._mutes[key] = _Mute(length_ms, until_s)
        _log.warning("%s: %s is muted for %d s, because it took too long", *key, length_ms // 1000)

    def _muted(self, plugin: str, hook_name: str) -> HookMuted | None:
        mute = self._mutes.get((plugin, hook_name))
        if mute is None:
            return None
        if asyncio.get_running_loop().time() < mute.until_s:
            return HookMuted(f"{hook_name} is muted, because it took too long before")
        if self.is_still_running(plugin, hook_name):
            return HookMuted(f"{hook_name} is muted, because it has not even ended yet")
        return None


async def _isolated(
    function: Callable[..., Any], positional: list[Any], optional: dict[str, Any], run: _Run
) -> Outcome:
    """Whatever the implementation does becomes an outcome; only a cancellation from outside passes through."""
    try:
        value = await _watched(function(*positional, **optional), run)
    except asyncio.CancelledError as error:
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            raise
        return Outcome(run.plugin, error=error)
    except GeneratorExit:
        raise
    except BaseException as error:  # noqa: BLE001 -- isolation: even SystemExit is this plugin's failure only
        return Outcome(run.plugin, error=error)
    return Outcome(run.plugin, value)


@types.coroutine
def _watched(coroutine: Coroutine[Any, Any, Any], run: _Run) -> Generator[Any, Any, Any]:
    """Await ``coroutine``, adding up in ``run.held_s`` the steps in which it kept the event loop for long."""
    now = asyncio.get_running_loop().time
    step: Callable[[Any], Any] = coroutine.send
    argument: Any = None
    while True:
        began_s = now()
        try:
            asked_for = step(argument)
        except StopIteration as stop:
            return stop.value
        finally:
            held_s = now() - began_s
            if held_s >= NOTABLE_HOLD_S:
                run.held_s += held_s
        try:
            argument = yield asked_for
            step = coroutine.send
        except GeneratorExit:
            coroutine.close()
            raise
        except BaseException as thrown:  # noqa: BLE001 -- handed on to where it belongs
            argument = thrown
            step = coroutine.throw
