"""How answers travel, and how they fail to: without sockets and with them."""

import asyncio

import pytest
import requests
from aiohttp import ClientConnectionError, ClientSession, ClientTimeout

from moodroom_hub.simulator.faults import Fault, FaultPlan, FaultRule, Latency
from moodroom_hub.simulator.home import SimulatedHome
from moodroom_hub.simulator.server import SpotifyServer
from moodroom_hub.simulator.transport import InProcessAdapter
from moodroom_hub.simulator.truth import Actor
from moodroom_hub.simulator.virtual_time import run_virtual
from tests.simulator.fakes import Asker
from tests.simulator.homes import EPOCH_MS, URIS

API = "https://api.spotify.com/v1"
QUEUE = f"{API}/me/player/queue"


def session_of(asker: Asker) -> requests.Session:
    """A session whose waits turn the world's clock."""
    session = requests.Session()
    session.mount("https://", InProcessAdapter(asker.fake, lambda seconds: asker.clock.turn(seconds * 1000)))
    session.headers["Authorization"] = f"Bearer {asker.token}"
    return session


def test_an_answer_takes_its_time_on_both_ways() -> None:
    asker = Asker(faults=FaultPlan(1, latency=Latency(400, 400, 400)))
    asker.world.play(Actor.LISTENER, uris=URIS)
    with session_of(asker) as session:
        state = session.get(f"{API}/me/player", params={"market": "DE"}, timeout=(3, 10))
    assert state.ok
    assert state.headers["Content-Type"].startswith("application/json")
    assert asker.clock.now_ms == pytest.approx(EPOCH_MS + 400, abs=2)
    assert 80 <= state.json()["progress_ms"] <= 320


@pytest.mark.parametrize(
    ("fault", "failure", "queued"),
    [
        (Fault.HANG_BEFORE, requests.exceptions.ReadTimeout, ()),
        (Fault.HANG_AFTER, requests.exceptions.ReadTimeout, (URIS[1],)),
        (Fault.RESET_BEFORE, requests.exceptions.ConnectionError, ()),
        (Fault.RESET_AFTER, requests.exceptions.ConnectionError, (URIS[1],)),
    ],
)
def test_requests_sees_timeouts_and_broken_connections(
    fault: Fault, failure: type[Exception], queued: tuple[str, ...]
) -> None:
    asker = Asker(faults=FaultPlan(rules=[FaultRule(fault, ("POST *",))]))
    asker.world.play(Actor.LISTENER, uris=[URIS[0]])
    with session_of(asker) as session, pytest.raises(failure):
        session.post(QUEUE, params={"uri": URIS[1]}, timeout=(3, 10))
    assert asker.world.true_queue() == queued
    assert asker.clock.now_ms == EPOCH_MS + (10_000 if fault.value.startswith("hang") else 0)


def test_an_answer_slower_than_the_caller_waits_is_a_timeout_after_the_effect() -> None:
    asker = Asker(faults=FaultPlan(1, latency=Latency(4_000, 4_000, 4_000)))
    asker.world.play(Actor.LISTENER, uris=[URIS[0]])
    with session_of(asker) as session, pytest.raises(requests.exceptions.ReadTimeout):
        session.post(QUEUE, params={"uri": URIS[1]}, timeout=(3, 3.5))
    assert asker.world.true_queue() == (URIS[1],)


def test_the_whole_login_works_over_requests() -> None:
    asker = Asker()
    with session_of(asker) as session:
        form = {
            "grant_type": "refresh_token",
            "refresh_token": asker.fake.issue_tokens()["refresh_token"],
            "client_id": asker.fake.app.client_id,
        }
        answer = session.post("https://accounts.spotify.com/api/token", data=form, timeout=5)
    assert answer.json()["token_type"] == "Bearer"


def test_a_hanging_request_ends_in_world_time() -> None:
    async def work() -> float:
        plan = FaultPlan(rules=[FaultRule(Fault.HANG_AFTER, ("GET /me",))])
        async with SimulatedHome(1, listener=None, faults=plan) as home:
            async with ClientSession(timeout=ClientTimeout(total=600)) as session:
                with pytest.raises(ClientConnectionError):
                    await session.get(home.api_url + "me")
            return asyncio.get_running_loop().time()

    assert 60 <= run_virtual(work) <= 300


async def test_stopping_does_not_wait_for_requests_that_hang() -> None:
    asker = Asker(faults=FaultPlan(rules=[FaultRule(Fault.HANG_BEFORE)]))
    server = SpotifyServer(asker.fake)
    await server.start()
    async with ClientSession() as session:
        waiting = asyncio.create_task(session.get(server.api_url + "me"))
        while not asker.fake.requests:  # noqa: ASYNC110 -- the fake's log is no event
            await asyncio.sleep(0.01)
        await server.stop()
        with pytest.raises(ClientConnectionError):
            await waiting


async def test_covers_are_drawn_and_unknown_addresses_are_not_found() -> None:
    asker = Asker()
    server = SpotifyServer(asker.fake)
    await server.start()
    asker.world.play(Actor.LISTENER, uris=[URIS[0]])
    headers = {"Authorization": f"Bearer {asker.token}"}
    async with ClientSession(headers=headers) as session:
        async with session.get(server.api_url + "me/player") as answer:
            picture = (await answer.json())["item"]["album"]["images"][0]["url"]
        async with session.get(picture) as answer:
            assert answer.content_type == "image/svg+xml"
            assert "<script" not in await answer.text()
        async with session.get(server.accounts_url + "nowhere") as answer:
            assert answer.status == 404
    await server.stop()
