"""An hour of listening while the broker is dead: nothing of it is lost, and after its return all is told."""

import asyncio
import gc
import json
import time
import tracemalloc
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict
from itertools import cycle
from pathlib import Path
from random import Random

import pytest

from benchmarks.truth import spotify
from moodroom_hub.core.clock import LoopClock
from moodroom_hub.core.config import load_config
from moodroom_hub.core.hub import Hub
from moodroom_hub.domain.models import (
    Cause,
    DurationMs,
    EpochMs,
    Listen,
    PoolEntry,
    RoomSlug,
    Tier,
    Track,
    Uri,
    VerdictKind,
)
from moodroom_hub.plugins.spotify.token_file import Login
from moodroom_hub.simulator.faults import FaultPlan, Latency
from moodroom_hub.simulator.home import EPOCH_MS, SimulatedHome
from moodroom_hub.simulator.items import Item
from moodroom_hub.simulator.truth import Actor, EndedBy, TrueListen
from moodroom_hub.simulator.virtual_time import VirtualTimeLoop
from moodroom_hub.simulator.world import World
from tests.e2e.house import songs
from tests.plugins.mqtt.conftest import MakeMosquitto
from tests.plugins.mqtt.conftest import make_mosquitto as make_mosquitto
from tests.plugins.mqtt.house import Home, home, until
from tests.plugins.mqtt.mosquitto import Mosquitto

BUILTINS = (
    *(f"moodroom_hub.plugins.{name}" for name in ("sampling", "demotion", "top_up", "mqtt")),
    "benchmarks.truth.spotify",
)
NIGHT, HOUSE = RoomSlug("late-night"), RoomSlug("house")
MINUTE_S = 60.0
SONG_MS = 100_000
PATIENCE_S = 60.0
MOST_S = 5.0
"""So long after the broker's return all must be right, in real seconds."""
FLAT_BYTES = 150_000
"""What the hub itself may hold on to in three quarters of an hour: a history of some 50 listens passes through it."""
HABITS_S = (None, 12.0, None, 65.0, 20.0, None, 5.0)
"""When the person leaves a track; ``None``: hears it to its end."""
SETTLED_MS = 20_000
AUDIBLE_MS = 3_000


class Steered(VirtualTimeLoop):
    """Time is the machine's, for the broker is a process of its own; while ``is_jumping`` it jumps."""

    is_jumping = False

    def _jump(self, seconds: float) -> None:
        if not self.is_jumping:
            began_s = time.monotonic()
            time.sleep(min(seconds, 0.001))
            seconds = min(seconds, time.monotonic() - began_s)
        super()._jump(seconds)


def entries_of(items: Sequence[Item]) -> list[PoolEntry]:
    """A pool of these, a third in each tier."""
    tiers = (Tier.CONFIRMED, Tier.SAFE_SIDE, Tier.DISCOVERY)
    return [
        PoolEntry(Track(Uri(item.uri), item.name, item.artists, DurationMs(item.duration_ms)), tiers[number % 3])
        for number, item in enumerate(items)
    ]


@asynccontextmanager
async def hub_at(port: int, folder: Path) -> AsyncIterator[tuple[Hub, World, LoopClock]]:
    """A whole hub, its broker and a simulated Spotify; two rooms are full."""
    clock, loop = LoopClock(EpochMs(EPOCH_MS)), asyncio.get_running_loop()
    assert isinstance(loop, Steered)
    rooms = {slug: songs(slug, 90, SONG_MS) for slug in (NIGHT, HOUSE)}
    items = [item for some in rooms.values() for item in some]
    faults = FaultPlan(1, latency=Latency(40, 120, 900, slow_rate=0.02), read_lag_ms=(0, 800))
    async with SimulatedHome(listener=None, items=items, liked=[], faults=faults, serve=False) as house:
        wire = spotify.Wire(house.fake, loop.sleep_from_thread)
        spotify.lead_to(wire)
        log_in(folder / "data", house, clock.now_ms())
        sections = {"spotify": {"client_id": house.client_id}, "mqtt": {"host": "127.0.0.1", "port": port}}
        path = folder / "config.yaml"
        path.write_text(json.dumps({"hub": {"data_dir": str(folder / "data")}, "plugins": sections}))
        loaded = load_config(path, {})
        async with Hub(loaded, clock=clock, rng=Random(1), builtins=BUILTINS, with_foreign=False) as hub:
            for slug, some in rooms.items():
                await hub.pools.put_base(slug, entries_of(some), replace_all=True)
            yield hub, house.world, clock
        await wire.silence()


def log_in(data_dir: Path, house: SimulatedHome, now_ms: int) -> None:
    """As if somebody had logged in yesterday."""
    tokens = house.issue_tokens()
    login = Login(
        client_id=house.client_id,
        access_token=tokens["access_token"],
        refresh_token=tokens["refresh_token"],
        obtained_at_ms=now_ms,
        expires_at_ms=now_ms + 3_600_000,
        authorised_at_ms=now_ms,
        scope=tokens["scope"],
    )
    data_dir.mkdir(mode=0o700)
    (data_dir / "spotify-token.json").write_text(json.dumps(asdict(login)))


async def listen(world: World) -> None:
    """The person at the player: hears, leaves, by habit. For ever."""

    def began_ms() -> int | None:
        under_way = world.open_listen()
        return None if under_way is None else under_way.started_ms

    for leaves_s in cycle(HABITS_S):
        now_ms = began_ms()
        if leaves_s is not None:
            await asyncio.sleep(leaves_s)
            if began_ms() == now_ms and world.is_sounding:
                world.next(Actor.LISTENER)
        while began_ms() in (now_ms, None):  # noqa: ASYNC110 -- the world tells nobody
            await asyncio.sleep(1)


