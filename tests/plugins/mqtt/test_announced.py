"""What was announced is remembered, so that what is over is taken back, once and in the right order."""

import json
import logging
from pathlib import Path
from typing import Any

import pytest

from moodroom_hub.domain.models import Room, RoomSlug
from moodroom_hub.plugins.mqtt.announced import Announced, Step, derived_identity
from moodroom_hub.plugins.mqtt.discovery import Announcement, announcements
from moodroom_hub.plugins.mqtt.topics import Topics
from moodroom_hub.plugins.mqtt.validator import problems

TOPICS = Topics("moodroom", "homeassistant")


def wanted(*slugs: str, topics: Topics = TOPICS) -> list[Announcement]:
    rooms = {RoomSlug(slug): Room(RoomSlug(slug), slug.title()) for slug in slugs}
    return announcements(rooms, "moodroom", topics, "1", None)


def load(tmp_path: Path, base: str = "moodroom") -> Announced:
    return Announced.load(tmp_path / "data" / "mqtt-announced.json", base)


def announced_before(tmp_path: Path, *slugs: str) -> Announced:
    """A hub that starts anew after one that had these rooms."""
    first = load(tmp_path)
    first.changes(wanted(*slugs), TOPICS)
    first.remember(wanted(*slugs))
    return load(tmp_path)


def topics_of(steps: list[Step]) -> list[str]:
    return [step.topic for step in steps]


def read(step: Step) -> dict[str, Any]:
    return dict(json.loads(step.payload))


def test_the_first_time_there_is_nothing_to_take_back(tmp_path: Path) -> None:
    announced = load(tmp_path)
    steps = announced.changes(wanted("house", "rage"), TOPICS)
    assert topics_of(steps) == [
        "homeassistant/device/moodroom/config",
        "homeassistant/device/moodroom_room_house/config",
        "homeassistant/device/moodroom_room_rage/config",
    ]
    assert not any(step.is_removal for step in steps)
    assert [read(step) for step in steps] == [each.payload for each in wanted("house", "rage")]


def test_the_same_again_is_the_same_again(tmp_path: Path) -> None:
    first = load(tmp_path).changes(wanted("house"), TOPICS)
    assert announced_before(tmp_path, "house").changes(wanted("house"), TOPICS) == first


def test_a_removed_room_is_taken_back_with_its_states(tmp_path: Path) -> None:
    announced = announced_before(tmp_path, "house", "rage")
    steps = announced.changes(wanted("house"), TOPICS)
    assert [(step.topic, step.payload) for step in steps if step.is_removal] == [
        ("homeassistant/device/moodroom_room_rage/config", b""),
        ("moodroom/room/rage/state", b""),
        ("moodroom/room/rage/attributes", b""),
    ]
    assert {step.device_id for step in steps if step.is_removal} == {"moodroom_room_rage"}
    # Until the broker has it, it is said again; afterwards never.
    assert announced.changes(wanted("house"), TOPICS) == steps
    announced.remember(wanted("house"))
    assert not any(step.is_removal for step in announced.changes(wanted("house"), TOPICS))
    assert not any(step.is_removal for step in load(tmp_path).changes(wanted("house"), TOPICS))


def test_what_home_assistant_missed_is_taken_back_at_its_birth_and_once(tmp_path: Path) -> None:
    announced = announced_before(tmp_path, "house", "rage")
    announced.changes(wanted("house"), TOPICS)
    announced.remember(wanted("house"))
    announced = load(tmp_path)
    gone = [s for s in announced.changes(wanted("house"), TOPICS, is_birth=True) if s.device_id.endswith("rage")]
    topic = "homeassistant/device/moodroom_room_rage/config"
    assert [(step.topic, step.is_removal, step.is_retained) for step in gone] == [
        (topic, False, False),
        (topic, True, True),
    ]
    assert read(gone[0]) == wanted("house", "rage")[2].payload
    announced.remember(wanted("house"), is_birth=True)
    assert len(load(tmp_path).changes(wanted("house"), TOPICS, is_birth=True)) == 2


def test_a_room_that_came_back_is_not_taken_back(tmp_path: Path) -> None:
    announced = announced_before(tmp_path, "house", "rage")
    for rooms in (("house",), ("house", "rage"), ("house", "rage")):
        announced.changes(wanted(*rooms), TOPICS)
        announced.remember(wanted(*rooms))
    assert not any(step.is_removal for step in announced.changes(wanted("house", "rage"), TOPICS, is_birth=True))


def test_a_new_slug_is_a_new_room_and_the_end_of_the_old(tmp_path: Path) -> None:
    steps = announced_before(tmp_path, "house").changes(wanted("deep-house"), TOPICS)
    assert topics_of(steps)[0] == "homeassistant/device/moodroom_room_house/config"
    assert topics_of(steps)[-1] == "homeassistant/device/moodroom_room_deep-house/config"


