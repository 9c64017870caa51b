"""``moodroom-hub run``."""

import click

from moodroom_hub.app.shapes import Command
from moodroom_hub.app.shared import Shared


@click.command(cls=Command, example="moodroom-hub -c config.yaml run")
@click.pass_obj
def run(shared: Shared) -> None:
    """Run the hub until Ctrl-C (or SIGTERM)."""
    # Late: brings the whole hub.
    from moodroom_hub.app.run import run_hub

    run_hub(shared)
