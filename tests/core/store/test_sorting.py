"""What the sorter remembers, in both databases: what goes in comes out, and nothing is numbered twice."""

import asyncio
from dataclasses import replace

import pytest

from moodroom_hub.core.ports import Playlist
from moodroom_hub.core.sorting import Heard, VersionStatus, WriteStatus
from moodroom_hub.core.store import Change, Store
from moodroom_hub.core.store.sort_records import KEPT_WRITES
from moodroom_hub.domain.models import EpochMs, Track, Uri, VerdictKind
from moodroom_hub.domain.sorting.models import LabelOrigin, LayerKey
from tests.core.store.builders import (
    CALM,
    MOODS,
    WILD,
    Spot,
    label,
    place,
    skipped,
    track,
    version,
    write,
)

OTHER = LayerKey("other")
LISTED, ROOM = LabelOrigin.PLAYLIST, LabelOrigin.ROOM


async def test_the_newest_label_of_a_song_holds_and_the_last_by_hand_can_be_taken_back(store: Store) -> None:
    listed, moved = label(1, CALM, origin=LISTED), label(1, WILD, origin=LabelOrigin.CORRECTED)
    await store.sorting.put_labels(MOODS, [listed, label(2, CALM)])
    await store.sorting.put_labels(MOODS, [moved, label(3, origin=ROOM)])
    await store.sorting.put_labels(OTHER, [label(1, CALM)])
    assert await store.sorting.labels(MOODS) == [label(2, CALM), moved, label(3, origin=ROOM)]
    assert await store.sorting.take_back_label(MOODS) == moved
    assert await store.sorting.labels(MOODS) == [listed, label(2, CALM), label(3, origin=ROOM)]
    assert await store.sorting.take_back_label(MOODS) == label(2, CALM)
    assert await store.sorting.take_back_label(MOODS) is None
    assert await store.sorting.labels(MOODS) == [listed, label(3, origin=ROOM)]
    assert await store.sorting.labels(OTHER) == [label(1, CALM)]


async def test_what_lists_and_rooms_say_every_day_does_not_pile_up(spot: Spot) -> None:
    store = spot.store()
    await store.open()
    for day in range(1, 4):
        await store.sorting.put_labels(MOODS, [label(1, CALM, origin=LISTED, at_ms=day), label(2, WILD)])
    await store.sorting.put_labels(MOODS, [label(1, WILD, origin=ROOM, at_ms=4), label(1, CALM, origin=LISTED)])
    assert await store.sorting.labels(MOODS) == [label(2, WILD), label(1, CALM, origin=LISTED)]
    await store.close()
    assert spot.sql("SELECT uri, count(*) FROM sort_label GROUP BY uri ORDER BY uri") == [
        (track(1).uri, 1),
        (track(2).uri, 3),
    ]


async def test_places_are_replaced_as_a_whole_in_their_order(store: Store) -> None:
    first = [place(number, CALM) for number in range(1, 1_203)]
    await store.sorting.put_places(MOODS, first)
    await store.sorting.put_places(OTHER, [place(1)])
    assert await store.sorting.places(MOODS) == first
    then = [place(7, WILD), *first[10:600], place(5_000)]
    await store.sorting.put_places(MOODS, then)
    assert await store.sorting.places(MOODS) == then
    await store.sorting.put_places(MOODS, [])
    assert (await store.sorting.places(MOODS), await store.sorting.places(OTHER)) == ([], [place(1)])


async def test_texts_and_numbers_that_no_database_takes_are_mended(store: Store) -> None:
    odd = replace(place(1, CALM, chance=float("nan")), why="\ud800 \x00 '; DROP TABLE sort_place; --")
    strange = replace(label(1, CALM), uri=Uri("spotify:local:\udfff\x00"))
    await store.sorting.put_places(MOODS, [odd, replace(place(2, chance=0.25), why="\ud800")])
    for _ in range(2):
        await store.sorting.put_labels(MOODS, [strange])
    (mended, fraction) = await store.sorting.places(MOODS)
    assert (mended.chance, mended.why) == (0.0, "\ufffd \ufffd '; DROP TABLE sort_place; --")
    assert fraction.chance == 0.25
    assert [each.uri for each in await store.sorting.labels(MOODS)] == ["spotify:local:\ufffd\ufffd"]


