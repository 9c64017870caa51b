"""Stations over HTTP: what they are, what they are told, what they play; and other players' own contract."""

import json
from io import BytesIO
from typing import Any

import pytest

from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.core.stations import ModelView, NewStation, PlayedOut, StationJob, StationJobStatus
from moodroom_hub.domain.models import ZoneName
from moodroom_hub.domain.stations.models import Seed
from tests.plugins.radio.fake_radio import FRIDAY, UNTRAINED, FakeRadio, song, station
from tests.plugins.status_page.conftest import OpenSite, Site

HOSTILE = "<script>alert(1)</script>\x1b[2J\ud800"


@pytest.fixture
def radio(site: Site) -> FakeRadio:
    """Two stations."""
    made = FakeRadio(station(), station("late", "More like Late", room="late-night"))
    site.hub.the_radio = made
    return made


async def told(site: Site, path: str, order: Any = None, status: int = 200) -> Any:
    """The answer's JSON."""
    answer = await (site.get(path) if order is None else site.post(path, json=order))
    assert answer.status == status, await answer.text()
    return await answer.json()


async def test_a_hub_without_a_radio_says_so_on_every_call(site: Site) -> None:
    for path in ("/api/stations", "/api/stations/job", "/api/stations/friday"):
        assert "no radio" in (await told(site, path, status=404))["error"]["message"]
    assert (await told(site, "/api/stations/friday/next", {"tracks": []}, 404))["error"]["code"] == "not_found"


async def test_stations_are_a_list_each_with_id_and_name(site: Site, radio: FakeRadio) -> None:
    radio.unknown = ("Nobody",)
    friday, late = await told(site, "/api/stations")
    assert (friday["id"], friday["name"], late["room"]) == ("friday", "Friday", "late-night")
    assert friday["seeds"] == [{"artist": "Drake", "track": None}, {"artist": "The Weeknd", "track": None}]
    assert (friday["known"], friday["unknown"], friday["drift"], friday["bounded"]) == (1, ["Nobody"], 0.12, False)
    assert friday["tuning"] == {
        "style": 1.0, "likes": 1.0, "dislikes": 1.0, "adventure": 0.5, "drift": 0.5, "rule": "skip",
    }  # fmt: skip


async def test_other_players_tell_what_they_played_and_get_what_comes(site: Site, radio: FakeRadio) -> None:
    radio.titles[1] = HOSTILE
    played = [
        {"track_id": "4uLU6hMCjMI75M1A2tKUQC", "play_seconds": 12, "length_seconds": 200.5},
        {"track_id": "x", "play_seconds": 0, "length_seconds": 1},
    ]
    answer = await told(site, "/api/stations/friday/next", {"tracks": played})
    tracks = answer["tracks"]
    assert answer["unknown"] == ["x"]
    assert (len(tracks), tracks[0]["track_id"], tracks[0]["uri"]) == (5, f"{1:022d}", song(1).uri)
    assert (tracks[0]["name"], tracks[0]["artists"], tracks[0]["why"]) == (
        HOSTILE[:-1] + "\ufffd",
        ["Drake"],
        "near Trophies",
    )
    assert [each["link"] for each in tracks] == ["station"] * 4 + ["room"]
    assert radio.calls == [
        ("next", FRIDAY, (PlayedOut("4uLU6hMCjMI75M1A2tKUQC", 12.0, 200.5), PlayedOut("x", 0.0, 1.0)))
    ]
    await told(site, "/api/stations/friday/next", {"tracks": []})


async def test_a_station_is_made_of_one_thing(site: Site, radio: FakeRadio) -> None:
    made = await told(
        site,
        "/api/stations",
        {
            "name": " Friday ",
            "artists": ["Drake", "Drake"],
            "tracks": [{"name": "Trophies", "artist": "Drake"}],
            "tuning": {"adventure": 0.8, "rule": "share"},
        },
    )
    assert made["station"]["id"] == "friday-2"
    seeds = (Seed("Drake"), Seed("Drake", "Trophies"))
    changes = {"adventure": 0.8, "rule": "share"}
    assert radio.calls == [("new", NewStation("Friday", seeds)), ("tune", "friday-2", changes)]
    assert made["station"]["tuning"]["rule"] == "share"
    await told(site, "/api/stations", {"playlist": "radio: Friday"})
    await told(site, "/api/stations", {"room": "late-night"})
    for order in ({}, {"name": "x"}, {"artists": ["a"], "room": "house"}, {"playlist": "  "}):
        assert "made of" in (await told(site, "/api/stations", order, 400))["error"]["message"]


