"""The API as section 3.1 of the design promises it."""

from typing import Any

import pytest

from moodroom_hub.core.errors import MoodroomError, Trouble, TroubleCode
from moodroom_hub.core.face import ListenView, Quiet
from moodroom_hub.core.ports import Check, CheckLevel
from moodroom_hub.domain.models import HOME, EpochMs
from moodroom_hub.domain.past.plays import PastPlay
from tests.plugins.status_page.conftest import Site
from tests.plugins.status_page.fake_hub import KITCHEN, LATE_NIGHT, listen, track


async def test_state_has_exactly_the_promised_fields(site: Site) -> None:
    site.hub.add_receipts(25)
    await site.hub.activate(LATE_NIGHT)
    site.clock.at_ms += 3_000
    answer = await site.get("/api/state")
    state = await answer.json()
    assert answer.status == 200
    assert set(state) == {
        "version", "zone", "active_room", "active_station", "learning", "login", "now_playing", "upcoming", "receipts",
        "plugins", "troubles", "leader", "zones",
    }  # fmt: skip
    assert state["zone"] == "home"
    assert state["active_room"] == "late-night"
    assert state["learning"] is True
    assert state["login"] == {"status": "ok", "days_left": 150}
    assert state["now_playing"] == {
        "uri": track(1).uri,
        "name": "Song 1",
        "artists": ["Artist 1"],
        "album": "An Album",
        "artwork_url": "https://images.example/1.jpg",
        "room": "late-night",
        "station": None,
        "tier": "CONFIRMED",
        "position_ms": 15_000,
        "duration_ms": 200_001,
        "is_playing": True,
        "next_skip": "SAFE_SIDE",
    }
    assert len(state["upcoming"]) == 9
    assert {"uri", "name", "artists", "room", "tier", "why"} <= set(state["upcoming"][0])
    assert [receipt["id"] for receipt in state["receipts"]] == list(range(25, 5, -1))
    assert state["plugins"][1] == {"name": "mqtt", "status": "waiting", "reason": "away"}


async def test_state_with_nothing_playing_and_with_trouble(site: Site) -> None:
    site.hub.troubles = (Quiet("rate_limited", "Spotify asks us to wait 41 s", EpochMs(1_763_700_041_000)),)
    state = await (await site.get("/api/state?zone=kitchen")).json()
    assert state["now_playing"] is None
    assert state["active_room"] is None
    assert state["zone"] == "kitchen"
    assert state["troubles"] == [
        {"code": "rate_limited", "message": "Spotify asks us to wait 41 s", "retry_at": "2025-11-21T04:40:41.000Z"}
    ]


async def test_a_position_never_runs_past_the_end(site: Site) -> None:
    site.hub.play_track(track(1))
    site.clock.at_ms += 10_000_000
    state = await (await site.get("/api/state")).json()
    assert state["now_playing"]["position_ms"] == 200_001


async def test_rooms_with_palette_and_counts(site: Site) -> None:
    rooms = (await (await site.get("/api/rooms")).json())["rooms"]
    assert [room["slug"] for room in rooms] == ["late-night", "house"]
    assert rooms[0]["palette"] == {
        "accent": "#8b7cf6",
        "from": "#0b0a1f",
        "to": "#1c1240",
        "blobs": ["#4c3fd1", "#7a3cc9", "#2b2a72"],
    }
    assert rooms[1]["palette"] is None
    assert rooms[0]["counts"] == {"CONFIRMED": 5, "SAFE_SIDE": 4, "DISCOVERY": 1, "REMOVED": 0}
    assert rooms[0]["active"] is False


async def test_a_pool_by_tier_with_strikes_why_and_since(site: Site) -> None:
    pool = await (await site.get("/api/rooms/late-night/pool")).json()
    assert pool["room"] == "late-night"
    assert {tier: len(tracks) for tier, tracks in pool["tiers"].items()} == {
        "CONFIRMED": 5,
        "SAFE_SIDE": 4,
        "DISCOVERY": 1,
        "REMOVED": 1,
    }
    assert pool["tiers"]["CONFIRMED"][0]["since"] is None
    assert pool["tiers"]["CONFIRMED"][1] == {
        "uri": track(1).uri,
        "name": "Song 1",
        "artists": ["Artist 1"],
        "strikes": 1,
        "why": "mined",
        "since": "1970-01-01T00:00:01.000Z",
        "source": "",
        "confidence": None,
    }


