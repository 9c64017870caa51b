"""Looking for rows, some at a time: what is found, where to go on, and the end, on every database."""

import logging

import pytest

from moodroom_hub.core.events import Listen, Skipped
from moodroom_hub.core.store import Change, Store
from moodroom_hub.domain.models import HOME, EpochMs, Receipt, RoomSlug
from tests.core.store.builders import HOUSE, Spot, listen, receipt, skipped

RAGE = RoomSlug("rage")


def anything(_: str) -> bool:
    return True


def any_receipt(_: Receipt, __: int | None) -> bool:
    return True


def any_listen(_: Listen) -> bool:
    return True


async def test_receipts_some_at_a_time(store: Store) -> None:
    rows = (receipt(1), receipt(2, room=RAGE), receipt(3), receipt(4, undoes=(3,)), receipt(5, undoes=(4,)))
    await store.commit(Change(receipts=rows))

    async def look(before: int | None, limit: int, rows: int, **named: RoomSlug) -> tuple[list[int], int | None, int]:
        scanned = await store.look_for_receipts(anything, any_receipt, before=before, limit=limit, rows=rows, **named)
        return [one.id for one, _ in scanned.found], scanned.next, scanned.looked_at

    assert await look(None, 9, 2) == ([5, 4], 4, 2)
    assert await look(4, 1, 9) == ([3], 3, 1)
    assert await look(3, 9, 9) == ([2, 1], None, 2)
    assert await look(2, 1, 9) == ([1], None, 1)
    assert await look(1, 9, 9) == ([], None, 0)
    assert await look(None, 9, 9, room=RAGE) == ([2], None, 1)
    assert await look(None, 9, 9, room=RoomSlug("a\ud800")) == ([], None, 0)


async def test_who_undid_a_receipt_is_known_to_the_search(store: Store) -> None:
    rows = (receipt(1), receipt(2), receipt(3, undoes=(1,)), receipt(4, undoes=(2,)), receipt(5, undoes=(4,)))
    await store.commit(Change(receipts=rows))
    seen: dict[int, int | None] = {}

    def note(one: Receipt, undone_by: int | None) -> bool:
        seen[one.id] = undone_by
        return undone_by is None

    scanned = await store.look_for_receipts(anything, note, before=3, limit=9, rows=9)
    assert scanned.found == [(receipt(2), None)]
    assert seen == {2: None, 1: 3}
    await store.look_for_receipts(anything, note, limit=9, rows=9)
    assert seen == {1: 3, 2: None, 3: None, 4: 5, 5: None}


async def test_listens_some_at_a_time_and_since_a_moment(store: Store) -> None:
    await store.commit(Change(events=tuple(skipped(number) for number in range(1, 8))))
    scanned = await store.look_for_listens(anything, any_listen, limit=2, rows=9)
    assert ([row_id for row_id, _, _ in scanned.found], scanned.next) == ([7, 6], 6)
    assert scanned.found[0] == (7, HOME, listen(7))
    scanned = await store.look_for_listens(
        anything, lambda heard: heard.track == listen(2).track, before=6, limit=2, rows=9
    )
    assert ([row_id for row_id, _, _ in scanned.found], scanned.next, scanned.looked_at) == ([2], None, 5)
    scanned = await store.look_for_listens(lambda _: False, any_listen, limit=2, rows=3)
    assert (scanned.found, scanned.next) == ([], 5)

    taken: list[Listen] = []
    assert await store.fold_history(None, EpochMs(12_000), 4, taken.append) == 4
    assert await store.fold_history(4, EpochMs(12_000), 4, taken.append) is None
    assert taken == [listen(number) for number in range(7, 0, -1)]
    assert await store.fold_history(None, EpochMs(12_001), 4, taken.append) is None
    assert len(taken) == 7


async def test_a_row_that_cannot_be_read_is_passed_over(spot: Spot, caplog: pytest.LogCaptureFixture) -> None:
    store = spot.store()
    await store.open()
    try:
        events: tuple[Skipped, ...] = (skipped(1), skipped(2), skipped(3))
        await store.commit(Change(events=events, receipts=(receipt(1), receipt(2))))
        spot.sql("UPDATE history SET listen = 'no JSON' WHERE id = 2")
        spot.sql("UPDATE receipt SET receipt = '{}' WHERE id = 2")
        with caplog.at_level(logging.WARNING):
            listens = await store.look_for_listens(anything, any_listen, limit=9, rows=9)
            receipts = await store.look_for_receipts(anything, any_receipt, limit=9, rows=9)
            taken: list[Listen] = []
            assert await store.fold_history(None, EpochMs(0), 9, taken.append) is None
    finally:
        await store.close()
    assert [row_id for row_id, _, _ in listens.found] == [3, 1]
    assert receipts.found == [(receipt(1), None)]
    assert taken == [listen(3), listen(1)]
    assert caplog.text.count("cannot be read") == 2
    assert HOUSE in str(receipts.found[0][0].room)
