"""What listening taught: only what it taught, only what still counts, and on the day on which it was."""

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from moodroom_hub.domain.insight.days import last_days
from moodroom_hub.domain.insight.week import ListenTally, RoomWeek, room_week
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
from tests.domain.pools.worlds import ROOM, TRACKS, verdict

NOW_MS = round(datetime(2026, 3, 4, 12, tzinfo=UTC).timestamp() * 1000)
DAY_MS = 86_400_000
DAYS = last_days(NOW_MS, 3, UTC)


def receipt(
    number: int,
    kind: ReceiptKind,
    before: Tier | None,
    after: Tier | None,
    *,
    days_ago: int = 0,
    is_heard: bool = True,
    undoes: tuple[int, ...] = (),
    track: int = 0,
) -> Receipt:
    what = TRACKS[track]
    entries = [None if tier is None else PoolEntry(what, tier) for tier in (before, after)]
    at_ms = EpochMs(NOW_MS - days_ago * DAY_MS)
    event_id = number if is_heard else None
    return Receipt(number, ROOM, what, kind, entries[0], entries[1], at_ms, "why", event_id, undoes=undoes)


def week(*receipts: Receipt, pool: dict[Uri, PoolEntry] | None = None, tally: ListenTally | None = None) -> RoomWeek:
    return room_week(ROOM, receipts, pool or {}, tally or ListenTally(), DAYS, UTC)


def moves(found: RoomWeek) -> list[tuple[int, int, int]]:
    return [(day.up, day.down, day.removed) for day in found.taught]


def test_each_move_counts_on_its_day() -> None:
    found = week(
        receipt(1, ReceiptKind.SKIPPED, Tier.CONFIRMED, Tier.SAFE_SIDE, days_ago=2),
        receipt(2, ReceiptKind.SKIPPED, Tier.SAFE_SIDE, Tier.REMOVED, days_ago=2),
        receipt(3, ReceiptKind.COMPLETED, Tier.DISCOVERY, Tier.SAFE_SIDE),
    )
    assert moves(found) == [(0, 1, 1), (0, 0, 0), (1, 0, 0)]


def test_hands_likes_the_past_and_what_was_undone_taught_nothing() -> None:
    found = week(
        receipt(1, ReceiptKind.MOVED, Tier.CONFIRMED, Tier.REMOVED, is_heard=False),
        receipt(2, ReceiptKind.LIKED, Tier.SAFE_SIDE, Tier.CONFIRMED, is_heard=False),
        receipt(3, ReceiptKind.SKIPPED, Tier.CONFIRMED, Tier.SAFE_SIDE, is_heard=False),
        receipt(4, ReceiptKind.SKIPPED, Tier.CONFIRMED, Tier.SAFE_SIDE, days_ago=1),
        receipt(5, ReceiptKind.UNDO, Tier.SAFE_SIDE, Tier.CONFIRMED, is_heard=False, undoes=(4,)),
        receipt(6, ReceiptKind.SKIPPED, Tier.CONFIRMED, Tier.SAFE_SIDE, days_ago=3),
    )
    assert moves(found) == [(0, 0, 0)] * 3


def test_an_undo_that_was_undone_lets_the_lesson_count_again() -> None:
    found = week(
        receipt(1, ReceiptKind.SKIPPED, Tier.CONFIRMED, Tier.SAFE_SIDE),
        receipt(2, ReceiptKind.UNDO, Tier.SAFE_SIDE, Tier.CONFIRMED, is_heard=False, undoes=(1,)),
        receipt(3, ReceiptKind.UNDO, Tier.CONFIRMED, Tier.SAFE_SIDE, is_heard=False, undoes=(2,)),
    )
    assert moves(found)[-1] == (0, 1, 0)


def test_a_discovery_stayed_where_it_still_can_be_played() -> None:
    found = week(
        receipt(1, ReceiptKind.COMPLETED, Tier.DISCOVERY, Tier.SAFE_SIDE, track=0),
        receipt(2, ReceiptKind.COMPLETED, Tier.DISCOVERY, Tier.SAFE_SIDE, track=1),
        receipt(3, ReceiptKind.SKIPPED, Tier.SAFE_SIDE, Tier.REMOVED, track=1),
        receipt(4, ReceiptKind.SKIPPED, Tier.DISCOVERY, Tier.REMOVED, track=2),
        pool={
            TRACKS[0].uri: PoolEntry(TRACKS[0], Tier.SAFE_SIDE),
            TRACKS[1].uri: PoolEntry(TRACKS[1], Tier.REMOVED),
            TRACKS[2].uri: PoolEntry(TRACKS[2], Tier.REMOVED),
        },
    )
    assert (found.discoveries_settled, found.discoveries_stayed) == (3, 1)


def test_only_what_the_listener_did_counts_for_a_room() -> None:
    tally = ListenTally()
    for kind, cause, room in (
        (VerdictKind.SKIPPED, Cause.LISTENER, ROOM),
        (VerdictKind.SKIPPED, Cause.STALE_TAIL, ROOM),
        (VerdictKind.COMPLETED, Cause.NATURAL, ROOM),
        (VerdictKind.COMPLETED, Cause.NATURAL, None),
        (VerdictKind.PARTIAL, Cause.LISTENER, ROOM),
        (VerdictKind.PARTIAL, Cause.UNCERTAIN, RoomSlug("house")),
    ):
        tally.take(
            Listen(
                track=TRACKS[0],
                started_at_ms=EpochMs(NOW_MS),
                ended_at_ms=EpochMs(NOW_MS),
                verdict=replace(verdict(kind, cause), end=verdict(kind).end),
                room=room,
            )
        )
    found = week(tally=tally)
    assert (found.listens, found.completed, found.skips) == (3, 1, 1)
    assert (tally.listens, tally.uncertain, tally.kinds.total()) == (6, 2, 4)


def test_days_begin_at_the_listener_s_midnight_also_when_clocks_change() -> None:
    zone = ZoneInfo("Europe/Berlin")
    now_ms = round(datetime(2026, 3, 30, 0, 30, tzinfo=zone).timestamp() * 1000)
    found = last_days(now_ms, 3, zone)
    assert [day.date.isoformat() for day in found] == ["2026-03-28", "2026-03-29", "2026-03-30"]
    assert [(day.end_ms - day.start_ms) // 3_600_000 for day in found] == [24, 23, 24]
    assert [one.end_ms for one in found[:-1]] == [other.start_ms for other in found[1:]]
    assert found[-1].start_ms <= now_ms < found[-1].end_ms
