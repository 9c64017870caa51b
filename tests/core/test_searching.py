"""Searching receipts and listens: every page, whatever the rows, adds up to what a plain look at all of them gives."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest

from moodroom_hub.core import searching
from moodroom_hub.core.events import Completed, Partial, Skipped
from moodroom_hub.core.face import HistoryPage, ReceiptPage
from moodroom_hub.core.insights import Insights
from moodroom_hub.core.past import Past
from moodroom_hub.core.searching import Searching
from moodroom_hub.core.store import Change
from moodroom_hub.domain.models import (
    HOME,
    Cause,
    DurationMs,
    EndInterval,
    EpochMs,
    Listen,
    ListeningRules,
    PoolEntry,
    Receipt,
    ReceiptKind,
    RoomSlug,
    Tier,
    Track,
    Uri,
    Verdict,
    VerdictKind,
)
from moodroom_hub.domain.past.plays import PastPlay
from moodroom_hub.domain.searching import HistorySearch, ReceiptSearch, words
from moodroom_hub.simulator.virtual_time import run_virtual
from tests.core.data_lab import BEGIN, NIGHT, Data, data

HOUSE = RoomSlug("house")
BEGIN_MS = round(BEGIN.timestamp() * 1000)
DAY_MS = 86_400_000
EVENTS: dict[VerdictKind, type[Skipped | Completed | Partial]] = {
    VerdictKind.SKIPPED: Skipped,
    VerdictKind.COMPLETED: Completed,
    VerdictKind.PARTIAL: Partial,
}
NAMES = ("Song", "Déjà Vu", 'He said "kind":"SKIPPED"', "Don't Stop", "\ud800 odd")


def track(number: int) -> Track:
    return Track(Uri(f"spotify:track:{number:022}"), f"{NAMES[number % len(NAMES)]} {number}", (f"Band {number % 7}",))


def listen(number: int, kind: VerdictKind, room: RoomSlug | None, at_ms: int = BEGIN_MS) -> Listen:
    heard = DurationMs(12_000)
    verdict = Verdict(kind, Cause.LISTENER, EndInterval(heard, heard, heard), is_sure=True)
    return Listen(
        track=track(number),
        started_at_ms=EpochMs(at_ms - 12_000),
        ended_at_ms=EpochMs(at_ms),
        verdict=verdict,
        room=room,
        tier=None if room is None else Tier.CONFIRMED,
    )


def receipt(number: int, kind: ReceiptKind, room: RoomSlug, undoes: tuple[int, ...] = ()) -> Receipt:
    what = track(number)
    entries = PoolEntry(what, Tier.CONFIRMED), PoolEntry(what, Tier.SAFE_SIDE)
    at_ms = EpochMs(BEGIN_MS)
    return Receipt(number, room, what, kind, *entries, at_ms, "first skip · CONFIRMED → SAFE_SIDE", undoes=undoes)


@dataclass
class Shelf:
    """What is searched, and everything that was put there."""

    parts: Data
    searching: Searching
    receipts: list[Receipt]
    listens: list[tuple[int, Listen]]
    plays: int


@asynccontextmanager
async def shelf(folder: Path, count: int = 150, plays: int = 0) -> AsyncIterator[Shelf]:
    """A database with random rows."""
    rng = Random(5)
    async with data(folder) as parts:
        receipts, listens = [], []
        for number in range(1, count + 1):
            kind, room = rng.choice(list(ReceiptKind)), rng.choice((NIGHT, HOUSE))
            undoes = (number - 3,) if kind is ReceiptKind.UNDO and number > 3 else ()
            receipts.append(receipt(number, kind, room, undoes))
            heard = listen(number, rng.choice(list(VerdictKind)), rng.choice((NIGHT, HOUSE, None)))
            listens.append((number * 2, heard))
        events = tuple(
            EVENTS[heard.verdict.kind](id=row_id, zone=HOME, at_ms=heard.ended_at_ms, listen=heard)
            for row_id, heard in listens
        )
        await parts.store.commit(Change(events=events, receipts=tuple(receipts)))
        await parts.store.put_past(
            [
                PastPlay(BEGIN_MS - 60_000 * number, 1_000 * number, f"Past {number}", "Drake", reason_end="fwdbtn")
                for number in range(1, plays + 1)
            ]
        )
        past = Past(parts.store, parts.pools, parts.clock, ListeningRules(), (NIGHT, HOUSE))
        yield Shelf(parts, Searching(parts.store, past, (NIGHT, HOUSE)), receipts, listens, plays)


@pytest.fixture(autouse=True)
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few rows at once, so that a small database has many steps."""
    monkeypatch.setattr(searching, "ROWS_AT_FIRST", 5)
    monkeypatch.setattr(searching, "ROWS_AT_ONCE", 13)
    monkeypatch.setattr(searching, "ROWS_AT_MOST", 40)
    monkeypatch.setattr("moodroom_hub.core.insights.ROWS_AT_ONCE", 6)


