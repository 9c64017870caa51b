"""Where the sorter's calls and pages are. What answers them is loaded when the first of them is asked for: a hub
whose owner sorts nothing does without it."""

from importlib import import_module
from typing import Final

from aiohttp import web

from moodroom_hub.core.errors import Trouble
from moodroom_hub.core.face import HubFace
from moodroom_hub.plugins.status_page.openapi import Handler, Route

_PACKAGE: Final = "moodroom_hub.plugins.status_page"
_API, _PAGE, _FORMS = "sorter_api", "sorter_page", "sorter_forms"

PLACES: Final = (
    ("GET", "/api/sorter", _API, "get_sorter"),
    ("GET", "/api/sorter/job", _API, "get_job"),
    ("POST", "/api/sorter/train", _API, "train"),
    ("POST", "/api/sorter/apply", _API, "apply"),
    ("POST", "/api/sorter/rollback", _API, "rollback"),
    ("POST", "/api/sorter/sync", _API, "sync"),
    ("POST", "/api/sorter/cancel", _API, "cancel"),
    ("GET", "/api/sorter/{layer}/question", _API, "get_question"),
    ("POST", "/api/sorter/{layer}/answer", _API, "answer"),
    ("POST", "/api/sorter/{layer}/skip", _API, "skip"),
    ("POST", "/api/sorter/{layer}/take_back", _API, "take_back"),
    ("GET", "/api/sorter/{layer}/places", _API, "get_places"),
    ("POST", "/api/sorter/{layer}/move", _API, "move"),
    ("GET", "/api/sorter/{layer}/preview", _API, "get_preview"),
    ("GET", "/api/sorter/{layer}/history", _API, "get_history"),
    ("GET", "/sorter", _PAGE, "show_sorter"),
    ("GET", "/sorter/{layer}", _PAGE, "show_question"),
    ("GET", "/sorter/{layer}/review", _PAGE, "show_review"),
    ("GET", "/sorter/{layer}/preview", _PAGE, "show_preview"),
    ("POST", "/sorter/train", _FORMS, "train"),
    ("POST", "/sorter/apply", _FORMS, "apply"),
    ("POST", "/sorter/rollback", _FORMS, "rollback"),
    ("POST", "/sorter/sync", _FORMS, "sync"),
    ("POST", "/sorter/cancel", _FORMS, "cancel"),
    ("POST", "/sorter/{layer}/answer", _FORMS, "answer"),
    ("POST", "/sorter/{layer}/skip", _FORMS, "skip"),
    ("POST", "/sorter/{layer}/take_back", _FORMS, "take_back"),
    ("POST", "/sorter/{layer}/move", _FORMS, "move"),
)
"""Method, path, module, handler. Fixed paths stand before those with a name in them."""


def has_layers(hub: HubFace) -> bool:
    """Whether there is anything that the sorter's pages could show."""
    try:
        return bool(hub.sorter.layers())
    except Trouble:
        return False


def at(module: str, name: str) -> tuple[str, str]:
    """The method and path of a handler."""
    return next((method, path) for method, path, where, what in PLACES if (where, what) == (module, name))


def late_handler(module: str, name: str) -> Handler:
    """The handler of that name, loaded when it is first asked."""

    async def handle(request: web.Request) -> web.StreamResponse:
        handler: Handler = getattr(import_module(f"{_PACKAGE}.{module}"), name)
        return await handler(request)

    return handle


def sorter_routes() -> tuple[Route, ...]:
    """All of them, as they are described."""
    from moodroom_hub.plugins.status_page.sorter_api import API_ROUTES
    from moodroom_hub.plugins.status_page.sorter_forms import FORM_ROUTES
    from moodroom_hub.plugins.status_page.sorter_page import PAGE_ROUTES

    return (*API_ROUTES, *PAGE_ROUTES, *FORM_ROUTES)
