"""What goes in comes out, the same on SQLite and PostgreSQL, and a repetition changes nothing."""

import threading
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest

from moodroom_hub.core.events import EVENT_TYPES, Completed, Listen, Partial, PlayerBack, RoomActivated
from moodroom_hub.core.store import Change, LastIds, Store, StoreDown
from moodroom_hub.domain.models import HOME, EpochMs, LedgerStatus, RoomSlug, Tier, Uri, VerdictKind, ZoneName
from tests.core.store.builders import (
    HOUSE,
    NOON,
    Spot,
    changed,
    full_change,
    ledger_entry,
    liked,
    listen,
    play,
    pool_entry,
    receipt,
    skipped,
    track,
)

KITCHEN = ZoneName("kitchen")


async def test_an_empty_store_knows_nothing(store: Store) -> None:
    assert await store.last_ids() == LastIds(0, 0, 0)
    assert await store.zone_states() == {}
    assert await store.ledger(HOME, 10) == []
    assert await store.pending_events() == []
    assert await store.events_after(0, 10) == []
    assert await store.fact("x") is None
    assert await store.base(HOUSE) == []
    assert await store.receipt(1) is None
    assert await store.receipts(10, None) == []
    assert await store.history(10, None) == []
    assert await store.liked() == []
    assert await store.newest_liked_at() is None
    assert await store.is_liked([]) == set()
    await store.commit(Change())


async def test_a_change_comes_back_after_a_restart(spot: Spot) -> None:
    first = spot.store()
    await first.open()
    await first.commit(full_change(1))
    await first.close()
    second = spot.store()
    await second.open()
    try:
        assert await second.zone_states() == {HOME: '{"step": 1}'}
        assert await second.ledger(HOME, 5) == [ledger_entry(1)]
        assert await second.pending_events() == [skipped(2), changed(3)]
        assert await second.history(5, None) == [(2, HOME, listen(2))]
        assert await second.receipts(5, None) == [(receipt(1, event_id=2), None)]
        assert await second.fact("last") == "1"
        assert await second.last_ids() == LastIds(event=3, receipt=1, ledger=1)
    finally:
        await second.close()


async def test_a_repeated_change_changes_nothing(store: Store) -> None:
    change = replace(full_change(1), receipts=(receipt(1, event_id=2), receipt(2)))
    await store.commit(change)
    before = dict(await store.statistics())
    await store.commit(change)
    after = dict(await store.statistics())
    assert {name: after[name] for name in after if name != "bytes"} == {
        name: before[name] for name in before if name != "bytes"
    }


async def test_the_newest_state_and_fact_and_ledger_row_count(store: Store) -> None:
    await store.commit(Change(zone_states={HOME: "a", KITCHEN: "b"}, ledger=(ledger_entry(1),), facts={"k": "1"}))
    played = ledger_entry(1, status=LedgerStatus.PLAYED)
    await store.commit(Change(zone_states={HOME: "c"}, ledger=(played,), facts={"k": "2"}))
    assert await store.zone_states() == {HOME: "c", KITCHEN: "b"}
    assert await store.ledger(HOME, 5) == [played]
    assert await store.fact("k") == "2"


async def test_one_entry_twice_in_a_change_is_one_row(store: Store) -> None:
    played = ledger_entry(1, status=LedgerStatus.PLAYED)
    await store.commit(Change(ledger=(ledger_entry(1), played)))
    assert await store.ledger(HOME, 5) == [played]


async def test_the_ledger_is_per_zone_and_gives_the_newest_oldest_first(store: Store) -> None:
    await store.commit(Change(ledger=(*(ledger_entry(n) for n in (3, 1, 2)), ledger_entry(9, KITCHEN))))
    assert [entry.id for entry in await store.ledger(HOME, 2)] == [2, 3]
    assert [entry.id for entry in await store.ledger(KITCHEN, 5)] == [9]


async def test_done_events_are_no_longer_pending_and_stay_for_replay(store: Store) -> None:
    await store.commit(Change(events=(skipped(1), changed(2), changed(3))))
    await store.commit(Change(events=(changed(4),), done=(1, 2, 4, 77)))
    assert [event.id for event in await store.pending_events()] == [3]
    assert [event.id for event in await store.events_after(1, 2)] == [2, 3]
    await store.commit(Change(events=(changed(1),)))
    assert [event.id for event in await store.pending_events()] == [3], "an event that is there stays as it is"


