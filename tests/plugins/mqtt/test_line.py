"""The line to the broker: away, refused, restarted, taken over, frozen; TLS. All on a real Mosquitto."""

import asyncio
import logging
import signal
import ssl
import sys
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from moodroom_hub.core.face import PluginStatus
from moodroom_hub.core.ports import CheckLevel
from tests.plugins.mqtt.conftest import MakeMosquitto
from tests.plugins.mqtt.house import QUICK, home, house, kept, until
from tests.plugins.mqtt.mosquitto import Authority, Mosquitto
from tests.plugins.status_page.fake_hub import HOUSE, LATE_NIGHT
from tests.ports import free_port

pytestmark = [pytest.mark.mosquitto, pytest.mark.usefixtures("no_idle_worker")]

ROOT = Path(__file__).resolve().parents[3]
ASKED = 60
"""At once: several come in one reading, and few enough to be confirmed in time by a busy machine."""
CHILD = """
import asyncio, sys
from pathlib import Path
from tests.plugins.mqtt.house import house

async def main():
    async with house(Path(sys.argv[1]), {"host": "127.0.0.1", "port": int(sys.argv[2])}):
        await asyncio.sleep(60)

asyncio.run(main())
"""


def section(broker: Mosquitto, **more: Any) -> dict[str, Any]:
    return {"host": "127.0.0.1", "port": broker.port, **more}


