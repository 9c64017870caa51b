"""``moodroom-hub simulate``."""

from pathlib import Path

import click

from moodroom_hub.app.shapes import Command, Speed
from moodroom_hub.app.shared import Shared


@click.command(
    cls=Command,
    example="moodroom-hub simulate --port 7900 --sonos\n"
    "moodroom-hub simulate --replay --report Streaming_History_Audio_2025.json",
    short_help="The simulated Spotify alone, for plugin authors.",
)
@click.option("--port", type=click.IntRange(0, 65535), default=7900, show_default=True, help="Where it answers.")
@click.option(
    "--speed",
    type=Speed(),
    default=1.0,
    show_default=True,
    help="How many times as fast as life the simulated home runs.",
)
@click.option("--seed", type=int, default=1, show_default=True, help="Another seed, another listener's day.")
@click.option(
    "--pools",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write a pool file of its music to this new file first, for `moodroom-hub pool import`.",
)
@click.option(
    "--sonos",
    is_flag=True,
    help="A simulated Sonos household beside it: three speakers, and people. A hub of your own asks it in real time: "
    "leave --speed at 1.",
)
@click.option("--replay", is_flag=True, help="The listener lives FILES again: a Spotify streaming-history export.")
@click.option(
    "--report",
    is_flag=True,
    help="Serve nothing: replay in virtual time, and tell how the hub's verdicts agree with what was heard.",
)
@click.option("--eco", is_flag=True, help="With --report: look as seldom as listening.cadence: eco does.")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path, dir_okay=False))
@click.pass_obj
def simulate(
    shared: Shared,
    port: int,
    speed: float,
    seed: int,
    pools: Path | None,
    sonos: bool,
    replay: bool,
    report: bool,
    eco: bool,
    files: tuple[Path, ...],
) -> None:
    """The simulated Spotify alone, for plugin authors; or what somebody really heard, lived again."""
    if replay != bool(files):
        raise click.UsageError("--replay needs FILES." if replay else "FILES are only for --replay.")
    if (report and not replay) or (eco and not report):
        raise click.UsageError("--report is only for --replay." if report else "--eco is only for --report.")
    if pools is not None and report:
        raise click.UsageError("--pools is for what is served; --report serves nothing.")
    if sonos and report:
        raise click.UsageError("--sonos is for what is served; --report serves nothing.")
    # Late: brings the simulator.
    from moodroom_hub.app import simulating

    if report:
        simulating.replay_and_report(files, seed, is_eco=eco)
    else:
        simulating.serve(port, speed, seed, files, pools, with_sonos=sonos, is_debug=shared.is_debug)
