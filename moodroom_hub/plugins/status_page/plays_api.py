"""The handlers of the API for plays, and its routes."""

from typing import Final

from aiohttp import web

from moodroom_hub.core.played import PlaySearch
from moodroom_hub.core.wire import plays, plays_orders
from moodroom_hub.core.wire.fields import UNSAFE
from moodroom_hub.domain.models import ZoneName
from moodroom_hub.domain.plays.models import DeliveryStatus
from moodroom_hub.plugins.status_page.bodies import (
    LARGEST_ID,
    MOST_ROWS,
    json_answer,
    paging,
    query_value,
    read_order,
    whole_number,
)
from moodroom_hub.plugins.status_page.deps import deps_of
from moodroom_hub.plugins.status_page.openapi import Query, Route
from moodroom_hub.plugins.status_page.problems import ApiError, bad_request, not_found
from moodroom_hub.plugins.status_page.queries import choice, switch

MOST_DAYS: Final = 3_650
LONGEST_NAME: Final = 200


async def get_plays(request: web.Request) -> web.Response:
    """``GET /api/plays``."""
    limit, before = paging(request)
    zone = await zone_query(request)
    wanted = PlaySearch(
        zone=zone,
        status=choice(request, "status", DeliveryStatus),
        target=name_query(request, "target"),
        with_twins=switch(request, "twins"),
    )
    return json_answer(plays.page(await deps_of(request).hub.plays.find(wanted, limit, before)))


async def get_play(request: web.Request) -> web.Response:
    """``GET /api/plays/{id}``."""
    return json_answer(plays.PlayAnswer(play=plays.play(await deps_of(request).hub.plays.get(play_id_of(request)))))


async def retry(request: web.Request) -> web.Response:
    """``POST /api/plays/retry``."""
    deps = deps_of(request)
    order = await read_order(request, plays_orders.RetryOrder)
    changed = await deps.commands.run(deps.hub.plays.retry(order.ids, order.target))
    return json_answer(plays.ChangedAnswer(changed=changed))


async def edit(request: web.Request) -> web.Response:
    """``POST /api/plays/{id}/edit``."""
    deps = deps_of(request)
    play_id = play_id_of(request)
    order = await read_order(request, plays_orders.EditOrder)
    changed = await deps.commands.run(deps.hub.plays.edit(play_id, order.edit(), order.target))
    return json_answer(plays.ChangedAnswer(changed=changed))


async def leave_out(request: web.Request) -> web.Response:
    """``POST /api/plays/{id}/leave_out``."""
    deps = deps_of(request)
    play_id = play_id_of(request)
    order = await read_order(request, plays_orders.LeaveOutOrder)
    changed = await deps.commands.run(deps.hub.plays.leave_out(play_id, order.target))
    return json_answer(plays.ChangedAnswer(changed=changed))


async def get_statistics(request: web.Request) -> web.Response:
    """``GET /api/statistics``."""
    given = query_value(request, "days")
    days = 30 if given is None else whole_number(given, least=1, most=MOST_DAYS, name="days")
    return json_answer(plays.statistics(await deps_of(request).hub.plays.statistics(days)))


async def get_scrobbles(request: web.Request) -> web.Response:
    """``GET /api/scrobbles``."""
    return json_answer(plays.targets(await deps_of(request).hub.plays.targets()))


def play_id_of(request: web.Request) -> int:
    """The play that the path names. Raises ``ApiError`` (404) for what no id can be."""
    try:
        return whole_number(request.match_info["id"], least=1, most=LARGEST_ID, name="id")
    except ApiError:
        raise not_found("play") from None


def name_query(request: web.Request, name: str) -> str | None:
    """A zone or service by name."""
    given = query_value(request, name)
    if not given:
        return None
    if len(given) > LONGEST_NAME or UNSAFE.search(given):
        raise bad_request(f"{name}: expected at most {LONGEST_NAME} characters, and none that cannot be seen")
    return given


async def zone_query(request: web.Request) -> ZoneName | None:
    """The zone that the query names, by name or label: also one of former times, which the hub knows no more."""
    said = name_query(request, "zone")
    try:
        return await deps_of(request).zone(said)
    except ApiError:
        return None if said is None else ZoneName(said)


_WHOLE: Final = ("type", "integer")
_SEARCH: Final = (
    Query("limit", "How many rows (default 50).", (_WHOLE, ("minimum", 1), ("maximum", MOST_ROWS), ("default", 50))),
    Query("before", "The last page's `next`.", (_WHOLE, ("minimum", 1), ("maximum", LARGEST_ID))),
    Query("zone", "Only this zone."),
    Query("status", "Only with a delivery that stands so.", (("type", "string"), ("enum", list(DeliveryStatus)))),
    Query("target", "Only meant for this service."),
    Query("twins", "Also those that another source saw: true or false.", (("type", "boolean"),)),
)
_DAYS: Final = (
    Query("days", "How many days, today included.", (_WHOLE, ("minimum", 1), ("maximum", MOST_DAYS), ("default", 30))),
)
_CHANGED: Final = ((200, plays.ChangedAnswer),)
_COMMAND: Final = (404, 409, 503)

PLAYS_ROUTES: Final = (
    Route("GET", "/api/plays", get_plays, "What counted as played, newest first",
          ((200, plays.PlaysAnswer),), query=_SEARCH, errors=(400, 404, 503)),
    Route("GET", "/api/plays/{id}", get_play, "One play: why it counted, its twins, where it was sent",
          ((200, plays.PlayAnswer),), errors=(404, 503)),
    Route("POST", "/api/plays/retry", retry, "Dead deliveries wait again; with ids also what was left out by hand",
          _CHANGED, plays_orders.RetryOrder, errors=(404, 503)),
    Route("POST", "/api/plays/{id}/edit", edit, "Correct a play before it is sent",
          _CHANGED, plays_orders.EditOrder, errors=_COMMAND),
    Route("POST", "/api/plays/{id}/leave_out", leave_out, "Do not send this play (retry with its id takes it up again)",
          _CHANGED, plays_orders.LeaveOutOrder, errors=_COMMAND),
    Route("GET", "/api/statistics", get_statistics, "What was played most: tracks, artists, rooms, zones, hours",
          ((200, plays.StatisticsAnswer),), query=_DAYS, errors=(400, 503)),
    Route("GET", "/api/scrobbles", get_scrobbles, "The services that plays are sent to, and how many stand where",
          ((200, plays.ScrobblesAnswer),), errors=(503,)),
)  # fmt: skip
