"""The two middlewares round every handler: failures become answers, and strangers stay outside."""

import logging
import re
from collections.abc import Awaitable, Callable
from typing import Final

from aiohttp import hdrs, web

from moodroom_hub.core.errors import MoodroomError, Trouble
from moodroom_hub.plugins.status_page.bodies import json_answer, see_other
from moodroom_hub.plugins.status_page.deps import CALLER, COOKIE, Caller, Deps, deps_of
from moodroom_hub.plugins.status_page.problems import ApiError, from_status, from_trouble
from moodroom_hub.plugins.status_page.sessions import same_secret

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
OPEN_ROUTES: Final = frozenset(
    {"/livez", "/readyz", "/session", "/callback", "/palettes.css", "/static/{name}", "/manifest.webmanifest"}
)
"""What needs no password: being alive or ready (without reasons), the password form with its light, and Spotify's
answer, which the browser carries here from another site and so without its cookie (its ``state`` protects it)."""

_BEARER: Final = re.compile(r"bearer[ \t]+(.*\S)[ \t]*", re.IGNORECASE)
_HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' https:; connect-src 'self'; "
        "manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Not "no-referrer": that would make browsers send `Origin: null` with the page's own forms.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_log = logging.getLogger(__name__)


async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
    """The headers of every answer."""
    response.headers.update(_HEADERS)
    response.headers["Server"] = "moodroom-hub"
    response.headers.setdefault("Cache-Control", "no-store")


@web.middleware
async def tell_failures(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Every failure as JSON, or as a page where a browser asked for a page; every answer is counted."""
    deps = deps_of(request)
    begun_ms = deps.clock.now_ms()
    try:
        response = await handler(request)
    except ApiError as error:
        response = _failure(request, deps, error)
    except Trouble as trouble:
        response = _failure(request, deps, from_trouble(trouble))
    except MoodroomError as error:
        response = _failure(request, deps, ApiError(503, "unavailable", str(error)))
    except web.HTTPException as error:
        kept = {"Allow": error.headers[hdrs.ALLOW]} if hdrs.ALLOW in error.headers else {}
        response = _failure(request, deps, from_status(error.status, kept))
    except Exception as error:
        if request.transport is None:
            raise
        # Neither path nor query: they may hold an answer of a login.
        _log.error("%s %s failed", request.method, _route(request), exc_info=error)
        response = _failure(request, deps, ApiError(500, "internal", "the hub met a fault of its own; see its log"))
    seconds = None if response.content_type == "text/event-stream" else (deps.clock.now_ms() - begun_ms) / 1000
    deps.metrics.answered(request.method, _route(request), response.status, seconds)
    return response


@web.middleware
async def keep_strangers_out(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Host, then identity, then origin."""
    deps = deps_of(request)
    host = _one_host(request)
    if host is None or not deps.addresses.allows_host(host, _local_address(request)):
        raise ApiError(
            403,
            "host_not_allowed",
            "the hub does not answer under this host name; if it is yours, add it to web.trusted_hosts",
        )
    caller = _identify(request, deps)
    request[CALLER] = caller
    if deps.secrets.password is not None and caller is Caller.STRANGER and _route(request) not in OPEN_ROUTES:
        if wants_page(request) and request.method in SAFE_METHODS:
            return see_other("/session")
        raise ApiError(
            401,
            "unauthorized",
            "sign in at /session, or send the password or the token of the file api-token as a bearer token",
            headers={"WWW-Authenticate": "Bearer"},
        )
    if request.method not in SAFE_METHODS and caller is not Caller.BEARER:
        origins = request.headers.getall(hdrs.ORIGIN, [])
        if len(origins) != 1 or not deps.addresses.allows_origin(origins[0], request.scheme, host):
            raise ApiError(
                403,
                "origin_not_allowed",
                "changes are taken from the hub's own page (same Origin) or with a bearer token; "
                "behind a proxy set web.base_url",
            )
    return await handler(request)


def wants_page(request: web.Request) -> bool:
    """Does a browser want something to look at here, rather than a program something to read?"""
    return not request.path.startswith("/api/") and "text/html" in request.headers.get(hdrs.ACCEPT, "")


def check_password(request: web.Request, deps: Deps, given: str) -> bool:
    """Is ``given`` the password? Counts wrong tries. Raises ``ApiError`` (429) where somebody must wait."""
    address = request.remote or "unknown"
    wait_s = deps.throttle.wait_s(address)
    if wait_s > 0:
        deps.refusals.note("too_many_tries", address, deps.clock.now_ms())
        raise ApiError(429, "too_many_tries", "too many wrong passwords; wait a little", retry_after_s=wait_s)
    if deps.secrets.password is not None and same_secret(given, deps.secrets.password):
        deps.throttle.succeeded(address)
        return True
    deps.throttle.failed(address)
    deps.refusals.note("wrong_password", address, deps.clock.now_ms())
    return False


def _identify(request: web.Request, deps: Deps) -> Caller:
    given = request.headers.getall(hdrs.AUTHORIZATION, [])
    bearer = _BEARER.fullmatch(given[0]) if len(given) == 1 else None
    if bearer is not None:
        token = deps.secrets.api_token
        # The token first: it cannot be guessed, so scripts go on while somebody guesses at the password.
        if (token is not None and same_secret(bearer[1], token)) or check_password(request, deps, bearer[1]):
            return Caller.BEARER
        raise ApiError(
            401,
            "unauthorized",
            "the bearer token is wrong",
            headers={"WWW-Authenticate": 'Bearer error="invalid_token"'},
        )
    session = request.cookies.get(COOKIE)
    return Caller.SESSION if session and deps.sessions.use(session) else Caller.STRANGER


def _failure(request: web.Request, deps: Deps, error: ApiError) -> web.Response:
    deps.refusals.note(error.code, request.remote or "nobody", deps.clock.now_ms())
    if wants_page(request):
        response = deps.pages.problem(error.status, error.message)
    else:
        response = json_answer(error.body(), error.status)
    response.headers.update(error.headers)
    return response


def _route(request: web.Request) -> str:
    resource = request.match_info.route.resource
    return resource.canonical if resource is not None else "unmatched"


def _one_host(request: web.Request) -> str | None:
    given = request.headers.getall(hdrs.HOST, [])
    return given[0] if len(given) == 1 and request.raw_path.startswith("/") else None


def _local_address(request: web.Request) -> str | None:
    name = request.transport.get_extra_info("sockname") if request.transport else None
    return str(name[0]) if isinstance(name, tuple) and name else None
