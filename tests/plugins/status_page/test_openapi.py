"""The API's own description tells the truth: every route, no other, and the answers as they are."""

import re
from typing import Any

from aiohttp import web
from pydantic import BaseModel

from moodroom_hub.core.face import ListenView
from moodroom_hub.domain.models import HOME
from moodroom_hub.domain.plays.models import DeliveryStatus
from moodroom_hub.domain.stations.models import StationKey, VoteKind
from moodroom_hub.plugins.status_page.routes import add_routes, all_routes
from tests.plugins.radio.fake_radio import FakeRadio, station
from tests.plugins.sorter.fake_sorter import FakeSorter, layer, song
from tests.plugins.status_page.conftest import Site
from tests.plugins.status_page.fake_hub import LATE_NIGHT, listen, track


async def read_document(site: Site) -> dict[str, Any]:
    """The description as it is served."""
    told: dict[str, Any] = await (await site.get("/api/openapi.json")).json()
    return told


async def test_every_route_is_described_and_no_other(site: Site) -> None:
    told = await read_document(site)
    app = web.Application()
    add_routes(app)
    served = {
        (route.method, route.resource.canonical)
        for route in app.router.routes()
        if route.method != "HEAD" and route.resource is not None
    }
    described = {(method.upper(), path) for path, calls in told["paths"].items() for method in calls}
    assert described == served
    assert told["openapi"].startswith("3.1")


async def test_the_design_s_calls_are_all_there(site: Site) -> None:
    told = await read_document(site)
    promised = """
        GET / | GET /api/state | GET /api/rooms | GET /api/rooms/{slug}/pool | POST /api/rooms/{slug}/activate
        | POST /api/rooms/off | POST /api/player/play | POST /api/player/pause | POST /api/player/next
        | POST /api/learning | GET /api/receipts | POST /api/receipts/{id}/undo | GET /api/history | GET /api/events
        | GET /login | GET /callback | POST /api/login/paste | GET /livez | GET /readyz | GET /metrics
        | GET /api/openapi.json | GET /api/stations | POST /api/stations/{id}/next
    """
    for call in promised.split("|"):
        method, path = call.split()
        assert method.lower() in told["paths"][path]


async def test_references_lead_somewhere_and_ids_are_unique(site: Site) -> None:
    told = await read_document(site)
    schemas = told["components"]["schemas"]
    for name in re.findall(r"#/components/schemas/(\w+)", str(told)):
        assert name in schemas
    operations = [operation for calls in told["paths"].values() for operation in calls.values()]
    ids = [operation["operationId"] for operation in operations]
    assert len(set(ids)) == len(ids)
    for path, calls in told["paths"].items():
        for operation in calls.values():
            named = {each["name"] for each in operation["parameters"] if each["in"] == "path"}
            assert named == set(re.findall(r"{(\w+)}", path))


async def test_orders_are_described_with_their_wire_names(site: Site) -> None:
    schemas = (await read_document(site))["components"]["schemas"]
    assert set(schemas["LearningOrder"]["properties"]) == {"enabled", "for"}
    assert schemas["LearningOrder"]["required"] == ["enabled"]
    assert schemas["LearningOrder"]["additionalProperties"] is False
    assert set(schemas["PaletteShape"]["properties"]) == {"accent", "from", "to", "blobs"}


async def test_answers_are_what_is_described(site: Site) -> None:
    site.hub.add_receipts(3)
    site.hub.listens = [ListenView(1, HOME, listen(1))]
    site.hub.plays.add(track(1), lastfm=DeliveryStatus.DEAD)
    await site.hub.activate(LATE_NIGHT)
    site.hub.the_sorter = FakeSorter(layer())
    site.hub.the_radio = FakeRadio(station("1"))
    await site.hub.the_radio.vote(StationKey("1"), VoteKind.LIKE, track(1).uri)
    bodies: dict[str, dict[str, Any]] = {
        "/api/learning": {"enabled": True},
        "/api/pool/import": {"format": "csv", "text": "room,tier,name,artist,uri,isrc\n"},
        "/api/history/import": {
            "plays": [{"ended_at_ms": 1_700_000_000_000, "heard_ms": 1, "name": "A", "artist": ""}]
        },
        "/api/login/paste": {"url": "http://127.0.0.1/callback?code=good"},
        "/api/plays/{id}/edit": {"artist": "Somebody"},
        "/api/player/device": {"device": "Kitchen"},
        "/api/rooms/{slug}/move": {"uri": track(1).uri, "tier": "SAFE_SIDE"},
        "/api/rooms/{slug}/keep": {"uris": [track(1).uri]},
        "/api/sorter/{layer}/answer": {"uri": song(1).uri, "sublists": ["techno"]},
        "/api/sorter/{layer}/skip": {"uri": song(2).uri},
        "/api/sorter/{layer}/move": {"uri": song(3).uri, "sublists": []},
        "/api/stations": {"artists": ["Drake"]},
        "/api/stations/import": {"text": "{}"},
        "/api/stations/{id}/next": {"tracks": [{"track_id": "a", "play_seconds": 12, "length_seconds": 200.5}]},
        "/api/stations/{id}/vote": {"kind": "dislike", "uri": song(3).uri},
        "/api/stations/{id}/rename": {"name": "Saturday"},
    }
    asked = 0
    for route in all_routes():
        models = {status: answer for status, answer in route.answers if isinstance(answer, type)}
        if not models:
            continue
        path = (
            route.path.replace("{slug}", "late-night")
            .replace("{id}", "1")
            .replace("{group}", "past-1")
            .replace("{layer}", "energy")
        )
        answer = await (site.get(path) if route.method == "GET" else site.post(path, json=bodies.get(route.path)))
        model: type[BaseModel] = models[answer.status]
        model.model_validate(await answer.json(), strict=False)
        asked += 1
    assert asked >= 17
