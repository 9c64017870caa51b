"""Brokers of less: the hub's own, one that knows the old protocol only, one that allows little, and what is none."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiomqtt
import pytest

from moodroom_hub.core.errors import NotReady
from moodroom_hub.core.face import PluginStatus
from moodroom_hub.core.ports import CheckLevel
from moodroom_hub.plugins.mqtt.embedded import EmbeddedBroker
from tests.plugins.mqtt.conftest import MakeMosquitto
from tests.plugins.mqtt.house import QUICK, home, house, until
from tests.plugins.mqtt.mosquitto import SECURITY

pytestmark = pytest.mark.usefixtures("no_idle_worker")

OLD = aiomqtt.ProtocolVersion.V311


async def test_the_hubs_own_broker(tmp_path: Path) -> None:
    section = {"embedded": True, "port": 0, "username": "home", "password": "sesame"}
    async with house(tmp_path, section) as here:
        await here.until(PluginStatus.RUNNING)
        host, _, port = here.plugin.broker_address.partition(":")
        assert host == "127.0.0.1"
        async with home(int(port), username="home", password="sesame", protocol=OLD) as client:
            await client.hears("moodroom/bridge/state", "online")
            await client.say("moodroom/room/house/set", "ON")
            await client.hears("moodroom/room/house/state", "ON")
            await client.hears("moodroom/active_room/state", "House")
        (check,) = await here.plugin.check()
        assert check.level is CheckLevel.OK
    assert here.plugin.broker_address == ""
    assert here.health is None


async def test_a_broker_of_the_old_protocol_is_spoken_to_in_it(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    broker = EmbeddedBroker("127.0.0.1", 0)
    port = await broker.start()
    try:
        async with house(tmp_path, {"host": "127.0.0.1", "port": port}) as here:
            await here.until(PluginStatus.RUNNING)
            (check,) = await here.plugin.check()
            assert "MQTT 3.1.1" in check.message
        assert "does not speak MQTT 5; 3.1.1 is used instead" in caplog.text
        assert not [one for one in here.statuses[1:] if one[0] is not PluginStatus.RUNNING]
    finally:
        await broker.stop()


@asynccontextmanager
async def something(answer: bytes) -> AsyncIterator[int]:
    """What takes connections, says this, and nothing more; its port."""
    taken: list[asyncio.StreamWriter] = []

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        taken.append(writer)
        writer.write(answer)

    server = await asyncio.start_server(take, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for writer in taken:
            writer.close()
        await asyncio.sleep(0)


@pytest.mark.parametrize("tls", [False, True])
async def test_who_says_nothing_is_no_broker_and_holds_up_nobody(tmp_path: Path, tls: bool) -> None:
    async with something(b"") as port:
        async with house(tmp_path, {"host": "127.0.0.1", "port": port, "tls": tls}) as here:
            await here.until(PluginStatus.WAITING, "answer")
            await asyncio.sleep(QUICK.longest_pause)  # the next attempt is under way
            began_s = asyncio.get_running_loop().time()
        assert asyncio.get_running_loop().time() - began_s < 0.5


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.0 400 Bad Request\r\n\r\n",
        b"\x20\x03\x00\x00\x00" + b"\x32\x02\xff\xff",  # welcome, and then a message that breaks off inside
        b"\x20\x03\x00\x00\x00" + b"\x30\x06\x00\x02\xff\xfe\x00x",  # a topic that is no text
        b"\x20\x03\x00\x00\x00" + b"\xff" * 50,
    ],
)
async def test_what_cannot_be_read_ends_one_connection_and_nothing_else(
    tmp_path: Path, answer: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    async with something(answer) as port, house(tmp_path, {"host": "127.0.0.1", "port": port}) as here:
        await until(lambda: len(here.statuses) > 1)
        await here.until(PluginStatus.WAITING)
        assert not [task for task in here.tasks if task.done()]
    assert len([record for record in caplog.records if record.levelno >= logging.WARNING]) <= 3


@pytest.mark.mosquitto
@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
async def test_who_may_not_hear_everything_hears_the_hubs_own(
    make_mosquitto: MakeMosquitto, tmp_path: Path, protocol: str
) -> None:
    """A button that asks for too much, or two that are asked for in one, cost nobody else a message."""
    if SECURITY is None:
        pytest.skip("this Mosquitto has no dynamic security")
    refused = ("#", "+/player/#", "z/+/+")
    acls = [{"acltype": "subscribeLiteral", "topic": one, "allow": False} for one in refused]
    kinds = ("publishClientSend", "publishClientReceive", "subscribe", "unsubscribe")
    security = {
        "defaultACLAccess": dict.fromkeys(kinds, True),
        "anonymousGroup": "all",
        "groups": [{"groupname": "all", "roles": [{"rolename": "some"}]}],
        "roles": [{"rolename": "some", "acls": acls}],
    }
    rights = tmp_path / "security.json"
    rights.write_text(json.dumps(security))
    broker = make_mosquitto(extra=f"plugin {SECURITY}\nplugin_opt_config_file {rights}")
    filters = ("#", "+/player/#", "z/hall/+", "z/+/action", "z/hall/action")
    section = {"host": "127.0.0.1", "port": broker.port, "protocol": protocol}
    listening = home(broker.port, filters=["moodroom/bridge/state"])
    async with listening as client, house(tmp_path, section, topics=filters) as here:
        await here.until(PluginStatus.RUNNING, "does not allow this user: #, +/player/#")
        assert "z/" not in here.reason
        await client.hears("moodroom/bridge/state", "online")
        for number in range(20):
            await client.say("z/hall/action", f"{number}")
            await client.say("moodroom/player/set", "pause")
        await client.say("z/hall/end", "x")
        await until(lambda: here.delivered and here.delivered[-1].topic == "z/hall/end")
        presses = [message.payload.decode() for message in here.delivered if message.topic == "z/hall/action"]
        assert presses == [f"{number}" for number in range(20)]
        assert here.hub.calls.count(("pause", None)) == 20


async def test_a_port_that_is_taken_is_told(tmp_path: Path) -> None:
    async with something(b"") as port:
        with pytest.raises(NotReady, match="cannot listen on "):
            async with house(tmp_path, {"embedded": True, "port": port}):
                raise AssertionError("it has not started")
