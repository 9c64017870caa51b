"""What a home is told of the sorter: something only where something is sorted."""

from pathlib import Path

import pytest

from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.plugins.mqtt.discovery import announcements
from moodroom_hub.plugins.mqtt.topics import Topics
from moodroom_hub.plugins.mqtt.validator import problems
from tests.plugins.mqtt.house import home, house, until
from tests.plugins.mqtt.mosquitto import Mosquitto
from tests.plugins.mqtt.test_zones import ZonedHub, section
from tests.plugins.sorter.fake_sorter import FakeSorter, layer, song

STATE = "moodroom/sorter/state"
DEVICE = "homeassistant/device/moodroom/config"


def test_the_sensor_is_announced_only_where_something_is_sorted() -> None:
    topics = Topics("moodroom", "homeassistant")
    without, there = (
        announcements({}, "moodroom", topics, "1", None, has_sorter=has_sorter)[0] for has_sorter in (False, True)
    )
    assert "songs_to_review" not in without.payload["components"]
    sensor = there.payload["components"]["songs_to_review"]
    assert sensor["default_entity_id"] == "sensor.moodroom_songs_to_review"
    assert (sensor["state_topic"], sensor["json_attributes_topic"]) == (STATE, STATE)
    assert problems(there.device_id, there.payload) == []


@pytest.mark.mosquitto
@pytest.mark.usefixtures("no_idle_worker")
async def test_songs_to_review_are_counted(mosquitto: Mosquitto, tmp_path: Path) -> None:
    hub = ZonedHub()
    sorter = hub.the_sorter = FakeSorter(layer(), layer("moods", "M\ud800", is_mutual=False))
    async with home(mosquitto.port) as client, house(tmp_path, section(mosquitto), hub=hub):
        await client.hears("moodroom/bridge/state", "online")
        energy, moods = client.json(STATE)["layers"]
        assert energy == {"layer": "energy", "name": "Energy", "to_review": 3, "labels": 0}
        assert moods["name"] == "M\ufffd"
        await until(lambda: client.said(DEVICE) and "songs_to_review" in client.json(DEVICE)["components"])
        await sorter.answer(layer().key, song(2).uri, [])
        await until(lambda: client.json(STATE)["to_review"] == 5)
        sorter.trouble = Trouble(TroubleCode.UNAVAILABLE, "the database is away")
        await until(lambda: sorter.trouble is None)
        assert client.json(STATE)["to_review"] == 5
    hub.the_sorter = None
    async with home(mosquitto.port) as client, house(tmp_path, section(mosquitto), hub=hub):
        await until(lambda: client.said(DEVICE) and "songs_to_review" not in client.json(DEVICE)["components"])
