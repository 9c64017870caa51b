"""Every refusal that Spotify was seen to make (reference, section 3.1), over real HTTP: one row, one outcome."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.domain.models import Uri
from moodroom_hub.plugins.spotify.budget import Priority
from tests.plugins.spotify.fake import LATE_NIGHT, Reply, error, track_json
from tests.plugins.spotify.lab import Lab, lab, virtual

LOOK = "GET /v1/me/player"
DEVICES = "GET /v1/me/player/devices"
QUEUE = "POST /v1/me/player/queue"
PLAY = "PUT /v1/me/player/play"
NEXT = "POST /v1/me/player/next"
SEARCH = "GET /v1/search"
LIBRARY = "GET /v1/me/tracks"


@dataclass(frozen=True, slots=True)
class Row:
    """``replies`` to ``call``, what becomes of it, and how often it was sent; ``code`` ``None``: it succeeds."""

    name: str
    call: str
    replies: tuple[Reply, ...]
    code: TroubleCode | None
    sent: int = 1
    is_unknown: bool = False
    says: str = ""


PREMIUM = error(403, "Player command failed: Premium required", "PREMIUM_REQUIRED")
NO_DEVICE = error(404, "Player command failed: No active device found", "NO_ACTIVE_DEVICE")
OWNER = "Active premium subscription required for the owner of the app."

ROWS = [
    Row("limit too high", SEARCH, (error(400, "Invalid limit"),), TroubleCode.REFUSED),
    Row("expired token", DEVICES, (error(401, "The access token expired"),), None, sent=2),
    Row("token missing, falsely", QUEUE, (error(401, "Access token missing"),), None, sent=2),
    Row("401 for ever", DEVICES, (error(401, "No"),) * 2, TroubleCode.UNAVAILABLE, sent=2),
    Row("premium, falsely", DEVICES, (PREMIUM,), None, sent=2),
    Row("premium, falsely, of a command", PLAY, (PREMIUM,), None, sent=2),
    Row("premium, truly", PLAY, (PREMIUM,) * 2, TroubleCode.PREMIUM_REQUIRED, sent=2),
    Row("premium: a queue POST is not repeated", QUEUE, (PREMIUM,), TroubleCode.PREMIUM_REQUIRED),
    Row("premium: a skip is not repeated", NEXT, (PREMIUM,), TroubleCode.PREMIUM_REQUIRED),
    Row("owner lapsed, JSON", DEVICES, (error(403, OWNER),), TroubleCode.PREMIUM_REQUIRED, says="owner"),
    Row("owner lapsed, text", DEVICES, (Reply(403, OWNER),), TroubleCode.PREMIUM_REQUIRED, says="owner"),
    Row(
        "not on the list, text",
        DEVICES,
        (Reply(403, "User not registered in the Developer Dashboard"),),
        TroubleCode.REFUSED,
        says="User Management",
    ),
    Row("scope", LIBRARY, (error(403, "Insufficient client scope"),), TroubleCode.LOGIN_NEEDED, says="log in again"),
    Row(
        "restriction",
        NEXT,
        (error(403, "Player command failed: Restriction violated", "UNKNOWN"),),
        TroubleCode.RESTRICTED_DEVICE,
    ),
    Row("restricted device", QUEUE, (error(403, "Restricted device"),), TroubleCode.RESTRICTED_DEVICE),
    Row(
        "not controllable",
        QUEUE,
        (error(403, "Player command failed", "DEVICE_NOT_CONTROLLABLE"),),
        TroubleCode.RESTRICTED_DEVICE,
    ),
    Row("forbidden", LIBRARY, (error(403, "Forbidden"),), TroubleCode.REFUSED),
    Row("no active device", QUEUE, (NO_DEVICE,), TroubleCode.NO_DEVICE),
    Row("device not found", PLAY, (error(404, "Device not found"),), TroubleCode.NO_DEVICE),
    Row("no such track", PLAY, (error(404, "Non existing id: 'spotify:track:x'"),) * 2, TroubleCode.REFUSED, sent=2),
    Row("sporadic 404", DEVICES, (Reply(404, "not now"),), None, sent=2),
    Row("404 of something gone", SEARCH, (error(404, "Resource not found"),) * 2, TroubleCode.NOT_FOUND, sent=2),
    Row("rate limit", DEVICES, (error(429, "API rate limit exceeded", Retry_After="41"),), TroubleCode.RATE_LIMITED),
    Row(
        "quota",
        LIBRARY,
        (error(429, "Too many requests", "QUOTA_EXCEEDED", Retry_After="52531"),),
        TroubleCode.RATE_LIMITED,
        says="15 h",
    ),
    Row("accepted, no device", PLAY, (Reply(202),), TroubleCode.UNAVAILABLE, is_unknown=True),
    Row("accepted, perhaps", QUEUE, (Reply(202),), TroubleCode.UNAVAILABLE, is_unknown=True),
    Row("random word", NEXT, (Reply(200, "AA9ZfEhQ"),), None),
    Row("half of a JSON", NEXT, (Reply(200, b'{"a": '),), None),
    Row("deep JSON in a command's answer", QUEUE, (Reply(200, b"[" * 100_000),), None),
    Row("500 on reading", DEVICES, (Reply(500, "oops"),), TroubleCode.UNAVAILABLE),
    Row("502 on queueing", QUEUE, (Reply(502, "bad gateway"),), TroubleCode.UNAVAILABLE, is_unknown=True),
    Row("503 on skipping", NEXT, (Reply(503),), TroubleCode.UNAVAILABLE, is_unknown=True),
    Row("504 on playing", PLAY, (Reply(504, "<html>"),), TroubleCode.UNAVAILABLE, is_unknown=True),
    Row("408 on queueing", QUEUE, (Reply(408),), TroubleCode.UNAVAILABLE, is_unknown=True),
    Row("error is text", DEVICES, (Reply(418, {"error": "teapot"}),), TroubleCode.REFUSED),
    Row("error is null", DEVICES, (Reply(403, {"error": None}),), TroubleCode.REFUSED),
    Row("error is a list", DEVICES, (Reply(400, ["no"]),), TroubleCode.REFUSED),
    Row("error is a number", QUEUE, (Reply(500, b"7"),), TroubleCode.UNAVAILABLE, is_unknown=True),
    Row("not JSON at all", DEVICES, (Reply(200, "welcome to the hotel"),), TroubleCode.UNAVAILABLE),
    Row("deep JSON", DEVICES, (Reply(200, b"[" * 100_000),), TroubleCode.UNAVAILABLE),
    Row("redirect of a command", QUEUE, (Reply(307, None, {"Location": "/portal"}),), TroubleCode.UNAVAILABLE),
    Row("no answer to a look", DEVICES, (Reply(hangs=True),), TroubleCode.UNAVAILABLE),
    Row("no answer to a command", QUEUE, (Reply(hangs=True),), TroubleCode.UNAVAILABLE, is_unknown=True),
    Row("connection breaks", NEXT, (Reply(breaks=True),), TroubleCode.UNAVAILABLE, is_unknown=True),
]


async def send(spot: Lab, call: str) -> None:
    """Make the client send ``call``."""
    client = spot.parts.client
    if call == DEVICES:
        await client.devices(Priority.PAGE)
    elif call == LOOK:
        await client.playback(Priority.POLL)
    elif call == PLAY:
        await client.play(Uri(LATE_NIGHT), None)
    elif call == NEXT:
        await client.next()
    elif call == QUEUE:
        await client.enqueue(Uri(LATE_NIGHT))
    elif call == SEARCH:
        await client.search("track:x")
    else:
        assert call == LIBRARY
        await client.saved_tracks(0)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_refusal(tmp_path: Path, row: Row) -> None:
    @virtual
    async def run() -> None:
        async with lab(tmp_path) as spot:
            spot.fake.once(row.call, *row.replies)
            if row.code is None:
                await send(spot, row.call)
            else:
                with pytest.raises(Trouble) as trouble:
                    await send(spot, row.call)
                assert trouble.value.code is row.code
                assert trouble.value.outcome_unknown is row.is_unknown
                assert row.says in trouble.value.message
                assert (trouble.value.retry_after_s is not None) is (row.code is TroubleCode.RATE_LIMITED)
                told = f"{trouble.value!r} {trouble.value.__cause__!r} {trouble.value.__context__!r}"
                assert "http" not in told
                assert "access-" not in told
            assert len(spot.fake.calls(row.call)) == row.sent

    run()


@virtual
async def test_an_answer_that_means_nothing_is_no_success(tmp_path: Path) -> None:
    async with lab(tmp_path) as spot:
        spot.fake.once(DEVICES, Reply(304))
        with pytest.raises(Trouble):
            await send(spot, DEVICES)


@virtual
async def test_where_nobody_listens_nothing_was_done(tmp_path: Path) -> None:
    async with lab(tmp_path) as spot:
        await spot.fake.stop()
        with pytest.raises(Trouble) as trouble:
            await send(spot, QUEUE)
        assert (trouble.value.code, trouble.value.outcome_unknown) == (TroubleCode.UNAVAILABLE, False)


@virtual
async def test_a_name_that_does_not_exist_is_no_network(tmp_path: Path) -> None:
    async with lab(tmp_path, api_url="http://nowhere.invalid/v1/") as spot:
        with pytest.raises(Trouble) as trouble:
            await send(spot, NEXT)
        assert (trouble.value.code, trouble.value.outcome_unknown) == (TroubleCode.UNAVAILABLE, False)


@virtual
async def test_what_is_no_track_is_not_even_sent(tmp_path: Path) -> None:
    async with lab(tmp_path) as spot:
        for uri in ("spotify:local:a:b:c:1", "spotify:track:x&device_id=y", "nonsense?"):
            with pytest.raises(Trouble) as trouble:
                await spot.parts.client.enqueue(Uri(uri))
            assert trouble.value.code is TroubleCode.BAD_REQUEST
        assert spot.fake.asked == []


@virtual
async def test_a_device_id_is_data_and_not_part_of_the_address(tmp_path: Path) -> None:
    async with lab(tmp_path) as spot:
        with pytest.raises(Trouble):
            await spot.parts.client.play(Uri(LATE_NIGHT), "a&uri=b/../c d")
        assert dict(spot.fake.asked[0].query) == {"device_id": "a&uri=b/../c d"}


@virtual
async def test_a_fresh_token_is_fetched_once_for_a_401_and_then_not_for_a_while(tmp_path: Path) -> None:
    async with lab(tmp_path) as spot:
        for _ in range(4):
            spot.fake.once(DEVICES, error(401, "Access token missing"), error(401, "Access token missing"))
            with pytest.raises(Trouble):
                await send(spot, DEVICES)
        assert len(spot.fake.calls("POST /api/token")) == 1


@virtual
async def test_answers_are_read_as_they_are(tmp_path: Path) -> None:
    async with lab(tmp_path) as spot:
        spot.fake.search_results = [track_json(LATE_NIGHT, "Ünïcode ♥")]
        found = await spot.parts.client.search('track:"a" artist:"b"')
        assert found["tracks"]["items"][0]["name"] == "Ünïcode ♥"
        assert dict(spot.fake.asked[0].query) == {
            "q": 'track:"a" artist:"b"',
            "limit": "10",
            "offset": "0",
            "type": "track",
        }
