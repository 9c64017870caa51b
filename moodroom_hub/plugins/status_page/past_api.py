"""The handlers of the API for the listener's past."""

from aiohttp import web

from moodroom_hub.core.wire import past
from moodroom_hub.domain.past.rows import Unreadable
from moodroom_hub.plugins.status_page.bodies import FILE_LIMIT, json_answer, read_order
from moodroom_hub.plugins.status_page.deps import deps_of
from moodroom_hub.plugins.status_page.orders import Order
from moodroom_hub.plugins.status_page.problems import bad_request


async def import_past(request: web.Request) -> web.Response:
    """``POST /api/history/import``."""
    deps = deps_of(request)
    order = await read_order(request, past.PastOrder, FILE_LIMIT)
    now_ms = deps.clock.now_ms()
    try:
        plays = [each.play(now_ms) for each in order.plays]
    except Unreadable as problem:
        raise bad_request(f"plays: {problem}") from None
    return json_answer(past.imported(await deps.commands.run(deps.hub.import_past(plays))))


async def warm(request: web.Request) -> web.Response:
    """``POST /api/history/warm``."""
    deps = deps_of(request)
    await read_order(request, Order)
    return json_answer(past.warmed(await deps.commands.run(deps.hub.warm_pools())))


async def undo_group(request: web.Request) -> web.Response:
    """``POST /api/receipts/groups/{group}/undo``."""
    deps = deps_of(request)
    await read_order(request, Order)
    done = await deps.commands.run(deps.hub.undo_group(request.match_info["group"]))
    return json_answer(past.undone(done))