@pytest.mark.parametrize("body", [None, {}, {"zone": "kitchen"}])
async def test_activate_answers_the_batch(site: Site, body: dict[str, str] | None) -> None:
    answer = await site.post("/api/rooms/late-night/activate", json=body)
    told = await answer.json()
    assert answer.status == 200
    assert len(told["batch"]) == 10
    assert told["batch"][0] == {"uri": track(1).uri, "name": "Song 1", "artists": ["Artist 1"], "tier": "CONFIRMED"}
    assert told["notes"] == ["the repeat window was loosened"]
    assert site.hub.calls == [("activate", "late-night", KITCHEN if body else None)]


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("no_device", 409), ("login_needed", 409), ("restricted_device", 409), ("premium_required", 409),
        ("empty_pool", 409), ("refused", 409), ("conflict", 409), ("not_found", 404), ("bad_request", 400),
        ("unavailable", 503),
    ],
)  # fmt: skip
async def test_troubles_have_their_code_and_status(site: Site, code: str, status: int) -> None:
    site.hub.fail["activate"] = Trouble(TroubleCode(code), "open Spotify on some device")
    answer = await site.post("/api/rooms/house/activate")
    assert answer.status == status
    assert await answer.json() == {"error": {"code": code, "message": "open Spotify on some device"}}
    assert "Retry-After" not in answer.headers


@pytest.mark.parametrize(("wait_s", "told"), [(41.0, 41), (40.2, 41), (0.0, 0)])
async def test_rate_limited_says_how_long(site: Site, wait_s: float, told: int) -> None:
    site.hub.fail["activate"] = Trouble(TroubleCode.RATE_LIMITED, "Spotify asks us to wait", retry_after_s=wait_s)
    answer = await site.post("/api/rooms/house/activate")
    assert answer.status == 409
    assert (await answer.json())["error"] == {
        "code": "rate_limited",
        "message": "Spotify asks us to wait",
        "retry_after": told,
    }
    assert answer.headers["Retry-After"] == str(told)


async def test_a_database_that_is_away_is_503(site: Site) -> None:
    site.hub.fail["state"] = MoodroomError("the database is locked; is another hub running?")
    answer = await site.get("/api/state")
    assert answer.status == 503
    assert (await answer.json())["error"]["code"] == "unavailable"


async def test_off_and_player_commands(site: Site) -> None:
    for path in ("/api/rooms/off", "/api/player/play", "/api/player/pause"):
        assert await (await site.post(path)).json() == {"ok": True}
    assert [call[0] for call in site.hub.calls] == ["rooms_off", "play", "pause"]


async def test_next_skips_only_the_meant_track(site: Site) -> None:
    site.hub.play_track(track(1))
    assert await (await site.post("/api/player/next")).json() == {"skipped": True}
    assert await (await site.post("/api/player/next", json={"uri": track(1).uri})).json() == {"skipped": True}
    assert await (await site.post("/api/player/next", json={"uri": track(2).uri})).json() == {"skipped": False}


@pytest.mark.parametrize(
    ("body", "call"),
    [
        ({"enabled": False}, (False, None)),
        ({"enabled": False, "for": "3h"}, (False, 10_800_000)),
        ({"enabled": True, "for": 90}, (True, 90_000)),
        ({"enabled": True, "for": None}, (True, None)),
    ],
)
async def test_learning(site: Site, body: dict[str, Any], call: tuple[bool, int | None]) -> None:
    answer = await site.post("/api/learning", json=body)
    told = await answer.json()
    assert answer.status == 200
    assert told["learning"] is body["enabled"]
    assert (told["until"] is None) == (call[1] is None)
    assert site.hub.calls == [("set_learning", *call)]


