"""Every route of the hub's HTTP face, in one table. The server and the API's own description are made from it."""

from typing import Final

from aiohttp import web

from moodroom_hub import __version__
from moodroom_hub.core.wire import mining_orders, mining_shapes, past, shapes, zones
from moodroom_hub.plugins.status_page import api, metrics, mining_api, orders, past_api, site
from moodroom_hub.plugins.status_page.bodies import LARGEST_ID, LEAST_ID, MOST_ROWS, json_answer
from moodroom_hub.plugins.status_page.care_routes import CARE_ROUTES
from moodroom_hub.plugins.status_page.openapi import Handler, Query, Route, document
from moodroom_hub.plugins.status_page.page_routes import PAGE_ROUTES, RECEIPT_SEARCH
from moodroom_hub.plugins.status_page.plays_api import PLAYS_ROUTES
from moodroom_hub.plugins.status_page.sorter_routes import PLACES, late_handler, sorter_routes
from moodroom_hub.plugins.status_page.station_routes import STATION_PLACES, station_routes

_HTML: Final = "text/html"
_PAGED: Final = (
    Query(
        "limit",
        "How many rows (default 50).",
        (("type", "integer"), ("minimum", 1), ("maximum", MOST_ROWS), ("default", 50)),
    ),
    Query("before", "The last page's `next`.", (("type", "integer"), ("minimum", 1), ("maximum", LARGEST_ID))),
)
_PAGED_PAST: Final = (
    _PAGED[0],
    Query("before", "The last page's `next`.", (("type", "integer"), ("minimum", LEAST_ID), ("maximum", LARGEST_ID))),
)
_LAST_EVENT: Final = (
    Query(
        "last_event_id",
        "Replay what came after this event; the header Last-Event-ID goes before it.",
        (("type", "integer"), ("minimum", 0), ("maximum", LARGEST_ID)),
    ),
)
_ZONE: Final = (Query("zone", "Which zone; the default one where it is missing."),)
_ACCOUNT: Final = (Query("account", "Which account; the first where it is missing."),)
_DONE: Final = ((200, shapes.DoneAnswer),)
_BACK: Final = ((303, None),)
_COMMAND: Final = (404, 409, 503)


async def describe(_: web.Request) -> web.Response:
    """``GET /api/openapi.json``."""
    return json_answer(document(all_routes(), __version__))


