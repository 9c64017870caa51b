"""The plays and their statistics in a real browser: found, understood, mended; by scripts and without."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from playwright.async_api import expect

from moodroom_hub.domain.plays.models import DeliveryStatus, Edit
from moodroom_hub.plugins.status_page import Plugin
from tests.e2e.axe import looked_through, violations
from tests.e2e.test_browser import chromium, opened, pytestmark
from tests.e2e.test_hostile import TITLES
from tests.e2e.test_page_rooms import lies_within
from tests.plugins.status_page.conftest import make_context
from tests.plugins.status_page.fake_hub import FakeHub, track

__all__ = ["pytestmark"]

SENT, WAITING, DEAD, LEFT_OUT = (
    DeliveryStatus.SENT, DeliveryStatus.WAITING, DeliveryStatus.DEAD, DeliveryStatus.LEFT_OUT,
)  # fmt: skip

NAMES = TITLES[:8]


@asynccontextmanager
async def played(folder: Path) -> AsyncIterator[tuple[str, FakeHub]]:
    """A page over a hub in memory: hostile plays of every standing, the newest one seen twice."""
    context, hub, clock, _ = make_context(folder, {})
    for number, title in enumerate(NAMES):
        what = replace(track(number, title), artists=(title,), album=title)
        hub.plays.add(what, ("home", "kitchen")[number % 2], lastfm=(SENT, DEAD, LEFT_OUT, WAITING)[number % 4])
    first = hub.plays.add(track(1, "Seen Twice"), lastfm=DEAD, listenbrainz=SENT)
    twin = hub.plays.add(track(1, "Seen Twice"), "kitchen", twin_of=first.id)
    hub.plays.views[first.id - 1] = replace(hub.plays.views[first.id - 1], twins=(twin.id,))
    clock.at_ms += 3_700_000
    plugin = Plugin(context)
    await plugin.start()
    try:
        yield plugin.address, hub
    finally:
        await plugin.stop()


async def test_a_refused_play_is_found_from_the_main_page_and_mended(tmp_path: Path) -> None:
    async with played(tmp_path) as (url, hub), chromium() as browser:
        number = len(NAMES) + 1
        before = hub.plays.views[number - 1]
        for has_scripts in (True, False):
            async with opened(browser, url, java_script_enabled=has_scripts) as page:
                await page.get_by_role("link", name="Look at the plays").click()
                await expect(page.locator("#targets")).to_contain_text("dead")
                await page.get_by_label("Stands").select_option("dead")
                await page.get_by_role("button", name="Show").click()
                row = page.locator(f"#play-{number}")
                await expect(row.locator(".stands")).to_contain_text("lastfm dead")
                await row.locator("summary").click()
                await expect(row).to_contain_text("heard for 1:40, half of it")
                await expect(row).to_contain_text("the service said no")
                await row.get_by_label("Artist").fill("Somebody Else")
                await row.get_by_role("button", name="Correct and send").click()
                await expect(page.locator("#notice")).to_contain_text("Corrected for 1 service")
                await expect(page.locator(f"#play-{number}")).to_have_count(0)  # it waits now
            assert hub.plays.views[number - 1].deliveries[0].edit == Edit(artist="Somebody Else")
            hub.plays.views[number - 1] = before

        async with opened(browser, url, viewport={"width": 360, "height": 780}) as page:
            await page.goto(f"{url}/plays")
            await lies_within(page)
            row = page.locator(f"#play-{number}")
            await row.locator("summary").click()
            await row.get_by_role("button", name="Send again to lastfm").click()
            await expect(row.locator(".stands")).to_contain_text("lastfm waiting")
            await expect(row.locator("details")).to_have_attribute("open", "")  # what was unfolded stays so
            await row.get_by_role("button", name="Never send to lastfm").click()
            await expect(row.locator(".stands")).to_contain_text("lastfm left out")
            await row.get_by_role("link", name=f"no. {number + 1}").click()
            twin = page.locator(f"#play-{number + 1}")
            await twin.locator("summary").click()
            await expect(twin).to_contain_text(f"Play no. {number} counted; this one is kept")
            await page.get_by_role("link", name="Statistics").click()
            await expect(page.locator("#tracks-title + table")).to_contain_text("Seen Twice")
            await page.get_by_role("link", name="7 days").click()
            await expect(page.locator(".chart.hours")).to_be_visible()
            await lies_within(page)


async def test_no_violation_on_the_plays_and_their_figures(tmp_path: Path) -> None:
    async with played(tmp_path) as (url, _), looked_through() as page:
        for path in ("/plays?twins=1", "/statistics"):
            assert await violations(page, f"{url}{path}", widths=(1280, 360)) == [], path
