"""``moodroom-hub init``."""

from pathlib import Path

import click

from moodroom_hub.app.shapes import Command
from moodroom_hub.app.shared import Shared


@click.command(
    cls=Command,
    example="moodroom-hub init --client-id 0123456789abcdef0123456789abcdef",
    short_help="Write a commented config.yaml.",
)
@click.argument("file", required=False, type=click.Path(path_type=Path, dir_okay=False))
@click.option("--client-id", help="Your Spotify app's client id. Asked for where it is missing.")
@click.option("--force", is_flag=True, help="Replace a file that is there; the old one is kept beside it.")
@click.pass_obj
def init(shared: Shared, file: Path | None, client_id: str | None, force: bool) -> None:
    """Write a commented config.yaml (to FILE, else where the hub looks for it)."""
    # Late: brings the configuration.
    from moodroom_hub.app.initial import write_initial

    write_initial(shared, file, client_id, is_replacing=force)
