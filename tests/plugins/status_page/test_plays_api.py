"""Plays over HTTP: paged, filtered, mended; strict about what it is told."""

import json
from typing import Any

import pytest

from moodroom_hub.core.played import PlaySearch
from moodroom_hub.domain.models import ZoneName
from moodroom_hub.domain.plays.models import DeliveryStatus, Edit
from tests.plugins.status_page.conftest import Site
from tests.plugins.status_page.fake_hub import track

DEAD, SENT = DeliveryStatus.DEAD, DeliveryStatus.SENT


async def read(site: Site, path: str) -> dict[str, Any]:
    """A good answer."""
    answer = await site.get(path)
    assert answer.status == 200
    told: dict[str, Any] = await answer.json()
    return told


async def test_plays_come_in_pages_newest_first(site: Site) -> None:
    for number in range(1, 6):
        site.hub.plays.add(track(number), lastfm=SENT)
    first = await read(site, "/api/plays?limit=3")
    assert ([each["id"] for each in first["plays"]], first["next"]) == ([5, 4, 3], 3)
    last = await read(site, "/api/plays?limit=3&before=3")
    assert ([each["id"] for each in last["plays"]], last["next"]) == ([2, 1], None)


async def test_filters_reach_the_hub(site: Site) -> None:
    site.hub.plays.add(track(1), lastfm=SENT)
    site.hub.plays.add(track(1), zone="attic", twin_of=1)
    site.hub.plays.add(track(2), zone="attic", lastfm=DEAD)
    assert [each["id"] for each in (await read(site, "/api/plays"))["plays"]] == [3, 1]
    assert [each["id"] for each in (await read(site, "/api/plays?twins=true"))["plays"]] == [3, 2, 1]
    found = await read(site, "/api/plays?zone=attic&status=dead&target=lastfm&twins=1")
    assert [each["id"] for each in found["plays"]] == [3]
    assert site.hub.calls[-1][:2] == ("plays.find", PlaySearch(ZoneName("attic"), DEAD, "lastfm", with_twins=True))


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=201", "before=0", "before=x", "status=gone", "twins=maybe", "zone=a%00b", "zone=a&zone=b"],
)
async def test_wrong_filters_are_400(site: Site, query: str) -> None:
    assert (await site.get(f"/api/plays?{query}")).status == 400
    assert site.hub.calls == []


async def test_one_play_tells_all(site: Site) -> None:
    site.hub.plays.add(track(1, "Evil \ud800<b>"), lastfm=DEAD)
    play = (await read(site, "/api/plays/1"))["play"]
    assert (play["name"], play["why"]) == ("Evil \ufffd<b>", "heard for 1:40, half of it")
    assert play["deliveries"][0]["status"] == "dead"
    assert play["deliveries"][0]["reason"] == "the service said no"
    assert (play["heard_ms"], play["threshold_ms"], play["rules"]) == (100_000, 100_000, "spinstack")
    for unknown in ("2", "0", "-1", "x", "9" * 30):
        assert (await site.get(f"/api/plays/{unknown}")).status == 404


async def test_what_is_dead_is_mended(site: Site) -> None:
    for number in (1, 2, 3):
        site.hub.plays.add(track(number), lastfm=DEAD)
    retried = await site.post("/api/plays/retry", json={"ids": [1], "target": "lastfm"})
    assert await retried.json() == {"changed": 1}
    edited = await site.post("/api/plays/2/edit", json={"artist": "  Daft Punk "})
    assert await edited.json() == {"changed": 1}
    left_out = await site.post("/api/plays/3/leave_out")
    assert await left_out.json() == {"changed": 1}
    assert ("plays.edit", 2, Edit(artist="Daft Punk"), None) in site.hub.calls
    assert await (await site.post("/api/plays/retry")).json() == {"changed": 0}
    statuses = [view.deliveries[0].status for view in site.hub.plays.views]
    assert statuses == [DeliveryStatus.WAITING, DeliveryStatus.WAITING, DeliveryStatus.LEFT_OUT]
    assert (await site.post("/api/plays/9/edit", json={"name": "x"})).status == 404


async def test_what_was_left_out_is_taken_up_by_its_id_alone(site: Site) -> None:
    site.hub.plays.add(track(1), lastfm=DEAD)
    await site.post("/api/plays/1/leave_out")
    assert await (await site.post("/api/plays/retry")).json() == {"changed": 0}
    assert await (await site.post("/api/plays/retry", json={"ids": [1]})).json() == {"changed": 1}
    assert (await site.post("/api/plays/retry", json={"ids": [1, 2]})).status == 404


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("retry", {"ids": ["1"]}),
        ("retry", {"ids": [0]}),
        ("retry", {"ids": [2**63]}),
        ("retry", {"ids": [True]}),
        ("retry", {"ids": list(range(1, 1_002))}),
        ("retry", {"id": 1}),
        ("1/edit", {}),
        ("1/edit", {"target": "lastfm"}),
        ("1/edit", {"name": "   "}),
        ("1/edit", {"name": "a\nb"}),
        ("1/edit", {"name": "\u200b\u2060\ufe0f"}),
        ("1/edit", {"artist": "\u3164 \u2800"}),
        ("1/edit", {"album": "\u202e"}),
        ("1/edit", {"name": "evil\u202egpj"}),
        ("1/edit", {"name": "a\u2066b"}),
        ("1/edit", {"name": "a" * 501}),
        ("1/edit", {"name": 5}),
        ("1/leave_out", {"target": ""}),
        ("1/leave_out", {"all": True}),
    ],
)
async def test_wrong_orders_are_400_and_change_nothing(site: Site, path: str, body: dict[str, Any]) -> None:
    site.hub.plays.add(track(1), lastfm=DEAD)
    answer = await site.post(f"/api/plays/{path}", data=json.dumps(body), headers={"Content-Type": "application/json"})
    assert (answer.status, (await answer.json())["error"]["code"]) == (400, "bad_request")
    assert site.hub.calls == []


@pytest.mark.parametrize("name", ["می\u200cخواهم", "👩\u200d🎤", "…", "4′33″", "❤\ufe0f"])
async def test_any_name_that_is_seen_may_be_given(site: Site, name: str) -> None:
    site.hub.plays.add(track(1), lastfm=DEAD)
    assert (await site.post("/api/plays/1/edit", json={"name": name})).status == 200
    assert ("plays.edit", 1, Edit(name=name), None) in site.hub.calls


async def test_strangers_mend_nothing(site: Site) -> None:
    answer = await site.ask("POST", "/api/plays/retry", json={}, headers={"Origin": "http://evil.example"})
    assert answer.status == 403
    assert site.hub.calls == []


async def test_figures_and_services(site: Site) -> None:
    for number in (1, 1, 2):
        site.hub.plays.add(track(number), lastfm=SENT)
    told = await read(site, "/api/statistics?days=7")
    assert (told["days"], told["plays"], told["heard_ms"]) == (7, 3, 300_000)
    assert [(each["name"], each["plays"]) for each in told["tracks"]] == [("Song 1", 2), ("Song 2", 1)]
    assert told["rooms"] == [{"name": "Late Night", "detail": "late-night", "plays": 3, "heard_ms": 300_000}]
    assert (len(told["hours"]), sum(told["hours"])) == (24, 3)
    services = (await read(site, "/api/scrobbles"))["targets"]
    assert [(each["target"], each["counts"]["sent"], each["counts"]["dead"]) for each in services] == [("lastfm", 3, 0)]
    for wrong in ("0", "3651", "x"):
        assert (await site.get(f"/api/statistics?days={wrong}")).status == 400
