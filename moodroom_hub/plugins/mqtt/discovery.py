"""What Home Assistant is told of the hub: one device for it, one for each room, and one for each further zone.

A room is a device of its own whose switch has no name besides the device's: so "turn on Late Night" works by voice, and
area, rename and disable are per room. Keys are written in full; what must never change are the ids.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import urlsplit

from moodroom_hub.core.events import EVENT_TYPES
from moodroom_hub.domain.models import Room, RoomSlug, Tier, ZoneName
from moodroom_hub.domain.stations.models import StationKey
from moodroom_hub.plugins.mqtt.parts import NOW_PLAYING, entity, room_options, shown_name
from moodroom_hub.plugins.mqtt.station_states import options_of
from moodroom_hub.plugins.mqtt.topics import Topics
from moodroom_hub.plugins.mqtt.zone_devices import zone_components, zone_device

_MAKER: Final = "Moodroom Hub"

# No template may fail, whatever is missing.
_TIER = "{{ value_json.tier or 'None' }}"
_DAYS_LEFT = "{{ value_json.login.days_left if value_json.login and value_json.login.days_left is number else 'None' }}"
_PROBLEM = "{{ 'ON' if value_json.problem else 'OFF' }}"
_SCROBBLES_WAITING = "{{ value_json.scrobbles.waiting if value_json.scrobbles else 'None' }}"
_SCROBBLES_DEAD = "{{ 'ON' if value_json.scrobbles and value_json.scrobbles.dead else 'OFF' }}"
_TO_REVIEW = "{{ value_json.to_review if value_json.to_review is number else 'None' }}"
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
    rooms: Mapping[RoomSlug, Room],
    identity: str,
    topics: Topics,
    version: str,
    base_url: str | None,
    zones: Mapping[ZoneName, str] = MappingProxyType({}),
    *,
    has_sorter: bool = False,
    stations: Mapping[StationKey, str] = MappingProxyType({}),
) -> list[Announcement]:
    """The hub's device, then the rooms', then those of the further zones, given by their labels.

    ``base_url``: the page's address from outside, where it has one. ``has_sorter``: whether anything is sorted here.
    ``stations``: their names.
    """
    page = base_url if base_url and is_web_address(base_url) else None
    hub = Announcement(
        identity,
        _payload(
            {"identifiers": [identity], "name": _hub_name(identity), "manufacturer": _MAKER, "model": "Hub"},
            _hub_components(rooms, identity, topics, stations, has_sorter=has_sorter),
            topics,
            version,
            page,
        ),
    )
    of_rooms = [_room(room, identity, topics, version, page) for room in rooms.values()]
    of_zones = [_zone(zone, label, rooms, identity, topics, version, page) for zone, label in zones.items()]
    return [hub, *of_rooms, *of_zones]


def room_device_id(identity: str, slug: RoomSlug) -> str:
    """The id of a room's device and of its switch, for ever."""
    return f"{identity}_room_{slug}"


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
        **entity("switch", device_id, None, room.slug.replace("-", "_")),
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


def _zone(
    zone: ZoneName,
    label: str,
    rooms: Mapping[RoomSlug, Room],
    identity: str,
    topics: Topics,
    version: str,
    page: str | None,
) -> Announcement:
    components = zone_components(zone, rooms, identity, topics)
    device = zone_device(zone, label, identity, [part["name"] for part in components.values()])
    payload = _payload({**device, "manufacturer": _MAKER}, components, topics, version, page)
    payload["availability"].append({"topic": topics.zone_availability(zone)})
    return Announcement(device["identifiers"][0], {**payload, "availability_mode": "all"})


