"""The bridge on a real Mosquitto, seen by a foreign client: what it says, hears, and answers."""

import asyncio
import json
from pathlib import Path
from typing import Any

import aiomqtt
import pytest
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from moodroom_hub.core.clock import SystemClock
from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.core.face import PluginStatus
from moodroom_hub.core.ports import CheckLevel
from tests.plugins.mqtt.broker_lab import burst
from tests.plugins.mqtt.house import QUICK, home, house, kept, until
from tests.plugins.mqtt.mosquitto import Mosquitto
from tests.plugins.status_page.fake_hub import FakeHub, track

pytestmark = [pytest.mark.mosquitto, pytest.mark.usefixtures("no_idle_worker")]

PATIENCE_S = 60.0
OF_LATE_NIGHT, OF_HOUSE = "moodroom/room/late-night/state", "moodroom/room/house/state"


def section(broker: Mosquitto, **more: Any) -> dict[str, Any]:
    return {"host": "127.0.0.1", "port": broker.port, **more}


async def test_everything_retained_is_said_at_once_and_complete(mosquitto: Mosquitto, tmp_path: Path) -> None:
    async with home(mosquitto.port) as client, house(tmp_path, section(mosquitto)) as here:
        await client.hears("moodroom/bridge/state", "online")
        await here.until(PluginStatus.RUNNING, f"127.0.0.1:{mosquitto.port}")
        assert here.health is not None
        assert here.health.level is CheckLevel.OK
        for topic, payload in {
            OF_LATE_NIGHT: "OFF",
            OF_HOUSE: "OFF",
            "moodroom/active_room/state": "Off",
            "moodroom/learning/state": "ON",
        }.items():
            assert client.said(topic) == [payload]
        silent = client.json("moodroom/now_playing/state")
        assert silent["title"] is silent["uri"] is silent["tier"] is None
        assert silent["is_playing"] is False
        assert client.json("moodroom/room/house/attributes")["confirmed"] == 5
        assert client.json("moodroom/bridge/info")["rooms"][0] == {"slug": "late-night", "name": "Late Night"}
        health = client.json("moodroom/bridge/health")
        assert health["login"] == {"status": "ok", "days_left": 150}
        assert health["problem"] is False
        here.hub.play_track(track(7, "So " * 200))
        await here.event()
        await until(lambda: client.json("moodroom/now_playing/state")["uri"] == track(7).uri)
        playing = client.json("moodroom/now_playing/state")
        assert playing["title"] == ("So " * 200)[:255]
        assert set(playing) == set(silent)
        await client.hears("moodroom/now_playing/artwork", "https://images.example/1.jpg")
    left = await kept(mosquitto.port)
    assert "moodroom/event" not in left, "events are never retained"
    assert left["moodroom/bridge/state"] == "offline"
    assert {topic for topic in left if topic.startswith("homeassistant/")} == {
        "homeassistant/device/moodroom/config",
        "homeassistant/device/moodroom_room_late-night/config",
        "homeassistant/device/moodroom_room_house/config",
        "homeassistant/device/moodroom_zone_kitchen/config",
    }


async def test_time_alone_is_no_news(mosquitto: Mosquitto, tmp_path: Path) -> None:
    async with home(mosquitto.port) as client, house(tmp_path, section(mosquitto)) as here:
        await client.hears("moodroom/bridge/state", "online")
        here.hub.play_track(track(7))
        await here.event()
        await until(lambda: len(client.said("moodroom/now_playing/state")) == 2)
        looks = here.hub.calls.count(("state", None))
        await until(lambda: here.hub.calls.count(("state", None)) > looks + 3)
        assert len(client.said("moodroom/now_playing/state")) == 2


