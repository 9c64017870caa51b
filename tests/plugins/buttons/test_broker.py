"""Through a real Mosquitto: what the wall says there is done here; and ``buttons learn`` as a process."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.core.hub_lab import HOUSE, make_lab
from tests.plugins.buttons.lab import config_from
from tests.plugins.buttons.test_hub import MAPPINGS, hub_with_buttons
from tests.plugins.mqtt.broker_lab import burst
from tests.plugins.mqtt.conftest import MakeMosquitto
from tests.plugins.mqtt.conftest import make_mosquitto as make_mosquitto
from tests.plugins.mqtt.conftest import mosquitto as mosquitto
from tests.plugins.mqtt.conftest import no_idle_worker as no_idle_worker
from tests.plugins.mqtt.house import home, until
from tests.plugins.mqtt.mosquitto import Mosquitto

ROOT = Path(__file__).resolve().parents[3]
PATIENCE_S = 60.0
pytestmark = pytest.mark.usefixtures("no_idle_worker")


async def test_a_press_on_the_broker_plays_a_room(mosquitto: Mosquitto, tmp_path: Path) -> None:
    lab = make_lab()
    settings = MAPPINGS + f"  mqtt: {{host: 127.0.0.1, port: {mosquitto.port}}}\n"
    async with home(mosquitto.port) as wall:
        await wall.say("z/desk/action", "single", retain=True)  # an old press, which must play nothing
        async with hub_with_buttons(lab, tmp_path, settings, ("moodroom_hub.plugins.mqtt",)):
            await until(lambda: ("moodroom/bridge/state", "online") in wall.heard)
            commands = lab.hub.commands
            assert commands.wanted_room() is None
            for word in ("on_press", "on_press_release"):
                await wall.say("z/dim", json.dumps({"action": word, "battery": 90}))
                await wall.say("z/dim/action", word)
            await until(lambda: len(lab.played) == 1)
            await wall.say("z/desk/action", "double")
            await until(lambda: wall.said(f"moodroom/room/{HOUSE}/state")[-1:] == ["ON"])
            assert commands.wanted_room() == HOUSE
            assert len(lab.played) == 2
            await wall.say("z/dim", json.dumps({"action": "off_press_release"}))
            await until(lambda: wall.said(f"moodroom/room/{HOUSE}/state")[-1:] == ["OFF"])


@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
@pytest.mark.parametrize(
    ("pressed", "others"),
    [
        ("z/desk/action", ("z/+/action", "z/desk/+")),
        ("house/learning/set", ("+/learning/set", "+/+/set")),
    ],
)
async def test_a_thousand_presses_through_the_broker_are_a_thousand(
    mosquitto: Mosquitto, tmp_path: Path, protocol: str, pressed: str, others: tuple[str, str]
) -> None:
    """Filters that overlap too, also the hub's own: a broker that speaks MQTT 5 sends a copy for each of them."""
    lab = make_lab()
    settings = f"""
plugins:
  buttons:
    mappings:
      - {{topic: "{pressed}", value: single, action: learning_off, for: 1h, debounce: 0}}
      - {{topic: "{others[0]}", value: never, action: next}}
      - {{topic: "{others[1]}", value: never, action: next}}
  mqtt: {{host: 127.0.0.1, port: {mosquitto.port}, protocol: "{protocol}", discovery: false}}
"""
    listening = home(mosquitto.port, filters=["moodroom/bridge/state"])
    async with listening as wall, hub_with_buttons(lab, tmp_path, settings, ("moodroom_hub.plugins.mqtt",)):
        commands, count = lab.hub.commands, 0
        set_learning = commands.set_learning

        async def counted(is_on: bool, for_ms: object = None) -> None:
            nonlocal count
            count += 1

        commands.set_learning = counted  # type: ignore[method-assign]  # counts what the hub is asked for
        await until(lambda: ("moodroom/bridge/state", "online") in wall.heard, PATIENCE_S)
        await burst(mosquitto.port, pressed, "single", 1_000)
        await until(lambda: count >= 1_000, PATIENCE_S)
        await asyncio.sleep(0.3)
        commands.set_learning = set_learning  # type: ignore[method-assign]
        assert count == 1_000


