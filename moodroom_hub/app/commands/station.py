"""``moodroom-hub station``."""

import math
from pathlib import Path
from typing import Any

import click

from moodroom_hub.app.commands.rooms import known_slug, zone_option
from moodroom_hub.app.commands.station_files import export, import_card
from moodroom_hub.app.output import hint, say, show_json, show_table
from moodroom_hub.app.shapes import Command, Group, json_option
from moodroom_hub.app.shared import Shared
from moodroom_hub.app.sorter_watch import agreed
from moodroom_hub.app.station_client import Json
from moodroom_hub.app.station_watch import known_station, tell_station, tell_tuning, tell_why, track_text, watched
from moodroom_hub.app.text import counted
from moodroom_hub.core.errors import MoodroomError

yes_option = click.option("--yes", "-y", is_flag=True, help="Do it without asking.")


class Finite(click.FloatRange):
    """A number within a range."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The number, or a usage error."""
        number = super().convert(value, param, ctx)
        if math.isnan(number):  # it passes every comparison
            self.fail(f"{value} is not a number.", param, ctx)
        return number


WEIGHT, SHARE = Finite(0, 3), Finite(0, 1)


def tuning_options(command: Any) -> Any:
    """How a station weighs."""
    options = (
        click.option("--adventure", type=SHARE, help="0: what everybody plays, 1: what hardly anybody plays."),
        click.option("--style", type=WEIGHT, help="How much its seeds count; 1 is the usual measure."),
        click.option("--likes", type=WEIGHT, help="How much your likes count."),
        click.option("--dislikes", type=WEIGHT, help="How much your dislikes count."),
        click.option("--drift", type=SHARE, help="How far your likes may lead it from its seeds."),
        click.option(
            "--rule",
            type=click.Choice(["skip", "share"]),
            help="What is a dislike: an early skip, or less than 80 % heard.",
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


@click.group(cls=Group, example='moodroom-hub station new "Friday night" --artist Drake --artist "The Weeknd"')
def station() -> None:
    """Personal radio that bends to every skip."""


station.add_command(export)
station.add_command(import_card)


@station.command("list", cls=Command, example="moodroom-hub station list --json")
@json_option
@click.pass_obj
def list_stations(shared: Shared, as_json: bool) -> None:
    """Every station: what it is made of, its votes and its drift."""
    with shared.reading() as hub:
        found = hub.stations.overview()
        model = {} if as_json else hub.stations.job()["model"]
    if as_json:
        show_json({"stations": found})
        return
    for each in found:
        tell_station(each)
        if each["zones"]:
            say(f"  plays in {', '.join(each['zones'])}")
    if not found:
        say("No station yet. Make one with: moodroom-hub station new NAME --artist ARTIST")
    if model["trouble"]:
        hint(model["trouble"])


@station.command(
    "new",
    cls=Command,
    example=(
        'moodroom-hub station new "Friday night" --artist Drake --artist "The Weeknd" --track "Trophies - Drake"\n'
        'moodroom-hub station new --playlist "radio: Friday"\n'
        "moodroom-hub station new --room late-night --adventure 0.8"
    ),
    short_help="Make one of artists, a playlist or a room.",
)
@click.argument("name", default="")
@click.option("--artist", "artists", multiple=True, help="A seed; as often as you like.")
@click.option("--track", "tracks", multiple=True, metavar="TITLE - ARTIST", help="A seed, too; as often as you like.")
@click.option("--playlist", default="", help="One of your playlists, by name or id.")
@click.option("--room", help="More like this room, from outside your library.")
@tuning_options
@json_option
@click.pass_obj
def new(
    shared: Shared,
    /,
    name: str,
    artists: tuple[str, ...],
    tracks: tuple[str, ...],
    playlist: str,
    room: str | None,
    as_json: bool,
    **tuning: Any,
) -> None:
    """Make a station of artists and tracks, or of one of your playlists, or of a room."""
    if sum((bool(artists or tracks), bool(playlist), room is not None)) != 1:
        raise click.UsageError("Say what it is made of: --artist and --track, or --playlist, or --room.")
    order: Json = {"name": name, "artists": list(artists), "tracks": [_track(each) for each in tracks]}
    if given := _given(tuning):
        order["tuning"] = given
    with shared.changing() as hub:
        slug = None if room is None else known_slug(hub.rooms(), room)
        made = hub.stations.new({**order, "playlist": playlist, "room": slug})
    if as_json:
        show_json({"station": made})
        return
    tell_station(made)
    say(f"Play it with: moodroom-hub station play {made['id']}")


@station.command("play", cls=Command, example="moodroom-hub station play friday --zone kitchen")
@click.argument("name")
@zone_option
@json_option
@click.pass_obj
def play(shared: Shared, name: str, zone: str | None, as_json: bool) -> None:
    """Play a station; again: fresh tracks. `rooms off` ends it."""
    with shared.live("Playing a station") as hub:
        answer = hub.stations.play(str(known_station(hub.stations, name)["id"]), zone)
    if as_json:
        show_json(answer)
        return
    for number, each in enumerate(answer["batch"], 1):
        say(f"{number:>2}. {track_text(each)}")
    for note in answer.get("notes", []):
        say(f"Note: {note}")


@station.command(
    "tune",
    cls=Command,
    example="moodroom-hub station tune friday --adventure 0.8 --likes 1.5 --drift 0.3 --rule share",
    short_help="Change how it weighs, while it plays, too.",
)
@click.argument("name")
@tuning_options
@json_option
@click.pass_obj
def tune(shared: Shared, /, name: str, as_json: bool, **tuning: Any) -> None:
    """Change how a station weighs, while it plays, too. Without an option: how it weighs now."""
    given = _given(tuning)
    with shared.changing() if given else shared.reading() as hub:
        found = known_station(hub.stations, name)
        if given:
            found = hub.stations.change(str(found["id"]), "tune", given)
    if as_json:
        show_json({"station": found})
        return
    tell_station(found)
    tell_tuning(found["tuning"])


@station.command(
    "why", cls=Command, example="moodroom-hub station why friday", short_help="What it would play next, and why."
)
@click.argument("name")
@json_option
@click.pass_obj
def why(shared: Shared, name: str, as_json: bool) -> None:
    """What it would play next and why, its drift and its limit, its votes, and artists that it does not know."""
    with shared.reading() as hub:
        told = hub.stations.station(str(known_station(hub.stations, name)["id"]))
    if as_json:
        show_json(told)
    else:
        tell_why(told)


@station.command("like", cls=Command, example="moodroom-hub station like friday")
@click.argument("name")
@click.option("--uri", help="This track, and not what plays.")
@json_option
@click.pass_obj
def like(shared: Shared, name: str, uri: str | None, as_json: bool) -> None:
    """More like what plays now on it, or like another track."""
    _change(shared, name, "vote", {"kind": "like", "uri": uri}, as_json)


@station.command("dislike", cls=Command, example="moodroom-hub station dislike friday")
@click.argument("name")
@click.option("--uri", help="This track, and not what plays.")
@json_option
@click.pass_obj
def dislike(shared: Shared, name: str, uri: str | None, as_json: bool) -> None:
    """Less like what plays now on it, or like another track."""
    _change(shared, name, "vote", {"kind": "dislike", "uri": uri}, as_json)


@station.command("undo", cls=Command, example="moodroom-hub station undo friday")
@click.argument("name")
@json_option
@click.pass_obj
def undo(shared: Shared, name: str, as_json: bool) -> None:
    """Take back the newest vote, by hand or by listening."""
    _change(shared, name, "take_back", {}, as_json)


@station.command("rename", cls=Command, example='moodroom-hub station rename friday "Friday night"')
@click.argument("name")
@click.argument("new_name")
@json_option
@click.pass_obj
def rename(shared: Shared, name: str, new_name: str, as_json: bool) -> None:
    """Give it another name; its key stays."""
    _change(shared, name, "rename", {"name": new_name}, as_json)


@station.command("reset", cls=Command, example="moodroom-hub station reset friday --yes")
@click.argument("name")
@yes_option
@json_option
@click.pass_obj
def reset(shared: Shared, name: str, yes: bool, as_json: bool) -> None:
    """Forget all its votes: it is its seeds again. Asks first."""
    with shared.changing() as hub:
        found = known_station(hub.stations, name)
        votes = f"{counted(found['likes'], 'like')} and {counted(found['dislikes'], 'dislike')}"
        if not agreed(f"Forget {votes} of {found['name']}?", yes=yes):
            say("Nothing was changed.")
            return
        found = hub.stations.change(str(found["id"]), "clear", {})
    _told(found, as_json)


@station.command("remove", cls=Command, example="moodroom-hub station remove friday --yes")
@click.argument("name")
@yes_option
@click.pass_obj
def remove(shared: Shared, name: str, yes: bool) -> None:
    """Forget a station and its votes. Asks first. What it added to rooms stays."""
    with shared.changing() as hub:
        found = known_station(hub.stations, name)
        if not agreed(f"Remove {found['name']} and its votes?", yes=yes):
            say("Nothing was changed.")
            return
        hub.stations.remove(str(found["id"]))
    say(f"{found['name']} is gone.")


@station.command(
    "refill",
    cls=Command,
    example="moodroom-hub station refill\nmoodroom-hub station refill late-night",
    short_help="Fill rooms' discoveries from their stations.",
)
@click.argument("room", required=False)
@json_option
@click.pass_obj
def refill(shared: Shared, room: str | None, as_json: bool) -> None:
    """Fill the discoveries of a room, or of every room, with what lies near it. The hub does so at night, too."""
    with shared.changing() as hub:
        slug = None if room is None else known_slug(hub.rooms(), room)
        told = watched(hub.stations, "refill", {"room": slug}, is_quiet=as_json)
    if as_json:
        show_json(told)
        return
    for each in told["refills"]:
        why_not = f" ({each['why_not']})" if each["why_not"] else ""
        say(f"{each['room']}: {counted(len(each['added']), 'new track')}{why_not}")
        if each["added"]:
            show_table(("", "track", "why"), [("+", track_text(one), one["why"]) for one in each["added"]])
        for group in dict.fromkeys(filter(None, (one["group"] for one in each["receipts"]))):
            hint(f"To undo it: moodroom-hub receipts undo --group {group}")
    _tell_notes(told)


@station.command(
    "train",
    cls=Command,
    example=(
        "moodroom-hub station train ~/playlists\nmoodroom-hub station train ~/mpd ~/lists.csv --seed 7\n"
        "moodroom-hub station train ~/better --anew"
    ),
    short_help="Learn from folders of playlists.",
)
@click.argument("folders", nargs=-1, type=click.Path(path_type=Path, resolve_path=True))
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), help="The same playlists make the same model.")
@click.option("--anew", is_flag=True, help="From these folders alone: what others taught before is dropped.")
@json_option
@click.pass_obj
def train(shared: Shared, folders: tuple[Path, ...], seed: int | None, anew: bool, as_json: bool) -> None:
    """Learn which artists belong together, from folders of playlists and from your own lists and history.

    It is added to what was learned before. Read are slices of the Million Playlist Dataset, CSV and JSON lines.
    Stations play on meanwhile.
    """
    missing = [str(each) for each in folders if not each.exists()]
    if missing:
        raise click.UsageError(f"There is no {missing[0]}.")
    order: Json = {"folders": [str(each) for each in folders], "anew": anew}
    if seed is not None:
        order["seed"] = seed
    with shared.changing() as hub:
        before = 0 if as_json else int(hub.stations.job()["model"]["lists"])
        told = watched(hub.stations, "train", order, is_quiet=as_json)
    if as_json:
        show_json(told)
        return
    _tell_notes(told)
    # Late: it brings the answers' models.
    from moodroom_hub.core.wire.station_words import model_words

    model = told["model"]
    if model["trouble"]:
        raise MoodroomError(model["trouble"])
    added = max(0, model["lists"] - before)  # of the owner's own lists there may be fewer than before
    more = "" if anew else f", {added:,} more than before"
    say(f"Learned: {model_words(model['artists'], model['lists'])}{more}.")


def _change(shared: Shared, name: str, what: str, order: Json, as_json: bool) -> None:
    with shared.changing() as hub:
        found = hub.stations.change(str(known_station(hub.stations, name)["id"]), what, order)
    _told(found, as_json)


def _told(found: Json, as_json: bool) -> None:
    if as_json:
        show_json({"station": found})
    else:
        tell_station(found)


def _tell_notes(told: Json) -> None:
    for note in told["notes"]:
        hint(f"Note: {note}")


def _given(tuning: dict[str, Any]) -> Json:
    return {name: value for name, value in tuning.items() if value is not None}


def _track(text: str) -> Json:
    title, found, artist = text.rpartition(" - ")
    if not (found and title.strip() and artist.strip()):
        wanted = "expected a title and an artist, as in 'Trophies - Drake'."
        raise click.BadParameter(f"{text!r}: {wanted}", param_hint="--track")
    return {"name": title.strip(), "artist": artist.strip()}