@pytest.mark.parametrize(
    ("path", "order", "status"),
    [
        ("", {"artists": [""]}, 400), ("", {"artists": ["  "]}, 400), ("", {"artists": "Drake"}, 400),
        ("", {"artists": ["a"] * 201}, 400), ("", {"artists": ["a"], "name": "x" * 101}, 400),
        ("", {"artists": ["a\u0000"]}, 400), ("", {"artists": ["a"], "tuning": {"likes": 3.1}}, 400),
        ("/friday/tune", {"adventure": 1.01}, 400), ("/friday/tune", {"adventure": "0.5"}, 400),
        ("/friday/tune", {"adventure": True}, 400), ("/friday/tune", {"rule": "often"}, 400),
        ("/friday/tune", {"volume": 1}, 400), ("/friday/vote", {"kind": "love"}, 400), ("/friday/vote", {}, 400),
        ("/friday/rename", {"name": " "}, 400), ("/friday/next", {}, 400), ("/friday/next", {"tracks": {}}, 400),
        ("/friday/next", {"tracks": [{"track_id": "a", "play_seconds": -1, "length_seconds": 1}]}, 400),
        ("/friday/next", {"tracks": [{"track_id": "a", "play_seconds": 1, "length_seconds": 0}]}, 400),
        ("/friday/next", {"tracks": [{"track_id": "a", "play_seconds": 1}]}, 400),
        ("/friday/next", {"tracks": [], "token": "x"}, 400), ("/nowhere/next", {"tracks": []}, 404),
        ("/nowhere/play", {}, 404), ("/friday/play", {"zone": "attic"}, 404), ("/refill", {"room": "nowhere"}, 404),
        ("/train", {"folders": [1]}, 400), ("/import", {"text": ""}, 400), ("/import", {"text": "no card"}, 400),
        ("/import", {"text": "é" * 263_000}, 400), ("/import", {"text": "{" * 3_200_000}, 413),
        ("/station:friday/vote", {"kind": "like"}, 404),
    ],
)  # fmt: skip
async def test_what_is_wrong_is_refused(site: Site, radio: FakeRadio, path: str, order: Any, status: int) -> None:
    body = BytesIO(json.dumps(order).encode())  # as bytes a large one would hold up the loop
    answer = await site.post(f"/api/stations{path}", data=body, headers={"Content-Type": "application/json"})
    assert answer.status == status, await answer.text()
    assert len(radio.known) == 2
    assert not any(call[0] in ("tune", "vote", "next", "rename", "train") for call in radio.calls)


async def test_it_plays_or_says_why_not(site: Site, radio: FakeRadio) -> None:
    batch = await told(site, "/api/stations/friday/play", {"zone": "Kitchen"})
    assert (len(batch["batch"]), batch["zone"]) == (2, "kitchen")
    assert site.hub.calls[-1] == ("play_station", FRIDAY, ZoneName("kitchen"))
    state = await told(site, "/api/state")
    assert (state["active_room"], state["active_station"], state["now_playing"]["station"]) == (
        None,
        "friday",
        "friday",
    )
    site.hub.fail["play_station"] = Trouble(TroubleCode.RATE_LIMITED, "Spotify asks us to wait", retry_after_s=40.5)
    refused = (await told(site, "/api/stations/friday/play", {}, 409))["error"]
    assert (refused["code"], refused["retry_after"]) == ("rate_limited", 41)


