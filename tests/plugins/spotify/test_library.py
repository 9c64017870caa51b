"""The liked songs and the exact search, over real HTTP."""

from pathlib import Path
from typing import Any

import pytest

from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.core.ports import LibraryPage
from tests.plugins.spotify.fake import HOUSE, LATE_NIGHT, Asked, Reply, error, track_json
from tests.plugins.spotify.lab import Lab, lab, virtual

LIBRARY = "GET /v1/me/tracks"


def page(offset: int, total: int) -> Reply:
    """A page of fifty, as Spotify would cut it."""
    items = [
        {"added_at": "2026-01-01T00:00:00Z", "track": track_json(f"spotify:track:{number}", f"Song {number}")}
        for number in range(offset, min(offset + 50, total))
    ]
    return Reply(200, {"items": items, "total": total, "offset": offset, "next": None})


async def pages(spot: Lab, start: int = 0) -> list[LibraryPage]:
    """Every page."""
    return [each async for each in spot.parts.account.liked_tracks(start)]


@virtual
async def test_page_by_page_to_the_end(tmp_path: Path) -> None:
    async with lab(tmp_path, market="DE") as spot:
        spot.fake.once(LIBRARY, page(0, 120), page(50, 120), page(100, 120))
        found = await pages(spot)
        assert [(each.offset, each.total, len(each.tracks)) for each in found] == [
            (0, 120, 50),
            (50, 120, 50),
            (100, 120, 20),
        ]
        assert [dict(each.query) for each in spot.fake.asked] == [
            {"limit": "50", "offset": str(offset), "market": "DE"} for offset in (0, 50, 100)
        ]


@virtual
async def test_going_on_where_it_was_interrupted(tmp_path: Path) -> None:
    async with lab(tmp_path) as spot:
        spot.fake.once(LIBRARY, page(0, 120), error(429, "wait", Retry_After="3"))
        reading = spot.parts.account.liked_tracks()
        seen = [await anext(reading)]
        with pytest.raises(Trouble) as trouble:
            await anext(reading)
        assert trouble.value.code is TroubleCode.RATE_LIMITED
        await spot.clock.sleep_ms(4_000)
        spot.fake.once(LIBRARY, page(50, 120), page(100, 120))
        rest = await pages(spot, seen[-1].offset + len(seen[-1].tracks))
        assert sum(len(each.tracks) for each in (*seen, *rest)) == 120


@virtual
async def test_an_empty_library_is_one_empty_page(tmp_path: Path) -> None:
    async with lab(tmp_path) as spot:
        spot.fake.once(LIBRARY, page(0, 0))
        assert [(each.total, each.tracks) for each in await pages(spot)] == [(0, ())]


@virtual
async def test_a_page_that_cannot_be_read_is_told_and_not_taken_for_the_end(tmp_path: Path) -> None:
    async with lab(tmp_path) as spot:
        spot.fake.once(LIBRARY, page(0, 120), Reply(200, {"items": None}))
        with pytest.raises(Trouble) as trouble:
            await pages(spot)
        assert trouble.value.code is TroubleCode.UNAVAILABLE


@virtual
async def test_a_library_of_many_pages_stays_within_the_budget(tmp_path: Path) -> None:
    async with lab(tmp_path) as spot:
        at_ms: list[int] = []

        def watch(_: Asked) -> None:
            at_ms.append(spot.clock.now_ms())

        spot.fake.watcher = watch
        spot.fake.once(LIBRARY, *(page(offset, 2_000) for offset in range(0, 2_000, 50)))
        assert len(await pages(spot)) == 40
        for number, moment_ms in enumerate(at_ms):
            assert len([each for each in at_ms[: number + 1] if each > moment_ms - 30_000]) <= 27


# --- search ----------------------------------------------------------------------------------------------


def song(uri: str, name: str, *artists: str, isrc: str | None = None, **more: Any) -> dict[str, Any]:
    """A search result."""
    listed = [{"name": artist} for artist in artists]
    return track_json(uri, name, artists=listed, external_ids={"isrc": isrc}, **more)


