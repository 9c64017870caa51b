"""What pages and ready files say of topics and entities exists."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from moodroom_hub import __version__
from moodroom_hub.core.config import load_config
from moodroom_hub.core.config.models import default_rooms
from moodroom_hub.plugins.mqtt.discovery import announcements
from tests.docs_of_topics import TOPICS, is_known, named_topics

ROOT = Path(__file__).resolve().parent.parent
READY = sorted((ROOT / "homeassistant").rglob("*.yaml"))
PAGES = sorted(
    [
        *READY,
        *ROOT.glob("*.md"),
        *(ROOT / "docs").glob("*.md"),
        *(ROOT / "homeassistant").glob("*.md"),
        *(ROOT / "moodroom_hub").rglob("README.md"),
    ]
)
HELPERS = {"input_boolean.guests", "input_boolean.alarm", "input_text.moodroom_room_before", "zone.home"}
ENTITY = re.compile(r"\b(?:select|switch|button|sensor|binary_sensor|event|image|input_\w+|zone)\.[a-z0-9_]+\b")
ACTIONS = {
    "select.select_option",
    "switch.toggle",
    "switch.turn_on",
    "switch.turn_off",
    "button.press",
    "input_text.set_value",
}


class Loader(yaml.SafeLoader):
    """Knows Home Assistant's own tag for a blueprint's inputs."""


class Input(str):
    """The name of an input, where a blueprint uses it."""

    __slots__ = ()


Loader.add_constructor("!input", lambda _, node: Input(node.value))


def loaded(path: Path) -> Any:
    """The file's content."""
    return yaml.load(path.read_text(encoding="utf-8"), Loader)  # a SafeLoader with one tag more


def pieces(value: Any) -> list[Any]:
    """A value and all that is in it."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [value, *(piece for _, one in inner for piece in pieces(one))]


def entities() -> set[str]:
    """The entities of a hub with the six rooms, as it announces them."""
    rooms = load_config(None, {}).settings.domain_rooms()
    told = announcements(rooms, "moodroom", TOPICS, __version__, None)
    return {part["default_entity_id"] for one in told for part in one.payload["components"].values()}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_topic_that_is_named_exists(page: Path) -> None:
    assert [topic for topic in named_topics(page.read_text(encoding="utf-8")) if not is_known(topic)] == []


@pytest.mark.parametrize(
    ("topic", "is_there"),
    [
        ("moodroom/room/<slug>/set", True),
        ("moodroom/room/late-night/state", True),
        ("moodroom/#", True),
        ("moodroom/room/+/state", True),
        ("moodroom/request/health_check", True),
        ("moodroom/response/room", True),
        ("moodroom/zone/<zone>/player/set", True),
        ("moodroom/zone/kitchen/room/state", True),
        ("moodroom/zone/kitchen/rooms/state", False),
        ("moodroom/room/late-night/sett", False),
        ("moodroom/rooms", False),
        ("moodroom/request/nothing", False),
        ("moodroom/player/state", False),
    ],
)
def test_the_rule_tells_topics_apart(topic: str, is_there: bool) -> None:
    assert named_topics(f"see `{topic}`.") == [topic]
    assert is_known(topic) is is_there


@pytest.mark.parametrize("path", READY, ids=lambda path: path.name)
def test_ready_files_name_entities_that_exist(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    named = set(ENTITY.findall(text)) - ACTIONS
    assert named - entities() - HELPERS == set()
    assert loaded(path)


def test_the_card_has_every_room() -> None:
    card = (ROOT / "homeassistant" / "dashboard.yaml").read_text(encoding="utf-8")
    assert {f"switch.{slug.replace('-', '_')}" for slug in default_rooms()} <= set(ENTITY.findall(card))


@pytest.mark.parametrize("path", [path for path in READY if "blueprints" in path.parts], ids=lambda path: path.name)
def test_a_blueprint_uses_exactly_its_inputs(path: Path) -> None:
    blueprint = loaded(path)
    used = {str(piece) for piece in pieces(blueprint) if isinstance(piece, Input)}
    assert used == set(blueprint["blueprint"]["input"])
    assert blueprint["blueprint"]["domain"] == path.parent.parent.name == "automation"
