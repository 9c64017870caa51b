"""Who may ask, and who may change: Host, Origin, bearer tokens, the password and its session."""

import asyncio
import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moodroom_hub.plugins.status_page.addresses import Addresses, split_host, split_origin
from moodroom_hub.plugins.status_page.guard import OPEN_ROUTES
from moodroom_hub.plugins.status_page.routes import all_routes
from tests.plugins.status_page.conftest import HTML, OpenSite, Site

PASSWORD = "correct horse, päßword"


async def test_hosts_of_our_own(open_site: OpenSite) -> None:
    site = await open_site(base_url="https://hub.example", trusted_hosts=["hub.lan", "nas.lan:8080", "fd00::7"])
    port = site.port
    for host in (
        f"127.0.0.1:{port}", f"localhost:{port}", f"LOCALHOST.:{port}", "[::1]",
        f"[::1]:{port}", "127.9.9.9", "localhost",
        "hub.example", "hub.example:443", "hub.lan", f"hub.lan:{port}", "nas.lan:8080", "[fd00::7]", "[fd00:0::7]:1",
    ):  # fmt: skip
        assert (await site.get("/api/state", headers={"Host": host})).status == 200, host
    for host in (
        "evil.example", f"evil.example:{port}", "", "localhost.evil.example", "127.0.0.1.evil.example",
        "evil.example:80@localhost",
        "localhost:99999", "localhost:", "localhost:x", "localhost/", "nas.lan", "nas.lan:81",
        "0.0.0.0", "[::]", "10.0.0.1",
        "127.1", "2130706433", "hub.example.evil", "[::1", "::1", "localhost, evil", "lоcalhost",
    ):  # fmt: skip
        answer = await site.get("/api/state", headers={"Host": host})
        assert answer.status == 403, host
        assert (await answer.json())["error"]["code"] == "host_not_allowed"


async def test_the_address_of_the_connection_is_ours_under_a_wildcard(open_site: OpenSite) -> None:
    site = await open_site(host="0.0.0.0", password=PASSWORD)
    allowed = Addresses("0.0.0.0", None, ())
    assert allowed.allows_host("192.168.1.5:7777", "192.168.1.5")
    assert not allowed.allows_host("192.168.1.6:7777", "192.168.1.5")
    assert not allowed.allows_host("0.0.0.0:7777", "192.168.1.5")
    assert allowed.allows_host("[fd00::1]", "fd00::1%eth0")
    assert (await site.get("/livez", headers={"Host": "10.1.2.3"})).status == 403


