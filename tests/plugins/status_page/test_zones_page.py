"""Several zones on the main page: each has its row, its address and its forms; with one zone nothing is seen of it."""

from dataclasses import replace
from typing import Any

import pytest

from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.core.face import NowPlaying, Quiet
from moodroom_hub.domain.models import HOME, DurationMs, EpochMs, RoomSlug, ZoneName
from tests.plugins.status_page.conftest import HTML, Site
from tests.plugins.status_page.fake_hub import HOUSE, KITCHEN, LATE_NIGHT, track
from tests.plugins.status_page.test_pages import HOSTILE, Page, open_page, shape

BATH = ZoneName("bath")


def sounding(number: int, name: str | None = None, *, is_playing: bool = True, room: RoomSlug = HOUSE) -> NowPlaying:
    """A track of that room at 20 s."""
    return NowPlaying(track(number, name), DurationMs(20_000), EpochMs(1_763_700_000_000), is_playing, room)


def zone_row(page: Page) -> list[tuple[str, bool]]:
    """Where each zone of the row leads, and whether it is the one on the page."""
    return [
        (str(attributes["href"]), attributes.get("aria-current") == "page")
        for tag, attributes in page.tags
        if tag == "a" and "data-zone" in attributes
    ]


def hidden(page: Page, name: str) -> set[str | None]:
    """The values of the hidden fields of that name."""
    return {attributes["value"] for tag, attributes in page.tags if tag == "input" and attributes.get("name") == name}


@pytest.fixture
def home(site: Site) -> Site:
    """Late Night in the first zone, House in the kitchen, a bath that nobody hears."""
    site.hub.known_zones = (HOME, KITCHEN, BATH)
    site.hub.active = LATE_NIGHT
    site.hub.play_track(track(1))
    site.hub.music[KITCHEN] = (HOUSE, sounding(2, is_playing=False))
    site.hub.music[BATH] = (None, None)
    site.hub.lost = {BATH}
    return site


async def test_one_zone_has_no_row(site: Site) -> None:
    site.hub.known_zones = (HOME,)
    page = await open_page(site)
    assert zone_row(page) == []
    assert hidden(page, "zone") == set()
    assert ("zone_views",) not in site.hub.calls
    assert next(attributes for tag, attributes in page.tags if attributes.get("id") == "zones")["hidden"] is None


async def test_the_row_says_what_plays_where(home: Site) -> None:
    page = await open_page(home)
    assert zone_row(page) == [("/", True), ("/?zone=kitchen", False), ("/?zone=bath", False)]
    for words in (
        "Home playing: Song 1 by Artist 1 · Late Night", "Kitchen paused: Song 2 by Artist 2 · House",
        "Bath no player answers", "Now playing in Home: Song 1", "Late Night · Home",
    ):  # fmt: skip
        assert words in page.text, words


async def test_music_of_a_player_that_cannot_be_seen_does_not_run_on(home: Site) -> None:
    away = Quiet("unavailable", "The speaker does not answer.")
    home.hub.hindered = {HOME: away}
    page = await open_page(home)
    bar = next(attributes for _, attributes in page.tags if attributes.get("id") == "progress")
    assert (bar["data-playing"], "data-busy" in bar) == ("yes", False)
    home.hub.troubles = (away,)
    page = await open_page(home)
    assert "Home The speaker does not answer." in page.text
    bar = next(attributes for _, attributes in page.tags if attributes.get("id") == "progress")
    assert (bar["data-playing"], "data-busy" in bar) == ("no", True)  # it stands, and the page asks until it goes on
    home.hub.troubles = (Quiet("rate_limited", "Wait."),)
    bar = next(attributes for _, attributes in (await open_page(home)).tags if attributes.get("id") == "progress")
    assert bar["data-playing"] == "yes", "the music goes on meanwhile"


async def test_the_whole_stage_is_the_chosen_zone_s(home: Site) -> None:
    page = await open_page(home, "/?zone=kitchen")
    assert zone_row(page)[1] == ("/?zone=kitchen", True)
    body = next(attributes for tag, attributes in page.tags if tag == "body")
    assert (body["data-room"], body["data-zone"]) == ("house", "kitchen")
    assert hidden(page, "zone") == {"kitchen"}
    assert "/player/play" in page.forms()
    pressed = {
        attributes.get("id"): attributes["aria-pressed"]
        for tag, attributes in page.tags
        if attributes.get("class") == "room"
    }
    assert pressed == {"room-1": "false", "room-2": "true"}
    assert (
        any(
            attributes.get("href") == "/quiet?zone=kitchen"
            for _, attributes in (await open_page(home, "/?zone=bath")).tags
        )
        is False
    )
    assert any(
        attributes.get("href") == "/quiet?zone=bath" for _, attributes in (await open_page(home, "/?zone=bath")).tags
    )
    assert ("batch", KITCHEN) in home.hub.calls
    quiet = await open_page(home, "/quiet?zone=bath")
    assert "Why is it quiet in Bath ?" in quiet.text
    for path in ("/?zone=attic", "/quiet?zone=attic", "/?zone="):
        assert (await home.get(path, headers=HTML)).status == 404


