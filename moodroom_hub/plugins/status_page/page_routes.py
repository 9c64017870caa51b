"""The routes of the pages beside the main one: a room's own, the receipts, the history, the plays."""

from typing import Final
from urllib.parse import quote

from aiohttp import web

from moodroom_hub.core.wire import insight
from moodroom_hub.domain.models import ReceiptKind, Tier, VerdictKind
from moodroom_hub.domain.plays.models import DeliveryStatus
from moodroom_hub.plugins.status_page import (
    history_page,
    insight_api,
    plays_forms,
    plays_page,
    receipts_page,
    room_forms,
    room_page,
    statistics_page,
)
from moodroom_hub.plugins.status_page.forms import FormAction, form_of
from moodroom_hub.plugins.status_page.openapi import Query, Route
from moodroom_hub.plugins.status_page.plays_api import MOST_DAYS
from moodroom_hub.plugins.status_page.queries import LONGEST_SEARCH

_HTML: Final = "text/html"
_BACK: Final = ((303, None),)
_SEARCH: Final = Query(
    "q",
    "Words that name, artists or album hold; case and accents aside.",
    (("type", "string"), ("maxLength", LONGEST_SEARCH)),
)
_ROOM: Final = Query("room", "Only this room.")
_KIND: Final = Query("kind", "Only what this made.", (("type", "string"), ("enum", [*ReceiptKind])))
_UNDOABLE: Final = Query("undoable", "`true`: only what was not undone.", (("type", "boolean"),))
RECEIPT_SEARCH: Final = (_SEARCH, _ROOM, _KIND, _UNDOABLE)
_BEFORE: Final = Query("before", "Where the last page ended.", (("type", "integer"),))
_TOLD: Final = (Query("problem", "A line to show, once."), Query("said", "A line to show, once."))


def _home(request: web.Request) -> str:
    return f"/rooms/{quote(request.match_info['slug'], safe='')}"


def _of_room(path: str, action: FormAction, *fields: str) -> Route:
    return Route("POST", f"/rooms/{{slug}}/{path}", form_of(action, _home), "Plain form", _BACK, (*fields, "back"),
                 errors=(404,))  # fmt: skip


def _plays(_: web.Request) -> str:
    return plays_page.PATH


def _of_play(path: str, action: FormAction, *fields: str) -> Route:
    return Route("POST", f"/plays/{{id}}/{path}", form_of(action, _plays), "Plain form", _BACK, (*fields, "back"),
                 errors=(404,))  # fmt: skip


PAGE_ROUTES: Final = (
    Route("GET", "/api/insight", insight_api.get_insight, "What listening taught lately, and a few figures",
          ((200, insight.InsightAnswer),), errors=(400, 503),
          query=(Query("days", "How many days, today included.",
                       (("type", "integer"), ("minimum", 1), ("maximum", insight_api.MOST_DAYS), ("default", 7))),)),
    Route("GET", "/rooms/{slug}", room_page.show_room, "A room's own page", ((200, _HTML),), errors=(400, 404, 503),
          query=(_SEARCH, Query("tier", "Only this tier.", (("type", "string"), ("enum", [*Tier]))),
                 Query("page", "Which page, from 1.", (("type", "integer"), ("minimum", 1))), *_TOLD)),
    Route("GET", "/receipts", receipts_page.show_receipts, "The receipts' page", ((200, _HTML),), errors=(400, 503),
          query=(*RECEIPT_SEARCH, _BEFORE, *_TOLD)),
    Route("GET", "/history", history_page.show_history, "The history's page", ((200, _HTML),), errors=(400, 503),
          query=(_SEARCH, _ROOM, Query("verdict", "Only these.", (("type", "string"), ("enum", [*VerdictKind]))),
                 _BEFORE, *_TOLD)),
    _of_room("switch-on", room_forms.activate_by_form),
    _of_room("move", room_forms.move_by_form, "uri", "tier", "why"),
    _of_room("keep", room_forms.keep_by_form, "uri"),
    _of_room("definition", room_forms.define_by_form, "description", "anchors", "avoid"),
    _of_room("audit", room_forms.audit_by_form, "miner", "accepted"),
    _of_room("mine", room_forms.mine_by_form, "miner", "accepted"),
    _of_room("mining/apply", room_forms.apply_by_form),
    _of_room("mining/discard", room_forms.discard_by_form),
    _of_room("mining/cancel", room_forms.cancel_by_form),
    _of_room("mining/undo", room_forms.unmine_by_form),
    Route("GET", "/plays", plays_page.show_plays, "The plays' page", ((200, _HTML),), errors=(400, 503),
          query=(Query("zone", "Only this zone."),
                 Query("status", "Only with a delivery that stands so.",
                       (("type", "string"), ("enum", [*DeliveryStatus]))),
                 Query("target", "Only meant for this service."),
                 Query("twins", "Also those that another source saw.", (("type", "boolean"),)), _BEFORE, *_TOLD)),
    Route("GET", "/statistics", statistics_page.show_statistics, "What was played most, and when: the page",
          ((200, _HTML),), errors=(400, 503),
          query=(Query("days", "How many days, today included.",
                       (("type", "integer"), ("minimum", 1), ("maximum", MOST_DAYS), ("default", 30))), *_TOLD)),
    Route("POST", "/plays/retry", form_of(plays_forms.retry_all_by_form, _plays), "Plain form", _BACK,
          ("target", "back")),
    _of_play("retry", plays_forms.retry_by_form, "target"),
    _of_play("edit", plays_forms.edit_by_form, "name", "artist", "album"),
    _of_play("leave_out", plays_forms.leave_out_by_form, "target"),
    Route("POST", "/receipts/{id}/undo", form_of(receipts_page.undo_by_form, lambda _: "/"), "Plain form", _BACK,
          ("zone", "back"), errors=(404,)),
    Route("POST", "/receipts/groups/{group}/undo", form_of(receipts_page.undo_group_by_form, lambda _: "/receipts"),
          "Plain form", _BACK, ("back",), errors=(404,)),
)  # fmt: skip
