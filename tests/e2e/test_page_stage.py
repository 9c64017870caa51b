"""The main page in a real browser: its light follows the rooms, and every part of it lives and acts."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest
from playwright.async_api import Browser, Page, Route, expect

from moodroom_hub.simulator.commands import Commands
from tests.e2e.conftest import MakeHouse
from tests.e2e.house import House, csv_rows, eventually, mixed_pool, songs
from tests.e2e.test_browser import AUDIBLE_S, PATIENCE_MS, chromium, opened, pytestmark

__all__ = ["pytestmark"]

CROSSFADE_S = 1.6
ACCENT = "getComputedStyle(document.body).getPropertyValue('--accent').trim()"
HOUSE_ACCENT, RAGE_ACCENT, NO_ROOM_ACCENT = "#ffb454", "#ff5449", "#a79bf0"
RUNNING = "document.getAnimations().filter((each) => each.playState === 'running').length"


@pytest.fixture
def home(house: MakeHouse) -> House:
    """A hub with two filled rooms, House and Rage; the others are empty."""
    return two_rooms(house)


def two_rooms(house: MakeHouse, **config: Any) -> House:
    """House and Rage filled, the others empty."""
    first, first_rows = mixed_pool("house", "Stage")
    second, second_rows = mixed_pool("rage", "Loud")
    built = house([*first, *second], config=config)
    built.settle_in(first_rows, second_rows)
    return built


def at_night(browser: Browser, home: House, **context: Any) -> AbstractAsyncContextManager[Page]:
    """The page under the dark scheme."""
    return opened(browser, home.url, color_scheme="dark", **context)


async def shines(page: Page, colour: str, within_s: float) -> None:
    """The stage's accent is ``colour`` within that time."""
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    async with asyncio.timeout(within_s):
        while await page.evaluate(ACCENT) not in (colour, f"rgb({red}, {green}, {blue})"):  # noqa: ASYNC110 -- a page
            await asyncio.sleep(0.05)


async def hold(page: Page, path: str) -> Callable[[], Awaitable[None]]:
    """Let no request to ``path`` through before what is given back was called."""
    gate = asyncio.Event()

    async def wait(route: Route) -> None:
        await gate.wait()
        await route.continue_()

    await page.route(f"**{path}", wait)

    async def release() -> None:
        gate.set()
        await page.unroute_all(behavior="wait")

    return release


@pytest.mark.alone
async def test_a_click_changes_the_light_before_the_hub_has_answered(home: House) -> None:
    async with chromium() as browser, at_night(browser, home) as page:
        await shines(page, NO_ROOM_ACCENT, 1)
        release = await hold(page, "/rooms/house/activate")
        await page.get_by_role("button", name="House").click()
        await shines(page, HOUSE_ACCENT, CROSSFADE_S + 0.5)
        assert home.state()["active_room"] is None
        await release()
        await expect(page.locator("#ahead li")).to_have_count(9, timeout=PATIENCE_MS)
        await shines(page, HOUSE_ACCENT, 0.5)
        frame = page.locator("meta[name=theme-color][media*=dark]")
        await expect(frame).to_have_attribute("content", "#1c0c04")

        await page.get_by_role("button", name="Rage").click()
        await shines(page, RAGE_ACCENT, CROSSFADE_S + 0.5)
        await expect(page.get_by_role("button", name="Rage")).to_have_attribute("aria-pressed", "true")

        # A room that cannot play: the light goes back to where the music is, and the page says why.
        await page.get_by_role("button", name="After Hours").click()
        await expect(page.get_by_role("alert")).to_contain_text("After Hours", timeout=PATIENCE_MS)
        await shines(page, RAGE_ACCENT, CROSSFADE_S + 0.5)


