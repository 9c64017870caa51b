"""A room's page while a miner works: it follows by itself, and every decision is a click."""

from dataclasses import replace
from pathlib import Path

from playwright.async_api import expect

from moodroom_hub.core.miners import AuditReport, FlaggedEntry, JobKind, JobStatus, JobView
from moodroom_hub.domain.mining.models import MiningProgress
from tests.e2e.test_browser import PATIENCE_MS, chromium, pytestmark
from tests.e2e.test_page_rooms_axe import PATH, lived_in
from tests.plugins.status_page.fake_hub import LATE_NIGHT

__all__ = ["pytestmark"]


async def test_an_audit_is_followed_and_decided_on_without_a_reload(tmp_path: Path) -> None:
    async with lived_in(tmp_path) as (url, hub), chromium() as browser:
        page = await browser.new_page()
        page.set_default_timeout(PATIENCE_MS)
        await page.goto(f"{url}{PATH}")
        await page.get_by_role("button", name="Audit the room").click()
        care = page.locator("#care")
        await expect(care).to_contain_text("Auditing with local: reading")
        # No event tells of this.
        hub.mining.view = replace(hub.mining.view, phase="auditing", progress=MiningProgress(3, 24))
        await expect(care).to_contain_text("auditing, 3 of 24 tracks", timeout=PATIENCE_MS)
        misfits = tuple(FlaggedEntry(entry, "too loud", 0.7) for entry in hub.pools[LATE_NIGHT][:2])
        hub.mining.view = JobView(
            JobStatus.DONE, JobKind.AUDIT, "local", (LATE_NIGHT,), report=AuditReport(LATE_NIGHT, misfits)
        )
        await expect(care).to_contain_text("2 tracks seem not to belong here", timeout=PATIENCE_MS)
        names = [misfit.entry.track.name for misfit in misfits]
        await care.get_by_role("button", name=f"Keep {names[0]}", exact=True).click()
        await expect(care).to_contain_text("1 track seems not to belong here")
        await care.get_by_role("button", name=f"Remove {names[1]}", exact=True).click()
        await expect(care).to_contain_text("leaves nothing to decide")
        assert list(await hub.mining.kept(LATE_NIGHT)) == [misfits[0].entry.track.uri]
        assert hub.receipt_list[-1].why == "removed in an audit · SAFE_SIDE → REMOVED"
        await page.close()