def lines_of(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What the bridge told the log, from information on."""
    return [
        record.getMessage()
        for record in caplog.records
        if record.name.startswith("moodroom_hub.plugins.mqtt") and record.levelno >= logging.INFO
    ]


async def test_a_killed_hub_is_offline_by_its_last_will(mosquitto: Mosquitto, tmp_path: Path) -> None:
    async with home(mosquitto.port) as client:
        child = await asyncio.create_subprocess_exec(
            sys.executable, "-c", CHILD, str(tmp_path), str(mosquitto.port), cwd=ROOT
        )
        try:
            await client.hears("moodroom/bridge/state", "online", 20)
        finally:
            child.send_signal(signal.SIGKILL)
            await child.wait()
        await client.hears("moodroom/bridge/state", "offline", 1)
        async with house(tmp_path, section(mosquitto)):
            await client.hears("moodroom/bridge/state", "online")
    assert (await kept(mosquitto.port))["moodroom/bridge/state"] == "offline"


async def test_a_broker_that_restarts_without_memory_gets_everything_again(
    mosquitto: Mosquitto, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    async with house(tmp_path, section(mosquitto)) as here:
        await here.until(PluginStatus.RUNNING)
        await here.turn_on(LATE_NIGHT)
        async with home(mosquitto.port) as client:
            await client.hears("moodroom/room/late-night/state", "ON")
            before = dict(client.heard)
        mosquitto.kill()
        await here.until(PluginStatus.WAITING)
        assert here.health is not None
        assert here.health.level is CheckLevel.FAILED
        await here.turn_on(HOUSE)  # nobody hears it, and nobody needs to
        for number in range(5_000):
            await here.event(number)
        mosquitto.start()
        async with home(mosquitto.port) as client:
            await client.hears("moodroom/bridge/state", "online", 5)
            await client.hears("moodroom/room/house/state", "ON", 5)
            await client.hears("moodroom/room/late-night/state", "OFF", 5)
            await until(
                lambda: {topic for topic in before if topic != "moodroom/event"} <= dict(client.heard).keys(), 5
            )
            assert len(client.said("moodroom/event")) <= 1, "what happened meanwhile is not told late"
        await until(lambda: "well again" in caplog.text)
    assert len([line for line in lines_of(caplog) if line.startswith("connected again to the broker at")]) == 1
    assert len([line for line in lines_of(caplog) if "tried again" in line]) == 1


async def test_a_broker_that_is_away_at_the_start_is_waited_for(
    make_mosquitto: MakeMosquitto, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    broker = make_mosquitto(is_started=False)
    async with house(tmp_path, section(broker)) as here:
        await here.until(PluginStatus.WAITING, "no broker listens at 127.0.0.1")
        await asyncio.sleep(0.5)
        assert len([line for line in lines_of(caplog) if "no broker listens" in line]) == 1
        broker.start()
        await here.until(PluginStatus.RUNNING)
    assert (await kept(broker.port))["moodroom/bridge/state"] == "offline"


async def test_a_dead_broker_costs_no_memory(tmp_path: Path) -> None:
    async with house(tmp_path, {"host": "127.0.0.1", "port": free_port()}) as here:
        await here.until(PluginStatus.WAITING, "no broker listens")

        async def suffer() -> None:
            for number in range(2_000):
                await here.event(number)
                if number % 100 == 0:
                    await asyncio.sleep(0.01)
            here.statuses.clear()

        await suffer()
        tracemalloc.start()
        try:
            await suffer()
            before, _ = tracemalloc.get_traced_memory()
            for _ in range(5):
                await suffer()
            after, _ = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert after - before < 100_000


async def test_a_wrong_password_is_told_once_and_without_the_password(
    make_mosquitto: MakeMosquitto, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    broker = make_mosquitto(users={"hub": "sesame-right"})
    async with house(tmp_path, section(broker, username="hub", password="sesame-wrong")) as here:
        await here.until(PluginStatus.WAITING, "refuses the login: ")
        assert "plugins.mqtt.password" in here.reason
        await until(lambda: broker.log.count("not authorised") >= 3)
        await here.event()
        assert len([line for line in lines_of(caplog) if "refuses" in line]) == 1
    assert "sesame" not in caplog.text + str(here.statuses) + str(here.health)
    good = section(broker, username="hub", password="sesame-right")
    async with home(broker.port, username="hub", password="sesame-right") as client, house(tmp_path, good):
        await client.hears("moodroom/bridge/state", "online")


async def test_a_secret_that_comes_late_is_read_late(make_mosquitto: MakeMosquitto, tmp_path: Path) -> None:
    broker = make_mosquitto(users={"hub": "sesame"})
    secret = tmp_path / "secret"
    async with house(tmp_path, section(broker, username="hub", password=f"file:{secret}")) as here:
        await here.until(PluginStatus.WAITING, "cannot be read")
        secret.write_text("sesame\n")
        await here.until(PluginStatus.RUNNING)


async def test_tls_with_an_own_authority_and_a_client_certificate(
    make_mosquitto: MakeMosquitto, authority: Authority, tmp_path: Path
) -> None:
    broker = make_mosquitto(authority=authority, wants_certificate=True)
    certificate, key = authority.issue("moodroom")
    trust = ssl.create_default_context(cafile=str(authority.ca))
    trust.load_cert_chain(certificate, key)
    tls = {"ca": str(authority.ca), "certificate": str(certificate), "key": str(key)}
    async with home(broker.port, tls=trust) as client:
        async with house(tmp_path, {"host": "localhost", "port": broker.port, "tls": tls}) as here:
            await client.hears("moodroom/bridge/state", "online")
            said = (client.say("moodroom/request/state", f'{{"transaction": {number}}}') for number in range(ASKED))
            await asyncio.gather(*said)
            await until(lambda: len(client.said("moodroom/response/state")) == ASKED)
            await here.until(PluginStatus.RUNNING)
        await client.hears("moodroom/bridge/state", "offline")


@pytest.mark.parametrize(
    ("tls", "says"),
    [
        ({}, "is not trusted"),
        (True, "is not trusted"),
        ({"ca": "CA"}, "hung up before it said hello"),
        ({"ca": "nowhere.pem"}, "plugins.mqtt.tls.ca: nowhere.pem"),
        ({"ca": "CA", "certificate": "CA"}, "plugins.mqtt.tls.certificate"),
        (False, "hung up before it said hello"),
    ],
)
async def test_what_is_wrong_with_tls_is_said(
    make_mosquitto: MakeMosquitto, authority: Authority, tmp_path: Path, tls: Any, says: str
) -> None:
    broker = make_mosquitto(authority=authority, wants_certificate=True)
    if isinstance(tls, dict):
        tls = {key: str(authority.ca) if value == "CA" else value for key, value in tls.items()}
    async with house(tmp_path, {"host": "localhost", "port": broker.port, "tls": tls}) as here:
        await here.until(PluginStatus.WAITING, says)


async def test_insecure_believes_anybody(make_mosquitto: MakeMosquitto, authority: Authority, tmp_path: Path) -> None:
    broker = make_mosquitto(authority=authority)
    async with house(tmp_path, section(broker, tls={"insecure": True})) as here:
        await here.until(PluginStatus.RUNNING)


async def test_tls_where_there_is_none(mosquitto: Mosquitto, tmp_path: Path) -> None:
    async with house(tmp_path, section(mosquitto, tls=True)) as here:
        await here.until(PluginStatus.WAITING, "TLS")


async def test_the_client_id_is_its_own_and_stays(mosquitto: Mosquitto, tmp_path: Path) -> None:
    async with house(tmp_path, section(mosquitto)) as here:
        await here.until(PluginStatus.RUNNING)
    name = (tmp_path / "mqtt-client-id").read_text().strip()
    async with house(tmp_path, section(mosquitto)) as here:
        await here.until(PluginStatus.RUNNING)
    assert mosquitto.log.count(f" as {name} (p5, c1, k30)") == 2


async def test_another_program_of_the_same_name_is_told_of_without_a_flood(
    mosquitto: Mosquitto, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    one, other = tmp_path / "one", tmp_path / "other"
    one.mkdir()
    other.mkdir()
    both = section(mosquitto, client_id="moodroom")
    async with house(one, both) as first, house(other, both) as second:
        await until(lambda: "again and again" in str(first.statuses + second.statuses))
        await asyncio.sleep(1)
    assert len(lines_of(caplog)) <= 8, "each: connected, lost, connected again, and why it does not last"


async def test_a_broker_that_freezes_is_left_and_found_again(mosquitto: Mosquitto, tmp_path: Path) -> None:
    async with house(tmp_path, section(mosquitto)) as here:
        await here.until(PluginStatus.RUNNING)
        mosquitto.freeze()
        await here.turn_on(HOUSE)
        await here.until(PluginStatus.WAITING)
        mosquitto.restart()
        await here.until(PluginStatus.RUNNING)


async def test_the_hub_stops_at_once_whatever_the_broker_does(mosquitto: Mosquitto, tmp_path: Path) -> None:
    async with house(tmp_path, section(mosquitto)) as here:
        await here.until(PluginStatus.RUNNING)
        mosquitto.freeze()
        began_s = asyncio.get_running_loop().time()
    assert asyncio.get_running_loop().time() - began_s < 1.9  # the supervisor cancels a second time after 2 s


async def test_rights_that_the_broker_does_not_give_are_named(make_mosquitto: MakeMosquitto, tmp_path: Path) -> None:
    rights = tmp_path / "rights"
    rights.write_text("topic readwrite moodroom/#\ntopic read homeassistant/#\n")
    rights.chmod(0o600)
    broker = make_mosquitto(extra=f"acl_file {rights}")
    async with house(tmp_path, section(broker)) as here:
        await here.until(PluginStatus.RUNNING, "does not allow this user: homeassistant/device/")
        assert here.health is not None
        assert here.health.level is CheckLevel.WARNING


async def test_what_is_no_broker_is_said_so(tmp_path: Path) -> None:
    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"HTTP/1.0 400 Bad Request\r\n\r\n" * 20)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(greet, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, house(tmp_path, {"host": "127.0.0.1", "port": port}) as here:
        await here.until(PluginStatus.WAITING, "broker")


async def test_the_check_says_how_it_is(make_mosquitto: MakeMosquitto, tmp_path: Path) -> None:
    broker = make_mosquitto(users={"hub": "sesame"})
    async with house(tmp_path, {}) as here:
        assert here.status is PluginStatus.DISABLED
        assert here.reason == "switched off: no broker is configured (plugins.mqtt.host)"
        assert here.health is None
        assert [check.level for check in await here.plugin.check()] == [CheckLevel.SKIPPED]
    for more, level, says in (
        ({"username": "hub", "password": "sesame"}, CheckLevel.OK, "lets the hub in (MQTT 5)"),
        ({"username": "hub", "password": "x"}, CheckLevel.FAILED, "wrong user or password"),
        ({"port": free_port()}, CheckLevel.FAILED, "no broker listens"),
        ({"tls": {"ca": str(tmp_path / "no-such.pem")}}, CheckLevel.FAILED, "no-such.pem"),
        ({"password": f"file:{tmp_path / 'no-such-password'}"}, CheckLevel.FAILED, "no-such-password"),
        ({"host": "no-such-host.invalid"}, CheckLevel.FAILED, "there is no host called no-such-host.invalid"),
    ):
        async with house(tmp_path, {**section(broker), "username": "x", **more}) as here:
            (check,) = await here.plugin.check()
            assert (check.name, check.level) == ("broker", level)
            assert says in check.message
            assert (check.mend == "") == (level is CheckLevel.OK)
            assert ("start the broker" in check.mend) == ("no broker listens" in says)


async def test_quick_births_while_connecting_lose_nothing(mosquitto: Mosquitto, tmp_path: Path) -> None:
    """Restarts in a row: whatever the moment, in the end all is right."""
    async with house(tmp_path, section(mosquitto)) as here:
        for pause_s in (0.0, 0.02, 0.05, 0.1):
            await asyncio.sleep(pause_s)
            mosquitto.restart()
        await here.turn_on(HOUSE)
        async with home(mosquitto.port) as client:
            await client.hears("moodroom/bridge/state", "online")
            await client.hears("moodroom/room/house/state", "ON")
        assert QUICK.longest_pause < 5