async def test_switches_are_one_group(mosquitto: Mosquitto, tmp_path: Path) -> None:
    async with home(mosquitto.port) as client, house(tmp_path, section(mosquitto)) as here:
        await client.hears("moodroom/bridge/state", "online")
        await client.say("moodroom/room/late-night/set", "ON")
        await client.hears(OF_LATE_NIGHT, "ON")
        client.heard.clear()
        await client.say("moodroom/room/house/set", '{"state": "on"}')
        await client.hears("moodroom/active_room/state", "House")
        switched = [(topic, said) for topic, said in client.heard if topic in (OF_LATE_NIGHT, OF_HOUSE)]
        assert switched == [(OF_LATE_NIGHT, "OFF"), (OF_HOUSE, "ON")], "at no moment two rooms are on"
        await client.say("moodroom/room/house/set", "off")
        await client.hears(OF_HOUSE, "OFF")
        await client.hears("moodroom/active_room/state", "Off")
        assert [call for call in here.hub.calls if call[0] == "rooms_off"] == [("rooms_off", None)]


async def test_a_refused_order_is_answered_by_the_state_and_the_reason(mosquitto: Mosquitto, tmp_path: Path) -> None:
    hub = FakeHub(SystemClock())
    for name in ("activate", "turn_on"):
        hub.fail[name] = Trouble(TroubleCode.NO_DEVICE, "No device is awake; open Spotify.")
    async with home(mosquitto.port) as client, house(tmp_path, section(mosquitto), hub=hub):
        await client.hears("moodroom/bridge/state", "online")
        await client.say("moodroom/room/house/set", "ON")
        await until(lambda: client.said(OF_HOUSE) == ["OFF", "OFF"])
        await until(lambda: client.json("moodroom/room/house/attributes")["last_error_code"] == "no_device")
        assert "open Spotify" in client.json("moodroom/room/house/attributes")["last_error"]
        assert client.json("moodroom/response/room")["code"] == "no_device"
        hub.fail.clear()
        await client.say("moodroom/room/house/set", "ON")
        await until(lambda: client.json("moodroom/room/house/attributes")["last_error"] is None)


async def test_a_retained_order_never_acts(mosquitto: Mosquitto, tmp_path: Path) -> None:
    async with home(mosquitto.port) as client:
        await client.say("moodroom/room/house/set", "ON", retain=True)
        async with house(tmp_path, section(mosquitto)) as here:
            await client.hears("moodroom/bridge/state", "online")
            await client.say("moodroom/learning/set", "OFF")
            await client.hears("moodroom/learning/state", "OFF")
            assert not [call for call in here.hub.calls if call[0] in ("activate", "turn_on")]


async def test_an_order_that_is_retained_while_it_is_news_does_not_act(mosquitto: Mosquitto, tmp_path: Path) -> None:
    listening = home(mosquitto.port)
    async with listening as client, house(tmp_path, section(mosquitto), topics=["z/#"]) as here:
        await client.hears("moodroom/bridge/state", "online")
        await client.say("moodroom/room/house/set", "ON", retain=True)
        await client.say("z/desk/action", "single", retain=True)
        await client.say("moodroom/room/late-night/set", "ON")
        await client.hears(OF_LATE_NIGHT, "ON")
        await until(lambda: here.delivered)
        assert client.said(OF_HOUSE) == ["OFF"]
        assert not here.delivered[0].is_retained, "a button whose presses are retained is heard as ever"


async def test_events_are_passed_on_and_learning_is_seen_without_one(mosquitto: Mosquitto, tmp_path: Path) -> None:
    async with home(mosquitto.port) as client, house(tmp_path, section(mosquitto)) as here:
        await client.hears("moodroom/bridge/state", "online")
        for number in range(1, 101):
            await here.event(number)
        await until(lambda: len(client.said("moodroom/event")) == 100)
        told = [json.loads(said) for said in client.said("moodroom/event")]
        assert [each["id"] for each in told] == list(range(1, 101))
        assert told[0]["event_type"] == "PLAYER_BACK"
        here.hub.is_learning = False
        for changed in here.hub.watchers:
            changed()
        await client.hears("moodroom/learning/state", "OFF", QUICK.refresh * 0.9)
    assert here.hub.watchers == []


