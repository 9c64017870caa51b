"""Every receipt can be found and taken back, and one stays where one was."""

from dataclasses import replace

import pytest

from moodroom_hub.core.errors import MoodroomError, Trouble, TroubleCode
from moodroom_hub.domain.models import Receipt, ReceiptKind, RoomSlug, Tier
from moodroom_hub.plugins.status_page.receipts_page import receipt_line
from tests.plugins.status_page.conftest import HTML, Site
from tests.plugins.status_page.fake_hub import HOUSE, LATE_NIGHT, track
from tests.plugins.status_page.test_pages import HOSTILE, Page, open_page, shape


def listed(page: Page) -> list[str]:
    """The receipts on the page, by their ids."""
    return [str(attributes["id"]) for tag, attributes in page.tags if str(attributes.get("id")).startswith("receipt-")]


def change(site: Site, number: int, **changes: object) -> Receipt:
    """Receipt ``number`` with other values."""
    new = replace(site.hub.receipt_list[number - 1], **changes)  # type: ignore[arg-type]  # tests name real fields
    site.hub.receipt_list[number - 1] = new
    return new


async def test_newest_first_with_what_was_heard_and_what_it_moved(site: Site) -> None:
    site.hub.add_receipts(3)
    change(site, 3, why="first skip · at 0:12 of 3:42 · CONFIRMED → SAFE_SIDE")
    change(site, 2, before=None, why="by hand")
    await site.hub.undo(1)
    page = await open_page(site, "/receipts")
    assert listed(page) == ["receipt-4", "receipt-3", "receipt-2", "receipt-1"]
    for words in (
        "first skip · at 0:12 of 3:42 · CONFIRMED → SAFE_SIDE", "by hand · not in the pool → SAFE_SIDE",
        "Song 3 by Artist 3", "undone by 4", "Late Night",
    ):  # fmt: skip
        assert words in page.text, words
    assert page.forms() == ["/receipts", *(f"/receipts/{number}/undo" for number in (4, 3, 2))]


async def test_pages_of_fifty(site: Site) -> None:
    site.hub.add_receipts(120)
    page = await open_page(site, "/receipts")
    links = [str(attributes["href"]) for tag, attributes in page.tags if tag == "a" and attributes.get("rel") == "next"]
    assert (len(listed(page)), links) == (50, ["/receipts?before=71"])
    page = await open_page(site, "/receipts?before=71")
    assert listed(page)[0] == "receipt-70"
    page = await open_page(site, "/receipts?before=21")
    assert len(listed(page)) == 20
    assert not any(attributes.get("rel") == "next" for _, attributes in page.tags)
    assert any(attributes.get("href") == "/receipts" for tag, attributes in page.tags if tag == "a")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=deja+VU", [3]),
        ("q=song+artist+2", [2]),
        ("room=house", [2]),
        ("kind=COMPLETED", [2]),
        ("undoable=1", [5, 4, 3, 2]),
        ("room=late-night&kind=SKIPPED&undoable=true", [4, 3]),
        ("q=nothing", []),
        ("q=&room=&kind=", [5, 4, 3, 2, 1]),
    ],
)
async def test_search(site: Site, query: str, found: list[int]) -> None:
    site.hub.add_receipts(4)
    change(site, 2, room=HOUSE, kind=ReceiptKind.COMPLETED)
    change(site, 3, track=track(3, "Déjà Vu"))
    await site.hub.undo(1)
    page = await open_page(site, f"/receipts?{query}")
    assert listed(page) == [f"receipt-{number}" for number in found]


async def test_an_undo_comes_back_to_the_same_page_and_search(site: Site) -> None:
    site.hub.add_receipts(60)
    address = "/receipts?q=song&undoable=1&before=55"
    page = await open_page(site, address)
    backs = {attributes["value"] for tag, attributes in page.tags if attributes.get("name") == "back"}
    assert backs == {address}
    answer = await site.post("/receipts/54/undo", data={"back": address}, headers=HTML)
    assert answer.headers["Location"].startswith(f"{address}&said=")
    page = await open_page(site, answer.headers["Location"])
    assert "Undone: Song 54 is back where it was (SAFE_SIDE → CONFIRMED)." in page.text
    assert "receipt-54" not in listed(page)
    assert "Undone:" not in (await open_page(site, address)).text
    site.hub.fail["undo"] = Trouble(TroubleCode.CONFLICT, "It was undone already.")
    answer = await site.post("/receipts/54/undo", data={"back": address}, headers=HTML)
    assert "It was undone already." in (await open_page(site, answer.headers["Location"])).text


