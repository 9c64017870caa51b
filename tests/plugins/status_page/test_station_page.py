"""The stations' pages as plain forms: what is shown, what each button does, and hostile names that stay text."""

import re
from io import BytesIO

import pytest

from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.core.stations import ModelView, NewStation
from moodroom_hub.domain.models import EpochMs, ZoneName
from moodroom_hub.domain.stations.models import Seed, StationKey, VoteKind
from tests.plugins.radio.fake_radio import FRIDAY, UNTRAINED, FakeRadio, song, station
from tests.plugins.status_page.conftest import HTML, Site
from tests.plugins.status_page.fake_hub import LATE_NIGHT, track

HOSTILE = "<script>alert(1)</script>\x1b[2J"
ESCAPED = "&lt;script&gt;alert(1)&lt;/script&gt;\ufffd[2J"


@pytest.fixture
def radio(site: Site) -> FakeRadio:
    """Two stations."""
    made = FakeRadio(station(), station("late", HOSTILE, HOSTILE, room="late-night"))
    site.hub.the_radio = made
    return made


async def shown(site: Site, path: str = "/stations", status: int = 200) -> str:
    """A page."""
    answer = await site.get(path, headers=HTML)
    assert answer.status == status
    return await answer.text()


async def sent(site: Site, path: str, **fields: str) -> str:
    """Send a form, and go where it leads; gives that page."""
    answer = await site.post(path, data=fields, headers=HTML)
    assert answer.status == 303, await answer.text()
    return await shown(site, answer.headers["Location"])


async def test_the_way_there_is_shown_where_there_is_a_radio(site: Site) -> None:
    assert 'href="/stations"' not in await shown(site, "/")
    site.hub.the_radio = FakeRadio()
    assert 'href="/stations"' in await shown(site, "/")
    empty = await shown(site)
    assert "No station yet" in empty
    assert "stations-off" not in empty


async def test_a_hub_without_a_radio_has_no_such_page(site: Site) -> None:
    assert "There is no radio" in await shown(site, "/stations", 404)
    assert "There is no radio" in await shown(site, "/stations/friday", 404)


async def test_names_are_text_wherever_they_stand(site: Site, radio: FakeRadio) -> None:
    radio.unknown = (HOSTILE,)
    radio.titles[1] = HOSTILE
    for path in ("/stations", "/stations/late"):
        page = await shown(site, path)
        assert ESCAPED in page
        assert "<script>alert" not in page
        assert "\x1b" not in page
    await site.hub.play_station(StationKey("late"))
    assert ESCAPED in await shown(site, "/")


async def test_what_is_missing_is_told_with_the_mend(site: Site, radio: FakeRadio) -> None:
    radio.played_from = ModelView(trouble=UNTRAINED)
    radio.trouble = None
    page = await shown(site)
    assert f'id="untrained">{UNTRAINED}' in page
    assert "station train FOLDER" in page
    radio.trouble = Trouble(TroubleCode.UNAVAILABLE, UNTRAINED)
    assert UNTRAINED in await shown(site, "/stations/friday")


async def test_stations_are_made_by_a_form(site: Site, radio: FakeRadio) -> None:
    radio.unknown = ("The Weeknd",)
    artists = "Drake\r\n\r\n Blinding Lights - The Weeknd \r\nA - B - C\n - \n"
    page = await sent(site, "/stations/new", back="/stations", name="Night", artists=artists, room="", playlist="")
    assert "Night is ready. The model does not know: The Weeknd." in page
    seeds = (Seed("Drake"), Seed("-"), Seed("The Weeknd", "Blinding Lights"), Seed("C", "A - B"))
    assert radio.calls == [("new", NewStation("Night", seeds))]
    await sent(site, "/stations/new", back="/stations", name="", artists="", room="late-night", playlist="")
    assert radio.calls[-1] == ("new", NewStation("", room=LATE_NIGHT))
    for fields in ({"artists": "", "room": "", "playlist": ""}, {"artists": "Drake", "room": "house"}):
        assert "say what it is made of" in await sent(site, "/stations/new", back="/stations", **fields)
    assert len(radio.calls) == 2


async def test_a_card_is_taken_over(site: Site, radio: FakeRadio) -> None:
    page = await sent(site, "/stations/import", back="/stations", text='{"card": 1}', name="Theirs")
    assert "Theirs is here (signed by Ada): 50 % of its artists are known. one artist is not known here" in page
    assert "This is no station card." in await sent(site, "/stations/import", back="/stations", text="x")
    form = BytesIO(b"text=" + b"{" * 1_600_000)
    headers = HTML | {"Content-Type": "application/x-www-form-urlencoded"}
    big = await site.post("/stations/import", data=form, headers=headers)
    assert big.status == 413