@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
async def test_requests_are_answered_in_both_versions(mosquitto: Mosquitto, tmp_path: Path, protocol: str) -> None:
    section_of = section(mosquitto, protocol=protocol, client_id=f"hub {protocol}")
    async with home(mosquitto.port) as client, house(tmp_path, section_of) as here:
        await client.hears("moodroom/bridge/state", "online")
        await client.say("moodroom/request/rooms", '{"transaction": 12}')
        await until(lambda: client.said("moodroom/response/rooms"))
        answer = client.json("moodroom/response/rooms")
        assert (answer["status"], answer["transaction"]) == ("ok", 12)
        await here.until(PluginStatus.RUNNING)
        if protocol == "5":
            properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]  # paho's own
            properties.ResponseTopic = "my/answers"
            properties.CorrelationData = b"me"
            await client.say("moodroom/request/rooms", properties=properties)
            await until(lambda: client.said("my/answers"))
    assert f"as hub {protocol} (p{'5' if protocol == '5' else '2'}," in mosquitto.log


async def test_base_topic_prefix_and_birth_topic_are_free(mosquitto: Mosquitto, tmp_path: Path) -> None:
    names = {"base_topic": "home/upstairs", "discovery_prefix": "ha", "birth_topic": "ha2/born"}
    async with home(mosquitto.port) as client, house(tmp_path, section(mosquitto, **names)):
        await client.hears("home/upstairs/bridge/state", "online")
        await until(lambda: client.said("ha/device/home_upstairs/config"))
        count = len(client.said("home/upstairs/room/house/state"))
        await client.say("ha2/born", "online")
        await until(lambda: len(client.said("home/upstairs/room/house/state")) == count + 1)
        await client.say("home/upstairs/room/house/set", "ON")
        await client.hears("home/upstairs/room/house/state", "ON")
        assert not [topic for topic, _ in client.heard if topic.startswith(("moodroom", "homeassistant"))]


async def test_a_birth_is_answered_with_everything_in_order(mosquitto: Mosquitto, tmp_path: Path) -> None:
    config = "homeassistant/device/moodroom/config"
    async with home(mosquitto.port) as client, house(tmp_path, section(mosquitto)):
        await until(lambda: len(client.said(config)) == 2)  # the last one comes twice, against a race over there
        client.heard.clear()
        for _ in range(5):
            await client.say("homeassistant/status", "online")
        await client.hears("moodroom/bridge/state", "online")
        order = [topic for topic, _ in client.heard]
        assert order.index(config) < order.index(OF_HOUSE) < order.index("moodroom/bridge/state")
        await until(lambda: len(client.said(config)) >= 2)
        await asyncio.sleep(4 * QUICK.device_gap)
        assert len(client.said(config)) <= 4, "births that come together are answered together"


async def test_discovery_can_be_switched_off_again(mosquitto: Mosquitto, tmp_path: Path) -> None:
    async with home(mosquitto.port) as client, house(tmp_path, section(mosquitto)):
        await until(lambda: client.said("homeassistant/device/moodroom_room_house/config"))
        await until(lambda: (tmp_path / "mqtt-announced.json").exists())
    async with home(mosquitto.port) as client, house(tmp_path, section(mosquitto, discovery=False)):
        await client.hears("homeassistant/device/moodroom_room_house/config", "")
        await client.hears("moodroom/bridge/state", "online")
    assert not [topic for topic in await kept(mosquitto.port) if topic.startswith("homeassistant/")]


async def test_somebody_elses_offline_is_put_right(mosquitto: Mosquitto, tmp_path: Path) -> None:
    async with home(mosquitto.port) as client, house(tmp_path, section(mosquitto)):
        await client.hears("moodroom/bridge/state", "online")
        await client.say("moodroom/bridge/state", "offline", retain=True)
        await until(lambda: client.said("moodroom/bridge/state")[-2:] == ["offline", "online"])


