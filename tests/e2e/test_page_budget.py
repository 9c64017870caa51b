"""What an open page weighs: bytes, jumps of the layout, long tasks, processor; and that nothing keeps anybody out."""

import asyncio
import os
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.async_api import Page, expect

from moodroom_hub.simulator.commands import Commands
from tests.e2e.axe import OF_COLOURS, told
from tests.e2e.conftest import MakeHouse
from tests.e2e.house import House, mixed_pool
from tests.e2e.test_browser import AUDIBLE_S, PATIENCE_MS, chromium, opened, pytestmark

__all__ = ["pytestmark"]

MOST_BYTES = 60_000
MOST_SHIFT = 0.05
LONG_TASK_MS = 50
MOST_CPU_PERCENT = 5.0
SETTLED_S, WATCHED_S = 3.0, 10.0
WATCH = """
window.shifts = []; window.tasks = [];
const box = (rect) => `${rect.x},${rect.y} ${rect.width}x${rect.height}`;
const said = ({ node, previousRect, currentRect }) =>
  `${node?.id || node?.className || node?.nodeName} ${box(previousRect)} → ${box(currentRect)}`;
new PerformanceObserver((list) => {
  for (const each of list.getEntries()) if (!each.hadRecentInput) shifts.push([each.value, each.sources.map(said)]);
}).observe({ type: "layout-shift", buffered: true });
new PerformanceObserver((list) => {
  for (const each of list.getEntries()) tasks.push(each.duration);
}).observe({ type: "longtask", buffered: true });
"""


@pytest.fixture
def home(house: MakeHouse) -> House:
    """A hub with one filled room."""
    items, rows = mixed_pool("house", "Budget")
    built = house(items)
    built.settle_in(rows)
    return built


async def test_nobody_is_kept_out(home: House) -> None:
    """axe finds nothing, in silence and with music, with something learned and with learning off."""
    async with chromium() as browser, opened(browser, home.url, color_scheme="dark") as page:
        await no_violation(page)
        home.done("/api/rooms/house/activate")
        await expect(page.locator("#ahead li")).to_have_count(9, timeout=PATIENCE_MS)
        await asyncio.sleep(AUDIBLE_S)
        home.listener(Commands.next)
        await expect(page.locator("#receipts li")).to_have_count(1, timeout=PATIENCE_MS)
        home.done("/api/learning", {"enabled": False, "for": "3h"})
        await page.reload()
        await asyncio.sleep(1.0)  # axe would take words that just fade in for pale ones
        await no_violation(page)


async def no_violation(page: Page) -> None:
    """Of any of axe's rules in the dark scheme, nor in the light one, which differs by its colours."""
    await page.evaluate(AXE_SCRIPT)
    assert await told(page) == []
    await page.emulate_media(color_scheme="light", reduced_motion="reduce")  # colours cross over at once
    assert await told(page, OF_COLOURS) == []
    await page.emulate_media(color_scheme="dark", reduced_motion="no-preference")


async def test_the_first_view_is_small(home: House) -> None:
    home.done("/api/rooms/house/activate")
    async with chromium() as browser:
        page = await browser.new_page()
        wire = await page.context.new_cdp_session(page)
        names: dict[str, str] = {}
        weights: dict[str, int] = {}

        def weigh(told: dict[str, Any]) -> None:
            weights[names.get(told["requestId"], "?")] = round(told["encodedDataLength"])

        wire.on("Network.requestWillBeSent", lambda told: names.update({told["requestId"]: told["request"]["url"]}))
        wire.on("Network.loadingFinished", weigh)
        await wire.send("Network.enable")
        await page.goto(home.url)
        await expect(page.locator("#ahead li")).to_have_count(9)
        first_view = dict(weights)
        assert sum(first_view.values()) <= MOST_BYTES, first_view
        assert any("/static/style.css" in name for name in first_view)
        # A second visit brings the page alone: whatever is versioned was kept.
        weights.clear()
        await page.reload()
        await expect(page.locator("#ahead li")).to_have_count(9)
        assert not any("/static/" in name and size > 1_000 for name, size in weights.items()), weights
        await page.close()


@pytest.mark.alone
async def test_an_open_page_is_calm(home: House) -> None:
    """Nothing jumps while music comes, goes and teaches; idle, nothing takes long, and hardly any processor."""
    async with chromium() as browser, opened(browser, home.url, color_scheme="dark", **DESK) as page:
        await page.add_init_script(WATCH)
        await page.goto(home.url)
        home.done("/api/rooms/house/activate")
        await expect(page.locator("#ahead li")).to_have_count(9, timeout=PATIENCE_MS)
        for count in (1, 2):
            await asyncio.sleep(AUDIBLE_S)
            home.listener(Commands.next)
            await expect(page.locator("#receipts li")).to_have_count(count, timeout=PATIENCE_MS)
        await asyncio.sleep(SETTLED_S)
        shifts = await page.evaluate("window.shifts")
        assert sum(value for value, _ in shifts) <= MOST_SHIFT, shifts

        await page.evaluate("window.tasks.length = 0")
        before = processor_s()
        await asyncio.sleep(WATCHED_S)
        percent = (processor_s() - before) / WATCHED_S * 100
        assert await page.evaluate(f"window.tasks.filter((each) => each > {LONG_TASK_MS})") == []
        assert percent <= MOST_CPU_PERCENT, f"{percent:.1f} %"


DESK: dict[str, Any] = {"viewport": {"width": 1440, "height": 900}}


def processor_s() -> float:
    """Seconds of processor that all browsers of this test have used."""
    parents: dict[int, int] = {}
    used: dict[int, float] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            name, _, rest = stat.read_text().partition("(")[2].rpartition(")")
        except OSError:  # ended meanwhile
            continue
        fields = rest.split()
        process = int(stat.parent.name)
        parents[process] = int(fields[1])
        if "chrom" in name or "headless" in name:
            used[process] = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def is_ours(process: int) -> bool:
        while process > 1:
            process = parents.get(process, 0)
            if process == os.getpid():
                return True
        return False

    return sum(seconds for process, seconds in used.items() if is_ours(process))