def _api_routes() -> tuple[Route, ...]:
    get, post = "GET", "POST"
    return (
        Route(get, "/api/state", api.get_state, "Everything a page shows first",
              ((200, shapes.StateAnswer),), query=_ZONE, errors=(400, 404, 503)),
        Route(get, "/api/batch", api.get_batch, "What the running activation drew, with verdicts",
              ((200, shapes.BatchAnswer),), query=_ZONE, errors=(400, 404, 503)),
        Route(get, "/api/zones", api.get_zones, "Every zone: what plays, its room, and whom it plays along with",
              ((200, zones.ZonesAnswer),), errors=(503,)),
        Route(get, "/api/rooms", api.get_rooms, "Rooms with palette and counts per tier",
              ((200, shapes.RoomsAnswer),), errors=(503,)),
        Route(get, "/api/rooms/{slug}/pool", api.get_pool, "A room's tracks by tier",
              ((200, shapes.PoolAnswer),), errors=(404, 503)),
        Route(post, "/api/rooms/off", api.rooms_off, "Stop topping up; what plays goes on",
              _DONE, orders.ZoneOrder, errors=_COMMAND),
        Route(post, "/api/rooms/{slug}/activate", api.activate, "Draw and play a batch; again: a fresh one",
              ((200, shapes.ActivateAnswer),), orders.ZoneOrder, errors=_COMMAND),
        Route(post, "/api/player/play", api.play, "Go on playing", _DONE, orders.ZoneOrder, errors=_COMMAND),
        Route(post, "/api/player/pause", api.pause, "Pause", _DONE, orders.ZoneOrder, errors=_COMMAND),
        Route(post, "/api/player/next", api.skip, "Skip, as the listener's own will",
              ((200, shapes.NextAnswer),), orders.NextOrder, errors=_COMMAND),
        Route(post, "/api/player/never_again", api.never_again, "Out of its room for good, and on to the next track",
              ((200, shapes.NeverAgainAnswer),), orders.NextOrder, errors=_COMMAND),
        Route(post, "/api/learning", api.learning, "Learning on or off, for good or for a time",
              ((200, shapes.LearningAnswer),), orders.LearningOrder, errors=(409, 503)),
        Route(get, "/api/receipts", api.get_receipts, "Receipts, newest first",
              ((200, shapes.ReceiptsAnswer),), query=(*_PAGED, *RECEIPT_SEARCH), errors=(400, 404, 503)),
        Route(post, "/api/receipts/{id}/undo", api.undo, "Restore exactly what was before this receipt",
              ((200, shapes.UndoAnswer),), orders.Order, errors=_COMMAND),
        Route(post, "/api/receipts/groups/{group}/undo", past_api.undo_group, "Undo all receipts of one act at once",
              ((200, past.GroupUndoAnswer),), orders.Order, errors=_COMMAND),
        Route(get, "/api/history", api.get_history,
              "Finished listens with verdicts, newest first; after the hub's own those of the imported past",
              ((200, shapes.HistoryAnswer),), query=_PAGED_PAST, errors=(400, 503)),
        Route(post, "/api/history/import", past_api.import_past, "Plays from before the hub, into the history",
              ((200, past.PastImportAnswer),), past.PastOrder, errors=_COMMAND),
        Route(post, "/api/history/warm", past_api.warm, "Let the past change the pools, once per track and room",
              ((200, past.WarmAnswer),), orders.Order, errors=_COMMAND),
        Route(get, "/api/events", api.get_events, "Server-Sent Events: every event, with replay",
              ((200, "text/event-stream"),), query=_LAST_EVENT, errors=(400, 503)),
        Route(post, "/api/pool/import", api.import_pool, "Fill pools from a file's text (CSV or state.json)",
              ((200, shapes.ImportAnswer),), orders.ImportOrder, errors=_COMMAND),
        Route(post, "/api/library/sync", api.sync_library, "Read the songs liked since the last time",
              ((200, shapes.SyncAnswer),), orders.Order, errors=_COMMAND),
        Route(post, "/api/login/paste", api.paste_login, "Finish a login with the address where the browser landed",
              ((200, shapes.PasteAnswer),), orders.PasteOrder, errors=_COMMAND),
        Route(get, "/api/openapi.json", describe, "This description", ((200, shapes.OpenApiAnswer),)),
        Route(get, "/livez", api.livez, "The process is alive", ((200, shapes.LiveAnswer),), is_open=True),
        Route(get, "/readyz", api.readyz, "Login, player, broker, database: 503 while one is down",
              ((200, shapes.ReadyAnswer), (503, shapes.ReadyAnswer)), is_open=True),
        Route(get, "/metrics", api.get_metrics, "Figures for Prometheus", ((200, metrics.CONTENT_TYPE),)),
    )  # fmt: skip


def _mining_routes() -> tuple[Route, ...]:
    get, post = "GET", "POST"
    job = ((200, mining_shapes.JobAnswer),)
    return (
        Route(get, "/api/miners", mining_api.get_miners, "Who can fill rooms, and how they are",
              ((200, mining_shapes.MinersAnswer),)),
        Route(post, "/api/mining/estimate", mining_api.estimate, "What a mining or an audit would take",
              ((200, mining_shapes.EstimateAnswer),), mining_orders.MiningOrderShape, errors=_COMMAND),
        Route(post, "/api/mining/start", mining_api.start, "Begin a mining or an audit",
              job, mining_orders.MiningOrderShape, errors=_COMMAND),
        Route(get, "/api/mining", mining_api.get_job, "How far the last job is", job),
        Route(get, "/api/mining/report", mining_api.get_report, "What the last job found",
              ((200, mining_shapes.ReportAnswer),)),
        Route(post, "/api/mining/cancel", mining_api.cancel, "Stop the job that runs", job, orders.Order,
              errors=_COMMAND),
        Route(post, "/api/mining/apply", mining_api.apply, "Make the held result true", job,
              mining_orders.ApplyOrder, errors=_COMMAND),
        Route(post, "/api/mining/discard", mining_api.discard, "Forget the held result", job, orders.Order,
              errors=_COMMAND),
        Route(post, "/api/mining/undo", mining_api.undo, "Take the last mining back; again: it is back",
              ((200, mining_shapes.UndoneMiningAnswer),), orders.Order, errors=_COMMAND),
        Route(get, "/api/rooms/{slug}/definition", mining_api.get_definition, "A room's words",
              ((200, mining_shapes.DefinitionAnswer),), errors=(404,)),
        Route(post, "/api/rooms/{slug}/definition", mining_api.define, "Give a room other words",
              ((200, mining_shapes.DefinitionAnswer),), mining_orders.DefinitionOrder, errors=_COMMAND),
        Route(post, "/api/rooms/{slug}/move", mining_api.move, "Put a track into a tier by hand",
              ((200, shapes.UndoAnswer),), mining_orders.MoveOrder, errors=_COMMAND),
        Route(get, "/api/rooms/{slug}/keep", mining_api.get_kept, "The tracks that were said to belong in the room",
              ((200, mining_shapes.KeptAnswer),), errors=(404, 503)),
        Route(post, "/api/rooms/{slug}/keep", mining_api.keep, "Remember that tracks belong in the room",
              _DONE, mining_orders.KeepOrder, errors=_COMMAND),
    )  # fmt: skip


