"""Switches and wall buttons through one broker: whoever was pressed last counts, whichever way it came."""

import asyncio
import json
import shutil
import subprocess
from pathlib import Path
from random import Random

import pytest

from moodroom_hub.core.ports import Message
from tests.core.hub_lab import HOUSE, NIGHT, make_lab
from tests.plugins.buttons.test_hub import MAPPINGS, hub_with_buttons
from tests.plugins.mqtt.house import home, until
from tests.plugins.mqtt.mosquitto import Mosquitto

pytestmark = pytest.mark.usefixtures("no_idle_worker")

SINGLE, DOUBLE = ("z/desk/action", "single"), ("z/desk/action", "double")
ROUNDS, PRESSES = 10, 4


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


def say_at_once(port: int, topic: str, payload: str) -> None:
    """Publish while the hub's loop stands still: it will find all presses at its door at the same time."""
    program = shutil.which("mosquitto_pub")
    assert program is not None, "mosquitto_pub comes with Mosquitto"
    subprocess.run([program, "-p", str(port), "-q", "1", "-t", topic, "-m", payload], check=True, timeout=30)


async def test_the_last_press_counts_whichever_way_it_came_and_however_tired_the_plugins_are(
    mosquitto: Mosquitto, tmp_path: Path
) -> None:
    lab, rng = make_lab(), Random(5)
    lab.play_takes_s = 0.02
    settings = MAPPINGS + f"  mqtt: {{host: 127.0.0.1, port: {mosquitto.port}, discovery: false}}\n"
    switches = [(f"moodroom/room/{room}/set", word) for room in (NIGHT, HOUSE) for word in ("ON", "OFF", "TOGGLE")]
    async with (
        home(mosquitto.port, filters=("moodroom/bridge/state", "moodroom/response/#")) as wall,
        hub_with_buttons(lab, tmp_path, settings, ("moodroom_hub.plugins.mqtt",)),
    ):
        commands, active = lab.hub.commands, None
        deliver = lab.hub.registry.deliver

        async def tired(message: Message) -> None:
            await asyncio.sleep(0.02)
            await deliver(message)

        vars(lab.hub.registry)["deliver"] = tired
        await until(lambda: ("moodroom/bridge/state", "online") in wall.heard)
        for number in range(ROUNDS):
            presses = [rng.choice([SINGLE, DOUBLE, *switches]) for _ in range(PRESSES)]
            presses += [DOUBLE, (f"moodroom/room/{NIGHT}/set", "ON")] if number % 2 else [switches[0], DOUBLE]
            active = room_after(presses, active)
            for topic, word in presses:
                say_at_once(mosquitto.port, topic, word)
            last = json.dumps({"room": "nowhere", "transaction": number})  # is refused, when all before it are begun
            await wall.say("moodroom/active_room/set", last)
            await until(lambda: len(wall.said("moodroom/response/active_room")) > number)  # noqa: B023 -- at once
            assert commands.wanted_room() == active
        await until(lambda: (lab.hub.zones[lab.hub.commands.zones[0]].session.active_room) == active)
