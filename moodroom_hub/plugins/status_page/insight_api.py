"""The handler of the API for insight."""

from aiohttp import web

from moodroom_hub.core.wire import insight
from moodroom_hub.plugins.status_page.bodies import json_answer, query_value, whole_number
from moodroom_hub.plugins.status_page.deps import deps_of

MOST_DAYS = 90


async def get_insight(request: web.Request) -> web.Response:
    """``GET /api/insight``."""
    given = query_value(request, "days")
    days = 7 if given is None else whole_number(given, least=1, most=MOST_DAYS, name="days")
    return json_answer(insight.answer(await deps_of(request).hub.insight(days)))
