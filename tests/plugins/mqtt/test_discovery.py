"""What Home Assistant is told: right ids, names that it can hold, and nothing that it would refuse."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moodroom_hub.core.events import EVENT_TYPES
from moodroom_hub.domain.models import Room, RoomSlug
from moodroom_hub.plugins.mqtt.discovery import Announcement, announcements, is_web_address, shown_name
from moodroom_hub.plugins.mqtt.topics import Topics
from moodroom_hub.plugins.mqtt.validator import problems

TOPICS = Topics("moodroom", "homeassistant")
HOSTILE = [
    "🎧",
    "Küche & Grün",
    "夜の部屋",
    "x" * 10_000,
    "<script>alert(1)</script>",
    "{{ states('sensor.x') }}{% raw %}",
    "a\x00b\r\nc",
    "\ud800 lonely",
    "   ",
    "Off-beat",
    '"; DROP',
    "+/#",
]
slugs = st.from_regex(r"[a-z0-9]{1,8}(-[a-z0-9]{1,8}){0,2}", fullmatch=True)


def rooms_of(*pairs: tuple[str, str]) -> dict[RoomSlug, Room]:
    return {RoomSlug(slug): Room(RoomSlug(slug), name) for slug, name in pairs}


def told(rooms: dict[RoomSlug, Room], identity: str = "moodroom", base_url: str | None = None) -> list[Announcement]:
    return announcements(rooms, identity, TOPICS, "1.2.3", base_url)


def parts(announcement: Announcement) -> dict[str, dict[str, Any]]:
    return dict(announcement.payload["components"])


def test_the_hub_comes_first_and_each_room_is_a_device_of_its_own() -> None:
    hub, late, house = told(rooms_of(("late-night", "Late Night"), ("house", "House")))
    assert [each.device_id for each in (hub, late, house)] == [
        "moodroom",
        "moodroom_room_late-night",
        "moodroom_room_house",
    ]
    assert hub.payload["device"]["name"] == "Moodroom"
    assert "via_device" not in hub.payload["device"]
    assert late.payload["device"] == {
        "identifiers": ["moodroom_room_late-night"],
        "name": "Late Night",
        "manufacturer": "Moodroom Hub",
        "model": "Room",
        "via_device": "moodroom",
        "sw_version": "1.2.3",
    }
    assert parts(late) == {
        "room": {
            "platform": "switch",
            "unique_id": "moodroom_room_late-night",
            "name": None,
            "default_entity_id": "switch.late_night",
            "object_id": "late_night",
            "qos": 1,
            "icon": "mdi:music-circle",
            "state_topic": "moodroom/room/late-night/state",
            "command_topic": "moodroom/room/late-night/set",
            "json_attributes_topic": "moodroom/room/late-night/attributes",
        }
    }
    assert all(each.payload["availability"] == [{"topic": "moodroom/bridge/state"}] for each in (hub, late, house))


def test_the_parts_of_the_hub_have_their_ids_for_ever() -> None:
    hub = told(rooms_of(("late-night", "Late Night")), "house-music")[0]
    assert {part["default_entity_id"]: part["unique_id"] for part in parts(hub).values()} == {
        "select.house_music_room": "house-music_room",
        "switch.house_music_learning": "house-music_learning",
        "button.house_music_next": "house-music_next",
        "button.house_music_fresh_batch": "house-music_fresh_batch",
        "button.house_music_never_again": "house-music_never_again",
        "sensor.house_music_now_playing": "house-music_now_playing",
        "sensor.house_music_tier": "house-music_tier",
        "sensor.house_music_login_days_left": "house-music_login_days_left",
        "binary_sensor.house_music_problem": "house-music_problem",
        "event.house_music_listening": "house-music_listening",
        "image.house_music_artwork": "house-music_artwork",
    }
    assert parts(hub)["listening"]["event_types"] == list(EVENT_TYPES)
    assert parts(hub)["room"]["options"] == ["Off", "Late Night"]
    assert hub.payload["device"]["name"] == "House Music"
    assert {part["payload_press"] for part in parts(hub).values() if part["platform"] == "button"} == {
        "next",
        "fresh_batch",
        "never_again",
    }


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_are_held(name: str) -> None:
    for each in told(rooms_of(("late-night", name), ("other", "Other")), base_url="https://rooms.example.org"):
        assert problems(each.device_id, each.payload) == []


@given(
    names=st.dictionaries(slugs, st.text(max_size=30), max_size=4),
    identity=st.sampled_from(["moodroom", "home_music", "2", "upstairs-1"]),
    base_url=st.none() | st.text(max_size=30) | st.just("http://hub.local:7777"),
)
def test_whatever_rooms_are_called_nothing_is_refused(
    names: dict[str, str], identity: str, base_url: str | None
) -> None:
    found = told(rooms_of(*names.items()), identity, base_url)
    assert [wrong for each in found for wrong in problems(each.device_id, each.payload)] == []
    ids = [part["unique_id"] for each in found for part in parts(each).values()]
    assert len({each.device_id for each in found}) == len(found) == len(names) + 1
    assert sorted(set(ids)) == sorted(ids)


@given(name=st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=200))
def test_a_name_that_the_configuration_lets_through_stays_as_it_is(name: str) -> None:
    assert shown_name(name) == name


@pytest.mark.parametrize(
    ("address", "is_taken"),
    [
        ("http://hub.local:7777", True),
        ("https://rooms.example.org/music", True),
        ("hub.local:7777", False),
        ("ftp://hub.local", False),
        ("http://", False),
        ("http://[", False),
        ("http://a b", False),
        ("", False),
    ],
)
def test_only_a_full_address_is_linked(address: str, is_taken: bool) -> None:
    assert is_web_address(address) is is_taken
    for each in told(rooms_of(("house", "House")), base_url=address):
        assert each.payload["device"].get("configuration_url") == (address if is_taken else None)
