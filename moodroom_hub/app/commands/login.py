"""``moodroom-hub login`` and ``logout``."""

import click

from moodroom_hub.app.shapes import Command
from moodroom_hub.app.shared import Shared


@click.command(cls=Command, example="moodroom-hub login --paste")
@click.option("--paste", is_flag=True, help="For a box without a browser: open the address anywhere, paste the answer.")
@click.pass_obj
def login(shared: Shared, paste: bool) -> None:
    """Log in to Spotify in the browser (PKCE: no secret is needed)."""
    # Late: brings the plugins.
    from moodroom_hub.app.login import log_in

    log_in(shared, is_pasting=paste)


@click.command(cls=Command, example="moodroom-hub logout")
@click.pass_obj
def logout(shared: Shared) -> None:
    """Forget the login on this machine."""
    # Late: brings the plugins.
    from moodroom_hub.app.login import log_out

    log_out(shared)
