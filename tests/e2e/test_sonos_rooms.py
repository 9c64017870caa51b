"""Rooms on Sonos: a whole hub and a simulated household over sockets; what was heard is the household's own record."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random
from typing import Any

import aiohttp
import pytest

from moodroom_hub.core.clock import SystemClock
from moodroom_hub.core.config import load_config
from moodroom_hub.core.hub import Hub
from moodroom_hub.domain.models import DurationMs, PoolEntry, RoomSlug, Tier, Track, Uri
from moodroom_hub.plugins import BUILTIN_PLUGINS
from moodroom_hub.simulator.devices import Presence, SimDevice
from moodroom_hub.simulator.items import Item
from moodroom_hub.simulator.sonos.home import SimulatedSonos
from moodroom_hub.simulator.sonos.truth import SonosListen
from tests.e2e.conftest import MakeHouse
from tests.e2e.house import csv_rows, eventually, songs
from tests.ports import free_port
from tests.sonos_thread import SonosThread

pytestmark = pytest.mark.alone
"""Twenty times as fast as life every look counts: nothing may run beside it."""

SPEED = 20
KITCHEN, LIVING = "Kitchen", "Living Room"
ROOMS = {slug: songs(f"Of {slug}", 40) for slug in ("late-night", "house")}
URIS = {slug: {item.uri for item in items} for slug, items in ROOMS.items()}
EVERYTHING = [item for items in ROOMS.values() for item in items]
DOWN = {"CONFIRMED": "SAFE_SIDE", "SAFE_SIDE": "REMOVED", "DISCOVERY": "REMOVED"}
PATIENCE_S = 12.0


class Evening:
    """A hub with a household, twenty times as fast as life."""

    def __init__(self, hub: Hub, sonos: SimulatedSonos, web: aiohttp.ClientSession, clock: SystemClock) -> None:
        self.hub = hub
        self.sonos = sonos
        self.world = sonos.world
        self.web = web
        self.clock = clock

    async def get(self, path: str) -> Any:
        """GET that must succeed."""
        async with self.web.get(path) as reply:
            assert reply.status == 200, await reply.text()
            return await reply.json()

    async def post(self, path: str, order: Any = None) -> Any:
        """POST that must succeed."""
        async with self.web.post(path, json=order or {}) as reply:
            assert reply.status == 200, await reply.text()
            return await reply.json()

    async def activate(self, room: str, zone: str) -> list[str]:
        """Switch a room on in a zone; the batch's uris."""
        return [track["uri"] for track in (await self.post(f"/api/rooms/{room}/activate", {"zone": zone}))["batch"]]

    async def state(self, zone: str) -> Any:
        """``GET /api/state`` of a zone."""
        return await self.get(f"/api/state?zone={zone}")

    def queue(self, room: str) -> list[str]:
        """What lies in the queue of the room's group."""
        with self.world.looked_at():
            return [entry.track.recording.uri for entry in self.world.coordinator_of(room).deck.queue]

    def ahead(self, room: str) -> list[str]:
        """What lies behind the current track there."""
        with self.world.looked_at():
            deck = self.world.coordinator_of(room).deck
            return [entry.track.recording.uri for entry in deck.queue][deck.track_number :]

    def playing(self, room: str) -> str | None:
        """What really sounds there."""
        with self.world.looked_at():
            deck = self.world.coordinator_of(room).deck
            return deck.track.recording.uri if deck.track is not None and deck.is_running else None

    def listens(self, room: str) -> list[SonosListen]:
        """What was really heard in a room, in order."""
        truth = self.world.truth
        return [each for each in truth.listens if any(room in one.players for one in each.until(truth.at_ms))]

    async def until(self, look: Callable[[], Any], what: str) -> None:
        """Wait until ``look`` gives something true."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                while not look():  # noqa: ASYNC110 -- the household is no part of the loop: it tells nobody
                    await asyncio.sleep(0.03)
        except TimeoutError:
            raise AssertionError(f"{what}: not in time") from None

    async def until_state(self, zone: str, fits: Callable[[Any], Any], what: str) -> Any:
        """Wait until the zone's state fits."""
        state = None
        try:
            async with asyncio.timeout(PATIENCE_S):
                while True:
                    state = await self.state(zone)
                    if fits(state):
                        return state
                    await asyncio.sleep(0.05)
        except TimeoutError:
            raise AssertionError(f"{what}: not in time; {state}") from None

    async def full(self, room: str) -> None:
        """Wait until nine tracks lie ahead."""
        await self.until(lambda: len(self.ahead(room)) == 9, f"nine tracks are ahead in {room}")

    async def listen(self, seconds: float) -> None:
        """Let so much of the house's time pass."""
        await self.clock.sleep_ms(seconds * 1000)


def pool_of(items: list[Item]) -> list[PoolEntry]:
    """A pool, a third in each tier."""
    tiers = (Tier.CONFIRMED, Tier.SAFE_SIDE, Tier.DISCOVERY)
    return [
        PoolEntry(Track(Uri(item.uri), item.name, item.artists, DurationMs(item.duration_ms)), tiers[number % 3])
        for number, item in enumerate(items)
    ]


