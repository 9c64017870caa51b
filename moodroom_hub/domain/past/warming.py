"""What the past changes in a pool: one tier down for what was skipped early again and again, one up for what was
always heard to its end. Few plays prove nothing, and old years count less.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from moodroom_hub.domain.models import EpochMs, PoolEntry, Receipt, ReceiptKind, Tier, Uri
from moodroom_hub.domain.past.tally import Evidence
from moodroom_hub.domain.pools import Pool, PoolChange, tier_after_skip

FEWEST = 3
"""Early skips, or plays to the end, below which nothing is concluded."""
SKIPPED_SHARE = 0.5
WHOLE_SHARE = 0.6
"""Shares that must be passed even by the lower bound of what the plays allow."""
MOST_SKIPPED_SHARE = 0.1
"""What was skipped early more often than this was not always heard to its end."""
SURE = 1.28
"""The bound's distance in standard deviations: nine times out of ten the true share lies above it."""
QUIET_PLAYS = 10
"""After so many plays without an early skip the older ones are forgiven."""

_AFTER_WHOLE = {Tier.DISCOVERY: Tier.SAFE_SIDE, Tier.SAFE_SIDE: Tier.CONFIRMED}


def warmed(
    pool: Pool, receipts: Sequence[Receipt], evidence: Mapping[Uri, Evidence], at_ms: EpochMs
) -> list[PoolChange]:
    """The changes of one room, in the pool's order. ``evidence``: by the uri that the pool knows the song under.

    A song that has any receipt in this room, counting or undone, stays: listening, a hand, or an earlier look at the
    past has decided about it. What is ``REMOVED`` stays so, and ``CONFIRMED`` can only go down.
    """
    settled = {receipt.track.uri for receipt in receipts if receipt.room == pool.room}
    changes = []
    for uri, entry in pool.entries.items():
        found = evidence.get(uri)
        if found is not None and uri not in settled:
            change = _changed(pool, entry, found, at_ms)
            if change is not None:
                changes.append(change)
    return changes


def is_disliked(evidence: Evidence) -> bool:
    """Skipped early again and again: surely more often than not."""
    if evidence.skips < FEWEST:
        return False
    return lower_bound(evidence.skips_weight, evidence.plays_weight) > SKIPPED_SHARE


def is_loved(evidence: Evidence) -> bool:
    """Always heard to its end: surely nearly always, and not skipped early for long."""
    if evidence.whole < FEWEST or (evidence.skips and evidence.since_skip < QUIET_PLAYS):
        return False
    if evidence.skips_weight > MOST_SKIPPED_SHARE * evidence.plays_weight:
        return False
    return lower_bound(evidence.whole_weight, evidence.plays_weight) > WHOLE_SHARE


def lower_bound(hits: float, tries: float) -> float:
    """The least share that ``hits`` of ``tries`` allow (Wilson's score interval); 0 where there is nothing."""
    if tries <= 0:
        return 0.0
    share = min(1.0, hits / tries)
    square = SURE * SURE
    middle = share + square / (2 * tries)
    reach = SURE * math.sqrt((share * (1 - share) + square / (4 * tries)) / tries)
    return max(0.0, (middle - reach) / (1 + square / tries))


def _changed(pool: Pool, entry: PoolEntry, evidence: Evidence, at_ms: EpochMs) -> PoolChange | None:
    if is_disliked(evidence):
        tier = tier_after_skip(entry.tier)
        told = f"your past: skipped early {evidence.skips} of {evidence.plays} times{_last(evidence.last_skip_ms)}"
    elif is_loved(evidence):
        tier = _AFTER_WHOLE.get(entry.tier)
        told = f"your past: heard to its end {evidence.whole} of {evidence.plays} times{_last(evidence.last_whole_ms)}"
    else:
        return None
    if tier is None:
        return None
    why = f"{told} · {entry.tier} → {tier}"
    after = replace(entry, tier=tier, since_ms=at_ms, why=why)
    return PoolChange(pool.room, entry.track, ReceiptKind.IMPORTED, entry, after, why)


def _last(at_ms: int | None) -> str:
    return "" if at_ms is None else f", last {datetime.fromtimestamp(at_ms / 1000, UTC):%Y-%m}"
