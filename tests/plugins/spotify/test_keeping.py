"""Changing playlists over real HTTP: what is sent, once, and what becomes of every answer."""

import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.core.ports import Account, PlaylistKeeper
from moodroom_hub.domain.models import Uri
from moodroom_hub.plugins.spotify.account import SpotifyAccount
from moodroom_hub.simulator.items import Item, ItemKind
from moodroom_hub.simulator.library import STRANGER_ID
from tests.plugins.spotify.fake import Reply, error, track_json
from tests.plugins.spotify.lab import Lab, lab, login, virtual
from tests.plugins.spotify.test_simulated_home import SONGS, at_home

LIST = "37i9dQ"
ITEMS = f"/v1/playlists/{LIST}/items"
URIS = [Uri("spotify:track:1"), Uri("spotify:track:2")]
CHANGES: dict[str, Callable[[SpotifyAccount], Awaitable[object]]] = {
    "POST /v1/me/playlists": lambda account: account.create_playlist("Late Night", "Kept by the hub"),
    f"POST {ITEMS}": lambda account: account.add_tracks(LIST, URIS, 7),
    f"DELETE {ITEMS}": lambda account: account.remove_tracks(LIST, URIS, "before"),
    f"PUT {ITEMS}": lambda account: account.move_tracks(LIST, 5, 2, 0, "before"),
}
SENT = (
    {"name": "Late Night", "public": False, "collaborative": False, "description": "Kept by the hub"},
    {"uris": URIS, "position": 7},
    {"items": [{"uri": uri} for uri in URIS], "snapshot_id": "before"},
    {"range_start": 5, "range_length": 2, "insert_before": 0, "snapshot_id": "before"},
)
MADE = {"id": "made", "name": "Late Night", "snapshot_id": "new", "owner": {"id": "me"}}


def prepared(spot: Lab) -> Lab:
    """The account is that of ``me``."""
    spot.fake.always["GET /v1/me/"] = Reply(200, {"id": "me"})
    return spot


async def trouble_of(doing: Awaitable[object]) -> Trouble:
    """What it raises."""
    with pytest.raises(Trouble) as trouble:
        await doing
    return trouble.value


def changes(spot: Lab) -> list[Any]:
    """The requests that change something."""
    return [each for each in spot.fake.asked if each.method != "GET"]


@virtual
async def test_what_is_sent_and_what_comes_of_it(tmp_path: Path) -> None:
    async with lab(tmp_path) as spot:
        prepared(spot)
        account: Account = spot.parts.account
        assert isinstance(account, PlaylistKeeper)
        for call in CHANGES:
            spot.fake.once(call, Reply(201, MADE))
        results = [await change(spot.parts.account) for change in CHANGES.values()]
        made, *snapshots = results
        assert (getattr(made, "id", ""), getattr(made, "is_own", False), snapshots) == ("made", True, ["new"] * 3)
        assert [each.call for each in changes(spot)] == list(CHANGES)
        assert [json.loads(each.body) for each in changes(spot)] == list(SENT)
        assert sum(each.call == "GET /v1/me/" for each in spot.fake.asked) == 1


@pytest.mark.parametrize(
    ("reply", "code", "is_unknown"),
    [
        (Reply(502, "upstream"), TroubleCode.UNAVAILABLE, True),
        (Reply(202), TroubleCode.UNAVAILABLE, True),
        (Reply(200, "<html>"), TroubleCode.UNAVAILABLE, True),
        (Reply(200, {"id": 3}), TroubleCode.UNAVAILABLE, True),
        (Reply(200), TroubleCode.UNAVAILABLE, True),
        (Reply(breaks=True), TroubleCode.UNAVAILABLE, True),
        (error(404, "Resource not found"), TroubleCode.NOT_FOUND, False),
        (error(403, "Insufficient client scope"), TroubleCode.LOGIN_NEEDED, False),
        (error(403, "Forbidden"), TroubleCode.REFUSED, False),
        (error(400, "Index out of bounds."), TroubleCode.REFUSED, False),
    ],
)
def test_every_answer_once(tmp_path: Path, reply: Reply, code: TroubleCode, is_unknown: bool) -> None:
    @virtual
    async def run() -> None:
        async with lab(tmp_path) as spot:
            prepared(spot)
            for call, change in CHANGES.items():
                spot.fake.once(call, reply)
                trouble = await trouble_of(change(spot.parts.account))
                assert (trouble.code, trouble.outcome_unknown) == (code, is_unknown), call
            assert [each.call for each in changes(spot)] == list(CHANGES)

    run()


@virtual
async def test_a_wait_is_told(tmp_path: Path) -> None:
    async with lab(tmp_path) as spot:
        prepared(spot)
        spot.fake.once(f"POST {ITEMS}", error(429, "wait", Retry_After="7"))
        trouble = await trouble_of(spot.parts.account.add_tracks(LIST, URIS, 0))
        assert (trouble.code, trouble.retry_after_s, trouble.outcome_unknown) == (TroubleCode.RATE_LIMITED, 7, False)
        trouble = await trouble_of(spot.parts.account.add_tracks(LIST, URIS, 0))
        assert (trouble.code, len(changes(spot))) == (TroubleCode.RATE_LIMITED, 1)


