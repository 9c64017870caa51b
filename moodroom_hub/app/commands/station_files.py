"""``moodroom-hub station export`` and ``import``: stations as files to share."""

import sys
from pathlib import Path

import click

from moodroom_hub.app.output import hint, say, show_json
from moodroom_hub.app.shapes import Command, json_option
from moodroom_hub.app.shared import Shared
from moodroom_hub.app.station_watch import known_station, tell_station
from moodroom_hub.core.errors import MoodroomError

MOST_BYTES = 512 * 1024


@click.command(
    "export",
    cls=Command,
    example="moodroom-hub station export friday friday.station.json\nmoodroom-hub station export friday - --jspf",
    short_help="Write it as a card to share.",
)
@click.argument("name")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, allow_dash=True))
@click.option("--jspf", is_flag=True, help="As a JSPF playlist, for other players.")
@click.option("--force", is_flag=True, help="Replace the file if it is there.")
@click.pass_obj
def export(shared: Shared, name: str, file: Path, jspf: bool, force: bool) -> None:
    """Write a station as a small signed file (- for stdout): its seeds and how it weighs; no token, no history."""
    with shared.reading() as hub:
        found = known_station(hub.stations, name)
        text = hub.stations.card(str(found["id"]), "jspf" if jspf else "card")
    if str(file) == "-" and sys.stdout.isatty():
        for line in text.splitlines():
            say(line)  # a name could steer the terminal; what goes into a pipe stays as it is
        return
    if str(file) == "-":
        sys.stdout.write(text if text.endswith("\n") else f"{text}\n")
        return
    try:
        with file.open("w" if force else "x", encoding="utf-8", newline="") as target:
            target.write(text)
    except FileExistsError:
        raise MoodroomError(f"{file} is there already. Choose another name, or add --force.") from None
    say(f"{found['name']} was written to {file}.")


@click.command(
    "import",
    cls=Command,
    example='moodroom-hub station import friday.station.json --name "Their Friday"',
    short_help="Take over a card or a JSPF file.",
)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, allow_dash=True))
@click.option("--name", default="", help="What to call it.  [default: the card's own]")
@json_option
@click.pass_obj
def import_card(shared: Shared, file: Path, name: str, as_json: bool) -> None:
    """Make a station of somebody's card or of a JSPF file; from there on it learns from you alone."""
    text = _text_of(file)
    with shared.changing() as hub:
        told = hub.stations.import_card({"text": text, "name": name})
    if as_json:
        show_json(told)
        return
    tell_station(told["station"])
    # Late: it brings the answers' models.
    from moodroom_hub.core.wire.station_words import percent

    signed = f"Signed by {told['signer']}." if told["signer"] else "Not signed."
    say(f"{signed} {percent(told['coverage'])} of its artists are known here.")
    for note in told["notes"]:
        hint(f"Note: {note}")


def _text_of(file: Path) -> str:
    if str(file) == "-":
        content = sys.stdin.buffer.read(MOST_BYTES + 1)
    else:
        with file.open("rb") as source:
            content = source.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise MoodroomError(f"{file} is larger than {MOST_BYTES // 1024} kB: no station card is that large.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise MoodroomError(f"{file} is no UTF-8 text (byte {error.start + 1}): this is no station card.") from None