def _hub_components(
    rooms: Mapping[RoomSlug, Room],
    identity: str,
    topics: Topics,
    stations: Mapping[StationKey, str],
    *,
    has_sorter: bool,
) -> dict[str, dict[str, Any]]:
    def part(platform: str, key: str, name: str, icon: str) -> dict[str, Any]:
        object_id = f"{identity}_{key}".replace("-", "_")
        return {**entity(platform, f"{identity}_{key}", name, object_id), "icon": icon}

    def button(key: str, name: str, icon: str, topic: str = topics.player_set) -> dict[str, Any]:
        return {**part("button", key, name, icon), "command_topic": topic, "payload_press": key}

    diagnostic = {"entity_category": "diagnostic"}
    to_review = {
        **part("sensor", "songs_to_review", "Songs to review", "mdi:playlist-edit"),
        "state_topic": topics.sorter,
        "value_template": _TO_REVIEW,
        "json_attributes_topic": topics.sorter,
    }
    of_stations = {
        "station": {
            **part("select", "station", "Station", "mdi:radio"),
            "state_topic": topics.station,
            "command_topic": topics.station_set,
            "options": options_of(stations),
        },
        "like": button("like", "Like", "mdi:thumb-up", topics.station_vote_set),
        "dislike": button("dislike", "Dislike", "mdi:thumb-down", topics.station_vote_set),
    }
    return {
        **({"songs_to_review": to_review} if has_sorter else {}),
        **(of_stations if stations else {}),
        "room": {
            **part("select", "room", "Room", "mdi:sofa"),
            "state_topic": topics.active_room,
            "command_topic": topics.active_room_set,
            "options": room_options(rooms),
        },
        "learning": {
            **part("switch", "learning", "Learning", "mdi:school"),
            "state_topic": topics.learning,
            "command_topic": topics.learning_set,
        },
        "next": button("next", "Next", "mdi:skip-next"),
        "fresh_batch": button("fresh_batch", "Fresh batch", "mdi:refresh"),
        "never_again": button("never_again", "Never again", "mdi:cancel"),
        "now_playing": {
            **part("sensor", "now_playing", "Now playing", "mdi:music-note"),
            "state_topic": topics.now_playing,
            "value_template": NOW_PLAYING,
            "json_attributes_topic": topics.now_playing,
        },
        "tier": {
            **part("sensor", "tier", "Tier", "mdi:stairs"),
            "state_topic": topics.now_playing,
            "value_template": _TIER,
            "device_class": "enum",
            "options": [str(tier) for tier in Tier],
        },
        "login_days_left": {
            **part("sensor", "login_days_left", "Login days left", "mdi:calendar-clock"),
            **diagnostic,
            "state_topic": topics.health,
            "value_template": _DAYS_LEFT,
            "device_class": "duration",
            "unit_of_measurement": "d",
        },
        "problem": {
            **part("binary_sensor", "problem", "Problem", "mdi:alert-circle"),
            **diagnostic,
            "state_topic": topics.health,
            "value_template": _PROBLEM,
            "json_attributes_topic": topics.health,
            "device_class": "problem",
        },
        "scrobbles_waiting": {
            **part("sensor", "scrobbles_waiting", "Scrobbles waiting", "mdi:cloud-upload"),
            **diagnostic,
            "state_topic": topics.health,
            "value_template": _SCROBBLES_WAITING,
        },
        "scrobble_problem": {
            **part("binary_sensor", "scrobble_problem", "Scrobble problem", "mdi:cloud-alert"),
            **diagnostic,
            "state_topic": topics.health,
            "value_template": _SCROBBLES_DEAD,
            "device_class": "problem",
        },
        "listening": {
            **part("event", "listening", "Listening", "mdi:ear-hearing"),
            "state_topic": topics.event,
            "value_template": _EVENT,
            "event_types": list(EVENT_TYPES),
        },
        "artwork": {
            **part("image", "artwork", "Artwork", "mdi:album"),
            "url_topic": topics.artwork,
            # Where nothing plays there is no cover: an empty address would be an error over there.
            "availability": [
                {"topic": topics.availability},
                {"topic": topics.now_playing, "value_template": _HAS_ARTWORK},
            ],
            "availability_mode": "all",
        },
    }


def _hub_name(identity: str) -> str:
    return " ".join(identity.replace("-", " ").replace("_", " ").split()).title()
