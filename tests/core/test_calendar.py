"""Jobs by the calendar: at their hour, never twice at once, never in anybody's way."""

import asyncio
import contextlib
import subprocess
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, time, timedelta

import pytest
import time_machine

from moodroom_hub.core.calendar import Calendar

SOON = timedelta(milliseconds=10)


class Office:
    """A calendar and what it told of its jobs."""

    def __init__(self) -> None:
        self.failures: list[tuple[str, str, str]] = []
        self.successes: list[tuple[str, str]] = []
        self.told = asyncio.Event()
        self.calendar = Calendar(self._failed, self._succeeded, UTC)

    def _failed(self, owner: str, name: str, error: BaseException) -> None:
        self.failures.append((owner, name, type(error).__name__))
        self.told.set()

    def _succeeded(self, owner: str, name: str) -> None:
        self.successes.append((owner, name))
        self.told.set()

    async def wait(self) -> None:
        async with asyncio.timeout(10):
            await self.told.wait()
        self.told.clear()


async def fine() -> None:
    """Do nothing, well."""


async def test_a_job_runs_again_and_again() -> None:
    office = Office()
    office.calendar.add("sync", fine, owner="spotify", every=SOON)
    await office.calendar.start()
    await office.wait()
    await office.wait()
    assert await office.calendar.stop() == ()
    assert set(office.successes) == {("spotify", "sync")}
    assert office.failures == []


@pytest.mark.parametrize("error", [ValueError("bug"), SystemExit(1), KeyboardInterrupt(), asyncio.CancelledError()])
async def test_a_failing_job_is_told_and_comes_again(error: BaseException, caplog: pytest.LogCaptureFixture) -> None:
    office = Office()

    async def broken() -> None:
        raise error

    office.calendar.add("backup", broken, every=SOON)
    await office.calendar.start()
    await office.wait()
    await office.wait()
    assert await office.calendar.stop() == ()
    assert set(office.failures) == {("hub", "backup", type(error).__name__)}
    assert "hub: backup failed" in caplog.text


async def test_runs_of_one_job_never_overlap_and_a_stop_ends_them() -> None:
    office = Office()
    begun: list[int] = []
    ended: list[str] = []
    long_enough = asyncio.Event()

    async def long() -> None:
        begun.append(1)
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("cleaned up")

    async def tick() -> None:
        if len(office.successes) >= 5:
            long_enough.set()

    office.calendar.add("long", long, every=SOON)
    office.calendar.add("tick", tick, every=SOON)
    await office.calendar.start()
    async with asyncio.timeout(10):
        await long_enough.wait()
    assert await office.calendar.stop() == ()
    assert begun == [1]
    assert ended == ["cleaned up"]
    assert office.failures == []


async def test_a_job_that_refuses_to_end_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("moodroom_hub.core.calendar.STOP_LIMIT_S", 0.02)
    office = Office()
    released, running = asyncio.Event(), asyncio.Event()

    async def deaf() -> None:
        running.set()
        while not released.is_set():
            with contextlib.suppress(asyncio.CancelledError):
                await released.wait()

    office.calendar.add("deaf", deaf, every=SOON)
    await office.calendar.start()
    async with asyncio.timeout(10):
        await running.wait()
    assert await office.calendar.stop() == ("hub: deaf",)
    released.set()
    await office.wait()


@pytest.mark.parametrize(
    ("weekday", "expected"),
    [
        (None, datetime(2026, 3, 4, 4, 30, tzinfo=UTC)),
        (0, datetime(2026, 3, 9, 4, 30, tzinfo=UTC)),
        (6, datetime(2026, 3, 8, 4, 30, tzinfo=UTC)),
    ],
)
async def test_a_daily_and_a_weekly_job_run_at_their_hour(weekday: int | None, expected: datetime) -> None:
    # A Tuesday, five in the morning: today's hour has just passed.
    with time_machine.travel(datetime(2026, 3, 3, 5, 0, tzinfo=UTC), tick=False) as traveller:
        office = Office()
        office.calendar.add("backup", fine, daily_at=time(4, 30), weekday=weekday)
        await office.calendar.start()
        traveller.move_to(expected - timedelta(seconds=1))
        await nudge(office.calendar)
        assert office.successes == []
        traveller.move_to(expected + timedelta(hours=3))
        await nudge(office.calendar)
        await office.wait()
        assert office.successes == [("hub", "backup")]
        await office.calendar.stop()


