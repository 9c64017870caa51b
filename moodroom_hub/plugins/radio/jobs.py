"""One piece of the radio's work at a time: begun at once, watched from outside, ended cleanly."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace

from moodroom_hub.core.errors import MoodroomError, Trouble, TroubleCode
from moodroom_hub.core.stations import Refill, StationJob, StationJobStatus

log = logging.getLogger(__name__)

MOST_NOTES = 50


class Teller:
    """How work says where it stands."""

    def __init__(self, job: StationJob) -> None:
        self.job = job

    def progress(self, phase: str, done: int = 0, total: int = 0) -> None:
        """What is done now, for a person, and how far it is."""
        self.job = replace(self.job, phase=phase, done=done, total=total)

    def note(self, text: str) -> None:
        """One line that is worth knowing afterwards."""
        if text not in self.job.notes and len(self.job.notes) < MOST_NOTES:
            self.job = replace(self.job, notes=(*self.job.notes, text))

    def refilled(self, refill: Refill) -> None:
        """One room is done."""
        self.job = replace(self.job, refills=(*self.job.refills, refill))


Work = Callable[[Teller], Awaitable[None]]


class Jobs:
    """Work that somebody asked for, one at a time. ``told`` hears whenever it has ended."""

    def __init__(self, told: Callable[[StationJob], None]) -> None:
        self._told = told
        self._teller = Teller(StationJob(StationJobStatus.IDLE))
        self._task: asyncio.Task[None] | None = None
        self._is_closed = False

    @property
    def is_busy(self) -> bool:
        """Whether something runs."""
        return self._task is not None and not self._task.done()

    def view(self) -> StationJob:
        """Where the work stands that was asked for last."""
        return self._teller.job

    def start(self, what: str, work: Work) -> StationJob:
        """Begin. Raises ``Trouble(CONFLICT)`` while other work runs."""
        if self.is_busy:
            told = f"The radio is busy ({self._teller.job.what}): wait, or stop it on the page /stations."
            raise Trouble(TroubleCode.CONFLICT, told)
        if self._is_closed:
            raise Trouble(TroubleCode.UNAVAILABLE, "The hub is stopping.")
        teller = self._teller = Teller(StationJob(StationJobStatus.RUNNING, what, "beginning"))
        self._task = asyncio.create_task(self._run(teller, work), name=f"radio: {what}")
        return teller.job

    async def ended(self) -> StationJob:
        """Wait until nothing runs; gives how it went."""
        if self._task is not None:
            await asyncio.wait([self._task])
        return self.view()

    async def cancel(self) -> StationJob:
        """End what runs."""
        while self._task is not None and not self._task.done():
            self._task.cancel()
            await asyncio.wait([self._task])
        if self.view().status is StationJobStatus.RUNNING:  # cancelled before its first step
            self._settle(self._teller, StationJobStatus.CANCELLED)
        return self.view()

    async def close(self) -> None:
        """End everything, and begin nothing any more. Idempotent."""
        self._is_closed = True
        await self.cancel()

    async def _run(self, teller: Teller, work: Work) -> None:
        try:
            await work(teller)
        except asyncio.CancelledError:
            self._settle(teller, StationJobStatus.CANCELLED)
        except MoodroomError as error:
            log.warning("the radio's work (%s) failed: %s", teller.job.what, error)
            self._settle(teller, StationJobStatus.FAILED, str(error))
        except Exception:  # isolation: whoever began it has gone, and sees its end in the job alone
            log.exception("the radio's work (%s) failed", teller.job.what)
            self._settle(teller, StationJobStatus.FAILED, "an error of the hub's own; its log says more")
        else:
            self._settle(teller, StationJobStatus.DONE)

    def _settle(self, teller: Teller, status: StationJobStatus, error: str = "") -> None:
        teller.job = replace(teller.job, status=status, phase=status.value, error=error)
        self._told(teller.job)