async def all_receipts(found: Searching, wanted: ReceiptSearch, limit: int) -> tuple[list[int], list[ReceiptPage]]:
    """Page after page, to the end."""
    pages, before = [], None
    while True:
        page = await found.receipts(wanted, limit, before)
        pages.append(page)
        if page.next is None:
            return [view.receipt.id for each in pages for view in each.receipts], pages
        assert before is None or page.next < before
        before = page.next


async def all_listens(found: Searching, wanted: HistorySearch, limit: int) -> tuple[list[int], list[HistoryPage]]:
    """Page after page, to the end."""
    pages, before = [], None
    while True:
        page = await found.history(wanted, limit, before)
        pages.append(page)
        if page.next is None:
            return [view.id for each in pages for view in each.listens], pages
        assert before is None or page.next < before
        before = page.next


@pytest.mark.parametrize("limit", [7, 200])
@pytest.mark.parametrize(
    "wanted",
    [
        ReceiptSearch(),
        ReceiptSearch(room=HOUSE),
        ReceiptSearch(kind=ReceiptKind.SKIPPED),
        ReceiptSearch(undoable=True),
        ReceiptSearch(text="deja vu band"),
        ReceiptSearch(text="dont STOP"),
        ReceiptSearch(text="nothing like it"),
        ReceiptSearch(text="song", room=NIGHT, kind=ReceiptKind.UNDO, undoable=True),
    ],
)
def test_the_pages_of_a_search_are_all_that_fits_and_nothing_else(
    tmp_path: Path, wanted: ReceiptSearch, limit: int
) -> None:
    async def search() -> None:
        async with shelf(tmp_path) as found:
            ids, pages = await all_receipts(found.searching, wanted, limit)
            views = {view.receipt.id: view.undone_by for page in pages for view in page.receipts}
            undone = {row.id: by for row, by in await found.parts.store.receipts(1_000, None)}
            plain = words(wanted.text)
            expected = [
                each.id
                for each in reversed(found.receipts)
                if wanted.room in (None, each.room)
                and wanted.kind in (None, each.kind)
                and not (wanted.undoable and undone[each.id] is not None)
                and plain.are_in_track(each.track)
            ]
            assert ids == expected
            assert views == {each: undone[each] for each in expected}
            assert all(len(page.receipts) <= limit for page in pages)

    run_virtual(search)


