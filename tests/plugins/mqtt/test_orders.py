"""What each message means: plain or JSON, in any case, and the reason where it means nothing."""

import json
from typing import Any

import pytest

from moodroom_hub.core.actions import Action, Deed
from moodroom_hub.core.errors import TroubleCode
from moodroom_hub.domain.models import HOME, DurationMs, Room, RoomSlug, Uri
from moodroom_hub.plugins.mqtt.orders import (
    Order,
    Refused,
    ToggleLearning,
    TurnOff,
    TurnOn,
    Work,
    parse_order,
)
from moodroom_hub.plugins.mqtt.requests import Request
from moodroom_hub.plugins.mqtt.topics import Topics
from tests.plugins.status_page.fake_hub import HOUSE, KITCHEN, LATE_NIGHT

TOPICS = Topics("moodroom", "homeassistant")
FIRE = RoomSlug("fire")
ROOMS = {
    LATE_NIGHT: Room(LATE_NIGHT, "Late Night"),
    HOUSE: Room(HOUSE, 'The "Best" Café'),
    FIRE: Room(FIRE, "🔥"),
}


def parse(topic: str, payload: bytes | str | dict[str, Any]) -> Order | Request | Refused | None:
    """The message on ``moodroom/<topic>``."""
    text = json.dumps(payload) if isinstance(payload, dict) else payload
    raw = text.encode() if isinstance(text, str) else text
    return parse_order(TOPICS, ROOMS, {HOME: "home", KITCHEN: "The Cook's Corner"}, f"moodroom/{topic}", raw)


def work(topic: str, payload: str | dict[str, Any]) -> Work:
    """What it orders."""
    found = parse(topic, payload)
    assert isinstance(found, Order), found
    return found.work


@pytest.mark.parametrize("spelling", ["ON", "on", " On\n", '"ON"', '{"state": "on"}', '{"state":"ON","zone":null}'])
def test_a_room_on(spelling: str) -> None:
    assert work("room/late-night/set", spelling) == TurnOn(LATE_NIGHT)


@pytest.mark.parametrize(
    ("payload", "wanted"),
    [
        ("OFF", TurnOff(LATE_NIGHT)),
        ("toggle", Action(Deed.TOGGLE, LATE_NIGHT)),
        ({"state": "OFF", "zone": "kitchen"}, TurnOff(LATE_NIGHT, KITCHEN)),
        ({"state": "ON", "zone": "kitchen", "if": "not_playing"}, TurnOn(LATE_NIGHT, KITCHEN, only_if_silent=True)),
        ({"state": "ON", "if": "Not-Playing"}, TurnOn(LATE_NIGHT, only_if_silent=True)),
    ],
)
def test_a_room(payload: str | dict[str, Any], wanted: Work) -> None:
    assert work("room/late-night/set", payload) == wanted


@pytest.mark.parametrize(
    ("payload", "wanted"),
    [
        ("Late Night", TurnOn(LATE_NIGHT)),
        ("late-night", TurnOn(LATE_NIGHT)),
        ("the LATE night room", TurnOn(LATE_NIGHT)),
        ('the "best" cafe', TurnOn(HOUSE)),
        ('The "Best" Café', TurnOn(HOUSE)),
        ("🔥", TurnOn(FIRE)),
        ({"room": "House", "zone": "home"}, TurnOn(HOUSE, HOME)),
        ("Off", Action(Deed.OFF)),
        ("NONE", Action(Deed.OFF)),
        ('""', Action(Deed.OFF)),
        ({"room": None}, Action(Deed.OFF)),
        ({"room": "off", "zone": "kitchen"}, Action(Deed.OFF, zone=KITCHEN)),
    ],
)
def test_the_active_room(payload: str | dict[str, Any], wanted: Work) -> None:
    assert work("active_room/set", payload) == wanted


@pytest.mark.parametrize(
    ("payload", "wanted"),
    [
        ("on", Action(Deed.LEARNING_ON)),
        ("OFF", Action(Deed.LEARNING_OFF)),
        ("Toggle", ToggleLearning()),
        ({"state": "off", "for": "3h"}, Action(Deed.LEARNING_OFF, for_ms=DurationMs(10_800_000))),
        ({"state": "toggle", "for": 60}, ToggleLearning(DurationMs(60_000))),
    ],
)
def test_learning(payload: str | dict[str, Any], wanted: Work) -> None:
    assert work("learning/set", payload) == wanted