def _site_routes() -> tuple[Route, ...]:
    get, post = "GET", "POST"
    return (
        Route(get, "/", site.show_page, "The status page", ((200, _HTML), (303, None)), query=_ZONE,
              errors=(400, 404, 503)),
        Route(get, "/palettes.css", site.show_palettes, "The rooms' colours; strangers get the house's own",
              ((200, "text/css"),), is_open=True),
        Route(get, "/manifest.webmanifest", site.show_manifest, "What makes the page an app of a phone",
              ((200, "application/manifest+json"), (304, None)), is_open=True),
        Route(get, "/static/{name}", site.show_static, "A file of the page", ((200, "*/*"), (304, None)),
              errors=(404,), is_open=True),
        Route(get, "/login", site.begin_login, "On to Spotify's login", ((302, None),),
              query=_ACCOUNT, errors=(400, 404, 409, 503)),
        Route(get, "/callback", site.finish_login, "Where Spotify sends the browser back",
              ((200, _HTML), (303, None)), errors=(400, 409, 503), is_open=True),
        Route(get, "/session", site.show_session, "The password form", ((200, _HTML), (303, None)), is_open=True),
        Route(post, "/session", site.open_session, "Sign in", ((303, None), (401, _HTML), (429, _HTML)),
              ("password",), is_open=True),
        Route(post, "/session/end", site.end_session, "Sign out", _BACK),
        Route(post, "/rooms/off", site.form(site.off_by_form), "Plain form", _BACK, ("zone",), errors=(404,)),
        Route(post, "/rooms/{slug}/activate", site.form(site.activate_by_form), "Plain form", _BACK, ("zone",),
              errors=(404,)),
        Route(post, "/player/play", site.form(site.play_by_form), "Plain form", _BACK, ("zone",),
              errors=(404,)),
        Route(post, "/player/pause", site.form(site.pause_by_form), "Plain form", _BACK, ("zone",),
              errors=(404,)),
        Route(post, "/player/next", site.form(site.skip_by_form), "Plain form", _BACK, ("uri", "zone"),
              errors=(404,)),
        Route(post, "/player/never_again", site.form(site.never_again_by_form), "Plain form", _BACK, ("uri", "zone"),
              errors=(404,)),
        Route(post, "/learning", site.form(site.learning_by_form), "Plain form", _BACK, ("enabled", "for", "zone"),
              errors=(404,)),
        Route(post, "/login/paste", site.form(site.paste_by_form), "Plain form", _BACK, ("url", "zone"),
              errors=(404,)),
    )  # fmt: skip


ROUTES: Final = (*_api_routes(), *_mining_routes(), *PLAYS_ROUTES, *_site_routes(), *PAGE_ROUTES, *CARE_ROUTES)
"""All but the sorter's and the stations'. Fixed paths stand before those with a name in them."""


def all_routes() -> tuple[Route, ...]:
    """Every route, as it is described; this loads what answers the sorter's and the stations'."""
    return (*ROUTES, *sorter_routes(), *station_routes())


def add_routes(app: web.Application) -> None:
    """Serve every route; a GET also answers HEAD."""
    for route in ROUTES:
        _add(app, route.method, route.path, route.handler)
    for method, path, module, name in (*PLACES, *STATION_PLACES):
        _add(app, method, path, late_handler(module, name))


def _add(app: web.Application, method: str, path: str, handler: Handler) -> None:
    app.router.add_route(method, path, handler)
    if method == "GET":
        app.router.add_route("HEAD", path, handler)
