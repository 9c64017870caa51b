"""Starts plugins role by role, and stops them the other way round, each bounded in time."""

import asyncio
import logging
from functools import partial

from moodroom_hub.core.context import Role
from moodroom_hub.core.dispatch import Dispatcher, HookTimeout
from moodroom_hub.core.errors import MoodroomError, NotReady, StartError
from moodroom_hub.core.face import PluginStatus
from moodroom_hub.core.reasons import reason_of, status_of
from moodroom_hub.core.registry.board import Board, Record, loop_key
from moodroom_hub.core.registry.leaks import LeakWatch
from moodroom_hub.core.supervise import Supervisor

_log = logging.getLogger(__name__)

START_LIMIT_MS = 30_000
STOP_LIMIT_MS = 5_000
PATIENCE_MS = 5_000
"""So long the next role waits for this one's slowest; who takes longer goes on starting beside it."""
START_LOOP = "start (hook)"


class Lifecycle:
    """The beginning and the end of the plugins of one hub."""

    def __init__(self, board: Board, dispatcher: Dispatcher, supervisor: Supervisor) -> None:
        self._board = board
        self._dispatcher = dispatcher
        self._supervisor = supervisor
        self._leaks: LeakWatch | None = None
        self._is_stopped = False

    async def start_all(self) -> None:
        """Policies, then faces, then sources. Raises ``StartError`` where a built-in one does."""
        self._leaks = LeakWatch()
        for role in Role:
            await self._start_role([record for record in self._board.records() if record.role is role])

    async def stop_all(self, *, also_unstarted: bool = False) -> None:
        """Sources, then faces, then policies: first a plugin's loops, then its ``stop``. Idempotent, never raises."""
        if self._is_stopped:
            return
        self._is_stopped = True
        self._board.is_telling = False
        records = [
            record
            for record in self._board.records()
            if record.is_start_tried or (also_unstarted and record.plugin is not None)
        ]
        try:
            for role in reversed(Role):
                await asyncio.gather(*(self._stop(record) for record in records if record.role is role))
        except asyncio.CancelledError:
            # Somebody wants the end at once: loops whose turn had not come end here, as the hub's wish.
            await self._supervisor.stop()
            raise
        if self._leaks is not None:
            modules = {record.label: type(record.plugin).__module__ for record in records if record.plugin is not None}
            await self._leaks.sweep(modules)
        await self._dispatcher.stop()

    async def _start_role(self, records: list[Record]) -> None:
        first_tries: dict[asyncio.Future[StartError | None], Record] = {}
        for record in records:
            first_try: asyncio.Future[StartError | None] = asyncio.get_running_loop().create_future()
            first_tries[first_try] = record
            record.is_start_tried = True
            self._supervisor.spawn(START_LOOP, partial(self._try, record, first_try), record.label)
        if not first_tries:
            return
        done, pending = await asyncio.wait(first_tries, timeout=PATIENCE_MS / 1000)
        for future in pending:
            label = first_tries[future].label
            self._board.complain(label, loop_key(START_LOOP), PluginStatus.WAITING, "is still starting")
        for future in done:
            error = future.result()
            if error is not None:
                raise error

    async def _try(self, record: Record, first_try: asyncio.Future[StartError | None]) -> None:
        """One attempt. What may pass by itself is raised, for the supervisor to try again."""
        refusal: StartError | None = None
        try:
            times_said = record.times_said
            outcome = await self._dispatcher.call_one("start", record.label, limit_ms=START_LIMIT_MS)
            if outcome is None or outcome.error is None:
                record.is_started = True
                if record.times_said == times_said:
                    self._board.settle(record.label, PluginStatus.RUNNING, "")
                return
            # Loops of a half-made start would meet themselves at the next attempt.
            await self._supervisor.cancel(record.label, spare=START_LOOP)
            error = self._cause(record, outcome.error)
            if status_of(error) is not PluginStatus.FAILED:
                raise error
            if isinstance(error, StartError) and record.candidate.is_builtin:
                refusal = error
            trace = None if isinstance(error, MoodroomError | HookTimeout) else error
            _log.error("%s cannot start: %s", record.label, reason_of(error), exc_info=trace)
            self._board.settle(record.label, PluginStatus.FAILED, reason_of(error))
        finally:
            if not first_try.done():
                first_try.set_result(refusal)

    def _cause(self, record: Record, error: BaseException) -> BaseException:
        """A start that took too long is tried again, unless the first one is still at it."""
        if not isinstance(error, HookTimeout):
            return error
        took = f"did not start within {START_LIMIT_MS // 1000} s"
        if self._dispatcher.is_still_running(record.label, "start"):
            return HookTimeout(f"{took}, and does not let itself be cancelled")
        return NotReady(took)

    async def _stop(self, record: Record) -> None:
        await self._supervisor.close(record.label)
        record.is_started = False
        outcome = await self._dispatcher.call_one("stop", record.label, limit_ms=STOP_LIMIT_MS)
        if outcome is not None and outcome.error is not None:
            trace = None if isinstance(outcome.error, MoodroomError | HookTimeout) else outcome.error
            _log.error("%s did not stop well: %s", record.label, reason_of(outcome.error), exc_info=trace)
