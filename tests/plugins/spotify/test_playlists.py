"""The owner's playlists over real HTTP, and in the simulated home."""

from pathlib import Path
from typing import Any

import pytest

from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.core.ports import PlaylistPage
from moodroom_hub.domain.models import Uri
from moodroom_hub.simulator.library import STRANGER_ID, SimPlaylist
from tests.plugins.spotify.fake import Reply, error, track_json
from tests.plugins.spotify.lab import Lab, lab, virtual
from tests.plugins.spotify.test_simulated_home import SONGS, at_home

ME, MINE = "GET /v1/me/", "GET /v1/me/playlists"
ITEMS = "GET /v1/playlists/37i9dQ/items"


def listed(number: int, owner: str = "me", **more: Any) -> dict[str, Any]:
    """A row of the list."""
    return {"id": f"{number:04}", "name": f"List {number}", "owner": {"id": owner}, "snapshot_id": f"s{number}", **more}


def items(offset: int, total: int) -> Reply:
    """A page of fifty."""
    rows = [{"item": track_json(f"spotify:track:{n}", f"Song {n}")} for n in range(offset, min(offset + 50, total))]
    return Reply(200, {"items": rows, "total": total, "offset": offset, "next": None})


async def tracks(spot: Lab) -> list[PlaylistPage]:
    """Every page of one playlist."""
    return [page async for page in spot.parts.account.playlist_tracks("37i9dQ")]


@virtual
async def test_the_owners_and_shared_ones_page_by_page(tmp_path: Path) -> None:
    async with lab(tmp_path) as spot:
        rows = [listed(number, "you" if number % 3 == 0 else "me") for number in range(70)]
        rows[3]["collaborative"] = True
        spot.fake.once(ME, Reply(200, {"id": "me"}))
        spot.fake.once(MINE, *(Reply(200, {"items": rows[at : at + 50], "total": 70}) for at in (0, 50)))
        found = [each async for each in spot.parts.account.playlists()]
        assert [each.name for each in found] == [f"List {n}" for n in range(70) if n % 3 or n == 3]
        assert [dict(each.query) for each in spot.fake.asked[1:]] == [
            {"limit": "50", "offset": "0"},
            {"limit": "50", "offset": "50"},
        ]


@virtual
async def test_a_list_that_nobody_can_read_is_told(tmp_path: Path) -> None:
    async with lab(tmp_path) as spot:
        spot.fake.once(ME, Reply(200, {"display_name": "nobody"}))
        with pytest.raises(Trouble) as trouble:
            await anext(spot.parts.account.playlists())
        assert trouble.value.code is TroubleCode.UNAVAILABLE


@virtual
async def test_the_tracks_page_by_page(tmp_path: Path) -> None:
    async with lab(tmp_path, market="DE") as spot:
        spot.fake.once(ITEMS, items(0, 70), items(50, 70))
        assert [(page.offset, page.total, len(page.tracks)) for page in await tracks(spot)] == [
            (0, 70, 50),
            (50, 70, 20),
        ]
        assert [dict(each.query) for each in spot.fake.asked] == [
            {"limit": "50", "offset": str(offset), "market": "DE", "additional_types": "track"} for offset in (0, 50)
        ]


@pytest.mark.parametrize("status", [403, 404])
def test_one_that_may_not_be_read_is_passed_over(tmp_path: Path, status: int) -> None:
    @virtual
    async def run() -> None:
        async with lab(tmp_path) as spot:
            spot.fake.always[ITEMS] = error(status, "Forbidden")
            assert await tracks(spot) == []

    run()


@virtual
async def test_an_empty_one_is_one_empty_page(tmp_path: Path) -> None:
    async with lab(tmp_path) as spot:
        spot.fake.once(ITEMS, items(0, 0))
        assert [page.tracks for page in await tracks(spot)] == [()]


@virtual
async def test_a_wait_in_the_middle_is_told(tmp_path: Path) -> None:
    async with lab(tmp_path) as spot:
        spot.fake.once(ITEMS, items(0, 70), error(429, "wait", "QUOTA_EXCEEDED", Retry_After="300"))
        with pytest.raises(Trouble) as trouble:
            await tracks(spot)
        assert trouble.value.code is TroubleCode.RATE_LIMITED
        assert len(spot.fake.asked) == 2
        with pytest.raises(Trouble):
            await tracks(spot)
        assert len(spot.fake.asked) == 2
        spot.fake.search_results = []
        assert await spot.parts.account.search_tracks("the quota", "is the playlists' own") == ()


@virtual
async def test_a_refusal_after_the_first_page_is_not_the_end(tmp_path: Path) -> None:
    async with lab(tmp_path) as spot:
        spot.fake.once(ITEMS, items(0, 70), error(403, "Forbidden"))
        with pytest.raises(Trouble) as trouble:
            await tracks(spot)
        assert trouble.value.code is TroubleCode.REFUSED


@virtual
async def test_in_the_simulated_home(tmp_path: Path) -> None:
    async with at_home(tmp_path) as (home, parts):
        library = home.world.library
        evening = library.make_playlist("Evening", home.now_ms(), SONGS[:120])
        evening.uris.insert(1, None)
        for number, is_shared in ((1, True), (2, False)):
            foreign = SimPlaylist(f"{number:022}", "Theirs", STRANGER_ID, is_collaborative=is_shared)
            foreign.uris.append(SONGS[5])
            library.playlists[foreign.id] = foreign
        found = {each.name: each async for each in parts.account.playlists()}
        assert list(found) == ["Not for any room", "Evening", "Theirs"]
        assert found["Theirs"].id.endswith("1")
        assert (found["Evening"].total, found["Evening"].snapshot) == (121, evening.snapshot_id)
        pages = [page async for page in parts.account.playlist_tracks(evening.id)]
        assert [track.uri for page in pages for track in page.tracks] == SONGS[:120]
        assert sum(page.skipped for page in pages) == 1
        assert all(track.year is not None for page in pages for track in page.tracks)
        assert [page async for page in parts.account.playlist_tracks(f"{2:022}")] == []
        assert [page async for page in parts.account.playlist_tracks("n" * 22)] == []


@virtual
async def test_search_in_the_simulated_home(tmp_path: Path) -> None:
    async with at_home(tmp_path) as (home, parts):
        wanted = home.world.items[SONGS[0]]
        found = await parts.account.search_tracks(wanted.name, wanted.artists[0])
        assert found[0].uri == SONGS[0]
        assert found[0].year == wanted.year
        assert len(await parts.account.search_tracks("the", "")) <= 10
        assert await parts.account.search_tracks("No Such Song At All", "Nobody") == ()
        assert Uri("") not in {each.uri for each in found}
