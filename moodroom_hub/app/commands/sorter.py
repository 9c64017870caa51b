"""``moodroom-hub sorter``."""

import click

from moodroom_hub.app.output import hint, say, show_json, show_table
from moodroom_hub.app.shapes import Command, Group, json_option
from moodroom_hub.app.shared import Shared, is_interactive
from moodroom_hub.app.sorter_client import Json, SorterClient
from moodroom_hub.app.sorter_layers import known_layer, known_list, learned, said, taught, wanted_layers
from moodroom_hub.app.sorter_watch import agreed, is_change, previews_of, song_text, sure_text, tell_preview, watched
from moodroom_hub.app.text import counted
from moodroom_hub.core.errors import MoodroomError

yes_option = click.option("--yes", "-y", is_flag=True, help="Do it without asking.")


@click.group(cls=Group, example="moodroom-hub sorter label energy")
def sorter() -> None:
    """Teach a few songs where they belong; the others find their lists."""


@sorter.command(
    "layers", cls=Command, example="moodroom-hub sorter layers", short_help="Your layers, and how well they are taught."
)
@json_option
@click.pass_obj
def layers(shared: Shared, as_json: bool) -> None:
    """Every layer: its lists, how well it is taught, what is in doubt."""
    with shared.reading() as hub:
        told = hub.sorter.overview()
    if as_json:
        show_json(told)
        return
    if not told["layers"]:
        say("No layer is configured: write one under plugins.sorter.layers.")
    for layer in told["layers"]:
        say(f"{layer['name']} ({layer['key']}): {counted(layer['songs'], 'song')}, {layer['to_review']} to review")
        say(f"  {layer['trouble'] or taught(layer)}")
        rows = [(each["name"], each["playlist"] or None, each["songs"], each["labels"]) for each in layer["sublists"]]
        if not layer["complete"]:
            rows.append(("none of them", None, layer["void"], ""))
        show_table(("list", "playlist", "songs", "labelled"), rows)
        if layer["write_open"]:
            say(f"A write was begun and not finished; go on with: moodroom-hub sorter apply {layer['key']}")


@sorter.command("label", cls=Command, example="moodroom-hub sorter label energy", short_help="Place songs, a key each.")
@click.argument("layer")
@json_option
@click.pass_obj
def label(shared: Shared, layer: str, as_json: bool) -> None:
    """Place one song at a time, with a key each: those that teach most come first.

    Keys: 1 to 9 (then letters) a list, 0 none of them, u undo, s skip, q stop. Where songs may lie in several lists,
    choose them all and press Enter. Every answer counts at once; stop whenever you like.

    With --json it prints the next question instead of asking it.
    """
    # Late: it brings the answers' models.
    from moodroom_hub.app.labelling import Labelling

    if not as_json and not is_interactive():
        raise MoodroomError(
            "Nobody can be asked here. Label on the page (/sorter), or with: moodroom-hub sorter review --place."
        )
    with shared.changing() as hub:
        asked = hub.sorter
        its = known_layer(asked, layer)
        if as_json:
            show_json(asked.question(its["key"]))
            return
        answers = Labelling(asked, its, learned).run()
    say(f"{counted(answers, 'answer')} remembered.")


@sorter.command(
    "train",
    cls=Command,
    example="moodroom-hub sorter train\nmoodroom-hub sorter train energy --json",
    short_help="Learn anew, and decide where songs belong.",
)
@click.argument("layer", required=False)
@json_option
@click.pass_obj
def train(shared: Shared, layer: str | None, as_json: bool) -> None:
    """Learn anew from every label, and decide where each song belongs."""
    with shared.changing() as hub:
        told = _worked(hub.sorter, "train", layer, is_quiet=as_json)
    if as_json:
        show_json(told)
        return
    _tell_notes(told)
    for each in told["layers"]:
        say(f"{each['name']}: {taught(each)}; {each['to_review']} to review.")


