"""What was heard, day by day; what the week taught; and the same for programs."""

from dataclasses import replace
from typing import Any

import pytest

from moodroom_hub.core.errors import MoodroomError
from moodroom_hub.core.face import ListenView
from moodroom_hub.domain.models import (
    HOME,
    Cause,
    EpochMs,
    PoolEntry,
    ReceiptKind,
    RoomSlug,
    Tier,
    VerdictKind,
    ZoneName,
)
from moodroom_hub.plugins.status_page.times import clock_time, full_day, local
from tests.plugins.status_page.conftest import HTML, Site
from tests.plugins.status_page.fake_hub import HOUSE, LATE_NIGHT, listen, track
from tests.plugins.status_page.test_pages import HOSTILE, Page, open_page, shape

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS


def hear(
    site: Site,
    number: int,
    kind: VerdictKind = VerdictKind.COMPLETED,
    cause: Cause = Cause.LISTENER,
    room: RoomSlug | None = LATE_NIGHT,
    hours_ago: int = 0,
    title: str | None = None,
) -> None:
    """One more row of the history; a number below 0 is of the past."""
    at_ms = EpochMs(site.clock.at_ms - hours_ago * HOUR_MS)
    heard = listen(abs(number), kind)
    heard = replace(
        heard,
        track=track(abs(number), title),
        verdict=replace(heard.verdict, cause=cause),
        started_at_ms=EpochMs(at_ms - 12_000),
        ended_at_ms=at_ms,
        room=room,
        tier=None if room is None else heard.tier,
    )
    site.hub.listens.append(ListenView(number, HOME if number > 0 else ZoneName("past"), heard))


def learn(site: Site, room: RoomSlug, before: Tier, after: Tier, days_ago: int = 0, count: int = 1) -> None:
    """So many lessons of that day."""
    for _ in range(count):
        site.hub.add_receipts(1)
        new = site.hub.receipt_list[-1]
        kind = ReceiptKind.SKIPPED if after is Tier.REMOVED else ReceiptKind.COMPLETED
        entries = [PoolEntry(new.track, tier) for tier in (before, after)]
        site.hub.receipt_list[-1] = replace(
            new,
            room=room,
            kind=kind,
            before=entries[0],
            after=entries[1],
            at_ms=EpochMs(site.clock.at_ms - days_ago * DAY_MS),
        )


def shown(page: Page) -> int:
    return sum(attributes.get("class") == "listen" for _, attributes in page.tags)


async def test_listens_day_by_day_with_their_verdicts(site: Site) -> None:
    hear(site, -5, room=None, hours_ago=9_000)
    hear(site, 1, VerdictKind.SKIPPED, hours_ago=30)
    hear(site, 2, VerdictKind.PARTIAL, Cause.TAKEOVER, room=None)
    hear(site, 3)
    page = await open_page(site, "/history")
    now_ms = site.clock.at_ms
    for words in (
        full_day(local(now_ms).date()), full_day(local(now_ms - 9_000 * HOUR_MS).date()),
        clock_time(now_ms), "Song 3 by Artist 3", "heard 0:12 of 3:20", "completed", "skipped", "partial",
        "you put on something of your own", "not one of the hub's", "before the hub",
    ):  # fmt: skip
        assert words in page.text, words
    assert shown(page) == 4
    assert page.text.index("Song 3") < page.text.index("Song 2") < page.text.index("Song 1") < page.text.index("Song 5")


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 50),
        ("before=11", 13),
        ("room=house", 1),
        ("verdict=SKIPPED", 1),
        ("q=DEJA", 1),
        ("q=zzz", 0),
        ("before=-1", 2),
    ],
)
async def test_pages_and_search(site: Site, query: str, count: int) -> None:
    for number in range(1, 101):
        hear(site, number)
    hear(site, 101, VerdictKind.SKIPPED, room=HOUSE, title="Déjà Vu")
    for number in (-1, -2, -3):
        hear(site, number, room=None, hours_ago=100 - number)
    page = await open_page(site, f"/history?{query}")
    assert shown(page) == count
    has_more = any(attributes.get("rel") == "next" for _, attributes in page.tags)
    assert has_more is (query == "")


