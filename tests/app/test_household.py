"""A whole household of processes: a simulated Spotify, a hub on it, and the commands of a person beside them."""

import json
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.request import ProxyHandler, build_opener

import pytest

from moodroom_hub.app.client import HttpClient
from moodroom_hub.core.lock import running
from tests.app.conftest import Home
from tests.app.test_run import PATIENCE_S, running_hub
from tests.ports import free_port

POOLS = "pools of the made-up music.csv"
WORDS = [sys.executable, "-m", "moodroom_hub"]


@contextmanager
def process(*words: str) -> Iterator[subprocess.Popen[str]]:
    """A process with pipes on all sides; killed at the end if it still runs."""
    with subprocess.Popen(
        [*WORDS, *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as child:
        try:
            yield child
        finally:
            child.kill()


def line_with(child: subprocess.Popen[str], wanted: str) -> str:
    """The next line of its output that matches; fails when the output ends."""
    assert child.stdout is not None
    for line in child.stdout:
        found = re.search(wanted, line)
        if found:
            return found[1]
    raise AssertionError(f"{wanted} never came: {child.stderr.read() if child.stderr else ''}")


@pytest.fixture
def household(home: Home) -> Iterator[Home]:
    """A home whose hub is configured for a simulated Spotify that runs."""
    port = free_port()
    with process("simulate", "--port", "0", "--speed", "20", "--pools", str(home.folder / POOLS)) as spotify:
        keys = ("client_id", "api_url", "accounts_url")
        client_id, api, accounts = (line_with(spotify, rf"{key}: (\S+)") for key in keys)
        home.configure(
            f"web: {{port: {port}}}\n"
            f"plugins: {{spotify: {{client_id: {client_id}, api_url: '{api}', accounts_url: '{accounts}'}}}}\n"
        )
        yield home
        spotify.send_signal(signal.SIGTERM)
        assert spotify.wait(PATIENCE_S) == 0


def land(address: str) -> str:
    """Open the login page as a browser does; gives the address where it lands (Spotify's answer, not fetched)."""
    from urllib.error import HTTPError
    from urllib.request import HTTPRedirectHandler

    class Stay(HTTPRedirectHandler):
        def redirect_request(self, *_: object) -> None:
            return None

    try:
        build_opener(ProxyHandler({}), Stay()).open(address)
    except HTTPError as answer:
        with answer:
            return str(answer.headers["Location"])
    raise AssertionError("the login page asked something")


def log_in(home: Home, *more: str) -> str:
    """``moodroom-hub login`` and a browser; gives the last line."""
    with process("-c", str(home.config), "login", *more) as login:
        address = line_with(login, r"^\s+(http\S+)")
        landed = land(address)
        if more:
            out, err = login.communicate(f"  '{landed}'\n", timeout=PATIENCE_S)
        else:
            build_opener(ProxyHandler({})).open(landed).close()
            out, err = login.communicate(timeout=PATIENCE_S)
        assert (login.returncode, err) == (0, "")
        return out.splitlines()[-1]


@pytest.mark.slow
def test_from_the_login_to_a_room_that_plays(household: Home) -> None:
    assert "Not logged in" in household.run("check").out
    assert log_in(household).startswith("Logged in.")
    assert household.run("check").code == 0
    first = json.loads(household.run("library", "sync", "--json").out)
    assert first["new"] > 100
    assert json.loads(household.run("library", "sync", "--json").out)["new"] == 0
    assert json.loads(household.run("library", "list", "--json").out)["total"] == first["total"]

    with running_hub(household) as (hub, _):
        imported = json.loads(household.run("pool", "import", str(household.folder / POOLS), "--json").out)
        assert imported["added"] > 400
        assert imported["problems"] == imported["unresolved"] == []
        batch = json.loads(household.run("rooms", "activate", "Late Night", "--json").out)["batch"]
        assert len(batch) == 10
        rooms = json.loads(household.run("rooms", "list", "--json").out)["rooms"]
        assert [room["slug"] for room in rooms if room["active"]] == ["late-night"]
        assert [room["zones"] for room in rooms if room["active"]] == [["home"]]
        assert "late-night" in household.run("rooms", "list").out
        there = household.run("rooms", "activate", "house", "--zone", "HOME").out
        assert (there.startswith(" 1. "), "It plays in the zone home." in there) == (True, True)
        unknown = household.run("rooms", "activate", "house", "--zone", "attic")
        assert (unknown.code, "known: home" in unknown.err) == (1, True)
        assert household.run("library", "sync").out.startswith("0 new liked songs")
        checked = household.run("check")
        assert checked.code == 0, checked.out
        assert "stop it first" in household.run("logout").err.lower()
        assert log_in(household, "--paste").startswith("Logged in.")
        assert household.run("rooms", "off", "--zone", "home").code == 0
        hub.send_signal(signal.SIGTERM)
        assert hub.wait(PATIENCE_S) == 0

    before = household.run("pool", "export", "-").out
    assert before.count("\r\n") - 1 >= imported["added"]
    assert household.run("logout").code == 0
    assert "Not logged in" in household.run("check").out


def test_a_login_mends_everything_at_once(household: Home) -> None:
    checked = household.run("check").out
    assert checked.count("Not logged in") == checked.count("moodroom-hub login") == 1
    with running_hub(household) as (hub, found):
        assert found.url is not None
        client = HttpClient(found.url, household.data)
        deadline_s = time.monotonic() + PATIENCE_S
        while failing(client) != {"login", "player"} and time.monotonic() < deadline_s:
            time.sleep(0.05)
        assert failing(client) == {"login", "player"}
        (login,) = (each for each in client.health() if each["name"] == "login")
        assert "login" in login["mend"]
        assert "/login" not in login["message"]
        client.paste_login(land(client.login_address()))
        assert failing(client) == set(), "not only after the next look"
        hub.send_signal(signal.SIGTERM)
        assert hub.wait(PATIENCE_S) == 0


def failing(client: HttpClient) -> set[str]:
    """What ``/readyz`` says is down."""
    return {each["name"] for each in client.health() if each["level"] == "failed"}


@pytest.mark.slow
def test_a_pasted_login_without_a_hub(household: Home) -> None:
    assert log_in(household, "--paste").startswith("Logged in.")
    assert running(household.data) is None
    with process("-c", str(household.config), "login", "--paste") as login:
        line_with(login, r"^\s+(http\S+)")
        _, err = login.communicate("http://127.0.0.1/callback?state=wrong&code=x\n", timeout=PATIENCE_S)
    assert login.returncode == 1
    assert err.count("error: ") == 1
    assert "Traceback" not in err


@pytest.mark.slow
def test_a_login_whose_way_back_is_blocked_says_so(household: Home) -> None:
    port = int(re.findall(r"port: (\d+)", household.config.read_text())[0])
    with socket.create_server(("127.0.0.1", port)):
        ran = household.run("login")
    assert (ran.code, ran.err.count("\n")) == (1, 1)
    assert str(port) in ran.err
    assert "--paste" in ran.err