async def test_a_joined_zone_shows_its_leader_s_music_and_says_so(home: Site) -> None:
    home.hub.leaders = {BATH: KITCHEN}
    home.hub.lost = set()
    page = await open_page(home, "/?zone=bath")
    for words in (
        "Kitchen , with Bath paused: Song 2", "Bath , with Kitchen paused: Song 2", "Bath plays along with Kitchen :",
    ):  # fmt: skip
        assert words in page.text, words
    assert next(attributes for tag, attributes in page.tags if tag == "body")["data-room"] == "house"


FORMS: list[tuple[str, dict[str, str], tuple[Any, ...]]] = [
    ("/rooms/house/activate", {}, ("activate", "house", KITCHEN)),
    ("/rooms/off", {}, ("rooms_off", KITCHEN)),
    ("/player/play", {}, ("play", KITCHEN)),
    ("/player/pause", {}, ("pause", KITCHEN)),
    ("/player/next", {"uri": "spotify:track:x"}, ("next", "spotify:track:x", KITCHEN)),
    ("/player/never_again", {"uri": ""}, ("never_again", None, KITCHEN)),
    ("/learning", {"enabled": "true", "for": ""}, ("set_learning", True, None)),
    ("/receipts/1/undo", {}, ("undo", 1)),
    ("/player/device", {"name": "Desk"}, ("wake", "Desk", KITCHEN)),
]


async def test_forms_act_in_their_zone_and_lead_back_to_it(home: Site) -> None:
    home.hub.add_receipts(1)
    for path, fields, call in FORMS:
        home.hub.calls.clear()
        answer = await home.post(path, data={**fields, "zone": "kitchen"}, headers=HTML)
        assert (answer.status, answer.headers["Location"]) == (303, "/?zone=kitchen"), path
        assert home.hub.calls == [call]
        home.hub.fail[call[0]] = Trouble(TroubleCode.NO_DEVICE, "open Spotify")
        answer = await home.post(path, data={**fields, "zone": "kitchen"}, headers=HTML)
        assert answer.headers["Location"].startswith("/?zone=kitchen&problem="), path
        assert "open Spotify" in (await open_page(home, answer.headers["Location"])).text
        home.hub.fail.clear()
    answer = await home.post("/player/play", data={"zone": "attic"}, headers=HTML)
    assert answer.status == 404


async def test_what_a_device_refuses_is_offered_in_the_zone_that_can(home: Site) -> None:
    home.hub.labels[KITCHEN] = "The <b>Kitchen"
    home.hub.fail["activate"] = Trouble(TroubleCode.RESTRICTED_DEVICE, "It takes no orders.", zone="kitchen")
    answer = await home.post("/rooms/house/activate", headers=HTML)
    page = await open_page(home, answer.headers["Location"])
    assert "Play in The <b>Kitchen instead" in page.text
    first = page.forms()[0]
    assert first == "/rooms/house/activate"
    del home.hub.fail["activate"]
    answer = await home.post(first, data={"zone": "kitchen"}, headers=HTML)
    assert answer.headers["Location"] == "/?zone=kitchen"
    assert ("activate", "house", KITCHEN) in home.hub.calls

    # Where it is told of for longer: the room that is on, else the way there. From a room's page, too.
    home.hub.troubles = (Quiet("restricted_device", "It takes no orders.", zone=KITCHEN),)
    home.hub.active = LATE_NIGHT
    assert (await open_page(home)).forms()[0] == "/rooms/late-night/activate"
    page = await open_page(home, "/?zone=bath")
    assert "On to The <b>Kitchen" in page.text
    home.hub.fail["activate"] = Trouble(TroubleCode.RESTRICTED_DEVICE, "It takes no orders.", zone="kitchen")
    answer = await home.post("/rooms/house/switch-on", data={"back": "/rooms/house"}, headers=HTML)
    page = await open_page(home, answer.headers["Location"])
    assert "Play in The <b>Kitchen instead" in page.text
    # A zone that is gone meanwhile is not offered.
    home.hub.fail["activate"] = Trouble(TroubleCode.RESTRICTED_DEVICE, "It takes no orders.", zone="attic")
    answer = await home.post("/rooms/house/activate", headers=HTML)
    home.hub.troubles = ()
    assert "instead" not in (await open_page(home, answer.headers["Location"])).text


async def test_names_of_zones_are_never_markup(home: Site) -> None:
    home.hub.leaders = {BATH: KITCHEN}
    expected = shape(await open_page(home, "/?zone=bath"))
    for title in HOSTILE:
        home.hub.labels = dict.fromkeys((HOME, KITCHEN, BATH), title)
        now = sounding(2, title)
        home.hub.music[KITCHEN] = (HOUSE, replace(now, track=replace(now.track, artists=(title,))))
        page = await open_page(home, "/?zone=bath")
        # A quick "paused" becomes "playing": the form's name is all that changes.
        assert [tag for tag, _ in shape(page)] == [tag for tag, _ in expected]
        assert "\x1b" not in page.text


async def test_every_zone_has_an_answer_to_share(home: Site) -> None:
    asks = {**HTML, "X-Refresh": "1"}
    texts = [await (await home.get(path, headers=asks)).text() for path in ("/", "/?zone=kitchen", "/")]
    assert texts[0] == texts[2] != texts[1]
