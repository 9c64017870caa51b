"""The desk: what reaches the hub, in which order, what is answered, remembered and logged."""

import asyncio
import logging
from typing import Any

import pytest

from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.core.face import Activation
from moodroom_hub.domain.models import DurationMs, RoomSlug, ZoneName
from moodroom_hub.plugins.mqtt.answering import GRACE_S, KEPT_FOR_SWITCHES, MOST_WAITING
from tests.plugins.mqtt.desk_lab import DeskLab
from tests.plugins.status_page.fake_hub import HOUSE, KITCHEN, LATE_NIGHT

ROOM_SET = "room/late-night/set"
NO_DEVICE = Trouble(TroubleCode.NO_DEVICE, "Open Spotify somewhere.")
SUPERSEDED = Trouble(TroubleCode.SUPERSEDED, "A newer order came.")


def lines(caplog: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    """What the hub itself wrote (asyncio's debug mode has its own words about slow machines)."""
    return [record for record in caplog.records if record.name.startswith("moodroom_hub")]


async def test_on_twice_is_on_once() -> None:
    lab = DeskLab()
    assert await lab.send(ROOM_SET, "ON") is None
    await lab.send(ROOM_SET, "ON")
    await lab.send("active_room/set", "Late Night")
    assert lab.deeds == [("activate", LATE_NIGHT, None)]
    assert lab.changes == 3, "each is answered by the states"


async def test_on_again_where_the_music_stands_still_or_is_somebody_elses() -> None:
    lab = DeskLab()
    await lab.send(ROOM_SET, "ON")
    lab.hub.now = None
    await lab.send(ROOM_SET, "ON")
    assert lab.deeds == [("activate", LATE_NIGHT, None)] * 2


async def test_if_not_playing() -> None:
    lab = DeskLab()
    await lab.send("room/house/set", {"state": "ON", "if": "not_playing"})
    await lab.send(ROOM_SET, {"state": "ON", "if": "not_playing"})
    assert lab.deeds == [("activate", HOUSE, None)]


async def test_off_concerns_its_own_room_alone() -> None:
    lab = DeskLab()
    await lab.send("room/house/set", "ON")
    await lab.send(ROOM_SET, "OFF")
    await lab.send("room/house/set", {"state": "OFF", "zone": "kitchen"})
    assert lab.deeds == [("activate", HOUSE, None), ("rooms_off", KITCHEN)]


async def test_toggle_learning_and_the_player() -> None:
    lab = DeskLab()
    for topic, payload in (
        (ROOM_SET, "TOGGLE"),
        (ROOM_SET, "TOGGLE"),
        ("active_room/set", "Off"),
        ("player/set", {"command": "next", "uri": "spotify:track:1"}),
        ("player/set", "never_again"),
    ):
        await lab.send(topic, payload)
    assert lab.deeds == [
        ("activate", LATE_NIGHT, None),
        ("rooms_off", None),
        ("rooms_off", None),
        ("next", "spotify:track:1", None),
        ("never_again", None, None),
    ]


async def test_many_toggles_of_learning_at_once_alternate() -> None:
    lab = DeskLab()
    for _ in range(3):
        lab.take("learning/set", "TOGGLE")
    lab.take("learning/set", {"state": "TOGGLE", "for": "1h"})
    await lab.settle()
    switched = [call[1:] for call in lab.deeds]
    assert switched == [(False, None), (True, None), (False, None), (True, DurationMs(3_600_000))]


async def test_retained_and_empty_messages_press_nothing() -> None:
    lab = DeskLab()
    for topic in (ROOM_SET, "active_room/set", "learning/set", "player/set", "request/off"):
        lab.take(topic, "ON", is_retained=True)
        lab.take(topic, "", is_retained=True)
    for topic in (ROOM_SET, "active_room/set", "learning/set", "player/set"):
        lab.take(topic, "")
    await lab.settle()
    assert (lab.hub.calls, lab.said, lab.changes) == ([], [], 0)


async def test_a_refused_order_is_answered_and_remembered_until_the_next_success() -> None:
    lab = DeskLab()
    lab.hub.fail["activate"] = NO_DEVICE
    told = await lab.send(ROOM_SET, {"state": "ON", "transaction": "x"})
    assert told == {
        "status": "error",
        "error": "Open Spotify somewhere.",
        "code": "no_device",
        "room": "late-night",
        "transaction": "x",
    }
    assert lab.said[0][0] == "moodroom/response/room"
    refusal = lab.desk.refusals["late-night"]
    assert (refusal.code, refusal.message, refusal.at_ms) == ("no_device", NO_DEVICE.message, lab.clock.now_ms())
    assert lab.changes
    del lab.hub.fail["activate"]
    assert await lab.send("active_room/set", "Late Night") is None
    assert not lab.desk.refusals


async def test_what_cannot_be_read_is_remembered_with_its_room_but_strangers_are_not() -> None:
    lab = DeskLab()
    told = await lab.send(ROOM_SET, "louder")
    assert told is not None
    assert (told["code"], told["room"]) == ("bad_request", "late-night")
    for number in range(50):
        told = await lab.send(f"room/stranger-{number}/set", "ON")
        assert told is not None
        assert told["code"] == "not_found"
        assert "room" not in told
    assert set(lab.desk.refusals) == {"late-night"}
    assert not lab.deeds


async def test_an_ok_is_said_to_who_waits_for_it() -> None:
    lab = DeskLab()
    assert await lab.send(ROOM_SET, {"state": "ON", "transaction": 0}) == {"status": "ok", "data": {}, "transaction": 0}
    assert await lab.send("player/set", "next", response_topic="me/answers") == {"status": "ok", "data": {}}
    assert [topic for topic, _, _ in lab.said] == ["moodroom/response/room", "me/answers"]


async def test_an_overtaken_switch_is_no_refusal(caplog: pytest.LogCaptureFixture) -> None:
    lab = DeskLab()
    lab.hub.fail["activate"] = SUPERSEDED
    assert await lab.send(ROOM_SET, "ON") is None
    told = await lab.send(ROOM_SET, {"state": "ON", "transaction": 1})
    assert told is not None
    assert told["code"] == "superseded"
    assert not lab.desk.refusals
    assert not lines(caplog)


async def test_refusals_are_logged_once_a_minute_and_kind(caplog: pytest.LogCaptureFixture) -> None:
    lab = DeskLab()
    lab.hub.fail["next"] = NO_DEVICE
    for _ in range(100):
        await lab.send("player/set", "next")
        await lab.send("player/set", "nonsense hunter2")
    assert len(lines(caplog)) == 2
    lab.clock.at_ms += 60_000
    await lab.send("player/set", "next")
    assert lines(caplog)[-1].levelno == logging.WARNING
    assert "and 99 more of its kind" in lines(caplog)[-1].getMessage()
    assert "hunter2" not in caplog.text


async def test_an_accident_inside_ends_nothing(caplog: pytest.LogCaptureFixture) -> None:
    lab = DeskLab()

    async def broken(zone: ZoneName | None = None) -> None:
        raise ZeroDivisionError

    vars(lab.hub)["pause"] = broken
    told = await lab.send("player/set", "pause")
    assert told is not None
    assert told["code"] == "internal"
    assert "ZeroDivisionError" in caplog.text
    await lab.send("player/set", "play")
    assert lab.deeds == [("play", None)]


class Held(DeskLab):
    """Its hub's commands wait until they are let go."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = asyncio.Event()
        self.begun: list[str] = []
        vars(self.hub)["next"] = self._next
        vars(self.hub)["activate"] = self._activate

    async def _next(self, meant: Any = None, zone: Any = None) -> bool:
        self.begun.append("next")
        await self.gate.wait()
        return True

    async def _activate(self, room: RoomSlug, zone: ZoneName | None = None) -> Activation:
        self.begun.append(room)
        await self.gate.wait()
        return Activation(room, (), ())


async def test_orders_run_at_the_same_time_but_begin_in_order() -> None:
    lab = Held()
    rooms = ["late-night", "house", "late-night", "house"]
    for room in rooms:
        lab.take(f"room/{room}/set", "ON")
        lab.take("player/set", "next")
    await asyncio.sleep(0)
    assert lab.begun == [each for room in rooms for each in (room, "next")]
    lab.gate.set()
    await lab.settle()


async def test_what_waits_is_bounded_and_a_room_is_heard_all_the_same(caplog: pytest.LogCaptureFixture) -> None:
    lab = Held()
    for _ in range(MOST_WAITING + 500):
        lab.take("player/set", "next")
    lab.take("room/house/set", "ON")
    assert lab.desk.waiting == MOST_WAITING - KEPT_FOR_SWITCHES + 1
    assert lab.desk.refusals["player"].code == "busy"
    for _ in range(MOST_WAITING):
        lab.take("room/house/set", "ON")
    assert lab.desk.waiting == MOST_WAITING
    lab.gate.set()
    await lab.settle()
    assert len(lines(caplog)) == 2
    assert lab.begun.count("next") == MOST_WAITING - KEPT_FOR_SWITCHES
    assert "house" in lab.begun


async def test_reading_much_at_once_leaves_room_for_a_switch() -> None:
    lab = DeskLab()
    for _ in range(50):
        lab.take("request/state", b"")
    lab.take(ROOM_SET, "ON")
    await lab.settle()
    assert lab.deeds == [("activate", LATE_NIGHT, None)]
    assert len([told for _, told, _ in lab.said if told["status"] == "ok"]) == 50


async def test_closing_ends_what_runs_and_takes_nothing_more() -> None:
    lab = Held()
    lab.take(ROOM_SET, "ON")
    await asyncio.sleep(0)
    began_s = asyncio.get_running_loop().time()
    await lab.desk.close()
    assert asyncio.get_running_loop().time() - began_s < GRACE_S + 2
    assert lab.desk.waiting == 0
    lab.take(ROOM_SET, "ON")
    assert lab.desk.waiting == 0


async def test_an_answer_that_finds_no_broker_is_let_go() -> None:
    lab = DeskLab()

    async def away(topic: str, payload: bytes, correlation: bytes | None) -> None:
        raise Trouble(TroubleCode.UNAVAILABLE, "the broker is away")

    vars(lab.desk)["_answer"] = away
    assert await lab.send("request/rooms", b"") is None