async def test_an_adopted_version_replaces_the_one_in_use(store: Store) -> None:
    first = await store.sorting.add_version(version())
    rejected = await store.sorting.add_version(version(status=VersionStatus.REJECTED))
    elsewhere = await store.sorting.add_version(version(OTHER))
    last = await store.sorting.add_version(version(at_ms=2))
    assert [first.id, rejected.id, elsewhere.id, last.id] == [1, 2, 3, 4]
    assert await store.sorting.versions(MOODS) == [last, rejected, replace(first, status=VersionStatus.REPLACED)]
    assert await store.sorting.versions(OTHER) == [elsewhere]


async def test_writes_come_back_and_go_on_over_a_restart(spot: Spot) -> None:
    store = spot.store()
    await store.open()
    first, second = await store.sorting.put_writes([write(1), write(1, WILD)])
    assert [(each.id, each.batch) for each in (first, second)] == [(1, 1), (2, 1)]
    await store.close()
    store = spot.store()
    await store.open()
    done = replace(first, status=WriteStatus.DONE, playlist="p9")
    assert await store.sorting.put_writes([done, write(2), write(2, layer=OTHER, batch=7)]) == [
        done,
        write(2, id=3, batch=3),
        write(2, id=4, layer=OTHER, batch=7),
    ]
    assert await store.sorting.writes(MOODS) == [write(2, id=3, batch=3), second, done]
    assert [each.id for each in await store.sorting.writes(None)] == [4, 3, 2, 1]
    await store.close()


async def test_only_the_newest_writes_of_a_sublist_stay_and_all_that_are_not_finished(sqlite_store: Store) -> None:
    shelf = sqlite_store.sorting
    await shelf.put_writes([write(1), write(1, WILD, status=WriteStatus.DONE)])
    for number in range(KEPT_WRITES + 3):
        await shelf.put_writes([write(number + 1, status=WriteStatus.DONE)])
    left = await shelf.writes(MOODS)
    assert [each.id for each in left] == [*range(KEPT_WRITES + 5, 5, -1), 2, 1]


async def test_two_connections_give_no_number_twice(spot: Spot) -> None:
    one, other = spot.store(5_000), spot.store(5_000)
    await one.open()
    await other.open()
    try:
        given = await asyncio.gather(*(each.sorting.put_writes([write(1)]) for _ in range(10) for each in (one, other)))
        labels = [each.sorting.put_labels(MOODS, [label(number)]) for number in range(10) for each in (one, other)]
        await asyncio.gather(*labels)
        assert sorted(found.id for (found,) in given) == list(range(1, 21))
        assert len(await one.sorting.labels(MOODS)) == 10
    finally:
        await one.close()
        await other.close()


@pytest.mark.parametrize("rows", [2, 50])
async def test_listens_are_counted_by_track_a_few_at_a_time(store: Store, rows: int) -> None:
    def heard(event_id: int, number: int, kind: VerdictKind) -> Change:
        event = skipped(event_id)
        verdict = replace(event.listen.verdict, kind=kind)
        return Change(events=(replace(event, listen=replace(event.listen, track=track(number), verdict=verdict)),))

    kinds = (VerdictKind.SKIPPED, VerdictKind.COMPLETED, VerdictKind.PARTIAL)
    for event_id in range(1, 10):
        await store.commit(heard(event_id, event_id // 5, kinds[event_id % 3]))
    assert await store.sorting.heard(rows) == {track(0).uri: Heard(2, 1), track(1).uri: Heard(1, 2)}


async def test_playlists_come_in_order_with_tracks_that_are_known_already(store: Store) -> None:
    renamed = replace(track(1), name="As it is liked")
    await store.put_playlist(Playlist("b", "Second", "s2"), 2, [track(3), track(1), track(3)])
    await store.put_playlist(Playlist("a", 'First "\x00', "s1"), 1, [])
    known: dict[Uri, Track] = {renamed.uri: renamed}
    empty, full = await store.sorting.own_lists(known)
    assert (empty.id, empty.name, empty.snapshot, empty.tracks) == ("a", 'First "\ufffd', "s1", ())
    assert full.tracks == (track(3), renamed, track(3))
    assert set(known) == {track(1).uri, track(3).uri}


async def test_a_row_that_cannot_be_read_is_left_out(sqlite_spot: Spot) -> None:
    store = sqlite_spot.store()
    await store.open()
    await store.sorting.put_labels(MOODS, [label(1, CALM), label(1, WILD)])
    sqlite_spot.sql("UPDATE sort_label SET label = '{}' WHERE id = 2")
    assert await store.sorting.labels(MOODS) == [label(1, CALM)]
    await store.sorting.put_labels(MOODS, [replace(label(1, WILD), at_ms=EpochMs(9))])
    assert await store.sorting.take_back_label(MOODS) == replace(label(1, WILD), at_ms=EpochMs(9))
    await store.close()
