"""Hostile and odd values go through; rows that somebody broke are set aside."""

import json
import logging
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moodroom_hub.core.store import Change, Store
from moodroom_hub.core.store.codec import Decoder, clean, encode
from moodroom_hub.domain.models import HOME, DurationMs, EpochMs, RoomSlug, Track, Uri, ZoneName
from tests.core.store.builders import (
    HOUSE,
    Spot,
    changed,
    ledger_entry,
    liked,
    listen,
    pool_entry,
    receipt,
    skipped,
    track,
)

# Every code point, the lone surrogates too, which arrive in JSON of services that cut texts.
_ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=40)
_NAMES = [
    "x" * 10_000,
    "nul\x00inside",
    "<script>&'\"\\",
    "％s %s {0}",
    "'; DROP TABLE event; --",
    "🎵 héllo",
    "",
    "\u202e",
]


@pytest.mark.parametrize("name", _NAMES, ids=range(len(_NAMES)))
async def test_any_title_comes_back_as_it_was(store: Store, name: str) -> None:
    hostile = replace(track(), name=name, artists=(name, name), album=name)
    await store.commit(
        Change(
            ledger=(replace(ledger_entry(1), track=hostile, why=name),),
            events=(changed(1, name=name),),
            receipts=(replace(receipt(1), track=hostile, why=name),),
        )
    )
    await store.put_base(HOUSE, [replace(pool_entry(1), track=hostile)], replace=True)
    await store.put_liked([replace(liked(1), track=hostile)])
    assert (await store.ledger(HOME, 1))[0].track == hostile
    assert await store.pending_events() == [changed(1, name=name)]
    assert (await store.room_receipts(HOUSE))[0].why == name
    assert (await store.base(HOUSE))[0].track == hostile
    assert (await store.liked())[0].track == hostile


async def test_half_characters_become_the_sign_for_it(store: Store) -> None:
    await store.commit(Change(events=(changed(1, name="a\ud83dz"), changed(2, name="\ud83c\udfb5"))))
    first, second = await store.pending_events()
    assert first == changed(1, name="a\ufffdz")
    assert second == changed(2, name="🎵"), "two halves are one character"


async def test_names_of_zones_rooms_and_facts_may_be_hostile(store: Store) -> None:
    name = "a\x00b\ud800"
    zone, room, uri = ZoneName(name), RoomSlug(name), Uri(name)
    entry = replace(pool_entry(1), track=replace(track(), uri=uri))
    await store.commit(
        Change(
            zone_states={zone: name},
            facts={name: name},
            ledger=(replace(ledger_entry(1), zone=zone),),
            receipts=(replace(receipt(1), room=room),),
        )
    )
    await store.put_base(room, [entry], replace=True)
    await store.put_liked([replace(liked(1), track=entry.track)])
    assert await store.zone_states() == {ZoneName("a\ufffdb\ufffd"): "a\ufffdb\ufffd"}
    assert await store.fact(name) == "a\ufffdb\ufffd"
    assert len(await store.ledger(zone, 5)) == 1
    assert len(await store.room_receipts(room)) == 1
    assert len(await store.base(room)) == 1
    assert await store.is_liked([uri]) == {uri}
    await store.remove_liked([uri])
    assert await store.liked_count() == 0