async def nudge(calendar: Calendar) -> None:
    """Let the calendar look at the clock now, as it does when another entry is added."""
    for number in range(100):
        try:
            calendar.add(f"nudge {number}", fine, every=timedelta(days=300))
        except ValueError:
            continue
        break
    for _ in range(5):
        await asyncio.sleep(0)


async def test_days_that_were_slept_through_are_made_up_for_once() -> None:
    with time_machine.travel(datetime(2026, 3, 3, 5, 0, tzinfo=UTC), tick=False) as traveller:
        office = Office()
        office.calendar.add("backup", fine, daily_at=time(4, 30))
        await office.calendar.start()
        traveller.move_to(datetime(2026, 3, 20, 10, 0, tzinfo=UTC))
        await nudge(office.calendar)
        await office.wait()
        assert office.successes == [("hub", "backup")]
        await office.calendar.stop()


def bad_entries() -> list[Callable[[Calendar], None]]:
    """Entries that say too little, too much, or nonsense."""
    return [
        lambda calendar: calendar.add("x", fine),
        lambda calendar: calendar.add("x", fine, daily_at=time(4), every=SOON),
        lambda calendar: calendar.add("x", fine, weekday=1, every=SOON),
        lambda calendar: calendar.add("x", fine, every=timedelta(0)),
        lambda calendar: calendar.add("taken", fine, every=SOON),
    ]


@pytest.mark.parametrize("bad", bad_entries())
async def test_a_senseless_entry_is_refused(bad: Callable[[Calendar], None]) -> None:
    office = Office()
    office.calendar.add("taken", fine, every=SOON)
    with pytest.raises(ValueError):
        bad(office.calendar)


async def test_an_empty_calendar_starts_and_stops_and_stopping_twice_does_no_harm() -> None:
    office = Office()
    await office.calendar.stop()
    await office.calendar.start()
    await office.calendar.start()
    await office.calendar.stop()
    await office.calendar.stop()


async def test_fifty_starts_and_stops_leave_no_task() -> None:
    before = asyncio.all_tasks()
    jobs: list[Callable[[], Awaitable[None]]] = [fine, fine, fine]
    for _ in range(50):
        office = Office()
        for number, job in enumerate(jobs):
            office.calendar.add(f"job {number}", job, every=timedelta(milliseconds=1))
        await office.calendar.start()
        await office.wait()
        assert await office.calendar.stop() == ()
    assert asyncio.all_tasks() == before


def test_a_calendar_loads_no_processes_and_leaves_them_to_others() -> None:
    program = """
import asyncio, sys
from datetime import UTC, timedelta
from moodroom_hub.core.calendar import Calendar

async def job():
    pass

async def main():
    calendar = Calendar(lambda *_: None, lambda *_: None, UTC)
    calendar.add("job", job, every=timedelta(hours=1))
    await calendar.start()
    print("apscheduler" in sys.modules, {"multiprocessing", "concurrent.futures.process"} & set(sys.modules))
    await calendar.stop()

asyncio.run(main())
from concurrent.futures import ProcessPoolExecutor
import multiprocessing
print(ProcessPoolExecutor.__module__, multiprocessing.cpu_count() > 0)
"""
    ran = subprocess.run([sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, check=True)
    assert (ran.stdout, ran.stderr) == ("True set()\nconcurrent.futures.process True\n", "")
