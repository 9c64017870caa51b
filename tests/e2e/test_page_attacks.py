"""Attacks on a hub that plays: refused, told once in the log, and the music goes on meanwhile."""

import json
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection
from typing import Any

import pytest

from tests.e2e.house import HEADER, SHORT_MS, House, csv_rows, eventually, mixed_pool, song
from tests.e2e.test_hostile import TITLES
from tests.e2e.wire import ask

PASSWORD = "correct horse battery staple"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
MANY = 300


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A hub with a password, on which a room of short tracks plays for ever."""
    items, rows = mixed_pool("house", "Attack", each=20, duration_ms=SHORT_MS)
    with House(tmp_path_factory.mktemp("house"), items, config={"web": {"password": PASSWORD}}) as built:
        built.start()
        login = ask(f"{built.url}/login", headers=built.bearer)
        ask(ask(login.headers["Location"]).headers["Location"])
        built.fill(rows)
        built.done("/api/rooms/house/activate")
        yield built
        code, took_s = built.stop()
        assert (code, took_s < 10) == (0, True)


@contextmanager
def unharmed(home: House) -> Iterator[Callable[[str], int]]:
    """Inside, somebody attacks: tracks are topped up all the same, nothing breaks, and the log stays small.

    Gives how often a word stands in the lines of the log that were written inside.
    """
    before, known = len(home.queued()), len(home.logged())

    def lines() -> list[dict[str, Any]]:
        return home.logged()[known:]

    yield lambda word: sum(word in line["message"] for line in lines())
    eventually(lambda: len(home.queued()) > before, "topping up goes on", 25)
    assert home.get("/api/state").status == 200
    bad = [line for line in lines() if line["level"] in ("error", "critical") or "Traceback" in json.dumps(line)]
    assert bad == []
    assert len(lines()) < 20
    assert PASSWORD not in home.log.read_text()


def asked(home: House, count: int, method: str, path: str, headers: dict[str, str], body: bytes = b"") -> set[int]:
    """The statuses of ``count`` requests over one connection."""
    connection = HTTPConnection("127.0.0.1", home.port, timeout=20)
    statuses: set[int] = set()
    try:
        for _ in range(count):
            connection.putrequest(method, path, skip_host="Host" in headers, skip_accept_encoding=True)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                connection.putheader(name, value)
            connection.endheaders(body)
            answer = connection.getresponse()
            answer.read()
            statuses.add(answer.status)
            if answer.will_close:
                connection.close()
    finally:
        connection.close()
    return statuses


@pytest.mark.parametrize(
    ("headers", "status", "word"),
    [
        ({"Origin": "http://evil.example"}, 403, "origin_not_allowed"),
        ({"Origin": "null"}, 403, "origin_not_allowed"),
        ({}, 403, "origin_not_allowed"),
        ({"Host": "evil.example"}, 403, "host_not_allowed"),
        ({"Host": "127.0.0.1.evil.example:7777"}, 403, "host_not_allowed"),
    ],
)
def test_strangers_steer_nothing(home: House, headers: dict[str, str], status: int, word: str) -> None:
    own = f"http://127.0.0.1:{home.port}"
    signed = ask(f"{home.url}/session", "POST", headers={**FORM, "Origin": own}, body=f"password={PASSWORD}".encode())
    cookie = signed.headers["Set-Cookie"].partition(";")[0]
    with unharmed(home) as told:
        given = {"Cookie": cookie, **headers}
        assert asked(home, MANY, "POST", "/api/rooms/off", given) == {status}
        assert home.state()["active_room"] == "house"
        assert told(word) <= 1
    assert sum(word in line["message"] for line in home.logged()) == 1


def test_without_a_token_nothing_is_told_nor_done(home: House) -> None:
    own = f"http://127.0.0.1:{home.port}"
    with unharmed(home) as told:
        for path in ("/api/state", "/api/quiet", "/api/openapi.json", "/metrics", "/api/events", "/api/devices"):
            assert asked(home, 20, "GET", path, {}) == {401}
        for path in ("/api/rooms/off", "/welcome/client-id", "/welcome/rooms", "/welcome/restart", "/player/device"):
            assert asked(home, 20, "POST", path, {"Origin": own}) == {401}
        for path in ("/", "/welcome", "/quiet", "/api"):
            assert asked(home, 20, "GET", path, {"Accept": "text/html"}) == {303}
        assert told("refused: unauthorized") <= 1


@pytest.mark.alone
@pytest.mark.slow
def test_ten_thousand_wrong_passwords(home: House) -> None:
    own = f"http://127.0.0.1:{home.port}"
    headers = {**FORM, "Origin": own}
    with unharmed(home) as told:
        began_s = time.monotonic()
        statuses = asked(home, 10_000, "POST", "/session", headers, b"password=12345")
        took_s = time.monotonic() - began_s
        assert statuses <= {401, 429}
        assert took_s < 40
        assert told("wrong_password") == told("too_many_tries") == 1
        # Who guesses is slowed, and so is whoever shares the address; a script with its token is not.
        began_s = time.monotonic()
        assert home.get("/api/state").status == 200
        assert time.monotonic() - began_s < 1
        late = ask(f"{home.url}/session", "POST", headers=headers, body=f"password={PASSWORD}".encode())
        assert late.status == 429
        assert int(late.headers["Retry-After"]) <= 900


def test_what_is_too_large_is_refused(home: House) -> None:
    with unharmed(home) as told:
        for headers, body in (
            ({"Content-Type": "application/json"}, b"[" + b"1," * 40_000 + b"1]"),
            (FORM, b"x=" + b"y" * 70_000),
        ):
            reply = ask(f"{home.url}/api/rooms/off", "POST", headers={**home.bearer, **headers}, body=body)
            assert reply.status == 413
        for _ in range(30):
            with socket.create_connection(("127.0.0.1", home.port), timeout=10) as line:
                head = f"POST /api/pool/import HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {home.token}\r\n"
                line.sendall(f"{head}Content-Type: application/json\r\nContent-Length: 99999999999\r\n\r\n".encode())
                assert b" 413 " in line.recv(100)
            with socket.create_connection(("127.0.0.1", home.port), timeout=10) as line:
                line.sendall(b"GET /livez HTTP/1.1\r\nHost: 127.0.0.1\r\n" + b"X-A: " + b"b" * 9_000 + b"\r\n\r\n")
                assert b" 400 " in line.recv(100)
            with socket.create_connection(("127.0.0.1", home.port), timeout=10) as line:
                line.sendall(b"\x16\x03\x01\x00\xff\x00nonsense\r\n\r\n")
                assert b" 400 " in line.recv(100)
        assert told("too_large") <= 1
        # A body without an end, in pieces: cut as soon as it is too long.
        with socket.create_connection(("127.0.0.1", home.port), timeout=10) as line:
            head = f"POST /api/rooms/off HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {home.token}\r\n"
            line.sendall(f"{head}Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n".encode())
            for _ in range(9):
                line.sendall(b"2000\r\n" + b" " * 0x2000 + b"\r\n")
            assert b" 413 " in line.recv(100)


@pytest.mark.slow
def test_slow_callers_are_cut_and_harm_nobody(home: House) -> None:
    head = f"POST /api/rooms/off HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {home.token}\r\n"
    with unharmed(home), ExitStack() as open_lines:

        def begun(start: bytes) -> socket.socket:
            line = open_lines.enter_context(socket.create_connection(("127.0.0.1", home.port), timeout=10))
            line.sendall(start)
            return line

        heads = [begun(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n") for _ in range(100)]
        bodies = [
            begun(f"{head}Content-Type: application/json\r\nContent-Length: 500\r\n\r\n".encode()) for _ in range(20)
        ]
        answers: dict[int, bytes] = {}
        began_s = time.monotonic()
        while time.monotonic() - began_s < 19 and len(answers) < len(bodies):
            for number, line in enumerate(bodies):
                if number not in answers:
                    line.settimeout(0.01)
                    try:
                        answers[number] = line.recv(200)
                    except TimeoutError:
                        line.sendall(b" ")
            for line in heads:
                line.sendall(b"X-Drip: 1\r\n")
            asked_s = time.monotonic()
            assert home.get("/api/state").status == 200
            assert time.monotonic() - asked_s < 2
            time.sleep(0.5)
        assert len(answers) == len(bodies)
        assert all(b" 408 " in answer for answer in answers.values())


def test_more_connections_than_there_is_room_for(home: House) -> None:
    with unharmed(home) as told, ExitStack() as open_lines:
        for _ in range(900):
            line = open_lines.enter_context(socket.create_connection(("127.0.0.1", home.port), timeout=5))
            line.setblocking(False)
        eventually(lambda: told("connections at a time") == 1, "it is told")
        open_lines.close()
        eventually(lambda: ask(f"{home.url}/livez").status == 200, "the page is there again")


def test_hostile_titles_stay_text_on_every_page(home: House) -> None:
    text = HEADER + csv_rows("rage", "CONFIRMED", [song(title, title[:200]) for title in TITLES])
    with unharmed(home):
        home.done("/api/pool/import", {"format": "csv", "text": text})
        for path in ("/", "/welcome", "/quiet", "/api", "/rooms/rage", "/receipts", "/history"):
            page = home.get(path, accept="text/html")
            assert page.status == 200
            assert "<script>alert" not in page.text.lower()
            assert "<img src=x" not in page.text.lower()
            policy = page.headers["Content-Security-Policy"]
            assert "script-src 'self'" in policy
            assert "unsafe" not in policy
            for secret in (PASSWORD, home.token, "refresh_token", "access_token"):
                assert secret not in page.text
