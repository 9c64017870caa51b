"""A room's own page: its pool by tier, moved by hand, and everything that looks after it."""

import re
from dataclasses import replace
from urllib.parse import unquote

import pytest

from moodroom_hub.core.errors import MoodroomError, Trouble, TroubleCode
from moodroom_hub.core.miners import (
    AuditReport,
    FlaggedEntry,
    JobKind,
    JobStatus,
    JobView,
    MinerStanding,
    MinerView,
    MiningReport,
)
from moodroom_hub.domain.mining.models import Definition, MiningProgress
from moodroom_hub.domain.mining.plan import RoomPlan
from moodroom_hub.domain.models import Anchor, PoolEntry, ReceiptKind, Room, RoomSlug, Tier
from moodroom_hub.plugins.status_page.queries import own_page
from moodroom_hub.plugins.status_page.room_page import provenance
from tests.plugins.status_page.conftest import HTML, Site
from tests.plugins.status_page.fake_desk import BOTH
from tests.plugins.status_page.fake_hub import HOUSE, LATE_NIGHT, track
from tests.plugins.status_page.test_pages import HOSTILE, Page, open_page, shape

PATH = "/rooms/late-night"


async def submit(site: Site, path: str, **fields: str) -> Page:
    """Send a form as the room's page would; gives the page where it led to."""
    answer = await site.post(path, data={"back": PATH, **fields}, headers=HTML)
    assert answer.status == 303
    assert answer.headers["Location"].startswith(PATH)
    return await open_page(site, answer.headers["Location"])


def rows(page: Page) -> int:
    return sum(str(attributes.get("id", "")).startswith("track-") for _, attributes in page.tags)


async def test_the_page_shows_the_pool_by_tier_with_strikes_and_where_each_came_from(site: Site) -> None:
    pool = site.hub.pools[LATE_NIGHT]
    pool[1] = replace(pool[1], source="mined:local", confidence=0.87, why="slow and late")
    pool[2] = replace(pool[2], since_ms=site.clock.now_ms(), why="first skip · at 0:12 of 3:42 · CONFIRMED → SAFE_SIDE")
    page = await open_page(site, PATH)
    for words in (
        "Late Night", "OVO atmospheric", "All 11", "Confirmed 5", "Safe side 4", "Discovery 1", "Removed 1",
        "Song 1 by Artist 1", "mined by local, 87% sure", "slow and late", "1 strike", "from a file or by hand",
        "first skip · at 0:12 of 3:42", "since the pool was made", "Trophies by Drake", "not here: rage",
        "The last 90 days", "Nothing was learned yet.", "Switch on",
    ):  # fmt: skip
        assert words in page.text, words
    assert "CONFIRMED → SAFE_SIDE" not in page.text
    assert rows(page) == 11
    assert next(attributes for tag, attributes in page.tags if tag == "body")["data-room"] == "late-night"


async def test_a_tier_a_search_and_a_page_of_thousands(site: Site) -> None:
    site.hub.pools[LATE_NIGHT] = [
        PoolEntry(track(number, "Déjà Vu" if number % 100 == 0 else None), list(Tier)[number % 4])
        for number in range(3_000)
    ]
    page = await open_page(site, PATH)
    assert (rows(page), "1 of 60" in page.text) == (50, True)
    page = await open_page(site, f"{PATH}?page=60")
    assert (rows(page), "60 of 60" in page.text) == (50, True)
    assert rows(await open_page(site, f"{PATH}?page=99999")) == 50
    page = await open_page(site, f"{PATH}?q=deja+vu")
    assert (rows(page), "30 tracks found." in page.text) == (30, True)
    page = await open_page(site, f"{PATH}?tier=REMOVED&q=song")
    assert "735 tracks found." in page.text or "750 tracks found." in page.text
    page = await open_page(site, f"{PATH}?q=nothing+like+it")
    assert "Nothing here holds these words." in page.text


