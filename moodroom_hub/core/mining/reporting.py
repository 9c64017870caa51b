"""What an audit found, with the room's own entries."""

from moodroom_hub.core.miners import AuditReport, FlaggedEntry, Left
from moodroom_hub.core.mining.gathering import Gathering
from moodroom_hub.domain.mining.models import Audited, AuditTask
from moodroom_hub.domain.models import Tier


async def audit_report(audited: Audited, task: AuditTask, gathering: Gathering) -> AuditReport:
    """The misfits that are in the room still, the surest first."""
    pool = (await gathering.room_now(task.room.slug)).pool
    tracks = {track.uri: track for track in task.audited}
    misfits = [
        FlaggedEntry(pool[one.uri], one.reason, one.confidence)
        for one in sorted(audited.misfits, key=lambda each: -each.confidence)
        if one.uri in pool and pool[one.uri].tier is not Tier.REMOVED
    ]
    left = tuple(Left(tracks[one.uri], one.reason, one.is_judged) for one in audited.not_looked_at)
    return AuditReport(task.room.slug, tuple(misfits), left, audited.notes)
