"""Trouble, why it is quiet, the first run and the API's own page, asked over HTTP of a hub in memory."""

import re
from dataclasses import replace

import pytest

from moodroom_hub.core.errors import MoodroomError, Trouble, TroubleCode
from moodroom_hub.core.face import Quiet
from moodroom_hub.core.miners import JobKind, JobStatus, JobView
from moodroom_hub.core.ports import Check, CheckLevel, LoginState, LoginStatus
from moodroom_hub.domain.mining.models import MiningProgress
from moodroom_hub.domain.models import Device, EpochMs
from moodroom_hub.domain.quiet import Hindrance, QuietFacts
from moodroom_hub.plugins.status_page.refusals import QUIET_MS, Refusals
from moodroom_hub.plugins.status_page.routes import all_routes
from tests.plugins.status_page.conftest import HTML, OpenSite, Site

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
NOWHERE = LoginState(LoginStatus.NOT_CONFIGURED, None, "No Spotify client id is set.")
DEVICES = (Device(None, "Bath", is_restricted=True), Device("k", '"><script>alert(1)</script>'), Device("d", "Desk"))


async def page(site: Site, path: str = "/") -> str:
    """A page's text, which must come."""
    answer = await site.get(path, headers=HTML)
    assert answer.status == 200
    return await answer.text()


async def sent(site: Site, path: str, **fields: str) -> str:
    """Send a form of the first run, and give the page that it leads back to."""
    answer = await site.post(path, data={"back": "/welcome", **fields}, headers=HTML)
    assert answer.status == 303, await answer.text()
    assert answer.headers["Location"].startswith("/welcome")
    return await page(site, answer.headers["Location"])


def empty(site: Site) -> None:
    """Nothing is configured, and no room has a track."""
    site.hub.account.state = NOWHERE
    site.hub.has_tracks = False


# --- trouble -----------------------------------------------------------------------------------------------


async def test_no_device_shows_the_devices_once_for_many_pages(site: Site) -> None:
    site.hub.troubles = (Quiet("no_device", "No device is awake."),)
    site.hub.known_devices = DEVICES
    for _ in range(5):
        text = await page(site)
    assert site.hub.calls.count(("devices", None)) == 1
    assert "<script>alert" not in text
    assert text.index("Play on <bdi>Desk") < text.index("Bath</bdi>")
    assert "takes no orders from apps" in text
    assert len(re.findall('action="/player/device"', text)) == 2
    answer = await site.post("/player/device", data={"name": DEVICES[1].name, "back": "/"}, headers=HTML)
    assert answer.status == 303
    assert ("wake", DEVICES[1].name, None) in site.hub.calls
    await page(site)
    assert site.hub.calls.count(("devices", None)) == 2


async def test_devices_that_nobody_tells_take_the_page_no_line(site: Site) -> None:
    site.hub.troubles = (Quiet("no_device", "No device is awake."),)
    site.hub.fail["devices"] = Trouble(TroubleCode.RATE_LIMITED, "wait", retry_after_s=9)
    assert "No device is awake." in await page(site)


async def test_a_wait_is_told_until_it_is_over(site: Site) -> None:
    site.hub.troubles = (Quiet("rate_limited", "wait", EpochMs(site.hub.now_ms + 41_000)),)
    text = await page(site)
    assert 'data-left-ms="41000"' in text
    assert "Spotify asks us to wait" in text
    site.clock.at_ms += 41_000
    assert "asks us to wait" not in await page(site)


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (LoginState(LoginStatus.NEEDED, None, "Not logged in."), 'id="trouble-paste"'),
        (LoginState(LoginStatus.EXPIRING, 12, "Spotify ends this login in 12 days."), "in 12 days"),
        (NOWHERE, 'href="/welcome">Set it up'),
    ],
)
async def test_the_login_s_trouble_is_told_once(site: Site, state: LoginState, words: str) -> None:
    site.hub.account.state = state
    site.hub.troubles = (Quiet("login_needed", "Somebody must log in."),)
    text = await page(site)
    assert words in text
    is_first = state.status is not LoginStatus.NEEDED and state.status is not LoginStatus.NOT_CONFIGURED
    assert ("Somebody must log in." in text) is is_first


