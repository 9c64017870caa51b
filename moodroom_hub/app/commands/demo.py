"""``moodroom-hub demo``."""

import click

from moodroom_hub.app.shapes import Command, Speed
from moodroom_hub.app.shared import Shared

DEFAULT_PORT = 7777


@click.command(
    cls=Command, example="moodroom-hub demo --speed 60", short_help="The whole hub in a simulated home; needs nothing."
)
@click.option("--port", type=click.IntRange(0, 65535), help=f"Where the page answers.  [default: {DEFAULT_PORT}]")
@click.option(
    "--speed",
    type=Speed(),
    default=1.0,
    show_default=True,
    help="How many times as fast as life the simulated home runs.",
)
@click.option("--seed", type=int, default=1, show_default=True, help="Another seed, another listener's day.")
@click.option("--no-browser", is_flag=True, help="Do not open the page in a browser.")
@click.pass_obj
def demo(shared: Shared, port: int | None, speed: float, seed: int, no_browser: bool) -> None:
    """The whole hub in a simulated home: no account, no configuration, nothing left behind."""
    # Late: brings the whole hub and the simulator.
    from moodroom_hub.app.demo import DemoWishes, run_demo

    run_demo(DemoWishes(port, speed, seed, is_quiet=no_browser), is_debug=shared.is_debug)