@sorter.command(
    "preview",
    cls=Command,
    example="moodroom-hub sorter preview energy\nmoodroom-hub sorter preview energy --sublist techno",
    short_help="What goes where, why and how sure.",
)
@click.argument("layer")
@click.option("--sublist", metavar="NAME", help="Only this list, and every song of it.")
@json_option
@click.pass_obj
def preview(shared: Shared, layer: str, sublist: str | None, as_json: bool) -> None:
    """What goes where, why and how sure, against the playlists as they are."""
    with shared.changing() as hub:
        its = known_layer(hub.sorter, layer)
        wanted = None if sublist is None else known_list(its, sublist)
        told = hub.sorter.preview(its["key"])
    if as_json:
        if wanted is not None:
            told = {**told, "changes": [each for each in told["changes"] if each["sublist"] == wanted]}
            told["placed"] = [each for each in told["placed"] if wanted in each["sublists"]]
        show_json(told)
    else:
        tell_preview(told, wanted)


@sorter.command(
    "apply",
    cls=Command,
    example="moodroom-hub sorter apply --dry-run\nmoodroom-hub sorter apply energy --yes",
    short_help="Write the playlists; asks first.",
)
@click.argument("layer", required=False)
@click.option("--dry-run", is_flag=True, help="Show what would change; do nothing.")
@yes_option
@json_option
@click.pass_obj
def apply(shared: Shared, layer: str | None, dry_run: bool, yes: bool, as_json: bool) -> None:
    """Write the playlists of one layer, or of all; shows the difference and asks first.

    Songs that you placed yourself are never moved or removed. What was interrupted is gone on with. Take it back with:
    moodroom-hub sorter rollback.
    """
    with shared.changing() as hub:
        found = wanted_layers(hub.sorter, layer)
        previews = previews_of(hub.sorter, found, is_named=layer is not None)
        if dry_run:
            _show_previews(previews, as_json)
            return
        if not any(each["write_open"] for each in found) and not any(map(is_change, previews)):
            if as_json:
                show_json({"status": "done", "what": "apply", "changes": 0})
            else:
                say("The playlists are as they should be; nothing was written.")
            return
        if not as_json:
            _show_previews(previews, as_json)
        if not agreed("Write these playlists?", yes=yes):
            say("Nothing was written.")
            return
        told = _worked(hub.sorter, "apply", layer, is_quiet=as_json)
    if as_json:
        show_json(told)
        return
    _tell_notes(told)
    say("Written. Take it back with: moodroom-hub sorter rollback")


@sorter.command(
    "rollback",
    cls=Command,
    example="moodroom-hub sorter rollback energy",
    short_help="Take the last apply back, to the exact former order.",
)
@click.argument("layer", required=False)
@click.option("--force", is_flag=True, help="Also where you changed a playlist since.")
@yes_option
@json_option
@click.pass_obj
def rollback(shared: Shared, layer: str | None, force: bool, yes: bool, as_json: bool) -> None:
    """Take the last apply back: every playlist gets the songs and the order that it had before.

    A playlist that you changed since is left alone, unless forced. One that the apply made new is emptied and stays.
    """
    with shared.changing() as hub:
        names = ", ".join(str(each["name"]) for each in wanted_layers(hub.sorter, layer))
        if not agreed(f"Take the last write back ({names})?", yes=yes):
            say("Nothing was changed.")
            return
        told = _worked(hub.sorter, "rollback", layer, is_quiet=as_json, force=force)
    if as_json:
        show_json(told)
        return
    _tell_notes(told)
    say("Taken back: the playlists are as they were.")