def test_a_part_that_vanished_is_buried_before_the_device_is_told_anew(tmp_path: Path) -> None:
    old = wanted("house")
    part = old[0].payload["components"]["tier"]
    old[0].payload["components"]["volume"] = {**part, "platform": "number"}
    old[0].payload["components"]["next"] = {**part, "platform": "switch"}
    announced = load(tmp_path)
    announced.changes(old, TOPICS)
    announced.remember(old)

    steps = load(tmp_path).changes(wanted("house"), TOPICS)
    assert [step.device_id for step in steps] == ["moodroom", "moodroom", "moodroom_room_house"]
    burial, after = read(steps[0]), read(steps[1])
    assert burial["components"]["volume"] == {"platform": "number"}
    assert burial["components"]["next"] == {"platform": "switch"}  # another platform under the same key
    assert after == wanted("house")[0].payload
    assert problems("moodroom", after) == []
    assert not steps[0].is_removal


def test_without_discovery_everything_is_taken_back_but_the_states(tmp_path: Path) -> None:
    announced = announced_before(tmp_path, "house")
    steps = announced.changes([], TOPICS)
    assert [(step.topic, step.payload) for step in steps] == [
        ("homeassistant/device/moodroom/config", b""),
        ("homeassistant/device/moodroom_room_house/config", b""),
    ]
    announced.remember([])
    assert load(tmp_path).changes([], TOPICS) == []


def test_another_prefix_empties_the_old_one(tmp_path: Path) -> None:
    elsewhere = Topics("moodroom", "ha")
    steps = announced_before(tmp_path, "house").changes(wanted("house", topics=elsewhere), elsewhere)
    assert [step.topic for step in steps if step.is_removal] == [
        "homeassistant/device/moodroom/config",
        "homeassistant/device/moodroom_room_house/config",
    ]
    assert [step.topic for step in steps if not step.is_removal] == [
        "ha/device/moodroom/config",
        "ha/device/moodroom_room_house/config",
    ]


def test_another_base_topic_keeps_the_identity_and_clears_the_old_states(tmp_path: Path) -> None:
    announced_before(tmp_path, "house")
    announced = load(tmp_path, "upstairs")
    assert announced.identity == "moodroom"
    moved = Topics("upstairs", "homeassistant")
    steps = announced.changes(wanted("house", topics=moved), moved)
    assert [step.topic for step in steps if step.is_removal] == [
        "moodroom/room/house/state",
        "moodroom/room/house/attributes",
    ]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"\xff\xfe",
        b'{"identity": "a b", "devices": {}}',
        b'{"identity": "x", "devices": {"d": {"topic": "t"}}}',
        b'{"version": 2, "identity": "x", "devices": {}}',
    ],
)
def test_a_broken_file_is_set_aside(tmp_path: Path, content: bytes, caplog: pytest.LogCaptureFixture) -> None:
    file = tmp_path / "data" / "mqtt-announced.json"
    file.parent.mkdir()
    file.write_bytes(content)
    (tmp_path / "data" / "mqtt-announced.json.broken-1").write_text("an older one")
    with caplog.at_level(logging.WARNING):
        announced = load(tmp_path)
    assert announced.identity == "moodroom"
    assert len(caplog.messages) == 1
    assert "mqtt-announced.json.broken-2" in caplog.messages[0]
    assert (tmp_path / "data" / "mqtt-announced.json.broken-2").read_bytes() == content
    assert not file.exists()
    announced.changes(wanted("house"), TOPICS)
    announced.remember(wanted("house"))
    assert load(tmp_path).identity == "moodroom"


def test_a_disk_that_takes_nothing_is_told_and_no_more(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "data").write_text("not a folder")
    announced = load(tmp_path)
    announced.changes(wanted("house"), TOPICS)
    announced.remember(wanted("house"))
    assert "cannot be written" in caplog.messages[-1]
    assert not any(step.is_removal for step in announced.changes(wanted("house"), TOPICS))


def test_nothing_is_left_beside_the_file(tmp_path: Path) -> None:
    announced_before(tmp_path, "house")
    assert [each.name for each in (tmp_path / "data").iterdir()] == ["mqtt-announced.json"]


@pytest.mark.parametrize(
    ("base", "identity"),
    [
        ("moodroom", "moodroom"),
        ("home/Moodroom", "home_moodroom"),
        ("Küche", "kuche"),
        ("夜", "moodroom"),
        ("a//b--c", "a_b_c"),
    ],
)
def test_the_identity_comes_from_the_base_topic(base: str, identity: str) -> None:
    assert derived_identity(base) == identity
