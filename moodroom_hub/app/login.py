"""Logging in from the command line: through the running hub, or with a browser's way back of our own."""

import asyncio
import socket
import time
import webbrowser
from urllib.parse import urlsplit

import click

from moodroom_hub.app.client import HttpClient
from moodroom_hub.app.landing import Landing
from moodroom_hub.app.offline import opened
from moodroom_hub.app.output import say
from moodroom_hub.app.reach import http_client
from moodroom_hub.app.shared import Shared
from moodroom_hub.app.surroundings import has_screen
from moodroom_hub.core.config import LoadedConfig
from moodroom_hub.core.errors import MoodroomError, StartError
from moodroom_hub.core.lock import running
from moodroom_hub.core.ports import Account

PATIENCE_S = 300.0
BETWEEN_LOOKS_S = 1.0
LOOPBACK = ("127.0.0.1", "::1")
DONE = "Logged in. The login holds for six months."


def log_in(shared: Shared, *, is_pasting: bool) -> None:
    """Log in. Raises ``MoodroomError`` with the mend."""
    loaded = shared.config()
    hub = running(loaded.settings.hub.data_dir)
    if hub is None:
        asyncio.run(_log_in_here(loaded, is_pasting=is_pasting))
    else:
        _log_in_there(http_client(loaded, hub), is_pasting=is_pasting)
    say(DONE)


def log_out(shared: Shared) -> None:
    """Forget the login. Raises ``StartError`` while a hub runs: it would go on with the login in its memory."""
    loaded = shared.config()
    hub = running(loaded.settings.hub.data_dir)
    if hub is not None:
        raise StartError(
            f"A hub runs here (pid {hub.pid}) and would go on with this login. Stop it first (Ctrl-C where it runs, "
            f"systemctl stop for a service, or: kill {hub.pid}), then again: moodroom-hub logout."
        )
    asyncio.run(_log_out(loaded))
    say("Logged out: this machine holds no login any more.")
    say("To take the permission back as well: spotify.com/account, Manage apps.")


def _log_in_there(hub: HttpClient, *, is_pasting: bool) -> None:
    before = hub.state()["login"]
    address = hub.login_address()
    if is_pasting:
        _show(address, is_pasting=True)
        hub.paste_login(_pasted())
        return
    _show(address, is_pasting=False)
    deadline_s = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline_s:
        login = hub.state()["login"]
        if login["status"] == "ok" and login != before:
            return
        time.sleep(BETWEEN_LOOKS_S)
    if before["status"] == "ok" and hub.state()["login"]["status"] == "ok":
        return
    raise MoodroomError("No login came back within five minutes. Try again, or use: moodroom-hub login --paste")


async def _log_in_here(loaded: LoadedConfig, *, is_pasting: bool) -> None:
    async with opened(loaded, is_reading=False) as hub:
        account = _account(hub.commands.accounts)
        address = await account.begin_login()
        if is_pasting:
            _show(address, is_pasting=True)
            await account.finish_login(await asyncio.to_thread(_pasted))
            return
        landing = _landing_for(address)
        async with landing:
            _show(address, is_pasting=False)
            try:
                async with asyncio.timeout(PATIENCE_S):
                    answer = await landing.answer()
            except TimeoutError:
                raise MoodroomError(
                    "No login came back within five minutes. Try again, or use: moodroom-hub login --paste"
                ) from None
        await account.finish_login(answer)


async def _log_out(loaded: LoadedConfig) -> None:
    async with opened(loaded, is_reading=False) as hub:
        await _account(hub.commands.accounts).logout()


def _account(accounts: object) -> Account:
    found = list(accounts) if isinstance(accounts, list | tuple) else []
    if not found:
        raise MoodroomError("No plugin offers an account. See: moodroom-hub plugins")
    account: Account = found[0]
    return account


def _landing_for(address: str) -> Landing:
    """Where the login page will send the browser, made to answer. Raises ``MoodroomError`` where that is not here."""
    from urllib.parse import parse_qs

    redirect = parse_qs(urlsplit(address).query).get("redirect_uri", [""])[0]
    parts = urlsplit(redirect)
    if parts.scheme != "http" or parts.hostname not in LOOPBACK or not parts.port:
        raise MoodroomError(
            f"The browser will land at {redirect}, which this command cannot hear. "
            "Start the hub and log in on its page, or use: moodroom-hub login --paste"
        )
    return Landing(parts.hostname, parts.port, parts.path or "/")


def _show(address: str, *, is_pasting: bool) -> None:
    is_opened = not is_pasting and has_screen() and webbrowser.open(address)
    say("Your browser opens. If it does not, open this address yourself:" if is_opened else "Open this address:")
    click.echo(f"\n  {address}\n")
    if is_pasting:
        say(
            "Log in there, on any machine. The browser then lands on a page that may not load: that is as it should be."
        )
    elif socket.gethostname():
        say("Waiting for the login (Ctrl-C stops waiting) ...")


def _pasted() -> str:
    return str(click.prompt("Paste the whole address of that page", prompt_suffix=":\n"))
