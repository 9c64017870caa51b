"""The whole home: days in seconds, the same every time, with sockets and without."""

import asyncio
import random
from collections import Counter

import pytest
import requests
import spotipy
from aiohttp import ClientSession

from moodroom_hub.simulator.faults import FaultPlan
from moodroom_hub.simulator.history import rows_to_history
from moodroom_hub.simulator.home import EPOCH_MS, SimulatedHome
from moodroom_hub.simulator.replay import ReplayListener
from moodroom_hub.simulator.spotify_api import Limits
from moodroom_hub.simulator.truth import Actor, EndedBy, Truth
from moodroom_hub.simulator.virtual_time import run_virtual

DAY_S = 86_400


def live(seed: int, days: float, temperament: str, faults: FaultPlan | None = None) -> Truth:
    """A very small hub: plays a song, keeps eight queued ahead by the true queue, looks now and then."""

    async def work() -> Truth:
        async with SimulatedHome(
            seed, listener=temperament, serve=False, faults=faults, limits=Limits(per_window=None)
        ) as home:
            with requests.Session() as session:
                session.mount("https://", home.adapter())
                client = spotipy.Spotify(
                    auth=home.issue_tokens()["access_token"],
                    requests_session=session,
                    requests_timeout=(3, 10),
                )
                rng = random.Random(seed)
                tracks = [uri for uri in home.world.items if uri.startswith("spotify:track:")]
                await asyncio.to_thread(client.start_playback, uris=[rng.choice(tracks)])
                loop = asyncio.get_running_loop()
                while loop.time() < days * DAY_S:
                    tokens = home.issue_tokens()
                    client.set_auth(tokens["access_token"])
                    try:
                        while len(home.world.true_queue()) < 8:
                            await asyncio.to_thread(client.add_to_queue, rng.choice(tracks))
                        await asyncio.to_thread(client.current_playback)
                    except (spotipy.SpotifyException, requests.exceptions.RequestException):
                        pass
                    await asyncio.sleep(45)
            home.world.close()
            return home.world.truth

    return run_virtual(work)


@pytest.mark.parametrize("temperament", ["hunter", "household"])
def test_anybody_can_live_here_with_a_hub(temperament: str) -> None:
    truth = live(3, 0.5, temperament)
    ends = Counter(listen.ended_by for listen in truth.listens)
    assert ends[EndedBy.NATURAL] > 30
    skips = [one for one in truth.listens if one.ended_by is EndedBy.LISTENER_SKIP]
    assert len(skips) > 10
    assert any(one.end_position_ms < 30_000 for one in skips)
    assert {command.by for command in truth.commands} == {Actor.HUB, Actor.LISTENER}


def test_the_same_seed_gives_the_same_truth() -> None:
    first = live(5, 0.15, "household", FaultPlan.everyday(5))
    assert first == live(5, 0.15, "household", FaultPlan.everyday(5))
    assert first != live(6, 0.15, "household", FaultPlan.everyday(6))


def test_latency_is_world_time_also_without_sockets() -> None:
    truth = live(5, 0.05, "patient", FaultPlan.everyday(5))
    assert truth.listens[0].started_ms > EPOCH_MS + 5


def test_a_socket_answers_in_virtual_time_too() -> None:
    async def work() -> tuple[int, int]:
        async with SimulatedHome(1, listener=None, faults=FaultPlan.everyday(1)) as home:
            with requests.Session() as session:
                client = spotipy.Spotify(
                    auth=home.issue_tokens()["access_token"],
                    requests_session=session,
                    requests_timeout=(3, 10),
                )
                client.prefix = home.api_url
                track = next(iter(home.world.items))
                await asyncio.to_thread(client.start_playback, uris=[track])
                await asyncio.sleep(60)
                state = await asyncio.to_thread(client.current_playback)
            return state["progress_ms"], home.now_ms() - EPOCH_MS

    position_ms, elapsed_ms = run_virtual(work)
    assert 59_000 < position_ms < 61_500
    assert 60_000 < elapsed_ms < 63_000


async def test_a_demo_runs_faster_than_the_wall_clock() -> None:
    async with SimulatedHome(1, speed=1000, listener="hunter") as home:
        began_ms = home.now_ms()
        home.world.play(Actor.LISTENER, uris=[next(iter(home.world.items))])
        await asyncio.sleep(0.03)
        assert home.now_ms() >= began_ms + 30_000
        assert home.api_url.startswith("http://127.0.0.1:")
        assert home.world.is_sounding
        with requests.Session() as session:
            token = home.issue_tokens()["access_token"]
            session.mount("https://", home.adapter())
            headers = {"Authorization": f"Bearer {token}"}
            answer = session.get(home.api_url.replace("http:", "https:") + "me", headers=headers, timeout=5)
            assert answer.status_code == 200


def test_a_home_without_anybody_stays_silent() -> None:
    async def work() -> Truth:
        async with SimulatedHome(1, listener=None, serve=False) as home:
            await asyncio.sleep(DAY_S)
            home.world.close()
            return home.world.truth

    assert run_virtual(work) == Truth()


def test_a_past_can_be_lived_again_before_the_eyes_of_the_api() -> None:
    rows = [
        {"endTime": "2023-05-01 08:03", "artistName": "T", "trackName": "A", "msPlayed": 200_000},
        {"endTime": "2023-05-01 08:03", "artistName": "T", "trackName": "B", "msPlayed": 5_000},
        {"endTime": "2023-05-01 08:07", "artistName": "T", "trackName": "C", "msPlayed": 190_000},
    ]
    history = rows_to_history((str(number), row) for number, row in enumerate(rows))

    async def work() -> list[str]:
        seen = []
        async with SimulatedHome(1, listener=ReplayListener(history)) as home:
            headers = {"Authorization": f"Bearer {home.issue_tokens()['access_token']}"}
            async with ClientSession(headers=headers) as session:
                for wait_s in (100, 102, 100):
                    await asyncio.sleep(wait_s)
                    async with session.get(home.api_url + "me/player") as answer:
                        seen.append((await answer.json())["item"]["name"])
        return seen

    assert run_virtual(work) == ["A", "B", "C"]
