"""The zones over the wire."""

from collections.abc import Sequence

from moodroom_hub.core.face import ZoneView
from moodroom_hub.core.wire.shapes import Answer, NowPlayingShape, TroubleShape
from moodroom_hub.core.wire.views import now_playing, text, trouble
from moodroom_hub.domain.models import EpochMs


class ZoneShape(Answer):
    """One zone at a glance. ``label``: its name as people say it. ``leader``: the zone whose music sounds here, and
    where orders for this one go; null: it leads itself. ``members``: the zones that play along with this one.
    ``lost``: no player answers. ``trouble``: what hinders, if anything."""

    zone: str
    label: str
    active_room: str | None
    active_station: str | None
    now_playing: NowPlayingShape | None
    lost: bool
    leader: str | None
    members: list[str]
    trouble: TroubleShape | None


class ZonesAnswer(Answer):
    """Every zone; the first is the default one."""

    zones: list[ZoneShape]


def zone(view: ZoneView, now_ms: EpochMs) -> ZoneShape:
    """One zone."""
    return ZoneShape(
        zone=text(view.zone),
        label=text(view.label),
        active_room=view.active_room,
        active_station=view.active_station,
        now_playing=None if view.now_playing is None else now_playing(view.now_playing, now_ms),
        lost=view.is_lost,
        leader=None if view.leader is None else text(view.leader),
        members=[text(each) for each in view.members],
        trouble=None if view.trouble is None else trouble(view.trouble),
    )


def zones(views: Sequence[ZoneView], now_ms: EpochMs) -> ZonesAnswer:
    """Every zone."""
    return ZonesAnswer(zones=[zone(each, now_ms) for each in views])
