"""What was played, why it counted, where it stands; and the forms that send again, correct and leave out."""

from dataclasses import replace

import pytest

from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.core.face import PluginStatus, PluginView
from moodroom_hub.core.played import Counted, PlayView
from moodroom_hub.domain.models import DurationMs
from moodroom_hub.domain.plays.models import DeliveryStatus, Edit
from moodroom_hub.plugins.status_page.charts import hour_bars
from moodroom_hub.plugins.status_page.statistics_page import ranks, span_words
from tests.plugins.status_page.conftest import HTML, Site
from tests.plugins.status_page.fake_hub import track
from tests.plugins.status_page.test_pages import HOSTILE, Page, open_page, shape

SENT, WAITING, DEAD = DeliveryStatus.SENT, DeliveryStatus.WAITING, DeliveryStatus.DEAD


def listed(page: Page) -> list[str]:
    """The plays on the page."""
    return [str(attributes["id"]) for tag, attributes in page.tags if str(attributes.get("id")).startswith("play-")]


@pytest.fixture
def played(site: Site) -> Site:
    """Four plays: one sent, one dead, a twin of it, one that waits."""
    plays = site.hub.plays
    plays.add(track(1), lastfm=SENT, listenbrainz=SENT)
    plays.add(track(2), lastfm=DEAD, listenbrainz=SENT)
    plays.add(track(2), "kitchen", twin_of=2)
    plays.add(track(3), "kitchen", lastfm=WAITING)
    plays.views[1] = replace(plays.views[1], twins=(3,))
    return site


async def test_newest_first_with_why_and_where_each_stands(played: Site) -> None:
    page = await open_page(played, "/plays")
    assert listed(page) == ["play-4", "play-2", "play-1"]
    for words in (
        "Song 2 by Artist 2", "Home · Late Night · no. 2", "lastfm dead", "listenbrainz sent", "Kitchen",
        "heard for 1:40, half of it", "rules: spinstack", "the service said no",
        "Another source saw this listen, too: no. 3",
        "1 dead", "Why it counted, and what to send",
    ):  # fmt: skip
        assert words in page.text, words
    assert page.forms() == [
        "/plays/retry", "/plays", "/plays/4/leave_out", "/plays/4/edit", "/plays/2/retry", "/plays/2/leave_out",
        "/plays/2/edit",
    ]  # fmt: skip
    links = {str(attributes.get("href")) for tag, attributes in page.tags if tag == "a"}
    assert {"/plays?twins=1&before=4#play-3", "/plays?target=lastfm&status=dead", "/statistics"} <= links
    twin = await open_page(played, "/plays?twins=1&before=4")
    assert listed(twin)[0] == "play-3"
    assert "Play no. 2 counted; this one is kept, but told and sent nowhere." in twin.text
    assert "the kitchen saw the play 2, too" in twin.text


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("zone=kitchen", [4]),
        ("zone=kitchen&twins=1", [4, 3]),
        ("status=dead", [2]),
        ("status=sent&target=listenbrainz", [2, 1]),
        ("zone=attic", []),
        ("zone=&status=", [4, 2, 1]),
    ],
)
async def test_filters(played: Site, query: str, found: list[int]) -> None:
    assert listed(await open_page(played, f"/plays?{query}")) == [f"play-{number}" for number in found]


async def test_pages_of_fifty_and_bad_queries(site: Site) -> None:
    assert "Nothing counted as played yet." in (await open_page(site, "/plays")).text
    for number in range(60):
        site.hub.plays.add(track(number), lastfm=SENT)
    page = await open_page(site, "/plays?status=sent")
    links = [str(attributes["href"]) for tag, attributes in page.tags if attributes.get("rel") == "next"]
    assert (len(listed(page)), links) == (50, ["/plays?status=sent&before=11"])
    assert len(listed(await open_page(site, links[0]))) == 10
    for query in ("status=best", "before=x", "before=0", "twins=2", "zone=%00", "days=1&before=1&before=2"):
        assert (await site.get(f"/plays?{query}", headers=HTML)).status == 400
    site.hub.fail["plays.find"] = Trouble(TroubleCode.UNAVAILABLE, "The database is away.")
    assert "The database is away." in Page(await (await site.get("/plays", headers=HTML)).text()).text


async def said(site: Site, path: str, **fields: str) -> str:
    """What the page says after that form."""
    back = "/plays?status=dead"
    answer = await site.post(path, data={"back": back, **fields}, headers=HTML)
    assert answer.status == 303
    assert answer.headers["Location"].startswith(f"{back}&")
    page = await open_page(site, answer.headers["Location"])
    return page.text


def standing(view: PlayView) -> dict[str, str]:
    """Where each delivery stands."""
    return {each.target: each.status.value for each in view.deliveries}