async def test_a_broker_away_comes_with_its_mend(site: Site) -> None:
    site.hub.checks = (Check("broker", CheckLevel.FAILED, "not reached", "Start it."),)
    text = await page(site)
    assert "Broker: not reached. Start it." in text


# --- quiet -------------------------------------------------------------------------------------------------


async def test_quiet_over_the_api_and_as_a_page(site: Site) -> None:
    site.hub.quiet_facts = QuietFacts(
        hindrance=Hindrance.RATE_LIMITED, hindrance_line="<b>wait</b>", ends_at_ms=EpochMs(site.hub.now_ms + 9_000)
    )
    told = await (await site.get("/api/quiet")).json()
    assert told["broken"] == "restriction"
    assert [link["status"] for link in told["links"]] == ["fine", "fine", "broken", "not_looked_at", "not_looked_at"]
    assert told["retry_at"] is not None
    text = await page(site, "/quiet")
    assert "&lt;b&gt;wait" in text
    assert text.count('aria-current="step"') == 1
    assert 'data-left-ms="9000"' in text
    assert (await site.get("/api/quiet?zone=attic")).status == 404


async def test_devices_and_waking_over_the_api(site: Site) -> None:
    site.hub.known_devices = DEVICES
    told = await (await site.get("/api/devices")).json()
    assert [each["restricted"] for each in told["devices"]] == [True, False, False]
    assert (await site.post("/api/player/device", json={"device": "Desk"})).status == 200
    assert (await site.post("/api/player/device", json={})).status == 400
    site.hub.fail["wake"] = Trouble(TroubleCode.NO_DEVICE, "It is gone.")
    assert (await site.post("/api/player/device", json={"device": "Desk"})).status == 409


# --- the first run -----------------------------------------------------------------------------------------


async def test_only_an_empty_hub_sends_to_the_first_run_and_it_can_be_put_off(site: Site) -> None:
    await page(site)
    empty(site)
    sent_on = await site.get("/", headers=HTML)
    assert (sent_on.status, sent_on.headers["Location"]) == (303, "/welcome")
    site.hub.has_tracks = True
    await page(site)
    site.hub.has_tracks = False
    later = await site.post("/welcome/later", headers=HTML)
    assert later.headers["Location"] == "/"
    assert "HttpOnly" in later.headers["Set-Cookie"]
    await page(site)


async def test_the_client_id_goes_into_the_file(site: Site) -> None:
    empty(site)
    text = await page(site, "/welcome")
    assert f"http://127.0.0.1:{site.port}/callback" in text
    text = await sent(site, "/welcome/client-id", client_id="  abcdef0123456789 ")
    assert site.hub.owners_file.calls == [("spotify", "client_id", "abcdef0123456789")]
    assert "needs a restart" in text
    assert "moodroom-hub run" in text
    site.hub.owners_file.fails = MoodroomError("expected <letters>")
    assert "expected &lt;letters&gt;" in await sent(site, "/welcome/client-id", client_id="no")
    assert "32 letters" in await sent(site, "/welcome/client-id")
    site.hub.owners_file.variable = "MOODROOM_PLUGINS__SPOTIFY__CLIENT_ID"
    text = await page(site, "/welcome")
    assert "MOODROOM_PLUGINS__SPOTIFY__CLIENT_ID" in text
    assert 'name="client_id"' not in text


async def test_rooms_are_kept_and_made(site: Site) -> None:
    await sent(site, "/welcome/rooms", **{"room-house": "1", "room-rage": "1", "own": "Sunday\r\n\r\n Slow \r\n"})
    assert site.hub.owners_file.calls == [(("house", "rage"), ("Sunday", "Slow"))]


