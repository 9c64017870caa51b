"""What listening taught, per day and room, and a few honest figures about a week."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, tzinfo

from moodroom_hub.domain.insight.days import Day, day_of
from moodroom_hub.domain.models import (
    Cause,
    EpochMs,
    Listen,
    PoolEntry,
    Receipt,
    ReceiptKind,
    RoomSlug,
    Tier,
    Uri,
    VerdictKind,
)
from moodroom_hub.domain.pools import undone_by

_HEIGHT = {Tier.CONFIRMED: 3, Tier.SAFE_SIDE: 2, Tier.DISCOVERY: 1}
_BY_LISTENING = frozenset({ReceiptKind.SKIPPED, ReceiptKind.COMPLETED})


@dataclass(frozen=True, slots=True)
class Taught:
    """What listening changed on one day in one room: tracks that went up, down, and out."""

    day: Day
    up: int = 0
    down: int = 0
    removed: int = 0


@dataclass(frozen=True, slots=True)
class RoomWeek:
    """One room over the days: ``taught`` has one entry per day. ``skips``: those of the listener inside the threshold.

    ``discoveries_settled``: discoveries on which listening decided, ``discoveries_stayed``: those of them that are
    still in the room.
    """

    room: RoomSlug
    taught: tuple[Taught, ...]
    listens: int = 0
    completed: int = 0
    skips: int = 0
    discoveries_settled: int = 0
    discoveries_stayed: int = 0


@dataclass(frozen=True, slots=True)
class Insight:
    """The last days: every room, and all listens, those of no room too. ``uncertain``: nobody could say how they ended,
    or the hub itself ended them; ``completed`` and ``skipped`` are of the others."""

    days: tuple[Day, ...]
    rooms: tuple[RoomWeek, ...]
    listens: int = 0
    completed: int = 0
    skipped: int = 0
    uncertain: int = 0


class ListenTally:
    """Counts the listens that it takes, and keeps none. ``kinds``: of those that are not uncertain."""

    def __init__(self) -> None:
        self.listens = 0
        self.uncertain = 0
        self.kinds: Counter[VerdictKind] = Counter()
        self.by_room: defaultdict[RoomSlug, Counter[VerdictKind]] = defaultdict(Counter)

    def take(self, listen: Listen) -> None:
        """Count one."""
        kind, cause = listen.verdict.kind, listen.verdict.cause
        self.listens += 1
        if cause not in (Cause.LISTENER, Cause.NATURAL):
            self.uncertain += 1
            return
        self.kinds[kind] += 1
        if listen.room is not None:
            self.by_room[listen.room][kind] += 1


def taught_by(
    receipts: Iterable[Receipt], days: Sequence[Day], zone: tzinfo
) -> tuple[Taught, ...]:  # fmt: skip
    """What the listening of those days changed in one room. Undone receipts, hands, likes and imports do not count.

    ``receipts``: at least all of the room since the first day.
    """
    moves: defaultdict[date, Counter[str]] = defaultdict(Counter)
    for receipt in lessons(receipts, days):
        moves[day_of(receipt.at_ms, zone)][_direction(receipt)] += 1
    return tuple(
        Taught(day, moves[day.date]["up"], moves[day.date]["down"], moves[day.date]["removed"]) for day in days
    )


def lessons(receipts: Iterable[Receipt], days: Sequence[Day]) -> list[Receipt]:
    """The receipts of those days that the hub's own listening made and that still count."""
    known = list(receipts)
    undone = undone_by(known)
    start_ms, end_ms = (days[0].start_ms, days[-1].end_ms) if days else (EpochMs(0), EpochMs(0))
    return [
        receipt
        for receipt in known
        if receipt.kind in _BY_LISTENING
        and receipt.event_id is not None
        and start_ms <= receipt.at_ms < end_ms
        and receipt.id not in undone
    ]


def discoveries(lessons_of_room: Iterable[Receipt], pool: Mapping[Uri, PoolEntry]) -> tuple[int, int]:
    """On how many discoveries listening decided, and how many of those can still be played in the room."""
    settled = {
        receipt.track.uri
        for receipt in lessons_of_room
        if receipt.before is not None and receipt.before.tier is Tier.DISCOVERY
    }
    stayed = sum(uri in pool and pool[uri].tier is not Tier.REMOVED for uri in settled)
    return len(settled), stayed


def room_week(
    room: RoomSlug,
    receipts: Sequence[Receipt],
    pool: Mapping[Uri, PoolEntry],
    tally: ListenTally,
    days: Sequence[Day],
    zone: tzinfo,
) -> RoomWeek:
    """One room's part of an ``Insight``."""
    kinds = tally.by_room.get(room, Counter())
    settled, stayed = discoveries(lessons(receipts, days), pool)
    return RoomWeek(
        room,
        taught_by(receipts, days, zone),
        listens=kinds.total(),
        completed=kinds[VerdictKind.COMPLETED],
        skips=kinds[VerdictKind.SKIPPED],
        discoveries_settled=settled,
        discoveries_stayed=stayed,
    )


def _direction(receipt: Receipt) -> str:
    before = 0 if receipt.before is None else _HEIGHT.get(receipt.before.tier, 0)
    after = 0 if receipt.after is None else _HEIGHT.get(receipt.after.tier, 0)
    if after == 0:
        return "removed"
    return "up" if after > before else "down"