async def test_a_light_is_taken_back_when_the_hub_does_not_answer(home: House) -> None:
    async with chromium() as browser:
        page = await browser.new_page(color_scheme="dark")
        await page.goto(home.url)
        await page.route("**/rooms/house/activate", lambda route: route.abort())
        await page.get_by_role("button", name="House").click()
        await expect(page.locator("#connection")).to_contain_text("nothing was sent twice")
        await shines(page, NO_ROOM_ACCENT, CROSSFADE_S + 0.5)
        await page.close()


async def test_the_batch_is_a_manifest_of_what_went_by_and_what_comes(home: House) -> None:
    home.done("/api/rooms/house/activate")
    async with chromium() as browser, at_night(browser, home) as page:
        numbers = await page.locator("#upcoming .number").all_text_contents()
        assert numbers == [str(each) for each in range(1, 11)]
        await expect(page.locator("#upcoming [aria-current=true] .number")).to_have_text("1")
        playing = home.state()["now_playing"]
        await asyncio.sleep(AUDIBLE_S)
        home.listener(Commands.next)  # at the player, not on the page
        await expect(page.locator("#passed li")).to_have_count(1, timeout=PATIENCE_MS)
        await expect(page.locator("#passed li")).to_contain_text(playing["name"])
        await expect(page.locator("#passed .verdict")).to_contain_text("skipped at 0:")
        await expect(page.locator("#upcoming [aria-current=true] .number")).to_have_text("2")
        await expect(page.locator("#ahead li")).to_have_count(9, timeout=PATIENCE_MS)  # a fresh one follows
        told = home.get("/api/batch").json()
        assert [each["number"] for each in told["tracks"]] == list(range(1, 12))
        assert (told["room"], told["tracks"][0]["verdict"], told["earlier"]) == ("house", "SKIPPED", 0)
        assert told["tracks"][1]["verdict"] is None


async def test_a_receipt_comes_by_itself_to_every_tab_and_is_undone_for_all(home: House) -> None:
    home.done("/api/rooms/house/activate")
    async with (
        chromium() as browser,
        at_night(browser, home) as one,
        at_night(browser, home) as other,
    ):
        for page in (one, other):
            await expect(page.locator("#ahead li")).to_have_count(9)
        playing = home.state()["now_playing"]
        await asyncio.sleep(AUDIBLE_S)
        home.listener(Commands.next)
        for page in (one, other):
            await expect(page.locator("#receipts li")).to_have_count(1, timeout=PATIENCE_MS)
            await expect(page.locator("#receipts li")).to_contain_text("first skip · at 0:")
        await one.get_by_role("button", name=f"Undo: {playing['name']}").click()
        for page in (one, other):
            await expect(page.locator("#receipts li.undone")).to_have_count(1, timeout=PATIENCE_MS)
        assert playing["uri"] in home.tiers("house")[playing["tier"]]
        await other.get_by_role("button", name="Rage").click()
        for page in (one, other):
            await expect(page.get_by_role("button", name="Rage")).to_have_attribute(
                "aria-pressed", "true", timeout=PATIENCE_MS
            )
            await shines(page, RAGE_ACCENT, CROSSFADE_S + 1)


async def test_the_page_comes_back_with_a_hub_that_was_started_again(home: House) -> None:
    async with chromium() as browser:
        page = await browser.new_page(color_scheme="dark")
        await page.goto(home.url)
        await asyncio.to_thread(home.stop)
        await expect(page.locator("#connection")).to_contain_text("does not answer", timeout=PATIENCE_MS)
        await asyncio.to_thread(home.start)
        home.done("/api/rooms/house/activate")
        await expect(page.locator("#connection")).to_be_empty(timeout=PATIENCE_MS)
        await expect(page.locator("#ahead li")).to_have_count(9, timeout=PATIENCE_MS)
        await shines(page, HOUSE_ACCENT, CROSSFADE_S + 1)
        await page.close()