async def test_a_restart_is_offered_only_where_it_can_be(site: Site) -> None:
    refused = await site.post("/welcome/restart", headers=HTML)
    assert refused.status == 409
    shown = site.hub.owners_file.shown
    site.hub.owners_file.shown = replace(shown, is_pending=True, can_restart=True)
    assert "Restart the hub now" in await page(site, "/welcome")
    done = await site.post("/welcome/restart", headers=HTML)
    assert "begins again" in await done.text()
    assert ("restart",) in site.hub.owners_file.calls


async def test_reading_the_liked_songs_goes_on_behind(site: Site) -> None:
    await sent(site, "/welcome/sync")
    text = await page(site, "/welcome")
    assert "120 liked songs, 3 of them new" in text
    site.hub.fail["sync_library"] = Trouble(TroubleCode.LOGIN_NEEDED, "Log in first.")
    await sent(site, "/welcome/sync")
    assert "Log in first." in await page(site, "/welcome")


async def test_mining_is_estimated_accepted_and_followed(site: Site) -> None:
    text = await sent(site, "/welcome/estimate")
    assert "340 songs by the miner" in text
    assert "0.12 USD" in text
    await sent(site, "/welcome/mine", accepted="yes")
    assert site.hub.mining.started[-1].is_accepted
    progress = MiningProgress(20, 340)
    site.hub.mining.view = JobView(JobStatus.RUNNING, JobKind.MINE, "local", (), "<placing>", progress)
    text = await page(site, "/welcome")
    assert "&lt;placing&gt;: 20 of 340" in text
    assert "data-busy" in text


async def test_a_pool_is_pasted(site: Site) -> None:
    text = await sent(site, "/welcome/pool", text='{"rooms": {}}' + " " * 100_000)
    assert site.hub.calls[-1] is not None
    assert any(call[0] == "import_pool" and call[2] == "state" for call in site.hub.calls)
    assert "1 tracks came in" in text
    assert "first" in await sent(site, "/welcome/pool", text=" ")


async def test_a_login_is_pasted_on_the_spot(site: Site) -> None:
    assert "Logged in." in await sent(site, "/welcome/paste", url="http://127.0.0.1/callback?code=good")
    assert "begin again" in await sent(site, "/welcome/paste", url="http://127.0.0.1/callback?code=bad")


async def test_the_file_is_only_written_for_its_owner(open_site: OpenSite) -> None:
    site = await open_site(trusted_hosts=["hub.example"])
    stranger = {"Host": "hub.example", "Origin": "http://hub.example", **HTML}
    for path in ("client-id", "rooms", "restart"):
        assert (await site.post(f"/welcome/{path}", data={"client_id": "abc"}, headers=stranger)).status == 403
    assert site.hub.owners_file.calls == []
    text = await (await site.get("/welcome", headers=stranger)).text()
    assert "only written for the hub" in text
    assert 'action="/welcome/client-id"' not in text


# --- the API's page, the log ---------------------------------------------------------------------------------


async def test_every_call_of_the_api_is_shown_with_an_example(site: Site) -> None:
    text = await page(site, "/api")
    for route in all_routes():
        if route.path.startswith("/api/"):
            assert f"<code>{route.path}</code>" in text, route.path
    assert f"http://127.0.0.1:{site.port}/api/state" in text
    assert site.token not in text
    assert text.count("curl ") >= 40
    assert "<script" not in text


def test_a_refusal_is_told_once_in_ten_minutes(caplog: pytest.LogCaptureFixture) -> None:
    refusals = Refusals()
    for _ in range(1_000):
        refusals.note("host_not_allowed", "192.0.2.7", 1_000)
    refusals.note("bad_request", "192.0.2.7", 1_000)
    assert len(caplog.records) == 1
    refusals.note("host_not_allowed", "192.0.2.7", 1_000 + QUIET_MS)
    assert "999 more" in caplog.records[-1].message
    caplog.clear()
    for number in range(5_000):
        refusals.note("origin_not_allowed", f"192.0.{number // 250}.{number % 250}", 2_000)
    assert len(caplog.records) <= 257
