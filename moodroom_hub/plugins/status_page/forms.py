"""Plain forms of the pages: carry the order out, and go back to where the form stood, which shows what came of it."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

from aiohttp import web

from moodroom_hub.core.errors import MoodroomError, Trouble
from moodroom_hub.plugins.status_page.bodies import BODY_LIMIT, query_value, read_form, see_other
from moodroom_hub.plugins.status_page.deps import Deps, deps_of
from moodroom_hub.plugins.status_page.problems import ApiError
from moodroom_hub.plugins.status_page.queries import own_page

Fields: TypeAlias = dict[str, str]
FormAction = Callable[[web.Request, Deps, Fields], Awaitable[str | None]]
"""Carries a form out; gives one line for the person, or nothing. Raises ``MoodroomError`` or ``ApiError``."""
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Home = Callable[[web.Request], str]


def form_of(action: FormAction, home: Home, limit: int = BODY_LIMIT) -> Handler:
    """The handler of a form whose field ``back`` names the page where it stood; ``home(request)`` without one.

    ``limit``: the most bytes of its body. What the form itself got wrong is told there, too; what it may not do at
    all (404, 413 ...) is not.
    """

    async def handle(request: web.Request) -> web.StreamResponse:
        deps = deps_of(request)
        fields = await read_form(request, limit)
        back = own_page(fields.get("back"), home(request))
        try:
            told = await action(request, deps, fields)
        except ApiError as error:
            if error.status != 400:
                raise
            return _back(deps, back, "problem", error.message)
        except Trouble as trouble:
            return _back(deps, back, "problem", trouble.message)
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


def _back(deps: Deps, back: str, name: str, line: str) -> web.Response:
    page, mark, place = back.partition("#")
    sign = "&" if "?" in page else "?"
    return see_other(f"{page}{sign}{name}={deps.notices.keep(line)}{mark}{place}")