async def test_moving_removing_and_restoring_are_receipts(site: Site) -> None:
    uri = track(1).uri
    page = await submit(site, f"{PATH}/move", uri=uri, tier="REMOVED")
    assert "Song 1 is out of the room." in page.text
    assert "by hand · CONFIRMED → REMOVED" in page.text
    page = await submit(site, f"{PATH}/move", uri=uri, tier="DISCOVERY", why="a second chance")
    assert "Song 1 is in DISCOVERY now." in page.text
    assert [call for call in site.hub.calls if call[0] == "move"] == [
        ("move", LATE_NIGHT, uri, Tier.REMOVED, ""),
        ("move", LATE_NIGHT, uri, Tier.DISCOVERY, "a second chance"),
    ]
    assert [receipt.kind for receipt in site.hub.receipt_list] == [ReceiptKind.MOVED] * 2
    page = await submit(site, "/receipts/2/undo")
    assert "Undone: Song 1 is back where it was" in page.text


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"uri": "spotify:track:nobody", "tier": "REMOVED"}, "neither in the room nor liked"),
        ({"uri": track(1).uri, "tier": "CONFIRMED"}, "It is in CONFIRMED already."),
        ({"uri": track(1).uri, "tier": "BEST"}, "tier:"),
        ({"uri": "", "tier": "REMOVED"}, "uri:"),
        ({"tier": "REMOVED"}, "uri:"),
        ({"uri": track(1).uri, "tier": "REMOVED", "why": "x" * 400}, "why:"),
    ],
)
async def test_what_cannot_be_moved_is_told_on_the_page(site: Site, fields: dict[str, str], told: str) -> None:
    page = await submit(site, f"{PATH}/move", **fields)
    assert told in page.text
    assert site.hub.receipt_list == []


@pytest.mark.parametrize("path", ["/rooms/attic", "/rooms/late%20night", "/rooms/..%2f..", "/rooms/<b>"])
async def test_a_room_that_is_not_there_is_a_page_that_says_so(site: Site, path: str) -> None:
    answer = await site.get(path, headers=HTML)
    assert answer.status == 404
    assert "there is no such room" in Page(await answer.text()).text
    assert (await site.post(f"{path}/move", data={}, headers=HTML)).status == 404


@pytest.mark.parametrize(
    "query", ["tier=BEST", "page=0", "page=x", f"q={'x' * 201}", "q=%00", "tier=REMOVED&tier=REMOVED"]
)
async def test_a_bad_query_is_a_page_that_says_so(site: Site, query: str) -> None:
    answer = await site.get(f"{PATH}?{query}", headers=HTML)
    assert answer.status == 400
    assert "expected" in (text := Page(await answer.text()).text) or "more than once" in text


async def test_titles_are_never_markup(site: Site) -> None:
    site.hub.pools[LATE_NIGHT] = [PoolEntry(track(1), Tier.CONFIRMED, why="why", source="mined:local")]
    site.hub.add_receipts(1)
    site.hub.mining.view = audited(site.hub.pools[LATE_NIGHT])
    expected = shape(await open_page(site, PATH))
    for title in HOSTILE:
        what = replace(track(1, title), artists=(title,), album=title)
        site.hub.pools[LATE_NIGHT] = [PoolEntry(what, Tier.CONFIRMED, why=title, source=f"mined:{title}")]
        site.hub.receipt_list[0] = replace(site.hub.receipt_list[0], track=what, why=title)
        site.hub.mining.view = audited(site.hub.pools[LATE_NIGHT], title)
        site.hub.mining.definitions[LATE_NIGHT] = Definition(title, (Anchor(title, title),), (title,))
        assert shape(await open_page(site, PATH)) == expected


async def test_a_room_with_an_odd_name_has_a_page(site: Site) -> None:
    site.hub.add_room(Room(RoomSlug('a"b/c'), "<i>Odd</i>"))
    page = await open_page(site, "/rooms/a%22b%2Fc")
    assert "<i>Odd</i>" in page.text
    assert "The room is empty." in page.text
    assert "/rooms/a%22b%2Fc/move" not in page.forms()
    assert "/rooms/a%22b%2Fc/definition" in page.forms()


async def test_nothing_is_inline(site: Site) -> None:
    for path in (PATH, "/receipts", "/history"):
        for tag, attributes in (await open_page(site, path)).tags:
            assert not any(name.startswith("on") or name == "style" for name in attributes), (tag, attributes)
            assert tag != "style"


async def test_the_words_can_be_rewritten(site: Site) -> None:
    page = await submit(
        site,
        f"{PATH}/definition",
        description=" slow,\r\n late ",
        anchors="Trophies — Drake\r\n\r\nJumpman - Live - Drake & Future\r\n",
        avoid="rage\r\n  party \r\n",
    )
    assert "written down" in page.text
    assert site.hub.mining.definitions[LATE_NIGHT] == Definition(
        "slow, late", (Anchor("Trophies", "Drake"), Anchor("Jumpman - Live", "Drake & Future")), ("rage", "party")
    )
    page = await submit(site, f"{PATH}/definition", description="x", anchors="no artist at all")
    assert "write each as a line of its own" in page.text
    assert site.hub.mining.definitions[LATE_NIGHT].description == "slow, late"


