"""A room on its own page, the receipts and the history in a real browser: by mouse, by keyboard, without scripts."""

import asyncio
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.async_api import Page, expect

from tests.e2e.conftest import MakeHouse
from tests.e2e.house import House, csv_rows, eventually, mixed_pool, song
from tests.e2e.test_browser import AUDIBLE_S, PATIENCE_MS, chromium, opened, pytestmark
from tests.e2e.test_hostile import TITLES

__all__ = ["pytestmark"]

PATH = "/rooms/house"
FIRST = "Browser confirmed 0"


@pytest.fixture
def home(house: MakeHouse) -> House:
    """A hub with one filled room of thirty tracks."""
    items, rows = mixed_pool("house", "Browser", each=10)
    built = house(items)
    built.settle_in(rows)
    return built


def uri_of(home: House, name: str) -> str:
    """The track's uri, in whatever tier of the room it is."""
    tiers = home.get("/api/rooms/house/pool").json()["tiers"]
    return str(next(track["uri"] for tracks in tiers.values() for track in tracks if track["name"] == name))


def tier_is(home: House, uri: str, tier: str) -> Callable[[], bool]:
    return lambda: uri in home.tiers("house")[tier]


async def lies_within(page: Page) -> None:
    """Nothing sticks out at the side."""
    assert await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0


async def test_move_remove_and_restore_give_receipts_and_undo_restores(home: House) -> None:
    uri = uri_of(home, FIRST)
    async with chromium() as browser, opened(browser, home.url) as page:
        await page.goto(f"{home.url}{PATH}")
        await expect(page.locator("#pool > ul > li")).to_have_count(30)
        row = page.locator("#pool li").filter(has=page.get_by_text(FIRST, exact=True))
        await expect(row.locator(".tier")).to_have_text("CONF")
        await page.get_by_role("button", name=f"Remove {FIRST}").click()
        await expect(row.locator(".tier")).to_have_text("OUT")
        await expect(page.locator("#notice")).to_contain_text(f"{FIRST} is out of the room.")
        await expect(page.locator("#receipts li")).to_have_count(1)
        await expect(page.locator("#receipts li .why")).to_have_text("by hand · CONFIRMED → REMOVED")
        assert uri in home.tiers("house")["REMOVED"]

        await expect(row.get_by_label(f"Tier for {FIRST}")).to_have_value("CONFIRMED")  # where it was
        await row.get_by_label(f"Tier for {FIRST}").select_option("DISCOVERY")
        await page.get_by_role("button", name=f"Restore {FIRST}").click()
        await expect(row.locator(".tier")).to_have_text("DISC")
        await expect(page.locator("#receipts li")).to_have_count(2)
        assert urlsplit(page.url).path == PATH

        # The first receipt's undo takes the second back as well: it was built on it.
        await page.get_by_role("button", name=f"Undo receipt 1: {FIRST}").click()
        await expect(row.locator(".tier")).to_have_text("CONF")
        await expect(page.locator("#receipts li.undone")).to_have_count(2)
        assert uri in home.tiers("house")["CONFIRMED"]


async def test_what_happens_elsewhere_is_seen_without_a_reload(home: House) -> None:
    uri = uri_of(home, FIRST)
    async with chromium() as browser, opened(browser, home.url) as page:
        await page.goto(f"{home.url}{PATH}?tier=CONFIRMED")
        await expect(page.locator("#pool > ul > li")).to_have_count(10)
        await expect(page.locator("#connection")).to_be_empty()
        home.done("/api/rooms/house/move", {"uri": uri, "tier": "REMOVED", "why": "by another tab"})
        await expect(page.locator("#pool > ul > li")).to_have_count(9, timeout=PATIENCE_MS)
        await expect(page.locator("#receipts li .why")).to_have_text("by another tab · CONFIRMED → REMOVED")
        chart = page.locator("svg.course")
        await expect(chart).to_have_attribute("aria-label", counts_text(9, 10, 10))


def counts_text(confirmed: int, safe_side: int, discovery: int) -> str:
    return f"Tracks per tier over 90 days; now {confirmed} confirmed, {safe_side} safe side, {discovery} discovery"


async def test_by_keyboard_alone(home: House) -> None:
    uri = uri_of(home, "Browser safe_side 3")
    async with chromium() as browser, opened(browser, home.url) as page:
        await page.goto(f"{home.url}{PATH}")
        await page.locator("#q").focus()
        await page.keyboard.type("SAFE_side 3")
        await page.keyboard.press("Enter")
        await expect(page.locator("#pool > ul > li")).to_have_count(1)
        assert parse_qs(urlsplit(page.url).query)["q"] == ["SAFE_side 3"]
        await page.locator("#q").focus()
        for _ in range(20):
            await page.keyboard.press("Tab")
            if await page.evaluate("document.activeElement.getAttribute('aria-label')") == "Remove Browser safe_side 3":
                break
        await page.keyboard.press("Enter")
        await expect(page.locator("#pool .tier")).to_have_text("OUT")
        eventually(tier_is(home, uri, "REMOVED"), "removed")
        undo = page.get_by_role("button", name="Undo receipt 1: Browser safe_side 3")
        await undo.focus()
        await page.keyboard.press("Space")
        await expect(page.locator("#pool .tier")).to_have_text("SAFE")
        assert parse_qs(urlsplit(page.url).query)["q"] == ["SAFE_side 3"]


