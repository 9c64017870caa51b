"""``moodroom-hub pool``."""

import sys
from pathlib import Path

import click

from moodroom_hub.app.output import hint, say, show_json
from moodroom_hub.app.shapes import Command, Group, json_option
from moodroom_hub.app.shared import Shared
from moodroom_hub.core.errors import MoodroomError

MOST_BYTES = 5_000_000
LINES_SHOWN = 20


@click.group(cls=Group, example="moodroom-hub pool import pools.csv")
def pool() -> None:
    """Fill the rooms' pools by hand, or write them to a file."""


@pool.command(
    "import",
    cls=Command,
    example="moodroom-hub pool import pools.csv\nmoodroom-hub pool import state.json",
    short_help="Read pools from a CSV file or an old state.json.",
)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, allow_dash=True))
@click.option("--format", "form", type=click.Choice(["csv", "state"]), help="Else by the file's name: .json is state.")
@click.option("--overwrite", is_flag=True, help="Let the file win over what listening taught.")
@json_option
@click.pass_obj
def import_pool(shared: Shared, file: Path, form: str | None, overwrite: bool, as_json: bool) -> None:
    """Read a CSV file (room,tier,name,artist,uri,isrc) or the original Moodroom's state.json.

    Tracks without uri and isrc are searched for by name and artist. What is not surely found is listed and left
    out; nothing is guessed.
    """
    text = _text_of(file)
    form = form or ("state" if file.suffix.lower() == ".json" else "csv")
    with shared.changing() as hub:
        report = hub.import_pool(text, form, is_overwriting=overwrite)
    if as_json:
        show_json(report)
    else:
        kept = f", {report['kept']} kept as listening taught" if report["kept"] else ""
        say(f"{report['added']} added, {report['changed']} changed{kept}.")
        _tell("not found, left out", report["unresolved"])
        _tell("not understood, left out", report["problems"])
    if report["problems"] and not report["added"] and not report["changed"] and not report["kept"]:
        click.get_current_context().exit(1)


@pool.command("export", cls=Command, example="moodroom-hub pool export pools.csv --room house")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, allow_dash=True))
@click.option("--room", help="Only this room (its slug).")
@click.option("--force", is_flag=True, help="Replace the file if it is there.")
@click.pass_obj
def export_pool(shared: Shared, file: Path, room: str | None, force: bool) -> None:
    """Write the pools as they stand now, as CSV (- for stdout). `pool import` reads it again."""
    # Late: brings the store.
    from moodroom_hub.app.exporting import exported

    text, rows = exported(shared.config(), room)
    if str(file) == "-" and sys.stdout.isatty():
        for line in text.removesuffix("\r\n").split("\r\n"):
            say(line)  # a title could steer the terminal; what goes into a pipe stays as it is
        return
    if str(file) == "-":
        sys.stdout.write(text)
        return
    try:
        with file.open("w" if force else "x", encoding="utf-8", newline="") as target:
            target.write(text)
    except FileExistsError:
        raise MoodroomError(f"{file} is there already. Choose another name, or add --force.") from None
    say(f"{rows} tracks written to {file}.")


def _text_of(file: Path) -> str:
    stream = sys.stdin.buffer if str(file) == "-" else None
    if stream is None:
        with file.open("rb") as source:
            content = source.read(MOST_BYTES + 1)
    else:
        content = stream.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise MoodroomError(f"{file} is larger than {MOST_BYTES // 1_000_000} MB: no pool is that large.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise MoodroomError(
            f"{file} is no UTF-8 text (byte {error.start + 1}). Save it as UTF-8 and try again."
        ) from None


def _tell(what: str, lines: list[str]) -> None:
    if lines:
        hint(f"{len(lines)} {what}:")
        for line in lines[:LINES_SHOWN]:
            hint(f"  {line}")
        if len(lines) > LINES_SHOWN:
            hint(f"  ... and {len(lines) - LINES_SHOWN} more (--json shows all)")
