"""Why is it quiet? The page, and the call of the API."""

from aiohttp import web

from moodroom_hub.core.wire import quiet, shapes
from moodroom_hub.core.wire.views import moment
from moodroom_hub.domain.quiet import LinkName
from moodroom_hub.plugins.status_page import orders
from moodroom_hub.plugins.status_page.bodies import json_answer, query_value, read_order
from moodroom_hub.plugins.status_page.deps import CALLER, Caller, deps_of
from moodroom_hub.plugins.status_page.forms import told_before
from moodroom_hub.plugins.status_page.queries import address
from moodroom_hub.plugins.status_page.zone_row import home_of, zone_labels

WITH_DEVICES = frozenset({LinkName.DEVICE, LinkName.RESTRICTION})


async def get_quiet(request: web.Request) -> web.Response:
    """``GET /api/quiet``."""
    deps = deps_of(request)
    return json_answer(quiet.quiet(await deps.hub.quiet(await deps.zone(query_value(request, "zone")))))


async def get_devices(request: web.Request) -> web.Response:
    """``GET /api/devices``."""
    deps = deps_of(request)
    return json_answer(quiet.devices(await deps.hub.devices(await deps.zone(query_value(request, "zone")))))


async def wake(request: web.Request) -> web.Response:
    """``POST /api/player/device``."""
    deps = deps_of(request)
    order = await read_order(request, orders.DeviceOrder)
    await deps.commands.run(deps.hub.wake(order.device, await deps.zone(order.zone)))
    deps.device_list.forget()
    return json_answer(shapes.DoneAnswer(ok=True))


async def show_quiet(request: web.Request) -> web.Response:
    """``GET /quiet``."""
    deps = deps_of(request)
    zone = await deps.zone(query_value(request, "zone"))
    walk = await deps.hub.quiet(zone)
    devices = await deps.device_list.of(deps.hub, deps.clock, zone) if walk.broken in WITH_DEVICES else ()
    left_ms = None
    if walk.ends_at_ms is not None:
        left_ms = max(0, round(deps.clock.real_seconds(walk.ends_at_ms - deps.clock.now_ms()) * 1000))
    state = await deps.hub.state(zone)
    label = ""
    if len(state.zones) > 1:
        label = zone_labels(await deps.hub.zone_views()).get(state.zone, state.zone)
    return deps.pages.render(
        "quiet.html",
        light=state.active_room or "",
        place="quiet",
        zone=zone,
        zone_label=label,
        home=home_of(zone),
        here=address("/quiet", zone=zone),
        walk=walk,
        devices=devices,
        left_ms=left_ms,
        until=None if walk.ends_at_ms is None else moment(walk.ends_at_ms),
        can_sign_out=request[CALLER] is Caller.SESSION,
        **told_before(request),
    )
