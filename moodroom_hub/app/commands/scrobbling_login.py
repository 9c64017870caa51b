"""``moodroom-hub scrobbles login`` and ``logout``."""

import click

from moodroom_hub.app.shapes import Command
from moodroom_hub.app.shared import Shared

service_argument = click.argument("service", type=click.Choice(["lastfm"]), default="lastfm")


@click.command(cls=Command, example="moodroom-hub scrobbles login lastfm")
@service_argument
@click.pass_obj
def login(shared: Shared, service: str) -> None:
    """Log in to Last.fm in a browser, here or on any other machine."""
    # Late: brings the plugin and what speaks HTTP.
    from moodroom_hub.app.scrobbling_login import log_in

    log_in(shared)


@click.command(cls=Command, example="moodroom-hub scrobbles logout lastfm")
@service_argument
@click.pass_obj
def logout(shared: Shared, service: str) -> None:
    """Forget the login to Last.fm on this machine; plays wait then."""
    # Late: as above.
    from moodroom_hub.app.scrobbling_login import log_out

    log_out(shared)
