"""What Home Assistant is told: right ids, names that it can hold, and nothing that it would refuse."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moodroom_hub.core.events import EVENT_TYPES
from moodroom_hub.domain.models import Room, RoomSlug, ZoneName
from moodroom_hub.plugins.mqtt.discovery import Announcement, announcements, is_web_address
from moodroom_hub.plugins.mqtt.orders import Order, TurnOff, TurnOn, parse_order
from moodroom_hub.plugins.mqtt.parts import shown_name
from moodroom_hub.plugins.mqtt.topics import Topics
from moodroom_hub.plugins.mqtt.validator import problems

TOPICS = Topics("moodroom", "homeassistant")
KITCHEN = ZoneName("kitchen")
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


def told(
    rooms: dict[RoomSlug, Room],
    identity: str = "moodroom",
    base_url: str | None = None,
    zones: dict[ZoneName, str] | None = None,
) -> list[Announcement]:
    return announcements(rooms, identity, TOPICS, "1.2.3", base_url, zones or {})


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
        "sensor.house_music_scrobbles_waiting": "house-music_scrobbles_waiting",
        "binary_sensor.house_music_scrobble_problem": "house-music_scrobble_problem",
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


def test_a_further_zone_is_a_device_in_an_area_of_its_name() -> None:
    rooms = rooms_of(("late-night", "Late Night"), ("house", "House"))
    zone = told(rooms, zones={KITCHEN: "The Kitchen"})[-1]
    assert zone.device_id == "moodroom_zone_kitchen"
    device, found = zone.payload["device"], parts(zone)
    assert (device["name"], device["suggested_area"], device["via_device"]) == ("The Kitchen",) * 2 + ("moodroom",)
    assert {part["default_entity_id"]: part["unique_id"] for part in found.values()} == {
        "select.moodroom_kitchen_room": "moodroom_zone_kitchen_room",
        "switch.moodroom_kitchen_late_night": "moodroom_zone_kitchen_room_late-night",
        "switch.moodroom_kitchen_house": "moodroom_zone_kitchen_room_house",
        "button.moodroom_kitchen_next": "moodroom_zone_kitchen_next",
        "button.moodroom_kitchen_fresh_batch": "moodroom_zone_kitchen_fresh_batch",
        "sensor.moodroom_kitchen_now_playing": "moodroom_zone_kitchen_now_playing",
    }
    assert zone.payload["availability"] == [
        {"topic": "moodroom/bridge/state"},
        {"topic": "moodroom/zone/kitchen/availability"},
    ]
    switch = found["room_late-night"]
    for payload, wanted in (("payload_on", TurnOn), ("payload_off", TurnOff)):
        order = parse_order(TOPICS, rooms, {KITCHEN: "Cook"}, switch["command_topic"], switch[payload].encode())
        assert isinstance(order, Order)
        assert order.work == wanted(RoomSlug("late-night"), KITCHEN)


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_are_held(name: str) -> None:
    rooms = rooms_of(("late-night", name), ("other", "Other"))
    found = told(rooms, base_url="https://rooms.example.org", zones={KITCHEN: name, ZoneName("bath"): "Other"})
    assert [wrong for each in found for wrong in problems(each.device_id, each.payload)] == []


@given(
    names=st.dictionaries(slugs, st.text(max_size=30), max_size=4),
    zones=st.dictionaries(slugs, st.text(max_size=30) | st.sampled_from(["Room", "Now", "Zone Next"]), max_size=2),
    identity=st.sampled_from(["moodroom", "home_music", "2", "upstairs-1"]),
    base_url=st.none() | st.text(max_size=30) | st.just("http://hub.local:7777"),
)
def test_whatever_rooms_are_called_nothing_is_refused(
    names: dict[str, str], zones: dict[str, str], identity: str, base_url: str | None
) -> None:
    labels = {ZoneName(zone): label for zone, label in zones.items()}
    found = told(rooms_of(*names.items()), identity, base_url, labels)
    assert [wrong for each in found for wrong in problems(each.device_id, each.payload)] == []
    ids = [part["unique_id"] for each in found for part in parts(each).values()]
    assert len({each.device_id for each in found}) == len(found) == len(names) + len(zones) + 1
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
