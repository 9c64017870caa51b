"""The bridge on a real Mosquitto, seen by a foreign client."""

from pathlib import Path

import pytest

from moodroom_hub.core.face import PluginStatus
from tests.plugins.mqtt.house import home, house, kept
from tests.plugins.mqtt.mosquitto import Mosquitto
from tests.plugins.status_page.fake_hub import HOUSE, LATE_NIGHT

pytestmark = [pytest.mark.mosquitto, pytest.mark.usefixtures("no_idle_worker")]


async def test_hello_states_and_a_clean_goodbye(mosquitto: Mosquitto, tmp_path: Path) -> None:
    async with home(mosquitto.port) as client:
        async with house(tmp_path, {"host": "127.0.0.1", "port": mosquitto.port}) as here:
            await client.hears("moodroom/bridge/state", "online")
            assert here.status is PluginStatus.RUNNING
            assert client.said("moodroom/room/late-night/state") == ["OFF"]
            await client.say("moodroom/room/late-night/set", "ON")
            await client.hears("moodroom/room/late-night/state", "ON")
            await here.turn_on(HOUSE)
            await client.hears("moodroom/room/house/state", "ON")
            await client.hears("moodroom/room/late-night/state", "OFF")
        await client.hears("moodroom/bridge/state", "offline")
    assert here.hub.calls.count(("activate", LATE_NIGHT, None)) == 1
    assert (await kept(mosquitto.port))["moodroom/bridge/state"] == "offline"