def true_verdict(heard: TrueListen) -> VerdictKind:
    """What it was."""
    if heard.ended_by is EndedBy.NATURAL:
        return VerdictKind.COMPLETED
    is_skip = heard.ended_by is EndedBy.LISTENER_SKIP and heard.end_position_ms < 30_000
    return VerdictKind.SKIPPED if is_skip else VerdictKind.PARTIAL


def agree(truth: Sequence[TrueListen], told: Sequence[Listen]) -> Counter[VerdictKind]:
    """Each listen that could be heard has one row of the history, with its verdict; gives how many of each there are.

    What else the history tells are songs of a left room that the hub passes over on its way to the new one.
    """
    kinds: Counter[VerdictKind] = Counter()
    left = list(told)
    for heard in truth:
        if heard.heard_ms < AUDIBLE_MS:
            continue
        of_it = [row for row in left if row.track.uri == heard.queued_uri and is_of(row, heard)]
        assert [row.verdict.kind for row in of_it] == [true_verdict(heard)], (heard, of_it)
        left.remove(of_it[0])
        kinds[of_it[0].verdict.kind] += 1
    assert all(row.verdict.cause not in (Cause.LISTENER, Cause.NATURAL) for row in left), left
    return kinds


def is_of(row: Listen, heard: TrueListen) -> bool:
    """Whether they are of the same time."""
    return max(abs(row.started_at_ms - heard.started_ms), abs(row.ended_at_ms - heard.ended_ms)) < SETTLED_MS


def held_bytes() -> int:
    """What the hub's own code holds since tracing began; the simulated world keeps everything, on purpose."""
    gc.collect()
    ours = ("*/moodroom_hub/core/*", "*/moodroom_hub/plugins/*", "*/moodroom_hub/domain/*", "*/paho/*", "*/asyncio/*")
    snapshot = tracemalloc.take_snapshot().filter_traces([tracemalloc.Filter(True, pattern) for pattern in ours])
    return sum(statistic.size for statistic in snapshot.statistics("filename"))


async def all_told(client: Home, hub: Hub, world: World) -> None:
    """Wait until the broker keeps what is so."""
    state = await hub.commands.state()
    wanted = {
        "moodroom/bridge/state": "online",
        "moodroom/room/late-night/state": "OFF",
        "moodroom/room/house/state": "ON",
        "moodroom/active_room/state": "House",
        "moodroom/learning/state": "OFF",
    }
    assert state.active_room == HOUSE

    def is_right() -> bool:
        playing = client.said("moodroom/now_playing/state")
        item = world.view().item
        return (
            all(client.said(topic)[-1:] == [payload] for topic, payload in wanted.items())
            and bool(playing)
            and item is not None
            and json.loads(playing[-1])["uri"] == item.uri
            and all(client.said(f"homeassistant/device/{one}/config") for one in ("moodroom", "moodroom_room_house"))
        )

    await until(is_right)


async def live_an_hour(broker: Mosquitto, folder: Path) -> None:
    loop = asyncio.get_running_loop()
    assert isinstance(loop, Steered)
    async with hub_at(broker.port, folder) as (hub, world, clock):
        async with home(broker.port) as client:
            await hub.commands.activate(NIGHT)
            await client.hears("moodroom/bridge/state", "online", PATIENCE_S)
            await client.hears("moodroom/room/late-night/state", "ON", PATIENCE_S)
        broker.kill()
        loop.is_jumping = True
        began_ms = clock.now_ms()
        person = asyncio.create_task(listen(world))
        try:
            await asyncio.sleep(15 * MINUTE_S)
            tracemalloc.start()
            before = held_bytes()
            await asyncio.sleep(15 * MINUTE_S)
            await hub.commands.activate(HOUSE)
            await asyncio.sleep(29 * MINUTE_S)
            grown = held_bytes() - before
            await asyncio.sleep(1 * MINUTE_S)
        finally:
            tracemalloc.stop()
            person.cancel()
        with pytest.raises(asyncio.CancelledError):
            await person
        await hub.commands.set_learning(False)
        ended_ms = clock.now_ms()
        await asyncio.sleep(SETTLED_MS / 1000)
        loop.is_jumping = False
        broker.start()
        returned_s = time.monotonic()
        async with home(broker.port) as client:
            await all_told(client, hub, world)
        assert time.monotonic() - returned_s < MOST_S
        assert ended_ms - began_ms > 3_600_000
        assert grown < FLAT_BYTES
        truth = [heard for heard in world.truth.listens if heard.ended_ms <= ended_ms]
        rows = [view.listen for view in reversed(await hub.commands.history(limit=500))]
        kinds = agree(truth, [row for row in rows if row.started_at_ms < ended_ms - AUDIBLE_MS])
        assert min(kinds[kind] for kind in VerdictKind) >= 5, kinds
        assert world.truth.dry_ms() < 2_000
        skipped = [view for view in await hub.commands.receipts(limit=500) if view.receipt.kind == "SKIPPED"]
        assert len(skipped) == kinds[VerdictKind.SKIPPED]


@pytest.mark.mosquitto
@pytest.mark.slow
def test_an_hour_without_the_broker(make_mosquitto: MakeMosquitto, tmp_path: Path) -> None:
    broker = make_mosquitto()
    with asyncio.Runner(loop_factory=Steered) as runner:
        runner.run(live_an_hour(broker, tmp_path))