async def test_receipts_are_paged_newest_first(site: Site) -> None:
    site.hub.add_receipts(7)
    seen: list[int] = []
    path = "/api/receipts?limit=3"
    while True:
        page = await (await site.get(path)).json()
        seen += [receipt["id"] for receipt in page["receipts"]]
        if page["next"] is None:
            break
        path = f"/api/receipts?limit=3&before={page['next']}"
    assert seen == [7, 6, 5, 4, 3, 2, 1]


async def test_a_receipt_tells_all_and_can_be_undone(site: Site) -> None:
    site.hub.add_receipts(1)
    answer = await site.post("/api/receipts/1/undo")
    assert answer.status == 200
    assert (await answer.json())["receipt"]["undoes"] == [1]
    receipts = (await (await site.get("/api/receipts")).json())["receipts"]
    assert receipts[1] == {
        "id": 1,
        "room": "late-night",
        "zone": "home",
        "uri": track(1).uri,
        "name": "Song 1",
        "artists": ["Artist 1"],
        "kind": "SKIPPED",
        "before": "CONFIRMED",
        "after": "SAFE_SIDE",
        "strikes": 1,
        "at": "2025-11-20T00:53:20.001Z",
        "why": "skipped at 0:12",
        "heard_ms": 12_000,
        "duration_ms": 200_001,
        "undone_by": 2,
        "undoes": [],
        "group": None,
    }
    assert receipts[0]["kind"] == "UNDO"


async def test_history_with_verdicts(site: Site) -> None:
    site.hub.listens = [ListenView(number, HOME, listen(number)) for number in (1, 2, 3)]
    page = await (await site.get("/api/history?limit=2")).json()
    assert [row["id"] for row in page["history"]] == [3, 2]
    assert page["next"] == 2
    row = page["history"][0]
    assert (row["verdict"], row["cause"], row["sure"], row["heard_ms"]) == ("SKIPPED", "listener", True, 12_000)
    rest = await (await site.get("/api/history?limit=2&before=2")).json()
    assert [row["id"] for row in rest["history"]] == [1]
    assert rest["next"] is None


async def test_a_pool_file_is_imported(site: Site) -> None:
    text = "room,tier,name,artist\r\nhouse,CONFIRMED,\x1b[31mSóng,Ärtist\r\n"
    answer = await site.post("/api/pool/import", json={"format": "csv", "text": text, "overwrite": True})
    assert answer.status == 200
    assert await answer.json() == {
        "added": 1,
        "changed": 2,
        "kept": 3,
        "unresolved": ["House: Sóng� by X: not found"],
        "problems": ["line 7: no tier"],
    }
    assert site.hub.calls == [("import_pool", text, "csv", True)]


async def test_a_bad_pool_file_is_400_with_its_reason(site: Site) -> None:
    site.hub.fail["import_pool"] = Trouble(TroubleCode.BAD_REQUEST, "the first line must name the columns")
    answer = await site.post("/api/pool/import", json={"format": "state", "text": "{}"})
    assert answer.status == 400
    assert (await answer.json())["error"] == {
        "code": "bad_request",
        "message": "the first line must name the columns",
    }


async def test_the_library_is_synced(site: Site) -> None:
    answer = await site.post("/api/library/sync")
    assert await answer.json() == {
        "new": 3, "total": 120, "moved": 1, "gone": 2, "playlists": 12, "sorting": False, "not_sorted": "",
    }  # fmt: skip
    site.hub.fail["sync_library"] = Trouble(TroubleCode.LOGIN_NEEDED, "log in")
    refused = await site.post("/api/library/sync", json={})
    assert (refused.status, (await refused.json())["error"]["code"]) == (409, "login_needed")


