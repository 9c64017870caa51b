"""``moodroom-hub plugins``."""

import click

from moodroom_hub.app.output import show_json, show_table
from moodroom_hub.app.shapes import Command, json_option
from moodroom_hub.app.shared import Shared


@click.command(cls=Command, example="moodroom-hub plugins --json")
@json_option
@click.pass_obj
def plugins(shared: Shared, as_json: bool) -> None:
    """What is loaded, how it is, and why."""
    with shared.reading() as hub:
        found = hub.plugins()
    if as_json:
        show_json({"plugins": found})
        return
    show_table(("plugin", "status", "reason"), [(each["name"], each["status"], each["reason"]) for each in found])
