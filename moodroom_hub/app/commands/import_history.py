"""``moodroom-hub import``."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import Any

import click

from moodroom_hub.app.client import HttpClient, Json
from moodroom_hub.app.output import hint, say, show_json
from moodroom_hub.app.past.importing import HistoryImport
from moodroom_hub.app.past.progress import Progress
from moodroom_hub.app.shapes import Command, Group, json_option
from moodroom_hub.app.shared import Shared
from moodroom_hub.app.text import counted
from moodroom_hub.core.clock import SystemClock
from moodroom_hub.core.errors import MoodroomError

LINES_SHOWN = 20


@click.group("import", cls=Group, example="moodroom-hub import history my_spotify_data.zip")
def import_group() -> None:
    """Bring in what other services know of your listening."""


@import_group.command(
    "history",
    cls=Command,
    example="moodroom-hub import history my_spotify_data.zip\n"
    "moodroom-hub import history Streaming_History_Audio_*.json --dry-run",
    short_help="Read Spotify's export of your streaming history.",
)
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Only count; write nothing.")
@click.option("--no-warm", is_flag=True, help="Fill the history only; let it change no pool.")
@json_option
@click.pass_obj
def history(shared: Shared, files: tuple[Path, ...], dry_run: bool, no_warm: bool, as_json: bool) -> None:
    """Read the streaming history that Spotify sends you on request: a zip, a folder, or JSON files.

    Both forms are read: the extended history (years, to the second) and the account data (a year, to the minute).
    It fills the history, and warms the pools: what was skipped early again and again starts a tier lower, what was
    always heard to its end a tier higher, all in one group of receipts. Only time, song, uri and how a play began and
    ended are taken over; addresses, devices and names are not even looked at. Again: nothing happens twice.
    """
    now_ms = SystemClock().now_ms()
    if dry_run:
        with Progress() as progress:
            reading = HistoryImport(None, now_ms, progress.show)
            reading.run(files)
        _tell(reading, None, as_json, is_dry=True)
        return
    with shared.changing() as hub:
        is_apart = isinstance(hub, HttpClient)
        with Progress() as progress, ThreadPoolExecutor(1) if is_apart else nullcontext() as executor:
            reading = HistoryImport(hub.import_past, now_ms, progress.show, executor)
            try:
                reading.run(files)
            except KeyboardInterrupt:
                progress.clear()
                with suppress(MoodroomError):
                    reading.settle()
                done = reading.fates.new + reading.fates.known
                hint(f"At least {done:,} plays are in, and stay. The same command goes on: what is in is known.")
                raise
        warmed = None if no_warm else hub.warm_pools()
    _tell(reading, warmed, as_json, is_dry=False)


def _tell(reading: HistoryImport, warmed: Json | None, as_json: bool, *, is_dry: bool) -> None:
    fates = reading.fates
    if as_json:
        told: dict[str, Any] = {"files": reading.files, **fates.to_json(is_dry=is_dry)}
        show_json({**told, "notes": reading.notes, "warmed": warmed})
    else:
        for line in fates.lines(is_dry=is_dry):
            say(line)
        if warmed is not None:
            _tell_warmed(warmed)
        _tell_left_out(reading)
    if not fates.music and (fates.reasons or reading.notes):
        click.get_current_context().exit(1)


def _tell_warmed(warmed: Json) -> None:
    receipts = warmed["receipts"]
    if not receipts:
        say("The past changed no pool.")
        return
    say(f"The past changed {counted(len(receipts), 'place')} in the pools:")
    for receipt in receipts[:LINES_SHOWN]:
        say(f"  {receipt['room']}: {receipt['name']}: {receipt['why']}")
    if len(receipts) > LINES_SHOWN:
        say(f"  ... and {len(receipts) - LINES_SHOWN} more (--json shows all)")
    say(f"To undo all of it: moodroom-hub receipts undo --group {warmed['group']}")


def _tell_left_out(reading: HistoryImport) -> None:
    for note in reading.notes:
        hint(note)
    rows = reading.fates.set_aside
    if rows:
        hint("Set aside:")
        for file, row, reason in rows[:LINES_SHOWN]:
            hint(f"  {file}, row {row}: {reason}")
        if len(rows) > LINES_SHOWN:
            hint(f"  ... and {reading.fates.reasons.total() - LINES_SHOWN:,} more (--json shows all)")
