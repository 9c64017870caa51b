"""Reading liked songs: only what is new, and on from where it stopped."""

import asyncio
from pathlib import Path

import pytest

from moodroom_hub.core.errors import Trouble
from moodroom_hub.core.playlists import MOST_PLAYLISTS, MOST_TRACKS, Playlists
from moodroom_hub.domain.models import Tier
from moodroom_hub.simulator.virtual_time import run_virtual
from tests.core.data_lab import Data, FakeAccount, data

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


# --- playlists -------------------------------------------------------------------------------------------


async def titles(parts: Data) -> list[tuple[str, int]]:
    """The lists that miners get, and how long each is."""
    return [(each.name, len(each.items)) for each in await parts.library.playlist_lists()]


def test_playlists_are_read_once_and_again_when_they_changed(tmp_path: Path) -> None:
    async def scenario() -> None:
        account = FakeAccount([1], lists={"Evening": list(range(120)), "Empty": [], "Run": [3, 1, 3]})
        async with data(tmp_path) as parts:
            assert (await parts.library.sync(account)).playlists == 3
            assert await titles(parts) == [("Evening", 120), ("Run", 3)]
            assert (await parts.library.playlist_lists())[1].items == (
                ("Song 3", "Band 3"),
                ("Song 1", "Band 1"),
                ("Song 3", "Band 3"),
            )
            account.lists_read.clear()
            assert (await parts.library.sync(account)).playlists == 0
            assert account.lists_read == []
            account.lists["Run"] = [4]
            account.versions["Run"] = 2
            assert (await parts.library.sync(account)).playlists == 1
            assert account.lists_read == ["Run"]
            account.lists = {"Run": [4], "Evening": account.lists["Evening"]}
            assert (await parts.library.sync(account)).playlists == 0
            assert await titles(parts) == [("Run", 1), ("Evening", 120)]
            account.lists.clear()
            await parts.library.sync(account)
            assert await titles(parts) == []

    run_virtual(scenario)


def test_a_wait_among_the_playlists_leaves_the_rest_for_the_next_time(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def scenario() -> None:
        account = FakeAccount([2, 1], lists={f"List {n}": list(range(60)) for n in range(4)}, lists_fail_after=5)
        async with data(tmp_path) as parts:
            report = await parts.library.sync(account)
            assert (report.new, report.playlists) == (2, 2)
            assert [name for name, _ in await titles(parts)] == ["List 0", "List 1"]
            assert "2 of the playlists are left for the next time: Spotify asks us to wait 60 s." in caplog.text
            account.lists_fail_after = None
            account.lists_read.clear()
            assert (await parts.library.sync(account)).playlists == 2
            assert account.lists_read == ["List 2", "List 2", "List 3", "List 3"]
            assert [size for _, size in await titles(parts)] == [60] * 4

    run_virtual(scenario)


def test_a_playlist_that_may_not_be_read_is_passed_over_until_it_changes(tmp_path: Path) -> None:
    async def scenario() -> None:
        account = FakeAccount([1], lists={"Theirs": [1], "Mine": [2]}, forbidden={"Theirs"})
        async with data(tmp_path) as parts:
            await parts.library.sync(account)
            assert await titles(parts) == [("Mine", 1)]
            account.forbidden.clear()
            await parts.library.sync(account)
            assert await titles(parts) == [("Mine", 1)]
            account.versions["Theirs"] = 2
            await parts.library.sync(account)
            assert await titles(parts) == [("Theirs", 1), ("Mine", 1)]

    run_virtual(scenario)


def test_the_playlists_are_bounded_and_the_log_says_so(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async def scenario() -> None:
        many = {"Endless": list(range(MOST_TRACKS + 120)), **{f"List {n}": [n] for n in range(MOST_PLAYLISTS + 5)}}
        account = FakeAccount([1], lists=many)
        async with data(tmp_path) as parts:
            assert (await parts.library.sync(account)).playlists == MOST_PLAYLISTS
            assert (await titles(parts))[0] == ("Endless", MOST_TRACKS)
            assert account.lists_read.count("Endless") == MOST_TRACKS / 50
            assert "only the first 500 playlists are read" in caplog.text
            assert "only the first 10000 tracks of a playlist of 10120 are read" in caplog.text

    run_virtual(scenario)


def test_playlists_of_the_hubs_own_making_are_left_out(tmp_path: Path) -> None:
    async def scenario() -> None:
        account = FakeAccount([1], lists={"Moodroom: House": [1], "Mine": [2]})
        async with data(tmp_path) as parts:
            own = Playlists(parts.store, ("Moodroom: ",))
            assert await own.sync(account) == 1
            assert [each.name for each in await own.lists()] == ["Mine"]

    run_virtual(scenario)
