"""The main calls, made by the real spotipy over real sockets."""

import asyncio
import functools
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest
import requests
import spotipy

from moodroom_hub.simulator.faults import Fault, FaultPlan, FaultRule
from moodroom_hub.simulator.library import Library, Liked, SimPlaylist
from moodroom_hub.simulator.server import SpotifyServer
from moodroom_hub.simulator.spotify_api import FakeSpotify, Habits
from moodroom_hub.simulator.world import World
from tests.simulator.homes import EPOCH_MS, SONGS, URIS, HandClock, small_world


class Home:
    """A world, its fake, a server and spotipy in one hand."""

    def __init__(
        self, clock: HandClock, world: World, fake: FakeSpotify, client: spotipy.Spotify, threads: Executor
    ) -> None:
        self.clock, self.world, self.fake, self.client = clock, world, fake, client
        self._threads = threads

    async def ask(self, method: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Call spotipy as the hub does: in a worker thread."""
        call = functools.partial(method, *args, **kwargs)
        return await asyncio.get_running_loop().run_in_executor(self._threads, call)

    async def refusal(self, method: Callable[..., Any], *args: Any, **kwargs: Any) -> "Refusal":
        """What spotipy raises, without the traceback that would keep its connection alive."""
        try:
            await self.ask(method, *args, **kwargs)
        except spotipy.SpotifyException as refused:
            return Refusal(refused.http_status, refused.msg, refused.reason, dict(refused.headers))
        raise AssertionError("nothing was refused")


@dataclass(frozen=True)
class Refusal:
    http_status: int
    msg: str
    reason: str | None
    headers: dict[str, str]


@pytest.fixture
async def home() -> AsyncIterator[Home]:
    clock = HandClock()
    liked = [Liked(uri, EPOCH_MS - 86_400_000 * (place + 1)) for place, uri in enumerate(URIS)]
    foreign = SimPlaylist("f" * 22, "Foreign", owner_id="somebody_else", uris=[*URIS[:2]])
    world = small_world(clock, library=Library(liked, [foreign]))
    fake = FakeSpotify(world, habits=Habits(pads_queue=True))
    server = SpotifyServer(fake)
    await server.start()
    with requests.Session() as session, ThreadPoolExecutor(1) as threads:
        client = spotipy.Spotify(
            auth=fake.issue_tokens()["access_token"], requests_session=session, requests_timeout=(3, 5)
        )
        client.prefix = server.api_url
        yield Home(clock, world, fake, client, threads)
    await server.stop()


async def test_playing_queueing_and_looking(home: Home) -> None:
    await home.ask(home.client.start_playback, uris=[URIS[0]])
    for uri in URIS[1:4]:
        await home.ask(home.client.add_to_queue, uri)
    assert home.world.true_queue() == URIS[1:4]
    home.clock.turn(12_345)
    state = await home.ask(home.client.current_playback, market="DE")
    assert state["item"]["uri"] == URIS[0]
    assert state["item"]["external_ids"]["isrc"] == SONGS[0].isrc
    assert state["item"]["is_playable"] is True
    assert (state["progress_ms"], state["is_playing"], state["context"]) == (12_345, True, None)
    assert state["timestamp"] == EPOCH_MS
    assert state["device"]["name"] == "Kitchen"
    assert not {"popularity", "linked_from", "available_markets"} & set(state["item"])
    queue = await home.ask(home.client.queue)
    assert [row["uri"] for row in queue["queue"]][:6] == [*URIS[1:4], *URIS[1:4]]
    await home.ask(home.client.next_track)
    await home.ask(home.client.seek_track, 30_000)
    await home.ask(home.client.pause_playback)
    state = await home.ask(home.client.current_playback)
    assert (state["item"]["uri"], state["progress_ms"], state["is_playing"]) == (URIS[1], 30_000, False)
    assert "is_playable" not in state["item"]
    await home.ask(home.client.start_playback)
    await home.ask(home.client.repeat, "track")
    await home.ask(home.client.shuffle, True)
    await home.ask(home.client.volume, 20)
    state = await home.ask(home.client.current_playback)
    assert (state["repeat_state"], state["shuffle_state"], state["device"]["volume_percent"]) == ("track", True, 20)


async def test_devices_and_transfer(home: Home) -> None:
    listed = (await home.ask(home.client.devices))["devices"]
    assert [(device["name"], device["is_active"]) for device in listed] == [
        ("Kitchen", True),
        ("Phone", False),
        ("Television", False),
    ]
    await home.ask(home.client.start_playback, uris=[URIS[0]])
    await home.ask(home.client.transfer_playback, listed[2]["id"])
    home.clock.turn(11_500)
    state = await home.ask(home.client.current_playback)
    assert (state["device"]["name"], state["progress_ms"]) == ("Television", 10_000)
    stale = await home.refusal(home.client.start_playback, device_id="gone", uris=[URIS[0]])
    assert stale.http_status == 404


async def test_refusals_look_like_the_real_ones(home: Home) -> None:
    home.world.lose_device("Kitchen")
    refused = await home.refusal(home.client.add_to_queue, URIS[0])
    assert (refused.http_status, refused.reason) == (404, "NO_ACTIVE_DEVICE")
    assert await home.ask(home.client.current_playback) is None
    assert (await home.ask(home.client.queue)) == {"currently_playing": None, "queue": []}
    limit = await home.refusal(home.client.search, "song", limit=11)
    assert limit.http_status == 400
    assert "Invalid limit" in limit.msg
    removed = await home.refusal(home.client._get, "audio-features/?ids=1")
    assert removed.http_status == 403
    unknown = await home.refusal(home.client.track, "0" * 22)
    assert unknown.http_status == 404


async def test_liked_songs_come_in_pages_newest_first(home: Home) -> None:
    page = await home.ask(home.client.current_user_saved_tracks, limit=5)
    uris = [row["track"]["uri"] for row in page["items"]]
    while page["next"]:
        page = await home.ask(home.client.next, page)
        uris += [row["track"]["uri"] for row in page["items"]]
    assert uris == list(URIS)
    assert page["items"][-1]["added_at"].endswith("Z")
    await home.ask(home.client.current_user_saved_tracks_delete, [URIS[0]])
    assert await home.ask(home.client.current_user_saved_tracks_contains, list(URIS[:2])) == [False, True]
    await home.ask(home.client.current_user_saved_tracks_add, [URIS[0]])
    assert home.world.library.liked[0].uri == URIS[0]


async def test_search_finds_by_words_and_by_isrc(home: Home) -> None:
    by_words = await home.ask(home.client.search, "song 7 testers", limit=3)
    assert by_words["tracks"]["items"][0]["uri"] == URIS[7]
    by_isrc = await home.ask(home.client.search, f"isrc:{SONGS[4].isrc}", type="track")
    assert [row["uri"] for row in by_isrc["tracks"]["items"]] == [URIS[4]]
    by_filter = await home.ask(home.client.search, 'track:"Song 3" artist:"The Testers"')
    assert by_filter["tracks"]["items"][0]["uri"] == URIS[3]


async def test_playlists_live_and_change(home: Home) -> None:
    made = await home.ask(home.client.current_user_playlist_create, "Evening", public=False)
    identity = made["id"]
    await home.ask(home.client.playlist_add_items, identity, list(URIS[:4]))
    await home.ask(home.client.playlist_reorder_items, identity, 0, 3)
    await home.ask(home.client.playlist_remove_all_occurrences_of_items, identity, [URIS[3]])
    rows = (await home.ask(home.client.playlist_items, identity, limit=50))["items"]
    assert [row["item"]["uri"] for row in rows] == [URIS[1], URIS[2], URIS[0]]
    await home.ask(home.client.playlist_replace_items, identity, [URIS[8]])
    whole = await home.ask(home.client.playlist, identity)
    assert (whole["name"], whole["public"], whole["items"]["total"]) == ("Evening", False, 1)
    names = {row["name"]: row for row in (await home.ask(home.client.current_user_playlists))["items"]}
    assert set(names) == {"Evening", "Foreign"}
    foreign = names["Foreign"]
    assert "items" not in foreign
    assert (await home.refusal(home.client.playlist_items, foreign["id"], limit=50)).http_status == 403
    await home.ask(home.client.start_playback, context_uri=made["uri"])
    assert home.world.view().context_uri == made["uri"]


async def test_recently_played_holds_what_was_really_heard(home: Home) -> None:
    await home.ask(home.client.start_playback, uris=list(URIS[:3]))
    home.clock.turn(20_000)
    await home.ask(home.client.next_track)
    home.clock.turn(SONGS[1].duration_ms)
    recent = await home.ask(home.client.current_user_recently_played, limit=10)
    assert [row["track"]["uri"] for row in recent["items"]] == [URIS[1]]
    after = await home.ask(home.client.current_user_recently_played, after=home.clock.now_ms)
    assert after["items"] == []


async def test_faults_reach_spotipy_as_they_would(home: Home) -> None:
    await home.ask(home.client.start_playback, uris=[URIS[0]])
    queue = ("POST /me/player/queue",)
    home.fake.faults = FaultPlan(
        rules=[
            FaultRule(Fault.ERROR_AFTER, queue, at_most=1),
            FaultRule(Fault.TOO_MANY, queue, at_most=1, retry_after_s=41),
            FaultRule(Fault.RESET_AFTER, queue, at_most=1),
        ]
    )
    bad_gateway = await home.refusal(home.client.add_to_queue, URIS[1])
    assert (bad_gateway.http_status, home.world.true_queue()) == (502, (URIS[1],))
    wait = await home.refusal(home.client.add_to_queue, URIS[2])
    assert (wait.http_status, wait.headers["Retry-After"]) == (429, "41")
    with pytest.raises(requests.exceptions.ConnectionError):
        await home.ask(home.client.add_to_queue, URIS[3])
    assert home.world.true_queue() == (URIS[1], URIS[3])