@pytest.mark.parametrize(
    ("payload", "wanted"),
    [
        ("play", Action(Deed.PLAY)),
        ("PAUSE", Action(Deed.PAUSE)),
        ("play/pause", None),
        ("Play Pause", Action(Deed.PLAY_PAUSE)),
        ("next", Action(Deed.NEXT)),
        ("fresh-batch", Action(Deed.FRESH_BATCH)),
        ("never_again", Action(Deed.NEVER_AGAIN)),
        ({"command": "next", "uri": "spotify:track:1"}, Action(Deed.NEXT, meant=Uri("spotify:track:1"))),
        ({"command": "NEVER AGAIN", "zone": "kitchen"}, Action(Deed.NEVER_AGAIN, zone=KITCHEN)),
        ({"command": "pause", "uri": "spotify:track:1"}, None),
    ],
)
def test_the_player(payload: str | dict[str, Any], wanted: Work | None) -> None:
    found = parse("player/set", payload)
    assert (found.work if isinstance(found, Order) else None) == wanted
    assert isinstance(found, Refused if wanted is None else Order)


@pytest.mark.parametrize(
    ("topic", "payload", "about", "code", "word"),
    [
        ("room/nowhere/set", "ON", None, TroubleCode.NOT_FOUND, "no such room"),
        ("room//set", "ON", None, TroubleCode.NOT_FOUND, "no such room"),
        ("room/late-night/set", "maybe", "late-night", TroubleCode.BAD_REQUEST, "state"),
        ("room/late-night/set", "1", "late-night", TroubleCode.BAD_REQUEST, "state"),
        ("room/late-night/set", {"state": True}, "late-night", TroubleCode.BAD_REQUEST, "state"),
        ("room/late-night/set", {"State": "ON"}, "late-night", TroubleCode.BAD_REQUEST, "State"),
        ("room/late-night/set", {"state": "ON", "brightness": 3}, "late-night", TroubleCode.BAD_REQUEST, "brightness"),
        ("room/late-night/set", {"state": "OFF", "if": "not_playing"}, "late-night", TroubleCode.BAD_REQUEST, "if"),
        ("room/late-night/set", {"state": "ON", "if": "raining"}, "late-night", TroubleCode.BAD_REQUEST, "if"),
        ("room/late-night/set", {"state": "ON", "zone": "attic"}, "late-night", TroubleCode.NOT_FOUND, "home, kitchen"),
        ("room/late-night/set", '{"state": "ON", "state": "OFF"}', "late-night", TroubleCode.BAD_REQUEST, "doubled"),
        ("room/late-night/set", '{"state": "ON"} ', "late-night", None, ""),
        ("room/late-night/set", '{"state": "ON"', "late-night", TroubleCode.BAD_REQUEST, "JSON"),
        ("room/late-night/set", b"\xff\xfe", "late-night", TroubleCode.BAD_REQUEST, "UTF-8"),
        ("room/late-night/set", b"x" * 20_000, "late-night", TroubleCode.BAD_REQUEST, "16 kB"),
        ("room/late-night/set", '{"state":' + "[" * 7_000, "late-night", TroubleCode.BAD_REQUEST, "JSON"),
        ("active_room/set", "Bedroom", "active_room", TroubleCode.NOT_FOUND, "no such room"),
        ("active_room/set", {"zone": "home"}, "active_room", TroubleCode.BAD_REQUEST, "room"),
        ("learning/set", {"state": "off", "for": "soon"}, "learning", TroubleCode.BAD_REQUEST, "for: expected a dura"),
        ("learning/set", {"state": "off", "for": 0}, "learning", TroubleCode.BAD_REQUEST, "above 0"),
        ("learning/set", '{"state": "off", "for": 1e999}', "learning", TroubleCode.BAD_REQUEST, "for"),
        ("player/set", "louder", "player", TroubleCode.BAD_REQUEST, "command"),
    ],
)
def test_what_is_refused_and_why(
    topic: str, payload: bytes | str | dict[str, Any], about: str | None, code: TroubleCode | None, word: str
) -> None:
    found = parse(topic, payload)
    if code is None:
        assert isinstance(found, Order)
        return
    assert isinstance(found, Refused)
    assert (found.about, found.code) == (about, code)
    assert word in found.message


