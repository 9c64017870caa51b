"""Mining, turned into the API's shapes."""

from moodroom_hub.core.miners import (
    AuditReport,
    EstimateView,
    JobView,
    Left,
    MinerView,
    MiningReport,
)
from moodroom_hub.core.wire import mining_shapes as shapes
from moodroom_hub.core.wire.shapes import ErrorDetail
from moodroom_hub.core.wire.views import artists_of, text
from moodroom_hub.domain.mining.models import Definition, MiningProgress
from moodroom_hub.domain.mining.plan import RoomPlan
from moodroom_hub.domain.models import PoolEntry, Tier

_NOTHING_DONE = MiningProgress(0, 0)


def miner(view: MinerView) -> shapes.MinerShape:
    """One miner."""
    standing = view.standing
    return shapes.MinerShape(
        name=view.name,
        abilities=sorted(view.abilities),
        ready=standing.is_ready,
        reason=text(standing.reason),
        paid=standing.is_paid,
    )


def estimate(view: EstimateView) -> shapes.EstimateAnswer:
    """What a job would take."""
    given = view.estimate
    return shapes.EstimateAnswer(
        miner=view.miner,
        paid=view.is_paid,
        at_home=given.is_at_home,
        tracks=view.tracks,
        calls=given.calls,
        paid_before=given.paid_before,
        tokens_in=given.tokens_in,
        tokens_out=given.tokens_out,
        cost_usd=given.cost_usd,
        notes=[text(note) for note in given.notes],
        prompts=[shapes.PromptShape(title=text(each.title), text=text(each.text)) for each in given.prompts],
    )


def job(view: JobView) -> shapes.JobAnswer:
    """Where the mining desk stands."""
    progress = view.progress or _NOTHING_DONE
    trouble = view.trouble
    wait_s = None if trouble is None or trouble.retry_after_s is None else round(trouble.retry_after_s)
    error = (
        None if trouble is None else ErrorDetail(code=trouble.code, message=text(trouble.message), retry_after=wait_s)
    )
    return shapes.JobAnswer(
        status=view.status,
        kind=view.kind,
        miner=view.miner,
        rooms=list(view.rooms),
        phase=view.phase,
        done=progress.done,
        total=progress.total,
        unit=progress.unit,
        calls=progress.calls,
        tokens_in=progress.tokens_in,
        tokens_out=progress.tokens_out,
        cost_usd=progress.cost_usd,
        elapsed_ms=view.elapsed_ms,
        error=error,
    )


def report(view: JobView) -> shapes.ReportAnswer:
    """The last job's report."""
    if isinstance(view.report, MiningReport):
        return shapes.ReportAnswer(mining=mining_report(view.report))
    if isinstance(view.report, AuditReport):
        return shapes.ReportAnswer(audit=audit_report(view.report))
    return shapes.ReportAnswer()


def mining_report(given: MiningReport) -> shapes.MiningReportAnswer:
    """What a mining changes."""
    dropped = [
        shapes.DroppedShape(
            room=each.suggestion.room,
            tier=each.suggestion.tier,
            name=text(each.suggestion.name),
            artist=text(each.suggestion.artist),
            reason=text(each.reason),
        )
        for each in given.dropped
    ]
    return shapes.MiningReportAnswer(
        rooms=[_plan(plan) for plan in given.rooms],
        unplaced=[_left(each) for each in given.unplaced],
        dropped=dropped,
        notes=[text(note) for note in given.notes],
    )


def audit_report(given: AuditReport) -> shapes.AuditReportAnswer:
    """What an audit found."""
    misfits = [
        shapes.MisfitShape(
            uri=text(each.entry.track.uri),
            name=text(each.entry.track.name),
            artists=artists_of(each.entry.track),
            tier=each.entry.tier,
            reason=text(each.reason),
            confidence=each.confidence,
        )
        for each in given.misfits
    ]
    return shapes.AuditReportAnswer(
        room=given.room,
        misfits=misfits,
        not_looked_at=[_left(each) for each in given.not_looked_at],
        notes=[text(note) for note in given.notes],
    )


def definition(words: Definition) -> shapes.DefinitionAnswer:
    """A room's words."""
    return shapes.DefinitionAnswer(
        description=text(words.description),
        anchors=[shapes.AnchorShape(name=text(each.name), artist=text(each.artist)) for each in words.anchors],
        avoid=[text(each) for each in words.avoid],
    )


def _plan(plan: RoomPlan) -> shapes.RoomPlanShape:
    return shapes.RoomPlanShape(
        room=plan.room,
        added=[_track(entry, None) for entry in plan.added],
        gone=[_track(entry, entry.tier) for entry in plan.gone],
        moved=[_track(after, before.tier) for before, after in plan.moved],
        kept=plan.kept,
        unchanged=plan.unchanged,
    )


def _track(entry: PoolEntry, before: Tier | None) -> shapes.MinedTrackShape:
    return shapes.MinedTrackShape(
        uri=text(entry.track.uri),
        name=text(entry.track.name),
        artists=artists_of(entry.track),
        tier=entry.tier,
        before=before,
        confidence=entry.confidence,
        why=text(entry.why),
    )


def _left(given: Left) -> shapes.LeftShape:
    track = given.track
    return shapes.LeftShape(
        uri=text(track.uri),
        name=text(track.name),
        artists=artists_of(track),
        reason=text(given.reason),
        judged=given.is_judged,
    )
