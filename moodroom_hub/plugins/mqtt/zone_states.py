"""What the retained messages say of zones and of scrobbles. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from moodroom_hub.core.face import ZoneView
from moodroom_hub.core.played import TargetView
from moodroom_hub.core.wire import views
from moodroom_hub.core.wire.zones import zone as shape_of
from moodroom_hub.domain.models import EpochMs, RoomSlug, ZoneName
from moodroom_hub.domain.plays.models import DeliveryStatus
from moodroom_hub.plugins.mqtt.topics import is_plain


def further(zones: Sequence[ZoneView], default: ZoneName) -> list[ZoneView]:
    """The zones that have topics and a device of their own: all but the default one, whose topics name no zone."""
    return [view for view in zones if view.zone != default and is_plain(view.zone)]


def where_on(zones: Sequence[ZoneView], room: RoomSlug) -> list[str]:
    """The zones in which the room is on, those that play along with one included: the music is there, too."""
    return [views.text(view.zone) for view in zones if view.active_room == room]


def listed(zones: Sequence[ZoneView]) -> list[dict[str, str]]:
    """Every zone with its label, the default one first."""
    return [{"zone": views.text(view.zone), "label": views.text(view.label)} for view in zones]


def health_of(zones: Sequence[ZoneView], refusals: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    """How every zone is; ``refusals``: why the last order on a zone's own topics was not carried out, by zone."""
    found = []
    for view in zones:
        shape = shape_of(view, EpochMs(0)).model_dump(mode="json", exclude={"label", "active_room", "now_playing"})
        found.append({**shape, **refusals.get(view.zone, {})})
    return found


def scrobbles(targets: Sequence[TargetView]) -> dict[str, Any]:
    """How many plays wait for services, and how many are dead: in all, and for each service."""

    def count(view: TargetView, *statuses: DeliveryStatus) -> int:
        return sum(view.counts.get(status, 0) for status in statuses)

    each = [
        {
            "target": views.text(view.target),
            "waiting": count(view, DeliveryStatus.WAITING, DeliveryStatus.SENDING),
            "dead": count(view, DeliveryStatus.DEAD),
        }
        for view in sorted(targets, key=lambda view: view.target)
    ]
    waiting, dead = (sum(int(str(one[key])) for one in each) for key in ("waiting", "dead"))
    return {"waiting": waiting, "dead": dead, "targets": each}