def test_no_refusal_repeats_what_was_sent() -> None:
    secret = "hunter2"
    for topic in ("room/late-night/set", "active_room/set", "learning/set", "player/set", "request/pool"):
        for payload in (secret, json.dumps({"state": secret, "command": secret, "room": secret, "zone": secret})):
            found = parse(topic, payload)
            if isinstance(found, Refused):
                assert secret not in found.message


@pytest.mark.parametrize(
    ("topic", "payload"),
    [
        ("room/late-night/set", ""),
        ("room/late-night/set", " \n"),
        ("active_room/set", "  "),
        ("room/late-night/state", "ON"),
        ("room/late-night/x/set", "ON"),
        ("room/set", "ON"),
        ("bridge/state", "online"),
        ("event", "{}"),
    ],
)
def test_what_orders_nothing(topic: str, payload: str) -> None:
    assert parse(topic, payload) is None


def test_a_transaction_is_kept_for_the_refusal_too() -> None:
    good = parse("room/late-night/set", {"state": "ON", "transaction": "t-1"})
    bad = parse("room/late-night/set", {"state": "maybe", "transaction": 17})
    odd = parse("room/late-night/set", {"state": "ON", "transaction": {"a": 1}})
    assert isinstance(good, Order)
    assert good.transaction == "t-1"
    assert isinstance(bad, Refused)
    assert bad.transaction == 17
    assert isinstance(odd, Refused)
    assert odd.transaction is None


@pytest.mark.parametrize(
    ("topic", "payload", "wanted"),
    [
        ("zone/kitchen/room/set", "Late Night", TurnOn(LATE_NIGHT, KITCHEN)),
        ("zone/kitchen/room/set", {"room": "late-night", "if": "not_playing"}, TurnOn(LATE_NIGHT, KITCHEN, True)),
        ("zone/kitchen/room/set", "off", Action(Deed.OFF, zone=KITCHEN)),
        ("zone/kitchen/room/set", {"room": None, "zone": "kitchen"}, Action(Deed.OFF, zone=KITCHEN)),
        ("zone/home/player/set", "Fresh Batch", Action(Deed.FRESH_BATCH, zone=HOME)),
        ("zone/kitchen/player/set", {"command": "next", "uri": "x"}, Action(Deed.NEXT, zone=KITCHEN, meant=Uri("x"))),
        ("active_room/set", {"room": "late night", "zone": "the cook's corner"}, TurnOn(LATE_NIGHT, KITCHEN)),
        ("player/set", {"command": "next", "zone": "The Kitchen"}, Action(Deed.NEXT, zone=KITCHEN)),
        ("room/late-night/set", {"state": "toggle", "zone": "kitchen"}, Action(Deed.TOGGLE, LATE_NIGHT, KITCHEN)),
    ],
)
def test_a_zone_has_topics_of_its_own_and_is_called_as_people_say_it(
    topic: str, payload: str | dict[str, Any], wanted: Work
) -> None:
    assert work(topic, payload) == wanted


@pytest.mark.parametrize(
    ("topic", "payload", "about", "code"),
    [
        ("zone/attic/room/set", "Late Night", None, TroubleCode.NOT_FOUND),
        ("zone/Kitchen/room/set", "Late Night", None, TroubleCode.NOT_FOUND),
        ("zone/kitchen/room/set", "Ballroom", "zone/kitchen", TroubleCode.NOT_FOUND),
        ("zone/kitchen/room/set", {"room": "Off", "zone": "home"}, "zone/kitchen", TroubleCode.BAD_REQUEST),
        ("zone/kitchen/player/set", "dance", "zone/kitchen", TroubleCode.BAD_REQUEST),
    ],
)
def test_what_a_zone_cannot_do_is_refused(
    topic: str, payload: str | dict[str, Any], about: str | None, code: TroubleCode
) -> None:
    found = parse(topic, payload)
    assert isinstance(found, Refused)
    assert (found.about, found.code) == (about, code)
    assert parse("zone/kitchen/room/state", "Late Night") is None
    assert parse("zone//room/set", "Late Night") is None