async def test_a_group_is_undone_at_once(site: Site) -> None:
    site.hub.add_receipts(4)
    for number in (2, 3, 4):
        change(site, number, group="past-2026-11-21-1" if number > 2 else "past <b>/..")
    page = await open_page(site, "/receipts")
    assert page.forms().count("/receipts/groups/past-2026-11-21-1/undo") == 1
    assert "/receipts/groups/past%20%3Cb%3E%2F../undo" in page.forms()
    path = "/receipts/groups/past-2026-11-21-1/undo"
    answer = await site.post(path, data={"back": "/receipts"}, headers=HTML)
    page = await open_page(site, answer.headers["Location"])
    assert "Undone: 2 tracks are back where they were." in page.text
    assert set(site.hub.undone) == {3, 4}
    site.hub.fail["undo_group"] = Trouble(TroubleCode.NOT_FOUND, "There is no such group of receipts.")
    answer = await site.post("/receipts/groups/nothing/undo", data={}, headers=HTML)
    assert "no such group" in (await open_page(site, answer.headers["Location"])).text


async def test_what_a_room_left_behind_cannot_be_undone(site: Site) -> None:
    site.hub.add_receipts(1)
    change(site, 1, room=RoomSlug("attic"))
    page = await open_page(site, "/receipts")
    assert "its room is gone" in page.text
    assert page.forms() == ["/receipts"]


@pytest.mark.parametrize(
    "query", ["room=attic", "kind=BEST", "undoable=maybe", "before=x", f"before={10**20}", "q=%1b"]
)
async def test_a_bad_query_is_a_page_that_says_so(site: Site, query: str) -> None:
    answer = await site.get(f"/receipts?{query}", headers=HTML)
    assert answer.status == 400
    assert Page(await answer.text()).text.count(query.partition("=")[0]) >= 1


async def test_titles_are_never_markup(site: Site) -> None:
    site.hub.add_receipts(1)
    change(site, 1, group="group")
    expected = shape(await open_page(site, "/receipts"))
    for title in HOSTILE:
        change(site, 1, track=replace(track(1, title), artists=(title,)), why=title, group=title)
        assert shape(await open_page(site, "/receipts")) == expected


async def test_an_empty_book_and_a_database_that_is_away(site: Site) -> None:
    assert "Nothing was learned yet." in (await open_page(site, "/receipts")).text
    site.hub.fail["find_receipts"] = MoodroomError("The database is locked.")
    answer = await site.get("/receipts", headers=HTML)
    assert answer.status == 503
    assert "The database is locked." in Page(await answer.text()).text


async def test_the_api_searches_too(site: Site) -> None:
    site.hub.add_receipts(60)
    change(site, 7, track=track(7, "Déjà Vu"), room=HOUSE)

    async def ids(query: str) -> tuple[list[int], int | None]:
        told = await (await site.get(f"/api/receipts?{query}")).json()
        return [each["id"] for each in told["receipts"]], told["next"]

    assert await ids("q=deja") == ([7], None)
    assert await ids("room=house&kind=SKIPPED") == ([7], None)
    assert await ids("q=song&limit=2&before=8") == ([6, 5], 5)
    assert (await ids("limit=1"))[0] == [60]
    for query in ("room=attic", "kind=BEST", "undoable=2", "q=%00"):
        assert (await site.get(f"/api/receipts?{query}")).status == 400


def test_the_line_of_a_receipt_names_the_move_once(site: Site) -> None:
    site.hub.add_receipts(1)
    receipt = site.hub.receipt_list[0]
    assert receipt_line(replace(receipt, why="")) == "CONFIRMED → SAFE_SIDE"
    assert receipt_line(replace(receipt, after=None, why="gone")) == "gone · CONFIRMED → not in the pool"
    told = "second skip · at 0:05 · CONFIRMED → SAFE_SIDE"
    assert receipt_line(replace(receipt, why=told, room=LATE_NIGHT)) == told
    assert Tier.SAFE_SIDE in receipt_line(receipt)
