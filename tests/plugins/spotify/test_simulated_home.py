"""The plugin in the simulated home: the main flows, and what really happened against what the plugin said."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from random import Random
from typing import Any, cast
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests

from moodroom_hub.core.clock import LoopClock
from moodroom_hub.core.config.models import Settings
from moodroom_hub.core.context import PluginContext
from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.core.ports import LoginStatus
from moodroom_hub.domain.models import EpochMs, Playing, Uri
from moodroom_hub.plugins.spotify.config import SpotifyConfig
from moodroom_hub.plugins.spotify.wiring import Parts, put_together
from moodroom_hub.simulator.catalogue import demo_items
from moodroom_hub.simulator.devices import Presence, SimDevice
from moodroom_hub.simulator.faults import Fault, FaultPlan, FaultRule, Latency
from moodroom_hub.simulator.home import EPOCH_MS, SimulatedHome
from moodroom_hub.simulator.spotify_api import Limits
from tests.plugins.spotify.lab import virtual

SONGS = [Uri(item.uri) for item in demo_items() if item.uri.startswith("spotify:track:") and item.is_playable]


async def log_in(home: SimulatedHome, parts: Parts) -> None:
    """Go the way of a browser, from the login page to the address where it lands."""
    address = urlsplit(await parts.account.begin_login())
    answer = home.fake.handle("GET", address.path, dict(parse_qsl(address.query)), {})
    await parts.account.finish_login(answer.headers["Location"])


@contextlib.asynccontextmanager
async def at_home(
    folder: Path, *, is_logged_in: bool = True, **more: Any
) -> AsyncIterator[tuple[SimulatedHome, Parts]]:
    """A home without a listener, and the plugin's parts in it, without any socket, in virtual time."""
    async with SimulatedHome(3, listener=None, serve=False, **more) as home:

        def session() -> requests.Session:
            made = requests.Session()
            made.mount("https://", home.adapter())
            return made

        config = SpotifyConfig(client_id=home.client_id, api_url=home.api_url, accounts_url=home.accounts_url)
        anything = cast(Any, None)
        context = PluginContext(
            name="spotify",
            config=config,
            settings=Settings(),
            data_dir=folder,
            clock=LoopClock(EpochMs(EPOCH_MS)),
            rng=Random(1),
            hub=anything,
            policy=anything,
            spawn=anything,
            set_status=anything,
            publish=anything,
        )
        parts = put_together(context, lambda _: None, session)
        try:
            if is_logged_in:
                await log_in(home, parts)
            yield home, parts
        finally:
            await parts.close()


@virtual
async def test_an_evening(tmp_path: Path) -> None:
    async with at_home(tmp_path) as (home, parts):
        assert (await parts.source.look()).playing is Playing.NOTHING
        await parts.player.play(SONGS[0])
        for uri in SONGS[1:4]:
            await parts.player.queue(uri)
        assert home.world.true_queue() == tuple(SONGS[1:4])
        assert list(await parts.player.upcoming())[:3] == SONGS[1:4]
        await asyncio.sleep(20)
        seen = await parts.source.look()
        assert seen.track is not None
        assert (seen.track.uri, seen.is_playing) == (SONGS[0], True)
        assert seen.position_ms is not None
        assert abs(seen.position_ms - 20_000) < 2_000
        await parts.player.next()
        await asyncio.sleep(1)
        seen = await parts.source.look()
        assert seen.track is not None
        assert seen.track.uri == SONGS[1]
        await parts.player.pause()
        await parts.player.pause()
        assert not (await parts.source.look()).is_playing
        await parts.player.resume()
        await parts.player.resume()
        assert (await parts.source.look()).is_playing
        assert {each.name for each in await parts.player.devices()} == {"Living Room", "Phone", "Television"}


@virtual
async def test_a_look_is_stamped_with_the_middle_of_its_round_trip(tmp_path: Path) -> None:
    latency = Latency(fastest_ms=50, usual_ms=400)
    async with at_home(tmp_path, faults=FaultPlan(5, latency=latency)) as (home, parts):
        await parts.player.play(SONGS[0])
        for _ in range(10):
            began_ms = home.now_ms()
            seen = await parts.source.look()
            ended_ms = home.now_ms()
            assert ended_ms - began_ms > 50
            assert abs(seen.at_ms - (began_ms + ended_ms) / 2) <= 1
            assert abs(seen.uncertainty_ms - (ended_ms - began_ms) / 2) <= 1
            true_position_ms = home.world.view().position_at(seen.at_ms)
            assert seen.position_ms is not None
            assert abs(seen.position_ms - true_position_ms) <= seen.uncertainty_ms + 1


