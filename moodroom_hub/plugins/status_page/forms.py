"""Plain forms of the pages: carry the order out, and go back to where the form stood, which shows what came of it."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

from aiohttp import web

from moodroom_hub.core.errors import MoodroomError, Trouble
from moodroom_hub.domain.models import RoomSlug
from moodroom_hub.plugins.status_page.bodies import BODY_LIMIT, MOST_FIELDS, query_value, read_form, see_other
from moodroom_hub.plugins.status_page.deps import Deps, deps_of
from moodroom_hub.plugins.status_page.pages import Offer
from moodroom_hub.plugins.status_page.problems import ApiError
from moodroom_hub.plugins.status_page.queries import own_page
from moodroom_hub.plugins.status_page.zone_row import home_of, offer_of

Fields: TypeAlias = dict[str, str]
FormAction = Callable[[web.Request, Deps, Fields], Awaitable[str | None]]
"""Carries a form out; gives one line for the person, or nothing. Raises ``MoodroomError`` or ``ApiError``."""
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Home = Callable[[web.Request], str]


def form_of(action: FormAction, home: Home, limit: int = BODY_LIMIT, *, most_fields: int = MOST_FIELDS) -> Handler:
    """The handler of a form whose field ``back`` names the page where it stood; ``home(request)`` without one.

    ``limit``: the most bytes of its body; ``most_fields``: the most fields. What the form itself got wrong is told
    there, too; what it may not do at all (404, 413 ...) is not.
    """

    async def handle(request: web.Request) -> web.StreamResponse:
        deps = deps_of(request)
        fields = await read_form(request, limit, most_fields)
        back = own_page(fields.get("back"), _fallback(request, deps, fields, home))
        try:
            told = await action(request, deps, fields)
        except ApiError as error:
            if error.status != 400:
                raise
            return _back(deps, back, "problem", error.message)
        except Trouble as trouble:
            offer = await offer_of(deps, trouble, room_of(request, deps))
            return _back(deps, back, "problem", trouble.message, offer)
        except MoodroomError as error:
            return _back(deps, back, "problem", str(error))
        # Only a page that names itself shows what was done; the main one shows it by itself.
        return _back(deps, back, "said", told) if told and "back" in fields else see_other(back)

    return handle


def told_before(request: web.Request) -> dict[str, Any]:
    """The lines that a form left for this page: ``notice`` (what went wrong) and ``said`` (what was done)."""
    deps = deps_of(request)
    return {
        "notice": deps.notices.take(query_value(request, "problem")),
        "said": deps.notices.take(query_value(request, "said")),
    }


def _fallback(request: web.Request, deps: Deps, fields: Fields, home: Home) -> str:
    """Where a form without ``back`` stood; on the main page that is its zone's."""
    where, zone = home(request), fields.get("zone")
    return home_of(zone) if where == "/" and zone in deps.hub.zones else where


def room_of(request: web.Request, deps: Deps) -> RoomSlug | None:
    """The room that the form's path names, if it names one of the hub's."""
    slug = RoomSlug(request.match_info.get("slug", ""))
    return slug if slug in deps.hub.rooms else None


def _back(deps: Deps, back: str, name: str, line: str, offer: Offer | None = None) -> web.Response:
    page, mark, place = back.partition("#")
    sign = "&" if "?" in page else "?"
    return see_other(f"{page}{sign}{name}={deps.notices.keep(line, offer)}{mark}{place}")
