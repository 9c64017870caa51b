"""Where the stations' calls and pages are. What answers them is loaded when the first of them is asked for: a hub
whose owner plays no station does without it."""

from typing import Final

from moodroom_hub.core.errors import Trouble
from moodroom_hub.core.face import HubFace
from moodroom_hub.plugins.status_page.openapi import Route

_API, _PAGE, _FORMS = "station_api", "station_page", "station_forms"

STATION_PLACES: Final = (
    ("GET", "/api/stations", _API, "get_stations"),
    ("POST", "/api/stations", _API, "new"),
    ("GET", "/api/stations/job", _API, "get_job"),
    ("POST", "/api/stations/import", _API, "import_card"),
    ("POST", "/api/stations/refill", _API, "refill"),
    ("POST", "/api/stations/train", _API, "train"),
    ("POST", "/api/stations/cancel", _API, "cancel"),
    ("GET", "/api/stations/{id}", _API, "get_station"),
    ("GET", "/api/stations/{id}/card", _API, "get_card"),
    ("POST", "/api/stations/{id}/next", _API, "following"),
    ("POST", "/api/stations/{id}/play", _API, "play"),
    ("POST", "/api/stations/{id}/tune", _API, "tune"),
    ("POST", "/api/stations/{id}/vote", _API, "vote"),
    ("POST", "/api/stations/{id}/take_back", _API, "take_back"),
    ("POST", "/api/stations/{id}/clear", _API, "clear"),
    ("POST", "/api/stations/{id}/rename", _API, "rename"),
    ("POST", "/api/stations/{id}/remove", _API, "remove"),
    ("GET", "/stations", _PAGE, "show_stations"),
    ("GET", "/stations/{id}", _PAGE, "show_station"),
    ("POST", "/stations/new", _FORMS, "new"),
    ("POST", "/stations/import", _FORMS, "import_card"),
    ("POST", "/stations/refill", _FORMS, "refill"),
    ("POST", "/stations/train", _FORMS, "train"),
    ("POST", "/stations/cancel", _FORMS, "cancel"),
    ("POST", "/stations/{id}/play", _FORMS, "play"),
    ("POST", "/stations/{id}/tune", _FORMS, "tune"),
    ("POST", "/stations/{id}/vote", _FORMS, "vote"),
    ("POST", "/stations/{id}/take_back", _FORMS, "take_back"),
    ("POST", "/stations/{id}/clear", _FORMS, "clear"),
    ("POST", "/stations/{id}/rename", _FORMS, "rename"),
    ("POST", "/stations/{id}/remove", _FORMS, "remove"),
)
"""Method, path, module, handler. Fixed paths stand before those with a name in them."""


def has_radio(hub: HubFace) -> bool:
    """Whether there is anything that the stations' pages could show."""
    try:
        _ = hub.radio
    except Trouble:
        return False
    return True


def station_at(module: str, name: str) -> tuple[str, str]:
    """The method and path of a handler."""
    return next((method, path) for method, path, where, what in STATION_PLACES if (where, what) == (module, name))


def station_routes() -> tuple[Route, ...]:
    """All of them, as they are described."""
    from moodroom_hub.plugins.status_page.station_api import API_ROUTES
    from moodroom_hub.plugins.status_page.station_forms import FORM_ROUTES
    from moodroom_hub.plugins.status_page.station_page import PAGE_ROUTES

    return (*API_ROUTES, *PAGE_ROUTES, *FORM_ROUTES)
