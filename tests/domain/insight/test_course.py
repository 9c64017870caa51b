"""Counts over time add up to the pool of today, and to the pool of every day before."""

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from moodroom_hub.domain.insight.course import DayCounts, course
from moodroom_hub.domain.insight.days import Day
from moodroom_hub.domain.models import EpochMs, PoolEntry, Tier
from moodroom_hub.domain.pools import Pool, Refusal, live_receipts, moved, project
from tests.domain.pools.worlds import ROOM, TRACKS, Life, lives

LENGTH_MS = 4_000


def days(count: int, last_end_ms: int) -> list[Day]:
    """Short days, the last one ending then."""
    first = date(2026, 1, 1)
    starts = [last_end_ms - LENGTH_MS * ago for ago in range(count, 0, -1)]
    return [
        Day(first + timedelta(days=number), EpochMs(start), EpochMs(start + LENGTH_MS))
        for number, start in enumerate(starts)
    ]


def counted(pool: Pool) -> tuple[int, int, int]:
    counts = pool.counts()
    return counts[Tier.CONFIRMED], counts[Tier.SAFE_SIDE], counts[Tier.DISCOVERY]


def told(counts: DayCounts) -> tuple[int, int, int]:
    return counts.confirmed, counts.safe_side, counts.discovery


def course_of(life: Life, count: int = 9) -> list[DayCounts]:
    return course(life.pool.entries.values(), life.receipts, days(count, life.now_ms + 500))


@given(lives(), st.integers(1, 9))
def test_the_last_day_is_the_pool_of_today(life: Life, count: int) -> None:
    assert told(course_of(life, count)[-1]) == counted(life.pool)


@given(lives())
def test_every_day_is_the_pool_as_it_then_was(life: Life) -> None:
    for counts in course_of(life):
        # The base is there since moment 5.
        then = [receipt for receipt in life.receipts if receipt.at_ms < counts.day.end_ms]
        base = life.base if counts.day.end_ms > 5 else []
        assert told(counts) == counted(project(ROOM, base, then))


@given(lives(), st.integers(0, 60))
def test_an_undo_moves_the_end_of_the_chart_and_nothing_before(life: Life, position: int) -> None:
    live = live_receipts(life.receipts)
    if not live:
        return
    before = course_of(life)
    at_ms = life.now_ms
    assert not isinstance(life.undo(live[position % len(live)].id), Refusal)
    after = course(life.pool.entries.values(), life.receipts, [each.day for each in before])
    assert told(after[-1]) == counted(life.pool)
    for one, other in zip(before, after, strict=True):
        if one.day.end_ms <= at_ms:
            assert told(one) == told(other)


@given(lives())
def test_the_order_of_the_receipts_and_older_ones_are_of_no_account(life: Life) -> None:
    wanted = days(3, life.now_ms + 500)
    newest = [receipt for receipt in life.receipts if receipt.at_ms >= wanted[0].start_ms]
    entries = life.pool.entries.values()
    assert course(entries, newest[::-1], wanted) == course(entries, life.receipts, wanted)


def test_what_a_mining_brought_is_there_since_its_entry_says() -> None:
    life = Life([PoolEntry(TRACKS[0], Tier.CONFIRMED), PoolEntry(TRACKS[1], Tier.DISCOVERY, since_ms=EpochMs(9_000))])
    found = course(life.pool.entries.values(), [], days(4, 16_000))
    assert [told(each) for each in found] == [(1, 0, 0), (1, 0, 0), (1, 0, 1), (1, 0, 1)]
    assert [each.total for each in found] == [1, 1, 2, 2]


def test_what_was_removed_counts_until_then() -> None:
    life = Life([PoolEntry(TRACKS[0], Tier.CONFIRMED)])
    change = moved(life.pool, TRACKS[0], Tier.REMOVED, EpochMs(1_000))
    assert life.write(change) is not None
    life.receipts[0] = replace(life.receipts[0], at_ms=EpochMs(13_000))
    found = course(life.pool.entries.values(), life.receipts, days(4, 16_000))
    assert [told(each) for each in found] == [(1, 0, 0), (1, 0, 0), (1, 0, 0), (0, 0, 0)]


def test_no_days_give_no_counts() -> None:
    assert course([], [], []) == []
