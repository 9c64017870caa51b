"""The section ``plugins.mqtt``: what it takes, and what it refuses in words that help."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from moodroom_hub.plugins.mqtt.access import find_access, kept_client_id
from moodroom_hub.plugins.mqtt.config import MqttConfig
from moodroom_hub.plugins.mqtt.failures import LoginRefused

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize(
    ("section", "says"),
    [
        ({"base_topic": "homeassistant"}, "lie apart"),
        ({"base_topic": "homeassistant/moodroom"}, "lie apart"),
        ({"discovery_prefix": "moodroom/ha"}, "lie apart"),
        ({"birth_topic": "moodroom/born"}, "outside of base_topic"),
        ({"base_topic": "mood/+"}, "wildcards"),
        ({"base_topic": "mood#"}, "wildcards"),
        ({"base_topic": "/moodroom"}, "slash"),
        ({"base_topic": "moodroom/"}, "slash"),
        ({"base_topic": "$SYS"}, "broker's own"),
        ({"base_topic": ""}, "is empty"),
        ({"base_topic": "mood\nroom"}, "one line"),
        ({"host": "mqtt://hub.local"}, "without mqtt://"),
        ({"host": ""}, "a host name"),
        ({"host": "localhost:18883"}, "put the port into plugins.mqtt.port"),
        ({"base_topic": "mood/+"}, "such as moodroom: a topic to publish to has no wildcards"),
        ({"embedded": True, "embedded_host": "0.0.0.0"}, "set plugins.mqtt.username and plugins.mqtt.password"),
        ({"embedded": True, "embedded_host": "::", "username": "house"}, "or set embedded_host to 127.0.0.1"),
        ({"port": 0, "host": "hub.local"}, "embedded"),
        ({"port": 70_000}, "65535"),
        ({"host": "hub.local", "embedded": True}, "either"),
        ({"tls": {"key": "hub.key"}}, "certificate as well"),
        ({"tls": {"cafile": "x"}}, "Extra inputs"),
        ({"protocol": "4"}, "'5' or '3.1.1'"),
        ({"keepalive": "1s"}, "between 5s and 1h"),
        ({"client_id": "x" * 200}, "128"),
        ({"username": ""}, "one line"),
        ({"hots": "x"}, "Extra inputs"),
    ],
)
def test_what_is_refused(section: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError) as refused:
        MqttConfig(**section)
    assert says in str(refused.value)


def test_what_is_taken() -> None:
    assert MqttConfig().tls.enabled is False
    assert MqttConfig(tls=True).tls.enabled is True  # type: ignore[arg-type]  # as from the file
    assert MqttConfig(tls="false").tls.enabled is False  # type: ignore[arg-type]  # as from the environment
    assert MqttConfig(tls={"ca": "ca.pem"}).tls.enabled is True  # type: ignore[arg-type]  # as from the file
    assert MqttConfig(tls={"enabled": False, "ca": "ca.pem"}).tls.enabled is False  # type: ignore[arg-type]  # likewise
    assert MqttConfig(protocol=5).protocol == "5"  # type: ignore[arg-type]  # YAML's 5 is a number
    assert MqttConfig(host="[fd00::1]").host == "fd00::1"
    assert MqttConfig(embedded=True, embedded_host="::1").username is None
    guarded = {"embedded": True, "embedded_host": "0.0.0.0", "username": "house", "password": "sesame"}
    assert MqttConfig.model_validate(guarded).embedded_host == "0.0.0.0"
    assert MqttConfig(base_topic="home/upstairs").topics.availability == "home/upstairs/bridge/state"
    assert "8883" in MqttConfig(tls=True).shown_port_hint  # type: ignore[arg-type]  # as from the file


def test_a_password_shows_itself_to_nobody() -> None:
    config = MqttConfig(host="hub.local", password="sesame")  # type: ignore[arg-type]  # as from the file
    assert "sesame" not in repr(config) + config.model_dump_json()


@pytest.mark.usefixtures("no_idle_worker")
async def test_the_way_to_the_broker_hides_the_password(tmp_path: Path) -> None:
    config = MqttConfig(host="hub.local", username="hub", password="sesame")  # type: ignore[arg-type]  # as from the file
    access = await find_access(config, tmp_path, is_v5=True, suffix="-check")
    assert access.password == "sesame"
    assert "sesame" not in repr(access)
    assert access.client_id.endswith("-check")


@pytest.mark.usefixtures("no_idle_worker")
async def test_a_reference_that_leads_nowhere_is_said(tmp_path: Path) -> None:
    config = MqttConfig(host="hub.local", password="env:NO_SUCH_VARIABLE")  # type: ignore[arg-type]  # as from the file
    with pytest.raises(LoginRefused, match="NO_SUCH_VARIABLE, which is not set"):
        await find_access(config, tmp_path, is_v5=True)


def test_the_client_id_outlives_the_hub_and_a_broken_file(tmp_path: Path) -> None:
    path = tmp_path / "mqtt-client-id"
    first = kept_client_id(path)
    assert kept_client_id(path) == first
    path.write_bytes(b"\xff\0")
    second = kept_client_id(path)
    assert second != first
    assert kept_client_id(path) == second
    assert kept_client_id(tmp_path / "no" / "folder").startswith("moodroom-")


def test_a_hub_without_a_broker_does_not_pay_for_one() -> None:
    code = """
import asyncio, sys
from pathlib import Path
from tests.plugins.mqtt import house
for name in [name for name in sys.modules if name.partition(".")[0] in ("paho", "aiomqtt")]:
    del sys.modules[name]

async def main():
    async with house.house(Path("."), {}):
        pass

asyncio.run(main())
heavy = [name for name in sys.modules if name.partition(".")[0] in ("paho", "amqtt") or name.endswith("mqtt.bridge")]
assert heavy == [], heavy
"""
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT, timeout=60)
