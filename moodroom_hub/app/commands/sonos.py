"""``moodroom-hub sonos``."""

from types import ModuleType
from typing import TYPE_CHECKING

import click

from moodroom_hub.app.output import say, show_json, show_table
from moodroom_hub.app.shapes import Command, Group, json_option
from moodroom_hub.app.shared import Shared
from moodroom_hub.core.errors import StartError

if TYPE_CHECKING:
    from moodroom_hub.app.sonos_house import House


@click.group(cls=Group, example="moodroom-hub sonos discover")
def sonos() -> None:
    """The Sonos speakers: groups, queues, volume."""


@sonos.command(cls=Command, example="moodroom-hub sonos discover", short_help="Find the speakers.")
@click.option("--seconds", type=click.FloatRange(0.2, 60), default=3.0, show_default=True, help="How long to search.")
@json_option
@click.pass_obj
def discover(shared: Shared, seconds: float, as_json: bool) -> None:
    """Search this network for speakers, and print the section to paste into the configuration. Needs no hub."""
    parts = _parts()
    rows = parts.found_now(shared.config(), seconds)
    if as_json:
        show_json({"speakers": rows})
        return
    for line in parts.pasted(rows):
        say(line)


@sonos.command(cls=Command, example="moodroom-hub sonos speakers --json")
@json_option
@click.pass_obj
def speakers(shared: Shared, as_json: bool) -> None:
    """Every speaker: its zone, its group, how loud it is."""

    async def look(house: "House") -> None:
        rows = await house.speakers()
        if as_json:
            show_json({"speakers": rows})
            return
        keys = ("name", "zone", "address", "plays_with", "volume", "muted")
        told = [{**row, "muted": {True: "muted", False: "", None: None}[row["muted"]]} for row in rows]
        show_table(tuple(key.replace("_", " ") for key in keys), [[row[key] for key in keys] for row in told])

    _parts().at_home(shared.config(), look)


@sonos.command(cls=Command, example="moodroom-hub sonos groups")
@json_option
@click.pass_obj
def groups(shared: Shared, as_json: bool) -> None:
    """Every group; it is one zone, that of its leading speaker."""

    async def look(house: "House") -> None:
        rows = await house.groups()
        if as_json:
            show_json({"groups": rows})
            return
        show_table(
            ("zone", "leads", "speakers", "state", "volume"),
            [(row["zone"], row["leads"], ", ".join(row["speakers"]), row["state"], row["volume"]) for row in rows],
        )

    _parts().at_home(shared.config(), look)


@sonos.command(cls=Command, example="moodroom-hub sonos queue kitchen")
@click.argument("zone")
@json_option
@click.pass_obj
def queue(shared: Shared, zone: str, as_json: bool) -> None:
    """What lies in a zone's queue; a star marks what is on."""

    async def look(house: "House") -> None:
        told = await house.queue(zone)
        if as_json:
            show_json(told)
        elif not told["entries"]:
            say("The queue is empty.")
        else:
            rows = [("*" if row["on"] else "", row["number"], row["title"], row["uri"]) for row in told["entries"]]
            show_table(("", "number", "title", "uri"), rows)

    _parts().at_home(shared.config(), look)


@sonos.command(cls=Command, example="moodroom-hub sonos move kitchen 7 2")
@click.argument("zone")
@click.argument("number", type=click.IntRange(1), metavar="FROM")
@click.argument("to", type=click.IntRange(1))
@click.pass_obj
def move(shared: Shared, zone: str, number: int, to: int) -> None:
    """Move an entry of a zone's queue.

    Both numbers are places as the command queue shows them.
    """

    async def deed(house: "House") -> None:
        await house.player(zone).reorder(number, to)

    _parts().at_home(shared.config(), deed)
    say(f"{number} is {to} already: there is nothing to do." if number == to else f"Moved: {number} is {to} now.")


@sonos.command(cls=Command, example="moodroom-hub sonos volume kitchen 25")
@click.argument("zone")
@click.argument("percent", type=click.IntRange(0, 100), metavar="[N]", required=False)
@json_option
@click.pass_obj
def volume(shared: Shared, zone: str, percent: int | None, as_json: bool) -> None:
    """Tell how loud a zone's group is, or make it N percent loud.

    Its speakers keep their proportions.
    """

    async def deed(house: "House") -> None:
        now = await house.player(zone).volume(percent)
        if as_json:
            show_json({"zone": house.zone_of(zone), "volume": now})
        else:
            say(f"{house.zone_of(zone)}: {now} %")

    _parts().at_home(shared.config(), deed)


@sonos.command(cls=Command, example="moodroom-hub sonos mute kitchen on")
@click.argument("zone")
@click.argument("state", type=click.Choice(["on", "off"]))
@click.pass_obj
def mute(shared: Shared, zone: str, state: str) -> None:
    """Mute a zone's group, or let it sound again."""

    async def deed(house: "House") -> None:
        await house.player(zone).mute(is_muted=state == "on")

    _parts().at_home(shared.config(), deed)
    say("Muted." if state == "on" else "It sounds again.")


@sonos.command(cls=Command, example="moodroom-hub sonos join kitchen living-room")
@click.argument("speaker")
@click.argument("to")
@click.pass_obj
def join(shared: Shared, speaker: str, to: str) -> None:
    """Let a speaker play what another one plays."""

    async def deed(house: "House") -> None:
        if house.leader_uid(speaker) == house.leader_uid(to):
            say("They play together already, or are one: there is nothing to do.")
            return
        await house.player(speaker).join(house.leader_uid(to))
        say("Joined.")

    _parts().at_home(shared.config(), deed)


@sonos.command(cls=Command, example="moodroom-hub sonos leave kitchen")
@click.argument("speaker")
@click.pass_obj
def leave(shared: Shared, speaker: str) -> None:
    """Take a speaker out of its group; the others play on."""

    async def deed(house: "House") -> None:
        await house.player(speaker).leave()

    _parts().at_home(shared.config(), deed)
    say("It stands alone now.")


def _parts() -> ModuleType:
    """What speaks to the speakers, imported late: it brings SoCo, which is an extra. Raises ``StartError``."""
    try:
        from moodroom_hub.app import sonos_house
    except ModuleNotFoundError as error:
        if error.name != "soco":
            raise
        raise StartError("Sonos needs SoCo, which is not installed: pip install 'moodroom-hub[sonos]'") from None
    return sonos_house
