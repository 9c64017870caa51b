"""What Home Assistant is told of a zone besides the default one: a device in an area of the same name.

Its switches are named as the rooms, so with the device's name before them: "turn on Kitchen Late Night". A device for
each room in each zone, called as the room alone, would make "turn on Late Night" ambiguous, which must work as it is.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from moodroom_hub.domain.models import Room, RoomSlug, ZoneName
from moodroom_hub.plugins.mqtt.parts import NOW_PLAYING, entity, room_options, shown_name
from moodroom_hub.plugins.mqtt.topics import Topics

_BUTTONS: Final = (("next", "Next", "mdi:skip-next"), ("fresh_batch", "Fresh batch", "mdi:refresh"))


def zone_device_id(identity: str, zone: ZoneName) -> str:
    """The id of a zone's device, and the beginning of those of its entities, for ever."""
    return f"{identity}_zone_{zone}"


def zone_device(zone: ZoneName, label: str, identity: str, names: Iterable[str]) -> dict[str, Any]:
    """The device. ``names`` are those of its entities: none may begin with the device's own, which stands before it."""
    area = shown_name(label, zone)
    name = area
    while any(f"{each} ".casefold().startswith(f"{name} ".casefold()) for each in names):
        name = f"Zone {name}"
    return {
        "identifiers": [zone_device_id(identity, zone)],
        "name": name,
        "model": "Zone",
        "via_device": identity,
        "suggested_area": area,
    }


def zone_components(
    zone: ZoneName, rooms: Mapping[RoomSlug, Room], identity: str, topics: Topics
) -> dict[str, dict[str, Any]]:
    """The select, a switch for each room, the buttons and the sensor."""

    def part(platform: str, key: str, name: str, icon: str) -> dict[str, Any]:
        object_id = f"{identity}_{zone}_{key.removeprefix('room_')}".replace("-", "_")
        made = entity(platform, f"{zone_device_id(identity, zone)}_{key}", name, object_id)
        return {**made, "icon": icon}

    return {
        "room": {
            **part("select", "room", "Room", "mdi:sofa"),
            "state_topic": topics.zone_room(zone),
            "command_topic": topics.zone_room_set(zone),
            "options": room_options(rooms),
        },
        **{
            f"room_{slug}": {
                **part("switch", f"room_{slug}", shown_name(room.name), "mdi:music-circle"),
                "state_topic": topics.room_attributes(slug),
                "value_template": f"{{{{ 'ON' if '{zone}' in (value_json.zones or []) else 'OFF' }}}}",
                "state_on": "ON",
                "state_off": "OFF",
                "command_topic": topics.room_set(slug),
                "payload_on": _order("ON", zone),
                "payload_off": _order("OFF", zone),
            }
            for slug, room in rooms.items()
        },
        **{
            key: {
                **part("button", key, name, icon),
                "command_topic": topics.zone_player_set(zone),
                "payload_press": key,
            }
            for key, name, icon in _BUTTONS
        },
        "now_playing": {
            **part("sensor", "now_playing", "Now playing", "mdi:music-note"),
            "state_topic": topics.zone_now_playing(zone),
            "value_template": NOW_PLAYING,
            "json_attributes_topic": topics.zone_now_playing(zone),
        },
    }


def _order(state: str, zone: ZoneName) -> str:
    return json.dumps({"state": state, "zone": zone})
