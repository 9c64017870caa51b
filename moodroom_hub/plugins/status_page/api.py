"""The handlers of the API."""

from collections.abc import Sequence

from aiohttp import web

from moodroom_hub.core.face import ReceiptView
from moodroom_hub.core.ports import CheckLevel
from moodroom_hub.core.wire import shapes, views, zones
from moodroom_hub.domain.models import DurationMs, Uri, ZoneName
from moodroom_hub.plugins.status_page import metrics, orders
from moodroom_hub.plugins.status_page.bodies import (
    FILE_LIMIT,
    LARGEST_ID,
    LEAST_ID,
    json_answer,
    paging,
    query_value,
    read_order,
    whole_number,
)
from moodroom_hub.plugins.status_page.deps import CALLER, COOKIE, Caller, Deps, deps_of
from moodroom_hub.plugins.status_page.problems import ApiError, not_found
from moodroom_hub.plugins.status_page.queries import receipt_search

NEWEST = 20
"""Receipts in the state."""


async def state_answer(deps: Deps, zone: ZoneName | None) -> shapes.StateAnswer:
    """The state of ``zone`` in the API's shape."""
    view = await deps.hub.state(zone)
    newest: Sequence[ReceiptView] = await deps.hub.receipts(NEWEST)
    return views.state(view, newest[:NEWEST], deps.clock.now_ms())


async def get_state(request: web.Request) -> web.Response:
    """``GET /api/state``."""
    deps = deps_of(request)
    return json_answer(await state_answer(deps, await deps.zone(query_value(request, "zone"))))


async def get_zones(request: web.Request) -> web.Response:
    """``GET /api/zones``."""
    deps = deps_of(request)
    return json_answer(zones.zones(await deps.hub.zone_views(), deps.clock.now_ms()))


async def get_batch(request: web.Request) -> web.Response:
    """``GET /api/batch``."""
    deps = deps_of(request)
    return json_answer(views.batch(await deps.hub.batch(await deps.zone(query_value(request, "zone")))))


async def get_rooms(request: web.Request) -> web.Response:
    """``GET /api/rooms``."""
    rooms = await deps_of(request).hub.room_views()
    return json_answer(shapes.RoomsAnswer(rooms=[views.room(each) for each in rooms]))


async def get_pool(request: web.Request) -> web.Response:
    """``GET /api/rooms/{slug}/pool``."""
    deps = deps_of(request)
    room = deps.room(request.match_info["slug"])
    return json_answer(views.pool(room, await deps.hub.pool(room)))


async def activate(request: web.Request) -> web.Response:
    """``POST /api/rooms/{slug}/activate``."""
    deps = deps_of(request)
    room = deps.room(request.match_info["slug"])
    zone = await deps.zone((await read_order(request, orders.ZoneOrder)).zone)
    return json_answer(views.activation(await deps.commands.run(deps.hub.activate(room, zone))))


async def rooms_off(request: web.Request) -> web.Response:
    """``POST /api/rooms/off``."""
    deps = deps_of(request)
    zone = await deps.zone((await read_order(request, orders.ZoneOrder)).zone)
    await deps.commands.run(deps.hub.rooms_off(zone))
    return json_answer(shapes.DoneAnswer(ok=True))


async def play(request: web.Request) -> web.Response:
    """``POST /api/player/play``."""
    deps = deps_of(request)
    zone = await deps.zone((await read_order(request, orders.ZoneOrder)).zone)
    await deps.commands.run(deps.hub.play(zone))
    return json_answer(shapes.DoneAnswer(ok=True))


async def pause(request: web.Request) -> web.Response:
    """``POST /api/player/pause``."""
    deps = deps_of(request)
    zone = await deps.zone((await read_order(request, orders.ZoneOrder)).zone)
    await deps.commands.run(deps.hub.pause(zone))
    return json_answer(shapes.DoneAnswer(ok=True))


async def skip(request: web.Request) -> web.Response:
    """``POST /api/player/next``."""
    deps = deps_of(request)
    order = await read_order(request, orders.NextOrder)
    meant = None if order.uri is None else Uri(order.uri)
    was_skipped = await deps.commands.run(deps.hub.next(meant, await deps.zone(order.zone)))
    return json_answer(shapes.NextAnswer(skipped=was_skipped))


async def never_again(request: web.Request) -> web.Response:
    """``POST /api/player/never_again``."""
    deps = deps_of(request)
    order = await read_order(request, orders.NextOrder)
    meant = None if order.uri is None else Uri(order.uri)
    made = await deps.commands.run(deps.hub.never_again(meant, await deps.zone(order.zone)))
    return json_answer(shapes.NeverAgainAnswer(receipt=None if made is None else views.receipt(made, None)))


