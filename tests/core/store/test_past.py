"""Plays of the past in both databases: whatever order and portions they come in, the same rows are there."""

import asyncio
from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from moodroom_hub.core.store import Store
from moodroom_hub.core.store.past import PastWritten
from moodroom_hub.domain.past.plays import PastPlay
from tests.core.store.builders import Spot

BEGIN_MS = 1_600_000_020_000  # a whole minute


def rich(second: int, name: str = "A song", heard_ms: int = 9_000) -> PastPlay:
    return PastPlay(
        BEGIN_MS + second * 1000, heard_ms, name, "Somebody", "An album", "spotify:track:" + "1" * 22, "clickrow",
        "fwdbtn", True,
    )  # fmt: skip


def plain(minute: int, name: str = "A song", heard_ms: int = 9_000) -> PastPlay:
    return PastPlay(BEGIN_MS + minute * 60_000, heard_ms, name, "Somebody", is_minute=True)


async def stored(store: Store) -> list[PastPlay]:
    return [play for _, play in await store.newest_past(1_000, None)]


async def test_plays_go_in_once_and_come_out_newest_first(store: Store) -> None:
    plays = [rich(second) for second in (1, 90, 5_000)]
    assert await store.put_past(plays) == PastWritten(new=3)
    assert await store.put_past(plays[::-1]) == PastWritten(known=3)
    assert await store.put_past([]) == PastWritten()
    assert await stored(store) == plays[::-1]
    first, second, third = await store.newest_past(9, None)
    assert await store.newest_past(9, first[0]) == [second, third]
    assert await store.newest_past(1, second[0]) == [third]
    assert await store.newest_past(9, 0) == [first, second, third]


async def test_the_richer_form_takes_the_place_of_the_plain_one(store: Store) -> None:
    assert await store.put_past([plain(0), plain(3)]) == PastWritten(new=2)
    assert await store.put_past([rich(12)]) == PastWritten(known=1, enriched=1)
    assert await stored(store) == [plain(3), rich(12)]
    assert await store.put_past([plain(0)]) == PastWritten(known=1)
    assert await store.put_past([rich(13)]) == PastWritten(new=1)
    assert await store.put_past([plain(4), rich(245), rich(250)]) == PastWritten(new=2, known=1)
    assert await stored(store) == [rich(250), rich(245), plain(3), rich(13), rich(12)]


async def test_two_plays_that_want_one_id_both_get_one(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PastPlay, "first_id", property(lambda play: play.ended_at_ms // 1000 * 2**20 - 2**52))
    plays = [rich(1, name) for name in "ABCDE"]
    for portion in (plays[:2], plays[2:3], plays[3:]):
        assert await store.put_past(portion) == PastWritten(new=len(portion))
    assert await store.put_past(plays) == PastWritten(known=5)
    assert {play.name for play in await stored(store)} == set("ABCDE")


async def test_all_plays_pass_by_in_pages_oldest_first(store: Store) -> None:
    plays = [rich(second) for second in range(7)]
    await store.put_past(plays)
    taken: list[PastPlay] = []
    after: int | None = None
    pages = 0
    while True:
        after = await store.fold_past(after, 3, taken.append)
        pages += 1
        if after is None:
            break
    assert (taken, pages) == (plays, 3)


async def test_the_past_is_no_event_and_moves_no_id(store: Store) -> None:
    await store.put_past([rich(1)])
    assert (await store.last_ids()).event == 0
    assert await store.history(9, None) == []
    assert (await store.statistics())["rows_past_play"] == 1


PLAYS = st.lists(
    st.builds(
        lambda second, name, heard_ms, is_minute: (
            plain(second // 60, name, heard_ms) if is_minute else rich(second, name, heard_ms)
        ),
        st.integers(0, 200) | st.integers(0, 10**6),
        st.sampled_from(["A", "B"]),
        st.sampled_from([0, 9_000]),
        st.booleans(),
    ),
    max_size=14,
)  # fmt: skip


@given(PLAYS, st.data())
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_order_and_any_portions_give_the_same_rows(
    sqlite_spot: Spot, plays: list[PastPlay], data: st.DataObject
) -> None:
    shuffled = data.draw(
        st.permutations([*plays, *data.draw(st.lists(st.sampled_from(plays)) if plays else st.just([]))])
    )
    cut = data.draw(st.integers(0, len(shuffled)))
    at_once = asyncio.run(_rows_after(sqlite_spot, [plays]))
    assert asyncio.run(_rows_after(sqlite_spot, [shuffled[:cut], shuffled[cut:], plays])) == at_once


async def _rows_after(spot: Spot, portions: Sequence[Sequence[PastPlay]]) -> list[tuple[object, ...]]:
    store = spot.store()
    await store.open()
    try:
        spot.sql("DELETE FROM past_play")
        read = new = 0
        for portion in portions:
            written = await store.put_past(portion)
            assert written.new + written.known == len(portion)
            assert written.enriched <= written.known
            read, new = read + len(portion), new + written.new
        rows = [tuple(row) for row in spot.sql("SELECT * FROM past_play ORDER BY key")]
        assert len(rows) == new
        return rows
    finally:
        await store.close()
