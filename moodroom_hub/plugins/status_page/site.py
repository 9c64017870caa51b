"""The handlers of what a browser opens: the page, its plain forms, the password form, the Spotify login."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final
from urllib.parse import quote

from aiohttp import web

from moodroom_hub.core.errors import MoodroomError, Trouble, TroubleCode
from moodroom_hub.core.wire import views
from moodroom_hub.core.wire.shapes import StateAnswer
from moodroom_hub.domain.models import Uri, ZoneName
from moodroom_hub.domain.stations.models import Station, StationKey, VoteRule
from moodroom_hub.plugins.status_page import orders
from moodroom_hub.plugins.status_page.api import set_learning, state_answer
from moodroom_hub.plugins.status_page.bodies import query_value, read_body, read_form, see_other, validate
from moodroom_hub.plugins.status_page.deps import CALLER, COOKIE, Caller, Deps, deps_of
from moodroom_hub.plugins.status_page.forms import room_of
from moodroom_hub.plugins.status_page.guard import check_password
from moodroom_hub.plugins.status_page.pages import IN_PLACE, packed
from moodroom_hub.plugins.status_page.palettes import palette_css
from moodroom_hub.plugins.status_page.problems import ApiError, not_found
from moodroom_hub.plugins.status_page.queries import address
from moodroom_hub.plugins.status_page.sessions import SESSION_S
from moodroom_hub.plugins.status_page.sharing import ASKS
from moodroom_hub.plugins.status_page.trouble_lines import trouble_lines
from moodroom_hub.plugins.status_page.welcome_page import shall_welcome
from moodroom_hub.plugins.status_page.zone_row import home_of, is_unseen, offer_of, zone_lines

FormAction = Callable[[web.Request, Deps, dict[str, str]], Awaitable[None]]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

RECEIPTS_SHOWN: Final = 6
"""On the main page; the others stand on their own."""
LIKED_FROM: Final = 0.8
"""With the rule ``share`` less of a track is a dislike."""


async def show_page(request: web.Request) -> web.Response:
    """``GET /``: the page, or the way to the first run where nothing is set up."""
    deps = deps_of(request)
    if ASKS not in request.headers:
        return await _page(request, deps)
    key = (deps.hub.last_event_id, request[CALLER], request.path_qs)
    return await deps.pages.sharing.answer(request, key, partial(_page, request, deps))


async def _page(request: web.Request, deps: Deps) -> web.Response:
    zone = await deps.zone(query_value(request, "zone"))
    view = await deps.hub.state(zone)
    if await shall_welcome(request, deps, view):
        return see_other("/welcome")
    state = await state_answer(deps, zone)
    rooms = [views.room(each) for each in await deps.hub.room_views()]
    zones = zone_lines(await deps.hub.zone_views(), view.zone) if len(view.zones) > 1 else []
    artwork = state.now_playing.artwork_url if state.now_playing else None
    back_at_ms = view.learning_back_at_ms
    key = state.active_station or (state.now_playing.station if state.now_playing else None)
    station = None if key is None else deps.hub.stations.get(StationKey(key))
    return deps.pages.render(
        "page.html",
        light=state.active_room or (station and station.room in deps.hub.rooms and station.room) or "",
        place="now",
        state=state,
        batch=views.batch(await deps.hub.batch(zone)),
        rooms=rooms,
        zone=zone,
        home=home_of(zone),
        zones=zones,
        zone_names={each.zone: each.label for each in zones},
        room_names={room.slug: room.name for room in rooms},
        # Only https: what a title's picture may point at is as hostile as the title.
        artwork_url=artwork if artwork and artwork.startswith("https://") else None,
        learning_back_at=None if back_at_ms is None else views.moment(back_at_ms),
        login_reason=view.login.reason,
        is_unseen=is_unseen(view.troubles),
        trouble_lines=await trouble_lines(deps, view, zone),
        station=station,
        skip_threshold_ms=_skip_threshold_ms(deps, station, state),
        receipts_shown=RECEIPTS_SHOWN,
        has_backdrop=deps.has_backdrop,
        rate=round(1 / max(deps.clock.real_seconds(1000), 1e-6), 3),
        notice=deps.notices.take(query_value(request, "problem")),
        can_sign_out=request[CALLER] is Caller.SESSION,
    )


def _skip_threshold_ms(deps: Deps, station: Station | None, state: StateAnswer) -> int:
    """Until when a skip would count against what plays."""
    duration_ms = state.now_playing.duration_ms if state.now_playing and state.now_playing.station else None
    if station is None or station.tuning.rule is not VoteRule.SHARE or duration_ms is None:
        return deps.skip_threshold_ms
    return round(duration_ms * LIKED_FROM)


async def show_palettes(request: web.Request) -> web.Response:
    """``GET /palettes.css``: every page stands in its light. A stranger sees the house's own, and no room's name."""
    deps = deps_of(request)
    is_stranger = deps.secrets.password is not None and request[CALLER] is Caller.STRANGER
    body = palette_css({} if is_stranger else deps.hub.rooms).encode()
    return packed(web.Response(body=body, content_type="text/css", charset="utf-8", zlib_executor_size=IN_PLACE))


async def show_static(request: web.Request) -> web.Response:
    """``GET /static/{name}``: only names of the folder's own files, so no path can lead elsewhere."""
    try:
        return deps_of(request).pages.static_answer(request.match_info["name"], request)
    except KeyError:
        raise not_found("file") from None


