"""What ``moodroom-hub check`` says of Spotify: one line each, with the mend."""

import contextlib
from collections.abc import Sequence
from functools import partial

from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.core.ports import Check, CheckLevel, LoginStatus
from moodroom_hub.domain.models import Device
from moodroom_hub.plugins.spotify.account import CLIENT_ID_MEND
from moodroom_hub.plugins.spotify.failures import LOGIN_MEND
from moodroom_hub.plugins.spotify.wiring import Parts

_REGISTRATION_FAULTS = {
    "client_id": (
        "Spotify does not know this client id",
        "copy the Client ID from developer.spotify.com/dashboard into plugins.spotify.client_id",
    ),
    "redirect_uri": (
        "Spotify does not know the redirect address {redirect}",
        "enter exactly {redirect} under Redirect URIs of the app at developer.spotify.com/dashboard",
    ),
}


async def check_all(parts: Parts) -> Sequence[Check]:
    """Look at registration, login, connection and devices, as far as each makes sense after the one before."""
    tokens = parts.tokens
    with contextlib.suppress(Trouble):
        await tokens.require()  # a login made by another process counts
    state = parts.account.login_state(parts.clock.now_ms())
    if state.status is LoginStatus.NOT_CONFIGURED:
        return [Check("spotify app", CheckLevel.FAILED, "no client id is set", CLIENT_ID_MEND)]
    if state.status is LoginStatus.NEEDED:
        registration = await _check_registration(parts)
        return [registration, _login_check(CheckLevel.FAILED, state.reason)]
    login = Check("spotify login", CheckLevel.OK, f"logged in, {state.days_left} days left")
    if state.status is LoginStatus.EXPIRING:
        login = _login_check(CheckLevel.WARNING, state.reason)
    if tokens.login is not None and tokens.login.missing_scopes:
        login = Check("spotify login", CheckLevel.WARNING, "the login lacks permissions of this version", LOGIN_MEND)
    try:
        devices = await parts.player.devices()
    except Trouble as trouble:
        if trouble.code is TroubleCode.LOGIN_NEEDED:
            return [_login_check(CheckLevel.FAILED, trouble.message)]
        level = CheckLevel.WARNING if trouble.code is TroubleCode.RATE_LIMITED else CheckLevel.FAILED
        return [login, Check("spotify connection", level, trouble.message)]
    return [login, Check("spotify connection", CheckLevel.OK, "Spotify answers"), _check_devices(devices)]


def _login_check(level: CheckLevel, reason: str) -> Check:
    """The mend, which a login's reasons end with, is told once."""
    return Check("spotify login", level, reason.removesuffix(".").removesuffix(f"; {LOGIN_MEND}"), LOGIN_MEND)


async def _check_registration(parts: Parts) -> Check:
    redirect = parts.default_redirect_uri()
    try:
        fault = await parts.worker.run(partial(parts.accounts.try_login_page, redirect))
    except Trouble as trouble:
        return Check("spotify connection", CheckLevel.FAILED, trouble.message)
    if fault is None:
        return Check("spotify app", CheckLevel.OK, "Spotify's login page answers")
    message, mend = _REGISTRATION_FAULTS[fault]
    return Check("spotify app", CheckLevel.FAILED, message.format(redirect=redirect), mend.format(redirect=redirect))


def _check_devices(devices: Sequence[Device]) -> Check:
    usable = [each.name for each in devices if not each.is_restricted and each.id is not None]
    if usable:
        return Check("spotify device", CheckLevel.OK, f"{len(usable)} to play on: {', '.join(usable)}")
    if devices:
        names = ", ".join(each.name for each in devices)
        return Check(
            "spotify device",
            CheckLevel.WARNING,
            f"Spotify lets no app steer {names}",
            "open Spotify on another device, or use the sonos plugin",
        )
    return Check(
        "spotify device", CheckLevel.WARNING, "no device is awake", "open Spotify on a phone, a computer or a speaker"
    )
