"""``moodroom-hub buttons``."""

import click

from moodroom_hub.app.shapes import Command, Group, json_option
from moodroom_hub.app.shared import Shared

DEEDS = (
    "activate",
    "toggle",
    "next_room",
    "off",
    "play",
    "pause",
    "play_pause",
    "next",
    "fresh_batch",
    "never_again",
    "learning_on",
    "learning_off",
)
"""``core.actions.Deed``, whose module a mere --help need not wait for; a test holds them against each other."""


@click.group(cls=Group, example="moodroom-hub buttons learn")
def buttons() -> None:
    """Wall buttons and remotes that speak on your MQTT broker."""


@buttons.command(
    cls=Command,
    example="moodroom-hub buttons learn\nmoodroom-hub buttons learn --action toggle --room late-night --seconds 20",
    short_help="Listen while you press a button, and print the mapping to paste.",
)
@click.option("--action", type=click.Choice(DEEDS), help="What a press shall do. Else you are asked.")
@click.option("--room", help="Which room: its slug or its name. Alone it means toggle.")
@click.option("--zone", help="Where.  [default: the first zone]")
@click.option("--for", "lasts", help="How long learning_on or learning_off lasts, such as 3h.")
@click.option("--topic", default="#", show_default=True, help="Listen to this topic (or filter) only.")
@click.option(
    "--seconds", type=click.FloatRange(1, 3600), default=30.0, show_default=True, help="How long to listen at most."
)
@json_option
@click.pass_obj
def learn(
    shared: Shared,
    action: str | None,
    room: str | None,
    zone: str | None,
    lasts: str | None,
    topic: str,
    seconds: float,
    as_json: bool,
) -> None:
    """Listen on the configured broker while you press a button a few times; print the mapping to paste.

    Nothing is written. Retained messages, the hub's own and Home Assistant's discovery are left out. It ends five
    seconds after the last press that it knows, and at Ctrl-C.
    """
    # Late: brings the configuration and the broker's client.
    from moodroom_hub.app.learning_buttons import Lesson, learn
    from moodroom_hub.core.actions import Deed

    deed = None if action is None else Deed(action)
    learn(shared, Lesson(topic, seconds, deed, room, zone, lasts, as_json))