async def test_without_scripts_every_form_comes_back_to_where_it_stood(home: House) -> None:
    uri = uri_of(home, FIRST)
    async with chromium() as browser, opened(browser, home.url, java_script_enabled=False) as page:
        await page.goto(f"{home.url}{PATH}?tier=CONFIRMED")
        await page.get_by_role("button", name=f"Remove {FIRST}").click()
        await expect(page.locator("#notice")).to_contain_text("is out of the room")
        assert parse_qs(urlsplit(page.url).query)["tier"] == ["CONFIRMED"]
        await expect(page.locator("#pool > ul > li")).to_have_count(9)
        assert uri in home.tiers("house")["REMOVED"]

        await page.get_by_role("link", name="All receipts of this room").click()
        await page.get_by_label("Song, artist or album").fill("confirmed 0")
        await page.get_by_label("only what can be undone").check()
        await page.get_by_role("button", name="Search").click()
        await expect(page.locator("#receipts li")).to_have_count(1)
        await page.get_by_role("button", name="Undo receipt 1").click()
        await expect(page.locator("#notice")).to_contain_text("is back where it was")
        # The receipt of the undo can be undone; what it took back cannot.
        await expect(page.locator("#receipts li")).to_have_count(1)
        await expect(page.locator("#receipts li .why")).to_contain_text("REMOVED → CONFIRMED")
        asked = parse_qs(urlsplit(page.url).query)
        assert (asked["room"], asked["q"], asked["undoable"]) == (["house"], ["confirmed 0"], ["1"])
        assert uri in home.tiers("house")["CONFIRMED"]

        await page.goto(f"{home.url}{PATH}")
        await page.get_by_text("Rewrite these words").click()
        await page.get_by_label("What the room is").fill("four on the floor, no vocals")
        await page.get_by_label("Typical songs").fill("One More Time — Daft Punk")
        await page.get_by_role("button", name="Write it down").click()
        await expect(page.locator("#notice")).to_contain_text("written down")
        await expect(page.locator(".lede")).to_have_text("four on the floor, no vocals")
        assert "four on the floor, no vocals" in home.config.read_text()


async def test_a_skip_is_in_the_history_and_in_the_week(home: House) -> None:
    async with chromium() as browser, opened(browser, home.url) as page:
        await page.goto(f"{home.url}{PATH}")
        await page.get_by_role("button", name="Switch on").click()
        await expect(page.get_by_role("button", name="Fresh batch")).to_be_visible(timeout=PATIENCE_MS)
        await asyncio.sleep(AUDIBLE_S)
        name = home.state()["now_playing"]["name"]
        await page.goto(f"{home.url}/history")
        await expect(page.get_by_text("Nothing was heard yet.")).to_be_visible()
        await expect(page.locator("#connection")).to_be_empty()
        home.done("/api/player/next")
        await expect(page.locator("#listens li .title")).to_have_text(name, timeout=PATIENCE_MS)
        await expect(page.locator("#listens li .badge")).to_have_text("skipped")
        await expect(page.locator("#week rect")).to_have_count(1, timeout=PATIENCE_MS)
        await page.get_by_label("Verdict").select_option("COMPLETED")
        await page.get_by_role("button", name="Search").click()
        await expect(page.get_by_text("Nothing more was found.")).to_be_visible()


async def test_hostile_titles_are_inert_and_break_no_layout(house: MakeHouse) -> None:
    items = [song(title, f"{title[:200]} Band") for title in TITLES]
    home = house(items)
    home.settle_in()
    text = "room,tier,name,artist,uri\r\n" + csv_rows("house", "CONFIRMED", items)
    home.done("/api/pool/import", {"format": "csv", "text": text})
    for item in items:
        home.done("/api/rooms/house/move", {"uri": item.uri, "tier": "SAFE_SIDE"})
    async with chromium() as browser, opened(browser, home.url, viewport={"width": 360, "height": 740}) as page:
        for path in (PATH, "/receipts", "/history", f"{PATH}?q=%3Cscript%3E"):
            await page.goto(f"{home.url}{path}")
            assert await page.locator("iframe, object, embed, svg[onload], [autofocus]").count() == 0
            await lies_within(page)
        await page.goto(f"{home.url}{PATH}")
        await expect(page.locator("#pool > ul > li")).to_have_count(len(TITLES))
        await page.locator("#pool button.danger").first.click()
        await expect(page.locator("#notice")).to_contain_text("is out of the room")
        await lies_within(page)