async def test_every_kind_of_event_comes_back_as_itself(store: Store) -> None:
    makers = {
        "listen": listen(),
        "track": track(),
        "position_ms": 5,
        "room": HOUSE,
        "batch": (ledger_entry(1), ledger_entry(2)),
        "reason": "why",
        "receipt": receipt(1),
        "entry": ledger_entry(3),
        "account": "Spotify",
        "days_left": 3,
        "plugin": "mqtt",
        "status": "waiting",
        "play": play(1),
        "to": KITCHEN,
    }
    events = []
    for number, kind in enumerate(EVENT_TYPES.values(), 1):
        wanted = {name: value for name, value in makers.items() if name in kind.__dataclass_fields__}
        events.append(kind(id=number, zone=HOME, at_ms=EpochMs(number), **wanted))
    await store.commit(Change(events=tuple(events)))
    assert await store.pending_events() == events
    assert any(isinstance(event, RoomActivated) and len(event.batch) == 2 for event in events)


async def test_only_verdicts_make_history(store: Store) -> None:
    def heard(number: int, kind: VerdictKind) -> Listen:
        return listen(number, kind)

    events = (
        skipped(1),
        Completed(id=2, zone=KITCHEN, at_ms=EpochMs(2), listen=heard(2, VerdictKind.COMPLETED)),
        Partial(id=3, zone=HOME, at_ms=EpochMs(3), listen=heard(3, VerdictKind.PARTIAL)),
        PlayerBack(id=4, zone=HOME, at_ms=EpochMs(4)),
    )
    await store.commit(Change(events=events))
    assert [(row[0], row[1]) for row in await store.history(10, None)] == [(3, HOME), (2, KITCHEN), (1, HOME)]
    assert [row[0] for row in await store.history(1, 3)] == [2]
    assert (await store.history(1, 2))[0][2] == listen(1)


async def test_one_receipt_per_event_room_and_track(store: Store) -> None:
    await store.commit(Change(receipts=(receipt(1, event_id=5), receipt(2, event_id=5, room=RoomSlug("rage")))))
    await store.commit(Change(receipts=(receipt(3, event_id=5, why="again"), receipt(4), receipt(5))))
    assert [(one.id, undone) for one, undone in await store.receipts(9, None)] == [
        (5, None),
        (4, None),
        (2, None),
        (1, None),
    ]
    assert await store.receipt(1) == receipt(1, event_id=5)
    assert await store.receipt(3) is None
    assert await store.room_receipts(HOUSE) == [receipt(1, event_id=5), receipt(4), receipt(5)]
    assert [one.id for one, _ in await store.receipts(2, 4)] == [2, 1]


async def test_a_receipt_is_never_lost_to_another_one_of_its_id(store: Store) -> None:
    await store.commit(Change(receipts=(receipt(1, 1),)))
    with pytest.raises(ValueError, match="receipt id 1 is taken"):
        await store.commit(Change(receipts=(receipt(1, 2),), facts={"half": "written"}))
    assert await store.fact("half") is None
    assert await store.receipt(1) == receipt(1, 1)


async def test_a_receipt_is_undone_by_the_live_undo(store: Store) -> None:
    undone = dict[int, int | None]
    await store.commit(Change(receipts=(receipt(1), receipt(2), receipt(3, undoes=(1, 2)))))

    async def state() -> undone:
        return {one.id: by for one, by in await store.receipts(10, None)}

    assert await state() == {1: 3, 2: 3, 3: None}
    await store.commit(Change(receipts=(receipt(4, undoes=(3,)),)))
    assert await state() == {1: None, 2: None, 3: 4, 4: None}
    await store.commit(Change(receipts=(receipt(5, undoes=(4,)), receipt(6, undoes=(2,)))))
    assert await state() == {1: 3, 2: 6, 3: None, 4: 5, 5: None, 6: None}


async def test_base_rows_keep_their_order(store: Store) -> None:
    await store.put_base(HOUSE, [pool_entry(n) for n in (3, 1, 2)], replace=False)
    newer = pool_entry(1, Tier.DISCOVERY, "mined again")
    await store.put_base(HOUSE, [pool_entry(4), newer], replace=False)
    await store.put_base(RoomSlug("rage"), [pool_entry(1)], replace=True)
    assert await store.base(HOUSE) == [pool_entry(3), newer, pool_entry(2), pool_entry(4)]
    await store.put_base(HOUSE, [pool_entry(5), pool_entry(2), pool_entry(5, why="twice")], replace=True)
    assert await store.base(HOUSE) == [pool_entry(5, why="twice"), pool_entry(2)]
    assert await store.base(RoomSlug("rage")) == [pool_entry(1)]
    await store.put_base(HOUSE, [], replace=False)
    assert len(await store.base(HOUSE)) == 2
    await store.put_base(HOUSE, [], replace=True)
    assert await store.base(HOUSE) == []


