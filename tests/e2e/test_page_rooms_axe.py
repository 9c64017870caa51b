"""axe-core finds nothing on a room's page, the receipts and the history, whatever stands on them, in both schemes."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.core.face import ListenView
from moodroom_hub.core.miners import (
    AuditReport,
    FlaggedEntry,
    JobKind,
    JobStatus,
    JobView,
    MinerStanding,
    MinerView,
    MiningReport,
)
from moodroom_hub.domain.mining.models import MiningProgress
from moodroom_hub.domain.mining.plan import RoomPlan
from moodroom_hub.domain.models import HOME, Cause, EpochMs, PoolEntry, ReceiptKind, Tier, VerdictKind
from moodroom_hub.plugins.status_page import Plugin
from tests.e2e.axe import looked_through, violations
from tests.e2e.test_browser import pytestmark
from tests.plugins.status_page.conftest import make_context
from tests.plugins.status_page.fake_desk import BOTH
from tests.plugins.status_page.fake_hub import HOUSE, LATE_NIGHT, FakeHub, listen, track

__all__ = ["pytestmark"]

PATH = "/rooms/late-night"
MANY = 9
"""Rows of each list: something of everything, and axe looks at every one of them."""


@asynccontextmanager
async def lived_in(folder: Path) -> AsyncIterator[tuple[str, FakeHub]]:
    """The pages of a hub in memory, with something of everything: their address, and the hub."""
    context, hub, clock, _ = make_context(folder, {})
    now_ms = clock.now_ms()
    hub.pools[LATE_NIGHT] = [
        PoolEntry(
            track(number),
            list(Tier)[number % 4],
            strikes=number % 3,
            since_ms=EpochMs(now_ms - number * 86_400_000),
            why="87% sure: slow",
            source=("", "mined:local", "suggested:model")[number % 3],
            confidence=0.87,
        )
        for number in range(MANY)
    ]
    hub.add_receipts(MANY)
    for at, receipt in enumerate(hub.receipt_list):
        kind = (ReceiptKind.SKIPPED, ReceiptKind.COMPLETED)[at % 2]
        entries = (
            PoolEntry(receipt.track, Tier.DISCOVERY),
            PoolEntry(receipt.track, (Tier.REMOVED, Tier.SAFE_SIDE)[at % 2]),
        )
        at_ms = EpochMs(now_ms - (MANY - at) * 7_200_000)
        room = (LATE_NIGHT, HOUSE)[at % 3 == 0]
        hub.receipt_list[at] = replace(
            receipt,
            kind=kind,
            before=entries[0],
            after=entries[1],
            at_ms=at_ms,
            room=room,
            group="past-1" if at > MANY - 3 else None,
        )
    await hub.undo(MANY - 4)
    for number in range(1, MANY + 1):
        heard = listen(number, list(VerdictKind)[number % 3])
        at_ms = EpochMs(now_ms - (MANY - number) * 7_200_000)
        cause = (Cause.LISTENER, Cause.NATURAL, Cause.TAKEOVER)[number % 3]
        heard = replace(heard, started_at_ms=at_ms, ended_at_ms=at_ms, verdict=replace(heard.verdict, cause=cause))
        hub.listens.append(ListenView(number, HOME, heard if number % 4 else replace(heard, room=None, tier=None)))
    plugin = Plugin(context)
    await plugin.start()
    try:
        yield plugin.address, hub
    finally:
        await plugin.stop()


def jobs(hub: FakeHub) -> list[JobView]:
    """Everything that the mining desk may show on a room's page."""
    pool, rooms = hub.pools[LATE_NIGHT], (LATE_NIGHT,)
    plan = RoomPlan(
        LATE_NIGHT, (), tuple(pool[:3]), tuple(pool[4:6]), ((pool[7], replace(pool[7], tier=Tier.DISCOVERY)),), 3, 9
    )
    misfits = tuple(FlaggedEntry(entry, "too loud", 0.7) for entry in pool[:3])
    return [
        JobView(JobStatus.RUNNING, JobKind.AUDIT, "local", rooms, "auditing", MiningProgress(3, 60)),
        JobView(JobStatus.RUNNING, JobKind.MINE, "local", (HOUSE,), "reading the library"),
        JobView(JobStatus.HELD, JobKind.MINE, "local", rooms, report=MiningReport((plan,), notes=("a note",))),
        JobView(JobStatus.DONE, JobKind.MINE, "local", rooms, report=MiningReport((plan,))),
        JobView(
            JobStatus.DONE, JobKind.AUDIT, "local", rooms, report=AuditReport(LATE_NIGHT, misfits, notes=("a note",))
        ),
        JobView(
            JobStatus.FAILED, JobKind.MINE, "model", rooms, trouble=Trouble(TroubleCode.UNAVAILABLE, "It is away.")
        ),
    ]


async def test_no_violation_on_any_page(tmp_path: Path) -> None:
    async with lived_in(tmp_path) as (url, _), looked_through() as page:
        for path in (
            f"{PATH}?tier=REMOVED", f"{PATH}?q=nothing+like+it", "/rooms/house", "/receipts", "/receipts?q=zzz",
            "/history", "/history?q=zzz",
        ):  # fmt: skip
            assert await violations(page, f"{url}{path}") == [], path
        assert await violations(page, f"{url}{PATH}", widths=(1280, 360)) == []


async def test_no_violation_whatever_the_mining_desk_shows(tmp_path: Path) -> None:
    async with lived_in(tmp_path) as (url, hub), looked_through() as page:
        hub.mining.known = [
            MinerView("local", BOTH, MinerStanding(is_ready=True)),
            MinerView("model", BOTH, MinerStanding(is_ready=True, is_paid=True)),
            MinerView("radio", BOTH, MinerStanding(is_ready=False, reason="log in first")),
        ]
        for view in jobs(hub):
            hub.mining.view = view
            assert await violations(page, f"{url}{PATH}") == [], view.status
