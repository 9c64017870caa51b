"""One piece of work at a time."""

import asyncio
import logging

import pytest

from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.core.sorting import SorterJobStatus
from moodroom_hub.plugins.sorter.jobs import Jobs, Teller


async def _for_ever(_: Teller) -> None:
    await asyncio.Event().wait()


async def test_work_is_watched_and_other_work_is_refused_meanwhile() -> None:
    told: list[str] = []
    jobs = Jobs(lambda: told.append("ended"))
    go = asyncio.Event()

    async def work(tell: Teller) -> None:
        tell.phase("learning", 3)
        tell.progress(1, 3)
        tell.note("odd")
        tell.note("odd")
        await go.wait()

    assert jobs.view().status is SorterJobStatus.IDLE
    jobs.start("train", None, work)
    await asyncio.sleep(0)
    assert (jobs.view().phase, jobs.view().done, jobs.view().total) == ("learning", 1, 3)
    with pytest.raises(Trouble, match="busy") as refused:
        jobs.start("sync", None, _for_ever)
    assert refused.value.code is TroubleCode.CONFLICT
    assert not jobs.start_quietly(lambda: _for_ever(Teller(jobs.view())))
    go.set()
    done = await jobs.ended()
    assert (done.status, done.notes) == (SorterJobStatus.DONE, ("odd",))
    assert told == ["ended"]


async def test_cancelling_and_failing_are_told() -> None:
    jobs = Jobs(lambda: None)
    jobs.start("apply", None, _for_ever)
    assert (await jobs.cancel()).status is SorterJobStatus.CANCELLED  # before its first step
    jobs.start("apply", None, _for_ever)
    await asyncio.sleep(0)
    assert (await jobs.cancel()).status is SorterJobStatus.CANCELLED

    async def refuse(_: Teller) -> None:
        raise Trouble(TroubleCode.RATE_LIMITED, "wait")

    jobs.start("apply", None, refuse)
    failed = await jobs.ended()
    assert (failed.status, failed.error) == (SorterJobStatus.FAILED, "wait")


async def test_a_fault_is_no_end_of_the_hub(caplog: pytest.LogCaptureFixture) -> None:
    jobs = Jobs(lambda: None)

    async def fault(_: Teller) -> None:
        raise ZeroDivisionError

    with caplog.at_level(logging.CRITICAL):
        jobs.start("train", None, fault)
        failed = await jobs.ended()
    assert failed.status is SorterJobStatus.FAILED
    assert "log" in failed.error


async def test_quiet_work_gives_way_and_nothing_begins_after_the_end() -> None:
    jobs = Jobs(lambda: None)
    ends: list[str] = []

    async def quiet() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ends.append("quiet")

    async def loud(_: Teller) -> None:
        ends.append("loud")

    assert jobs.start_quietly(quiet)
    assert not jobs.start_quietly(quiet)
    await asyncio.sleep(0)
    jobs.start("train", None, loud)
    await jobs.ended()
    assert ends == ["quiet", "loud"]
    assert jobs.start_quietly(quiet)
    await asyncio.sleep(0)
    await jobs.close()
    await jobs.close()
    assert not jobs.start_quietly(quiet)
    with pytest.raises(Trouble, match="stopping"):
        jobs.start("train", None, loud)
