"""axe-core finds nothing on trouble, "why is it quiet", the first run and the API's page, in both schemes."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from moodroom_hub.core.face import Quiet
from moodroom_hub.core.miners import JobKind, JobStatus, JobView
from moodroom_hub.core.ports import Check, CheckLevel, LoginState, LoginStatus
from moodroom_hub.domain.mining.models import MiningProgress
from moodroom_hub.domain.models import Device, EpochMs
from moodroom_hub.domain.quiet import Hindrance, QuietFacts
from moodroom_hub.plugins.status_page import Plugin
from tests.e2e.axe import WIDE, looked_through, violations
from tests.e2e.test_browser import pytestmark
from tests.plugins.status_page.conftest import make_context
from tests.plugins.status_page.fake_hub import FakeHub

__all__ = ["pytestmark"]

DEVICES = (Device("k", "Kitchen"), Device("d", "Desk", is_active=True), Device(None, "Bath", is_restricted=True))


def nothing_is_set_up(hub: FakeHub) -> None:
    hub.account.state = LoginState(LoginStatus.NOT_CONFIGURED, None, "No Spotify client id is set.")
    hub.troubles = (Quiet("no_device", "Open Spotify somewhere."), Quiet("database", "The disk is full."))
    hub.known_devices = DEVICES
    hub.quiet_facts = QuietFacts(login_problem="Not logged in.")


def a_login_is_needed(hub: FakeHub) -> None:
    hub.account.state = LoginState(LoginStatus.NEEDED, None, "Spotify ended the login.")
    hub.troubles = (Quiet("rate_limited", "Wait.", EpochMs(hub.now_ms + 41_000)),)
    hub.checks = (Check("broker", CheckLevel.FAILED, "away", "Start it."),)
    hub.owners_file.shown = replace(hub.owners_file.shown, is_pending=True, can_restart=True)
    hub.quiet_facts = QuietFacts(
        hindrance=Hindrance.RATE_LIMITED, hindrance_line="Wait.", ends_at_ms=EpochMs(hub.now_ms + 41_000)
    )


def it_is_mined(hub: FakeHub) -> None:
    hub.account.state = LoginState(LoginStatus.EXPIRING, 12, "Spotify ends this login in 12 days.")
    progress = MiningProgress(20, 340)
    hub.mining.view = JobView(JobStatus.RUNNING, JobKind.MINE, "local", (), "placing", progress)
    hub.known_devices = DEVICES
    hub.quiet_facts = QuietFacts(device_problem="No device is awake.")


def all_is_quiet(hub: FakeHub) -> None:
    hub.quiet_facts = QuietFacts(room="House", playable=0, removed=7)


@pytest.mark.parametrize("made", [nothing_is_set_up, a_login_is_needed, it_is_mined, all_is_quiet])
async def test_no_violation(tmp_path: Path, made: Callable[[FakeHub], None]) -> None:
    context, hub, _, _ = make_context(tmp_path, {})
    made(hub)
    plugin = Plugin(context)
    await plugin.start()
    try:
        async with looked_through() as page:
            for path in ("/", "/quiet", "/welcome", *(["/api"] if made is all_is_quiet else [])):
                assert await violations(page, f"{plugin.address}{path}", widths=(WIDE, 360)) == [], path
    finally:
        await plugin.stop()


async def test_no_violation_on_the_password_form_and_on_a_fault(tmp_path: Path) -> None:
    locked, _, _, _ = make_context(tmp_path / "locked", {"password": "correct horse"})
    unlocked, _, _, _ = make_context(tmp_path / "open", {})
    for context, path in ((locked, "/session"), (unlocked, "/?zone=nowhere")):
        context.data_dir.mkdir()
        plugin = Plugin(context)
        await plugin.start()
        try:
            async with looked_through() as page:
                assert await violations(page, f"{plugin.address}{path}") == [], path
        finally:
            await plugin.stop()
