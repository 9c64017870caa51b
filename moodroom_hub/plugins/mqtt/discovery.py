"""What Home Assistant is told of the hub: one device for it, and one for each room.

A room is a device of its own whose switch has no name besides the device's: so "turn on Late Night" works by voice, and
area, rename and disable are per room. Keys are written in full; what must never change are the ids.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from moodroom_hub.core.events import EVENT_TYPES
from moodroom_hub.domain.models import Room, RoomSlug, Tier
from moodroom_hub.plugins.mqtt.topics import Topics

OFF: Final = "Off"
"""What the select says where no room is on."""
LONGEST_NAME: Final = 200
"""As long as the configuration allows a room's name to be; a state of Home Assistant holds 255 characters."""
_MAKER: Final = "Moodroom Hub"

# "None" is Home Assistant's word for an unknown state. No template may fail, whatever is missing.
_TITLE = "{{ ((value_json.title or value_json.name or 'None') | string)[:255] }}"
_TIER = "{{ value_json.tier or 'None' }}"
_DAYS_LEFT = "{{ value_json.login.days_left if value_json.login and value_json.login.days_left is number else 'None' }}"
_PROBLEM = "{{ 'ON' if value_json.problem else 'OFF' }}"
_HAS_ARTWORK = "{{ 'online' if value_json.artwork_url else 'offline' }}"
# The recorder takes no more than 16 kB of attributes: only then the batch, which is the long part, is left out.
_EVENT = (
    "{% if value.encode() | length < 15000 %}{{ value }}"
    "{% else %}{{ dict(value_json | items | rejectattr('0', 'eq', 'batch')) | tojson }}{% endif %}"
)


@dataclass(frozen=True, slots=True)
class Announcement:
    """One device, as Home Assistant takes it under ``topics.device(device_id)``."""

    device_id: str
    payload: dict[str, Any]


def announcements(
    rooms: Mapping[RoomSlug, Room], identity: str, topics: Topics, version: str, base_url: str | None
) -> list[Announcement]:
    """The hub's device, then the rooms'. ``base_url``: the page's address from outside, where it has one."""
    page = base_url if base_url and is_web_address(base_url) else None
    hub = Announcement(
        identity,
        _payload(
            {"identifiers": [identity], "name": _hub_name(identity), "manufacturer": _MAKER, "model": "Hub"},
            _hub_components(rooms, identity, topics),
            topics,
            version,
            page,
        ),
    )
    return [hub, *(_room(room, identity, topics, version, page) for room in rooms.values())]


def room_device_id(identity: str, slug: RoomSlug) -> str:
    """The id of a room's device and of its switch, for ever."""
    return f"{identity}_room_{slug}"


def shown_name(name: str) -> str:
    """A room's name as Home Assistant can hold it. Names that the configuration lets through stay as they are."""
    clean = "".join(letter if letter.isprintable() else " " for letter in name)
    return " ".join(clean[:LONGEST_NAME].split(" ")).strip() or "Room"


def is_web_address(text: str) -> bool:
    """Whether Home Assistant takes this as the address of a page; a wrong one costs the whole device."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and text.isprintable() and " " not in text


def _payload(
    device: dict[str, Any],
    components: dict[str, dict[str, Any]],
    topics: Topics,
    version: str,
    page: str | None,
) -> dict[str, Any]:
    link = {} if page is None else {"configuration_url": page}
    return {
        "device": {**device, "sw_version": version, **link},
        "origin": {"name": _MAKER, "sw_version": version},
        "availability": [{"topic": topics.availability}],
        "components": components,
    }


def _room(room: Room, identity: str, topics: Topics, version: str, page: str | None) -> Announcement:
    device_id = room_device_id(identity, room.slug)
    switch = {
        **_entity("switch", device_id, None, room.slug.replace("-", "_")),
        "icon": "mdi:music-circle",
        "state_topic": topics.room(room.slug),
        "command_topic": topics.room_set(room.slug),
        "json_attributes_topic": topics.room_attributes(room.slug),
    }
    device = {
        "identifiers": [device_id],
        "name": shown_name(room.name),
        "manufacturer": _MAKER,
        "model": "Room",
        "via_device": identity,
    }
    return Announcement(device_id, _payload(device, {"room": switch}, topics, version, page))


def _hub_components(rooms: Mapping[RoomSlug, Room], identity: str, topics: Topics) -> dict[str, dict[str, Any]]:
    def entity(platform: str, key: str, name: str, icon: str) -> dict[str, Any]:
        object_id = f"{identity}_{key}".replace("-", "_")
        return {**_entity(platform, f"{identity}_{key}", name, object_id), "icon": icon}

    def button(key: str, name: str, icon: str) -> dict[str, Any]:
        return {**entity("button", key, name, icon), "command_topic": topics.player_set, "payload_press": key}

    diagnostic = {"entity_category": "diagnostic"}
    return {
        "room": {
            **entity("select", "room", "Room", "mdi:sofa"),
            "state_topic": topics.active_room,
            "command_topic": topics.active_room_set,
            "options": list(dict.fromkeys([OFF, *(shown_name(room.name) for room in rooms.values())])),
        },
        "learning": {
            **entity("switch", "learning", "Learning", "mdi:school"),
            "state_topic": topics.learning,
            "command_topic": topics.learning_set,
        },
        "next": button("next", "Next", "mdi:skip-next"),
        "fresh_batch": button("fresh_batch", "Fresh batch", "mdi:refresh"),
        "never_again": button("never_again", "Never again", "mdi:cancel"),
        "now_playing": {
            **entity("sensor", "now_playing", "Now playing", "mdi:music-note"),
            "state_topic": topics.now_playing,
            "value_template": _TITLE,
            "json_attributes_topic": topics.now_playing,
        },
        "tier": {
            **entity("sensor", "tier", "Tier", "mdi:stairs"),
            "state_topic": topics.now_playing,
            "value_template": _TIER,
            "device_class": "enum",
            "options": [str(tier) for tier in Tier],
        },
        "login_days_left": {
            **entity("sensor", "login_days_left", "Login days left", "mdi:calendar-clock"),
            **diagnostic,
            "state_topic": topics.health,
            "value_template": _DAYS_LEFT,
            "device_class": "duration",
            "unit_of_measurement": "d",
        },
        "problem": {
            **entity("binary_sensor", "problem", "Problem", "mdi:alert-circle"),
            **diagnostic,
            "state_topic": topics.health,
            "value_template": _PROBLEM,
            "json_attributes_topic": topics.health,
            "device_class": "problem",
        },
        "listening": {
            **entity("event", "listening", "Listening", "mdi:ear-hearing"),
            "state_topic": topics.event,
            "value_template": _EVENT,
            "event_types": list(EVENT_TYPES),
        },
        "artwork": {
            **entity("image", "artwork", "Artwork", "mdi:album"),
            "url_topic": topics.artwork,
            # Where nothing plays there is no cover: an empty address would be an error over there.
            "availability": [
                {"topic": topics.availability},
                {"topic": topics.now_playing, "value_template": _HAS_ARTWORK},
            ],
            "availability_mode": "all",
        },
    }


def _entity(platform: str, unique_id: str, name: str | None, object_id: str) -> dict[str, Any]:
    return {
        "platform": platform,
        "unique_id": unique_id,
        "name": name,
        "default_entity_id": f"{platform}.{object_id}",
        "object_id": object_id,  # the same wish in the words of releases before 2025.10
        "qos": 1,
    }


def _hub_name(identity: str) -> str:
    return " ".join(identity.replace("-", " ").replace("_", " ").split()).title()
