"""``GET /statistics``: what was played most lately, and at which hours; every chart is a table, too."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from aiohttp import web

from moodroom_hub.core.played import Counted
from moodroom_hub.plugins.status_page.bodies import query_value, whole_number
from moodroom_hub.plugins.status_page.charts import hour_bars
from moodroom_hub.plugins.status_page.deps import CALLER, Caller, deps_of
from moodroom_hub.plugins.status_page.forms import told_before
from moodroom_hub.plugins.status_page.plays_api import MOST_DAYS
from moodroom_hub.plugins.status_page.queries import address
from moodroom_hub.plugins.status_page.zone_row import zone_labels

PATH: Final = "/statistics"
SPANS: Final = (7, 30, 365)


@dataclass(frozen=True, slots=True)
class Rank:
    """One line: its name, what belongs to it, ``share`` in percent of the first one's plays. ``path``: its page."""

    name: str
    detail: str
    plays: int
    heard: str
    share: int
    path: str = ""


async def show_statistics(request: web.Request) -> web.Response:
    """The page. Raises ``ApiError``, ``Trouble``."""
    deps = deps_of(request)
    given = query_value(request, "days")
    days = 30 if given is None else whole_number(given, least=1, most=MOST_DAYS, name="days")
    found = await deps.hub.plays.statistics(days)
    labels = zone_labels(await deps.hub.zone_views())
    rooms: dict[str, str] = {slug: f"/rooms/{quote(slug, safe='')}" for slug in deps.hub.rooms}
    busiest = max(range(len(found.hours)), key=lambda hour: found.hours[hour])
    return deps.pages.render(
        "statistics.html",
        **told_before(request),
        light="",
        place="plays",
        days=days,
        spans=[(each, address(PATH, days=each)) for each in SPANS],
        plays=found.plays,
        heard=span_words(found.heard_ms),
        tables=[
            ("tracks", "Tracks", ranks(found.tracks)),
            ("artists", "Artists", ranks(found.artists)),
            ("rooms", "Rooms", ranks(found.rooms, paths=rooms)),
            ("zones", "Zones", ranks(found.zones, names=labels)),
        ],
        hours=found.hours,
        busiest=busiest,
        chart=hour_bars(found.hours),
        can_sign_out=request[CALLER] is Caller.SESSION,
    )


def ranks(
    found: Sequence[Counted], *, names: Mapping[str, str] | None = None, paths: Mapping[str, str] | None = None
) -> list[Rank]:
    """The counted as lines; ``names`` instead of their own, ``paths`` by their detail (which then is not shown)."""
    most = max((each.plays for each in found), default=1) or 1
    return [
        Rank(
            (names or {}).get(each.name, each.name),
            "" if paths is not None else each.detail,
            each.plays,
            span_words(each.heard_ms),
            max(1, round(100 * each.plays / most)),
            (paths or {}).get(each.detail, ""),
        )
        for each in found
    ]


def span_words(ms: int) -> str:
    """``3 h 07 min``, ``12 min``."""
    minutes = max(0, ms) // 60_000
    return f"{minutes // 60} h {minutes % 60:02d} min" if minutes >= 60 else f"{minutes} min"
