"""Plays, deliveries and findings in both databases: what goes in comes out, page by page, and by way of the indexes."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest
from sqlalchemy import event

from moodroom_hub.core.played import PlaySearch, PlayView
from moodroom_hub.core.store import Change, Store
from moodroom_hub.domain.models import HOME, DurationMs, EpochMs, ZoneName
from moodroom_hub.domain.plays.models import DeliveryStatus, Edit, Play
from tests.core.store.builders import delivery, play, track

KITCHEN = ZoneName("kitchen")
NOW = EpochMs(1_000)
WAITING, SENDING, SENT = DeliveryStatus.WAITING, DeliveryStatus.SENDING, DeliveryStatus.SENT
DEAD, LEFT_OUT = DeliveryStatus.DEAD, DeliveryStatus.LEFT_OUT


def ids(views: list[PlayView]) -> list[int]:
    """Their ids, in order."""
    return [view.play.id for view in views]


async def found(store: Store, **wanted: object) -> list[int]:
    """The ids of the plays that are so."""
    return ids((await store.plays.find(PlaySearch(**wanted), 50, None))[0])  # type: ignore[arg-type] # by name, for short


async def test_a_play_comes_back_and_a_repetition_changes_nothing(store: Store) -> None:
    first = play(1)
    await store.commit(Change(plays=(first, play(2, zone=KITCHEN, twin_of=1))))
    await store.commit(Change(plays=(replace(first, why="told otherwise"), play(3, 2))))
    assert await store.plays.get(1) == PlayView(first, (), (2,))
    assert await store.plays.get(2) == PlayView(play(2, zone=KITCHEN, twin_of=1), (), (1,))
    assert await store.plays.get(9) is None
    assert (await store.last_ids()).play == await store.plays.last_id() == 3


async def test_twins_of_twins_know_each_other(store: Store) -> None:
    twins = (play(1), play(2, twin_of=1), play(3, zone=KITCHEN, twin_of=1), play(4, 2))
    await store.commit(Change(plays=twins))
    views, _ = await store.plays.find(PlaySearch(with_twins=True), 9, None)
    assert [(view.play.id, view.twins) for view in views] == [(4, ()), (3, (1, 2)), (2, (1, 3)), (1, (2, 3))]


async def test_what_counted_since_then_comes_oldest_first(store: Store) -> None:
    await store.commit(Change(plays=(play(3), play(1), play(2, twin_of=1))))
    assert [each.id for each in await store.recent_plays(EpochMs(120_000))] == [2, 3]
    assert await store.recent_plays(EpochMs(180_001)) == []


async def test_hostile_names_are_kept_as_far_as_a_database_can(store: Store) -> None:
    hostile = replace(
        play(1), track=track(1, "\ud800 \x00 '; DROP TABLE play; --"), zone=ZoneName("a\x00b"), why="\udfff"
    )
    await store.commit(Change(plays=(hostile,)))
    view = await store.plays.get(1)
    assert view is not None
    assert "DROP TABLE" in view.play.track.name
    assert await found(store, zone=ZoneName("a\x00b")) == [1]


async def test_pages_hold_every_play_once(store: Store) -> None:
    await store.commit(
        Change(plays=tuple(play(number, twin_of=7 if number % 5 == 0 else None) for number in range(1, 31)))
    )
    seen, before = [], None
    while True:
        views, before = await store.plays.find(PlaySearch(), 7, before)
        seen += ids(views)
        if before is None:
            break
    assert seen == [number for number in range(30, 0, -1) if number % 5]
    assert await store.plays.find(PlaySearch(), 24, None) == (
        (await store.plays.find(PlaySearch(), 50, None))[0],
        None,
    ), "a page that is just full is the last one"


async def test_a_search_finds_what_is_so(store: Store) -> None:
    await store.commit(Change(plays=(play(1), play(2, zone=KITCHEN), play(3), play(4, twin_of=3))))
    await store.plays.plan(
        [delivery(1, "lastfm", SENT), delivery(1, "listenbrainz", DEAD), delivery(2, "lastfm", DEAD)]
    )
    assert await found(store) == [3, 2, 1]
    assert await found(store, with_twins=True) == [4, 3, 2, 1]
    assert await found(store, zone=KITCHEN) == [2]
    assert await found(store, status=DEAD) == [2, 1]
    assert await found(store, status=DEAD, target="lastfm") == [2]
    assert await found(store, status=SENT) == [1]
    assert await found(store, target="listenbrainz") == [1]
    assert await found(store, target="nowhere") == []
    assert await found(store, since_ms=EpochMs(120_000), until_ms=EpochMs(180_000)) == [2]


async def test_what_is_planned_already_stays_as_it_is(store: Store) -> None:
    await store.commit(Change(plays=(play(1),)))
    await store.plays.plan([delivery(1)])
    await store.plays.settle([delivery(1, status=SENT)])
    await store.plays.plan([delivery(1), delivery(1, "listenbrainz")])
    await store.plays.plan([])
    view = await store.plays.get(1)
    assert view is not None
    assert [(each.target, each.status) for each in view.deliveries] == [("lastfm", SENT), ("listenbrainz", WAITING)]
    counts = await store.plays.counts()
    assert counts["lastfm"] == {WAITING: 0, SENDING: 0, SENT: 1, DEAD: 0, LEFT_OUT: 0}
    assert list(counts) == ["lastfm", "listenbrainz"]


async def test_what_is_due_is_the_oldest_play_first_with_just_that_delivery(store: Store) -> None:
    await store.commit(Change(plays=tuple(play(number) for number in range(1, 6))))
    planned = [delivery(number, next_try_ms=0) for number in (5, 3, 1)]
    late, elsewhere, unknown = delivery(2, next_try_ms=2_000), delivery(1, "listenbrainz"), delivery(99)
    await store.plays.plan([*planned, late, elsewhere, unknown])
    due = await store.plays.due("lastfm", NOW, 2, WAITING)
    assert [(view.play.id, view.deliveries) for view in due] == [(1, (delivery(1),)), (3, (delivery(3),))]
    assert ids(await store.plays.due("lastfm", EpochMs(2_000), 9, WAITING)) == [1, 2, 3, 5]
    await store.plays.settle([delivery(1, status=SENDING)])
    assert ids(await store.plays.due("lastfm", NOW, 9, SENDING)) == [1]


async def test_a_delivery_that_comes_before_its_play_is_due_with_it(store: Store) -> None:
    await store.plays.plan([delivery(1)])
    assert await store.plays.due("lastfm", NOW, 9, WAITING) == []
    await store.commit(Change(plays=(play(1),)))
    assert ids(await store.plays.due("lastfm", NOW, 9, WAITING)) == [1]


async def test_settling_loses_nothing_that_a_person_said_meanwhile(store: Store) -> None:
    await store.commit(Change(plays=(play(1), play(2), play(3))))
    edit = Edit(artist="Daft Punk")
    await store.plays.plan([delivery(1, edit=edit), delivery(2, status=LEFT_OUT), delivery(3, status=LEFT_OUT)])
    newer = Edit(name="One More Time")
    await store.plays.settle([delivery(1, status=SENDING), delivery(2, status=WAITING), delivery(3, status=SENT)])
    stands = {view.play.id: view.deliveries[0] for view in (await store.plays.find(PlaySearch(), 9, None))[0]}
    assert (stands[1].status, stands[1].edit) == (SENDING, edit)
    assert stands[2].status is LEFT_OUT
    assert stands[3].status is SENT, "what the service has, it has"
    await store.plays.settle([delivery(1, edit=newer)])
    view = await store.plays.get(1)
    assert view is not None
    assert view.deliveries[0].edit == newer


async def test_folding_gives_each_play_that_counts_once(store: Store) -> None:
    await store.commit(Change(plays=tuple(play(number, twin_of=1 if number == 4 else None) for number in range(1, 8))))
    taken: list[Play] = []
    after: int | None = 0
    while after is not None:
        after = await store.plays.fold(EpochMs(120_000), after, 2, taken.append)
    assert [each.id for each in taken] == [2, 3, 5, 6, 7]


async def test_findings_stay_until_they_expire(store: Store) -> None:
    await store.findings.put("facts", "a\x00", "one\x00", NOW, DurationMs(100), 9)
    await store.findings.put("facts", "b", "", NOW, DurationMs(200), 9)
    await store.findings.put("artwork", "b", "picture", NOW, DurationMs(100), 9)
    assert await store.findings.get("facts", ["a\x00", "b", "c"], EpochMs(1_099)) == {"a\x00": "one\ufffd", "b": ""}
    assert await store.findings.get("facts", ["a\x00", "b"], EpochMs(1_100)) == {"b": ""}
    assert await store.findings.get("facts", [f"{number}" for number in range(1_200)], NOW) == {}
    await store.findings.put("facts", "b", "two", NOW, DurationMs(500), 9)
    assert await store.findings.get("facts", ["b"], EpochMs(1_400)) == {"b": "two"}
    assert await store.findings.expire(EpochMs(1_100)) == 2
    assert await store.findings.forget("facts") == 1
    assert await store.findings.forget("facts") == 0


async def test_of_each_kind_only_the_last_ones_stay(store: Store) -> None:
    keep = DurationMs(10_000)
    await store.findings.put("artwork", "0", "other", NOW, keep, 3)
    for number in range(5):
        await store.findings.put("facts", str(number), "x", EpochMs(NOW + number), keep, 3)
    keys = [str(number) for number in range(5)]
    assert set(await store.findings.get("facts", keys, NOW)) == {"2", "3", "4"}
    await store.findings.put("facts", "2", "again", EpochMs(NOW + 9), keep, 3)
    await store.findings.put("facts", "5", "x", EpochMs(0), keep, 2)  # the clock was set back
    assert await store.findings.get("facts", [*keys, "5"], NOW) == {"2": "again", "5": "x"}
    assert await store.findings.get("artwork", ["0"], NOW) == {"0": "other"}


QUESTIONS: dict[str, Callable[[Store], Awaitable[object]]] = {
    "newest": lambda store: store.plays.find(PlaySearch(), 50, 5_000),
    "of a zone": lambda store: store.plays.find(PlaySearch(zone=HOME, with_twins=True), 50, None),
    "dead ones": lambda store: store.plays.find(PlaySearch(status=DEAD), 50, None),
    "sent ones": lambda store: store.plays.find(PlaySearch(status=SENT, target="lastfm"), 50, None),
    "lately": lambda store: store.recent_plays(EpochMs(5)),
    "one": lambda store: store.plays.get(1),
    "due": lambda store: store.plays.due("lastfm", NOW, 50, WAITING),
    "counts": lambda store: store.plays.counts(),
    "folding": lambda store: store.plays.fold(EpochMs(5), 0, 100, lambda _: None),
    "newest id": lambda store: store.plays.last_id(),
    "found out": lambda store: store.findings.get("facts", ["a"], NOW),
    "finding out": lambda store: store.findings.put("facts", "b", "x", NOW, DurationMs(9), 5),
}


@pytest.mark.parametrize("question", QUESTIONS)
async def test_no_question_reads_a_whole_table(sqlite_store: Store, question: str) -> None:
    """However many plays there are: every step of every plan goes by an index."""
    await sqlite_store.commit(Change(plays=(play(1), play(2, twin_of=1))))
    await sqlite_store.plays.plan([delivery(1), delivery(1, "listenbrainz", DEAD)])
    database = sqlite_store._database  # the statements, as they reach the driver
    assert database is not None
    asked: list[tuple[str, object]] = []

    def note(_c: object, _k: object, statement: str, parameters: object, *_: object) -> None:
        asked.append((statement, parameters))

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        await QUESTIONS[question](sqlite_store)
    finally:
        event.remove(database.engine, "before_cursor_execute", note)
    steps = []
    with database.read() as connection:
        for statement, parameters in asked:
            if statement.split()[0] in ("SELECT", "DELETE"):
                plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)  # type: ignore[arg-type] # the driver's own parameters
                steps += [row[3] for row in plan]
    looks = [step for step in steps if step.startswith(("SCAN", "SEARCH")) and "LIST SUBQUERY" not in step]
    assert looks
    assert [step for step in looks if " INDEX " not in step and "anon_" not in step] == []
