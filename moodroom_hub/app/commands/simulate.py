"""``moodroom-hub simulate``."""

import click

from moodroom_hub.app.shapes import Command
from moodroom_hub.app.shared import Shared


@click.command(cls=Command, example="moodroom-hub simulate --port 7900 --speed 10")
@click.option("--port", type=click.IntRange(0, 65535), default=7900, show_default=True, help="Where it answers.")
@click.option(
    "--speed",
    type=click.FloatRange(0, 1000, min_open=True),
    default=1.0,
    show_default=True,
    help="How many times as fast as life the simulated home runs.",
)
@click.option("--seed", type=int, default=1, show_default=True, help="Another seed, another listener's day.")
@click.pass_obj
def simulate(shared: Shared, port: int, speed: float, seed: int) -> None:
    """The simulated Spotify alone, for plugin authors."""
    # Late: brings the simulator.
    from moodroom_hub.app import simulating

    simulating.serve(port, speed, seed, is_debug=shared.is_debug)
