"""Pools by hand: files fill pools, change them by receipts, and never guess."""

import json
from pathlib import Path

import pytest

from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.domain.models import Tier
from moodroom_hub.domain.pools import moved
from moodroom_hub.simulator.virtual_time import run_virtual
from tests.core.data_lab import NIGHT, FakeAccount, data, song

HEADER = "room,tier,name,artist,uri,isrc\n"


def row(number: int, tier: str, *, with_uri: bool = True) -> str:
    """A line of a pool file."""
    track = song(number)
    return f"late-night,{tier},{track.name},{track.artists[0]},{track.uri if with_uri else ''},\n"


def test_new_tracks_come_in_and_the_same_file_again_changes_nothing(tmp_path: Path) -> None:
    async def scenario() -> None:
        text = HEADER + row(1, "CONFIRMED") + row(2, "safe side") + row(3, "DISCOVERY")
        async with data(tmp_path) as parts:
            report = await parts.importing.run(text, "csv", [], overwrite=False)
            assert (report.added, report.changed, report.kept) == (3, 0, 0)
            again = await parts.importing.run(text, "csv", [], overwrite=False)
            assert (again.added, again.changed, again.kept) == (0, 0, 0)
            assert list((await parts.tiers()).values()) == [Tier.CONFIRMED, Tier.SAFE_SIDE, Tier.DISCOVERY]

    run_virtual(scenario)


@pytest.mark.parametrize("overwrite", [False, True])
def test_what_was_taught_wins_over_a_file_unless_told_otherwise(tmp_path: Path, overwrite: bool) -> None:
    async def scenario() -> None:
        async with data(tmp_path) as parts:
            await parts.fill((1, Tier.CONFIRMED), (2, Tier.CONFIRMED))
            change = moved(await parts.pools.pool(NIGHT), song(1), Tier.REMOVED, parts.clock.now_ms())
            assert change is not None
            await parts.pools.change(NIGHT, [change])
            text = HEADER + row(1, "SAFE_SIDE") + row(2, "SAFE_SIDE")
            report = await parts.importing.run(text, "csv", [], overwrite=overwrite)
            expected = {"Song 1": Tier.SAFE_SIDE if overwrite else Tier.REMOVED, "Song 2": Tier.SAFE_SIDE}
            assert await parts.tiers() == expected
            assert (report.changed, report.kept) == ((2, 0) if overwrite else (1, 1))
            receipts = await parts.pools.receipts(10, None)
            await parts.pools.undo(receipts[0].receipt.id)
            assert (await parts.tiers())["Song 2"] is Tier.CONFIRMED

    run_virtual(scenario)


def test_rows_without_a_uri_are_searched_for_or_listed(tmp_path: Path) -> None:
    async def scenario() -> None:
        account = FakeAccount([], songs={"Song 1": song(1)})
        text = HEADER + row(1, "CONFIRMED", with_uri=False) + row(2, "CONFIRMED", with_uri=False)
        async with data(tmp_path) as parts:
            report = await parts.importing.run(text, "csv", [account], overwrite=False)
            assert report.added == 1
            assert len(report.unresolved) == 1
            assert "Song 2" in report.unresolved[0]
            account.searches = 0
            again = await parts.importing.run(text, "csv", [account], overwrite=False)
            assert (again.added, account.searches) == (0, 1)

    run_virtual(scenario)


def test_without_a_login_nothing_is_guessed_and_search_is_asked_once(tmp_path: Path) -> None:
    async def scenario() -> None:
        account = FakeAccount([], days_left=None)
        text = HEADER + "".join(row(number, "CONFIRMED", with_uri=False) for number in range(5)) + row(9, "DISCOVERY")
        async with data(tmp_path) as parts:
            report = await parts.importing.run(text, "csv", [account], overwrite=False)
            assert (report.added, len(report.unresolved), account.searches) == (1, 5, 1)
            assert all("Not logged in" in line for line in report.unresolved)

    run_virtual(scenario)


def test_the_original_moodrooms_state_is_taken_over_by_receipts(tmp_path: Path) -> None:
    async def scenario() -> None:
        state = {
            "skip_counts": {"Late Night::Song 2::Band 2": 1},
            "demoted": {"Late Night": [["Song 1", "Band 1"]]},
            "removed": {"Late Night": [["Song 2", "Band 2"], ["Nobody knows", "This"]]},
            "promoted_safe": {"Late Night": [["Song 3", "Band 3"]]},
            "active_mood": "Late Night",
            "events": [],
        }
        async with data(tmp_path) as parts:
            await parts.fill((1, Tier.CONFIRMED), (2, Tier.SAFE_SIDE), (3, Tier.DISCOVERY))
            report = await parts.importing.run(json.dumps(state), "state", [], overwrite=False)
            assert await parts.tiers() == {
                "Song 1": Tier.SAFE_SIDE,
                "Song 2": Tier.REMOVED,
                "Song 3": Tier.SAFE_SIDE,
            }
            assert report.changed == 3
            assert any("Nobody knows" in line for line in report.problems)
            for view in await parts.pools.receipts(10, None):
                await parts.pools.undo(view.receipt.id)
            assert await parts.tiers() == {
                "Song 1": Tier.CONFIRMED,
                "Song 2": Tier.SAFE_SIDE,
                "Song 3": Tier.DISCOVERY,
            }

    run_virtual(scenario)


@pytest.mark.parametrize(
    ("text", "form", "said"),
    [
        ("", "csv", "The file is empty."),
        ("\ufeff\r\n \r\n", "csv", "The file is empty."),
        ("", "state", "The file is empty."),
        (HEADER, "csv", "The file has no tracks"),
        (HEADER.strip(), "csv", "The file has no tracks"),
        ("nonsense", "csv", "header lacks room and tier"),
        ("[]", "state", ""),
        ("x", "xml", "csv or state"),
    ],
)
def test_a_useless_file_is_one_clear_refusal(tmp_path: Path, text: str, form: str, said: str) -> None:
    async def scenario() -> None:
        async with data(tmp_path) as parts:
            with pytest.raises(Trouble) as refused:
                await parts.importing.run(text, form, [], overwrite=False)
            assert refused.value.code is TroubleCode.BAD_REQUEST
            assert said in refused.value.message
            assert "\n" not in refused.value.message

    run_virtual(scenario)
