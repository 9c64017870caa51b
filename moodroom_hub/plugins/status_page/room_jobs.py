"""What the mining desk has to say to one room's page: a job that runs, a difference that waits, or misfits."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from moodroom_hub.core.miners import (
    AuditReport,
    FlaggedEntry,
    JobKind,
    JobStatus,
    JobView,
    MiningReport,
)
from moodroom_hub.domain.mining.plan import RoomPlan
from moodroom_hub.domain.models import PoolEntry, RoomSlug, Tier, Uri
from moodroom_hub.plugins.status_page.deps import Deps

MOST_SHOWN: Final = 100
"""Tracks of each kind of difference, and misfits, that a page shows at once."""


@dataclass(frozen=True, slots=True)
class JobPart:
    """The mining desk as a room's page shows it. ``is_ours``: the job is about this room. ``plans``: what a held or
    finished mining changes, this room first. ``misfits`` of which nobody has decided yet, and ``left`` more.
    """

    view: JobView
    is_ours: bool
    is_running: bool
    is_held: bool
    plans: tuple[RoomPlan, ...] = ()
    misfits: tuple[FlaggedEntry, ...] = ()
    left: int = 0
    is_audited: bool = False
    most_shown: int = MOST_SHOWN


async def job_part(deps: Deps, slug: RoomSlug, entries: Sequence[PoolEntry]) -> JobPart:
    """What to show on the page of ``slug``, whose pool is ``entries``."""
    view = deps.hub.mining.job()
    is_ours = slug in view.rooms
    is_audit = view.kind is JobKind.AUDIT
    plans: tuple[RoomPlan, ...] = ()
    misfits: list[FlaggedEntry] = []
    is_audited = False
    if is_ours and isinstance(view.report, MiningReport):
        plans = tuple(sorted(view.report.rooms, key=lambda plan: plan.room != slug))
    if is_ours and is_audit and isinstance(view.report, AuditReport):
        is_audited = view.status is JobStatus.DONE
        misfits = _open_misfits(view.report, entries, await deps.hub.mining.kept(slug))
    return JobPart(
        view,
        is_ours,
        view.status is JobStatus.RUNNING,
        view.status is JobStatus.HELD,
        plans,
        tuple(misfits[:MOST_SHOWN]),
        max(0, len(misfits) - MOST_SHOWN),
        is_audited,
    )


def _open_misfits(report: AuditReport, entries: Sequence[PoolEntry], kept: Collection[Uri]) -> list[FlaggedEntry]:
    """Without those that were kept, or moved since."""
    tiers: dict[Uri, Tier] = {entry.track.uri: entry.tier for entry in entries}
    return [
        each
        for each in report.misfits
        if each.entry.track.uri not in kept and tiers.get(each.entry.track.uri) is each.entry.tier
    ]
