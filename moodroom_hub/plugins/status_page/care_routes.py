"""The routes of what helps: why it is quiet, the first run, the API's own page."""

from typing import Final

from aiohttp import web

from moodroom_hub.core.wire import quiet, shapes
from moodroom_hub.plugins.status_page import api_page, orders, quiet_page, welcome_forms, welcome_page
from moodroom_hub.plugins.status_page.bodies import BODY_LIMIT, FILE_LIMIT
from moodroom_hub.plugins.status_page.forms import FormAction, form_of
from moodroom_hub.plugins.status_page.openapi import Query, Route

_HTML: Final = "text/html"
_BACK: Final = ((303, None),)
_ZONE: Final = (Query("zone", "Which zone; the default one where it is missing."),)
_TOLD: Final = (Query("problem", "A line to show, once."), Query("said", "A line to show, once."))


def _welcome(_: web.Request) -> str:
    return "/welcome"


def _home(_: web.Request) -> str:
    return "/"


def _step(path: str, action: FormAction, *fields: str, limit: int = BODY_LIMIT) -> Route:
    return Route("POST", f"/welcome/{path}", form_of(action, _welcome, limit), "Plain form", _BACK, (*fields, "back"))


CARE_ROUTES: Final = (
    Route("GET", "/api", api_page.show_api, "The API, to be read by people", ((200, _HTML),)),
    Route("GET", "/api/quiet", quiet_page.get_quiet, "Why it is quiet: the first broken link from login to pool",
          ((200, quiet.QuietAnswer),), query=_ZONE, errors=(400, 404, 409, 503)),
    Route("GET", "/api/devices", quiet_page.get_devices, "The devices to play on",
          ((200, quiet.DevicesAnswer),), query=_ZONE, errors=(400, 404, 409, 503)),
    Route("POST", "/api/player/device", quiet_page.wake, "Play on another device",
          ((200, shapes.DoneAnswer),), orders.DeviceOrder, errors=(404, 409, 503)),
    Route("GET", "/quiet", quiet_page.show_quiet, "Why is it quiet? The page", ((200, _HTML),),
          errors=(400, 404, 409, 503), query=(*_ZONE, *_TOLD)),
    Route("GET", "/welcome", welcome_page.show_welcome, "The first run", ((200, _HTML),), errors=(409, 503),
          query=_TOLD),
    Route("POST", "/player/device", form_of(welcome_forms.device_by_form, _home), "Plain form", _BACK,
          ("name", "zone", "back"), errors=(404,)),
    _step("client-id", welcome_forms.client_id_by_form, "client_id"),
    _step("rooms", welcome_forms.rooms_by_form, "own"),
    _step("paste", welcome_forms.paste_by_form, "url"),
    _step("sync", welcome_forms.sync_by_form),
    _step("estimate", welcome_forms.estimate_by_form),
    _step("mine", welcome_forms.mine_by_form, "accepted"),
    _step("pool", welcome_forms.pool_by_form, "text", limit=FILE_LIMIT),
    Route("POST", "/welcome/restart", welcome_forms.restart, "Begin again with what the file says now",
          ((200, _HTML),), (), errors=(409,)),
    Route("POST", "/welcome/later", welcome_forms.dismiss, "Straight to the main page from now on", _BACK, ()),
)  # fmt: skip
