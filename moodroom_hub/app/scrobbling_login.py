"""Logging in to Last.fm from the command line. A running hub finds the new login by itself."""

import asyncio
import webbrowser

import click

from moodroom_hub.app.output import say
from moodroom_hub.app.shared import Shared
from moodroom_hub.app.surroundings import has_screen
from moodroom_hub.core.clock import Clock, SystemClock
from moodroom_hub.core.config import LoadedConfig, plugin_config
from moodroom_hub.core.errors import MoodroomError
from moodroom_hub.plugins.scrobbling.config import ScrobblingConfig
from moodroom_hub.plugins.scrobbling.session_file import delete_session

PATIENCE_MS = 300_000
BETWEEN_LOOKS_MS = 4_000
GIVEN_UP = "Nobody allowed the login within five minutes. Try again: moodroom-hub scrobbles login lastfm"


def log_in(shared: Shared) -> None:
    """Log in. Raises ``MoodroomError`` with the mend."""
    user = asyncio.run(logged_in(shared.config(), SystemClock()))
    say(f"Logged in to Last.fm as {user}. A hub that runs here finds the login within a minute.")


def log_out(shared: Shared) -> None:
    """Forget the login."""
    was_there = delete_session(shared.config().settings.hub.data_dir)
    say("Logged out: this machine holds no login to Last.fm any more." if was_there else "There was no login.")
    say("To take the permission back as well: last.fm/settings/applications.")


async def logged_in(loaded: LoadedConfig, clock: Clock) -> str:
    """Show the address, wait until its owner has allowed the login, store it; the account's name."""
    # Late: what speaks HTTP is not needed to log out.
    from moodroom_hub.plugins.scrobbling.login import LastfmLogin

    config = plugin_config(loaded, "scrobbling", ScrobblingConfig)
    login = LastfmLogin(config, loaded.settings.hub.data_dir, clock)
    pending = await login.begin()
    is_opened = has_screen() and webbrowser.open(pending.address)
    say("Your browser opens. If it does not, open this address yourself:" if is_opened else "Open this address:")
    click.echo(f"\n  {pending.address}\n")
    say("Allow it there. Waiting for that (Ctrl-C stops waiting) ...")
    began_ms = clock.now_ms()
    while clock.now_ms() - began_ms < PATIENCE_MS:
        await clock.sleep_ms(BETWEEN_LOOKS_MS)
        user = await login.finish(pending)
        if user is not None:
            return user
    raise MoodroomError(GIVEN_UP)
