"""Everything that is not as it should be, one line each, with what mends it right beside it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from moodroom_hub.core.errors import TroubleCode
from moodroom_hub.core.face import PluginStatus, PluginView, Quiet, StateView
from moodroom_hub.core.ports import Check, CheckLevel, LoginStatus
from moodroom_hub.core.wire import views
from moodroom_hub.domain.models import Device, ZoneName
from moodroom_hub.plugins.status_page.deps import Deps
from moodroom_hub.plugins.status_page.pages import Offer
from moodroom_hub.plugins.status_page.zone_row import zone_labels

_WANT_DEVICES: Final = {TroubleCode.NO_DEVICE.value, TroubleCode.RESTRICTED_DEVICE.value}
SENDER: Final = "scrobbling"
"""The plugin that sends plays."""
PLAYS: Final = "/plays"
_OWN_CHECKS: Final = {"login", "player", "database"}
"""These the state tells as troubles of its own."""


@dataclass(frozen=True, slots=True)
class TroubleLine:
    """One line. ``left_ms`` (of real time) until it ends by itself, at ``until``. ``wants_login``: with the way to log
    in; ``wants_setup``: with the way to the first run. ``devices``: to choose from. ``is_warning``: nothing is broken
    yet. ``offer``: where it would work. ``path``: the page that mends it."""

    code: str
    message: str
    mend: str = ""
    left_ms: int | None = None
    until: str | None = None
    wants_login: bool = False
    wants_setup: bool = False
    devices: Sequence[Device] = ()
    is_warning: bool = False
    offer: Offer | None = None
    path: str = ""


async def trouble_lines(deps: Deps, view: StateView, zone: ZoneName | None = None) -> list[TroubleLine]:
    """What the main page of ``zone`` shows above the player; the nearest cause of a silence first."""
    lines = [*_login(view)]
    has_login_line = bool(lines) and not lines[0].is_warning
    for each in view.troubles:
        if each.code == TroubleCode.LOGIN_NEEDED and has_login_line:
            continue
        line = await _trouble(deps, each, view, zone)
        if line is not None:
            lines.append(line)
    checks = await deps.hub.health()
    lines += [_check(each) for each in checks if each.name not in _OWN_CHECKS and each.level is CheckLevel.FAILED]
    lines += [_plugin(each) for each in view.plugins if each.status is PluginStatus.FAILED]
    return lines + await _plays(deps, view)


def _login(view: StateView) -> Iterator[TroubleLine]:
    login = view.login
    if login.status is LoginStatus.NOT_CONFIGURED:
        yield TroubleLine("not_configured", login.reason or "Spotify is not set up yet.", wants_setup=True)
    elif login.status is LoginStatus.NEEDED:
        yield TroubleLine("login_needed", login.reason or "Nobody is logged in to Spotify.", wants_login=True)
    elif login.status is LoginStatus.EXPIRING:
        said = login.reason or f"The login ends in {login.days_left} days."
        yield TroubleLine("login_expiring", said, wants_login=True, is_warning=True)


async def _trouble(deps: Deps, quiet: Quiet, view: StateView, zone: ZoneName | None) -> TroubleLine | None:
    now_ms = deps.clock.now_ms()
    if quiet.code == TroubleCode.RATE_LIMITED and quiet.retry_at_ms is not None:
        if quiet.retry_at_ms <= now_ms:
            return None
        left_ms = round(deps.clock.real_seconds(quiet.retry_at_ms - now_ms) * 1000)
        return TroubleLine(quiet.code, quiet.message, left_ms=left_ms, until=views.moment(quiet.retry_at_ms))
    devices = await deps.device_list.of(deps.hub, deps.clock, zone) if quiet.code in _WANT_DEVICES else ()
    wants_login = quiet.code == TroubleCode.LOGIN_NEEDED
    offer = None
    if quiet.zone is not None and quiet.zone in view.zones:
        label = zone_labels(await deps.hub.zone_views()).get(quiet.zone, quiet.zone)
        offer = Offer(quiet.zone, label, view.active_room)
    return TroubleLine(quiet.code, quiet.message, wants_login=wants_login, devices=devices, offer=offer)


async def _plays(deps: Deps, view: StateView) -> list[TroubleLine]:
    """What keeps plays from other services; nothing of it keeps the music."""
    lines = [
        TroubleLine("scrobbling", f"Plays are kept, not sent: {each.reason}", is_warning=True, path=PLAYS)
        for each in view.plugins
        if each.name == SENDER and each.status is PluginStatus.NEEDS_LOGIN
    ]
    told = await deps.plays_look.lines(deps.hub, deps.clock)
    if told:
        lines.append(TroubleLine("plays", " ".join(told), is_warning=True, path=PLAYS))
    return lines


def _check(check: Check) -> TroubleLine:
    return TroubleLine(check.name, f"{check.name.capitalize()}: {check.message}", check.mend)


def _plugin(plugin: PluginView) -> TroubleLine:
    return TroubleLine("plugin_failed", f"The plugin {plugin.name} failed: {plugin.reason or 'see the log'}")
