"""``moodroom-hub backup`` and ``restore``."""

from pathlib import Path

import click

from moodroom_hub.app.shapes import Command
from moodroom_hub.app.shared import Shared


@click.command(cls=Command, example="moodroom-hub backup moodroom.zip")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--with-login", is_flag=True, help="Put the Spotify login in, too: who has the file has your account.")
@click.pass_obj
def backup(shared: Shared, file: Path, with_login: bool) -> None:
    """Copy the database and the configuration into FILE. Works while the hub runs."""
    # Late: brings the store.
    from moodroom_hub.app.backups import back_up

    back_up(shared.config(), file, with_login=with_login)


@click.command(cls=Command, example="moodroom-hub restore moodroom.zip")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def restore(shared: Shared, file: Path, yes: bool) -> None:
    """Bring back what `backup` wrote. What was there is kept aside."""
    # Late: brings the store.
    from moodroom_hub.app.backups import bring_back

    bring_back(shared.config(), file, is_sure=yes)