async def test_what_a_skip_would_do_changes_when_the_mark_is_passed(house: MakeHouse) -> None:
    home = two_rooms(house, listening={"skip_threshold": "12s"})
    home.done("/api/rooms/house/activate")
    async with chromium() as browser, at_night(browser, home) as page:
        line = page.locator("#next-skip")
        await expect(line).to_contain_text("next skip would")
        assert await page.locator(".threshold").get_attribute("x") == "12000"
        await expect(page.locator("#next-skip-before")).to_be_visible()
        await expect(page.locator("#next-skip-after")).to_be_hidden()
        await expect(page.locator("#next-skip-before")).to_be_hidden(timeout=PATIENCE_MS)
        assert await line.inner_text() == "next skip would → change nothing"
        position = await page.locator("#position").inner_text()
        assert position in ("0:12", "0:13")
        assert home.state()["now_playing"]["next_skip"] is None


async def test_never_again(home: House) -> None:
    home.done("/api/rooms/house/activate")
    async with chromium() as browser, at_night(browser, home) as page:
        playing = home.state()["now_playing"]
        await page.get_by_role("button", name="Never again").click()
        await expect(page.locator("#now .title")).not_to_have_text(playing["name"], timeout=PATIENCE_MS)
        eventually(lambda: playing["uri"] in home.tiers("house")["REMOVED"], "it is out of its room")
        await expect(page.locator("#receipts li").first).to_contain_text("never again", timeout=PATIENCE_MS)
        # The page in another tab still showed the old one: what plays by now is not meant.
        order = {"uri": playing["uri"]}
        assert home.done("/api/player/never_again", order) == {"receipt": None}
        assert home.state()["now_playing"]["uri"] != playing["uri"]


async def test_guests(home: House) -> None:
    async with chromium() as browser, at_night(browser, home) as page:
        await page.get_by_role("button", name="Guests for 3 h").click()
        await expect(page.get_by_text("Learning is off until")).to_be_visible()
        assert home.state()["learning"] is False
        await page.get_by_role("button", name="Switch learning on").click()
        await expect(page.get_by_text("Learning is on.")).to_be_visible()
        assert home.state()["learning"] is True


async def test_keys_switch_rooms_for_whoever_wants_them(home: House) -> None:
    async with chromium() as browser, at_night(browser, home) as page:
        await page.keyboard.press("3")
        await expect(page.get_by_role("button", name="House")).to_have_attribute(
            "aria-pressed", "true", timeout=PATIENCE_MS
        )
        await expect(page.locator("#player-pause")).to_be_visible(timeout=PATIENCE_MS)
        await page.keyboard.press("p")
        await expect(page.locator("#player-play")).to_be_visible(timeout=PATIENCE_MS)
        await page.get_by_role("button", name="Keys").click()
        await page.keyboard.press("4")
        await expect(page.get_by_role("button", name="Keys")).to_have_attribute("aria-pressed", "false")
        assert home.state()["active_room"] == "house"


@pytest.mark.parametrize("reduced_motion", ["reduce", "no-preference"])
async def test_motion_is_only_for_those_who_want_it(home: House, reduced_motion: str) -> None:
    drifted = "getComputedStyle(document.querySelector('.blob-1')).transform"
    async with (
        chromium() as browser,
        at_night(browser, home, reduced_motion=reduced_motion) as page,
    ):
        before = await page.evaluate(drifted)
        await asyncio.sleep(1.5)
        has_moved = await page.evaluate(drifted) != before
        assert has_moved is (reduced_motion == "no-preference")
        await page.get_by_role("button", name="House").click()
        if reduced_motion == "reduce":
            assert await page.evaluate(RUNNING) == 0
            await shines(page, HOUSE_ACCENT, 0.3)  # at once
        await expect(page.locator("#ahead li")).to_have_count(9, timeout=PATIENCE_MS)