async def test_numbers_that_are_none_are_stored_as_missing_and_said(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    odd = replace(track(), duration_ms=DurationMs(float("nan")))  # type: ignore[arg-type]  # the very case
    event = replace(changed(1), track=odd, at_ms=EpochMs(float("inf")))  # type: ignore[arg-type]  # the very case
    heard = replace(listen(), track=odd, ended_at_ms=EpochMs(float("nan")))  # type: ignore[arg-type]  # the very case
    await store.commit(
        Change(
            events=(event, replace(skipped(2), listen=heard)),
            ledger=(replace(ledger_entry(1), track=odd, drawn_at_ms=EpochMs(1.6)),),  # type: ignore[arg-type]  # so
        )
    )
    mended = replace(track(), duration_ms=None)
    assert await store.pending_events() == [
        replace(changed(1), track=mended, at_ms=EpochMs(0)),
        replace(skipped(2), listen=replace(listen(), track=mended, ended_at_ms=EpochMs(0))),
    ]
    assert await store.ledger(HOME, 1) == [replace(ledger_entry(1), track=mended, drawn_at_ms=EpochMs(2))]
    assert "Track.duration_ms was nan" in caplog.text


async def test_a_state_of_any_json_text_comes_back_to_the_letter(store: Store) -> None:
    text = json.dumps({"nan": float("nan"), "half": "\ud800", "nul": "\x00", "big": "x" * 100_000})
    await store.commit(Change(zone_states={HOME: text}))
    assert await store.zone_states() == {HOME: text}


@given(name=_ANY_TEXT, artist=_ANY_TEXT, album=st.none() | _ANY_TEXT)
@settings(max_examples=150, deadline=None)
def test_every_text_survives_encoding_but_for_half_characters(name: str, artist: str, album: str | None) -> None:
    written = encode(Track, replace(track(), name=name, artists=(artist,), album=album))
    written.encode("utf-8")
    assert "\x00" not in written
    found = Decoder().decode(Track, written, "liked", 1)
    assert found is not None
    assert found.name.replace("\x00", "\ufffd") == clean(name)
    assert found.artists == (clean(artist),) or "\x00" in artist
    assert (found.album is None) == (album is None)


@given(text=_ANY_TEXT)
def test_cleaned_text_is_what_every_database_takes(text: str) -> None:
    cleaned = clean(text)
    assert "\x00" not in cleaned
    cleaned.encode("utf-8")
    assert clean(cleaned) == cleaned


@given(titles=st.lists(_ANY_TEXT, min_size=1, max_size=8, unique=True))
@settings(max_examples=15, deadline=None)
def test_any_titles_survive_a_real_file(titles: list[str]) -> None:
    import asyncio

    async def scenario(folder: Path) -> None:
        store = Spot(f"sqlite:///{folder}/moodroom.db", folder).store()
        await store.open()
        try:
            await store.commit(Change(events=tuple(changed(n, name=title) for n, title in enumerate(titles, 1))))
            assert [event.id for event in await store.pending_events()] == list(range(1, len(titles) + 1))
        finally:
            await store.close()

    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(scenario(Path(folder)))


_BROKEN = ["", "{", "null", "[]", '{"id": "one"}', '{"uri": 5}']


@pytest.mark.parametrize("document", _BROKEN, ids=range(len(_BROKEN)))
async def test_a_broken_row_is_set_aside_and_named(
    store: Store, spot: Spot, document: str, caplog: pytest.LogCaptureFixture
) -> None:
    await store.commit(
        Change(
            ledger=(ledger_entry(1), ledger_entry(2)),
            events=(skipped(1), skipped(2)),
            receipts=(receipt(1), receipt(2)),
        )
    )
    await store.put_base(HOUSE, [pool_entry(1), pool_entry(2)], replace=True)
    await store.put_liked([liked(1, hours=1), liked(2)])
    for table, column in (
        ("ledger", "entry"),
        ("event", "event"),
        ("history", "listen"),
        ("receipt", "receipt"),
    ):
        spot.sql(f"UPDATE {table} SET {column} = :document WHERE id = 1", document=document)
    for table, column in (("base", "entry"), ("liked", "track")):
        spot.sql(f"UPDATE {table} SET {column} = :document WHERE uri = :uri", document=document, uri=track(1).uri)
    with caplog.at_level(logging.WARNING):
        for _ in range(2):
            assert await store.ledger(HOME, 9) == [ledger_entry(2)]
            assert await store.pending_events() == [skipped(2)]
            assert [row[0] for row in await store.history(9, None)] == [2]
            assert await store.room_receipts(HOUSE) == [receipt(2)]
            assert await store.receipts(9, None) == [(receipt(2), None)]
            assert await store.receipt(1) is None
            assert await store.base(HOUSE) == [pool_entry(2)]
            assert await store.liked() == [liked(2)]
    for table in ("ledger", "event", "history", "receipt", "base", "liked"):
        assert caplog.text.count(f"of table {table} ") == 1, "said once, not at every look"
    assert "Row 1 of table event" in caplog.text


async def test_an_event_of_an_unknown_kind_is_set_aside(
    store: Store, spot: Spot, caplog: pytest.LogCaptureFixture
) -> None:
    await store.commit(Change(events=(skipped(1), skipped(2))))
    spot.sql("UPDATE event SET kind = 'FUTURE' WHERE id = 1")
    assert await store.pending_events() == [skipped(2)]
    assert "Row 1 of table event cannot be read and is set aside: unknown kind 'FUTURE'" in caplog.text


async def test_a_row_of_broken_text_or_of_none_does_not_hide_its_neighbours(
    sqlite_store: Store, sqlite_spot: Spot
) -> None:
    await sqlite_store.commit(Change(ledger=(ledger_entry(1), ledger_entry(2), ledger_entry(3))))
    sqlite_spot.sql("UPDATE ledger SET entry = CAST(x'ff7b22' AS TEXT) WHERE id = 1")
    sqlite_spot.sql("UPDATE ledger SET entry = x'ff00' WHERE id = 2")
    assert await sqlite_store.ledger(HOME, 9) == [ledger_entry(3)]


async def test_documents_of_older_and_newer_hubs_are_read(store: Store, spot: Spot) -> None:
    """A field that came later gets its default; one that is unknown here is left out."""
    await store.commit(Change(ledger=(ledger_entry(1),)))
    document = json.loads(spot.sql("SELECT entry FROM ledger")[0][0])
    del document["is_top_up"], document["why"]
    document["from_the_future"] = 1
    spot.sql("UPDATE ledger SET entry = :document", document=json.dumps(document))
    assert await store.ledger(HOME, 1) == [replace(ledger_entry(1), why="")]
