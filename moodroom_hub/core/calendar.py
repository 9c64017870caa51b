"""Jobs by the calendar: daily, weekly, every few hours. Loops belong to the supervisor, not here."""

import asyncio
import functools
import logging
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import time, timedelta, tzinfo
from types import ModuleType
from typing import TYPE_CHECKING, Any

from moodroom_hub.core.local_time import local_time_zone
from moodroom_hub.core.reasons import reason_of

if TYPE_CHECKING:
    from apscheduler.schedulers.asyncio import AsyncIOScheduler

_log = logging.getLogger(__name__)

Job = Callable[[], Awaitable[None]]
OnFailure = Callable[[str, str, BaseException], None]
OnSuccess = Callable[[str, str], None]

LONGEST_DELAY = timedelta(hours=12)
"""A job whose hour passed while the machine slept still runs, once, if it is no later than this."""
STOP_LIMIT_S = 2.0
"""Real seconds given to a cancelled job, twice."""


@dataclass(frozen=True, slots=True)
class _Entry:
    name: str
    job: Job
    owner: str
    trigger: str
    fields: dict[str, Any]


class Calendar:
    """The calendar of one hub: started last, stopped first. Hours are those of the machine's own time zone.

    ``on_failure(owner, name, error)`` and ``on_success(owner, name)`` hear how each run ended.
    Runs of one job never overlap, and missed ones are made up for by a single run.
    """

    def __init__(self, on_failure: OnFailure, on_success: OnSuccess, zone: tzinfo | None = None) -> None:
        self._on_failure = on_failure
        self._on_success = on_success
        self._zone = zone
        self._entries: dict[str, _Entry] = {}
        self._scheduler: AsyncIOScheduler | None = None
        self._runs: set[asyncio.Task[Any]] = set()
        self._is_started = False

    def add(
        self,
        name: str,
        job: Job,
        *,
        owner: str = "hub",
        daily_at: time | None = None,
        weekday: int | None = None,
        every: timedelta | None = None,
    ) -> None:
        """Run ``job()`` at the local time ``daily_at`` (on one ``weekday`` only, Monday is 0), or ``every`` so long.

        Raises ``ValueError`` where not exactly one of ``daily_at`` and ``every`` is given, or the name is taken.
        """
        if (daily_at is None) == (every is None) or (weekday is not None and daily_at is None):
            raise ValueError("a job needs either daily_at (with or without a weekday) or every")
        if name in self._entries:
            raise ValueError(f"the calendar already has a job called {name!r}")
        if every is not None:
            if every <= timedelta(0):
                raise ValueError("every must be longer than nothing")
            entry = _Entry(name, job, owner, "interval", {"seconds": every.total_seconds()})
        else:
            assert daily_at is not None
            fields = {"hour": daily_at.hour, "minute": daily_at.minute, "second": daily_at.second}
            if weekday is not None:
                fields["day_of_week"] = weekday
            entry = _Entry(name, job, owner, "cron", fields)
        self._entries[name] = entry
        if self._is_started:
            self._schedule(entry)

    async def start(self) -> None:
        """Begin to keep the calendar. One without entries costs nothing until it is given the first."""
        if self._is_started:
            return
        self._is_started = True
        for entry in self._entries.values():
            self._schedule(entry)

    async def stop(self) -> tuple[str, ...]:
        """Cancel what runs and forget the rest; the names of jobs that refuse to end. Idempotent."""
        self._is_started = False
        scheduler, self._scheduler = self._scheduler, None
        if scheduler is not None:
            scheduler.pause()
            await asyncio.sleep(0)  # what is just due begins, so that it ends like the others
        alive = set(self._runs)
        for _ in range(2):
            if not alive:
                break
            for task in alive:
                task.cancel()
            _, alive = await asyncio.wait(alive, timeout=STOP_LIMIT_S)
        if scheduler is not None:
            scheduler.shutdown(wait=False)
            await asyncio.sleep(0)  # it shuts down in the loop's next round
        names = tuple(sorted(task.get_name() for task in alive))
        for name in names:
            _log.error("%s does not end, although it was cancelled twice; it is left behind", name)
        return names

    def _schedule(self, entry: _Entry) -> None:
        if self._scheduler is None:
            self._scheduler = _start_scheduler(self._zone)
        self._scheduler.add_job(
            functools.partial(self._run, entry),
            entry.trigger,
            id=entry.name,
            name=entry.name,
            coalesce=True,
            max_instances=1,
            misfire_grace_time=round(LONGEST_DELAY.total_seconds()),
            **entry.fields,
        )

    async def _run(self, entry: _Entry) -> None:
        task = asyncio.current_task()
        assert task is not None
        task.set_name(f"{entry.owner}: {entry.name}")
        self._runs.add(task)
        try:
            await entry.job()
        except asyncio.CancelledError as error:
            if task.cancelling():
                return  # the calendar stops; the scheduler would log a cancellation as a failure
            self._failed(entry, error)
        except GeneratorExit:
            raise
        except BaseException as error:  # noqa: BLE001 -- isolation: even SystemExit is this job's failure only
            self._failed(entry, error)
        else:
            self._on_success(entry.owner, entry.name)
        finally:
            self._runs.discard(task)

    def _failed(self, entry: _Entry, error: BaseException) -> None:
        _log.error("%s: %s failed: %s", entry.owner, entry.name, reason_of(error), exc_info=error)
        self._on_failure(entry.owner, entry.name, error)


def _start_scheduler(zone: tzinfo | None) -> "AsyncIOScheduler":
    # Late: a hub that is only asked something needs neither the time nor the memory.
    with _without_processes():
        from apscheduler.schedulers.asyncio import AsyncIOScheduler

    logging.getLogger("apscheduler").setLevel(logging.WARNING)  # else it tells of every run
    scheduler = AsyncIOScheduler(timezone=zone or local_time_zone())
    scheduler.start()
    return scheduler


@contextmanager
def _without_processes() -> Iterator[None]:
    """APScheduler's pool of processes is nothing that the hub uses: half a megabyte for as long as it runs."""
    pool = ModuleType("concurrent.futures.process", "A placeholder for the time in which APScheduler is imported.")
    vars(pool)["BrokenProcessPool"] = type("BrokenProcessPool", (Exception,), {})
    stand_ins = {"multiprocessing": ModuleType("multiprocessing", pool.__doc__), pool.__name__: pool}
    ours = {name: stand_in for name, stand_in in stand_ins.items() if name not in sys.modules}
    sys.modules.update(ours)
    try:
        yield
    finally:
        for name in ours:
            del sys.modules[name]
