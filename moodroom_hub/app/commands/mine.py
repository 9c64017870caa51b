"""``moodroom-hub mine``."""

import click

from moodroom_hub.app.client import Client, Json
from moodroom_hub.app.commands.rooms import known_slug
from moodroom_hub.app.mining_watch import agreed, estimate_lines, told, watched
from moodroom_hub.app.output import hint, say, show_json, show_table
from moodroom_hub.app.shapes import Command, json_option
from moodroom_hub.app.shared import Shared, is_interactive
from moodroom_hub.core.errors import MoodroomError
from moodroom_hub.core.miners import IN_THE_ROOM_ALREADY

LINES_SHOWN = 12


@click.command(
    cls=Command,
    example="moodroom-hub mine\nmoodroom-hub mine --room house --preview\nmoodroom-hub mine --miner local --yes",
    short_help="Sort the liked songs into rooms.",
)
@click.option("--room", "rooms", multiple=True, metavar="ROOM", help="Only this room (again for more).")
@click.option("--miner", metavar="NAME", help="local, model ... Else the best that is ready.")
@click.option("--dry-run", is_flag=True, help="Show what would be sent and what it would take; do nothing.")
@click.option("--preview", is_flag=True, help="Show the difference, and ask before it is applied.")
@click.option("--no-suggestions", is_flag=True, help="Only the liked songs: nothing from outside the library.")
@click.option("--undo", is_flag=True, help="Take the last mining back; again: it is back.")
@click.option("--yes", "-y", is_flag=True, help="Agree to what it costs, and to the difference.")
@json_option
@click.pass_obj
def mine(
    shared: Shared,
    rooms: tuple[str, ...],
    miner: str | None,
    dry_run: bool,
    preview: bool,
    no_suggestions: bool,
    undo: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Sort the liked songs into rooms: by a model where one is configured, else by the local miner.

    It says first what it will take and asks before it may cost money. Mining again replaces what the miner said
    before, never what listening or your hands decided. Read your library first: moodroom-hub library sync.
    """
    with shared.changing() as hub:
        if undo:
            _undo(hub, as_json)
            return
        order: Json = {
            "kind": "mine",
            "rooms": [known_slug(hub.rooms(), room) for room in rooms] or None,
            "miner": miner,
            "suggestions": not no_suggestions,
            "accepted": True,
            "held": preview,
        }
        if dry_run:
            _dry_run(hub.mining_estimate(order), as_json)
            return
        if not agreed(hub, order, yes=yes):
            say("Nothing was asked, nothing was changed.")
            return
        state = watched(hub, order, is_quiet=as_json)
        if preview:
            state = _previewed(hub, state, yes=yes, as_json=as_json)
    if as_json:
        show_json(state)
    else:
        _tell(state)


def _undo(hub: Client, as_json: bool) -> None:
    undone = hub.mining_undo()
    if as_json:
        show_json(undone)
        return
    fate, other = ("is there again", "takes it back") if undone["back"] else ("is taken back", "brings it back")
    say(f"The last mining of {', '.join(undone['rooms'])} {fate}. The same command {other}.")


def _dry_run(estimate: Json, as_json: bool) -> None:
    if as_json:
        show_json(estimate)
        return
    for line in estimate_lines(estimate):
        say(line)
    say("Nothing was sent." + (" This would be:" if estimate["prompts"] else ""))
    for prompt in estimate["prompts"]:
        say(f"--- {prompt['title']}")
        for line in str(prompt["text"]).splitlines():
            say(line)


def _previewed(hub: Client, state: Json, *, yes: bool, as_json: bool) -> Json:
    is_change = any(plan["added"] or plan["moved"] or plan["gone"] for plan in state["report"]["rooms"])
    if not is_change:
        hub.mining_discard()
        hint("Nothing would change.")
        return {**state, "status": "cancelled"}
    if not as_json:
        tell_difference(state["report"])
    if not yes and not is_interactive():
        hub.mining_discard()
        raise MoodroomError("Nobody can be asked here, so nothing was changed. Add --yes to apply it.")
    if yes or click.confirm("Apply this?", default=False, err=True):
        return hub.mining_apply({})
    hub.mining_discard()
    hint("Nothing was changed.")
    return {**state, "status": "cancelled"}


def tell_difference(report: Json) -> None:
    """What comes into every room, leaves it, and changes its tier."""
    for plan in report["rooms"]:
        changes = [
            *(f"  + {_told(track)} ({track['tier']}): {track['why']}" for track in plan["added"]),
            *(f"  ~ {_told(track)}: {track['before']} -> {track['tier']}: {track['why']}" for track in plan["moved"]),
            *(f"  - {_told(track)} ({track['before']})" for track in plan["gone"]),
        ]
        if changes:
            say(f"{plan['room']}:")
            told(changes, LINES_SHOWN * 3)


def _told(track: Json) -> str:
    return f"{track['name']} - {', '.join(track['artists'])}"


def _by(song: Json) -> str:
    return f"{song['name']} - {song['artist']}"


def _tell(state: Json) -> None:
    report = state["report"]
    if state["status"] == "cancelled" or report is None:
        return
    rows = [
        (plan["room"], len(plan["added"]), len(plan["moved"]), len(plan["gone"]), plan["unchanged"], plan["kept"])
        for plan in report["rooms"]
    ]
    show_table(("room", "new", "moved", "gone", "as before", "kept as heard"), rows)
    no_room = [each for each in report["unplaced"] if each["judged"]]
    unjudged = [each for each in report["unplaced"] if not each["judged"]]
    if no_room:
        say(f"{len(no_room)} liked songs are in no room: nothing fitted surely enough.")
    if unjudged:
        say(f"{len(unjudged)} could not be judged, and stay as they were:")
        told([f"  {_told(each)}: {each['reason']}" for each in unjudged], LINES_SHOWN)
    known = [each for each in report["dropped"] if each["reason"] == IN_THE_ROOM_ALREADY]
    in_vain = [each for each in report["dropped"] if each["reason"] != IN_THE_ROOM_ALREADY]
    if known:
        say(f"{len(known)} suggestions were known in their rooms already.")
    if in_vain:
        say(f"{len(in_vain)} suggestions were left out:")
        told([f"  {each['room']}: {_by(each)}: {each['reason']}" for each in in_vain], LINES_SHOWN)
    for note in report["notes"]:
        say(f"Note: {note}")
    spent = (
        f", {state['calls']} calls, {state['tokens_in']:,} + {state['tokens_out']:,} tokens" if state["calls"] else ""
    )
    cost = f", ${state['cost_usd']:.4f}" if state["cost_usd"] else ""
    say(f"Mined with {state['miner']} in {state['elapsed_ms'] / 1000:.1f} s{spent}{cost}.")
