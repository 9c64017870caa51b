"""The hub as a process: it starts, answers, heeds signals, and leaves nothing behind."""

import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.request import ProxyHandler, build_opener

import pytest

from moodroom_hub.app.client import HttpClient, HubSaysNo, NoAnswer
from moodroom_hub.core.lock import RunningHub, running
from tests.app.conftest import Home, Ran

PATIENCE_S = 40.0


@contextmanager
def running_hub(home: Home) -> Iterator[tuple[subprocess.Popen[str], RunningHub]]:
    """``moodroom-hub run`` on any free port, and where it is."""
    with subprocess.Popen(
        [sys.executable, "-m", "moodroom_hub", "-c", str(home.config), "run"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            yield process, awaited(home, process)
        finally:
            with suppress(ProcessLookupError):
                process.kill()


def awaited(home: Home, process: subprocess.Popen[str]) -> RunningHub:
    """Wait until the hub says where it listens."""
    deadline_s = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline_s and process.poll() is None:
        hub = running(home.data)
        if hub is not None and hub.url is not None:
            return hub
        time.sleep(0.05)
    process.kill()
    raise AssertionError(f"no hub came up: {process.stdout.read() if process.stdout else ''}")


@pytest.fixture
def any_port(home: Home) -> Home:
    """A home whose page takes any free port."""
    home.configure("web: {port: 0}\n")
    return home


def test_commands_speak_to_the_hub_that_runs(any_port: Home) -> None:
    with running_hub(any_port) as (process, hub):
        assert hub.pid == process.pid
        assert hub.url is not None
        with build_opener(ProxyHandler({})).open(f"{hub.url}/livez") as answer:
            assert answer.status == 200

        assert "Late Night" in any_port.run("rooms", "list").out
        assert "running" in any_port.run("plugins").out
        assert any_port.run("receipts", "list").code == 0
        assert any_port.run("rooms", "show", "house").code == 0
        refused = any_port.run("rooms", "activate", "house")
        assert (refused.code, refused.err.count("\n")) == (1, 1)
        assert "pool import" in refused.err
        unknown = any_port.run("receipts", "undo", "12345")
        assert (unknown.code, unknown.err) == (1, "error: There is no receipt 12345.\n")
        checked = any_port.run("check")
        assert f"runs (pid {process.pid})" in checked.out
        assert "older configuration" not in checked.out
        section = "  spotify: {clientid: abc}\n  mqtt: {enabled: false, hosst: x}\n  sonnos: {}\n"
        any_port.configure(f"web: {{port: 0}}\nplugins:\n{section}")
        checked = any_port.run("check")
        assert checked.code == 1, "as without a hub: one plugin's section keeps no hub from starting"
        assert "ok       configuration" not in checked.out
        assert re.search(rf"FAILED   configuration of spotify: {any_port.config}:4: .*client_id", checked.out)
        assert "sonnos" in checked.out
        assert "hosst" not in checked.out
        assert "the running hub still has the older configuration. Mend: restart it." in checked.out
        assert any_port.run("backup", "beside.zip").code == 0

        second = any_port.run("run")
        assert (second.code, f"pid {process.pid}" in second.err) == (1, True)
        out = any_port.run("logout")
        assert (out.code, out.err.count("\n")) == (1, 1)
        assert f"kill {process.pid})" in out.err

        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_S) == 0
        assert process.stdout is not None
        told = process.stdout.read()
        assert '"level": "error"' not in told
        assert '"message": "stopped"' in told
    assert running(any_port.data) is None
    assert "needs a running hub" in any_port.run("rooms", "off").err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP])
def test_any_of_the_signals_ends_it_in_peace(any_port: Home, number: signal.Signals) -> None:
    with running_hub(any_port) as (process, _):
        process.send_signal(number)
        assert process.wait(PATIENCE_S) == 0
    assert running(any_port.data) is None


def test_a_signal_during_the_start_ends_it_too(any_port: Home) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "moodroom_hub", "-c", str(any_port.config), "run"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    ) as process:
        deadline_s = time.monotonic() + PATIENCE_S
        while not (any_port.data / "hub.lock").exists() and time.monotonic() < deadline_s:
            time.sleep(0.01)
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_S) == 0
    assert running(any_port.data) is None


def test_an_open_door_is_refused(home: Home) -> None:
    home.configure("web: {host: 0.0.0.0, port: 0}\n")
    ran = home.run("run")
    assert ran.code == 2
    assert "web.password" in ran.err.splitlines()[-1]


def test_a_taken_port_is_said_with_its_mend(any_port: Home, tmp_path: Path, run: Callable[..., Ran]) -> None:
    with running_hub(any_port) as (process, hub):
        assert hub.url is not None
        port = hub.url.rpartition(":")[2]
        other = tmp_path / "other.yaml"
        other.write_text(f"hub: {{data_dir: {tmp_path / 'other'}}}\nweb: {{port: {port}}}\n")
        ran = run("-c", str(other), "run")
        assert ran.code == 1
        (line,) = (line for line in ran.err.splitlines() if line.startswith("error: "))
        assert port in line
        assert "web.port" in line
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE_S) == 0


def test_a_client_without_the_token_is_told_whose_it_is(any_port: Home) -> None:
    with running_hub(any_port) as (process, hub):
        assert hub.url is not None
        with pytest.raises(NoAnswer, match="token cannot be read"):
            HttpClient(hub.url, any_port.folder / "elsewhere").rooms()
        with pytest.raises(HubSaysNo, match="no such room"):
            HttpClient(hub.url, any_port.data).activate("../../attic")
        process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE_S)
        with pytest.raises(NoAnswer, match="does not answer"):
            HttpClient(hub.url, any_port.data).rooms()
