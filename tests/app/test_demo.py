"""The demo from outside: a track plays, and afterwards nothing is left."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

import pytest

from moodroom_hub.app.surroundings import port_problem
from tests.app.conftest import Ran
from tests.ports import free_port

PATIENCE_S = 60.0


@pytest.fixture
def free() -> int:
    """A port that was free a moment ago."""
    return free_port()


def playing(port: int, process: subprocess.Popen[str]) -> dict[str, Any]:
    """The state of the demo as soon as one of its tracks plays."""
    opener = build_opener(ProxyHandler({}))
    deadline_s = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline_s and process.poll() is None:
        try:
            with opener.open(f"http://127.0.0.1:{port}/api/state", timeout=5) as answer:
                state: dict[str, Any] = json.load(answer)
            if state["now_playing"] and state["now_playing"]["room"]:
                return state
        except (URLError, OSError):
            pass
        time.sleep(0.1)
    process.kill()
    raise AssertionError(process.communicate())


def learnt(port: int) -> dict[str, Any]:
    """The demo's station, as soon as its model was made behind."""
    opener = build_opener(ProxyHandler({}))
    deadline_s = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline_s:
        with opener.open(f"http://127.0.0.1:{port}/api/stations", timeout=5) as answer:
            stations: list[dict[str, Any]] = json.load(answer)
        if stations and not stations[0]["trouble"]:
            return stations[0]
        time.sleep(0.2)
    raise AssertionError(stations)


def complaints(err: str) -> list[str]:
    """What it logged, but for the word that this machine is busy."""
    return [line for line in err.splitlines() if "kept the whole hub waiting" not in line]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_it_plays_and_leaves_nothing_behind(free: int, tmp_path: Path, number: signal.Signals) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    words = [sys.executable, "-m", "moodroom_hub", "demo", "--port", str(free), "--speed", "60", "--no-browser"]
    with subprocess.Popen(
        words,
        env=dict(os.environ, TMPDIR=str(temporary)),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    ) as process:
        state = playing(free, process)
        assert state["active_room"] == "late-night"
        assert len(state["upcoming"]) >= 5
        idle = {plugin["name"] for plugin in state["plugins"] if plugin["status"] != "running"}
        assert idle <= {"scrobbling", "sonos"}, "nowhere to send plays to; speakers may be found a moment later"
        assert process.stdout is not None
        greeting = process.stdout.readline()  # it plays a moment before it says so
        process.send_signal(number)
        out, err = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0
    assert f"http://127.0.0.1:{free}" in greeting
    assert out.endswith("nothing is left behind.\n")
    assert complaints(err) == []
    assert list(temporary.iterdir()) == []
    assert port_problem("127.0.0.1", free) is None
    with pytest.raises(ProcessLookupError):
        os.killpg(process.pid, 0)
    left = {path.name for path in tmp_path.iterdir()} - {"temporary"}
    assert left == set(), "nothing in the home, the work folder or the configuration folder"


def first_lines(process: subprocess.Popen[str], last: str) -> list[str]:
    """What it says up to the line that begins with ``last``."""
    assert process.stdout is not None
    lines: list[str] = []
    while not lines or not lines[-1].startswith(last):
        lines.append(process.stdout.readline())
        assert lines[-1], lines
    return lines


def test_its_broker_tells_of_the_rooms_and_its_station_learns_behind(free: int) -> None:
    words = [sys.executable, "-m", "moodroom_hub", "demo", "--port", str(free), "--no-browser"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        lines = first_lines(process, "Ctrl-C")
        (told,) = [line for line in lines if line.startswith("MQTT broker: ")]
        assert any(line.startswith("Sonos: two speakers, the zones kitchen and living-room") for line in lines)
        found = re.fullmatch(r"MQTT broker: 127\.0\.0\.1:(\d+) \(try: mosquitto_sub -p \1 -t 'moodroom/#' -v\)\n", told)
        assert found is not None, told
        port = int(found[1])
        wanted = b"\0\x1emoodroom/room/late-night/state"
        with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S) as line:
            line.sendall(b"\x10\x0d\0\4MQTT\4\2\0\0\0\1a" + bytes([0x82, len(wanted) + 3]) + b"\0\1" + wanted + b"\0")
            heard = b""
            while not heard.endswith(b"ON"):
                more = line.recv(4096)
                assert more, heard
                heard += more
        assert "Stations: radio: Friday, in half a minute (try: station list, station play friday)\n" in lines
        station = learnt(free)
        assert (station["id"], station["known"], station["unknown"]) == ("friday", 10, [])
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=PATIENCE_S)
    assert (process.returncode, complaints(err)) == (0, [])
    assert port_problem("127.0.0.1", port) is None


def test_without_extras_it_runs_and_says_what_is_missing(free: int) -> None:
    words = ["demo", "--port", str(free), "--no-browser"]
    without = "import sys; sys.modules['amqtt'] = sys.modules['soco'] = sys.modules['scipy'] = None"
    code = f"{without}; from moodroom_hub.app.cli import main; sys.exit(main({words}))"
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        lines = first_lines(process, "Ctrl-C")
        (told,) = [line for line in lines if line.startswith("MQTT broker: ")]
        assert "Sonos: none; SoCo is not installed (pip install 'moodroom-hub[sonos]').\n" in lines
        assert "pip install 'moodroom-hub[broker]'" in told
        (stations,) = [line for line in lines if line.startswith("Stations: ")]
        assert "pip install 'moodroom-hub[radio]'" in stations
        statuses = {plugin["name"]: plugin["status"] for plugin in playing(free, process)["plugins"]}
        assert {statuses["mqtt"], statuses["sonos"]} == {"disabled"}
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=PATIENCE_S)
    assert (process.returncode, complaints(err)) == (0, [])


def test_a_taken_port_is_said(run: Callable[..., Ran]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ran = run("demo", "--port", str(port), "--no-browser")
    assert (ran.code, ran.err.count("\n")) == (1, 1)
    assert f"Port {port} is in use" in ran.err
    assert "--port" in ran.err
