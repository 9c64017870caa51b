"""The handlers of the API for mining."""

from aiohttp import web

from moodroom_hub.core.wire import mining_orders as orders
from moodroom_hub.core.wire import mining_shapes, mining_views, shapes, views
from moodroom_hub.domain.models import Uri
from moodroom_hub.plugins.status_page.bodies import FILE_LIMIT, json_answer, read_order
from moodroom_hub.plugins.status_page.deps import deps_of
from moodroom_hub.plugins.status_page.orders import Order


async def get_miners(request: web.Request) -> web.Response:
    """``GET /api/miners``."""
    found = deps_of(request).hub.mining.miners()
    return json_answer(mining_shapes.MinersAnswer(miners=[mining_views.miner(each) for each in found]))


async def estimate(request: web.Request) -> web.Response:
    """``POST /api/mining/estimate``."""
    deps = deps_of(request)
    order = await read_order(request, orders.MiningOrderShape, FILE_LIMIT)
    return json_answer(mining_views.estimate(await deps.hub.mining.estimate(order.order())))


async def start(request: web.Request) -> web.Response:
    """``POST /api/mining/start``."""
    deps = deps_of(request)
    order = await read_order(request, orders.MiningOrderShape, FILE_LIMIT)
    return json_answer(mining_views.job(await deps.hub.mining.start(order.order())))


async def get_job(request: web.Request) -> web.Response:
    """``GET /api/mining``."""
    return json_answer(mining_views.job(deps_of(request).hub.mining.job()))


async def get_report(request: web.Request) -> web.Response:
    """``GET /api/mining/report``."""
    return json_answer(mining_views.report(deps_of(request).hub.mining.job()))


async def cancel(request: web.Request) -> web.Response:
    """``POST /api/mining/cancel``."""
    deps = deps_of(request)
    await read_order(request, Order)
    return json_answer(mining_views.job(await deps.commands.run(deps.hub.mining.cancel())))


async def apply(request: web.Request) -> web.Response:
    """``POST /api/mining/apply``."""
    deps = deps_of(request)
    order = await read_order(request, orders.ApplyOrder, FILE_LIMIT)
    words = None if order.definition is None else order.definition.words()
    drop = [Uri(uri) for uri in order.drop]
    return json_answer(mining_views.job(await deps.commands.run(deps.hub.mining.apply(words, drop))))


async def discard(request: web.Request) -> web.Response:
    """``POST /api/mining/discard``."""
    deps = deps_of(request)
    await read_order(request, Order)
    return json_answer(mining_views.job(await deps.commands.run(deps.hub.mining.discard())))


async def undo(request: web.Request) -> web.Response:
    """``POST /api/mining/undo``."""
    deps = deps_of(request)
    await read_order(request, Order)
    undone = await deps.commands.run(deps.hub.mining.undo())
    return json_answer(mining_shapes.UndoneMiningAnswer(rooms=list(undone.rooms), back=undone.is_back))


async def get_definition(request: web.Request) -> web.Response:
    """``GET /api/rooms/{slug}/definition``."""
    deps = deps_of(request)
    return json_answer(mining_views.definition(deps.hub.mining.definition(deps.room(request.match_info["slug"]))))


async def define(request: web.Request) -> web.Response:
    """``POST /api/rooms/{slug}/definition``."""
    deps = deps_of(request)
    room = deps.room(request.match_info["slug"])
    order = await read_order(request, orders.DefinitionOrder)
    await deps.commands.run(deps.hub.mining.define(room, order.words()))
    return json_answer(mining_views.definition(deps.hub.mining.definition(room)))


async def move(request: web.Request) -> web.Response:
    """``POST /api/rooms/{slug}/move``."""
    deps = deps_of(request)
    room = deps.room(request.match_info["slug"])
    order = await read_order(request, orders.MoveOrder)
    done = await deps.commands.run(deps.hub.mining.move(room, Uri(order.uri), order.tier, order.why))
    return json_answer(shapes.UndoAnswer(receipt=views.receipt(done, None)))


async def get_kept(request: web.Request) -> web.Response:
    """``GET /api/rooms/{slug}/keep``."""
    deps = deps_of(request)
    found = await deps.hub.mining.kept(deps.room(request.match_info["slug"]))
    return json_answer(mining_shapes.KeptAnswer(uris=sorted(found)))


async def keep(request: web.Request) -> web.Response:
    """``POST /api/rooms/{slug}/keep``."""
    deps = deps_of(request)
    room = deps.room(request.match_info["slug"])
    order = await read_order(request, orders.KeepOrder, FILE_LIMIT)
    await deps.commands.run(deps.hub.mining.keep(room, [Uri(uri) for uri in order.uris]))
    return json_answer(shapes.DoneAnswer(ok=True))