@virtual
async def test_a_login_without_the_permission_is_sent_to_log_in_again(tmp_path: Path) -> None:
    async with lab(tmp_path, is_logged_in=False) as spot:
        prepared(spot)
        spot.token_file.save(login(spot.clock, scope="user-library-read playlist-read-private"))
        for change in CHANGES.values():
            trouble = await trouble_of(change(spot.parts.account))
            assert trouble.code is TroubleCode.LOGIN_NEEDED
            assert "log in again" in trouble.message
        assert changes(spot) == []


@virtual
async def test_what_cannot_be_asked_is_not_sent(tmp_path: Path) -> None:
    async with lab(tmp_path) as spot:
        prepared(spot)
        account = spot.parts.account
        for uris in ([], URIS * 51, [Uri("spotify:local:a")], [Uri("")]):
            assert (await trouble_of(account.add_tracks(LIST, uris, 0))).code is TroubleCode.BAD_REQUEST
            assert (await trouble_of(account.remove_tracks(LIST, uris, ""))).code is TroubleCode.BAD_REQUEST
        for key in ("../me", "", "a?b", "ä"):
            assert (await trouble_of(account.add_tracks(key, URIS, 0))).code is TroubleCode.NOT_FOUND
            assert (await trouble_of(account.playlist(key))).code is TroubleCode.NOT_FOUND
            assert (await trouble_of(anext(account.playlist_items(key)))).code is TroubleCode.NOT_FOUND
        assert spot.fake.asked == []


@virtual
async def test_items_just_as_they_are_held(tmp_path: Path) -> None:
    async with lab(tmp_path, market="DE") as spot:
        local = {"type": "track", "uri": "spotify:local:::Demo:200", "name": "", "id": None}
        episode = {"type": "episode", "uri": "spotify:episode:9", "name": "News", "id": "9"}
        rows = [{"item": each} for each in (track_json(URIS[0]), None, local, episode, {"name": "no uri"})]
        spot.fake.once(f"GET {ITEMS}", Reply(200, {"items": [*rows, None], "total": 6}))
        (page,) = [each async for each in spot.parts.account.playlist_items(LIST)]
        found = [None if each is None else each.uri for each in page.items]
        assert found == [URIS[0], None, "spotify:local:::Demo:200", "spotify:episode:9", None, None]
        assert "market" not in spot.fake.asked[-1].query
        spot.fake.always[f"GET {ITEMS}"] = error(404, "Resource not found")
        assert (await trouble_of(anext(spot.parts.account.playlist_items(LIST)))).code is TroubleCode.NOT_FOUND
        bodies: tuple[Any, ...] = ({"name": "x"}, [], {"id": LIST})
        for body in bodies:
            spot.fake.once(f"GET /v1/playlists/{LIST}", Reply(200, body))
            prepared(spot)
            assert (await trouble_of(spot.parts.account.playlist(LIST))).code is TroubleCode.UNAVAILABLE


@virtual
async def test_in_the_simulated_home(tmp_path: Path) -> None:
    local = Item("spotify:local:Me:Tape:Demo:200", "Demo", ("Me",), 200_000, kind=ItemKind.LOCAL)
    async with at_home(tmp_path) as (home, parts):
        home.world.items[local.uri] = local
        account = parts.account
        made = await account.create_playlist("Late Night", "Kept by the hub")
        there = home.world.library.playlists[made.id]
        assert (there.name, there.is_public, there.description) == ("Late Night", False, "Kept by the hub")
        first = await account.add_tracks(made.id, SONGS[:100], 0)
        there.hold([None, local.uri, *there.uris])
        second = await account.add_tracks(made.id, SONGS[100:103], 2)
        held = [None, local.uri, *SONGS[100:103], *SONGS[:100]]
        pages = [page async for page in account.playlist_items(made.id)]
        uris = [None if row is None else row.uri for page in pages for row in page.items]
        assert (uris, {page.total for page in pages}) == (held, {105})
        third = await account.move_tracks(made.id, 2, 3, 0, second)
        assert there.uris == [*SONGS[100:103], None, local.uri, *SONGS[:100]]
        fourth = await account.move_tracks(made.id, 0, 2, 4, second)  # what stood there then
        assert there.uris == [*SONGS[100:102], None, local.uri, SONGS[102], *SONGS[:100]]
        await account.remove_tracks(made.id, SONGS[:100], first)
        assert len({made.snapshot, first, second, third, fourth}) == 5
        again = await account.playlist(made.id)
        assert (again.snapshot, again.total, again.is_own) == (there.snapshot_id, 5, True)
        assert [each.what for each in there.changes] == ["create", "add", "add", "move", "move", "remove"]
        for doing in (
            account.remove_tracks(made.id, SONGS[:1], "never told"),
            account.add_tracks(made.id, SONGS[:1], 99),
        ):
            assert (await trouble_of(doing)).code is TroubleCode.REFUSED
        there.owner_id, there.is_collaborative = STRANGER_ID, True
        assert [each.is_own async for each in account.playlists() if each.id == made.id] == [False]
