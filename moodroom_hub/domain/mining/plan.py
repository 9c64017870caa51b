"""What a mining makes of a room's base: pure rules.

The base is what files, hands and miners put into a room; what listening taught lies over it as receipts and is
never touched here. Of the base a mining changes only what the same miner put there before, or a miner that yields
to it, and only where it judged anew: a track that could not be judged, and whatever a file, a hand or a miner of
greater rank brought, stays as it is.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from moodroom_hub.domain.mining.models import MINED, Mined, Placement, Suggestion
from moodroom_hub.domain.models import EpochMs, PoolEntry, RoomSlug, Tier, Track, Uri

SUGGESTED = "suggested:"
"""What the ``source`` of an entry begins with that is no liked song but a miner's suggestion; its name follows."""


@dataclass(frozen=True, slots=True)
class RoomPlan:
    """One room after a mining: its new ``base``, and how the pool's tracks differ.

    ``moved`` are pairs of before and after with another tier. ``kept``: tracks of which the mining thinks otherwise,
    but listening or a hand has spoken. ``unchanged``: placed again where they were.
    """

    room: RoomSlug
    base: tuple[PoolEntry, ...]
    added: tuple[PoolEntry, ...] = ()
    gone: tuple[PoolEntry, ...] = ()
    moved: tuple[tuple[PoolEntry, PoolEntry], ...] = ()
    kept: int = 0
    unchanged: int = 0

    @property
    def is_change(self) -> bool:
        """Whether anything differs that a listener could notice."""
        return bool(self.added or self.gone or self.moved)


@dataclass(frozen=True, slots=True)
class RoomNow:
    """One room as it stands: base rows, the effective ``pool``, and the tracks with a receipt that counts."""

    room: RoomSlug
    base: Sequence[PoolEntry]
    pool: Mapping[Uri, PoolEntry]
    learned: Collection[Uri]


def miner_of(entry: PoolEntry) -> str | None:
    """The name of the miner that put the entry into the base; ``None``: a file or a hand did."""
    for beginning in (MINED, SUGGESTED):
        if entry.source.startswith(beginning):
            return entry.source.removeprefix(beginning)
    return None


def plan_room(
    now: RoomNow,
    mined: Mined,
    found: Sequence[tuple[Suggestion, Track]],
    library: Mapping[Uri, Track],
    *,
    miner: str,
    yielding: Collection[str] = (),
    at_ms: EpochMs,
) -> RoomPlan:
    """The room after ``mined``. ``found``: suggestions with the tracks they turned out to be; ``library``: all likes.

    ``yielding`` are the other miners whose rows this one may judge, too. Of several placements of one track the surest
    counts; a track outside the library is never placed.
    """
    placed = _surest(mined.placements, now.room, library)
    unjudged = {each.uri for each in mined.unplaced if not each.is_judged}
    fresh = {uri: _placed(one, library[uri], miner, at_ms) for uri, one in placed.items()}
    for suggestion, track in found:
        if suggestion.room == now.room and track.uri not in library:
            fresh.setdefault(track.uri, _suggested(suggestion, track, miner, at_ms))
    base: dict[Uri, PoolEntry] = {}
    for row in now.base:
        uri = row.track.uri
        is_judge = miner_of(row) in {miner, *yielding}
        if uri in fresh and is_judge:
            base[uri] = _kept_since(row, fresh.pop(uri))
        elif not is_judge or not _is_judged(row, now.room, mined, unjudged, library):
            fresh.pop(uri, None)
            base[uri] = row
    base.update(fresh)
    return _compared(now, base)


def _surest(placements: Sequence[Placement], room: RoomSlug, library: Mapping[Uri, Track]) -> dict[Uri, Placement]:
    best: dict[Uri, Placement] = {}
    for one in placements:
        if one.room == room and one.uri in library:
            known = best.get(one.uri)
            if known is None or one.confidence > known.confidence:
                best[one.uri] = one
    return best


def _is_judged(
    row: PoolEntry, room: RoomSlug, mined: Mined, unjudged: Collection[Uri], library: Mapping[Uri, Track]
) -> bool:
    """Whether this mining has an opinion on what the same miner put there."""
    if row.source.startswith(SUGGESTED):
        return room in mined.suggested_rooms or row.track.uri in library
    return row.track.uri not in unjudged


def _placed(one: Placement, track: Track, miner: str, at_ms: EpochMs) -> PoolEntry:
    why = f"{one.confidence:.0%} sure: {one.why}" if one.why else f"{one.confidence:.0%} sure"
    return PoolEntry(track, one.tier, since_ms=at_ms, why=why, source=MINED + miner, confidence=one.confidence)


def _suggested(one: Suggestion, track: Track, miner: str, at_ms: EpochMs) -> PoolEntry:
    tier = one.tier if one.tier in (Tier.SAFE_SIDE, Tier.DISCOVERY) else Tier.DISCOVERY
    why = f"suggested: {one.why}" if one.why else "suggested"
    return PoolEntry(track, tier, since_ms=at_ms, why=why, source=SUGGESTED + miner, confidence=one.confidence)


def _kept_since(old: PoolEntry, new: PoolEntry) -> PoolEntry:
    return replace(new, since_ms=old.since_ms) if old.tier is new.tier else new


def _compared(now: RoomNow, base: Mapping[Uri, PoolEntry]) -> RoomPlan:
    before = {row.track.uri: row for row in now.base}
    added, gone, moved = [], [], []
    kept = unchanged = 0
    for uri, row in base.items():
        old = before.get(uri)
        if uri in now.learned:
            effective = now.pool.get(uri)
            kept += row is not old and (effective is None or effective.tier is not row.tier)
        elif old is None:
            added.append(row)
        elif old.tier is not row.tier:
            moved.append((old, row))
        else:
            unchanged += 1
    for uri, old in before.items():
        if uri not in base:
            if uri in now.learned:
                kept += 1
            else:
                gone.append(old)
    return RoomPlan(now.room, tuple(base.values()), tuple(added), tuple(gone), tuple(moved), kept, unchanged)
