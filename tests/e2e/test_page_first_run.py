"""The first run in a real browser: from no configuration to music, by one page that writes the owner's file."""

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import expect

from moodroom_hub.core.config import load_config
from tests.e2e.conftest import MakeHouse
from tests.e2e.house import HEADER, House, eventually, mixed_pool
from tests.e2e.test_browser import PATIENCE_MS, chromium, opened, pytestmark
from tests.e2e.wire import ask

__all__ = ["pytestmark"]

ITEMS, ROWS = mixed_pool("house", "First")
NOTE = "# mine, and not to be touched"


@pytest.fixture
def empty(house: MakeHouse) -> House:
    """A hub whose file says only where things are."""
    home = house(ITEMS)
    at = {"api_url": home.home.api_url, "accounts_url": home.home.accounts_url}
    home.config.write_text(
        f"{NOTE}\nhub: {{data_dir: {json.dumps(str(home.data))}}}\nweb: {{port: {home.port}}}\n"
        f"plugins:\n  # the simulated one\n  spotify: {json.dumps(at)}  # for now\n"
    )
    home.start()
    return home


def file_of(home: House) -> dict[str, Any]:
    """What the file says by now, whole."""
    settings = load_config(home.config, {}).settings
    return {"rooms": set(settings.rooms), "client_id": settings.plugins["spotify"].get("client_id")}


async def test_from_nothing_to_music(empty: House) -> None:
    home = empty
    landed = "http://127.0.0.1"
    async with chromium() as browser:
        visitor = await browser.new_context()
        page = await visitor.new_page()
        page.set_default_timeout(PATIENCE_MS)
        await page.goto(home.url)
        await expect(page).to_have_url(f"{home.url}/welcome")
        await expect(page.locator("#redirect")).to_have_text(f"{landed}:{home.port}/callback")

        # What the plugin does not take is refused where it was typed, and the file stands as it was.
        before = home.config.read_bytes()
        await page.get_by_label("Client ID").fill("not an id!")
        await page.locator("#client-id-save").click()
        await expect(page.locator("#notice")).to_contain_text("letters and digits")
        assert home.config.read_bytes() == before

        await page.get_by_label("Client ID").fill(home.home.client_id)
        await page.locator("#client-id-save").click()
        await expect(page.locator("#notice")).to_contain_text("written down")
        assert file_of(home)["client_id"] == home.home.client_id

        # Rooms to keep, and one of their own.
        for name in ("Rage", "Throwback Rap"):
            await page.get_by_label(name).uncheck()
        await page.get_by_label("Rooms of your own, one name a line").fill("Sunday Morning")
        await page.locator("#rooms-save").click()
        await expect(page.locator("#notice")).to_contain_text("rooms are written down")
        kept = {"late-night", "throwback-pop", "house", "after-hours", "sunday-morning"}
        assert file_of(home)["rooms"] == kept
        assert NOTE in home.config.read_text()
        assert "# for now" in home.config.read_text()

        # The hub begins again in place: the same process, the new file.
        assert home.process is not None
        process = home.process.pid
        await page.locator("#restart").click()
        await expect(page.get_by_role("heading", name="First steps")).to_be_visible()
        await expect(page.locator("#step-1")).to_contain_text("The hub has a client id.")
        await expect(page.locator("#restart")).to_have_count(0)
        assert home.is_alive()
        assert home.process.pid == process

        # Log in: the service sends the browser back to the hub.
        await page.locator("#step-2").get_by_role("link", name="Log in").click()
        await page.goto(f"{home.url}/welcome")
        await expect(page.locator("#step-2")).to_contain_text("Logged in")

        await page.locator("#sync").click()
        await expect(page.locator("#step-4")).to_contain_text("liked songs,")

        await page.get_by_text("Or import a pool file").click()
        await page.get_by_label("Its text").fill(HEADER + ROWS)
        await page.locator("#pool-import").click()
        await expect(page.locator("#notice")).to_contain_text("36 tracks came in")

        await page.locator("#play").get_by_role("button", name="House").click()
        await expect(page.locator("#now .title")).to_have_count(1)
        assert home.state()["active_room"] == "house"
        assert {room["slug"] for room in home.get("/api/rooms").json()["rooms"]} == kept
        await visitor.close()


async def test_the_first_run_can_be_put_off_and_works_without_scripts(empty: House) -> None:
    home = empty
    async with chromium() as browser, opened(browser, home.url, java_script_enabled=False) as page:
        await expect(page).to_have_url(f"{home.url}/welcome")
        await page.get_by_label("Client ID").fill(home.home.client_id)
        await page.locator("#client-id-save").click()
        await expect(page.locator("#pending")).to_contain_text("needs a restart")
        await page.locator("#later").click()
        await expect(page).to_have_url(f"{home.url}/")
        await expect(page.locator("#troubles")).to_contain_text("client id")
        await page.goto(home.url)
        await expect(page).to_have_url(f"{home.url}/")


def test_a_file_that_is_not_fit_leaves_the_hub_as_it_runs(empty: House) -> None:
    home = empty
    with home.config.open("a") as file:
        file.write("nonsense: 1\n")
    refused = home.post("/welcome/restart")
    assert refused.status == 409
    assert "nonsense" in refused.error["message"]
    assert "cannot be read" in home.get("/welcome", accept="text/html").text
    assert home.is_alive()


def test_a_new_port_that_is_taken_sends_the_hub_back_to_the_old_one(empty: House) -> None:
    home = empty
    text = home.config.read_text()
    home.config.write_text(text.replace(f"port: {home.port}", f"port: {home.home.api_url.split(':')[2].split('/')[0]}"))
    assert home.post("/welcome/restart").status == 200
    eventually(lambda: "going back" in home.log.read_text(), "the hub tries")
    eventually(home.is_alive, "the hub is back")


def test_the_file_is_written_for_its_owner_only(house: MakeHouse, tmp_path: Path) -> None:
    home = house(ITEMS, config={"web": {"trusted_hosts": ["hub.example"]}})
    home.start()
    before = home.config.read_bytes()
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    for host, origin, status in (
        ("hub.example", "http://hub.example", 403),  # through a proxy on this machine, without a password
        (f"127.0.0.1:{home.port}", "http://evil.example", 403),
        ("evil.example", "http://evil.example", 403),
    ):
        for path, body in (("client-id", b"client_id=abcdef0123456789"), ("rooms", b"room-house=1"), ("restart", b"")):
            reply = ask(
                f"{home.url}/welcome/{path}", "POST", headers={**form, "Host": host, "Origin": origin}, body=body
            )
            assert reply.status == status, (host, path, reply.text)
    assert home.config.read_bytes() == before
    assert b"only written for the hub's owner" in ask(f"{home.url}/welcome", headers={"Host": "hub.example"}).body
