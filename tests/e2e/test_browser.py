"""The page in a real browser: it lives by its events, works without scripts, and nothing hostile acts in it."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from playwright.async_api import Browser, Page, async_playwright, expect

from tests.e2e.conftest import MakeHouse
from tests.e2e.house import House, csv_rows, eventually, mixed_pool, song
from tests.e2e.test_hostile import TITLES

PROGRAMS = ("chromium-headless-shell", "chromium", "chromium-browser")
"""The first of these that is here, or what CHROMIUM names. The shell is the same engine without the windows around it:
a page of its own costs a sixth of the processor time."""
CHROMIUM = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, PROGRAMS)), None)
AUDIBLE_S = 1.8
PATIENCE_MS = 15_000
# Whatever a hostile title may try leaves a trace here. It runs before anything of the page does.
TRAPS = """
window.sprung = [];
for (const name of ["alert", "confirm", "prompt"]) window[name] = () => window.sprung.push(name);
addEventListener("securitypolicyviolation", (event) => window.sprung.push(event.violatedDirective));
"""

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: apt-get install chromium, or set CHROMIUM"),
]


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """A browser of our own."""
    async with async_playwright() as tools:
        browser = await tools.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def opened(browser: Browser, url: str, **context: Any) -> AsyncIterator[Page]:
    """The page; at the end nothing may have complained, neither the console nor the content policy nor a trap."""
    complaints: list[str] = []
    visitor = await browser.new_context(**context)
    try:
        page = await visitor.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("dialog", lambda dialog: complaints.append(dialog.message))
        page.on("request", lambda request: None if request.url.startswith(url) else complaints.append(request.url))
        if context.get("java_script_enabled", True):
            await page.add_init_script(TRAPS)
        await page.goto(url)
        yield page
        if context.get("java_script_enabled", True):
            assert await page.evaluate("window.sprung") == []
        assert complaints == []
    finally:
        await visitor.close()


@pytest.fixture
def evening(house: MakeHouse) -> House:
    """A hub with one filled room."""
    items, rows = mixed_pool("house", "Browser")
    home = house(items)
    home.settle_in(rows)
    return home


async def test_a_room_is_switched_on_and_the_page_lives(evening: House) -> None:
    home = evening
    async with chromium() as browser, opened(browser, home.url) as page:
        await expect(page.get_by_text("Nothing plays. Choose a room.")).to_be_visible()
        await page.get_by_role("button", name="House").click()
        await expect(page.locator("#ahead li")).to_have_count(9, timeout=PATIENCE_MS)
        await expect(page.get_by_role("button", name="House")).to_have_attribute("aria-pressed", "true")
        playing = eventually(lambda: home.state()["now_playing"], "what plays is seen")
        await expect(page.locator("#now .title")).to_have_text(playing["name"])
        assert await page.title() == "House"
        tiers = await page.locator("#ahead .tier").all_text_contents()
        shown = [*tiers, {"CONFIRMED": "CONF", "SAFE_SIDE": "SAFE", "DISCOVERY": "DISC"}[playing["tier"]]]
        assert sorted(shown) == ["CONF"] * 5 + ["DISC"] + ["SAFE"] * 4
        assert await page.evaluate("getComputedStyle(document.body).getPropertyValue('--accent')") != ""

        # The bar moves by itself; the mark stands at 0:30.
        first = await page.locator("#position").text_content()
        await expect(page.locator("#position")).not_to_have_text(first or "", timeout=PATIENCE_MS)
        assert await page.locator(".threshold").get_attribute("x") == "30000"

        # Somebody skips at the player: the receipt comes by itself.
        await asyncio.sleep(AUDIBLE_S)
        home.done("/api/player/next")
        await expect(page.locator("#receipts li")).to_have_count(1, timeout=PATIENCE_MS)
        await expect(page.locator("#receipts li .title")).to_have_text(playing["name"])
        await page.get_by_role("button", name=f"Undo: {playing['name']}").click()
        await expect(page.locator("#receipts li.undone")).to_have_count(1, timeout=PATIENCE_MS)
        assert playing["uri"] in home.tiers("house")[playing["tier"]]

        # By keyboard: Next has the focus, and still has it when the page has changed under it.
        await asyncio.sleep(AUDIBLE_S)
        second = home.state()["now_playing"]
        await page.locator("#player-next").focus()
        await page.keyboard.press("Enter")
        await expect(page.locator("#now .title")).not_to_have_text(second["name"], timeout=PATIENCE_MS)
        await expect(page.locator("#player-next")).to_be_focused()
        await expect(page.locator("#receipts li")).to_have_count(3, timeout=PATIENCE_MS)


async def test_the_page_says_that_the_hub_is_gone_and_recovers(evening: House) -> None:
    home = evening
    async with chromium() as browser:
        page = await browser.new_page()
        await page.goto(home.url)
        await expect(page.locator("#connection")).to_be_empty()
        await asyncio.to_thread(home.stop)
        await expect(page.locator("#connection")).to_contain_text("does not answer", timeout=PATIENCE_MS)
        await asyncio.to_thread(home.start)
        await expect(page.locator("#connection")).to_be_empty(timeout=PATIENCE_MS)
        await page.close()


async def test_without_scripts_everything_is_a_form(evening: House) -> None:
    home = evening
    async with chromium() as browser, opened(browser, home.url, java_script_enabled=False) as page:
        await page.get_by_role("button", name="House").click()
        await expect(page.locator("#ahead li")).to_have_count(9)
        await asyncio.sleep(AUDIBLE_S)
        await page.get_by_role("button", name="Next").click()
        async with asyncio.timeout(PATIENCE_MS / 1000):
            while await page.locator("#receipts li").count() == 0:
                await asyncio.sleep(0.3)
                await page.reload()
        await page.get_by_role("button", name="Undo").first.click()
        await expect(page.locator("#receipts li.undone")).to_have_count(1)
        await page.get_by_role("button", name="Switch learning off").click()
        await expect(page.get_by_text("Learning is off")).to_be_visible()
        await page.get_by_role("button", name="Off (what plays goes on)").click()
        assert home.state()["active_room"] is None
        await page.get_by_role("button", name="Rage").click()
        await expect(page.get_by_role("alert")).to_contain_text("pool import")


async def test_hostile_titles_are_inert_and_break_no_layout(house: MakeHouse) -> None:
    items = [song(title, f"{title[:200]} Band") for title in TITLES]
    home = house(items)
    home.settle_in()
    text = "room,tier,name,artist,uri\r\n" + csv_rows("rage", "CONFIRMED", items)
    home.done("/api/pool/import", {"format": "csv", "text": text})
    phone = {"width": 360, "height": 740}
    async with chromium() as browser, opened(browser, home.url, viewport=phone) as page:
        await page.get_by_role("button", name="Rage").click()
        await expect(page.locator("#ahead li")).to_have_count(9, timeout=PATIENCE_MS)
        for count in (1, 2):
            await asyncio.sleep(AUDIBLE_S)
            home.done("/api/player/next")
            await expect(page.locator("#receipts li")).to_have_count(count, timeout=PATIENCE_MS)
        await page.reload()
        await expect(page.locator("#ahead li")).to_have_count(9)
        scripts = await page.eval_on_selector_all("script", "all => all.map(one => one.getAttribute('src'))")
        assert {each.partition("?")[0] for each in scripts} <= {"/static/app.js", "/static/care.js"}
        assert await page.locator("iframe, object, embed, svg[onload], [autofocus]").count() == 0
        wide = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0
        eventually(lambda: home.state()["troubles"] == [], "no trouble")


async def test_a_stranger_s_page_cannot_steer_the_hub(evening: House) -> None:
    home = evening
    async with chromium() as browser:
        visitor = await browser.new_context()
        page = await visitor.new_page()
        await page.goto(f"{home.home.accounts_url}image/evil")  # any other origin on this machine
        for kind in ("application/json", "text/plain", "application/x-www-form-urlencoded"):
            status = await page.evaluate(
                """async ([url, kind]) => {
                    try {
                        const headers = {"Content-Type": kind};
                        return (await fetch(url, {method: "POST", body: "{}", headers})).status;
                    } catch { return "refused"; }
                }""",
                [f"{home.url}/api/rooms/house/activate", kind],
            )
            assert status == "refused"
        assert home.state()["active_room"] is None
        await visitor.close()


@pytest.mark.parametrize("width", [360, 1200])
async def test_the_rooms_stand_in_even_rows_with_the_off_button_apart(evening: House, width: int) -> None:
    home = evening
    home.done("/api/rooms/house/activate")
    async with chromium() as browser, opened(browser, home.url, viewport={"width": width, "height": 800}) as page:
        assert await page.evaluate("document.documentElement.scrollWidth") <= width
        boxes = [box for each in await page.locator(".room").all() if (box := await each.bounding_box()) is not None]
        assert len(boxes) == 6
        for top in {box["y"] for box in boxes}:
            assert len({round(box["height"]) for box in boxes if box["y"] == top}) == 1
        off = await page.locator("#rooms-off").bounding_box()
        assert off is not None
        below = off["y"] - max(box["y"] + box["height"] for box in boxes)
        assert 16 <= below <= 40
