"""What an artist has made, over real HTTP: one request a call, and nothing believed that was not asked for."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.core.ports import ArtistRef, Catalogue
from moodroom_hub.plugins.spotify import pages
from moodroom_hub.plugins.spotify.account import SpotifyAccount
from moodroom_hub.plugins.spotify.library import search_term
from moodroom_hub.plugins.spotify.parsers import ParseProblem
from moodroom_hub.simulator.catalogue.stations import FRIDAY
from tests.plugins.spotify.fake import HOUSE, LATE_NIGHT, Asked, Reply, error, track_json
from tests.plugins.spotify.lab import lab, virtual
from tests.plugins.spotify.test_simulated_home import at_home

SEARCH = "GET /v1/search"
DRAKE, OTHER, ALBUM = "3TVXtAsR1Inumwj472S9r4", "0000000000000000000001", "63WdJvk8G9hxJn8u5rswNh"
ALBUMS = f"GET /v1/artists/{DRAKE}/albums"

Ask = Callable[[SpotifyAccount], Awaitable[Any]]
ASKING: list[tuple[str, Ask]] = [
    (SEARCH, lambda account: account.artist_tracks("Drake")),
    (SEARCH, lambda account: account.find_artist("Drake")),
    (ALBUMS, lambda account: account.artist_albums(DRAKE)),
    (f"GET /v1/albums/{ALBUM}", lambda account: account.album_tracks(ALBUM)),
]


def by(*artists: str) -> list[dict[str, Any]]:
    """The artists of a track."""
    return [{"name": name} for name in artists]


def artists(*rows: Any) -> Reply:
    """A search for artists."""
    listed = [row if not isinstance(row, tuple) else dict(zip(("id", "name"), row, strict=True)) for row in rows]
    return Reply(200, {"artists": {"items": listed}})


# --- tracks ----------------------------------------------------------------------------------------------


@virtual
async def test_ten_a_page_in_spotifys_order(tmp_path: Path) -> None:
    async with lab(tmp_path, market="DE") as spot:
        account = spot.parts.account
        assert isinstance(account, Catalogue)
        spot.fake.search_results = [track_json(HOUSE, "B", artists=by("Guest", "Drake")), track_json(LATE_NIGHT, "A")]
        assert [each.uri for each in await account.artist_tracks("Drake", 3)] == [HOUSE, LATE_NIGHT]
        assert [dict(each.query) for each in spot.fake.asked] == [
            {"q": 'artist:"Drake"', "limit": "10", "offset": "30", "type": "track", "market": "DE"}
        ]
        # Spotify shows a thousand results; nobody asks for more.
        assert await account.artist_tracks("Drake", 100) == ()
        await account.artist_tracks("Drake", 99)
        await account.artist_tracks("Drake", -1)
        assert [each.query["offset"] for each in spot.fake.asked] == ["30", "990", "0"]


@virtual
async def test_what_is_hostile_or_by_others_is_set_aside(tmp_path: Path) -> None:
    async with lab(tmp_path) as spot:
        good = track_json(LATE_NIGHT)
        spot.fake.search_results = [
            None,
            7,
            "spotify:track:1",
            {},
            {**good, "uri": None, "id": None},
            {**good, "uri": "spotify:episode:5", "type": "episode"},
            {**good, "uri": "spotify:local:a:b:c:1", "id": None},
            {**good, "name": None},
            {**good, "artists": None},
            {**good, "artists": [None, {"name": 5}]},
            {**good, "artists": by("Drake Tribute Band")},
            {**good, "artists": by("Nick Drake")},
            good,
            {**good, "uri": HOUSE, "album": None, "duration_ms": "long", "external_ids": []},
        ]
        found = await spot.parts.account.artist_tracks("drake")
        assert [(each.uri, each.album, each.duration_ms) for each in found] == [
            (LATE_NIGHT, "Take Care", 347_000),
            (HOUSE, None, None),
        ]


@pytest.mark.parametrize(
    ("asked", "found", "is_theirs"),
    [
        ("Weeknd", "The Weeknd", True),
        ("JAY Z", "Jay-Z", True),
        ("beyonce", "Beyoncé", True),
        ("Ye", "Yeah Yeah Yeahs", False),
        ("The The", "The The", True),
        ("!!!", "!!!", True),
        ("!!!", "???", False),
    ],
)
def test_typed_otherwise_it_is_still_the_artist(tmp_path: Path, asked: str, found: str, is_theirs: bool) -> None:
    @virtual
    async def run() -> None:
        async with lab(tmp_path) as spot:
            spot.fake.search_results = [track_json(HOUSE, artists=by(found))]
            assert bool(await spot.parts.account.artist_tracks(asked)) is is_theirs

    run()


@virtual
async def test_no_name_breaks_out_of_its_quotes(tmp_path: Path) -> None:
    async with lab(tmp_path) as spot:
        account = spot.parts.account
        for name in ('X" OR isrc:USCM51100600 "', "“Weird Al” Yankovic", "AC\\", "a\nb\x00c\ud800d", "Ke$ha NOT x"):
            await account.artist_tracks(name)
            await account.find_artist(name)
        assert [each.query["q"] for each in spot.fake.asked][::2] == [
            'artist:"X OR isrc:USCM51100600"',
            'artist:"Weird Al Yankovic"',
            'artist:"AC"',
            'artist:"a b c d"',
            'artist:"Ke$ha NOT x"',
        ]
        spot.fake.asked.clear()
        for name in ("", ' "" ', "\ud800", "\\\n"):
            assert await account.artist_tracks(name) == ()
            assert await account.find_artist(name) is None
        assert spot.fake.asked == []


@given(st.text(st.characters(blacklist_categories=())))
def test_a_term_holds_nothing_that_ends_it(text: str) -> None:
    term = search_term(text)
    assert set(term).isdisjoint('"\\“”„‟«»＂\n\r\t\x00')
    assert term == term.strip()
    assert len(term) <= 100
    quote(term)  # a half character could not be sent


# --- the artist ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("found", "wanted"),
    [
        ([(DRAKE, "Drake"), (OTHER, "Drake Bell")], DRAKE),
        ([(OTHER, "Drake Bell"), (DRAKE, "DRAKE")], DRAKE),
        ([(OTHER, "DRAKE"), (DRAKE, "Drake")], DRAKE),
        ([(OTHER, "Drake"), (DRAKE, "Drake")], None),
        ([(OTHER, "DRAKE"), (DRAKE, "drake")], None),
        ([(OTHER, "Nick Drake")], None),
        ([(DRAKE, "Drake"), (DRAKE, "Drake")], DRAKE),
        ([None, 5, {"name": "Drake"}, {"id": "../me", "name": "Drake"}, {"id": DRAKE, "name": None}], None),
        ([], None),
    ],
)
def test_the_one_artist_of_that_name_or_nobody(tmp_path: Path, found: list[Any], wanted: str | None) -> None:
    @virtual
    async def run() -> None:
        async with lab(tmp_path, market="DE") as spot:
            spot.fake.once(SEARCH, artists(*found))
            artist = await spot.parts.account.find_artist("Drake")
            assert (artist and artist.id) == wanted
            assert [dict(each.query) for each in spot.fake.asked] == [
                {"q": 'artist:"Drake"', "limit": "10", "offset": "0", "type": "artist", "market": "DE"}
            ]

    run()


@virtual
async def test_accents_and_case_do_not_part_them(tmp_path: Path) -> None:
    async with lab(tmp_path) as spot:
        spot.fake.once(SEARCH, artists((DRAKE, "Björk")))
        assert await spot.parts.account.find_artist("BJORK") == ArtistRef(DRAKE, "Björk")


# --- albums ----------------------------------------------------------------------------------------------


@virtual
async def test_own_albums_newest_first(tmp_path: Path) -> None:
    async with lab(tmp_path, market="DE") as spot:
        own, others = [{"id": DRAKE}], [{"id": OTHER}]
        rows = [
            {"id": "old", "release_date": "2011", "artists": own},
            None,
            {"id": "new", "release_date": "2023-10-06", "artists": own},
            {"id": "other", "release_date": "2024", "artists": others},
            {"id": "../../me", "release_date": "2025", "artists": own},
            {"id": None, "artists": own},
            {"id": "undated", "release_date": None, "artists": None},
            {"id": "new", "release_date": "2023-10-06", "artists": own},
            "album",
        ]
        spot.fake.once(ALBUMS, Reply(200, {"items": rows, "total": 9, "next": None}), Reply(200, {"items": []}))
        assert await spot.parts.account.artist_albums(DRAKE) == ("new", "old", "undated")
        assert await spot.parts.account.artist_albums(DRAKE, 2) == ()
        assert [dict(each.query) for each in spot.fake.asked] == [
            {"include_groups": "album,single", "limit": "10", "offset": offset} for offset in ("0", "20")
        ]


@virtual
async def test_the_album_tells_what_its_tracks_do_not(tmp_path: Path) -> None:
    async with lab(tmp_path, market="DE") as spot:
        short = {name: value for name, value in track_json(HOUSE).items() if name not in ("album", "external_ids")}
        album = {
            "name": "Take Care",
            "release_date": "2011-11-15",
            "images": [{"url": "https://i.scdn.co/image/b", "width": 300}],
            "tracks": {"items": [None, short, {"name": "?"}, {**short, "uri": LATE_NIGHT}, []], "total": 5},
        }
        spot.fake.once(f"GET /v1/albums/{ALBUM}", Reply(200, album))
        found = await spot.parts.account.album_tracks(ALBUM)
        assert [each.uri for each in found] == [HOUSE, LATE_NIGHT]
        assert {(each.album, each.year, each.artwork_url) for each in found} == {
            ("Take Care", 2011, "https://i.scdn.co/image/b")
        }
        assert dict(spot.fake.asked[0].query) == {"market": "DE"}


@virtual
async def test_only_ids_go_into_addresses(tmp_path: Path) -> None:
    async with lab(tmp_path) as spot:
        for key in ("", "../me", "a?b", "spotify:album:x", "x" * 65, "ä"):
            for ask in (spot.parts.account.artist_albums, spot.parts.account.album_tracks):
                with pytest.raises(Trouble) as trouble:
                    await ask(key)
                assert trouble.value.code is TroubleCode.NOT_FOUND
        assert spot.fake.asked == []


# --- trouble ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("call", "ask"), ASKING)
def test_every_trouble_is_told_and_nothing_is_asked_twice(tmp_path: Path, call: str, ask: Ask) -> None:
    @virtual
    async def run() -> None:
        async with lab(tmp_path) as spot:

            async def trouble() -> Trouble:
                with pytest.raises(Trouble) as raised:
                    await ask(spot.parts.account)
                return raised.value

            answers = [Reply(200, []), Reply(200, "{"), error(503, "later")]
            if call != SEARCH:  # which would just have found nothing
                answers += [Reply(200, {"tracks": []}), error(404, "Resource not found")]
            for answer in answers:
                spot.fake.asked.clear()
                spot.fake.once(call, answer)
                code = TroubleCode.NOT_FOUND if answer.status == 404 else TroubleCode.UNAVAILABLE
                assert (await trouble()).code is code
                assert len(spot.fake.asked) == 1

            # The quota of one kind of calls: these wait, for hours, and the player does not.
            spot.fake.asked.clear()
            spot.fake.once(call, error(429, "Quota exceeded", "QUOTA_EXCEEDED", Retry_After="50000"))
            for _ in range(3):
                refused = await trouble()
                assert refused.code is TroubleCode.RATE_LIMITED
                assert refused.retry_after_s is not None
                assert refused.retry_after_s > 40_000
            assert len(spot.fake.asked) == 1
            await spot.parts.source.look()
            if call != SEARCH:
                assert await spot.parts.account.artist_tracks("Drake") == ()

    run()


@virtual
async def test_it_is_the_last_to_go_out(tmp_path: Path) -> None:
    async with lab(tmp_path) as spot:
        at_ms: list[int] = []

        def watch(_: Asked) -> None:
            at_ms.append(spot.clock.now_ms())

        spot.fake.watcher = watch
        for page in range(60):
            await spot.parts.account.artist_tracks("Drake", page)
        for number, moment_ms in enumerate(at_ms):
            assert len([each for each in at_ms[: number + 1] if each > moment_ms - 30_000]) <= 22


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=True) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["items", "tracks", "artists", "id", "name", "uri", "release_date", "images", "type"]),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)


@given(JSON)
def test_any_answer_is_read_or_refused(body: Any) -> None:
    for read in (
        pages.found_artists,
        lambda raw: pages.album_ids(raw, artist_id=DRAKE),
        pages.album_tracks,
        lambda raw: pages.album_ids({"items": [raw]}, artist_id=DRAKE),
        lambda raw: pages.album_tracks({"tracks": {"items": [raw]}, "name": raw, "images": raw}),
    ):
        try:
            read(body)
        except ParseProblem:
            continue


@virtual
async def test_in_the_simulated_home(tmp_path: Path) -> None:
    async with at_home(tmp_path, has_stations=True) as (home, parts):
        account = parts.account
        playlists = {each.name: each async for each in account.playlists()}
        assert playlists[FRIDAY].total == 10
        found = [track for page in range(4) for track in await account.artist_tracks("Disclosure", page)]
        known = {item.uri: item for item in home.world.items.values()}
        wanted = {uri for uri, item in known.items() if "Disclosure" in item.artists}
        assert {track.uri for track in found} == wanted
        assert {track.name.partition(" - ")[2][:4] for track in found} >= {"Live", "Rema"}
        artist = await account.find_artist("disclosure")
        assert artist is not None
        albums = [key for page in range(3) for key in await account.artist_albums(artist.id, page)]
        by_albums = [track for key in albums for track in await account.album_tracks(key)]
        assert {track.uri for track in by_albums} == {uri for uri in wanted if known[uri].artists[0] == "Disclosure"}
        assert all(track.album == known[track.uri].album and track.year for track in by_albums)
        assert await account.find_artist("Nobody at All") is None
        with pytest.raises(Trouble) as trouble:
            await account.album_tracks("n" * 22)
        assert trouble.value.code is TroubleCode.NOT_FOUND
