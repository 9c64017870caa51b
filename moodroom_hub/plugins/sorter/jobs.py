"""One piece of the sorter's work at a time: begun at once, watched from outside, ended cleanly."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace

from moodroom_hub.core.errors import MoodroomError, Trouble, TroubleCode
from moodroom_hub.core.sorting import SorterJob, SorterJobStatus
from moodroom_hub.domain.sorting.models import LayerKey

log = logging.getLogger(__name__)

NEVER = SorterJob(SorterJobStatus.IDLE)
MOST_NOTES = 50
OWNERS = frozenset({TroubleCode.NOT_FOUND, TroubleCode.CONFLICT, TroubleCode.BAD_REQUEST})
"""What the owner asked for cannot be; the answer says so, and nothing is wrong."""


class Teller:
    """How work says where it stands."""

    def __init__(self, job: SorterJob) -> None:
        self.job = job

    def phase(self, text: str, total: int = 0) -> None:
        """What is done now, for a person."""
        self.job = replace(self.job, phase=text, done=0, total=total)

    def progress(self, done: int, total: int) -> None:
        """How far that is."""
        self.job = replace(self.job, done=done, total=total)

    def note(self, text: str) -> None:
        """One line that is worth knowing afterwards."""
        if text not in self.job.notes and len(self.job.notes) < MOST_NOTES:
            self.job = replace(self.job, notes=(*self.job.notes, text))


Work = Callable[[Teller], Awaitable[None]]
QuietWork = Callable[[], Awaitable[None]]


class Jobs:
    """Work that somebody asked for, one at a time; and quiet work, that gives way to it.

    ``told`` hears whenever work of either kind has ended.
    """

    def __init__(self, told: Callable[[], None]) -> None:
        self._told = told
        self._teller = Teller(NEVER)
        self._task: asyncio.Task[None] | None = None
        self._quiet: asyncio.Task[None] | None = None
        self._is_closed = False

    @property
    def is_busy(self) -> bool:
        """Whether something runs that was asked for."""
        return self._task is not None and not self._task.done()

    @property
    def is_quietly_busy(self) -> bool:
        """Whether quiet work runs."""
        return self._quiet is not None and not self._quiet.done()

    def view(self) -> SorterJob:
        """Where the work stands that was asked for last."""
        return self._teller.job

    def start(self, what: str, layer: LayerKey | None, work: Work) -> SorterJob:
        """Begin; quiet work ends first. Raises ``Trouble(CONFLICT)`` while other work runs."""
        self.refuse_while_busy()
        if self._is_closed:
            raise Trouble(TroubleCode.UNAVAILABLE, "The hub is stopping.")
        teller = self._teller = Teller(SorterJob(SorterJobStatus.RUNNING, what, layer, "beginning"))
        self._task = asyncio.create_task(self._run(teller, work), name=f"sorter: {what}")
        return teller.job

    def refuse_while_busy(self) -> None:
        """Raises ``Trouble(CONFLICT)`` while work runs that was asked for."""
        if self.is_busy:
            what = self._teller.job.what
            raise Trouble(TroubleCode.CONFLICT, f"The sorter is busy ({what}): wait until it is done, or cancel it.")

    def start_quietly(self, work: QuietWork) -> bool:
        """Do it behind where nothing else runs; whether it was begun."""
        if self._is_closed or self.is_busy or self.is_quietly_busy:
            return False
        self._quiet = asyncio.create_task(self._run_quietly(work), name="sorter: quiet work")
        return True

    async def ended(self) -> SorterJob:
        """Wait until nothing runs that was asked for; gives how it went."""
        if self._task is not None:
            await asyncio.wait([self._task])
        return self.view()

    async def ended_quietly(self) -> None:
        """Wait until no quiet work runs."""
        if self._quiet is not None:
            await asyncio.wait([self._quiet])

    async def cancel(self) -> SorterJob:
        """End what was asked for."""
        await _end(self._task)
        if self.view().status is SorterJobStatus.RUNNING:  # cancelled before its first step
            self._settle(self._teller, SorterJobStatus.CANCELLED)
        return self.view()

    async def close(self) -> None:
        """End everything, and begin nothing any more. Idempotent."""
        self._is_closed = True
        await self.cancel()
        await _end(self._quiet)

    async def _run(self, teller: Teller, work: Work) -> None:
        try:
            await _end(self._quiet)
            await work(teller)
        except asyncio.CancelledError:
            self._settle(teller, SorterJobStatus.CANCELLED)
        except MoodroomError as error:
            level = logging.INFO if isinstance(error, Trouble) and error.code in OWNERS else logging.WARNING
            log.log(level, "the sorter's work (%s) failed: %s", teller.job.what, error)
            self._settle(teller, SorterJobStatus.FAILED, str(error))
        except Exception:  # isolation: whoever began it has gone, and sees its end in the job alone
            log.exception("the sorter's work (%s) failed", teller.job.what)
            self._settle(teller, SorterJobStatus.FAILED, "an error of the hub's own; its log says more")
        else:
            self._settle(teller, SorterJobStatus.DONE)

    async def _run_quietly(self, work: QuietWork) -> None:
        try:
            await work()
        except MoodroomError as error:
            log.info("the sorter goes on without its quiet work: %s", error)
        except Exception:  # isolation: nobody waits for it
            log.exception("the sorter's quiet work failed")
        self._told()

    def _settle(self, teller: Teller, status: SorterJobStatus, error: str = "") -> None:
        teller.job = replace(teller.job, status=status, phase=status.value, error=error)
        self._told()


async def _end(task: asyncio.Task[None] | None) -> None:
    while task is not None and not task.done():
        task.cancel()
        await asyncio.wait([task])
