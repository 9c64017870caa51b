"""The zones at a glance, and where which room is on: from memory."""

from collections.abc import Iterable, Mapping

from moodroom_hub.core.face import NowPlaying, Quiet, ZoneView
from moodroom_hub.core.views import troubles
from moodroom_hub.core.zone import Zone
from moodroom_hub.domain.models import RoomSlug, ZoneName
from moodroom_hub.domain.stations.models import room_only, station_of

_WAITING = "takeover"
"""Why a room waits while something else plays: that is no trouble of the zone's."""


def zone_view(zone: Zone, playing: NowPlaying | None) -> ZoneView:
    """One zone, and what plays in it; a joined one shows its leader's music."""
    lead = zone.leading
    hindered: list[Quiet] = [each for each in troubles(lead, None, 0) if each.code != _WAITING]
    return ZoneView(
        zone=zone.name,
        label=zone.label,
        active_room=room_only(lead.session.active_room),
        active_station=station_of(lead.session.active_room),
        now_playing=playing,
        is_lost=lead.session.playback.is_lost,
        leader=None if lead is zone else lead.name,
        members=tuple(each.name for each in zone.members),
        trouble=hindered[0] if hindered else None,
    )


def active_zones(zones: Iterable[Zone]) -> Mapping[RoomSlug, tuple[ZoneName, ...]]:
    """Where each room is on; a joined zone has none of its own."""
    found: dict[RoomSlug, tuple[ZoneName, ...]] = {}
    for zone in zones:
        room = zone.session.active_room
        if room is not None and not zone.is_joined:
            found[room] = (*found.get(room, ()), zone.name)
    return found


def zone_figures(zones: Iterable[Zone]) -> dict[str, float]:
    """Gauges about the zones."""
    known = list(zones)
    leading = [zone for zone in known if not zone.is_joined]
    listening = [zone.session.playback.listening for zone in leading if not zone.session.playback.is_lost]
    return {
        "zones": float(len(known)),
        "zones_joined": float(len(known) - len(leading)),
        "zones_playing": float(sum(each is not None and each.last.is_playing for each in listening)),
        "zones_with_room": float(sum(zone.session.active_room is not None for zone in leading)),
        "zones_in_trouble": float(sum(zone.trouble is not None for zone in leading)),
    }