@sorter.command(
    "review",
    cls=Command,
    example=(
        "moodroom-hub sorter review energy\nmoodroom-hub sorter review energy --place spotify:track:... techno\n"
        "moodroom-hub sorter review energy --place spotify:track:... none"
    ),
    short_help="The songs in doubt; say where they belong.",
)
@click.argument("layer")
@click.option(
    "--place",
    "places",
    multiple=True,
    nargs=2,
    metavar="URI SUBLIST",
    help="This song belongs there; again with the same song: there, too. none: to no list.",
)
@json_option
@click.pass_obj
def review(shared: Shared, layer: str, places: tuple[tuple[str, str], ...], as_json: bool) -> None:
    """The songs of which the sorter is not sure enough; or, with --place, say where some belong."""
    with shared.changing() if places else shared.reading() as hub:
        its = known_layer(hub.sorter, layer)
        if places:
            found = [hub.sorter.move(its["key"], uri, lists) for uri, lists in said(its, places).items()]
        else:
            found = hub.sorter.places(its["key"], "doubtful")
    names = {each["key"]: str(each["name"]) for each in its["sublists"]}
    if as_json:
        show_json({"layer": its["key"], "places": found})
    elif places:
        for each in found:
            say(f"{song_text(each['song'])}: {_listed(each['sublists'], names) or 'none of them'}")
    elif found:
        rows = [
            (song_text(each["song"]), _listed(each["likely"], names), sure_text(each), each["why"], each["song"]["uri"])
            for each in found
        ]
        show_table(("song", "perhaps", "sure", "why", "uri"), rows)
    else:
        say("Nothing is in doubt.")


@sorter.command("sync", cls=Command, example="moodroom-hub sorter sync", short_help="Learn what you moved on Spotify.")
@json_option
@click.pass_obj
def sync(shared: Shared, as_json: bool) -> None:
    """Learn from what you moved on Spotify, and place new songs. The hub does this by itself once a day."""
    with shared.changing() as hub:
        told = _worked(hub.sorter, "sync", None, is_quiet=as_json)
    if as_json:
        show_json(told)
        return
    _tell_notes(told)
    say("In step.")


@sorter.command(
    "history", cls=Command, example="moodroom-hub sorter history energy", short_help="Every training of a layer."
)
@click.argument("layer")
@json_option
@click.pass_obj
def history(shared: Shared, layer: str, as_json: bool) -> None:
    """Every training of a layer: which model was chosen, and how good it is."""
    with shared.reading() as hub:
        its = known_layer(hub.sorter, layer)
        found = hub.sorter.history(its["key"])
    if as_json:
        show_json({"layer": its["key"], "versions": found})
    elif found:
        rows = [
            (each["id"], each["at"][:16].replace("T", " "), each["labels"], each["model"], _share(each), each["status"],
             each["why"])
            for each in found
        ]  # fmt: skip
        show_table(("id", "when (UTC)", "labels", "model", "expected", "status", "why"), rows)
    else:
        say("Not trained yet. Train it with: moodroom-hub sorter train")


def _worked(asked: SorterClient, what: str, layer: str | None, *, is_quiet: bool, force: bool = False) -> Json:
    """Do the work; gives its job, and the layers that it was about as they are now."""
    key = None if layer is None else str(known_layer(asked, layer)["key"])
    order: Json = {} if what == "sync" else {"layer": key}
    if force:
        order["force"] = True
    job = watched(asked, what, order, is_quiet=is_quiet)
    return {"job": job, "layers": [each for each in asked.overview()["layers"] if key in (None, each["key"])]}


def _listed(keys: list[str], names: dict[str, str]) -> str:
    return ", ".join(names.get(key, key) for key in keys)


def _show_previews(previews: list[Json], as_json: bool) -> None:
    if as_json:
        show_json({"previews": previews})
        return
    for each in previews:
        say(f"Layer {each['layer']}:")
        tell_preview(each)


def _tell_notes(told: Json) -> None:
    for note in told["job"]["notes"]:
        hint(f"Note: {note}")


def _share(version: Json) -> str:
    return "not measured" if version["accuracy"] is None else f"{version['accuracy']:.0%}"