async def test_the_hubs_own_events_press_nothing(mosquitto: Mosquitto, tmp_path: Path) -> None:
    """Such a button would press itself for ever: what it does is an event again."""
    lab = make_lab()
    settings = f"""
plugins:
  buttons:
    mappings:
      - {{topic: "+/event", path: event_type, value: ROOM_ACTIVATED, action: next_room, debounce: 0}}
      - {{topic: z/desk/action, value: single, action: activate, room: house, debounce: 0}}
  mqtt: {{host: 127.0.0.1, port: {mosquitto.port}, discovery: false}}
"""
    async with home(mosquitto.port) as wall, hub_with_buttons(lab, tmp_path, settings, ("moodroom_hub.plugins.mqtt",)):
        await until(lambda: ("moodroom/bridge/state", "online") in wall.heard, PATIENCE_S)
        await wall.say("z/desk/action", "single")
        await until(lambda: any("ROOM_ACTIVATED" in said for said in wall.said("moodroom/event")), PATIENCE_S)
        await wall.say("z/desk/action", "nothing")
        await asyncio.sleep(0.3)
        assert lab.hub.commands.wanted_room() == HOUSE
        assert len(lab.told("ROOM_ACTIVATED")) == 1


# --- buttons learn ---------------------------------------------------------------------------------------


class Learning:
    """``moodroom-hub buttons learn`` as a process, without a terminal."""

    def __init__(self, folder: Path, port: int, *arguments: str, stdin: int = subprocess.DEVNULL) -> None:
        config = folder / "learn.yaml"
        config.write_text(f"hub: {{data_dir: {folder}}}\nplugins: {{mqtt: {{host: 127.0.0.1, port: {port}}}}}\n")
        self._before = config.read_bytes()
        self._config = config
        command = [sys.executable, "-m", "moodroom_hub", "-c", str(config), "buttons", "learn", *arguments]
        self._process = subprocess.Popen(
            command,
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**{name: value for name, value in os.environ.items() if name != "CI"}, "PYTHONPATH": str(ROOT)},
        )

    def wait_until_ready(self) -> None:
        """Until it asks to press."""
        assert self._process.stderr is not None
        for line in self._process.stderr:
            if "Press the button now" in line:
                return
        raise AssertionError("it never asked to press")

    def wait_until_heard(self) -> None:
        """Until it has taken something for a press."""
        assert self._process.stderr is not None
        assert any(line.startswith("heard") for line in self._process.stderr)

    def interrupt(self) -> None:
        """Ctrl-C."""
        self._process.send_signal(signal.SIGINT)

    def end(self) -> tuple[int, str, str]:
        """Its exit code and what it said."""
        out, err = self._process.communicate(timeout=30)
        assert self._config.read_bytes() == self._before, "it never writes the configuration"
        return self._process.returncode, out, err


async def learned(
    folder: Path, port: int, messages: list[tuple[str, str | bytes, bool]], *arguments: str
) -> tuple[int, str, str]:
    """What it says after these messages."""
    async with home(port) as wall:
        await wall.say("z/old", '{"action":"double"}', retain=True)
        learning = Learning(folder, port, *arguments)
        try:
            await asyncio.to_thread(learning.wait_until_ready)
            for topic, payload, is_retained in messages:
                await wall.say(topic, payload, retain=is_retained)
        finally:
            ended = await asyncio.to_thread(learning.end)
        return ended


DIMMER: list[tuple[str, str | bytes, bool]] = [
    ("moodroom/event", '{"action":"single"}', False),
    ("homeassistant/device/x/config", '{"action":"single"}', False),
    ("power/\u202e", '{"watts":12}', False),
    *(("z/dim", f'{{"action":"{word}"}}', False) for word in ("off_press", "off_press_release") * 3),
]


async def test_learn_prints_a_mapping_that_works(mosquitto: Mosquitto, tmp_path: Path) -> None:
    code, out, err = await learned(
        tmp_path, mosquitto.port, DIMMER, "--action", "toggle", "--room", "Late Night", "--seconds", "8"
    )
    assert code == 0, err
    assert "heard  z/dim: off" in err
    assert "z/old" not in err
    assert "\x1b" not in out + err
    mappings = out.partition("mappings:\n")[2]
    section = config_from(tmp_path, f"\n{mappings}").mappings[0]
    assert (section.preset, section.topic) == ("hue_dimmer", "z/dim")
    wish = section.wishes["off"]
    assert (wish.action, wish.room) == ("toggle", "late-night")


