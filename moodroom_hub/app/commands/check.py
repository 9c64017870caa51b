"""``moodroom-hub check``."""

import click

from moodroom_hub.app.shapes import Command, json_option
from moodroom_hub.app.shared import Shared


@click.command(
    cls=Command,
    example="moodroom-hub check\nmoodroom-hub check --schema > moodroom.schema.json",
    short_help="Look at all that a hub needs, and say what mends it.",
)
@click.option("--print", "is_printing", is_flag=True, help="Show the effective configuration, secrets masked.")
@click.option("--schema", "is_schema", is_flag=True, help="Print the configuration's JSON Schema, for editors.")
@json_option
@click.pass_context
def check(context: click.Context, is_printing: bool, is_schema: bool, as_json: bool) -> None:
    """Look at configuration, database, login and every plugin: one line each, with the mend.

    Exits 1 where something failed, and 2 where no hub starts with this configuration.
    """
    shared = context.ensure_object(Shared)
    # Late: brings the configuration and the plugins.
    from moodroom_hub.app import checking

    if is_schema:
        checking.show_schema()
    elif is_printing:
        checking.show_config(shared)
    else:
        context.exit(checking.check_everything(shared, as_json=as_json))