async def test_it_is_tuned_voted_on_and_forgets(site: Site, radio: FakeRadio) -> None:
    tuned = await told(site, "/api/stations/friday/tune", {"adventure": 1, "rule": "share"})
    assert (tuned["station"]["tuning"]["adventure"], tuned["station"]["tuning"]["rule"]) == (1.0, "share")
    assert (await told(site, "/api/stations/friday/vote", {"kind": "like"}, 409))["error"]["code"] == "conflict"
    for kind, number in (("like", 1), ("dislike", 2), ("dislike", 3)):
        voted = await told(site, "/api/stations/friday/vote", {"kind": kind, "uri": song(number).uri})
    assert (voted["station"]["likes"], voted["station"]["dislikes"]) == (1, 2)
    why = await told(site, "/api/stations/friday")
    assert [each["kind"] for each in why["votes"]] == ["dislike", "dislike", "like"]
    assert (why["votes"][0]["by_hand"], len(why["next"]), why["notes"]) == (True, 10, ["a note"])
    assert (await told(site, "/api/stations/friday/take_back", {}))["station"]["dislikes"] == 1
    assert (await told(site, "/api/stations/friday/clear", {}))["station"]["likes"] == 0
    renamed = await told(site, "/api/stations/friday/rename", {"name": " Saturday "})
    assert (renamed["station"]["id"], renamed["station"]["name"]) == ("friday", "Saturday")
    assert await told(site, "/api/stations/friday/remove", {}) == {"ok": True}
    await told(site, "/api/stations/friday", status=404)


async def test_cards_go_out_and_come_in(site: Site, radio: FakeRadio) -> None:
    for query, kind, ending in (
        ("", "application/json", "station.json"),
        ("?form=jspf", "application/jspf+json", "jspf"),
    ):
        answer = await site.get(f"/api/stations/friday/card{query}")
        assert (answer.status, answer.content_type) == (200, kind)
        assert answer.headers["Content-Disposition"] == f'attachment; filename="friday.{ending}"'
        assert (await answer.text()).endswith(': "friday"}\n')
    await told(site, "/api/stations/friday/card?form=xspf", status=400)
    escaped = {"text": "{" + "\u2028" * 21_000 + "}", "name": "Theirs"}  # six bytes each, as some clients write them
    found = await told(site, "/api/stations/import", escaped)
    assert (found["coverage"], found["signer"], found["station"]["name"]) == (0.5, "Ada", "Theirs")


async def test_work_is_begun_watched_and_stopped(site: Site, radio: FakeRadio) -> None:
    radio.ends = False
    begun = await told(site, "/api/stations/train", {"folders": ["/music/lists"], "seed": 7})
    assert (begun["status"], begun["what"], begun["done"], begun["total"]) == ("running", "train", 3, 6)
    assert begun["model"]["artists"] == 20_000
    assert (await told(site, "/api/stations/refill", {}, 409))["error"]["code"] == "conflict"
    assert (await told(site, "/api/stations/cancel", {}))["status"] == "cancelled"
    radio.ends = True
    await told(site, "/api/stations/train", {"anew": True})
    assert radio.calls[-1] == ("train", "anew")
    await told(site, "/api/stations/refill", {"room": "late-night"})
    await told(site, "/api/stations/job")
    done = await told(site, "/api/stations/job")
    assert done["refills"][0]["added"][0]["why"] == "near Trophies"
    assert (radio.calls[0], radio.calls[-1]) == (("train", "/music/lists", 7), ("refill", "late-night"))
    radio.played_from = ModelView(trouble=UNTRAINED)
    radio.view = StationJob(StationJobStatus.FAILED, "train", error="out of memory")
    job = await told(site, "/api/stations/job")
    assert (job["error"], job["model"]["trouble"], job["model"]["trained_at"]) == ("out of memory", UNTRAINED, None)


async def test_strangers_change_nothing(open_site: OpenSite) -> None:
    site = await open_site(password="right horse")
    radio = site.hub.the_radio = FakeRadio(station())
    assert (await site.post("/api/stations/friday/next", json={"tracks": []})).status == 401
    bearer = {"Authorization": f"Bearer {site.token}"}
    assert (await site.ask("GET", "/api/stations")).status == 401
    assert (await site.ask("POST", "/api/stations/friday/next", json={"tracks": []}, headers=bearer)).status == 200
    assert [call[0] for call in radio.calls] == ["next"]


async def test_other_sites_change_nothing(site: Site, radio: FakeRadio) -> None:
    foreign = {"Origin": "http://evil.example"}
    for path in ("/api/stations/friday/next", "/stations/friday/vote"):
        assert (await site.ask("POST", path, json={"tracks": []}, headers=foreign)).status == 403
    assert radio.calls == []