@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
async def test_what_matches_several_filters_is_delivered_once(
    mosquitto: Mosquitto, tmp_path: Path, protocol: str
) -> None:
    filters = ("z/+/action", "z/hall/action", "z/#", "shellies/#")
    section_of = section(mosquitto, protocol=protocol)
    async with home(mosquitto.port) as client, house(tmp_path, section_of, topics=filters) as here:
        await client.hears("moodroom/bridge/state", "online")
        for number in range(300):
            await client.say("z/hall/action", f"press {number}")
        await until(lambda: len(here.delivered) >= 300)
        await client.say("shellies/end", "x")
        await until(lambda: here.delivered[-1].topic == "shellies/end")
        assert [message.payload.decode() for message in here.delivered[:-1]] == [f"press {n}" for n in range(300)]


@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
@pytest.mark.parametrize(
    "filters",
    [("moodroom/#",), ("#",), ("+/player/set", "moodroom/player/+", "moodroom/player/set"), ("+/+/set", "$SYS/x")],
    ids=" ".join,
)
async def test_filters_that_overlap_the_hubs_own_cost_no_message(
    mosquitto: Mosquitto, tmp_path: Path, protocol: str, filters: tuple[str, ...]
) -> None:
    """Mosquitto sends a copy for each filter, and drops what is more than 1,000 ahead."""
    section_of = section(mosquitto, protocol=protocol, discovery=False)
    listening = home(mosquitto.port, filters=["moodroom/bridge/state"])
    async with listening as client, house(tmp_path, section_of, topics=filters) as here:
        await client.hears("moodroom/bridge/state", "online")
        await burst(mosquitto.port, "moodroom/player/set", "pause", 1_000)
        await client.say("moodroom/player/set", "play")
        await until(lambda: ("play", None) in here.hub.calls, PATIENCE_S)
        assert here.hub.calls.count(("pause", None)) == 1_000
        own = [message for message in here.delivered if message.topic.startswith("moodroom/")]
        assert own == [], "what lies under the hub's own base is delivered to nobody"


async def test_the_hub_stops_while_orders_run(mosquitto: Mosquitto, tmp_path: Path) -> None:
    async with home(mosquitto.port) as client:
        async with house(tmp_path, section(mosquitto)):
            await client.hears("moodroom/bridge/state", "online")
            for _ in range(200):
                await client.say("moodroom/player/set", "next")
        await client.hears("moodroom/bridge/state", "offline")
    assert "closed its connection" not in mosquitto.log.rpartition("moodroom-")[2]


async def test_a_hub_that_cannot_tell_its_state_still_takes_orders(
    mosquitto: Mosquitto, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    hub = FakeHub(SystemClock())
    hub.fail["state"] = Trouble(TroubleCode.UNAVAILABLE, "the disk is full")
    async with home(mosquitto.port) as client, house(tmp_path, section(mosquitto), hub=hub) as here:
        await here.until(PluginStatus.RUNNING)
        await client.say("moodroom/player/set", "pause")
        await until(lambda: ("pause", None) in hub.calls)
        await asyncio.sleep(3 * QUICK.refresh)
        assert caplog.text.count("the disk is full") == 1
        hub.fail.clear()
        await client.hears("moodroom/bridge/state", "online")


async def test_an_old_client_is_heard_as_well(mosquitto: Mosquitto, tmp_path: Path) -> None:
    old = aiomqtt.ProtocolVersion.V311
    async with home(mosquitto.port, protocol=old) as client, house(tmp_path, section(mosquitto)):
        await client.hears("moodroom/bridge/state", "online")
        await client.say("moodroom/active_room/set", "late night")
        await client.hears(OF_LATE_NIGHT, "ON")