async def test_learn_as_json(mosquitto: Mosquitto, tmp_path: Path) -> None:
    hostile = "door/\u202e\U0001f6aa/click"
    code, out, err = await learned(
        tmp_path, mosquitto.port, [(hostile, 'press "\x1b]0;x\x07', False)] * 2, "--json", "--seconds", "3"
    )
    assert code == 0, err
    told = json.loads(out)
    assert told["messages"] == 2
    assert told["yaml"].startswith("# nobody could be asked, so a press does play_pause")
    (guess,) = told["guesses"]
    assert guess["topic"] == hostile
    assert guess["mapping"] == {"topic": hostile, "value": 'press "\x1b]0;x\x07', "action": "play_pause"}
    mappings = told["yaml"].partition("mappings:\n")[2]
    section = config_from(tmp_path, f"\n{mappings}").mappings[0]
    assert (section.topic, section.value) == (hostile, ('press "\x1b]0;x\x07',))


async def test_learn_asks_where_there_is_a_terminal_and_heeds_ctrl_c(mosquitto: Mosquitto, tmp_path: Path) -> None:
    keyboard, terminal = os.openpty()
    try:
        async with home(mosquitto.port) as wall:
            learning = Learning(tmp_path, mosquitto.port, stdin=terminal)
            try:
                await asyncio.to_thread(learning.wait_until_ready)
                await wall.say("z/desk/action", "single")
                await asyncio.to_thread(learning.wait_until_heard)
                learning.interrupt()
                os.write(keyboard, b"dance\nactivate\nhuose\nLate Night\n")
            finally:
                code, out, err = await asyncio.to_thread(learning.end)
    finally:
        os.close(keyboard)
        os.close(terminal)
    assert code == 0, err
    assert "What shall a press do" in err
    assert "Which room" in err
    section = config_from(tmp_path, f"\n{out.partition('mappings:')[2]}").mappings[0]
    assert (section.topic, section.preset) == ("z/desk", "zigbee2mqtt")
    assert (section.wishes["single"].action, section.wishes["single"].room) == ("activate", "late-night")
    assert "did you mean house?" in err


async def test_learn_hears_one_topic_only_and_says_when_nothing_came(mosquitto: Mosquitto, tmp_path: Path) -> None:
    code, out, err = await learned(tmp_path, mosquitto.port, DIMMER, "--topic", "hall/#", "--seconds", "1.5")
    assert (code, out) == (1, "")
    assert err.splitlines()[-1].startswith("error: Nothing that looks like a press was heard (0 messages).")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--action", "toggle"), "toggle needs a --room"),
        (("--action", "next", "--room", "house"), "next takes no --room"),
        (("--room", "huose"), "did you mean house?"),
        (("--for", "3h"), "need an --action"),
        (("--action", "learning_off", "--for", "soon"), "expected a duration"),
        (("--action", "next", "--for", "3h"), "does not last"),
        (("--topic", "a/#/b"), "no topic filter"),
        (("--action", "dance"), "is not one of"),
        (("--seconds", "0"), "--seconds"),
    ],
)
async def test_bad_usage_is_told_before_anybody_has_to_press(
    tmp_path: Path, arguments: tuple[str, ...], told: str
) -> None:
    code, out, err = await asyncio.to_thread(Learning(tmp_path, 1, *arguments).end)
    assert (code, out) == (2, "")
    assert told in err


async def test_without_a_broker_it_says_so(tmp_path: Path) -> None:
    code, _, err = await asyncio.to_thread(Learning(tmp_path, 1, "--action", "next").end)
    assert code == 1
    assert err.startswith("error: no broker listens at 127.0.0.1:1")


async def test_a_broker_that_wants_a_login_is_named(make_mosquitto: MakeMosquitto, tmp_path: Path) -> None:
    broker = make_mosquitto(users={"hub": "secret-word"})
    code, _, err = await asyncio.to_thread(Learning(tmp_path, broker.port, "--action", "next").end)
    assert code == 1
    assert "refuses the login" in err
    assert len(err.splitlines()) == 1
