"""What the comparison counts, and how it tells what it found."""

from dataclasses import dataclass, field

from benchmarks.killing.book import Row
from benchmarks.killing.play import Evidence
from moodroom_hub.simulator.truth import TrueListen

SETTLED_MS = 60_000
_LEDGER_TORN_MS = 60 * 60_000


@dataclass(slots=True)
class Score:
    """Counts for the table, and every finding in words.

    ``excused`` is what waited in memory when a hub was killed in an outage. ``unclear`` are rows that say of
    themselves that they are not sure (they teach nothing), or that no one could tell apart from outside.
    """

    listens: int = 0
    seen: int = 0
    rows: int = 0
    lost: int = 0
    excused: int = 0
    doubled: int = 0
    unclear: int = 0
    invented: int = 0
    skips: int = 0
    struck: int = 0
    decidable: int = 0
    missed: int = 0
    false_strikes: int = 0
    false_ends: int = 0
    receipts: int = 0
    receipts_missing: int = 0
    receipts_without_cause: int = 0
    receipts_doubled: int = 0
    pools_unlike: int = 0
    posts: int = 0
    posts_doubled: int = 0
    dry_s: float = 0.0
    dry_after_loss_s: float = 0.0
    pending: int = 0
    unsaved: int = 0
    own_ends: int = 0
    errors: int = 0
    findings: list[str] = field(default_factory=list)

    @property
    def faults(self) -> int:
        """What must be nothing."""
        return (
            self.lost
            + self.doubled
            + self.invented
            + self.missed
            + self.false_strikes
            + self.false_ends
            + self.receipts_missing
            + self.receipts_without_cause
            + self.receipts_doubled
            + self.pools_unlike
            + self.posts_doubled
            + self.pending
            + self.unsaved
            + self.own_ends
            + self.errors
            + (self.dry_s > 0)
        )


def was_in_memory(evidence: Evidence, listen: TrueListen) -> bool:
    """Whether its verdict fell into an outage in which the hub was killed."""
    return any(
        window.killed_ms is not None
        and window.began_ms is not None
        and listen.ended_ms >= window.began_ms - SETTLED_MS
        and listen.started_ms <= window.killed_ms + SETTLED_MS
        for window in evidence.windows
    )


def is_ledger_torn(evidence: Evidence, at_ms: int) -> bool:
    """Whether the hub's ledger was torn by a kill in an outage lately, so that it knows less than the player has."""
    return any(
        window.killed_ms is not None and window.killed_ms <= at_ms <= window.killed_ms + _LEDGER_TORN_MS
        for window in evidence.windows
    )


def tell_around(evidence: Evidence, from_ms: int, until_ms: int) -> str:
    """What the house saw in this span and shortly before and after it, in seconds from its beginning."""
    record = evidence.record
    seen = [(look.at_ms, f"look {look.uri[-6:]}") for look in record.looks]
    seen += [(life.start_ms, f"life {life.number}") for life in record.lives]
    seen += [(life.end_ms, life.end) for life in record.lives]
    seen += [(given.at_ms, given.order.name) for given in record.given]
    for command in evidence.house.truth.commands:
        seen.append(
            (command.at_ms, f"{command.by} {command.name} {command.detail[-6:]} {command.refusal or ''}".strip())
        )
    for listen in evidence.house.truth.listens:
        seen.append((listen.ended_ms, f"{listen.uri[-6:]} ended at {listen.end_position_ms} ({listen.ended_by})"))
    near = sorted(each for each in seen if from_ms - 20_000 <= each[0] <= until_ms + 60_000)
    told = (f"{(at_ms - from_ms) / 1000:.1f} {what}" for at_ms, what in near)
    return "; ".join(told)


def tell_row(row: Row) -> str:
    listen, verdict = row.listen, row.listen.verdict
    span = f"{listen.started_at_ms}–{listen.ended_at_ms}"
    end = verdict.end
    return (
        f"[{row.event_id}] {listen.track.name} {span} {verdict.kind} {verdict.cause} "
        f"{end.lo_ms}/{end.estimate_ms}/{end.hi_ms} of {listen.track.duration_ms} {'sure' if verdict.is_sure else ''}"
    )


def tell_truth(listen: TrueListen) -> str:
    return (
        f"<{listen.id}> {listen.queued_uri[-6:]} {listen.started_ms}–{listen.ended_ms} to {listen.end_position_ms} of "
        f"{listen.duration_ms} {listen.ended_by} {listen.came_from} by {listen.put_there_by} "
        f"(seeks {listen.seeks}, pauses {listen.pauses})"
    )
