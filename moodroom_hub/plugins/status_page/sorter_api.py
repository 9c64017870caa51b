"""The handlers of the API for the sorter, and how they are described."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from aiohttp import web
from pydantic import BaseModel

from moodroom_hub.core.sorting import Asked, PlacedTrack, Sorter
from moodroom_hub.core.wire import sorter_orders as given
from moodroom_hub.core.wire import sorter_shapes as shapes
from moodroom_hub.core.wire import sorter_views as views
from moodroom_hub.domain.models import Uri
from moodroom_hub.domain.sorting.models import Layer, Standing
from moodroom_hub.plugins.status_page.bodies import dumps, json_answer, read_order
from moodroom_hub.plugins.status_page.deps import Deps, deps_of
from moodroom_hub.plugins.status_page.openapi import Handler, Query, Route
from moodroom_hub.plugins.status_page.orders import Order
from moodroom_hub.plugins.status_page.problems import not_found
from moodroom_hub.plugins.status_page.queries import choice
from moodroom_hub.plugins.status_page.sorter_routes import at

AT_ONCE: Final = 50


async def get_sorter(request: web.Request) -> web.Response:
    """``GET /api/sorter``."""
    sorter = deps_of(request).hub.sorter
    return json_answer(views.overview(await sorter.overview(), sorter.job()))


async def get_job(request: web.Request) -> web.Response:
    """``GET /api/sorter/job``."""
    return json_answer(views.job(deps_of(request).hub.sorter.job()))


async def get_question(request: web.Request) -> web.Response:
    """``GET /api/sorter/{layer}/question``."""
    deps = deps_of(request)
    layer = layer_of(request, deps)
    return _question(await deps.hub.sorter.question(layer.key), layer)


async def answer(request: web.Request) -> web.Response:
    """``POST /api/sorter/{layer}/answer``."""
    deps = deps_of(request)
    layer = layer_of(request, deps)
    order = await read_order(request, given.PlaceOrder)
    asked = await deps.commands.run(deps.hub.sorter.answer(layer.key, Uri(order.uri), order.keys()))
    return _question(asked, layer)


async def skip(request: web.Request) -> web.Response:
    """``POST /api/sorter/{layer}/skip``."""
    deps = deps_of(request)
    layer = layer_of(request, deps)
    order = await read_order(request, given.SongOrder)
    return _question(await deps.commands.run(deps.hub.sorter.skip(layer.key, Uri(order.uri))), layer)


async def take_back(request: web.Request) -> web.Response:
    """``POST /api/sorter/{layer}/take_back``."""
    deps = deps_of(request)
    layer = layer_of(request, deps)
    await read_order(request, Order)
    return _question(await deps.commands.run(deps.hub.sorter.take_back(layer.key)), layer)


async def get_places(request: web.Request) -> web.Response:
    """``GET /api/sorter/{layer}/places``."""
    deps = deps_of(request)
    layer = layer_of(request, deps)
    standing = choice(request, "standing", Standing)
    found = await deps.hub.sorter.places(layer.key, standing)
    return _answer(_spliced(views.places(layer.key, ()), places=await _listed(found)))


async def move(request: web.Request) -> web.Response:
    """``POST /api/sorter/{layer}/move``."""
    deps = deps_of(request)
    layer = layer_of(request, deps)
    order = await read_order(request, given.PlaceOrder)
    placed = await deps.commands.run(deps.hub.sorter.move(layer.key, Uri(order.uri), order.keys()))
    return json_answer(views.placed(placed))


async def get_preview(request: web.Request) -> web.Response:
    """``GET /api/sorter/{layer}/preview``."""
    deps = deps_of(request)
    layer = layer_of(request, deps)
    found = await deps.hub.sorter.preview(layer.key)
    changes = [
        _spliced(views.change(replace(each, added=())), added=await _listed(each.added)) for each in found.changes
    ]
    head = views.preview(replace(found, changes=(), placed=()))
    return _answer(_spliced(head, changes=_joined(changes), placed=await _listed(found.placed)))


async def get_history(request: web.Request) -> web.Response:
    """``GET /api/sorter/{layer}/history``."""
    deps = deps_of(request)
    layer = layer_of(request, deps)
    return json_answer(views.versions(layer.key, await deps.hub.sorter.history(layer.key)))


async def train(request: web.Request) -> web.Response:
    """``POST /api/sorter/train``."""
    sorter, order = await _work(request)
    return json_answer(views.job(sorter.start_training(order.key())))


async def apply(request: web.Request) -> web.Response:
    """``POST /api/sorter/apply``."""
    sorter, order = await _work(request)
    return json_answer(views.job(sorter.start_applying(order.key())))


async def rollback(request: web.Request) -> web.Response:
    """``POST /api/sorter/rollback``."""
    sorter, order = await _work(request)
    return json_answer(views.job(sorter.start_rollback(order.key(), is_forced=order.force)))


async def sync(request: web.Request) -> web.Response:
    """``POST /api/sorter/sync``."""
    sorter = deps_of(request).hub.sorter
    await read_order(request, Order)
    return json_answer(views.job(sorter.start_sync()))


async def cancel(request: web.Request) -> web.Response:
    """``POST /api/sorter/cancel``."""
    deps = deps_of(request)
    await read_order(request, Order)
    return json_answer(views.job(await deps.commands.run(deps.hub.sorter.cancel())))


def layer_of(request: web.Request, deps: Deps) -> Layer:
    """The layer that the path names. Raises ``ApiError`` (404), ``Trouble`` where there is no sorter at all."""
    key = request.match_info["layer"]
    for layer in deps.hub.sorter.layers():
        if layer.key == key:
            return layer
    raise not_found("layer")


async def _listed(found: Sequence[PlacedTrack]) -> bytes:
    """A whole library as JSON, a few songs at a time: the music must not wait for it."""
    listed: list[bytes] = []
    for start in range(0, len(found), AT_ONCE):
        listed += [dumps(views.placed(each)) for each in found[start : start + AT_ONCE]]
        await asyncio.sleep(0)
    return _joined(listed)


def _joined(pieces: Sequence[bytes]) -> bytes:
    return b"[" + b",".join(pieces) + b"]"


def _spliced(shape: BaseModel, **lists: bytes) -> bytes:
    """``shape`` as JSON, with these lists in the places of its own."""
    head = dumps(shape.model_dump(mode="json", by_alias=True, exclude=set(lists)))
    return head[:-1] + b"".join(b',"%s":%s' % (name.encode(), body) for name, body in lists.items()) + b"}"


def _answer(body: bytes) -> web.Response:
    return web.Response(body=body, content_type="application/json")


def _question(asked: Asked, layer: Layer) -> web.Response:
    return json_answer(views.question(asked, layer))


async def _work(request: web.Request) -> tuple[Sorter, given.WorkOrder]:
    sorter = deps_of(request).hub.sorter
    return sorter, await read_order(request, given.WorkOrder)


def _route(
    handler: Handler,
    summary: str,
    answer: type[BaseModel],
    order: type[BaseModel] | None = None,
    query: tuple[Query, ...] = (),
) -> Route:
    method, path = at("sorter_api", handler.__name__)
    errors = (400, *_ERRORS) if query else _ERRORS
    return Route(method, path, handler, summary, ((200, answer),), order, query, errors)


_ERRORS: Final = (404, 409, 503)
_ONLY: Final = Query(
    "standing", "Only songs that stand so.", (("type", "string"), ("enum", [each.value for each in Standing]))
)

API_ROUTES: Final = (
    _route(get_sorter, "The sorter's layers, and its work", shapes.SorterAnswer),
    _route(get_job, "How far the sorter's work is", shapes.SorterJobAnswer),
    _route(train, "Learn anew, and decide where every song belongs", shapes.SorterJobAnswer, given.WorkOrder),
    _route(apply, "Write the playlists, or go on with what was begun", shapes.SorterJobAnswer, given.WorkOrder),
    _route(rollback, "Take the last apply back, to the exact former order", shapes.SorterJobAnswer, given.WorkOrder),
    _route(sync, "Learn what the owner moved, and place new songs", shapes.SorterJobAnswer, Order),
    _route(cancel, "Stop the sorter's work where it can go on later", shapes.SorterJobAnswer, Order),
    _route(get_question, "The song whose place teaches most", shapes.QuestionAnswer),
    _route(answer, "Say where a song belongs; gives the next question", shapes.QuestionAnswer, given.PlaceOrder),
    _route(skip, "Do not ask for this song now; gives the next question", shapes.QuestionAnswer, given.SongOrder),
    _route(take_back, "Forget the last answer, and ask again", shapes.QuestionAnswer, Order),
    _route(get_places, "Where songs belong; doubtful ones are to be reviewed", shapes.PlacesAnswer, query=(_ONLY,)),
    _route(move, "Correct a song's place", shapes.PlacedShape, given.PlaceOrder),
    _route(get_preview, "What an apply would change, and why", shapes.PreviewAnswer),
    _route(get_history, "Every training, newest first", shapes.VersionsAnswer),
)
