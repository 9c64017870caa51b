"""Whatever anybody publishes: no crash, nothing done that was not asked for, and a log that stays short."""

import asyncio
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moodroom_hub.domain.models import HOME
from tests.plugins.mqtt.desk_lab import DeskLab
from tests.plugins.status_page.fake_hub import HOUSE, KITCHEN, LATE_NIGHT

SLUGS = {"late-night": LATE_NIGHT, "house": HOUSE}
PLAYER = {"play", "pause", "play_pause", "next", "never_again"}
ZONES = {None, "home", "kitchen"}
ABOUT_ZONES = {"zone/home", "zone/kitchen"}

WORDS = st.sampled_from(["on", "off", "toggle", "none", "", "not_playing", "3h", "spotify:track:1", "\x00"]) | (
    st.sampled_from(["play", "pause", "play_pause", "next", "fresh_batch", "never_again", "home", "kitchen", "attic"])
    | st.sampled_from(["late night", "late-night", "late_night", "house"])
)
SPELLINGS = st.builds(
    lambda word, change, around: around + change(word) + around,
    WORDS,
    st.sampled_from([str.lower, str.upper, str.title, str.swapcase]),
    st.sampled_from(["", " ", "\n", "\t"]),
)
SCALARS = st.one_of(SPELLINGS, WORDS, st.text(max_size=6), st.none(), st.booleans(), st.integers(), st.floats())
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(WORDS, inner, max_size=2))
KEYS = st.sampled_from(
    ["state", "zone", "if", "room", "command", "uri", "for", "transaction", "enabled", "limit", "before", "id", "x"]
)
OBJECTS = st.dictionaries(KEYS, st.one_of(SCALARS, VALUES), max_size=4)
PAYLOADS = st.one_of(
    SPELLINGS.map(str.encode),
    OBJECTS.map(lambda told: json.dumps(told).encode()),
    OBJECTS.map(lambda told: json.dumps(told)[:-1].encode()),
    st.text(max_size=20).map(lambda text: text.encode("utf-8", "replace")),
    st.binary(max_size=30),
)
WHATS = st.sampled_from(
    ["state", "rooms", "pool", "receipts", "history", "health_check", "plugins", "activate", "off"]
) | (st.sampled_from(["learning", "player", "undo", "sync", "", "x/y", "nonsense"]))
TOPICS = st.one_of(
    st.sampled_from(["room/late-night/set", "room/house/set", "active_room/set", "learning/set", "player/set"]),
    st.sampled_from(
        ["zone/kitchen/room/set", "zone/home/player/set", "zone/kitchen/player/set", "zone/attic/room/set"]
    ),
    WHATS.map("request/{}".format),
    st.sampled_from(["room//set", "room/a/b/set", "room/late-night/state", "room/Late Night/set", "bridge/state", ""]),
    st.text(max_size=12).map("room/{}/set".format),
    st.text(max_size=6).map("zone/{}/room/set".format),
    st.text(max_size=20),
)


def allowed(topic: str, payload: bytes) -> set[tuple[object, ...]]:
    """The deeds that this message may lead to, by a naive reading: anything else would be unintended."""
    try:
        text = payload.decode().strip()
    except UnicodeDecodeError:
        return set()
    try:
        told: Any = json.loads(text)
    except (ValueError, RecursionError):
        told = text
    if topic.startswith("request/"):
        return allowed_of_request(topic.removeprefix("request/"), {} if text == "" else told)
    if text == "":
        return set()
    place, topic = of_zone(topic)
    if place not in ZONES:
        return set()
    if not isinstance(told, dict):
        key = {"active_room/set": "room", "player/set": "command"}.get(topic, "state")
        told = {key: told if isinstance(told, str) else text}
    zone, said = told.get("zone"), told
    if isinstance(zone, str):
        zone = " ".join(zone.replace("\x00", " ").casefold().split())
    if not (isinstance(zone, str) or zone is None) or zone not in ZONES or place not in (None, zone or place):
        return set()
    zone = {"home": HOME, "kitchen": KITCHEN}.get(place or zone or "")
    state = said.get("state")
    word = state.strip().lower() if isinstance(state, str) else None
    if topic in ("room/late-night/set", "room/house/set"):
        slug = SLUGS[topic.split("/")[1]]
        on, off = ("activate", slug, zone), ("rooms_off", zone)
        deeds: dict[str, set[tuple[object, ...]]] = {"on": {on}, "off": {off}, "toggle": {on, off}}
        return deeds.get(word or "", set())
    if topic == "active_room/set" and "room" in said:
        return of_active_room(said["room"], zone)
    if topic == "learning/set" and word in ("on", "off", "toggle"):
        return {("set_learning", is_on) for is_on in {"on": [True], "off": [False]}.get(word, [True, False])}
    if topic == "player/set":
        return of_player(said.get("command"), zone)
    return set()