async def test_the_room_is_switched_on_from_its_page(site: Site) -> None:
    page = await submit(site, f"{PATH}/switch-on")
    assert "10 tracks are on their way." in page.text
    assert "Fresh batch" in page.text
    site.hub.fail["activate"] = Trouble(TroubleCode.NO_DEVICE, "Open Spotify somewhere.")
    assert "Open Spotify somewhere." in (await submit(site, f"{PATH}/switch-on")).text


def audited(entries: list[PoolEntry], reason: str = "too loud") -> JobView:
    misfits = tuple(FlaggedEntry(entry, reason, 0.7) for entry in entries[:3])
    return JobView(JobStatus.DONE, JobKind.AUDIT, "local", (LATE_NIGHT,), report=AuditReport(LATE_NIGHT, misfits))


async def test_an_audit_from_its_button_to_each_decision(site: Site) -> None:
    page = await submit(site, f"{PATH}/audit", miner="local")
    (order,) = site.hub.mining.started
    assert (order.kind, order.rooms, order.miner, order.is_held) == (JobKind.AUDIT, (LATE_NIGHT,), "local", False)
    assert "Auditing with local: reading" in page.text
    site.hub.mining.view = replace(site.hub.mining.view, progress=MiningProgress(3, 11))
    page = await open_page(site, PATH)
    assert "3 of 11 tracks" in page.text
    assert any("data-poll" in attributes for _, attributes in page.tags)
    assert "another room" in (await open_page(site, "/rooms/house")).text

    site.hub.mining.view = audited(site.hub.pools[LATE_NIGHT])
    page = await open_page(site, PATH)
    assert "3 tracks seem not to belong here, says local." in page.text
    assert "too loud · 70 % sure" in page.text
    page = await submit(site, f"{PATH}/keep", uri=track(0).uri)
    assert "2 tracks seem not to belong here" in page.text
    assert await site.hub.mining.kept(LATE_NIGHT) == [track(0).uri]
    page = await submit(site, f"{PATH}/move", uri=track(1).uri, tier="REMOVED", why="removed in an audit")
    assert "1 track seems not to belong here" in page.text
    assert "not in the room" in (await submit(site, f"{PATH}/keep", uri="spotify:track:other")).text
    page = await submit(site, f"{PATH}/keep", uri=track(2).uri)
    assert "leaves nothing to decide" in page.text
    assert "seem" not in (await open_page(site, "/rooms/house")).text
    site.hub.mining.view = audited(site.hub.pools[LATE_NIGHT][3:])
    assert "3 tracks seem not to belong here" in (await open_page(site, PATH)).text


async def test_a_mining_shows_the_difference_before_it_is_applied(site: Site) -> None:
    await submit(site, f"{PATH}/mine", miner="local")
    (order,) = site.hub.mining.started
    assert "estimate" not in [call[0] for call in site.hub.calls]
    assert (order.kind, order.rooms, order.is_held) == (JobKind.MINE, (LATE_NIGHT,), True)
    pool = site.hub.pools[LATE_NIGHT]
    plan = RoomPlan(
        LATE_NIGHT, (), tuple(pool[:2]), (pool[3],), ((pool[4], replace(pool[4], tier=Tier.DISCOVERY)),), 3, 100
    )
    report = MiningReport((plan,), notes=("two titles were odd",))
    held = JobView(JobStatus.HELD, JobKind.MINE, "local", (LATE_NIGHT,), report=report)
    site.hub.mining.view = held
    page = await open_page(site, PATH)
    for words in (
        "2 would come, 1 would go, 1 would change their tier", "Would come: 2", "Would go: 1", "two titles were odd",
        "100 stay where they are; 3 stay as listening or a hand decided", "A mining waits for you",
    ):  # fmt: skip
        assert words in page.text, words
    assert "decide on that first" in (await submit(site, f"{PATH}/mine")).text
    assert "waits for you to look" in (await open_page(site, "/rooms/house")).text
    answer = await site.post("/rooms/house/mining/apply", data={}, headers=HTML)
    other = await open_page(site, answer.headers["Location"])
    assert "other work before it" in other.text
    assert ("apply", None) not in site.hub.calls

    page = await submit(site, f"{PATH}/mining/apply")
    assert "Applied." in page.text
    assert "2 tracks came, 1 went, 1 changed their tier." in page.text
    assert "the last mining is taken back" in (await submit(site, f"{PATH}/mining/undo")).text
    site.hub.mining.view = held
    assert "Nothing was changed." in (await submit(site, f"{PATH}/mining/discard")).text