async def show_manifest(request: web.Request) -> web.Response:
    """``GET /manifest.webmanifest``."""
    return deps_of(request).pages.static_answer("manifest.webmanifest", request)


def form(action: FormAction) -> Handler:
    """A plain form: carry ``action`` out and send the browser back to the page (of the zone that the form's field
    ``zone`` names), which shows what went wrong."""

    async def handle(request: web.Request) -> web.StreamResponse:
        deps = deps_of(request)
        fields = await read_form(request)
        zone = await _zone(deps, fields)
        try:
            await action(request, deps, fields)
        except Trouble as trouble:
            if trouble.code is TroubleCode.SUPERSEDED:  # whoever gave the newer order is told of that one
                return see_other(home_of(zone))
            offer = await offer_of(deps, trouble, room_of(request, deps))
            return see_other(address("/", zone=zone, problem=deps.notices.keep(trouble.message, offer)))
        except MoodroomError as error:
            return see_other(address("/", zone=zone, problem=deps.notices.keep(str(error))))
        return see_other(home_of(zone))

    return handle


async def activate_by_form(request: web.Request, deps: Deps, fields: dict[str, str]) -> None:
    """``POST /rooms/{slug}/activate``."""
    await deps.commands.run(deps.hub.activate(deps.room(request.match_info["slug"]), await _zone(deps, fields)))


async def off_by_form(_: web.Request, deps: Deps, fields: dict[str, str]) -> None:
    """``POST /rooms/off``."""
    await deps.commands.run(deps.hub.rooms_off(await _zone(deps, fields)))


async def play_by_form(_: web.Request, deps: Deps, fields: dict[str, str]) -> None:
    """``POST /player/play``."""
    await deps.commands.run(deps.hub.play(await _zone(deps, fields)))


async def pause_by_form(_: web.Request, deps: Deps, fields: dict[str, str]) -> None:
    """``POST /player/pause``."""
    await deps.commands.run(deps.hub.pause(await _zone(deps, fields)))


async def skip_by_form(_: web.Request, deps: Deps, fields: dict[str, str]) -> None:
    """``POST /player/next``: skips the track that the page showed, or nothing."""
    order = validate(orders.NextOrder, {"uri": fields.get("uri") or None})
    await deps.commands.run(deps.hub.next(Uri(order.uri) if order.uri else None, await _zone(deps, fields)))


