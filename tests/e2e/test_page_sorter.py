"""The sorter's pages in a real browser: one tap a song on a phone, keys at a desk, and nobody is kept out."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import expect

from moodroom_hub.plugins.status_page import Plugin
from tests.e2e.axe import looked_through, violations
from tests.e2e.test_browser import pytestmark
from tests.e2e.test_hostile import TITLES
from tests.e2e.test_page_rooms import lies_within
from tests.plugins.sorter.fake_sorter import CALM, PARTY, TECHNO, FakeSorter, layer, song
from tests.plugins.status_page.conftest import make_context

__all__ = ["pytestmark"]


@asynccontextmanager
async def sorted_house(folder: Path) -> AsyncIterator[tuple[str, FakeSorter]]:
    """A page over a sorter in memory, its songs hostile."""
    context, hub, _, _ = make_context(folder, {})
    songs = [song(number, title) for number, title in enumerate(TITLES[:8], start=1)]
    sorter = hub.the_sorter = FakeSorter(layer(), layer("moods", TITLES[0], is_mutual=False), songs=songs)
    sorter.is_written = True
    plugin = Plugin(context)
    await plugin.start()
    try:
        yield plugin.address, sorter
    finally:
        await plugin.stop()


async def test_songs_are_sorted_by_taps_and_by_keys(tmp_path: Path) -> None:
    async with sorted_house(tmp_path) as (url, sorter), looked_through() as page:
        for path in ("/moods/review", ""):
            assert await violations(page, f"{url}/sorter{path}", widths=(360,)) == [], path
            await lies_within(page)
        await page.locator("#label-1").click()
        for number in (1, 2):  # by taps: the page stays, and only the song is another
            await page.evaluate("document.body.dataset.seen = 'yes'")
            await page.get_by_role("button", name="Calm").click()
            await expect(page.locator("#progress-line")).to_contain_text(f"{number} answer")
        await page.get_by_role("button", name="None of them").click()
        await expect(page.locator("#progress-line")).to_contain_text("3 answers · expected 78 % ± 4")
        await expect(page.locator("body")).to_have_attribute("data-seen", "yes")
        for key, count in (("1", 4), ("u", 3), ("s", 3), ("3", 4)):
            await page.keyboard.press(key)
            await expect(page.locator("[aria-busy]")).to_have_count(0)
            await expect(page.locator("#progress-line")).to_contain_text(f"{count} answers")
        uris = [song(number).uri for number in range(1, 6)]
        assert [(call[0], *call[2:]) for call in sorter.calls] == [
            ("answer", uris[0], (CALM,)), ("answer", uris[1], (CALM,)), ("answer", uris[2], ()),
            ("answer", uris[3], (TECHNO,)), ("take_back",), ("skip", uris[3]), ("answer", uris[4], (PARTY,)),
        ]  # fmt: skip

        sorter.calls.clear()
        await page.goto(f"{url}/sorter/moods")
        await page.keyboard.press("1")
        await page.get_by_text("Party").click()
        await expect(page.get_by_role("checkbox", name="Techno")).to_be_checked()
        await page.keyboard.press("Enter")
        await expect(page.locator("#progress-line")).to_contain_text("1 answer")
        assert sorter.calls == [("answer", "moods", uris[0], (TECHNO, PARTY))]
        await page.goto(f"{url}/sorter/energy/review")
        await page.locator(".doubts li").first.get_by_role("button", name="Techno").click()
        await expect(page.locator("#notice")).to_contain_text("Techno.")