def of_zone(topic: str) -> tuple[str | None, str]:
    """The zone that has this topic for its own, and the topic that means the same for the default one."""
    parts = topic.split("/")
    if len(parts) != 4 or parts[0] != "zone" or parts[3] != "set":
        return None, topic
    return parts[1], {"room": "active_room/set", "player": "player/set"}.get(parts[2], "")


def of_active_room(room: object, zone: object) -> set[tuple[object, ...]]:
    """Off, or one of the rooms by any of its names."""
    if room is None or (isinstance(room, str) and room.strip().lower() in ("", "off", "none")):
        return {("rooms_off", zone)}
    slug = room_called(room)
    return set() if slug is None else {("activate", slug, zone)}


def room_called(said: object) -> object:
    """The room of that name."""
    words = said.lower().replace("-", " ").replace("_", " ").split() if isinstance(said, str) else []
    return {"late night": LATE_NIGHT, "house": HOUSE}.get(" ".join(words))


def of_player(command: object, zone: object) -> set[tuple[object, ...]]:
    """One command, by its word."""
    word = "_".join(command.lower().replace("-", " ").replace("_", " ").split()) if isinstance(command, str) else ""
    if word == "fresh_batch":
        return {("activate", LATE_NIGHT, zone)}
    return {(word, zone)} if word in PLAYER else set()


def allowed_of_request(what: str, told: object) -> set[tuple[object, ...]]:
    """The same for requests; those that only ask are allowed nothing."""
    if not isinstance(told, dict):
        return set()
    zone = {"home": HOME, "kitchen": KITCHEN}.get(str(told.get("zone")))
    match what:
        case "activate":
            slug = room_called(told.get("room"))
            return set() if slug is None else {("activate", slug, zone)}
        case "off":
            return {("rooms_off", zone)}
        case "learning" if isinstance(told.get("enabled"), bool):
            return {("set_learning", told["enabled"])}
        case "player":
            return of_player(told.get("command"), zone)
        case "undo" if isinstance(told.get("id"), int):
            return {("undo", told["id"])}
        case "sync":
            return {("sync_library",)}
    return set()


def plain(call: tuple[object, ...]) -> tuple[object, ...]:
    """A call without what the reference does not know (how long, which track)."""
    if call[0] in ("next", "never_again"):
        return (call[0], call[2])
    return call[:2] if call[0] == "set_learning" else call


@pytest.fixture(scope="module")
def runner() -> Iterator[asyncio.Runner]:
    """One loop for all examples."""
    with asyncio.Runner() as made:
        yield made


@pytest.fixture(scope="module")
def lab() -> DeskLab:
    """One desk for all examples: what is wrong after thousands of messages shows, too."""
    return DeskLab()


@settings(max_examples=10_000)
@given(topic=TOPICS, payload=PAYLOADS, is_on=st.booleans(), is_retained=st.sampled_from([False, False, False, True]))
def test_any_message_does_what_it_says_or_nothing(
    runner: asyncio.Runner, lab: DeskLab, topic: str, payload: bytes, is_on: bool, is_retained: bool
) -> None:
    async def scenario() -> None:
        lab.hub.calls.clear()
        lab.said.clear()
        lab.hub.active, lab.hub.now = LATE_NIGHT if is_on else None, None
        lab.take(topic, payload, is_retained=is_retained)
        await lab.settle()
        done = [plain(call) for call in lab.deeds]
        assert len(done) <= 1
        assert set(done) <= (set() if is_retained else allowed(topic, payload))
        assert len(lab.said) <= 1
        assert all(told.get("code") != "internal" for _, told, _ in lab.said)
        assert set(lab.desk.refusals) <= ABOUT_ZONES | {"late-night", "house", "active_room", "learning", "player"}

    runner.run(scenario())


@settings(max_examples=15)
@given(messages=st.lists(st.tuples(TOPICS, PAYLOADS), min_size=200, max_size=300))
def test_a_storm_of_nonsense_leaves_a_short_log(runner: asyncio.Runner, messages: list[tuple[str, bytes]]) -> None:
    async def scenario() -> None:
        lab = DeskLab()
        for topic, payload in messages:
            lab.take(topic, payload)
        await lab.settle()

    handler = Counting()
    logger = logging.getLogger("moodroom_hub")
    logger.addHandler(handler)
    try:
        runner.run(scenario())
    finally:
        logger.removeHandler(handler)
    assert len(set(handler.lines)) == len(handler.lines), "no kind twice within a minute"
    assert len(handler.lines) <= 40


class Counting(logging.Handler):
    """Keeps the kind of each line."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[tuple[object, ...]] = []

    def emit(self, record: logging.LogRecord) -> None:
        arguments = record.args if isinstance(record.args, tuple) else ()
        self.lines.append((record.msg, *arguments))
