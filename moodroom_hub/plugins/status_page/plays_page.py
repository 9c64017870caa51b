"""``GET /plays``: what counted as played, newest first; why it counted, and how far it came on its way elsewhere."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from aiohttp import web

from moodroom_hub.core.face import PluginStatus
from moodroom_hub.core.played import PlaySearch, PlayView, TargetView, first_artist
from moodroom_hub.domain.plays.mending import BY_HAND
from moodroom_hub.domain.plays.models import Delivery, DeliveryStatus, Edit, Play
from moodroom_hub.plugins.status_page.bodies import LARGEST_ID, query_value, whole_number
from moodroom_hub.plugins.status_page.deps import CALLER, Caller, Deps, deps_of
from moodroom_hub.plugins.status_page.forms import told_before
from moodroom_hub.plugins.status_page.plays_api import name_query, zone_query
from moodroom_hub.plugins.status_page.queries import address, choice, switch
from moodroom_hub.plugins.status_page.times import clock_time, full_day, local, local_minute
from moodroom_hub.plugins.status_page.trouble_lines import SENDER
from moodroom_hub.plugins.status_page.zone_row import zone_labels

ROWS: Final = 50
PATH: Final = "/plays"
FRESH_MS: Final = 60_000
"""So long after it was last touched a delivery that may go now is expected to: the page looks again meanwhile."""
_OPEN: Final = (DeliveryStatus.WAITING, DeliveryStatus.DEAD)


@dataclass(frozen=True, slots=True)
class DeliveryLine:
    """One delivery as the page shows it. ``told``: since when, how often it was tried, and why it stands so."""

    target: str
    status: DeliveryStatus
    told: str
    can_retry: bool
    can_take_up: bool
    can_leave_out: bool


@dataclass(frozen=True, slots=True)
class PlayLine:
    """One play as the page shows it. ``at``: when it began. ``twins``: the other plays of this listen with the way to
    each; ``twin_of``: the one that counted instead. ``draft``: what would be sent, to be corrected, if it still can."""

    play: Play
    at: str
    zone: str
    deliveries: tuple[DeliveryLine, ...]
    twins: tuple[tuple[int, str], ...]
    twin_of: tuple[int, str] | None
    draft: Edit | None


async def show_plays(request: web.Request) -> web.Response:
    """The page. Raises ``ApiError``, ``Trouble``."""
    deps = deps_of(request)
    zone = await zone_query(request)
    wanted = PlaySearch(
        zone=zone,
        status=choice(request, "status", DeliveryStatus),
        target=name_query(request, "target"),
        with_twins=switch(request, "twins"),
    )
    given = query_value(request, "before")
    before = None if given is None else whole_number(given, least=1, most=LARGEST_ID, name="before")
    found = await deps.hub.plays.find(wanted, ROWS, before)
    targets = await deps.hub.plays.targets()
    labels = zone_labels(await deps.hub.zone_views())
    asked = {"zone": zone, "status": wanted.status, "target": wanted.target, "twins": wanted.with_twins}
    return deps.pages.render(
        "plays.html",
        **told_before(request),
        light="",
        place="plays",
        wanted=wanted,
        is_all=not any(asked.values()),
        statuses=list(DeliveryStatus),
        zones=labels if zone is None else {zone: zone, **labels},
        targets=[_target(each) for each in targets],
        sender=_sender(deps),
        days=_by_day(found.plays, labels),
        is_busy=any(_is_about_to_go(each, deps) for view in found.plays for each in view.deliveries),
        room_names={slug: room.name for slug, room in deps.hub.rooms.items()},
        back=address(PATH, **asked, before=before),
        first=None if before is None else address(PATH, **asked),
        older=None if found.next is None else address(PATH, **asked, before=found.next),
        can_sign_out=request[CALLER] is Caller.SESSION,
    )


def draft_of(view: PlayView) -> Edit | None:
    """What would be sent of a play, with the corrections so far; ``None`` where nothing can be corrected any more."""
    track = view.play.track
    for each in view.deliveries:
        was_nameless = each.status is DeliveryStatus.LEFT_OUT and not track.artists and each.reason != BY_HAND
        if each.status in _OPEN or was_nameless:
            edit = each.edit or Edit()
            return Edit(
                track.name if edit.name is None else edit.name,
                first_artist(track) if edit.artist is None else edit.artist,
                (track.album or "") if edit.album is None else edit.album,
            )
    return None


def _by_day(found: Sequence[PlayView], labels: Mapping[str, str]) -> list[tuple[str, list[PlayLine]]]:
    days = groupby(found, key=lambda view: local(view.play.began_at_ms).date())
    return [(full_day(day), [_line(view, labels) for view in views]) for day, views in days]


def _line(view: PlayView, labels: Mapping[str, str]) -> PlayLine:
    play = view.play
    return PlayLine(
        play,
        clock_time(play.began_at_ms),
        labels.get(play.zone, play.zone),
        tuple(_delivery(each) for each in view.deliveries),
        tuple((each, _path_to(each)) for each in view.twins if each != play.twin_of),
        None if play.twin_of is None else (play.twin_of, _path_to(play.twin_of)),
        draft_of(view),
    )


def _path_to(play_id: int) -> str:
    return f"{address(PATH, twins=True, before=play_id + 1)}#play-{play_id}"


def _delivery(given: Delivery) -> DeliveryLine:
    tried = f", tried {given.tries} {'time' if given.tries == 1 else 'times'}" if given.tries else ""
    waits = given.status is DeliveryStatus.WAITING and given.next_try_ms > given.at_ms
    until = f", not before {local_minute(given.next_try_ms)}" if waits else ""
    reason = f": {given.reason}" if given.reason else ""
    return DeliveryLine(
        given.target,
        given.status,
        f"since {local_minute(given.at_ms)}{tried}{until}{reason}",
        given.status is DeliveryStatus.DEAD,
        given.status is DeliveryStatus.LEFT_OUT and given.reason == BY_HAND,
        given.status in _OPEN,
    )


def _target(view: TargetView) -> tuple[str, int, list[tuple[DeliveryStatus, int, str]]]:
    """A service: its name, how many plays are dead, and how many stand where, with the way to each."""
    counts = [
        (status, view.counts[status], address(PATH, target=view.target, status=status))
        for status in DeliveryStatus
        if view.counts.get(status, 0)
    ]
    return view.target, view.counts.get(DeliveryStatus.DEAD, 0), counts


def _sender(deps: Deps) -> str:
    """What the plugin that sends plays says of itself where it does not run well."""
    ill = (PluginStatus.NEEDS_LOGIN, PluginStatus.FAILED, PluginStatus.WAITING, PluginStatus.DISABLED)
    return next((each.reason for each in deps.hub.plugin_views() if each.name == SENDER and each.status in ill), "")


def _is_about_to_go(given: Delivery, deps: Deps) -> bool:
    now_ms = deps.clock.now_ms()
    if given.status is DeliveryStatus.WAITING:
        return given.next_try_ms <= now_ms and now_ms - given.at_ms < FRESH_MS
    return given.status is DeliveryStatus.SENDING