async def never_again_by_form(_: web.Request, deps: Deps, fields: dict[str, str]) -> None:
    """``POST /player/never_again``: the track that the page showed, or none."""
    order = validate(orders.NextOrder, {"uri": fields.get("uri") or None})
    await deps.commands.run(deps.hub.never_again(Uri(order.uri) if order.uri else None, await _zone(deps, fields)))


async def learning_by_form(_: web.Request, deps: Deps, fields: dict[str, str]) -> None:
    """``POST /learning``: ``enabled`` is ``true`` or ``false``, ``for`` a duration or empty."""
    is_on = {"true": True, "false": False}.get(fields.get("enabled", ""))
    await set_learning(deps, validate(orders.LearningOrder, {"enabled": is_on, "for": fields.get("for") or None}))


async def paste_by_form(_: web.Request, deps: Deps, fields: dict[str, str]) -> None:
    """``POST /login/paste``: finish a login whose browser landed on an address that it could not open."""
    order = validate(orders.PasteOrder, {"url": fields.get("url", "").strip()})
    await deps.commands.run(deps.account(None).finish_login(order.url))


async def show_session(request: web.Request) -> web.Response:
    """``GET /session``: the password form."""
    deps = deps_of(request)
    if request[CALLER] is Caller.SESSION:
        return see_other("/")
    return _session_form(deps)


async def open_session(request: web.Request) -> web.Response:
    """``POST /session``: sign in."""
    deps = deps_of(request)
    fields = await read_form(request)
    if deps.secrets.password is None:
        return see_other("/")
    try:
        is_right = check_password(request, deps, fields.get("password", ""))
    except ApiError as error:
        response = _session_form(deps, f"{error.message} ({error.retry_after} s)", error.status)
        response.headers.update(error.headers)
        return response
    if not is_right:
        return _session_form(deps, "That is not the password.", 401)
    response = see_other("/")
    response.set_cookie(
        COOKIE,
        deps.sessions.open(),
        max_age=SESSION_S,
        path="/",
        httponly=True,
        samesite="Strict",
        secure=deps.is_https,
    )
    return response


async def end_session(request: web.Request) -> web.Response:
    """``POST /session/end``: sign out."""
    deps = deps_of(request)
    await read_body(request)
    token = request.cookies.get(COOKIE)
    if token:
        deps.sessions.close(token)
    response = see_other("/session")
    response.del_cookie(COOKIE, path="/", httponly=True, samesite="Strict", secure=deps.is_https)
    return response


async def begin_login(request: web.Request) -> web.Response:
    """``GET /login``: on to the service's own login."""
    deps = deps_of(request)
    if request.method == "HEAD":  # a look must not begin anything
        return web.Response(content_type="text/html")
    account = deps.account(query_value(request, "account"))
    address = await account.begin_login(deps.callback_url(request))
    return web.Response(status=302, headers={"Location": quote(address, safe=_URL_CHARACTERS)})


async def finish_login(request: web.Request) -> web.Response:
    """``GET /callback``: the service sent the browser back."""
    deps = deps_of(request)
    if request.method == "HEAD":
        return web.Response(content_type="text/html")
    account = deps.account(None)
    answer = f"{deps.callback_url(request)}?{request.rel_url.raw_query_string}"
    await deps.commands.run(account.finish_login(answer))
    if deps.secrets.password is not None and request[CALLER] is Caller.STRANGER:
        # The browser comes from another site and so without its cookie; a redirect would stay without it.
        return deps.pages.render("logged_in.html")
    return see_other("/")


async def _zone(deps: Deps, fields: dict[str, str]) -> ZoneName | None:
    return await deps.zone(fields.get("zone") or None)


def _session_form(deps: Deps, problem: str = "", status: int = 200) -> web.Response:
    has_password = deps.secrets.password is not None
    return deps.pages.render("session.html", status, problem=problem, has_password=has_password)


_URL_CHARACTERS: Final = "%:/?#[]@!$&'()*+,;=-._~"