async def test_without_scripts_the_whole_player_is_forms(home: House) -> None:
    async with chromium() as browser, at_night(browser, home, java_script_enabled=False) as page:
        await page.get_by_role("button", name="House").click()
        await expect(page.locator("#ahead li")).to_have_count(9)
        await page.get_by_role("button", name="Never again").click()
        await expect(page.locator("#receipts li").first).to_contain_text("never again")
        await page.get_by_role("button", name="Guests for 3 h").click()
        await expect(page.get_by_text("Learning is off until")).to_contain_text("UTC")
        assert await page.locator("#keys").is_hidden()


async def test_what_did_not_change_is_not_touched(home: House) -> None:
    """Focus, an open fold and the very nodes of the page survive an event."""
    home.done("/api/rooms/house/activate")
    async with chromium() as browser, at_night(browser, home) as page:
        await page.locator("#plugins summary").click()
        await page.evaluate("window.marked = document.getElementById('room-rage')")
        await page.locator("#room-4").focus()
        await asyncio.sleep(AUDIBLE_S)
        home.listener(Commands.next)
        await expect(page.locator("#receipts li")).to_have_count(1, timeout=PATIENCE_MS)
        assert await page.evaluate("document.getElementById('room-rage') === window.marked")
        assert await page.locator("#plugins").get_attribute("open") is not None
        await expect(page.locator("#room-4")).to_be_focused()


async def test_everything_can_be_touched(home: House) -> None:
    home.done("/api/rooms/house/activate")
    phone: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
    async with chromium() as browser, opened(browser, home.url, **phone) as page:
        await expect(page.locator("#ahead li")).to_have_count(9)
        small = await page.evaluate(
            """[...document.querySelectorAll('button, summary, nav a, .room-link, .more, select')]
               .filter((each) => each.checkVisibility() && each.getBoundingClientRect().height < 44)
               .map((each) => each.outerHTML.slice(0, 80))"""
        )
        assert small == []
        assert await page.evaluate("document.documentElement.scrollWidth") == 390


async def test_the_page_can_be_kept_on_a_home_screen(home: House) -> None:
    async with chromium() as browser, at_night(browser, home) as page:
        where = await page.locator("link[rel=manifest]").get_attribute("href")
        assert where == "/manifest.webmanifest"
        told = home.get(where)
        assert told.headers["Content-Type"].startswith("application/manifest+json")
        manifest = json.loads(told.text)
        assert (manifest["start_url"], manifest["display"]) == ("/", "standalone")
        for icon in manifest["icons"]:
            assert home.get(icon["src"]).status == 200
        touch = await page.locator("link[rel=apple-touch-icon]").get_attribute("href")
        assert home.get(touch or "").headers["Content-Type"] == "image/png"


async def test_a_room_without_a_palette_has_a_light_of_its_own(house: MakeHouse) -> None:
    some = songs("Kitchen", 12)
    rooms = {"kitchen": {"name": "Kitchen"}, "glare": {"name": "Glare", "palette": GLARE}}
    home = house(some, config={"rooms": rooms})
    home.settle_in(csv_rows("kitchen", "CONFIRMED", some))
    async with chromium() as browser, at_night(browser, home) as page:
        before = await page.evaluate(ACCENT)
        await page.get_by_role("button", name="Kitchen").click()
        await expect(page.locator("#ahead li")).to_have_count(9, timeout=PATIENCE_MS)
        await asyncio.sleep(CROSSFADE_S)
        assert await page.evaluate(ACCENT) != before
        # White on white was asked for; words stand on it all the same, and the configuration is as it was.
        ground = await page.evaluate(
            "getComputedStyle(document.getElementById('room-glare')).getPropertyValue('--room-to')"
        )
        assert ground.strip() != "#ffffff"
        assert home.get("/api/rooms").json()["rooms"][1]["palette"] == GLARE


GLARE = {"accent": "#ffffff", "from": "#ffffff", "to": "#ffffff", "blobs": ["#ffffff", "#ffffff", "#ffffff"]}