@pytest.mark.parametrize("limit", [7, 200])
@pytest.mark.parametrize(
    "wanted",
    [
        HistorySearch(),
        HistorySearch(room=HOUSE),
        HistorySearch(verdict=VerdictKind.SKIPPED),
        HistorySearch(text="DEJA"),
        HistorySearch(text="drake"),
        HistorySearch(text="5", verdict=VerdictKind.PARTIAL),
    ],
)
def test_the_past_follows_the_hub_s_own_listens(tmp_path: Path, wanted: HistorySearch, limit: int) -> None:
    async def search() -> None:
        async with shelf(tmp_path, count=60, plays=45) as found:
            ids, pages = await all_listens(found.searching, wanted, limit)
            plain = words(wanted.text)
            own = [
                row_id
                for row_id, heard in reversed(found.listens)
                if wanted.room in (None, heard.room)
                and wanted.verdict in (None, heard.verdict.kind)
                and plain.are_in_track(heard.track)
            ]
            assert [each for each in ids if each > 0] == own
            past = [view for page in pages for view in page.listens if view.id < 0]
            assert ids[len(own) :] == [view.id for view in past]
            names = [view.listen.track.name for view in past]
            kind_of = {number: "SKIPPED" if number < 30 else "PARTIAL" for number in range(1, 46)}
            assert names == [
                f"Past {number}"
                for number in range(1, 46)
                if wanted.room is None
                and wanted.verdict in (None, kind_of[number])
                and plain.are_in(f"Past {number}", "Drake")
            ]

    run_virtual(search)


def test_a_full_last_page_leads_nowhere(tmp_path: Path) -> None:
    async def search() -> None:
        async with shelf(tmp_path, count=20) as found:
            assert (await found.searching.history(HistorySearch(), 20, None)).next is None
            assert (await found.searching.receipts(ReceiptSearch(), 20, None)).next is None
            assert (await found.searching.history(HistorySearch(), 19, None)).next == 4

    run_virtual(search)


def test_one_search_reads_a_bounded_number_of_rows(tmp_path: Path) -> None:
    async def search() -> None:
        async with shelf(tmp_path) as found:
            page = await found.searching.receipts(ReceiptSearch(text="nothing like it"), 50, None)
            assert (page.receipts, page.next) == ((), 150 - (5 + 3 * 13) + 1)
            rows = await found.searching.history(HistorySearch(text="nothing like it"), 50, None)
            assert (rows.listens, rows.next) == ((), 2 * (150 - (5 + 3 * 13) + 1))

    run_virtual(search)


def test_the_last_days_are_found_without_an_index_even_past_a_late_row(tmp_path: Path) -> None:
    now_ms = BEGIN_MS + 100 * DAY_MS

    async def count() -> None:
        async with data(tmp_path) as parts:
            events: list[Skipped | Completed | Partial] = []
            for number in range(1, 400):
                at_ms = BEGIN_MS + number * DAY_MS // 4
                kind = (VerdictKind.SKIPPED, VerdictKind.COMPLETED)[number % 2]
                events.append(
                    EVENTS[kind](
                        id=number * 5, zone=HOME, at_ms=EpochMs(at_ms), listen=listen(number, kind, NIGHT, at_ms)
                    )
                )
            # The hub was off in the night: what had ended before is written late.
            late = replace(events[-1], id=5_000, listen=listen(1, VerdictKind.SKIPPED, NIGHT, now_ms - 8 * DAY_MS))
            await parts.store.commit(Change(events=(*events, late)))

            class Now:
                def now_ms(self) -> EpochMs:
                    return EpochMs(now_ms)

            insights = Insights(parts.store, parts.pools, Now(), (NIGHT, HOUSE), lambda: UTC)  # type: ignore[arg-type]  # only asked for the moment
            week = await insights.insight(7)
            start_ms = week.days[0].start_ms
            expected = [each for each in events if each.listen.ended_at_ms >= start_ms]
            assert week.listens == len(expected) == 24
            night, house = week.rooms
            assert night.listens == 24
            assert night.skips + night.completed == 24
            assert (house.listens, house.taught[0].day.date) == (0, datetime.fromtimestamp(start_ms / 1000, UTC).date())
            assert (await insights.insight(90)).listens == len(
                [e for e in events if e.at_ms >= now_ms - 89 * DAY_MS]
            ) + 1
            # Kept until something new is heard, and reckoned anew then.
            assert await insights.insight(7) is week
            more = replace(late, id=5_001, listen=listen(2, VerdictKind.SKIPPED, HOUSE, now_ms))
            await parts.store.commit(Change(events=(more,)))
            assert (await insights.insight(7)).rooms[1].skips == 1
            course = await insights.course(NIGHT, 90)
            assert [day.total for day in course] == [0] * 90

    run_virtual(count)