async def test_the_week_per_room(site: Site) -> None:
    learn(site, LATE_NIGHT, Tier.DISCOVERY, Tier.SAFE_SIDE, count=2)
    learn(site, LATE_NIGHT, Tier.SAFE_SIDE, Tier.REMOVED, days_ago=1)
    learn(site, HOUSE, Tier.SAFE_SIDE, Tier.REMOVED, days_ago=6, count=3)
    learn(site, HOUSE, Tier.SAFE_SIDE, Tier.REMOVED, days_ago=7)
    hear(site, 1, VerdictKind.SKIPPED)
    hear(site, 2)
    hear(site, 3)
    hear(site, 4, VerdictKind.PARTIAL, Cause.HUB_DOWN)
    hear(site, 5, hours_ago=24 * 8)
    page = await open_page(site, "/history")
    for words in (
        "listens 4", "heard to the end 67 %", "ended by the hub, or nobody knows 1", "2 up · 0 down · 1 removed",
        "0 up · 0 down · 3 removed", "1 skip before 0:30, of 3 listens", "2 of 2 discoveries stayed",
    ):  # fmt: skip
        assert words in page.text, words
    labels = [attributes["aria-label"] for tag, attributes in page.tags if tag == "svg" and "aria-label" in attributes]
    assert labels == [
        "Late Night, seven days: 2 up, 0 down, 1 removed",
        "House, seven days: 0 up, 0 down, 3 removed",
    ]
    bars = [attributes["class"] for tag, attributes in page.tags if tag == "rect"]
    assert bars == ["bar bar-removed", "bar bar-up", "bar bar-removed"]


async def test_an_undone_lesson_leaves_the_week(site: Site) -> None:
    learn(site, LATE_NIGHT, Tier.SAFE_SIDE, Tier.REMOVED)
    assert "0 up · 0 down · 1 removed" in (await open_page(site, "/history")).text
    await site.hub.undo(1)
    assert "0 up · 0 down · 1 removed" not in (await open_page(site, "/history")).text


@pytest.mark.parametrize("query", ["room=attic", "verdict=BEST", "before=x", "q=%07", "before="])
async def test_a_bad_query_is_a_page_that_says_so(site: Site, query: str) -> None:
    answer = await site.get(f"/history?{query}", headers=HTML)
    assert answer.status == 400
    assert query.partition("=")[0] in Page(await answer.text()).text


async def test_titles_are_never_markup(site: Site) -> None:
    hear(site, 1)
    expected = shape(await open_page(site, "/history"))
    for title in HOSTILE:
        site.hub.listens.clear()
        hear(site, 1, title=title)
        assert shape(await open_page(site, "/history")) == expected


async def test_figures_that_cannot_be_had_leave_the_listens(site: Site) -> None:
    hear(site, 1)
    site.hub.fail["insight"] = MoodroomError("The database is busy.")
    page = await open_page(site, "/history")
    assert "The database is busy." in page.text
    assert shown(page) == 1


async def test_the_api_tells_the_same(site: Site) -> None:
    learn(site, LATE_NIGHT, Tier.DISCOVERY, Tier.SAFE_SIDE)
    hear(site, 1, VerdictKind.SKIPPED)
    answer = await site.get("/api/insight?days=3")
    told: dict[str, Any] = await answer.json()
    room = told.pop("rooms")[0]
    assert told == {
        "first_day": "2025-11-19", "last_day": "2025-11-21",
        "listens": 1, "completed": 0, "skipped": 1, "uncertain": 0,
    }  # fmt: skip
    assert [day["up"] for day in room.pop("taught")] == [0, 0, 1]
    assert room == {
        "room": "late-night", "listens": 1, "completed": 0, "skips": 1,
        "discoveries_settled": 1, "discoveries_stayed": 1,
    }  # fmt: skip
    assert len((await (await site.get("/api/insight")).json())["rooms"][1]["taught"]) == 7
    for days in ("0", "91", "x"):
        assert (await site.get(f"/api/insight?days={days}")).status == 400
