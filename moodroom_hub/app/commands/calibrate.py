"""``moodroom-hub rooms calibrate``."""

import click

from moodroom_hub.app.shapes import Command, json_option
from moodroom_hub.app.shared import Shared


@click.command(
    cls=Command,
    example=(
        "moodroom-hub rooms calibrate house\n"
        "moodroom-hub rooms calibrate house --sample 20 --miner local\n"
        "moodroom-hub rooms calibrate house --drop spotify:track:... --avoid drops"
    ),
    short_help="Teach a room what belongs in it.",
)
@click.argument("room")
@click.option(
    "--sample", "size", type=click.IntRange(1, 200), default=12, show_default=True, help="Tracks to ask about."
)
@click.option("--miner", metavar="NAME", help="local, model ... Else the best that is ready.")
@click.option("--keep", multiple=True, metavar="URI", help="This track belongs in the room (again for more).")
@click.option("--drop", multiple=True, metavar="URI", help="This one does not: it is removed, with a receipt.")
@click.option("--anchor", multiple=True, metavar="URI", help="This one is typical of the room.")
@click.option("--avoid", multiple=True, metavar="TEXT", help="Words for what does not belong in the room.")
@click.option("--description", metavar="TEXT", help="The mood in new words.")
@click.option("--no-suggestions", is_flag=True, help="Only the liked songs: nothing from outside the library.")
@click.option("--yes", "-y", is_flag=True, help="Agree to what it costs, and to the difference.")
@json_option
@click.pass_obj
def calibrate(
    shared: Shared,
    room: str,
    size: int,
    miner: str | None,
    keep: tuple[str, ...],
    drop: tuple[str, ...],
    anchor: tuple[str, ...],
    avoid: tuple[str, ...],
    description: str | None,
    no_suggestions: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Teach a room what belongs in it: keep, drop, anchor or avoid.

    Shows some of the room's tracks, the doubtful ones first, and asks about each. What you say goes into the room's
    definition; with that only this room is mined again, and you see the difference before anything is changed. Then
    the definition is written into your configuration file (the old one stays beside it), and what you dropped is
    removed, each with its receipt. What listening taught stays as it is.

    Without a terminal, or to say it at once: --keep, --drop, --anchor, --avoid, --description.
    """
    # Late: they bring more than a --help may cost, and rooms brings this module.
    from moodroom_hub.app.calibrating import Given
    from moodroom_hub.app.calibration_rounds import Rounds
    from moodroom_hub.app.commands.rooms import known_slug

    given = Given(keep, drop, anchor, avoid, description)
    with shared.changing() as hub:
        rounds = Rounds(
            hub=hub,
            slug=known_slug(hub.rooms(), room),
            miner=miner,
            wants_songs=not no_suggestions,
            is_agreed=yes,
            is_json=as_json,
            where=lambda: shared.config().path,
        )
        rounds.run(given, size)
