"""axe-core in one page of a real browser: every page that a test goes through, in both colour schemes."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Literal

from axe_playwright_python.base import AXE_SCRIPT
from playwright.async_api import Page

from tests.e2e.test_browser import chromium

SCHEMES: tuple[Literal["dark"], Literal["light"]] = ("dark", "light")
WIDE, HEIGHT = 1280, 800
OF_COLOURS = ("color-contrast", "link-in-text-block")
"""The rules that may say otherwise in another scheme: the schemes differ in nothing but colours."""
OPEN_ALL = "for (const each of document.querySelectorAll('details')) each.open = true"


@asynccontextmanager
async def looked_through() -> AsyncIterator[Page]:
    """A page in a browser of its own. Without motion: what just fades in, axe takes for pale."""
    async with chromium() as browser:
        visitor = await browser.new_context(reduced_motion="reduce")
        try:
            yield await visitor.new_page()
        finally:
            await visitor.close()


async def violations(page: Page, address: str, widths: Sequence[int] = (WIDE,)) -> list[str]:
    """What axe-core has against the page there, with everything on it folded out: in the dark scheme at each of the
    widths, in the light one at the first."""
    dark, light = SCHEMES
    await page.emulate_media(color_scheme=dark)
    await page.set_viewport_size({"width": widths[0], "height": HEIGHT})
    await page.goto(address)
    await page.evaluate(OPEN_ALL)
    await page.evaluate(AXE_SCRIPT)
    found = await told(page)
    await page.emulate_media(color_scheme=light)
    found += await told(page, OF_COLOURS)
    await page.emulate_media(color_scheme=dark)
    for width in widths[1:]:
        await page.set_viewport_size({"width": width, "height": HEIGHT})
        found += await told(page)
    return found


async def told(page: Page, rules: Sequence[str] = ()) -> list[str]:
    """What axe-core, which must be in the page already, says of it now; ``rules``: of these only, else of all."""
    options: dict[str, Any] = {"resultTypes": ["violations"], "elementRef": False}
    if rules:
        options["runOnly"] = {"type": "rule", "values": list(rules)}
    response = await page.evaluate("(options) => axe.run(options)", options)
    checked = [each["id"] for kind in ("violations", "passes", "incomplete", "inapplicable") for each in response[kind]]
    assert set(rules) <= set(checked), "axe knows these rules"
    assert len(checked) > (0 if rules else 30), "axe looked"
    return [
        f"{each['id']}: {node['html'][:160]} {node['failureSummary']}"
        for each in response["violations"]
        for node in each["nodes"][:3]
    ]