async def test_liked_songs_newest_first(store: Store) -> None:
    assert await store.put_liked([liked(1), liked(2, hours=2), liked(3, hours=1)]) == 3
    assert await store.put_liked([liked(3, hours=1), liked(4, hours=-1), liked(4, hours=-2)]) == 1
    assert await store.put_liked([]) == 0
    assert await store.liked() == [liked(2, hours=2), liked(3, hours=1), liked(1), liked(4, hours=-2)]
    assert await store.liked(2, 1) == [liked(3, hours=1), liked(1)]
    assert await store.liked(offset=3) == [liked(4, hours=-2)]
    assert await store.liked_count() == 4
    assert await store.newest_liked_at() == NOON + timedelta(hours=2)
    unknown = Uri("spotify:track:unknown")
    assert await store.is_liked([track(1).uri, unknown, track(4).uri]) == {track(1).uri, track(4).uri}
    await store.remove_liked([track(1).uri, unknown])
    assert await store.is_liked([track(1).uri]) == set()
    assert await store.liked_count() == 3


async def test_thousands_of_liked_songs(store: Store) -> None:
    many = [liked(number, hours=-number) for number in range(2_000)]
    assert await store.put_liked(many) == 2_000
    assert await store.liked() == many
    uris = [one.track.uri for one in many]
    assert await store.is_liked(uris) == set(uris)
    await store.remove_liked(uris[1:])
    assert await store.liked() == many[:1]


async def test_moments_need_a_time_zone_and_come_back_in_utc(store: Store) -> None:
    with pytest.raises(ValueError, match="time zone"):
        await store.put_liked([replace(liked(1), added_at=datetime(2026, 3, 1))])  # noqa: DTZ001 -- the very case
    zone = timezone(timedelta(hours=5, minutes=30))
    moment = datetime(2026, 3, 1, 1, 2, 3, 456_789, tzinfo=zone)
    await store.put_liked([replace(liked(1), added_at=moment)])
    newest = await store.newest_liked_at()
    assert newest == moment
    assert newest is not None
    assert newest.utcoffset() == timedelta(0)


async def test_pruning_takes_told_events_only_and_ids_go_on_growing(store: Store) -> None:
    events = (skipped(1, at_ms=10), changed(2, at_ms=20), changed(3, at_ms=30), changed(4, at_ms=40))
    await store.commit(Change(events=events, done=(1, 3, 4), receipts=(receipt(1, event_id=1),)))
    assert await store.prune(EpochMs(30)) == 1
    assert [event.id for event in await store.events_after(0, 9)] == [2, 3, 4]
    assert await store.prune(EpochMs(1_000)) == 1
    assert [event.id for event in await store.events_after(0, 9)] == [2, 4]
    assert (await store.last_ids()).event == 4
    assert [row[0] for row in await store.history(9, None)] == [1]
    assert await store.receipt(1) is not None


async def test_ids_of_forgotten_events_are_not_given_again(store: Store, spot: Spot) -> None:
    await store.commit(Change(receipts=(receipt(1, event_id=41),)))
    assert (await store.last_ids()).event == 41
    await store.commit(Change(events=(skipped(42),)))
    spot.sql("DELETE FROM event")
    assert (await store.last_ids()).event == 42


async def test_statistics_count_rows_and_bytes(store: Store) -> None:
    await store.commit(full_change(1))
    found = await store.statistics()
    assert found["rows_event"] == 2
    assert found["rows_receipt"] == 1
    assert found["bytes"] > 4_096


async def test_a_closed_store_says_so_and_leaves_no_thread(spot: Spot) -> None:
    store = spot.store()
    with pytest.raises(StoreDown, match="closed"):
        await store.last_ids()
    before = threading.active_count()
    await store.open()
    await store.open()
    await store.close()
    await store.close()
    assert threading.active_count() == before
    with pytest.raises(StoreDown, match="closed"):
        await store.commit(full_change(1))
    await store.open()
    assert await store.pending_events() == []
    await store.close()
