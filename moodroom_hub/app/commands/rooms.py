"""``moodroom-hub rooms``."""

import click

from moodroom_hub.app.client import Json
from moodroom_hub.app.commands.audit import audit
from moodroom_hub.app.commands.calibrate import calibrate
from moodroom_hub.app.output import say, show_json, show_table
from moodroom_hub.app.shapes import Command, Group, json_option
from moodroom_hub.app.shared import Shared
from moodroom_hub.core.errors import MoodroomError

TIERS = ("CONFIRMED", "SAFE_SIDE", "DISCOVERY", "REMOVED")


zone_option = click.option("--zone", help="Where, by the zone's name or the speaker's.  [default: the first zone]")


@click.group(cls=Group, example="moodroom-hub rooms activate late-night")
def rooms() -> None:
    """List the rooms, switch one on or off, teach it what belongs."""


rooms.add_command(audit)
rooms.add_command(calibrate)


@rooms.command("list", cls=Command, example="moodroom-hub rooms list --json")
@json_option
@click.pass_obj
def list_rooms(shared: Shared, as_json: bool) -> None:
    """Every room: its tracks per tier, and the zones where it is on."""
    with shared.reading() as hub:
        found = hub.rooms()
    if as_json:
        show_json({"rooms": found})
        return
    show_table(
        ("", "room", "name", *(tier.lower() for tier in TIERS), "on in"),
        [
            (
                "*" if room["active"] else "",
                room["slug"],
                room["name"],
                *(room["counts"].get(tier, 0) for tier in TIERS),
                ", ".join(room.get("zones", [])),
            )
            for room in found
        ],
    )


@rooms.command("show", cls=Command, example="moodroom-hub rooms show house")
@click.argument("room")
@json_option
@click.pass_obj
def show_room(shared: Shared, room: str, as_json: bool) -> None:
    """A room's tracks by tier, with strikes and why each is there."""
    with shared.reading() as hub:
        slug = known_slug(hub.rooms(), room)
        pool = hub.pool(slug)
    if as_json:
        show_json(pool)
        return
    rows = [
        (tier, track["name"], ", ".join(track["artists"]), track["strikes"], track["why"])
        for tier in TIERS
        for track in pool["tiers"].get(tier, [])
    ]
    if rows:
        show_table(("tier", "track", "artists", "strikes", "why"), rows)
    else:
        say(f"{slug} has no tracks yet. Fill it with: moodroom-hub pool import FILE")


@rooms.command("activate", cls=Command, example="moodroom-hub rooms activate late-night --zone kitchen")
@click.argument("room")
@zone_option
@json_option
@click.pass_obj
def activate(shared: Shared, room: str, zone: str | None, as_json: bool) -> None:
    """Switch a room on: draw a fresh batch and play it. Again on the active room: another batch."""
    with shared.live("Switching a room on") as hub:
        answer = hub.activate(known_slug(hub.rooms(), room), zone)
    if as_json:
        show_json(answer)
        return
    for number, track in enumerate(answer["batch"], 1):
        say(f"{number:>2}. {track['tier']:<9} {track['name']} - {', '.join(track['artists'])}")
    if zone is not None and answer.get("zone"):
        say(f"It plays in the zone {answer['zone']}.")
    for note in answer.get("notes", []):
        say(f"Note: {note}")


@rooms.command("off", cls=Command, example="moodroom-hub rooms off")
@zone_option
@click.pass_obj
def off(shared: Shared, zone: str | None) -> None:
    """Switch the active room off: no more top-ups; what plays goes on."""
    with shared.live("Switching off") as hub:
        hub.rooms_off(zone)
    say("Off. What plays now plays on.")


def known_slug(found: list[Json], wanted: str) -> str:
    """The slug of the room that is called ``wanted``, by slug or by name. Raises where there is none."""
    for room in found:
        if wanted.casefold() in (str(room["slug"]).casefold(), str(room["name"]).casefold()):
            return str(room["slug"])
    raise MoodroomError(f"There is no room {wanted!r}. Known: {', '.join(str(room['slug']) for room in found)}.")
