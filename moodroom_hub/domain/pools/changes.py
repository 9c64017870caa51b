"""What verdicts, likes and hands do to a pool: each gives the change to be written as a receipt, or nothing."""

from dataclasses import dataclass, replace

from moodroom_hub.domain.models import (
    Cause,
    DurationMs,
    EpochMs,
    PoolEntry,
    Receipt,
    ReceiptKind,
    RoomSlug,
    Tier,
    Track,
    Verdict,
    VerdictKind,
    ZoneName,
)
from moodroom_hub.domain.pools.pool import Pool

_AFTER_SKIP = {
    Tier.CONFIRMED: Tier.SAFE_SIDE,
    Tier.SAFE_SIDE: Tier.REMOVED,
    Tier.DISCOVERY: Tier.REMOVED,
}
_ORDINALS = {1: "first", 2: "second", 3: "third"}


@dataclass(frozen=True, slots=True)
class PoolChange:
    """One change of one track's place in one room, not written yet.

    ``before`` / ``after`` are whole entries, ``None`` for a track outside the pool. ``why`` is one line for a person.
    """

    room: RoomSlug
    track: Track
    kind: ReceiptKind
    before: PoolEntry | None
    after: PoolEntry | None
    why: str
    heard_ms: DurationMs | None = None
    duration_ms: DurationMs | None = None

    def receipt(
        self,
        receipt_id: int,
        at_ms: EpochMs,
        *,
        event_id: int | None = None,
        zone: ZoneName | None = None,
        undoes: tuple[int, ...] = (),
        group: str | None = None,
    ) -> Receipt:
        """The receipt that records this change."""
        return Receipt(
            id=receipt_id,
            room=self.room,
            track=self.track,
            kind=self.kind,
            before=self.before,
            after=self.after,
            at_ms=at_ms,
            why=self.why,
            event_id=event_id,
            zone=zone,
            heard_ms=self.heard_ms,
            duration_ms=self.duration_ms,
            undoes=undoes,
            group=group,
        )

    def applied_to(self, pool: Pool) -> Pool:
        """The pool after this change."""
        return pool.replaced(self.track.uri, self.after)


def tier_after_skip(tier: Tier) -> Tier | None:
    """Where a skip takes a track of this tier; ``None``: nowhere, it is ``REMOVED`` already."""
    return _AFTER_SKIP.get(tier)


def apply_verdict(pool: Pool, track: Track, verdict: Verdict, at_ms: EpochMs) -> PoolChange | None:
    """What this verdict on ``track`` changes in ``pool``; ``None`` where it changes nothing.

    Only the listener's own skip strikes, and only a sure hearing to the end (the track's, or the listener's
    moving on within the margin) lifts a discovery.
    """
    entry = pool.find(track)
    if entry is None:
        return None
    duration_ms = entry.track.duration_ms if track.duration_ms is None else track.duration_ms
    heard_ms = verdict.end.estimate_ms
    heard = clock_text(heard_ms) if duration_ms is None else f"{clock_text(heard_ms)} of {clock_text(duration_ms)}"
    if verdict.kind is VerdictKind.SKIPPED and verdict.cause is Cause.LISTENER:
        tier = tier_after_skip(entry.tier)
        if tier is None:
            return None
        strikes = entry.strikes + 1
        told = f"{_ordinal(strikes)} skip · at {heard}"
        change = _to_tier(pool, entry, tier, ReceiptKind.SKIPPED, told, at_ms, strikes)
    elif _is_sure_completion(verdict) and entry.tier is Tier.DISCOVERY:
        told = f"heard to its end · {heard}"
        change = _to_tier(pool, entry, Tier.SAFE_SIDE, ReceiptKind.COMPLETED, told, at_ms, entry.strikes)
    else:
        return None
    return replace(change, heard_ms=heard_ms, duration_ms=duration_ms)


def liked(pool: Pool, track: Track, at_ms: EpochMs) -> PoolChange | None:
    """The owner likes ``track`` on the service: out of ``SAFE_SIDE`` into ``CONFIRMED``; other tiers stay."""
    entry = pool.find(track)
    if entry is None or entry.tier is not Tier.SAFE_SIDE:
        return None
    return _to_tier(pool, entry, Tier.CONFIRMED, ReceiptKind.LIKED, "liked", at_ms, entry.strikes)


def moved(pool: Pool, track: Track, tier: Tier, at_ms: EpochMs, told: str = "by hand") -> PoolChange | None:
    """``track`` put into ``tier`` by hand, from any tier or from outside; ``None`` where it is there already."""
    entry = pool.entries.get(track.uri)
    if entry is None:
        why = f"{told} · {place_text(None)} → {tier}"
        after = PoolEntry(track, tier, since_ms=at_ms, why=why)
        return PoolChange(pool.room, track, ReceiptKind.MOVED, None, after, why)
    if entry.tier is tier:
        return None
    return _to_tier(pool, entry, tier, ReceiptKind.MOVED, told, at_ms, entry.strikes)


def clock_text(length_ms: int) -> str:
    """``3:42``, or ``1:02:05`` from an hour on; the second that has begun."""
    minutes, seconds = divmod(max(0, length_ms) // 1000, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def place_text(entry: PoolEntry | None) -> str:
    """Where an entry stands, for a person."""
    return "not in the pool" if entry is None else entry.tier.value


def _is_sure_completion(verdict: Verdict) -> bool:
    return (
        verdict.kind is VerdictKind.COMPLETED and verdict.cause in {Cause.NATURAL, Cause.LISTENER} and verdict.is_sure
    )


def _to_tier(
    pool: Pool, entry: PoolEntry, tier: Tier, kind: ReceiptKind, told: str, at_ms: EpochMs, strikes: int
) -> PoolChange:
    why = f"{told} · {entry.tier} → {tier}"
    after = replace(entry, tier=tier, strikes=strikes, since_ms=at_ms, why=why)
    return PoolChange(pool.room, entry.track, kind, entry, after, why)


def _ordinal(number: int) -> str:
    if number in _ORDINALS:
        return _ORDINALS[number]
    ending = "th" if number % 100 in {11, 12, 13} else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"