@virtual
async def test_an_isrc_is_asked_first_and_must_be_the_very_one(tmp_path: Path) -> None:
    async with lab(tmp_path) as spot:
        spot.fake.search_results = [
            None,
            song(HOUSE, "Other", "Other", isrc="USCM51100601"),
            song(LATE_NIGHT, "Named Otherwise", "X", isrc="USCM51100600"),
        ]
        found = await spot.parts.account.find_track("Marvins Room", "Drake", "us-cm5-11-00600")
        assert found is not None
        assert found.uri == LATE_NIGHT
        assert [each.query["q"] for each in spot.fake.asked] == ["isrc:USCM51100600"]
        assert spot.fake.asked[0].query["limit"] == "10"


@virtual
async def test_without_a_hit_by_isrc_the_name_and_artist_are_asked(tmp_path: Path) -> None:
    async with lab(tmp_path) as spot:
        spot.fake.search_results = [song(LATE_NIGHT, "Marvins Room - Remastered 2020", "Drake")]
        found = await spot.parts.account.find_track('Marvins "Room"', "DRAKE\n", "USCM51100600")
        assert found is not None
        assert found.uri == LATE_NIGHT
        assert [each.query["q"] for each in spot.fake.asked] == [
            "isrc:USCM51100600",
            'track:"Marvins Room" artist:"DRAKE"',
        ]


@pytest.mark.parametrize(
    "results",
    [
        [],
        [song(LATE_NIGHT, "Marvins Room (Live)", "Drake")],
        [song(LATE_NIGHT, "Marvins Room", "A Tribute Band")],
        [song(LATE_NIGHT, "Marvin's Rooms", "Drake")],
        [{"uri": LATE_NIGHT}, None, 7],
    ],
)
def test_in_doubt_nothing_is_found(tmp_path: Path, results: list[Any]) -> None:
    @virtual
    async def run() -> None:
        async with lab(tmp_path) as spot:
            spot.fake.search_results = results
            assert await spot.parts.account.find_track("Marvins Room", "Drake") is None

    run()


@virtual
async def test_what_can_be_played_comes_first(tmp_path: Path) -> None:
    async with lab(tmp_path) as spot:
        spot.fake.search_results = [
            song(HOUSE, "Marvins Room", "Drake", is_playable=False),
            song(LATE_NIGHT, "Marvins Room", "Drake"),
        ]
        found = await spot.parts.account.find_track("Marvins Room", "Drake")
        assert found is not None
        assert found.uri == LATE_NIGHT


@virtual
async def test_nothing_is_asked_for_a_name_of_nothing(tmp_path: Path) -> None:
    async with lab(tmp_path) as spot:
        assert await spot.parts.account.find_track(' "" ', "Drake") is None
        assert await spot.parts.account.find_track("Marvins Room", "", "not an isrc") is None
        assert spot.fake.asked == []


@virtual
async def test_an_answer_that_cannot_be_read_is_no_no(tmp_path: Path) -> None:
    async with lab(tmp_path) as spot:
        spot.fake.once("GET /v1/search", Reply(200, []))
        with pytest.raises(Trouble):
            await spot.parts.account.find_track("Marvins Room", "Drake")


@virtual
async def test_what_there_is_by_title_and_artist_and_else_by_the_plain_words(tmp_path: Path) -> None:
    async with lab(tmp_path) as spot:
        found = [song(LATE_NIGHT, "Marvins Room (Karaoke)", "Nobody"), None, song(HOUSE, "Marvins Room", "Drake")]
        spot.fake.search_results = found
        assert [each.uri for each in await spot.parts.account.search_tracks("Marvins Room", "Drake")] == [
            LATE_NIGHT,
            HOUSE,
        ]
        spot.fake.search_results = []
        assert await spot.parts.account.search_tracks('Do "NOT" isrc:USCM5', "AC\nDC") == ()
        assert [each.query["q"] for each in spot.fake.asked] == [
            'track:"Marvins Room" artist:"Drake"',
            'track:"Do NOT isrc:USCM5" artist:"AC DC"',
            "do not isrc uscm5 ac dc",
        ]
        assert {each.query["limit"] for each in spot.fake.asked} == {"10"}
        spot.fake.asked.clear()
        assert await spot.parts.account.search_tracks(' "" ', "Drake") == ()
        assert spot.fake.asked == []
