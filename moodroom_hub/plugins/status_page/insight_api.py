"""The handlers of the API for insight, and for a room's words."""

from aiohttp import web

from moodroom_hub.core.wire import insight, mining_orders, mining_views
from moodroom_hub.plugins.status_page.bodies import json_answer, query_value, read_order, whole_number
from moodroom_hub.plugins.status_page.deps import deps_of

MOST_DAYS = 90


async def get_insight(request: web.Request) -> web.Response:
    """``GET /api/insight``."""
    given = query_value(request, "days")
    days = 7 if given is None else whole_number(given, least=1, most=MOST_DAYS, name="days")
    return json_answer(insight.answer(await deps_of(request).hub.insight(days)))


async def define(request: web.Request) -> web.Response:
    """``POST /api/rooms/{slug}/definition``."""
    deps = deps_of(request)
    room = deps.room(request.match_info["slug"])
    order = await read_order(request, mining_orders.DefinitionOrder)
    await deps.commands.run(deps.hub.mining.define(room, order.words()))
    return json_answer(mining_views.definition(deps.hub.mining.definition(room)))
