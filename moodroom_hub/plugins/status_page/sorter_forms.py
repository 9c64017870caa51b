"""The forms of the sorter's pages: where a song belongs, and the work over all of them."""

from typing import Final

from aiohttp import web

from moodroom_hub.core.wire.sorter_orders import MOST_SUBLISTS, PlaceOrder, SongOrder, WorkOrder
from moodroom_hub.domain.models import Uri
from moodroom_hub.domain.sorting.models import Layer
from moodroom_hub.plugins.status_page.bodies import validate
from moodroom_hub.plugins.status_page.deps import Deps, deps_of
from moodroom_hub.plugins.status_page.forms import Fields, form_of
from moodroom_hub.plugins.status_page.openapi import Handler, Route
from moodroom_hub.plugins.status_page.problems import bad_request
from moodroom_hub.plugins.status_page.sorter_api import layer_of
from moodroom_hub.plugins.status_page.sorter_page import PATH, path_of, place_words
from moodroom_hub.plugins.status_page.sorter_routes import at

TICK: Final = "fit-"
"""Begins the names of the boxes of a form in which several sublists can be ticked."""
MOST_PLACE_FIELDS: Final = MOST_SUBLISTS + 10
"""Every box of such a form ticked, and what else it sends."""


async def answer_by_form(request: web.Request, deps: Deps, fields: Fields) -> str | None:
    """``POST /sorter/{layer}/answer``: then the next question stands there."""
    layer = layer_of(request, deps)
    order = _place(layer, fields)
    await deps.commands.run(deps.hub.sorter.answer(layer.key, Uri(order.uri), order.keys()))
    return None


async def skip_by_form(request: web.Request, deps: Deps, fields: Fields) -> str | None:
    """``POST /sorter/{layer}/skip``."""
    layer = layer_of(request, deps)
    order = validate(SongOrder, {"uri": fields.get("uri", "")})
    await deps.commands.run(deps.hub.sorter.skip(layer.key, Uri(order.uri)))
    return None


async def take_back_by_form(request: web.Request, deps: Deps, _: Fields) -> str | None:
    """``POST /sorter/{layer}/take_back``: the song is asked for again."""
    layer = layer_of(request, deps)
    await deps.commands.run(deps.hub.sorter.take_back(layer.key))
    return None


async def move_by_form(request: web.Request, deps: Deps, fields: Fields) -> str | None:
    """``POST /sorter/{layer}/move``: a song of the review list."""
    layer = layer_of(request, deps)
    order = _place(layer, fields)
    placed = await deps.commands.run(deps.hub.sorter.move(layer.key, Uri(order.uri), order.keys()))
    return f"{placed.track.name}: {place_words(placed.place.sublists, layer)}."


async def train_by_form(_: web.Request, deps: Deps, fields: Fields) -> str | None:
    """``POST /sorter/train``."""
    deps.hub.sorter.start_training(_work(fields).key())
    return None


async def apply_by_form(_: web.Request, deps: Deps, fields: Fields) -> str | None:
    """``POST /sorter/apply``: the page on which it stands has shown what will change."""
    deps.hub.sorter.start_applying(_work(fields).key())
    return None


async def rollback_by_form(_: web.Request, deps: Deps, fields: Fields) -> str | None:
    """``POST /sorter/rollback``."""
    order = _work(fields)
    deps.hub.sorter.start_rollback(order.key(), is_forced=order.force)
    return None


async def sync_by_form(_: web.Request, deps: Deps, __: Fields) -> str | None:
    """``POST /sorter/sync``."""
    deps.hub.sorter.start_sync()
    return None


async def cancel_by_form(_: web.Request, deps: Deps, __: Fields) -> str | None:
    """``POST /sorter/cancel``."""
    await deps.commands.run(deps.hub.sorter.cancel())
    return "Stopped. It can go on from here."


def _place(layer: Layer, fields: Fields) -> PlaceOrder:
    """What was chosen: the pressed button's ``sublist``, every ticked box, or ``none``."""
    if "none" in fields:
        chosen: list[str] = []
    else:
        ticked = [each.key for each in layer.sublists if f"{TICK}{each.key}" in fields]
        chosen = [fields["sublist"]] if "sublist" in fields else [*ticked]
        if not chosen:
            raise bad_request("Choose where the song belongs first.")
    return validate(PlaceOrder, {"uri": fields.get("uri", ""), "sublists": chosen})


def _work(fields: Fields) -> WorkOrder:
    return validate(WorkOrder, {"layer": fields.get("layer") or None, "force": fields.get("force") == "1"})


def _overview(_: web.Request) -> str:
    return PATH


def _asking(request: web.Request) -> str:
    return path_of(layer_of(request, deps_of(request)))


def _reviewing(request: web.Request) -> str:
    return f"{_asking(request)}/review"


train = form_of(train_by_form, _overview)
apply = form_of(apply_by_form, _overview)
rollback = form_of(rollback_by_form, _overview)
sync = form_of(sync_by_form, _overview)
cancel = form_of(cancel_by_form, _overview)
answer = form_of(answer_by_form, _asking, most_fields=MOST_PLACE_FIELDS)
skip = form_of(skip_by_form, _asking)
take_back = form_of(take_back_by_form, _asking)
move = form_of(move_by_form, _reviewing, most_fields=MOST_PLACE_FIELDS)


def _route(name: str, handler: Handler, *fields: str) -> Route:
    method, path = at("sorter_forms", name)
    return Route(method, path, handler, "Plain form", ((303, None),), (*fields, "back"), errors=(404, 409, 503))


FORM_ROUTES: Final = (
    _route("train", train, "layer"),
    _route("apply", apply, "layer"),
    _route("rollback", rollback, "layer", "force"),
    _route("sync", sync),
    _route("cancel", cancel),
    _route("answer", answer, "uri", "sublist", "none"),
    _route("skip", skip, "uri"),
    _route("take_back", take_back),
    _route("move", move, "uri", "sublist", "none"),
)
