"""Zones over HTTP: every one at a glance, and every order takes one."""

import pytest

from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.domain.models import HOME
from tests.plugins.status_page.conftest import Site
from tests.plugins.status_page.fake_hub import HOUSE, KITCHEN, LATE_NIGHT, track

ORDERS = {
    "/api/rooms/house/activate": ("activate", HOUSE, KITCHEN),
    "/api/rooms/off": ("rooms_off", KITCHEN),
    "/api/player/play": ("play", KITCHEN),
    "/api/player/pause": ("pause", KITCHEN),
    "/api/player/next": ("next", None, KITCHEN),
    "/api/player/never_again": ("never_again", None, KITCHEN),
}


async def test_every_zone_is_told_with_whom_it_plays_along(site: Site) -> None:
    await site.hub.activate(LATE_NIGHT)
    site.hub.leaders = {KITCHEN: HOME}
    answer = await site.get("/api/zones")
    assert answer.status == 200
    home, kitchen = (await answer.json())["zones"]
    assert (home["zone"], home["label"], home["leader"], home["members"]) == ("home", "Home", None, ["kitchen"])
    assert (kitchen["zone"], kitchen["leader"], kitchen["members"]) == ("kitchen", "home", [])
    assert home["active_room"] == kitchen["active_room"] == "late-night"
    assert kitchen["now_playing"]["uri"] == track(1).uri
    assert (home["lost"], home["trouble"]) == (False, None)
    state = await (await site.get("/api/state?zone=kitchen")).json()
    assert (state["zone"], state["leader"], state["zones"]) == ("kitchen", "home", ["home", "kitchen"])
    rooms = (await (await site.get("/api/rooms")).json())["rooms"]
    assert {room["slug"]: room["zones"] for room in rooms} == {"late-night": ["home"], "house": []}


@pytest.mark.parametrize("path", list(ORDERS))
async def test_every_order_takes_a_zone_and_refuses_one_that_there_is_not(site: Site, path: str) -> None:
    assert (await site.post(path, json={"zone": "kitchen"})).status == 200
    assert site.hub.calls[-1] == ORDERS[path]
    count = len(site.hub.calls)
    refused = await site.post(path, json={"zone": "nowhere"})
    assert (refused.status, (await refused.json())["error"]["code"]) == (404, "not_found")
    assert (await refused.json())["error"]["message"].endswith("known: home, kitchen")
    assert site.hub.calls[count:] == [("zone_views",)]
    site.hub.labels[KITCHEN] = "Küche unten"
    assert (await site.post(path, json={"zone": "küche Unten"})).status == 200
    assert site.hub.calls[-1] == ORDERS[path]


@pytest.mark.parametrize("path", ["/api/state", "/api/batch", "/api/quiet", "/api/devices"])
async def test_every_question_about_a_zone_takes_one(site: Site, path: str) -> None:
    assert (await site.get(f"{path}?zone=kitchen")).status == 200
    assert (await site.get(f"{path}?zone=nowhere")).status == 404
    site.hub.labels[KITCHEN] = "Living Room"
    assert (await site.get(f"{path}?zone=Living%20Room")).status == 200


async def test_an_activation_says_where_it_plays(site: Site) -> None:
    answer = await site.post("/api/rooms/house/activate", json={"zone": "kitchen"})
    assert (await answer.json())["zone"] == "kitchen"


async def test_plays_are_searched_by_the_speaker_s_name_too(site: Site) -> None:
    site.hub.labels[KITCHEN] = "Living Room"
    site.hub.plays.add(track(1), zone="kitchen")
    site.hub.plays.add(track(2), zone="gone by")
    for said, found in (("living room", [1]), ("kitchen", [1]), ("gone%20by", [2]), ("nowhere", [])):
        told = await (await site.get(f"/api/plays?zone={said}")).json()
        assert [each["id"] for each in told["plays"]] == found


async def test_learning_is_the_house_s_and_takes_no_zone(site: Site) -> None:
    assert (await site.post("/api/learning", json={"enabled": True, "zone": "kitchen"})).status == 400


@pytest.mark.parametrize("zone", ["kitchen", None])
async def test_an_error_names_the_zone_in_which_it_would_work(site: Site, zone: str | None) -> None:
    site.hub.fail["activate"] = Trouble(TroubleCode.RESTRICTED_DEVICE, "Use the zone kitchen.", zone=zone)
    answer = await site.post("/api/rooms/house/activate")
    assert answer.status == 409
    error = (await answer.json())["error"]
    assert error == {"code": "restricted_device", "message": "Use the zone kitchen."} | ({"zone": zone} if zone else {})