async def raw(site: Site, request: bytes) -> bytes:
    """What the server answers to these very bytes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
    writer.write(request)
    try:
        return await asyncio.wait_for(reader.read(65_536), 5)
    finally:
        writer.close()
        await writer.wait_closed()


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"GET /api/state HTTP/1.0\r\n\r\n",
        b"GET /api/state HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n",
        b"GET http://localhost/api/state HTTP/1.1\r\nHost: evil.example\r\n\r\n",
        b"GET http://evil.example/api/state HTTP/1.1\r\nHost: localhost\r\n\r\n",
    ],
)
async def test_no_host_two_hosts_and_whole_addresses_are_refused(site: Site, request_bytes: bytes) -> None:
    answer = await raw(site, request_bytes)
    assert answer.split(b" ")[1] in {b"400", b"403"}
    assert b"now_playing" not in answer


@pytest.mark.parametrize(
    "junk", [b"\x16\x03\x01\x02\x00", b"NONSENSE\r\n\r\n", b"GET / HTTP/1.1\r\nX: " + b"a" * 20_000 + b"\r\n\r\n"]
)
async def test_junk_is_400_and_the_server_lives(site: Site, junk: bytes) -> None:
    assert b" 400 " in (await raw(site, junk)).split(b"\r\n")[0]
    assert (await site.get("/livez")).status == 200


CHANGES = [
    (route.path.replace("{slug}", "late-night").replace("{id}", "1"), route)
    for route in all_routes()
    if route.method == "POST"
]


@pytest.mark.parametrize("path", [path for path, _ in CHANGES])
async def test_every_change_needs_its_origin_or_a_bearer(site: Site, path: str) -> None:
    other = f"http://127.0.0.1:{site.port + 1}"
    for headers in (
        {}, {"Origin": "null"}, {"Origin": other}, {"Origin": "http://evil.example"}, {"Origin": f"https://127.0.0.1:{site.port}"},
        {"Origin": site.url + "/"}, {"Origin": ""}, {"Referer": site.url + "/"}, {"Origin": f"http://localhost:{site.port}"},
        {"Origin": f"{site.url}, {site.url}"}, {"Origin": "http://127.0.0.1"}, {"Sec-Fetch-Site": "same-origin"},
    ):  # fmt: skip
        answer = await site.ask("POST", path, headers=headers)
        assert answer.status == 403, headers
        assert (await answer.json())["error"]["code"] == "origin_not_allowed"
    assert site.hub.calls == []
    for headers in ({"Origin": site.url}, {"Authorization": f"Bearer {site.token}"}):
        assert (await site.ask("POST", path, headers=headers)).status != 403


async def test_behind_a_proxy_the_base_url_is_an_origin(open_site: OpenSite) -> None:
    site = await open_site(base_url="https://hub.example")
    for host in ("hub.example", f"127.0.0.1:{site.port}"):
        headers = {"Host": host, "Origin": "https://hub.example"}
        assert (await site.ask("POST", "/api/player/play", headers=headers)).status == 200
    headers = {"Host": "hub.example", "Origin": "https://hub.example:444"}
    assert (await site.ask("POST", "/api/player/play", headers=headers)).status == 403


async def test_a_wrong_bearer_is_401_even_without_a_password(site: Site) -> None:
    for given_token in ("wrong", site.token + "x", site.token[:-1]):
        answer = await site.get("/api/state", headers={"Authorization": f"Bearer {given_token}"})
        assert answer.status == 401
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert (await site.get("/api/state", headers={"Authorization": f"bearer {site.token}"})).status == 200


async def test_a_password_closes_everything_but_the_door(open_site: OpenSite) -> None:
    site = await open_site(password=PASSWORD)
    for route in all_routes():
        path = route.path.replace("{slug}", "late-night").replace("{id}", "1").replace("{name}", "style.css")
        answer = await (site.post(path) if route.method == "POST" else site.get(path))
        if route.is_open:
            assert answer.status in {200, 400, 401}, path
        else:
            assert answer.status == 401, path
            assert (await answer.json())["error"]["code"] == "unauthorized"
    assert (await site.get("/nothing")).status == 401
    assert site.hub.calls == [("health",)]
    ready = await (await site.get("/readyz")).json()
    assert ready == {"status": "ready", "checks": []}
    known = await site.get("/readyz", headers={"Authorization": f"Bearer {site.token}"})
    assert (await known.json())["checks"]


def test_the_open_routes_are_told_as_open() -> None:
    assert {route.path for route in all_routes() if route.is_open} == OPEN_ROUTES


async def test_pages_for_strangers_stand_in_the_house_s_light_which_names_no_room(open_site: OpenSite) -> None:
    site = await open_site(password=PASSWORD)
    linked = '<link rel="stylesheet" href="/palettes.css">'
    assert linked in await (await site.get("/session", headers=HTML)).text()
    css = await (await site.get("/palettes.css")).text()
    assert css.count('[data-room=""] { --room-accent: ') == 2  # for the dark scheme and for the light one
    assert "late-night" not in css
    assert await sign_in(site) == 303
    assert "late-night" in await (await site.get("/palettes.css")).text()
    fault = await site.get("/?zone=nowhere", headers=HTML)
    assert fault.status == 404
    assert linked in await fault.text()


async def test_password_and_token_are_bearers(open_site: OpenSite) -> None:
    site = await open_site(password=PASSWORD)
    for bearer in (PASSWORD, site.token):
        answer = await site.ask("POST", "/api/player/play", headers={"Authorization": f"Bearer {bearer}"})
        assert answer.status == 200


async def sign_in(site: Site, password: str = PASSWORD) -> int:
    """Send the password form; gives the status."""
    return (await site.post("/session", data={"password": password}, headers=HTML)).status


async def test_the_session(open_site: OpenSite) -> None:
    site = await open_site(password=PASSWORD)
    sent_on = await site.get("/", headers=HTML)
    assert (sent_on.status, sent_on.headers["Location"]) == (303, "/session")
    assert 'type="password"' in await (await site.client.get(site.url + "/session")).text()
    assert await sign_in(site, "wrong") == 401
    answer = await site.post("/session", data={"password": PASSWORD})
    assert (answer.status, answer.headers["Location"]) == (303, "/")
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert "Max-Age=2592000" in cookie
    assert "Secure" not in cookie
    assert (await site.get("/", headers=HTML)).status == 200
    assert (await site.post("/api/player/play")).status == 200
    assert (await site.ask("POST", "/api/player/play")).status == 403
    assert (await site.get("/session", headers=HTML)).status == 303
    stolen = {each.key: each.value for each in site.client.cookie_jar}
    assert (await site.post("/session/end")).status == 303
    site.client.cookie_jar.update_cookies(stolen)
    assert (await site.get("/api/state")).status == 401


async def test_a_session_ends_after_thirty_days(open_site: OpenSite) -> None:
    site = await open_site(password=PASSWORD)
    assert await sign_in(site) == 303
    for _ in range(5):
        site.clock.at_ms += 6 * 86_400_000 - 1
        assert (await site.get("/api/state")).status == 200
    site.clock.at_ms += 5
    assert (await site.get("/api/state")).status == 401


async def test_a_session_that_nobody_uses_ends_after_a_week(open_site: OpenSite) -> None:
    site = await open_site(password=PASSWORD)
    assert await sign_in(site) == 303
    site.clock.at_ms += 7 * 86_400_000
    assert (await site.get("/api/state")).status == 401


async def test_the_cookie_is_secure_under_https(open_site: OpenSite) -> None:
    site = await open_site(password=PASSWORD, base_url="https://hub.example")
    answer = await site.post("/session", data={"password": PASSWORD})
    assert "Secure" in answer.headers["Set-Cookie"]


async def test_guessing_is_slowed_by_form_and_by_bearer(open_site: OpenSite) -> None:
    site = await open_site(password=PASSWORD)
    for number in range(5):
        if number % 2:
            assert await sign_in(site, "wrong") == 401
        else:
            wrong = await site.get("/api/state", headers={"Authorization": "Bearer wrong"})
            assert wrong.status == 401
    waits: list[int] = []
    for _ in range(6):
        refused = await site.get("/api/state", headers={"Authorization": f"Bearer {PASSWORD}"})
        assert refused.status == 429
        waits.append(int(refused.headers["Retry-After"]))
        assert await sign_in(site) == 429
        site.clock.at_ms += waits[-1] * 1000
        assert await sign_in(site, "wrong") == 401
    assert waits == [2, 4, 8, 16, 32, 64]
    # Scripts with the token go on, and the owner comes in after the wait, with a clean slate.
    assert (await site.get("/api/state", headers={"Authorization": f"Bearer {site.token}"})).status == 200
    site.clock.at_ms += 128_000
    assert await sign_in(site) == 303
    assert await sign_in(site, "wrong") == 401


async def test_the_token_file_is_private_and_kept(open_site: OpenSite, tmp_path: Path) -> None:
    site = await open_site()
    path = tmp_path / "api-token"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(site.token) == 43
    again = await open_site()
    assert again.token == site.token
    path.chmod(0o644)
    shown = site.token
    fresh = await open_site()
    assert fresh.token != shown
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert os.listdir(tmp_path) == ["api-token"]  # noqa: PTH208 -- names are what is asked for


async def test_a_token_file_that_is_no_plain_file_is_replaced(open_site: OpenSite, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text("A" * 43)
    elsewhere.chmod(0o600)
    (tmp_path / "api-token").symlink_to(elsewhere)
    site = await open_site()
    assert site.token != "A" * 43
    assert elsewhere.read_text() == "A" * 43


async def test_junk_and_half_secrets_stay_out_of_the_log(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    answer = await raw(site, b"GET / HTTP/1.1\r\nHost: localhost\r\nAuthorization : Bearer HALFSECRET\x00\r\n\r\n")
    assert b" 400 " in answer.split(b"\r\n")[0]
    assert "127.0.0.1" in caplog.text
    assert "HALFSECRET" not in caplog.text
    assert [record for record in caplog.records if record.levelname in {"WARNING", "ERROR"}] == []


async def test_headers_of_every_answer(site: Site) -> None:
    for path in ("/", "/api/state", "/nothing", "/static/app.js", "/palettes.css", "/livez"):
        headers = (await site.get(path)).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["Cache-Control"] == ("no-cache" if "static" in path else "no-store")
        assert "aiohttp" not in headers["Server"]
        assert "Access-Control-Allow-Origin" not in headers


@given(st.text(max_size=40))
def test_host_and_origin_never_raise(text: str) -> None:
    for parts in (split_host(text), split_host(f"[{text}]")):
        if parts is not None:
            name, port = parts
            assert name
            assert name == name.lower()
            assert port is None or 0 < port < 65536
    split_origin(text)
    split_origin(f"http://{text}")
    Addresses(text, f"http://{text}", (text,)).allows_host(text, text)
