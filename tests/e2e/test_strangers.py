"""Who may ask and who may change: Host, Origin, bearer tokens, the password."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.house import House, csv_rows, songs
from tests.e2e.wire import Reply, ask

CHANGES = [
    "/api/rooms/house/activate", "/api/rooms/off", "/api/player/play", "/api/player/pause", "/api/player/next",
    "/api/learning", "/api/receipts/1/undo", "/api/login/paste", "/api/pool/import", "/api/library/sync",
]  # fmt: skip
READS = [
    "/", "/api/state", "/api/rooms", "/api/rooms/house/pool", "/api/receipts", "/api/history", "/api/openapi.json",
    "/metrics",
]  # fmt: skip
PASSWORD = "correct horse battery staple"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A hub without a password, as on a laptop."""
    with House(tmp_path_factory.mktemp("open"), songs("Open", 12)) as built:
        built.start()
        built.fill(csv_rows("house", "CONFIRMED", songs("Open", 12)))
        yield built


@pytest.fixture(scope="module")
def locked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A hub that listens everywhere, behind a password."""
    folder: Path = tmp_path_factory.mktemp("locked")
    (folder / "password").write_text(f"{PASSWORD}\n")
    web = {"host": "0.0.0.0", "password": f"file:{folder / 'password'}", "trusted_hosts": ["rooms.example"]}
    with House(folder, config={"web": web}) as built:
        built.start()
        yield built


def change(home: House, path: str, **headers: str) -> Reply:
    """A POST without a token."""
    given = {"Content-Type": "application/json", **{name.replace("_", "-"): each for name, each in headers.items()}}
    return ask(home.url + path, "POST", headers=given, body=b"{}")


@pytest.mark.parametrize("path", CHANGES)
def test_changes_need_the_page_s_own_origin_or_a_token(home: House, path: str) -> None:
    for headers in (
        {},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": f"http://localhost:{home.port}"},  # another origin than the host that is spoken to
        {"Origin": f"https://127.0.0.1:{home.port}"},
        {"Origin": f"http://127.0.0.1:{home.port}.evil.example"},
        {"Referer": f"{home.url}/"},
    ):
        refused = change(home, path, **headers)
        assert (refused.status, refused.error["code"]) == (403, "origin_not_allowed"), headers
    assert change(home, path, Origin=home.url).status != 403
    assert change(home, path, Authorization=f"Bearer {home.token}").status not in (401, 403)


def test_a_wrong_token_is_401_whatever_the_origin(home: House) -> None:
    for path in ("/api/rooms/off", "/api/learning"):
        wrong = change(home, path, Authorization="Bearer wrong", Origin=home.url)
        assert (wrong.status, wrong.error["code"]) == (401, "unauthorized")


@pytest.mark.parametrize("path", [*READS, "/livez", "/readyz", "/login"])
def test_a_rebound_name_is_refused(home: House, path: str) -> None:
    for host in ("evil.example", f"evil.example:{home.port}", "127.0.0.1.evil.example", "localhost@evil.example", ""):
        refused = ask(home.url + path, headers={"Host": host})
        assert refused.status in (400, 403), (host, refused.status)
    for host in (f"127.0.0.1:{home.port}", f"localhost:{home.port}", f"[::1]:{home.port}"):
        assert ask(home.url + path, headers={"Host": host}).status < 400 or path in ("/readyz", "/login")


def test_everything_is_described_and_framed_safely(home: House) -> None:
    told = home.get("/api/openapi.json").json()
    for path in CHANGES:
        assert "post" in told["paths"][path.replace("house", "{slug}").replace("/1/", "/{id}/")]
    for path in READS:
        reply = ask(home.url + path)
        assert reply.status == 200
        assert reply.headers["X-Content-Type-Options"] == "nosniff"
        assert "default-src 'none'" in reply.headers["Content-Security-Policy"]
        assert "unsafe" not in reply.headers["Content-Security-Policy"]
        assert "Access-Control-Allow-Origin" not in reply.headers
    assert "python" not in reply.headers["Server"].lower()
    metrics = home.get("/metrics").text
    assert "moodroom_uptime_seconds" in metrics
    assert "moodroom_http_requests_total" in metrics


def test_what_is_not_there_is_404_and_what_is_wrong_is_400(home: House) -> None:
    for path in ("/api/rooms/attic/activate", "/api/receipts/999/undo"):
        missing = home.post(path)
        assert (missing.status, missing.error["code"]) == (404, "not_found")
    assert home.get("/api/rooms/attic/pool").status == 404
    assert home.get("/api/state?zone=attic").status == 404
    for body in (b"{", b'{"enabled": "yes"}', b'{"enabled": true, "other": 1}', b"\xff"):
        wrong = ask(
            home.url + "/api/learning",
            "POST",
            headers={**home.bearer, "Content-Type": "application/json"},
            body=body,
        )
        assert (wrong.status, wrong.error["code"]) == (400, "bad_request")
    assert home.get("/api/history?limit=0").status == 400
    assert home.get("/api/events", Last_Event_ID="x").status == 400
    assert ask(f"{home.url}/api/state", "DELETE", headers=home.bearer).status == 405


def test_a_password_closes_everything_but_the_signs_of_life(locked: House) -> None:
    for path in [*READS, "/login", "/api/events"]:
        refused = ask(locked.url + path)
        assert (refused.status, refused.error["code"]) == (401, "unauthorized"), path
        assert ask(locked.url + path, headers={"Accept": "text/html"}).status in (303, 401)
    for path in CHANGES:
        assert change(locked, path, Origin=locked.url).status == 401
    assert ask(f"{locked.url}/livez").status == 200
    ready = ask(f"{locked.url}/readyz")
    assert (ready.status, ready.json()["checks"]) == (503, [])
    assert locked.get("/readyz").json()["checks"]
    assert ask(f"{locked.url}/api/state", headers={"Authorization": f"Bearer {PASSWORD}"}).status == 200
    assert ask(f"{locked.url}/livez", headers={"Host": "rooms.example"}).status == 200
    assert ask(f"{locked.url}/livez", headers={"Host": "0.0.0.0"}).status == 403
    assert PASSWORD not in locked.log.read_text()
    assert locked.run("rooms", "list").returncode == 0


def test_a_browser_signs_in_and_out(locked: House) -> None:
    form = {"Origin": locked.url, "Content-Type": "application/x-www-form-urlencoded", "Accept": "text/html"}
    wrong = ask(f"{locked.url}/session", "POST", headers=form, body=b"password=guess")
    assert wrong.status == 401
    body = b"password=" + PASSWORD.replace(" ", "+").encode()
    assert (
        ask(f"{locked.url}/session", "POST", headers={**form, "Origin": "http://evil.example"}, body=body).status == 403
    )
    signed = ask(f"{locked.url}/session", "POST", headers=form, body=body)
    assert signed.status == 303
    cookie = signed.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=" in cookie
    browser = {"Cookie": cookie.partition(";")[0], "Accept": "text/html"}
    assert "Sign out" in ask(f"{locked.url}/", headers=browser).text
    asked = {**browser, "Content-Type": "application/json"}
    order = json.dumps({"enabled": True}).encode()
    assert ask(f"{locked.url}/api/learning", "POST", headers=asked, body=order).status == 403
    assert ask(f"{locked.url}/api/learning", "POST", headers={**asked, "Origin": locked.url}, body=order).status == 200
    ended = ask(f"{locked.url}/session/end", "POST", headers={**browser, **form})
    assert ended.status == 303
    assert ask(f"{locked.url}/api/state", headers={"Cookie": browser["Cookie"]}).status == 401