async def test_a_station_plays_from_its_page(site: Site, radio: FakeRadio) -> None:
    site.hub.labels[ZoneName("kitchen")] = "The Kitchen"
    assert '<option value="kitchen">The Kitchen</option>' in await shown(site)
    page = await sent(site, "/stations/friday/play", back="/stations/friday", zone="kitchen")
    assert ("play_station", FRIDAY, ZoneName("kitchen")) in site.hub.calls
    assert "Fresh tracks" in page
    site.hub.fail["play_station"] = Trouble(TroubleCode.NO_DEVICE, "Open Spotify where it shall play.")
    assert "Open Spotify where it shall play." in await sent(site, "/stations/friday/play", back="/stations")


async def test_what_plays_is_liked_or_not_and_that_is_taken_back(site: Site, radio: FakeRadio) -> None:
    await site.hub.play_station(FRIDAY)
    page = await shown(site, "/stations/friday")
    assert "Plays now" in page
    assert f'value="{track(1).uri}"' in page
    page = await sent(site, "/stations/friday/vote", back="/stations/friday", uri=track(1).uri, kind="dislike")
    assert "vote-dislike" in page
    assert radio.calls == [("vote", FRIDAY, VoteKind.DISLIKE, track(1).uri)]
    assert "None yet" in await sent(site, "/stations/friday/take_back", back="/stations/friday")
    assert "There is no vote to take back." in await sent(site, "/stations/friday/take_back", back="/stations/friday")
    assert "forgotten" in await sent(site, "/stations/friday/clear", back="/stations/friday")


async def test_knobs_change_what_they_name(site: Site, radio: FakeRadio) -> None:
    page = await shown(site, "/stations/friday")
    assert "drift 12 % of at most 50 %" in page
    assert len(re.findall('type="range"', page)) == 5
    radio.drift = 0.4
    page = await sent(
        site, "/stations/friday/tune", back="/stations/friday", adventure="0.8", drift="0.4", rule="share"
    )
    assert radio.calls == [("tune", FRIDAY, {"adventure": 0.8, "drift": 0.4, "rule": "share"})]
    assert "drift 40 % of at most 40 %, held back by the limit" in page
    assert '<option value="share" selected>' in page
    for fields in ({"style": "nan"}, {"style": "4"}, {"adventure": "-1"}, {"rule": "x"}):
        page = await sent(site, "/stations/friday/tune", back="/stations/friday", **fields)
        assert '<div class="trouble"><p>' in page
    assert len(radio.calls) == 1


async def test_it_is_renamed_and_removed(site: Site, radio: FakeRadio) -> None:
    assert "<h1><bdi>Saturday</bdi></h1>" in await sent(
        site, "/stations/friday/rename", back="/stations/friday", name="Saturday"
    )
    page = await sent(site, "/stations/friday/remove", back="/stations")
    assert "Saturday is gone." in page
    assert "no such station" in await shown(site, "/stations/friday", 404)
    answer = await site.post("/stations/friday/vote", data={"kind": "like", "back": "/"}, headers=HTML)
    assert answer.status == 404


async def test_work_is_watched_and_stopped(site: Site, radio: FakeRadio) -> None:
    radio.ends = False
    page = await sent(site, "/stations/train", back="/stations")
    assert "reading: 3 of 6" in page
    assert "data-busy" in page
    assert "at work already" in await sent(site, "/stations/refill", back="/stations")
    assert "Stopped." in await sent(site, "/stations/cancel", back="/stations")
    radio.ends = True
    await sent(site, "/stations/refill", back="/stations", room="")
    page = await shown(site)
    assert "<bdi>late-night</bdi>: 1 new · 12 of 20: nothing more is near" in page


async def test_the_main_page_names_the_station_and_takes_votes(site: Site, radio: FakeRadio) -> None:
    await site.hub.play_station(FRIDAY)
    page = await shown(site, "/")
    assert 'the station <a href="/stations/friday"><bdi>Friday</bdi></a>' in page
    assert "<title>Friday" in page
    assert 'id="next-skip-before">count as a dislike' in page
    assert "never-again" not in page
    assert 'class="tier' not in page.split('id="upcoming"')[1].split("</section>")[0]
    assert 'id="rooms-off"' in page
    back = "/?zone=kitchen"
    answer = await site.post("/stations/friday/vote", data={"kind": "like", "uri": song(1).uri, "back": back})
    assert (answer.status, answer.headers["Location"]) == (303, back)
    site.hub.is_learning = False
    assert "count as a dislike" not in await shown(site, "/")
    site.hub.is_learning = True
    await site.hub.rooms_off()
    radio.known.clear()
    assert "the station <bdi>friday</bdi>" in await shown(site, "/")


async def test_the_share_rule_moves_the_tick(site: Site, radio: FakeRadio) -> None:
    await site.hub.play_station(FRIDAY)
    assert 'data-threshold="30000"' in await shown(site, "/")
    await radio.tune(FRIDAY, {"rule": "share"})
    duration_ms = track(1).duration_ms or EpochMs(0)
    assert f'data-threshold="{round(duration_ms * 0.8)}"' in await shown(site, "/")
