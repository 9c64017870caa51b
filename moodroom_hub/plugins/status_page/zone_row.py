"""The row of zones on the main page: what plays where, and the way to each. One zone has no row."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.core.face import NowPlaying, Quiet, ZoneView
from moodroom_hub.domain.models import RoomSlug, ZoneName
from moodroom_hub.plugins.status_page.deps import Deps
from moodroom_hub.plugins.status_page.pages import Offer
from moodroom_hub.plugins.status_page.queries import address


@dataclass(frozen=True, slots=True)
class ZoneLine:
    """One zone. ``path``: its page. ``company``: ``with Living Room``, where it is grouped. ``status``: ``playing``,
    ``paused``, ``unseen`` (it played; whether it still does nobody can see), ``lost`` (no player answers), ``silent``;
    ``trouble``: what hinders, if anything."""

    zone: ZoneName
    label: str
    path: str
    is_shown: bool
    status: str
    company: str
    now: NowPlaying | None
    room: RoomSlug | None
    trouble: str


def zone_lines(found: Sequence[ZoneView], shown: ZoneName) -> list[ZoneLine]:
    """The zones as lines; ``shown`` is the one on the page. None where there is only one."""
    if len(found) < 2:
        return []
    labels = zone_labels(found)
    return [
        ZoneLine(
            view.zone,
            view.label,
            home_of(None if number == 0 else view.zone),
            view.zone == shown,
            _status(view),
            _company(view, labels),
            view.now_playing,
            view.active_room,
            "" if view.trouble is None else view.trouble.message,
        )
        for number, view in enumerate(found)
    ]


def zone_labels(found: Sequence[ZoneView]) -> dict[str, str]:
    """What people call each zone."""
    return {view.zone: view.label for view in found}


def is_unseen(troubles: Iterable[Quiet]) -> bool:
    """Whether a zone of these troubles cannot be looked at: what is told of its music is as of the last look."""
    return any(each.code == TroubleCode.UNAVAILABLE for each in troubles)


def home_of(zone: str | None) -> str:
    """The main page of ``zone``; ``None``: of the default one."""
    return address("/", zone=zone)


async def offer_of(deps: Deps, trouble: Trouble, room: RoomSlug | None = None) -> Offer | None:
    """What the page can offer where a device takes no orders: the ``room`` in the zone in which it would work."""
    if trouble.code is not TroubleCode.RESTRICTED_DEVICE or trouble.zone is None or trouble.zone not in deps.hub.zones:
        return None
    zone = ZoneName(trouble.zone)
    return Offer(zone, zone_labels(await deps.hub.zone_views()).get(zone, zone), room)


def _status(view: ZoneView) -> str:
    if view.now_playing is not None:
        if is_unseen([view.trouble] if view.trouble is not None else []):
            return "unseen"
        return "playing" if view.now_playing.is_playing else "paused"
    return "lost" if view.is_lost else "silent"


def _company(view: ZoneView, labels: Mapping[str, str]) -> str:
    others = (view.leader,) if view.leader is not None else view.members
    return f"with {', '.join(labels.get(each, each) for each in others)}" if others else ""
