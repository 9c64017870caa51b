"""``moodroom-hub receipts``."""

import click

from moodroom_hub.app.client import Json
from moodroom_hub.app.output import say, show_json, show_table
from moodroom_hub.app.shapes import Command, Group, json_option
from moodroom_hub.app.shared import Shared
from moodroom_hub.app.text import counted


@click.group(cls=Group, example="moodroom-hub receipts undo 42")
def receipts() -> None:
    """See what listening taught, and take it back."""


@receipts.command("list", cls=Command, example="moodroom-hub receipts list --limit 100 --json")
@click.option("--limit", type=click.IntRange(1, 200), default=20, show_default=True, help="How many.")
@click.option("--before", type=click.IntRange(1), help="Only those before this id: the next page.")
@json_option
@click.pass_obj
def list_receipts(shared: Shared, limit: int, before: int | None, as_json: bool) -> None:
    """The newest receipts first."""
    with shared.reading() as hub:
        found = hub.receipts(limit, before)
    if as_json:
        show_json({"receipts": found})
    elif found:
        show_table(("id", "when", "room", "change", "track", "artists", "why"), map(_row, found))
    else:
        say("No receipts yet: nothing that was heard has changed a pool.")


@receipts.command(
    "undo",
    cls=Command,
    example="moodroom-hub receipts undo 42\nmoodroom-hub receipts undo --group past-2026-11-21-1",
)
@click.argument("receipt_id", metavar="[ID]", type=click.IntRange(1), required=False)
@click.option("--group", help="Undo all receipts of one act at once (an import names its group).")
@json_option
@click.pass_obj
def undo(shared: Shared, receipt_id: int | None, group: str | None, as_json: bool) -> None:
    """Take a track back to what it was before this receipt."""
    if group is not None and receipt_id is None:
        _undo_group(shared, group, as_json)
        return
    if receipt_id is None or group is not None:
        raise click.UsageError("Name the receipt by its ID, or a group with --group.")
    with shared.changing() as hub:
        receipt = hub.undo(receipt_id)
    if as_json:
        show_json({"receipt": receipt})
        return
    say(f"{receipt['name']} in {receipt['room']}: {_change(receipt)} (receipt {receipt['id']}).")


def _undo_group(shared: Shared, group: str, as_json: bool) -> None:
    with shared.changing() as hub:
        done = hub.undo_group(group)
    if as_json:
        show_json({"receipts": done})
        return
    rooms = len({receipt["room"] for receipt in done})
    say(f"{counted(len(done), 'track')} in {counted(rooms, 'room')} as before {group}.")
    say(f"To have it back: moodroom-hub receipts undo --group {done[0]['group']}")


def _row(receipt: Json) -> tuple[object, ...]:
    when = str(receipt["at"])[:16].replace("T", " ")
    undone = f" (undone by {receipt['undone_by']})" if receipt["undone_by"] else ""
    artists = ", ".join(receipt["artists"])
    return receipt["id"], when, receipt["room"], _change(receipt), receipt["name"], artists, receipt["why"] + undone


def _change(receipt: Json) -> str:
    return f"{receipt['before'] or 'none'} -> {receipt['after'] or 'none'}"