async def test_a_dead_one_is_sent_again_corrected_or_left_out(played: Site) -> None:
    plays = played.hub.plays
    assert "1 delivery waits to be sent again" in await said(played, "/plays/2/retry", target="lastfm")
    assert standing(plays.views[1]) == {"lastfm": "waiting", "listenbrainz": "sent"}
    assert "Nothing to send again" in await said(played, "/plays/retry")
    assert "Left out for 1 service." in await said(played, "/plays/2/leave_out", target="lastfm")
    assert standing(plays.views[1])["lastfm"] == "left_out"
    assert "Nothing to leave out" in await said(played, "/plays/2/leave_out")
    assert "Send after all" in await (await played.get("/plays")).text()
    assert "1 delivery waits" in await said(played, "/plays/2/retry", target="lastfm")

    shown = {"name": "Song 3", "artist": "Artist 3", "album": "An Album"}
    assert "Nothing was corrected" in await said(played, "/plays/4/edit", **shown)
    assert "Corrected for 1 service" in await said(played, "/plays/4/edit", **{**shown, "artist": " Daft <Punk> "})
    assert plays.views[3].deliveries[0].edit == Edit(artist="Daft <Punk>")
    page = await open_page(played, "/plays")
    assert any(attributes.get("value") == "Daft <Punk>" for _, attributes in page.tags)
    assert "Corrected" in await said(played, "/plays/4/edit", **{**shown, "artist": "Artist 3", "album": ""})
    assert plays.views[3].deliveries[0].edit == Edit(artist="Artist 3")
    assert "control characters" in await said(played, "/plays/4/edit", name="a\x07b")
    for path in ("/plays/99/edit", "/plays/99/leave_out"):
        assert "no such play" in await said(played, path, name="New")
    assert (await played.post("/plays/x/retry", headers=HTML)).status == 404
    answer = await played.post("/plays/2/retry", data={"back": "//evil.example"}, headers=HTML)
    assert answer.headers["Location"].startswith("/plays?said=")


async def test_the_main_page_tells_of_plays_that_need_a_person(site: Site) -> None:
    assert "Look at the plays" not in (await open_page(site)).text
    site.hub.plays.add(track(1), lastfm=WAITING)
    site.clock.at_ms += 20_000
    assert "Look at the plays" not in (await open_page(site)).text  # it may go any moment
    site.clock.at_ms += 3_700_000
    assert "Waiting for more than an hour: 1 play for lastfm." in (await open_page(site)).text
    site.hub.plays.add(track(2), lastfm=DEAD, listenbrainz=DEAD)
    site.hub.plays.add(track(3), lastfm=DEAD)
    site.clock.at_ms += 20_000
    page = await open_page(site)
    assert "Refused for good: 2 plays for lastfm, 1 play for listenbrainz. Waiting" in page.text
    assert any(attributes.get("href") == "/plays" for _, attributes in page.tags)
    await site.post("/plays/retry", data={}, headers=HTML)
    assert "Refused" not in (await open_page(site)).text  # at once
    site.hub.plugins += (PluginView("scrobbling", PluginStatus.NEEDS_LOGIN, "Last.fm: log in <again>", True),)
    assert "Plays are kept, not sent: Last.fm: log in <again>" in (await open_page(site)).text
    assert "Last.fm: log in <again>" in (await open_page(site, "/plays")).text
    site.hub.fail["plays.targets"] = Trouble(TroubleCode.UNAVAILABLE, "away")
    site.clock.at_ms += 20_000
    assert (await site.get("/", headers=HTML)).status == 200


async def test_statistics(played: Site) -> None:
    page = await open_page(played, "/statistics")
    for words in ("The last 30 days", "Song 1 by Artist 1", "Late Night", "Kitchen", "Plays Heard", "00:00"):
        assert words in page.text, words
    assert ("plays.statistics", 30) in played.hub.calls
    chart = next(attributes for tag, attributes in page.tags if attributes.get("class") == "chart hours")
    assert str(chart["aria-label"]).endswith(", 3 of 3")
    links = [
        (attributes["href"], attributes.get("aria-current"))
        for tag, attributes in page.tags
        if str(attributes.get("href")).startswith("/statistics?")
    ]
    assert links == [("/statistics?days=7", None), ("/statistics?days=30", "page"), ("/statistics?days=365", None)]
    await open_page(played, "/statistics?days=365")
    assert ("plays.statistics", 365) in played.hub.calls
    assert (await played.get("/statistics?days=0", headers=HTML)).status == 400


async def test_nothing_played(site: Site) -> None:
    assert "Nothing counted as played in these days." in (await open_page(site, "/statistics")).text


async def test_titles_are_never_markup(site: Site) -> None:
    plays = site.hub.plays
    plays.add(replace(track(1, "plain"), artists=("plain",)), lastfm=DEAD)
    expected = [shape(await open_page(site, path)) for path in ("/plays", "/statistics")]
    for title in HOSTILE:
        view = plays.views[0]
        play = replace(view.play, track=replace(track(1, title), artists=(title,), album=title), why=title)
        delivery = replace(view.deliveries[0], reason=title)
        plays.views[0] = PlayView(play, (delivery,))
        pages = [await open_page(site, path) for path in ("/plays", "/statistics")]
        assert shape(pages[0]) == expected[0]
        # An artist's name of signs alone is none: it has no line among the figures.
        assert set(shape(pages[1])) <= set(expected[1])
        assert all("\x1b" not in page.text for page in pages)
        # What the page shows of it and gets back is no correction.
        shown = next(attributes["value"] for _, attributes in pages[0].tags if attributes.get("id") == "name-1")
        assert "Nothing was corrected" in await said(site, "/plays/1/edit", name=str(shown).strip())


def test_lines_and_bars() -> None:
    found = [Counted("a", "x", 10, DurationMs(7_500_000)), Counted("b", "y", 1, DurationMs(59_000))]
    first, second = ranks(found, names={"a": "A"})
    assert (first.name, first.share, first.heard, second.share, second.heard) == ("A", 100, "2 h 05 min", 10, "0 min")
    assert ranks(found, paths={"x": "/rooms/x"})[0].path == "/rooms/x"
    assert ranks([]) == []
    assert span_words(-5) == "0 min"
    assert hour_bars((0,) * 24) is None
    bars = hour_bars((0, 100, 1, *(0,) * 21))
    assert bars is not None
    assert [(bar.hour, bar.height, bar.y) for bar in bars.bars] == [(1, 80, 0), (2, 2, 78)]
    assert [hour for hour, _ in bars.labels] == [0, 6, 12, 18]
