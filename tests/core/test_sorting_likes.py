"""Whoever syncs the library has what is new sorted, too; the sync never fails because of it."""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import cast

import pytest

from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.core.face import SyncReport
from moodroom_hub.core.sorting import Sorter, SorterJob, SorterJobStatus
from moodroom_hub.simulator.virtual_time import run_virtual
from tests.core.data_lab import FakeAccount
from tests.core.hub_lab import make_lab, running


class StubbornSorter:
    """Counts how often it was begun, and fails as a test says."""

    names: Sequence[str] = ()
    fails: Exception | None = None
    begun = 0

    def layers(self) -> Sequence[str]:
        """As given."""
        return self.names

    def start_sync(self) -> SorterJob:
        """Count it."""
        self.begun += 1
        if self.fails is not None:
            raise self.fails
        return SorterJob(SorterJobStatus.RUNNING, "sync")


def test_new_likes_are_sorted_after_a_sync_which_never_fails_for_it(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def scenario() -> None:
        lab, account, sorter = make_lab(), FakeAccount([3, 2, 1]), StubbornSorter()
        lab.accounts, lab.sorters = [account], [cast(Sorter, sorter)]

        async def told() -> tuple[int, bool, str]:
            report: SyncReport = await lab.hub.commands.sync_library()
            return sorter.begun, report.is_sorting, report.not_sorted

        async with running(lab, tmp_path):
            assert await told() == (0, False, ""), "without layers it has nothing to do"
            sorter.names = ["moods"]
            assert await told() == (1, True, "")
            sorter.fails = Trouble(TroubleCode.CONFLICT, "It trains.")
            assert await told() == (2, False, "It trains.")
            assert not [each for each in caplog.records if each.levelno > logging.INFO]
            sorter.fails = RuntimeError("a bug")
            assert await told() == (3, False, "The sorter failed; the hub's log says more.")
            account.days_left, account.fails_after = None, 0
            with pytest.raises(Trouble):
                await told()
            assert sorter.begun == 3, "nothing was read: there is nothing new to sort"

    run_virtual(scenario)
    assert [each.levelno for each in caplog.records if "new likes cannot be sorted" in each.message] == [logging.ERROR]
