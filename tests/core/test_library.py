"""Reading liked songs: only what is new, and on from where it stopped."""

import asyncio
from pathlib import Path

import pytest

from moodroom_hub.core.errors import Trouble
from moodroom_hub.domain.models import Tier
from moodroom_hub.simulator.virtual_time import run_virtual
from tests.core.data_lab import FakeAccount, data

DAY_S = 86_400


def newest_first(count: int) -> list[int]:
    """Numbers of songs."""
    return list(range(count, 0, -1))


def test_the_first_sync_reads_all_and_the_next_one_page(tmp_path: Path) -> None:
    async def scenario() -> None:
        account = FakeAccount(newest_first(230))
        async with data(tmp_path) as parts:
            progress: list[tuple[int, int]] = []
            report = await parts.library.sync(account, lambda done, total: progress.append((done, total)))
            assert (report.new, report.total) == (230, 230)
            assert progress[-1] == (230, 230)
            account.requests.clear()
            account.numbers.insert(0, 231)
            report = await parts.library.sync(account)
            assert (report.new, report.total) == (1, 231)
            assert account.requests == [0]

    run_virtual(scenario)


def test_a_first_sync_that_was_cut_off_goes_on_where_it_stopped(tmp_path: Path) -> None:
    async def scenario() -> None:
        account = FakeAccount(newest_first(400), fails_after=4)
        async with data(tmp_path) as parts:
            with pytest.raises(Trouble):
                await parts.library.sync(account)
            assert await parts.store.liked_count() == 200
            account.fails_after = None
            account.requests.clear()
            account.numbers[:0] = [402, 401]
            await parts.library.sync(account)
            assert account.requests[0] == 150
            await parts.library.sync(account)
            assert await parts.store.liked_count() == 402

    run_virtual(scenario)


def test_an_incremental_sync_that_was_cut_off_leaves_no_hole(tmp_path: Path) -> None:
    async def scenario() -> None:
        account = FakeAccount(newest_first(60))
        async with data(tmp_path) as parts:
            await parts.library.sync(account)
            account.numbers[:0] = list(range(260, 60, -1))
            account.requests.clear()
            account.fails_after = 2
            with pytest.raises(Trouble):
                await parts.library.sync(account)
            account.fails_after = None
            await parts.library.sync(account)
            assert await parts.store.liked_count() == 260

    run_virtual(scenario)


def test_unliked_songs_are_forgotten_at_most_once_a_week(tmp_path: Path) -> None:
    async def scenario() -> None:
        account = FakeAccount(newest_first(120))
        async with data(tmp_path) as parts:
            await parts.library.sync(account)
            account.numbers.remove(50)
            account.requests.clear()
            await parts.library.sync(account)
            assert account.requests == [0]
            await asyncio.sleep(8 * DAY_S)
            report = await parts.library.sync(account)
            assert report.gone == 1
            assert await parts.store.liked_count() == 119

    run_virtual(scenario)


def test_a_newly_liked_track_in_safe_side_is_confirmed(tmp_path: Path) -> None:
    async def scenario() -> None:
        account = FakeAccount([2, 1])
        async with data(tmp_path) as parts:
            await parts.fill((1, Tier.DISCOVERY), (2, Tier.SAFE_SIDE), (3, Tier.SAFE_SIDE))
            report = await parts.library.sync(account)
            assert report.moved == 1
            assert await parts.tiers() == {
                "Song 1": Tier.DISCOVERY,
                "Song 2": Tier.CONFIRMED,
                "Song 3": Tier.SAFE_SIDE,
            }
            assert [view.receipt.kind for view in await parts.pools.receipts(10, None)] == ["LIKED"]

    run_virtual(scenario)


def test_an_empty_library_is_no_fault(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with data(tmp_path) as parts:
            for _ in range(2):
                report = await parts.library.sync(FakeAccount([]))
                assert (report.new, report.total) == (0, 0)

    run_virtual(scenario)
