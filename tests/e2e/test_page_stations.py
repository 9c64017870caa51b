"""The stations' pages in a real browser: knobs under finger and keys, votes in place, and nobody is kept out."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import expect

from moodroom_hub.domain.models import HOME
from moodroom_hub.domain.stations.models import StationKey, VoteKind
from moodroom_hub.plugins.status_page import Plugin
from tests.e2e.axe import looked_through, violations
from tests.e2e.test_browser import pytestmark
from tests.e2e.test_hostile import TITLES
from tests.e2e.test_page_rooms import lies_within
from tests.plugins.radio.fake_radio import FRIDAY, FakeRadio, song, station
from tests.plugins.status_page.conftest import make_context
from tests.plugins.status_page.fake_hub import FakeHub, track

__all__ = ["pytestmark"]
LATE = StationKey("late")


@asynccontextmanager
async def radio_house(folder: Path) -> AsyncIterator[tuple[str, FakeHub, FakeRadio]]:
    """A page over a radio in memory, its names and titles hostile."""
    context, hub, _, _ = make_context(folder, {})
    radio = hub.the_radio = FakeRadio(station(), station("late", TITLES[0], *TITLES[:8], room="late-night"))
    radio.titles = dict(enumerate(TITLES, start=1))
    radio.unknown = (TITLES[1],)
    for number in (1, 2):
        await radio.vote(LATE, VoteKind.DISLIKE if number == 1 else VoteKind.LIKE, song(number).uri)
    radio.calls.clear()
    plugin = Plugin(context)
    await plugin.start()
    try:
        yield plugin.address, hub, radio
    finally:
        await plugin.stop()


async def test_a_station_is_played_bent_and_watched(tmp_path: Path) -> None:
    async with radio_house(tmp_path) as (url, hub, radio), looked_through() as page:
        for path in ("/stations", "/stations/late"):
            assert await violations(page, f"{url}{path}", widths=(360,)) == [], path
            await lies_within(page)
        await page.set_viewport_size({"width": 600, "height": 800})
        await lies_within(page)  # the way to six pages in one line, or two

        await page.goto(f"{url}/stations/friday")
        await page.evaluate("document.body.dataset.seen = 'yes'")
        await page.locator("#play-1").click()
        await expect(page.locator("#sounding-1")).to_contain_text("Plays now")
        knob = page.get_by_label("Familiar to adventurous")
        await knob.focus()
        for _ in range(3):
            await page.keyboard.press("ArrowRight")
        await expect(page.locator("output[for=knob-adventure]")).to_have_text("0.53")
        await page.get_by_label("Drift at most").fill("0.1")
        await expect(page.locator("#drift")).to_contain_text("of at most 10 %, held back by the limit")
        tuned = [call[2] for call in radio.calls if call[0] == "tune"]
        assert 1 <= len(tuned) <= 3, "only where a knob stays is sent"
        assert {"adventure": 0.53, "drift": 0.1}.items() <= tuned[-1].items()  # type: ignore[attr-defined]  # a dict
        await page.locator("#like-1").click()
        await expect(page.locator("#votes")).to_contain_text("Song 1")
        await page.locator("#take-back").click()
        await expect(page.locator("#votes")).to_contain_text("None yet")
        await expect(page.locator("body")).to_have_attribute("data-seen", "yes")

        await page.goto(url)
        await expect(page.locator("#now")).to_contain_text("the station Friday")
        await page.locator("#dislike").click()
        await expect(page.locator("#dislike")).to_be_focused()
        assert radio.calls[-1] == ("vote", FRIDAY, VoteKind.DISLIKE, track(1).uri)
        await page.locator("#rooms-off").click()
        await expect(page.locator("#room-list")).to_contain_text("No room is on.")
        assert ("rooms_off", None) in hub.calls or ("rooms_off", HOME) in hub.calls
