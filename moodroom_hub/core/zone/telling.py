"""Events that more than one part of a zone tells."""

from moodroom_hub.core.bus import MakeEvent
from moodroom_hub.core.events import RoomDeactivated
from moodroom_hub.core.zone.zone import Zone


def deactivated(zone: Zone, reason: str) -> list[MakeEvent]:
    """Tells that the zone's active room, if there is one, is one no longer."""
    name, room = zone.name, zone.session.active_room
    if room is None:
        return []
    return [lambda event_id, at_ms: RoomDeactivated(id=event_id, zone=name, at_ms=at_ms, room=room, reason=reason)]
