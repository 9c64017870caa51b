"""The handlers of the API for stations, and how they are described."""

import re
from typing import Final

from aiohttp import web
from pydantic import BaseModel

from moodroom_hub.core.stations import Radio, StationJob, StationView
from moodroom_hub.core.wire import shapes as common
from moodroom_hub.core.wire import station_orders as given
from moodroom_hub.core.wire import station_shapes as shapes
from moodroom_hub.core.wire import station_views as views
from moodroom_hub.core.wire.views import activation
from moodroom_hub.domain.stations.models import StationKey
from moodroom_hub.plugins.status_page.bodies import json_answer, query_value, read_order
from moodroom_hub.plugins.status_page.deps import Deps, deps_of
from moodroom_hub.plugins.status_page.openapi import Handler, Query, Route
from moodroom_hub.plugins.status_page.orders import Order, ZoneOrder
from moodroom_hub.plugins.status_page.problems import bad_request, not_found
from moodroom_hub.plugins.status_page.station_routes import station_at

CARD_BODY_LIMIT: Final = 6 * given.FILE_LIMIT + 4096
"""A card within JSON: whatever a client escapes, a file of 512 kB fits."""
_CARD, _JSPF = "card", "jspf"
_TYPES: Final = {_CARD: "application/json", _JSPF: "application/jspf+json"}
_ENDINGS: Final = {_CARD: "station.json", _JSPF: "jspf"}
_FILE_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,99}")


async def get_stations(request: web.Request) -> web.Response:
    """``GET /api/stations``."""
    return json_answer(views.overview(await deps_of(request).hub.radio.overview()))


async def new(request: web.Request) -> web.Response:
    """``POST /api/stations``."""
    deps, radio = _radio(request)
    order = await read_order(request, given.StationNewOrder)
    return _changed(await deps.commands.run(order.make(radio)))


async def get_job(request: web.Request) -> web.Response:
    """``GET /api/stations/job``."""
    radio = deps_of(request).hub.radio
    return _job(radio, radio.job())


async def import_card(request: web.Request) -> web.Response:
    """``POST /api/stations/import``."""
    deps, radio = _radio(request)
    order = await read_order(request, given.StationImportOrder, CARD_BODY_LIMIT)
    return json_answer(views.imported(await deps.commands.run(radio.import_card(order.text, order.name.strip()))))


async def refill(request: web.Request) -> web.Response:
    """``POST /api/stations/refill``."""
    _, radio = _radio(request)
    order = await read_order(request, given.StationRefillOrder)
    return _job(radio, radio.start_refill(order.slug()))


async def train(request: web.Request) -> web.Response:
    """``POST /api/stations/train``."""
    _, radio = _radio(request)
    order = await read_order(request, given.StationTrainOrder)
    return _job(radio, radio.start_training(order.folders, order.seed, anew=order.anew))


async def cancel(request: web.Request) -> web.Response:
    """``POST /api/stations/cancel``."""
    deps, radio = _radio(request)
    await read_order(request, Order)
    return _job(radio, await deps.commands.run(radio.cancel()))


async def get_station(request: web.Request) -> web.Response:
    """``GET /api/stations/{id}``."""
    deps = deps_of(request)
    return json_answer(views.why(await deps.hub.radio.why(station_of_path(request, deps))))


async def get_card(request: web.Request) -> web.Response:
    """``GET /api/stations/{id}/card``: the file itself."""
    deps = deps_of(request)
    key = station_of_path(request, deps)
    form = query_value(request, "form") or _CARD
    if form not in _TYPES:
        raise bad_request(f"form: expected one of {', '.join(_TYPES)}")
    text = await deps.hub.radio.card(key, form)
    name = key if _FILE_NAME.fullmatch(key) else "station"
    return web.Response(
        body=text.encode("utf-8", "replace"),
        content_type=_TYPES[form],
        headers={"Content-Disposition": f'attachment; filename="{name}.{_ENDINGS[form]}"'},
    )


async def following(request: web.Request) -> web.Response:
    """``POST /api/stations/{id}/next``."""
    deps = deps_of(request)
    key = station_of_path(request, deps)
    order = await read_order(request, given.StationPlayedOrder)
    return json_answer(views.following(await deps.hub.radio.next(key, order.played())))


async def play(request: web.Request) -> web.Response:
    """``POST /api/stations/{id}/play``."""
    deps = deps_of(request)
    key = station_of_path(request, deps)
    zone = await deps.zone((await read_order(request, ZoneOrder)).zone)
    return json_answer(activation(await deps.commands.run(deps.hub.play_station(key, zone))))


