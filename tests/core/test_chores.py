"""What the calendar does: warns of a login's end, once per step, and keeps backups."""

import asyncio
from pathlib import Path
from typing import cast

from moodroom_hub.core.chores import Chores
from moodroom_hub.core.events import LoginExpiring
from moodroom_hub.core.face import SyncReport
from moodroom_hub.core.sorting import Sorter
from moodroom_hub.core.stations import Radio
from moodroom_hub.simulator.virtual_time import run_virtual
from tests.core.data_lab import Data, FakeAccount, data

DAY_S = 86_400


class NightSorter:
    """Counts its nights."""

    nights = 0

    async def nightly(self) -> None:
        """Count it."""
        self.nights += 1


class Face:
    """The three things that chores need of the commands."""

    def __init__(self, account: FakeAccount) -> None:
        self.accounts = [account]
        self.syncs = 0
        self.sorter_with_layers: Sorter | None = None
        self.radio_if_any: Radio | None = None

    async def sync_library(self) -> SyncReport:
        """Count it."""
        self.syncs += 1
        return SyncReport(new=0, total=0)


def chores_of(parts: Data, face: Face, folder: Path) -> Chores:
    """The jobs over these parts."""
    return Chores(face, parts.store, parts.bus, parts.clock, folder)


def test_a_login_that_ends_is_told_of_at_each_step_once(tmp_path: Path) -> None:
    async def scenario() -> None:
        account = FakeAccount([], days_left=183)
        async with data(tmp_path) as parts:
            chores = chores_of(parts, Face(account), tmp_path)
            for days in range(183, -1, -1):
                account.days_left = days
                for _ in range(2):
                    await chores.warn_of_logins()
            events = await parts.store.events_after(0, 100)
            assert [event.days_left for event in events if isinstance(event, LoginExpiring)] == [30, 7, 3, 1, 0]
            account.days_left = 182
            await chores.warn_of_logins()
            account.days_left = 30
            await chores.warn_of_logins()
            assert len(await parts.store.events_after(0, 100)) == 6

    run_virtual(scenario)


def test_nobody_is_synced_who_is_not_logged_in(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with data(tmp_path) as parts:
            face = Face(FakeAccount([], days_left=None))
            await chores_of(parts, face, tmp_path).sync_library()
            assert face.syncs == 0
            face.accounts[0].days_left = 10
            await chores_of(parts, face, tmp_path).sync_library()
            assert face.syncs == 1

    run_virtual(scenario)


def test_the_sorter_and_the_radio_have_their_moment_at_night_where_they_are(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with data(tmp_path) as parts:
            face, sorter = Face(FakeAccount([])), NightSorter()
            chores = chores_of(parts, face, tmp_path)
            await chores.sort()
            face.sorter_with_layers = cast(Sorter, sorter)
            await chores.sort()
            assert sorter.nights == 1
            await chores.tend_stations()
            face.radio_if_any = cast(Radio, sorter)
            await chores.tend_stations()
            assert sorter.nights == 2

    run_virtual(scenario)


def test_a_week_of_backups_is_kept(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with data(tmp_path) as parts:
            chores = chores_of(parts, Face(FakeAccount([])), tmp_path)
            for _ in range(10):
                await chores.tidy()
                await chores.tidy()
                await asyncio.sleep(DAY_S)
            names = sorted(path.name for path in (tmp_path / "backups").iterdir())
            assert len(names) == 7
            assert all(name.endswith(".daily.db") for name in names)

    run_virtual(scenario)