@virtual
async def test_a_pause_of_a_night_and_the_device_wakes_again(tmp_path: Path) -> None:
    async with at_home(tmp_path) as (_, parts):
        await parts.player.play(SONGS[0])
        await parts.player.pause()
        await asyncio.sleep(8 * 3600)
        assert (await parts.source.look()).playing is Playing.NOTHING
        await parts.player.play(SONGS[1])
        seen = await parts.source.look()
        assert seen.device is not None
        assert (seen.device.name, seen.is_playing) == ("Living Room", True)


@virtual
async def test_a_sleeping_device_is_woken(tmp_path: Path) -> None:
    sleeper = SimDevice("Television", kind="TV", presence=Presence.ASLEEP, wake_ms=3_000)
    async with at_home(tmp_path, devices=[sleeper]) as (_, parts):
        await parts.player.play(SONGS[0])
        seen = await parts.source.look()
        assert seen.track is not None
        assert (seen.track.uri, seen.is_playing) == (SONGS[0], True)


@virtual
async def test_a_restricted_group_is_told_by_its_name(tmp_path: Path) -> None:
    sonos = SimDevice("Sonos Kitchen", presence=Presence.ACTIVE, is_restricted=True)
    async with at_home(tmp_path, devices=[sonos]) as (_, parts):
        with pytest.raises(Trouble) as trouble:
            await parts.player.play(SONGS[0])
        assert trouble.value.code in {TroubleCode.RESTRICTED_DEVICE, TroubleCode.NO_DEVICE}


@virtual
async def test_the_library_and_every_song_of_it_found_again(tmp_path: Path) -> None:
    async with at_home(tmp_path) as (_, parts):
        pages = [page async for page in parts.account.liked_tracks()]
        liked = [each for page in pages for each in page.tracks]
        assert sum(page.skipped for page in pages) + len(liked) == pages[0].total
        assert [each.added_at for each in liked] == sorted((each.added_at for each in liked), reverse=True)
        for each in liked[:20]:
            track = each.track
            found = await parts.account.find_track(track.name, track.artists[0], track.isrc)
            assert found is not None
            assert found.isrc == track.isrc
        assert await parts.account.find_track("No Such Song At All", "Nobody") is None


@virtual
async def test_a_year_of_looking_needs_two_logins_and_says_so_in_time(tmp_path: Path) -> None:
    async with at_home(tmp_path) as (home, parts):
        warned_on: list[int] = []
        ended_on: list[int] = []
        for day in range(0, 360, 4):
            await asyncio.sleep(4 * 86_400)
            state = parts.account.login_state(EpochMs(home.now_ms()))
            if state.status is LoginStatus.EXPIRING:
                warned_on.append(day)
            try:
                await parts.source.look()
            except Trouble:
                ended_on.append(day)
                await log_in(home, parts)
        assert len(ended_on) == 1
        assert warned_on[0] <= ended_on[0] - 12


@virtual
async def test_tokens_are_renewed_once_for_everybody_and_rotation_loses_none(tmp_path: Path) -> None:
    async with at_home(tmp_path) as (home, parts):
        for _ in range(5):
            await asyncio.sleep(3600)
            await asyncio.gather(*(parts.source.look() for _ in range(6)))
        renewals = [each for each in home.fake.requests if each.endpoint == "POST /api/token"]
        assert len(renewals) == 1 + 5
        home.fake.accounts.expire_access_tokens()
        await parts.source.look()
        home.fake.accounts.kill_refresh_tokens()
        home.fake.accounts.expire_access_tokens()
        await asyncio.sleep(600)
        with pytest.raises(Trouble) as trouble:
            await parts.source.look()
        assert trouble.value.code is TroubleCode.LOGIN_NEEDED


