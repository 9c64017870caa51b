"""What the announced devices have in common: names, ids, templates. Pure."""

from collections.abc import Mapping
from typing import Any, Final

from moodroom_hub.domain.models import Room, RoomSlug

OFF: Final = "Off"
"""What a select says where no room is on."""
LONGEST_NAME: Final = 200
"""As long as the configuration allows a room's name to be; a state of Home Assistant holds 255 characters."""
# "None" is Home Assistant's word for an unknown state. No template may fail, whatever is missing.
NOW_PLAYING: Final = "{{ ((value_json.title or value_json.name or 'None') | string)[:255] }}"


def shown_name(name: str, otherwise: str = "Room") -> str:
    """A name as Home Assistant can hold it. Names that the configuration lets through stay as they are."""
    clean = "".join(letter if letter.isprintable() else " " for letter in name)
    return " ".join(clean[:LONGEST_NAME].split(" ")).strip() or otherwise


def room_options(rooms: Mapping[RoomSlug, Room]) -> list[str]:
    """What a select of rooms offers."""
    return list(dict.fromkeys([OFF, *(shown_name(room.name) for room in rooms.values())]))


def entity(platform: str, unique_id: str, name: str | None, object_id: str) -> dict[str, Any]:
    """What every entity says of itself."""
    return {
        "platform": platform,
        "unique_id": unique_id,
        "name": name,
        "default_entity_id": f"{platform}.{object_id}",
        "object_id": object_id,  # the same wish in the words of releases before 2025.10
        "qos": 1,
    }