async def test_alive_and_ready(site: Site) -> None:
    started_at = "2025-11-20T00:53:20.000Z"
    alive = {"name": "moodroom-hub", "status": "alive", "started_at": started_at}
    assert await (await site.get("/livez")).json() == alive
    ready = await site.get("/readyz")
    assert ready.status == 200
    site.hub.checks = (
        Check("login", CheckLevel.OK, "fine"),
        Check("broker", CheckLevel.FAILED, "the broker is away", "start it"),
        Check("sonos", CheckLevel.SKIPPED, "not set up"),
    )
    down = await site.get("/readyz")
    assert down.status == 503
    told = await down.json()
    assert told["status"] == "not_ready"
    assert told["checks"][1] == {
        "name": "broker",
        "level": "failed",
        "message": "the broker is away",
        "mend": "start it",
    }


async def test_metrics(site: Site) -> None:
    site.hub.figures = {"polls_total": 12.0, "queue_ahead": 9.0, "odd name-1": 1.0}
    await site.get("/api/rooms/late-night/pool")
    answer = await site.get("/metrics")
    lines = (await answer.text()).splitlines()
    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    assert "moodroom_polls_total 12.0" in lines
    assert "moodroom_queue_ahead 9.0" in lines
    assert "moodroom_odd_name_1 1.0" in lines
    assert "moodroom_event_streams 0.0" in lines
    assert 'moodroom_http_requests_total{method="GET",route="/api/rooms/{slug}/pool",status="200"} 1.0' in lines
    assert "moodroom_http_request_seconds_count 1.0" in lines
    assert 'moodroom_http_request_seconds_bucket{le="10.0"} 1.0' in lines


async def test_head_works_without_a_body(site: Site) -> None:
    for path in ("/", "/api/state", "/api/events", "/livez", "/metrics", "/login", "/callback", "/session"):
        answer = await site.ask("HEAD", path)
        assert answer.status == 200, path
    assert site.hub.account.answers == []
    assert site.hub.account.redirect_uri is None


async def test_plays_of_the_past_reach_the_hub_cleaned(site: Site) -> None:
    play = {
        "ended_at_ms": 1_600_000_012_345,
        "heard_ms": 12_000,
        "name": "A\x00B",
        "artist": "C",
        "uri": "spotify:track:" + "a" * 22,
        "reason_end": "fwdbtn",
    }
    answer = await site.post("/api/history/import", json={"plays": [play]})
    assert await answer.json() == {"new": 1, "known": 0, "enriched": 0}
    heard = PastPlay(
        1_600_000_012_000, 12_000, "A\ufffdB", "C", uri="spotify:track:" + "a" * 22, reason_end="fwdbtn"
    )  # fmt: skip
    assert site.hub.calls[-1] == ("import_past", heard)


@pytest.mark.parametrize(
    "wrong",
    [
        {"ip_addr": "203.0.113.7"},
        {"ended_at_ms": 1_000},
        {"ended_at_ms": 4_000_000_000_000},
        {"ended_at_ms": "1600000000000"},
        {"heard_ms": -1},
        {"heard_ms": 86_400_001},
        {"name": ""},
        {"name": "x" * 1_001},
        {"reason_end": "Anna's phone"},
    ],
)
async def test_a_play_that_cannot_be_is_refused(site: Site, wrong: dict[str, object]) -> None:
    play = {"ended_at_ms": 1_600_000_000_000, "heard_ms": 12_000, "name": "A", "artist": "B", **wrong}
    answer = await site.post("/api/history/import", json={"plays": [play]})
    assert answer.status == 400
    told = await answer.text()
    assert "203.0.113.7" not in told
    assert "Anna" not in told
    assert not site.hub.calls


async def test_warming_and_its_undo_at_once(site: Site) -> None:
    site.hub.add_receipts(2)
    warmed = await (await site.post("/api/history/warm")).json()
    assert warmed["group"] == "past-2026-11-21-1"
    assert [receipt["id"] for receipt in warmed["receipts"]] == [1, 2]
    answer = await site.post("/api/receipts/groups/past-2026-11-21-1/undo")
    assert (answer.status, await answer.json()) == (200, {"receipts": []})
    assert site.hub.calls[-1] == ("undo_group", "past-2026-11-21-1")