@virtual
async def test_a_listener_who_asks_for_everything_at_once_is_never_refused(tmp_path: Path) -> None:
    async with at_home(tmp_path, limits=Limits(per_window=45, knocking_s=60)) as (home, parts):
        await parts.player.play(SONGS[0])

        async def read_library() -> None:
            async for _ in parts.account.liked_tracks():
                pass

        async def search() -> None:
            for _ in range(30):
                await parts.account.find_track("Trophies", "Drake")

        async def watch() -> None:
            for _ in range(120):
                await parts.source.look()
                await asyncio.sleep(1)

        async def fill() -> None:
            for uri in SONGS[1:40]:
                await parts.player.queue(uri)

        await asyncio.gather(read_library(), search(), watch(), fill())
        assert {each.status for each in home.fake.requests if each.status >= 400} == set()
        assert list(home.world.true_queue()) == SONGS[1:40]


COMMAND_FAULTS = [fault for fault in Fault if fault not in {Fault.BLIP_204, Fault.NULL_ITEM, Fault.STALE_QUEUE}]


@pytest.mark.parametrize("fault", COMMAND_FAULTS)
def test_what_is_said_of_a_queue_post_is_what_happened(tmp_path: Path, fault: Fault) -> None:
    @virtual
    async def run() -> None:
        rule = FaultRule(fault, ("POST /me/player/queue",), rate=0.5, retry_after_s=5)
        async with at_home(tmp_path, faults=FaultPlan(7, [rule])) as (home, parts):
            await parts.player.play(SONGS[0])
            done: list[Uri] = []
            not_done: list[Uri] = []
            struck = 0
            for uri in SONGS[1:13]:
                try:
                    await parts.player.queue(uri)
                    done.append(uri)
                except Trouble as trouble:
                    struck += 1
                    if not trouble.outcome_unknown:
                        not_done.append(uri)
                    await asyncio.sleep((trouble.retry_after_s or 0) + 0.5)
            truth = list(home.world.true_queue())
            assert len(truth) == len(set(truth))
            assert [uri for uri in truth if uri in done] == done
            assert not set(not_done) & set(truth)
            sent = [each for each in home.fake.requests if each.endpoint == "POST /me/player/queue"]
            repeated = sum(each.fault == Fault.FALSE_401 for each in sent)
            assert len(sent) <= 12 + repeated
            assert struck or fault in {Fault.GARBLED, Fault.FALSE_401}

    run()


@pytest.mark.parametrize("fault", COMMAND_FAULTS)
def test_play_that_says_done_is_done(tmp_path: Path, fault: Fault) -> None:
    @virtual
    async def run() -> None:
        rule = FaultRule(fault, ("PUT /me/player*",), rate=0.6, retry_after_s=5)
        async with at_home(tmp_path, faults=FaultPlan(11, [rule])) as (home, parts):
            for uri in SONGS[:8]:
                try:
                    await parts.player.play(uri)
                except Trouble as trouble:
                    await asyncio.sleep((trouble.retry_after_s or 0) + 1)
                    continue
                view = home.world.view()
                assert view.item is not None
                assert (view.item.uri, view.is_playing) == (uri, True)

    run()


@pytest.mark.parametrize("seed", range(4))
def test_a_stormy_day_gives_troubles_and_nothing_else(tmp_path: Path, seed: int) -> None:
    @virtual
    async def run() -> None:
        async with at_home(tmp_path) as (home, parts):
            home.fake.faults = FaultPlan.stormy(seed)
            player = parts.player
            rng = Random(seed)
            fresh = iter(SONGS)
            sent: list[Uri] = []
            for _ in range(120):
                what = rng.choice(["look", "play", "queue", "pause", "resume", "next", "devices", "upcoming"])
                try:
                    if what == "look":
                        await parts.source.look()
                    elif what in {"play", "queue"}:
                        uri = next(fresh)
                        sent.extend([uri] if what == "queue" else [])
                        await getattr(player, what)(uri)
                    else:
                        await getattr(player, what)()
                except Trouble:
                    pass
                await asyncio.sleep(rng.uniform(0.2, 20))
            queued = [each.detail for each in home.world.truth.commands if each.name == "queue"]
            assert len(queued) == len(set(queued))
            assert set(queued) <= set(sent)

    run()
