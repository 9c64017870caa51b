"""Requests: each in the shapes of the HTTP API, with its transaction, or refused."""

import json
from pathlib import Path
from typing import Any

import pytest

from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.core.face import ListenView
from moodroom_hub.domain.models import HOME
from moodroom_hub.plugins.mqtt.requests import WHATS
from tests.plugins.mqtt.desk_lab import DeskLab
from tests.plugins.status_page.fake_hub import LATE_NIGHT, listen

OPENING: dict[str, dict[str, Any]] = {
    "pool": {"room": "Late Night"},
    "activate": {"room": "late-night"},
    "learning": {"enabled": False},
    "player": {"command": "next"},
    "undo": {"id": 1},
}
KEYS = {
    "state": {"version", "zone", "active_room", "learning", "now_playing", "upcoming", "receipts", "troubles"},
    "rooms": {"rooms"},
    "zones": {"zones"},
    "pool": {"room", "tiers"},
    "receipts": {"receipts", "next"},
    "history": {"history", "next"},
    "health_check": {"healthy", "checks"},
    "plugins": {"plugins"},
    "activate": {"batch", "notes", "zone"},
    "off": {"ok"},
    "learning": {"learning", "until"},
    "player": {"skipped"},
    "undo": {"receipt"},
    "sync": {"new", "total", "moved", "gone", "playlists"},
}


@pytest.mark.parametrize("what", WHATS)
async def test_every_request_is_answered_with_its_transaction(what: str) -> None:
    lab = DeskLab()
    lab.hub.add_receipts(3)
    told = await lab.send(f"request/{what}", {**OPENING.get(what, {}), "transaction": "a-1"})
    assert told is not None
    assert told["status"] == "ok", told
    assert told["transaction"] == "a-1"
    assert set(told["data"]) >= KEYS[what]
    assert lab.said[0][0] == f"moodroom/response/{what}"


async def test_an_empty_payload_is_an_empty_request() -> None:
    lab = DeskLab()
    told = await lab.send("request/rooms", b"")
    assert told is not None
    assert [room["slug"] for room in told["data"]["rooms"]] == ["late-night", "house"]
    assert told["data"]["rooms"][0]["palette"]["from"] == "#0b0a1f"
    assert "transaction" not in told


async def test_pages() -> None:
    lab = DeskLab()
    lab.hub.add_receipts(5)
    lab.hub.listens.extend(ListenView(number, HOME, listen(number)) for number in range(1, 4))
    first = await lab.send("request/receipts", {"limit": 2})
    assert first is not None
    assert [each["id"] for each in first["data"]["receipts"]] == [5, 4]
    second = await lab.send("request/receipts", {"limit": 3, "before": first["data"]["next"]})
    assert second is not None
    assert [each["id"] for each in second["data"]["receipts"]] == [3, 2, 1]
    assert second["data"]["next"] is None
    heard = await lab.send("request/history", {"limit": 1})
    assert heard is not None
    assert len(heard["data"]["history"]) == 1
    assert heard["data"]["next"] == heard["data"]["history"][0]["id"]


@pytest.mark.parametrize(
    ("command", "call"),
    [
        ("play", ("play", None)),
        ("pause", ("pause", None)),
        ("Play-Pause", ("play_pause", None)),
        ("next", ("next", None, None)),
        ("never_again", ("never_again", None, None)),
        ("fresh_batch", ("activate", LATE_NIGHT, None)),
    ],
)
async def test_player_commands(command: str, call: tuple[object, ...]) -> None:
    lab = DeskLab()
    lab.hub.active = LATE_NIGHT
    told = await lab.send("request/player", {"command": command})
    assert told is not None
    assert told["status"] == "ok"
    assert lab.deeds == [call]


@pytest.mark.parametrize(
    ("what", "payload", "code"),
    [
        ("nonsense", "{}", "not_found"),
        ("nonsense/of/levels", "", "not_found"),
        ("pool", "", "bad_request"),
        ("pool", '{"room": "Bedroom"}', "not_found"),
        ("state", '{"zone": "attic"}', "not_found"),
        ("receipts", '{"limit": 0}', "bad_request"),
        ("receipts", '{"limit": 201}', "bad_request"),
        ("receipts", '{"limit": "5"}', "bad_request"),
        ("undo", '{"id": true}', "bad_request"),
        ("undo", '{"id": 99}', "not_found"),
        ("rooms", "[]", "bad_request"),
        ("rooms", "please", "bad_request"),
        ("rooms", '{"transaction": NaN}', "bad_request"),
        ("learning", '{"enabled": "yes"}', "bad_request"),
        ("player", '{"command": "pause", "uri": "spotify:track:1"}', "bad_request"),
        ("player", '{"command": "fresh_batch"}', "conflict"),
    ],
)
async def test_refusals(what: str, payload: str, code: str) -> None:
    lab = DeskLab()
    told = await lab.send(f"request/{what}", payload)
    assert told is not None
    assert (told["status"], told["code"]) == ("error", code)
    assert told["error"]
    assert set(lab.deeds) <= {("undo", 99)}
    assert lab.said[0][0].startswith("moodroom/response/")
    assert not lab.desk.refusals, "a request is answered; the entities of the house have nothing to do with it"


async def test_the_hubs_trouble_and_a_plain_accident_are_told_apart(caplog: pytest.LogCaptureFixture) -> None:
    lab = DeskLab()
    lab.hub.fail["activate"] = Trouble(TroubleCode.NO_DEVICE, "Open Spotify somewhere.")
    told = await lab.send("request/activate", {"room": "house", "transaction": 4})
    expected = {"status": "error", "error": "Open Spotify somewhere.", "code": "no_device", "transaction": 4}
    assert told == expected
    assert not [record for record in caplog.records if record.name.startswith("moodroom_hub")]
    lab.hub.pools.clear()
    told = await lab.send("request/pool", {"room": "house"})
    assert told is not None
    assert told["code"] == "internal"
    assert "KeyError" not in json.dumps(told)
    (line,) = [record for record in caplog.records if record.name.startswith("moodroom_hub")]
    assert line.exc_info is not None


@pytest.mark.parametrize(
    ("asked", "lands"),
    [
        ("my/answers", "my/answers"),
        ("moodroom/response/mine", "moodroom/response/mine"),
        ("moodroom/room/late-night/set", "moodroom/response/rooms"),
        ("moodroom/request/rooms", "moodroom/response/rooms"),
        ("homeassistant/device/x/config", "moodroom/response/rooms"),
        ("$SYS/broker", "moodroom/response/rooms"),
        ("a/+/b", "moodroom/response/rooms"),
        ("", "moodroom/response/rooms"),
    ],
)
async def test_mqtt_5_says_where_to_answer_but_lends_no_rights(asked: str, lands: str) -> None:
    lab = DeskLab()
    await lab.send("request/rooms", b"", response_topic=asked, correlation=b"\x00\x01")
    assert [(topic, correlation) for topic, _, correlation in lab.said] == [(lands, b"\x00\x01")]


def test_the_page_names_every_request() -> None:
    page = (Path(__file__).resolve().parents[3] / "moodroom_hub/plugins/mqtt/README.md").read_text(encoding="utf-8")
    table = page.partition("| `request/...` |")[2].partition("\n\n")[0]
    assert [what for what in WHATS if f"`{what}`" not in table] == []
