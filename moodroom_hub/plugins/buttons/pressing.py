"""Carries presses out: begun in the order of their coming, a task each, none waiting for another."""

import asyncio
import logging
from collections.abc import Callable
from typing import Final

from moodroom_hub.core.actions import Action, carry_out
from moodroom_hub.core.clock import Clock
from moodroom_hub.core.errors import MoodroomError, Trouble, TroubleCode
from moodroom_hub.core.face import HubFace
from moodroom_hub.domain.models import EpochMs

_log = logging.getLogger(__name__)

MOST_AT_ONCE: Final = 2_000
"""Presses that are still being carried out; beyond them the newest is refused."""
QUIET_MS: Final = 60_000
_TOO_MANY: Final = "too many presses at once; the newest are left out"


class Presses:
    """What was pressed and is being done. ``told()`` is called when ``last`` or ``trouble`` changed."""

    def __init__(self, hub: HubFace, clock: Clock, told: Callable[[], None]) -> None:
        self._hub = hub
        self._clock = clock
        self._told = told
        self._tasks: set[asyncio.Task[None]] = set()
        self._logged_ms: dict[str, EpochMs] = {}
        self.trouble: str | None = None
        """Why the last press that ended came to nothing."""
        self.last: str | None = None
        """The last press, and when."""

    @property
    def underway(self) -> int:
        """How many are being carried out."""
        return len(self._tasks)

    def begin(self, action: Action, name: str) -> None:
        """Carry out ``action``, pressed as the mapping ``name``. Returns at once, never raises."""
        if len(self._tasks) >= MOST_AT_ONCE:
            self._failed("too_many", name, _TOO_MANY)
            return
        at = self._clock.now().astimezone().strftime("%H:%M")
        self.last = f"{told_of(action)} ({name}, {at})"
        task = asyncio.create_task(self._carry_out(action, name), name=f"buttons: {action.deed}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        self._told()

    async def close(self) -> None:
        """End what is still underway."""
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(tuple(self._tasks))

    async def _carry_out(self, action: Action, name: str) -> None:
        try:
            await carry_out(self._hub, action)
        except Trouble as trouble:
            if trouble.code is not TroubleCode.SUPERSEDED:  # somebody pressed again: that one counts
                self._failed(trouble.code, name, trouble.message)
            return
        except MoodroomError as error:
            self._failed(type(error).__name__, name, str(error))
            return
        except Exception as error:  # noqa: BLE001 -- isolation: one press' failure must not cost the next one
            self._failed(type(error).__name__, name, f"failed ({type(error).__name__})", error)
            return
        if self.trouble is not None:
            self.trouble = None
            self._told()

    def _failed(self, kind: str, name: str, reason: str, error: Exception | None = None) -> None:
        self.trouble = reason
        self._told()
        now_ms = self._clock.now_ms()
        last_ms = self._logged_ms.get(kind)
        if last_ms is None or not 0 <= now_ms - last_ms < QUIET_MS:
            self._logged_ms[kind] = now_ms
            _log.warning("%s: a press came to nothing: %s", name, reason, exc_info=error)


def told_of(action: Action) -> str:
    """The action in a few words: ``toggle late-night``."""
    parts = [str(action.deed), action.room, f"in {action.zone}" if action.zone is not None else None]
    return " ".join(part for part in parts if part)
