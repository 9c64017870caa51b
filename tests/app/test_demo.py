"""The demo from outside: a track plays, and afterwards nothing is left."""

import json
import os
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

PATIENCE_S = 60.0


@pytest.fixture
def free() -> int:
    """A port that was free a moment ago."""
    with socket.create_server(("127.0.0.1", 0)) as trial:
        return int(trial.getsockname()[1])


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
        assert all(plugin["status"] == "running" for plugin in state["plugins"])
        assert process.stdout is not None
        greeting = process.stdout.readline()  # it plays a moment before it says so
        process.send_signal(number)
        out, err = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0
    assert f"http://127.0.0.1:{free}" in greeting
    assert out.endswith("nothing is left behind.\n")
    assert err == ""
    assert list(temporary.iterdir()) == []
    assert port_problem("127.0.0.1", free) is None
    with pytest.raises(ProcessLookupError):
        os.killpg(process.pid, 0)
    left = {path.name for path in tmp_path.iterdir()} - {"temporary"}
    assert left == set(), "nothing in the home, the work folder or the configuration folder"


def test_a_taken_port_is_said(run: Callable[..., Ran]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ran = run("demo", "--port", str(port), "--no-browser")
    assert (ran.code, ran.err.count("\n")) == (1, 1)
    assert f"Port {port} is in use" in ran.err
    assert "--port" in ran.err
