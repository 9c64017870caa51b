"""Trouble on the page, in a real browser: one line where one looks for it, with what mends it beside it."""

import asyncio

import pytest
from playwright.async_api import expect

from moodroom_hub.simulator.devices import Presence, SimDevice
from moodroom_hub.simulator.faults import Fault, FaultRule
from tests.e2e.conftest import MakeHouse
from tests.e2e.house import House, eventually, mixed_pool
from tests.e2e.test_browser import PATIENCE_MS, chromium, opened, pytestmark

__all__ = ["pytestmark"]

ITEMS, ROWS = mixed_pool("house", "Trouble")


def asleep(house: MakeHouse) -> House:
    """A hub with a filled room, two devices of which none plays, and one that no app may steer."""
    devices = [SimDevice("Kitchen"), SimDevice("Desk", "Computer"), SimDevice("Bath", is_restricted=True)]
    home = house(ITEMS, devices=devices)
    home.settle_in(ROWS)
    return home


async def test_no_device_comes_with_the_devices_to_choose_from(house: MakeHouse) -> None:
    home = asleep(house)
    async with chromium() as browser, opened(browser, home.url) as page:
        await page.get_by_role("button", name="House").click()
        line = page.locator("#troubles [data-code=no_device]")
        await expect(line).to_contain_text("Open Spotify")
        await line.get_by_role("button", name="Play on Desk").click()
        await expect(line).to_have_count(0)
        await page.get_by_role("button", name="House").click()
        await expect(page.locator("#now .title")).to_have_count(1)
    view = home.world.view()
    assert view.device is not None
    assert (view.device.name, view.is_playing) == ("Desk", True)


async def test_without_scripts_a_device_is_chosen_as_well_and_remembered(house: MakeHouse) -> None:
    home = asleep(house)
    assert home.post("/api/rooms/house/activate").error["code"] == "no_device"
    async with chromium() as browser, opened(browser, home.url, java_script_enabled=False) as page:
        await page.get_by_role("button", name="Play on Kitchen").click()
        await expect(page.locator("#troubles [data-code]")).to_have_count(0)
    assert [each["name"] for each in home.get("/api/devices").json()["devices"] if each["active"]] == ["Kitchen"]
    gone = home.post("/api/player/device", {"device": "Garage"})
    assert (gone.status, gone.error["code"]) == (409, "no_device")


async def test_a_wait_counts_down_by_itself_and_vanishes(house: MakeHouse) -> None:
    home = house(ITEMS)
    home.settle_in(ROWS)
    rule = FaultRule(Fault.TOO_MANY, retry_after_s=6, at_most=1)
    async with chromium() as browser, opened(browser, home.url) as page:
        with home.trouble(rule):
            await page.get_by_role("button", name="House").click()
            line = page.locator("#troubles [data-code=rate_limited]")
            await expect(line).to_contain_text("Spotify asks us to wait")
            first = int(await line.locator(".countdown").inner_text())
            assert 1 <= first <= 10
            await asyncio.sleep(1.6)
            assert int(await line.locator(".countdown").inner_text()) < first
            quiet = home.get("/api/quiet").json()
            assert quiet["broken"] == "restriction"
            assert quiet["retry_at"] is not None
            await expect(line).to_have_count(0, timeout=PATIENCE_MS)


async def test_why_is_it_quiet_names_the_first_broken_link(house: MakeHouse) -> None:
    home = house(ITEMS, devices=[SimDevice("Kitchen", presence=Presence.LOST)])
    home.start()

    def broken() -> str | None:
        told: str | None = home.get("/api/quiet").json()["broken"]
        return told

    assert broken() == "login"
    async with chromium() as browser, opened(browser, home.url) as page:
        await page.locator("#why-quiet").click()
        await expect(page.locator("[aria-current=step] h3")).to_have_text("Login")
        await expect(page.locator(".link-not_looked_at")).to_have_count(4)
        await expect(page.get_by_role("link", name="Log in")).to_be_visible()
        home.log_in()
        await page.get_by_role("link", name="Look again").click()
        await expect(page.locator("[aria-current=step] h3")).to_have_text("Device")
        await expect(page.locator(".link-fine")).to_have_count(1)
        next(iter(home.world.devices.values())).presence = Presence.ACTIVE
        await page.get_by_role("link", name="Look again").click()
        await expect(page.locator("[aria-current=step] h3")).to_have_text("Pool")
        home.fill(ROWS)
        await page.get_by_role("link", name="Look again").click()
        await expect(page.locator("#conclusion")).to_contain_text("no room is on")
    home.done("/api/rooms/house/activate")
    eventually(lambda: "music plays" in home.get("/api/quiet").json()["conclusion"], "it is not quiet")


@pytest.mark.parametrize("scripts", [True, False])
async def test_a_needed_login_comes_with_its_paste_box(house: MakeHouse, scripts: bool) -> None:
    home = house(ITEMS)
    home.start()
    async with chromium() as browser, opened(browser, home.url, java_script_enabled=scripts) as page:
        line = page.locator("#troubles [data-code=login_needed]")
        await expect(line.get_by_role("link", name="Log in")).to_be_visible()
        await line.locator("summary").click()
        await line.get_by_label("Paste that page's whole address here").fill("http://127.0.0.1/callback?nothing")
        await line.get_by_role("button", name="Finish the login").click()
        await expect(page.locator("#notice")).to_contain_text("not whole")