async def tune(request: web.Request) -> web.Response:
    """``POST /api/stations/{id}/tune``."""
    deps, radio = _radio(request)
    key = station_of_path(request, deps)
    order = await read_order(request, given.StationTuneOrder)
    return _changed(await deps.commands.run(radio.tune(key, order.changes())))


async def vote(request: web.Request) -> web.Response:
    """``POST /api/stations/{id}/vote``."""
    deps, radio = _radio(request)
    key = station_of_path(request, deps)
    order = await read_order(request, given.StationVoteOrder)
    return _changed(await deps.commands.run(radio.vote(key, order.kind, order.track())))


async def take_back(request: web.Request) -> web.Response:
    """``POST /api/stations/{id}/take_back``."""
    deps, radio = _radio(request)
    key = station_of_path(request, deps)
    await read_order(request, Order)
    return _changed(await deps.commands.run(radio.take_back(key)))


async def clear(request: web.Request) -> web.Response:
    """``POST /api/stations/{id}/clear``."""
    deps, radio = _radio(request)
    key = station_of_path(request, deps)
    await read_order(request, Order)
    return _changed(await deps.commands.run(radio.clear(key)))


async def rename(request: web.Request) -> web.Response:
    """``POST /api/stations/{id}/rename``."""
    deps, radio = _radio(request)
    key = station_of_path(request, deps)
    order = await read_order(request, given.StationRenameOrder)
    return _changed(await deps.commands.run(radio.rename(key, order.name)))


async def remove(request: web.Request) -> web.Response:
    """``POST /api/stations/{id}/remove``."""
    deps, radio = _radio(request)
    key = station_of_path(request, deps)
    await read_order(request, Order)
    await deps.commands.run(radio.remove(key))
    return json_answer(common.DoneAnswer(ok=True))


def station_of_path(request: web.Request, deps: Deps) -> StationKey:
    """The station that the path names. Raises ``ApiError`` (404), ``Trouble`` where there is no radio at all."""
    _ = deps.hub.radio
    key = StationKey(request.match_info["id"])
    if deps.hub.stations.get(key) is None:
        raise not_found("station")
    return key


def _radio(request: web.Request) -> tuple[Deps, Radio]:
    deps = deps_of(request)
    return deps, deps.hub.radio


def _changed(view: StationView) -> web.Response:
    return json_answer(views.changed(view))


def _job(radio: Radio, job: StationJob) -> web.Response:
    return json_answer(views.job(job, radio.model()))


def _route(
    handler: Handler,
    summary: str,
    answer: type[BaseModel] | str,
    order: type[BaseModel] | None = None,
    query: tuple[Query, ...] = (),
) -> Route:
    method, path = station_at("station_api", handler.__name__)
    errors = (400, *_ERRORS) if query else _ERRORS
    return Route(method, path, handler, summary, ((200, answer),), order, query, errors)


_ERRORS: Final = (404, 409, 503)
_FORM: Final = Query(
    "form", "Signed JSON, or JSPF for other players.", (("type", "string"), ("enum", [*_TYPES]), ("default", _CARD))
)
_ONE: Final = shapes.StationChangedAnswer
_WORK: Final = shapes.StationJobAnswer

API_ROUTES: Final = (
    _route(get_stations, "Every station", shapes.StationsAnswer),
    _route(new, "Make a station of artists, a playlist or a room", _ONE, given.StationNewOrder),
    _route(get_job, "How far the radio's work is, and what stations are played from", _WORK),
    _route(
        import_card, "Make a station of a card or a JSPF file", shapes.StationImportAnswer, given.StationImportOrder
    ),
    _route(refill, "Fill rooms' discoveries from their stations", _WORK, given.StationRefillOrder),
    _route(train, "Learn from playlists", _WORK, given.StationTrainOrder),
    _route(cancel, "Stop the radio's work", _WORK, Order),
    _route(get_station, "A station: what it would play now, why, and its votes", shapes.StationAnswer),
    _route(get_card, "A station as a file to share", "application/json", query=(_FORM,)),
    _route(
        following,
        "For other players: tell what was played, and get what comes next",
        shapes.StationNextAnswer,
        given.StationPlayedOrder,
    ),
    _route(play, "Play the station; again: fresh tracks", common.ActivateAnswer, ZoneOrder),
    _route(tune, "Change how a station weighs, while it plays, too", _ONE, given.StationTuneOrder),
    _route(vote, "Like or dislike a track, or what plays now", _ONE, given.StationVoteOrder),
    _route(take_back, "Forget the newest vote", _ONE, Order),
    _route(clear, "Forget every vote", _ONE, Order),
    _route(rename, "Give a station another name", _ONE, given.StationRenameOrder),
    _route(remove, "Forget a station and its votes", common.DoneAnswer, Order),
)