async def test_a_miner_that_costs_is_asked_for_its_price_first(site: Site) -> None:
    site.hub.mining.known = [MinerView("model", BOTH, MinerStanding(is_ready=True, is_paid=True))]
    page = await submit(site, f"{PATH}/mine", miner="model")
    assert "340 tracks would take 4 calls, at about $0.12." in page.text
    assert site.hub.mining.started == []
    site.hub.mining.cost_usd = None
    assert "a price that is not known" in (await submit(site, f"{PATH}/mine", miner="model")).text
    await submit(site, f"{PATH}/mine", miner="model", accepted="true")
    assert [order.is_accepted for order in site.hub.mining.started] == [True]


async def test_a_running_job_can_be_stopped_and_a_failed_one_says_why(site: Site) -> None:
    await submit(site, f"{PATH}/audit")
    assert "Stopped." in (await submit(site, f"{PATH}/mining/cancel")).text
    site.hub.mining.view = JobView(
        JobStatus.FAILED, JobKind.MINE, "model", (LATE_NIGHT,), trouble=Trouble(TroubleCode.UNAVAILABLE, "It is away.")
    )
    assert "It is away." in (await open_page(site, PATH)).text
    site.hub.fail["start"] = Trouble(TroubleCode.CONFLICT, "A mining runs already.")
    assert "A mining runs already." in (await submit(site, f"{PATH}/audit")).text


async def test_without_a_ready_miner_the_page_says_what_is_missing(site: Site) -> None:
    site.hub.mining.known = site.hub.mining.known[1:]
    assert "model is not ready: set plugins.llm_mining.api_key" in (await open_page(site, PATH)).text
    site.hub.mining.known = []
    assert "No miner here can do this." in (await open_page(site, PATH)).text


async def test_a_database_that_is_away_takes_only_the_receipts_along(site: Site) -> None:
    site.hub.fail["find_receipts"] = MoodroomError("The database is locked.")
    page = await open_page(site, PATH)
    assert "The database is locked." in page.text
    assert rows(page) == 11


async def test_the_chart_has_its_numbers_beside_it(site: Site) -> None:
    page = await open_page(site, PATH)
    charts = [attributes for tag, attributes in page.tags if tag == "svg" and attributes.get("role") == "img"]
    assert charts[0]["aria-label"] == "Tracks per tier over 90 days; now 5 confirmed, 4 safe side, 1 discovery"
    paths = [attributes for tag, attributes in page.tags if tag == "path" and "area" in str(attributes.get("class"))]
    assert len(paths) == 3
    assert all(re.fullmatch(r"M[0-9, ]+Z", str(each["d"])) for each in paths)
    site.hub.pools[HOUSE] = []
    assert "Nothing was in this room yet." in (await open_page(site, "/rooms/house")).text


async def test_forms_need_the_page_s_own_origin(site: Site) -> None:
    for path in (f"{PATH}/move", f"{PATH}/definition", f"{PATH}/mine", "/receipts/1/undo", "/receipts/groups/g/undo"):
        answer = await site.ask("POST", path, data={}, headers={"Origin": "https://evil.example", **HTML})
        assert answer.status == 403


@pytest.mark.parametrize(
    ("given", "back"),
    [
        ("/receipts?q=a+b&before=3", "/receipts?q=a+b&before=3"),
        ("/rooms/late-night?tier=REMOVED#care", "/rooms/late-night?tier=REMOVED#care"),
        ("/history", "/history"),
        ("/", "/"),
        ("//evil.example", "/"),
        ("https://evil.example/", "/"),
        ("/\\evil.example", "/"),
        ("/receipts\r\nSet-Cookie: a=b", "/"),
        ("/receipts/../login", "/"),
        ("/rooms/a/b", "/"),
        ("/session", "/"),
        (None, "/"),
    ],
)
def test_a_form_leads_to_the_hub_s_own_pages_only(given: str | None, back: str) -> None:
    assert own_page(given) == back
    assert unquote(back).startswith("/")


def test_where_an_entry_comes_from() -> None:
    what = PoolEntry(track(1), Tier.CONFIRMED)
    assert provenance(replace(what, source="suggested:model", confidence=0.5)) == "suggested by model, 50% sure"
    assert provenance(replace(what, source="mined:local", confidence=0.5, why="50% sure: slow")) == "mined by local"
    assert provenance(replace(what, source="sorter")) == "sorter"