@asynccontextmanager
async def an_evening(folder: Path, **plugins: Any) -> AsyncIterator[Evening]:
    """No Spotify account: the speakers' own Spotify does."""
    clock, port = SystemClock(SPEED), free_port()
    players = (KITCHEN, LIVING)
    async with SimulatedSonos(players=players, items=EVERYTHING, now_ms=clock.now_ms, speed=SPEED) as sonos:
        sections = {
            "spotify": {"enabled": False},
            "sonos": {"addresses": [f"{host}:{port}" for host, port in sonos.addresses]},
            **plugins,
        }
        config = {"hub": {"data_dir": str(folder / "data")}, "web": {"port": port}, "plugins": sections}
        path = folder / "config.yaml"
        path.write_text(json.dumps(config), encoding="utf-8")
        loaded = load_config(path, {})
        async with Hub(
            loaded,
            clock=clock,
            rng=Random(1),
            builtins=BUILTIN_PLUGINS,
            with_foreign=False,
        ) as hub:
            for slug, items in ROOMS.items():
                await hub.pools.put_base(RoomSlug(slug), pool_of(items), replace_all=True)
            token = (folder / "data" / "api-token").read_text().strip()
            headers = {"Authorization": f"Bearer {token}"}
            async with aiohttp.ClientSession(f"http://127.0.0.1:{port}", headers=headers) as web:
                evening = Evening(hub, sonos, web, clock)
                await evening.until(
                    lambda: {"kitchen", "living-room"} <= set(hub.commands.zones), "the zones are there"
                )
                yield evening


@pytest.fixture
async def evening(tmp_path: Path) -> AsyncIterator[Evening]:
    """An evening that begins in silence."""
    async with an_evening(tmp_path) as made:
        yield made


def overheard(evening: Evening, room: str, old: set[str], new: set[str]) -> int:
    """Milliseconds of the old room that were heard after the new one began."""
    listens = evening.listens(room)
    at_ms = evening.world.truth.at_ms
    begun = min(one.from_ms for each in listens if each.recording.uri in new for one in each.until(at_ms))
    return sum(
        max(0, one.to_ms - max(one.from_ms, begun))
        for each in listens
        if each.recording.uri in old
        for one in each.until(at_ms)
    )


async def test_an_evening_in_the_kitchen(evening: Evening) -> None:
    batch = await evening.activate("late-night", "kitchen")
    assert evening.playing(KITCHEN) == batch[0]
    await evening.full(KITCHEN)
    assert evening.queue(KITCHEN) == batch

    # A skip under 30 s: down it goes, with a receipt, and a fresh track comes.
    await evening.listen(8)
    state = await evening.until_state("kitchen", lambda told: told["now_playing"], "it is seen")
    assert state["now_playing"]["uri"] == batch[0]
    assert await evening.post("/api/player/next", {"uri": batch[0], "zone": "kitchen"}) == {"skipped": True}

    state = await evening.until_state("kitchen", lambda told: told["receipts"], "a receipt")
    receipt = state["receipts"][0]
    assert (receipt["uri"], receipt["kind"], receipt["after"]) == (batch[0], "SKIPPED", DOWN[receipt["before"]])
    await evening.full(KITCHEN)
    assert evening.playing(KITCHEN) == batch[1]

    # The listener's own skip at the speaker, later than 30 s: no receipt, but a fresh track.
    await evening.listen(45)
    evening.world.next(KITCHEN)
    await evening.full(KITCHEN)
    assert len((await evening.state("kitchen"))["receipts"]) == 1

    # Another room: nothing of the old one is heard, nor lies there.
    second = await evening.activate("house", "kitchen")
    await evening.full(KITCHEN)
    assert evening.queue(KITCHEN) == second
    assert set(second) <= URIS["house"]
    for _ in range(3):
        await evening.listen(4)
        evening.world.next(KITCHEN)
        await evening.full(KITCHEN)
    assert overheard(evening, KITCHEN, URIS["late-night"], URIS["house"]) == 0
    told = await evening.state("kitchen")
    assert (told["active_room"], told["troubles"]) == ("house", [])


async def test_two_zones_play_two_rooms(evening: Evening) -> None:
    first, second = await asyncio.gather(
        evening.activate("late-night", "kitchen"), evening.activate("house", "living-room")
    )
    await evening.full(KITCHEN)
    await evening.full(LIVING)
    assert (evening.queue(KITCHEN), evening.queue(LIVING)) == (first, second)
    active = {room["slug"]: room["zones"] for room in (await evening.get("/api/rooms"))["rooms"] if room["active"]}
    assert active == {"late-night": ["kitchen"], "house": ["living-room"]}
    await evening.post("/api/rooms/off", {"zone": "kitchen"})
    assert (await evening.state("kitchen"))["active_room"] is None
    assert (await evening.state("living-room"))["active_room"] == "house"


