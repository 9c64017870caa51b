"""Switches and wall buttons through one broker: whoever was pressed last counts, whichever way it came."""

import asyncio
import json
from pathlib import Path
from random import Random

import pytest

from tests.core.hub_lab import HOUSE, NIGHT, make_lab
from tests.plugins.buttons.test_hub import MAPPINGS, hub_with_buttons
from tests.plugins.mqtt.house import home, until
from tests.plugins.mqtt.mosquitto import Mosquitto

pytestmark = pytest.mark.usefixtures("no_idle_worker")

SINGLE, DOUBLE = ("z/desk/action", "single"), ("z/desk/action", "double")
ROUNDS, PRESSES = 60, 6


def room_after(presses: list[tuple[str, str]], active: str | None) -> str | None:
    """The room that is on when each has been obeyed, one by one."""
    for topic, word in presses:
        room = HOUSE if "house" in topic else NIGHT
        if (topic, word) == DOUBLE:
            active = HOUSE
        elif word == "ON":
            active = room
        elif word == "OFF":
            active = None if active == room else active
        else:
            active = None if active == room else room
    return active


async def test_the_last_press_counts_whichever_way_it_came(mosquitto: Mosquitto, tmp_path: Path) -> None:
    lab, rng = make_lab(), Random(5)
    lab.play_takes_s = 0.02
    settings = MAPPINGS + f"  mqtt: {{host: 127.0.0.1, port: {mosquitto.port}, discovery: false}}\n"
    switches = [(f"moodroom/room/{room}/set", word) for room in (NIGHT, HOUSE) for word in ("ON", "OFF", "TOGGLE")]
    async with (
        home(mosquitto.port, filters=("moodroom/bridge/state", "moodroom/response/#")) as wall,
        hub_with_buttons(lab, tmp_path, settings, ("moodroom_hub.plugins.mqtt",)),
    ):
        commands, active = lab.hub.commands, None
        await until(lambda: ("moodroom/bridge/state", "online") in wall.heard)
        for number in range(ROUNDS):
            presses = [rng.choice([SINGLE, DOUBLE, *switches]) for _ in range(PRESSES)]
            active = room_after(presses, active)
            await asyncio.gather(*(wall.say(topic, word) for topic, word in presses))
            last = json.dumps({"room": "nowhere", "transaction": number})  # is refused, when all before it are begun
            await wall.say("moodroom/active_room/set", last)
            await until(lambda: len(wall.said("moodroom/response/active_room")) > number)  # noqa: B023 -- at once
            assert commands.wanted_room() == active
        await until(lambda: (lab.hub.zones[lab.hub.commands.zones[0]].session.active_room) == active)