async def learning(request: web.Request) -> web.Response:
    """``POST /api/learning``."""
    deps = deps_of(request)
    order = await read_order(request, orders.LearningOrder)
    until = await set_learning(deps, order)
    return json_answer(shapes.LearningAnswer(learning=order.enabled, until=until))


async def set_learning(deps: Deps, order: orders.LearningOrder) -> str | None:
    """Carry ``order`` out; gives the moment when the opposite comes back."""
    for_ms = None if order.for_ms is None else DurationMs(order.for_ms)
    await deps.commands.run(deps.hub.set_learning(order.enabled, for_ms))
    deps.pages.sharing.forget()  # no event tells of it
    return None if for_ms is None else views.moment(deps.clock.now_ms() + for_ms)


async def get_receipts(request: web.Request) -> web.Response:
    """``GET /api/receipts``."""
    deps = deps_of(request)
    limit, before = paging(request)
    wanted = receipt_search(request, deps)
    if not wanted.is_all:
        page = await deps.hub.find_receipts(wanted, limit, before)
        return json_answer(shapes.ReceiptsAnswer(receipts=views.receipts(page.receipts), next=page.next))
    # One more than asked for tells whether there is a page after.
    found = await deps.hub.receipts(limit + 1, before)
    cursor = found[limit - 1].receipt.id if len(found) > limit else None
    return json_answer(shapes.ReceiptsAnswer(receipts=views.receipts(found[:limit]), next=cursor))


async def undo(request: web.Request) -> web.Response:
    """``POST /api/receipts/{id}/undo``."""
    deps = deps_of(request)
    receipt_id = receipt_id_of(request)
    await read_order(request, orders.Order)
    done = await deps.commands.run(deps.hub.undo(receipt_id))
    return json_answer(shapes.UndoAnswer(receipt=views.receipt(done, None)))


def receipt_id_of(request: web.Request) -> int:
    """The receipt that the path names. Raises ``ApiError`` (404) for what no id can be."""
    try:
        return whole_number(request.match_info["id"], least=1, most=LARGEST_ID, name="id")
    except ApiError:
        raise not_found("receipt") from None


async def get_history(request: web.Request) -> web.Response:
    """``GET /api/history``."""
    limit, before = paging(request, LEAST_ID)
    found = await deps_of(request).hub.history(limit + 1, before)
    cursor = found[limit - 1].id if len(found) > limit else None
    return json_answer(shapes.HistoryAnswer(history=[views.listen(each) for each in found[:limit]], next=cursor))


async def get_events(request: web.Request) -> web.StreamResponse:
    """``GET /api/events``."""
    deps = deps_of(request)
    token = request.cookies.get(COOKIE, "")
    is_session = request[CALLER] is Caller.SESSION
    return await deps.stream.serve(request, lambda: not is_session or deps.sessions.is_open(token))


async def import_pool(request: web.Request) -> web.Response:
    """``POST /api/pool/import``."""
    deps = deps_of(request)
    order = await read_order(request, orders.ImportOrder, FILE_LIMIT)
    work = deps.hub.import_pool(order.text, order.format, overwrite=order.overwrite)
    return json_answer(views.imported(await deps.commands.run(work)))


async def sync_library(request: web.Request) -> web.Response:
    """``POST /api/library/sync``."""
    deps = deps_of(request)
    await read_order(request, orders.Order)
    return json_answer(views.synced(await deps.commands.run(deps.hub.sync_library())))


async def paste_login(request: web.Request) -> web.Response:
    """``POST /api/login/paste``."""
    deps = deps_of(request)
    order = await read_order(request, orders.PasteOrder)
    account = deps.account(order.account)
    await deps.commands.run(account.finish_login(order.url.strip()))
    return json_answer(shapes.PasteAnswer(login=views.login(account.login_state(deps.clock.now_ms()))))


async def livez(request: web.Request) -> web.Response:
    """``GET /livez``."""
    started_at = views.moment(deps_of(request).hub.started_at_ms)
    return json_answer(shapes.LiveAnswer(name="moodroom-hub", status="alive", started_at=started_at))


async def readyz(request: web.Request) -> web.Response:
    """``GET /readyz``."""
    deps = deps_of(request)
    checks = await deps.hub.health()
    is_ready = all(check.level is not CheckLevel.FAILED for check in checks)
    is_known = deps.secrets.password is None or request[CALLER] is not Caller.STRANGER
    shown = [views.check(check) for check in checks] if is_known else []
    answer = shapes.ReadyAnswer(status="ready" if is_ready else "not_ready", checks=shown)
    return json_answer(answer, 200 if is_ready else 503)


async def get_metrics(request: web.Request) -> web.Response:
    """``GET /metrics``."""
    deps = deps_of(request)
    body = deps.metrics.text(deps.stream.count)
    return web.Response(body=body, headers={"Content-Type": metrics.CONTENT_TYPE})
