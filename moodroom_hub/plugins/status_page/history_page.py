"""``GET /history``: what was heard, day by day, with verdicts; and above it what a week of listening taught."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from aiohttp import web

from moodroom_hub.core.errors import MoodroomError
from moodroom_hub.core.face import ListenView
from moodroom_hub.domain.insight.week import Insight, RoomWeek
from moodroom_hub.domain.models import Cause, Listen, VerdictKind
from moodroom_hub.domain.past.verdicts import PAST_ZONE
from moodroom_hub.domain.searching import HistorySearch
from moodroom_hub.plugins.status_page.charts import Bars, bars, tallest
from moodroom_hub.plugins.status_page.deps import CALLER, Caller, Deps, deps_of
from moodroom_hub.plugins.status_page.forms import told_before
from moodroom_hub.plugins.status_page.queries import address, choice, cursor, room_choice, search_text
from moodroom_hub.plugins.status_page.times import clock_time, day_words, full_day, local

ROWS: Final = 50
PATH: Final = "/history"
DAYS: Final = 7
CAUSES: Final = {
    Cause.UNCERTAIN: "nobody could say how it ended",
    Cause.STALE_TAIL: "the hub passed over it",
    Cause.ROOM_SWITCH: "another room was switched on",
    Cause.HUB: "the hub moved on",
    Cause.TAKEOVER: "you put on something of your own",
    Cause.DEVICE_LOST: "the player went away",
    Cause.TRANSFERRED: "the music moved to another device",
    Cause.HUB_DOWN: "the hub was off",
    Cause.RATE_LIMITED: "Spotify asked to wait, so nobody looked",
    Cause.UNPLAYABLE: "it could not be played",
    Cause.ADVERT: "an advert",
    Cause.LEARNING_OFF: "learning was off",
}
"""What ended a listen, where neither the listener nor the song's own end did."""


@dataclass(frozen=True, slots=True)
class ListenLine:
    """One listen as the page shows it. ``at``: when it ended. ``is_past``: from before the hub."""

    listen: Listen
    at: str
    cause: str
    is_past: bool


@dataclass(frozen=True, slots=True)
class RoomBars:
    """One room's week: its bars and what they say in words."""

    name: str
    week: RoomWeek
    bars: Bars
    up: int
    down: int
    removed: int


async def show_history(request: web.Request) -> web.Response:
    """The page. Raises ``ApiError``."""
    deps = deps_of(request)
    wanted = HistorySearch(search_text(request), room_choice(request, deps), choice(request, "verdict", VerdictKind))
    before = cursor(request)
    found = await deps.hub.find_listens(wanted, ROWS, before)
    asked = {"q": wanted.text, "room": wanted.room, "verdict": wanted.verdict}
    insight, insight_problem = await _insight(deps)
    return deps.pages.render(
        "history.html",
        **told_before(request),
        light="",
        place="history",
        wanted=wanted,
        verdicts=list(VerdictKind),
        days=_by_day(found.listens),
        room_names={slug: room.name for slug, room in deps.hub.rooms.items()},
        first=None if before is None else address(PATH, **asked),
        older=None if found.next is None else address(PATH, **asked, before=found.next),
        skip_threshold_ms=deps.skip_threshold_ms,
        insight=insight,
        insight_problem=insight_problem,
        day_names=[] if insight is None else [day_words(day.date) for day in insight.days],
        weeks=[] if insight is None else _weeks(deps, insight),
        sure=0 if insight is None else insight.listens - insight.uncertain,
        can_sign_out=request[CALLER] is Caller.SESSION,
    )


async def _insight(deps: Deps) -> tuple[Insight | None, str | None]:
    try:
        return await deps.hub.insight(DAYS), None
    except MoodroomError as error:
        return None, str(error)


def _by_day(found: Sequence[ListenView]) -> list[tuple[str, list[ListenLine]]]:
    days = groupby(found, key=lambda view: local(view.listen.ended_at_ms).date())
    return [(full_day(day), [_line(view) for view in views_of_day]) for day, views_of_day in days]


def _line(view: ListenView) -> ListenLine:
    listen = view.listen
    cause = CAUSES.get(listen.verdict.cause, "")
    return ListenLine(listen, clock_time(listen.ended_at_ms), cause, view.zone == PAST_ZONE)


def _weeks(deps: Deps, insight: Insight) -> list[RoomBars]:
    most = tallest([week.taught for week in insight.rooms])
    return [
        RoomBars(
            deps.hub.rooms[week.room].name,
            week,
            bars(week.taught, most),
            sum(day.up for day in week.taught),
            sum(day.down for day in week.taught),
            sum(day.removed for day in week.taught),
        )
        for week in insight.rooms
    ]
