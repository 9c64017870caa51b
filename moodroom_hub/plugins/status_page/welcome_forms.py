"""The forms of the first run: each writes the one configuration file, or asks the hub for the next step."""

from typing import Final

from aiohttp import web

from moodroom_hub.core.miners import MiningOrder
from moodroom_hub.core.wire.views import moment
from moodroom_hub.plugins.status_page import orders
from moodroom_hub.plugins.status_page.bodies import read_form, see_other, validate
from moodroom_hub.plugins.status_page.deps import Deps, deps_of
from moodroom_hub.plugins.status_page.forms import Fields
from moodroom_hub.plugins.status_page.problems import ApiError, bad_request
from moodroom_hub.plugins.status_page.welcome_page import LATER, may_write

LATER_S: Final = 365 * 86_400
_ROOM: Final = "room-"


async def client_id_by_form(request: web.Request, deps: Deps, fields: Fields) -> str | None:
    """``POST /welcome/client-id``: into ``plugins.spotify.client_id`` of the owner's file."""
    _need_owner(request, deps)
    given = fields.get("client_id", "").strip()
    if not given:
        raise bad_request("paste the Client ID of your app: 32 letters and digits")
    await deps.commands.run(deps.hub.setup.set_plugin_value("spotify", "client_id", given))
    return "The client id is written down. The hub takes it with its next start."


async def rooms_by_form(request: web.Request, deps: Deps, fields: Fields) -> str | None:
    """``POST /welcome/rooms``: which rooms there are; pools of those that go stay in the database."""
    _need_owner(request, deps)
    keep = [name.removeprefix(_ROOM) for name, value in fields.items() if name.startswith(_ROOM) and value]
    own = [line.strip() for line in fields.get("own", "").splitlines() if line.strip()]
    await deps.commands.run(deps.hub.setup.set_rooms(keep, own))
    return "The rooms are written down. They count from the next start on."


async def restart(request: web.Request) -> web.Response:
    """``POST /welcome/restart``: begin again with what the file says now; the page waits and comes back."""
    deps = deps_of(request)
    await read_form(request)
    _need_owner(request, deps)
    await deps.hub.setup.restart()
    return deps.pages.render("restarting.html", started_at=moment(deps.hub.started_at_ms))


async def paste_by_form(_: web.Request, deps: Deps, fields: Fields) -> str | None:
    """``POST /welcome/paste``: finish a login whose browser landed on an address that it could not open."""
    order = validate(orders.PasteOrder, {"url": fields.get("url", "").strip()})
    await deps.commands.run(deps.account(None).finish_login(order.url))
    return "Logged in."


async def sync_by_form(_: web.Request, deps: Deps, __: Fields) -> str | None:
    """``POST /welcome/sync``: read the liked songs, behind the page's back."""
    deps.commands.begin(deps.first_run.read_library(deps.hub, deps.clock))
    return None


async def estimate_by_form(_: web.Request, deps: Deps, __: Fields) -> str | None:
    """``POST /welcome/estimate``: what mining all rooms would take."""
    deps.first_run.estimate = await deps.commands.run(deps.hub.mining.estimate(MiningOrder()))
    return None


async def mine_by_form(_: web.Request, deps: Deps, fields: Fields) -> str | None:
    """``POST /welcome/mine``: sort the liked songs into all rooms; ``accepted`` says yes to what it costs."""
    order = MiningOrder(is_accepted=fields.get("accepted") == "yes")
    await deps.commands.run(deps.hub.mining.start(order))
    return None


async def pool_by_form(_: web.Request, deps: Deps, fields: Fields) -> str | None:
    """``POST /welcome/pool``: fill rooms from a file's text instead."""
    text = fields.get("text", "")
    if not text.strip():
        raise bad_request("paste the file's text first: rows of room,tier,name,artist,uri,isrc")
    form = "state" if text.lstrip().startswith("{") else "csv"
    order = validate(orders.ImportOrder, {"format": form, "text": text})
    report = await deps.commands.run(deps.hub.import_pool(order.text, order.format))
    aside = len(report.unresolved) + len(report.problems)
    told = f"{report.added} tracks came in, {report.changed} changed, {report.kept} stayed as listening taught"
    first = (*report.problems, *report.unresolved)[:1]
    return f"{told}; {aside} set aside, the first: {first[0]}" if first else f"{told}."


async def dismiss(request: web.Request) -> web.Response:
    """``POST /welcome/later``: this browser goes straight to the main page from now on."""
    deps = deps_of(request)
    await read_form(request)
    response = see_other("/")
    response.set_cookie(
        LATER, "later", max_age=LATER_S, path="/", httponly=True, samesite="Strict", secure=deps.is_https
    )
    return response


async def device_by_form(_: web.Request, deps: Deps, fields: Fields) -> str | None:
    """``POST /player/device``: play on another device."""
    order = validate(orders.DeviceOrder, {"device": fields.get("name", "")})
    await deps.commands.run(deps.hub.wake(order.device, await deps.zone(fields.get("zone") or None)))
    deps.device_list.forget()
    return f"{order.device} is the device to play on now. Switch a room on, or press play."


def _need_owner(request: web.Request, deps: Deps) -> None:
    if not may_write(request, deps):
        raise ApiError(
            403,
            "owner_only",
            "the configuration is only written for the owner: open the page on this machine itself "
            "(http://127.0.0.1), or set web.password and sign in",
        )
