"""Several zones in a real browser: the stage is the chosen one's, the row lives, the page goes where the music goes."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from playwright.async_api import Page, expect

from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.core.events import Event, Moved, TrackChanged
from moodroom_hub.core.face import NowPlaying
from moodroom_hub.domain.models import HOME, DurationMs, EpochMs, RoomSlug, ZoneName
from moodroom_hub.plugins.status_page import Plugin
from tests.e2e.axe import violations
from tests.e2e.test_browser import PATIENCE_MS, chromium, opened, pytestmark
from tests.e2e.test_hostile import TITLES
from tests.e2e.test_page_rooms import lies_within
from tests.plugins.status_page.conftest import make_context
from tests.plugins.status_page.fake_hub import HOUSE, KITCHEN, LATE_NIGHT, FakeHub, track

__all__ = ["pytestmark"]

BATH = ZoneName("bath")


def sounding(number: int, name: str, room: RoomSlug, *, is_playing: bool = True) -> NowPlaying:
    """A track of that room at 20 s, without a picture from elsewhere."""
    what = replace(track(number, name), artwork_url=None)
    return NowPlaying(what, DurationMs(20_000), EpochMs(1_763_700_000_000), is_playing, room)


class Home:
    """A page over a hub in memory with three zones: Late Night at home, House in the kitchen, nobody in the bath."""

    def __init__(self, plugin: Plugin, hub: FakeHub) -> None:
        self.plugin, self.hub = plugin, hub
        self.url = plugin.address
        hub.known_zones = (HOME, KITCHEN, BATH)
        hub.music = {
            HOME: (LATE_NIGHT, sounding(1, "At Home", LATE_NIGHT)),
            KITCHEN: (HOUSE, sounding(2, "In the Kitchen", HOUSE)),
            BATH: (None, None),
        }

    async def tell(self, event: Event) -> None:
        """Let every page hear of it."""
        self.hub.events.append(event)
        await self.plugin.on_event(event)

    async def plays(self, zone: ZoneName, number: int, name: str) -> None:
        """Another track in that zone."""
        room = self.hub.music[zone][0] or HOUSE
        self.hub.music[zone] = (room, sounding(number, name, room))
        await self.tell(TrackChanged(id=number, zone=zone, at_ms=EpochMs(1), track=track(number, name)))


@asynccontextmanager
async def three_zones(folder: Path) -> AsyncIterator[Home]:
    context, hub, _, _ = make_context(folder, {})
    plugin = Plugin(context)
    await plugin.start()
    try:
        yield Home(plugin, hub)
    finally:
        await plugin.stop()


async def shows(page: Page, zone: str, title: str) -> None:
    """The stage is that zone's, and so is the address."""
    await expect(page.locator("#now .title")).to_have_text(title, timeout=PATIENCE_MS)
    await expect(page.locator("body")).to_have_attribute("data-zone", zone)
    await expect(page.locator("#zones [aria-current=page]")).to_have_attribute("data-zone", zone)


async def test_a_zone_is_chosen_and_the_page_lives_in_it(tmp_path: Path) -> None:
    async with three_zones(tmp_path) as home, chromium() as browser, opened(browser, home.url) as page:
        await shows(page, "home", "At Home")
        await page.get_by_role("link", name="Kitchen").click()
        await shows(page, "kitchen", "In the Kitchen")
        assert page.url == f"{home.url}/?zone=kitchen"
        await expect(page.locator("body")).to_have_attribute("data-room", "house")
        await expect(page.locator("#zone-2")).to_be_focused()
        await expect(page.locator("#spoken")).to_contain_text("Now playing in Kitchen: In the Kitchen")

        # What happens elsewhere is seen in the row, and leaves the stage alone.
        await home.plays(HOME, 3, "Another at Home")
        await expect(page.locator("#zone-1")).to_contain_text("Another at Home", timeout=PATIENCE_MS)
        await shows(page, "kitchen", "In the Kitchen")
        await home.plays(KITCHEN, 4, "Next in the Kitchen")
        await shows(page, "kitchen", "Next in the Kitchen")

        # Rooms play where the page is; a click on another zone by keyboard, and back.
        await page.locator("#room-1").click()
        await expect(page.locator("form[aria-busy=true]")).to_have_count(0)
        assert ("activate", LATE_NIGHT, KITCHEN) in home.hub.calls
        assert page.url == f"{home.url}/?zone=kitchen"
        await page.locator("#zone-1").focus()
        await page.keyboard.press("Enter")
        await shows(page, "home", "Another at Home")
        await page.go_back()
        await shows(page, "kitchen", "Next in the Kitchen")

        # The music goes on in the bath, and the kitchen plays along: the page goes with it, and says so.
        home.hub.music[BATH] = home.hub.music[KITCHEN]
        home.hub.leaders = {KITCHEN: BATH}
        await home.tell(Moved(id=5, zone=KITCHEN, at_ms=EpochMs(1), to=BATH))
        await shows(page, "bath", "Next in the Kitchen")
        assert page.url == f"{home.url}/?zone=bath"
        await expect(page.locator("#zone-3")).to_contain_text("with Kitchen")
        await page.locator("#zone-2").click()
        await expect(page.locator(".zone-led")).to_contain_text("Kitchen plays along with Bath")

        # What a device refuses is had in the zone that can.
        home.hub.leaders = {}
        await page.locator("#zone-1").click()
        await shows(page, "home", "Another at Home")
        home.hub.fail["activate"] = Trouble(TroubleCode.RESTRICTED_DEVICE, "No orders here.", zone=BATH)
        await page.locator("#room-2").click()
        offer = page.locator("#notice").get_by_role("button", name="Play in Bath instead")
        await expect(offer).to_be_visible()
        del home.hub.fail["activate"]
        await offer.click()
        await shows(page, "bath", "Next in the Kitchen")
        assert page.url == f"{home.url}/?zone=bath"
        assert ("activate", HOUSE, BATH) in home.hub.calls


async def test_zones_without_scripts_and_for_everybody(tmp_path: Path) -> None:
    async with three_zones(tmp_path) as home, chromium() as browser:
        async with opened(browser, home.url, java_script_enabled=False) as page:
            await page.get_by_role("link", name="Kitchen").click()
            await shows(page, "kitchen", "In the Kitchen")
            await page.locator("#player-pause").click()
            await shows(page, "kitchen", "In the Kitchen")
            assert ("pause", KITCHEN) in home.hub.calls
            home.hub.fail["activate"] = Trouble(TroubleCode.RESTRICTED_DEVICE, "No orders here.", zone=BATH)
            await page.locator("#room-2").click()
            del home.hub.fail["activate"]
            await page.get_by_role("button", name="Play in Bath instead").click()
            assert page.url == f"{home.url}/?zone=bath"
            assert ("activate", HOUSE, BATH) in home.hub.calls

        # Whatever zones and tracks are called.
        for number, zone in enumerate(home.hub.known_zones):
            home.hub.labels[zone] = TITLES[number]
            home.hub.music[zone] = (HOUSE, sounding(number, TITLES[number + 3], HOUSE, is_playing=zone != BATH))
        home.hub.leaders = {BATH: KITCHEN}
        async with opened(browser, f"{home.url}/", viewport={"width": 360, "height": 780}) as page:
            await lies_within(page)
            await page.locator("#zone-3").click()
            await expect(page.locator("body")).to_have_attribute("data-zone", "bath")
            await lies_within(page)
        page = await browser.new_page(reduced_motion="reduce")
        assert await violations(page, f"{home.url}/?zone=bath", widths=(1280, 360)) == []
        await page.close()