async def test_the_leader_leaves_and_the_room_goes_along(evening: Evening) -> None:
    await evening.activate("late-night", "living-room")
    await evening.full(LIVING)
    evening.world.join(KITCHEN, LIVING)
    await evening.until_state("kitchen", lambda told: told["leader"] == "living-room", "the kitchen is joined")
    assert await evening.post("/api/player/pause", {"zone": "kitchen"}) is not None
    assert evening.playing(LIVING) is None, "an order for a joined zone goes to where the music is led"
    await evening.post("/api/player/play", {"zone": "kitchen"})
    await evening.listen(10)
    playing, ahead = evening.playing(LIVING), evening.ahead(LIVING)

    evening.world.leave(LIVING)
    await evening.until_state(
        "kitchen", lambda told: told["leader"] is None and told["active_room"] == "late-night", "the room moves"
    )
    assert (await evening.state("living-room"))["active_room"] is None
    assert (evening.playing(KITCHEN), evening.ahead(KITCHEN)) == (playing, ahead)
    await evening.listen(30)
    evening.world.next(KITCHEN)
    await evening.full(KITCHEN)
    assert evening.queue(LIVING) == []
    history = (await evening.get("/api/history"))["history"]
    assert [each["uri"] for each in history if each["uri"] == playing] == [playing], "one listen, not two"
    assert (await evening.state("kitchen"))["receipts"] == []


async def test_a_speaker_is_unplugged_and_comes_back(evening: Evening) -> None:
    await evening.activate("late-night", "kitchen")
    await evening.full(KITCHEN)
    await evening.listen(10)
    evening.world.unplug(KITCHEN)
    await evening.sonos.settle()
    async with evening.web.post("/api/rooms/house/activate", json={"zone": "kitchen"}) as reply:
        told = (await reply.json())["error"]
    assert told["code"] in {"no_device", "unavailable"}
    assert "plugged in" in told["message"]
    evening.world.plug_in(KITCHEN)
    await evening.sonos.settle()

    async def again() -> bool:
        async with evening.web.post("/api/rooms/house/activate", json={"zone": "kitchen"}) as reply:
            return reply.status == 200

    await _until_done(again, "it plays again")
    await evening.full(KITCHEN)
    assert set(evening.queue(KITCHEN)) <= URIS["house"]
    assert (await evening.get("/api/state?zone=kitchen"))["receipts"] == [], "no strike for the power"


async def _until_done(deed: Callable[[], Awaitable[bool]], what: str) -> None:
    try:
        async with asyncio.timeout(PATIENCE_S):
            while not await deed():  # noqa: ASYNC110 -- likewise
                await asyncio.sleep(0.1)
    except TimeoutError:
        raise AssertionError(f"{what}: not in time") from None


async def test_a_switch_of_home_assistant_names_the_zone(tmp_path: Path) -> None:
    import aiomqtt

    port = free_port()
    async with an_evening(tmp_path, mqtt={"embedded": True, "embedded_host": "127.0.0.1", "port": port}) as evening:
        async with aiomqtt.Client("127.0.0.1", port) as broker:
            order = json.dumps({"state": "ON", "zone": "kitchen"})
            await broker.publish("moodroom/room/house/set", order, qos=1)
            await evening.until(lambda: evening.playing(KITCHEN) in URIS["house"], "the kitchen plays")
        await evening.full(KITCHEN)
        assert evening.playing(LIVING) is None


@pytest.fixture(scope="module")
def household() -> Iterator[SonosThread]:
    """For a hub that is a process of its own: at the speed of life."""
    with SonosThread(EVERYTHING) as made:
        yield made


def test_the_power_goes_in_the_middle_and_spotify_hands_over(house: MakeHouse, household: SonosThread) -> None:
    device = SimDevice("Kitchen", kind="Speaker", presence=Presence.ACTIVE)
    home = house(EVERYTHING, devices=[device], config={"plugins": {"sonos": {"addresses": household.addresses}}})
    home.settle_in("".join(csv_rows(slug, "CONFIRMED", items) for slug, items in ROOMS.items()))

    # What Spotify calls restricted can be had through the speaker's own zone, and that is said.
    home.world.devices["Kitchen"].is_restricted = True
    refused = home.post("/api/rooms/house/activate")
    assert refused.error["code"] == "restricted_device"
    assert "kitchen" in refused.error["message"]

    batch = [track["uri"] for track in home.done("/api/rooms/house/activate", {"zone": "kitchen"})["batch"]]
    eventually(lambda: len(household.queue(KITCHEN)) >= 4, "some are queued")
    home.kill()
    home.start()
    # One may have been on its way when the power went: the queue itself tells, and it is sent if it never came.
    eventually(lambda: len(household.queue(KITCHEN)) >= 10, "the rest is queued")
    assert household.queue(KITCHEN) == batch, "each once, in their order"
    household.world.next(KITCHEN)
    eventually(lambda: len(household.queue(KITCHEN)) >= 11, "it goes on topping up")
    after = household.queue(KITCHEN)
    assert len(set(after)) == len(after)
    code, seconds = home.stop()
    assert (code, seconds < 5) == (0, True)
