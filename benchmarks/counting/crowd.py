"""Thirty-two speakers on real sockets, one of which takes five seconds to answer, and a hub that looks at them."""

import asyncio
import multiprocessing
import time
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from benchmarks.counting.drive import SHELF
from benchmarks.counting.lives import quiet
from moodroom_hub.core.clock import SystemClock
from moodroom_hub.core.config import load_config
from moodroom_hub.core.errors import Trouble
from moodroom_hub.core.hub import Hub
from moodroom_hub.domain.models import ZoneName
from moodroom_hub.simulator.items import Item, uri_of
from moodroom_hub.simulator.sonos.home import SimulatedSonos

SPEAKERS = 32
SLOW_MS = 5_000
SLOW = ZoneName("room-00")
SETTLE_S = 8.0
MOST_DELAY_S, MOST_BLOCKED_S, MOST_SHARE = 0.5, 0.020, 0.02
PATIENCE_S = 60.0


@dataclass(frozen=True, slots=True)
class Crowd:
    """What was measured, in seconds and as a share of one core. ``is_slow_told``: the slow one is a trouble of its own.

    ``own_blocked_s`` is processor time of the loop's own thread between two of its turns: free of other processes.
    """

    has_events: bool
    delay_s: float
    median_s: float
    blocked_s: float
    own_blocked_s: float
    share: float
    is_slow_told: bool

    @property
    def is_good(self) -> bool:
        """Whether every goal is met."""
        return (
            self.delay_s <= MOST_DELAY_S
            and self.own_blocked_s <= MOST_BLOCKED_S
            and self.share <= MOST_SHARE
            and self.is_slow_told
        )


def table(crowds: list[Crowd]) -> str:
    """As Markdown."""
    lines = [
        (
            f"| {SPEAKERS} speakers, one answers after {SLOW_MS // 1000} s | looks at the others, median / worst | "
            "longest block of the loop: its own work / with all that shares the machine | processor |"
        ),
        "|---|---:|---:|---:|",
    ]
    lines += [
        f"| {'with events' if each.has_events else 'polled only'} | {each.median_s * 1000:.0f} / "
        f"{each.delay_s * 1000:.0f} ms | {each.own_blocked_s * 1000:.1f} / {each.blocked_s * 1000:.1f} ms | "
        f"{each.share:.1%} of a core |"
        for each in crowds
    ]
    lines.append(
        f"| goal | worst ≤ {MOST_DELAY_S * 1000:.0f} ms | ≤ {MOST_BLOCKED_S * 1000:.0f} ms | ≤ {MOST_SHARE:.0%} |"
    )
    return "\n".join(lines)


def measure(seconds: float) -> list[Crowd]:
    """With events and without."""
    return [_measure(seconds, has_events=has_events) for has_events in (True, False)]


def _measure(seconds: float, *, has_events: bool) -> Crowd:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    home = context.Process(target=keep_home, args=(theirs,))
    home.start()
    try:
        addresses: list[str] = ours.recv()
        return asyncio.run(_watch(addresses, seconds, has_events=has_events))
    finally:
        ours.send("over")
        home.join()


def keep_home(pipe: Connection) -> None:
    """The household's process: everybody plays something of their own, until something comes through the pipe."""
    asyncio.run(_keep_home(pipe))


async def _keep_home(pipe: Connection) -> None:
    names = [f"Room {number:02}" for number in range(SPEAKERS)]
    songs = [Item(uri_of(f"Song {n}", "Band"), f"Song {n}", ("Band",), 240_000, album="Album") for n in range(40)]
    async with SimulatedSonos(players=names, items=songs) as sonos:
        for number, name in enumerate(names):
            sonos.world.play_songs(name, [song.uri for song in songs[number % 8 :]])
        sonos.world.slow_down(names[0], SLOW_MS)
        pipe.send([f"{host}:{port}" for host, port in sonos.addresses])
        await asyncio.get_running_loop().run_in_executor(None, pipe.recv)


async def _watch(addresses: list[str], seconds: float, *, has_events: bool) -> Crowd:
    with quiet(), TemporaryDirectory(prefix="moodroom-crowd-", dir=SHELF) as name:
        folder = Path(name)
        written = ", ".join(f'"{address}"' for address in addresses[1:3])
        speakers = f"addresses: [{written}], events: {str(has_events).lower()}, event_host: 127.0.0.1"
        (folder / "config.yaml").write_text(
            f"hub: {{data_dir: {folder / 'data'}}}\nplugins: {{sonos: {{{speakers}}}}}\n"
        )
        hub = Hub(
            load_config(folder / "config.yaml", {}),
            clock=SystemClock(),
            rng=Random(1),
            builtins=("moodroom_hub.plugins.sonos",),
            with_foreign=False,
        )
        async with hub:
            async with asyncio.timeout(PATIENCE_S):
                while len(hub.zones) < SPEAKERS:  # noqa: ASYNC110 -- zones tell nobody that they were found
                    await asyncio.sleep(0.1)
            await asyncio.sleep(SETTLE_S)
            return await _look(hub, seconds, has_events=has_events)


async def _look(hub: Hub, seconds: float, *, has_events: bool) -> Crowd:
    others = [zone for name, zone in hub.zones.items() if name != SLOW]
    began_s, cpu_s = time.perf_counter(), time.process_time()
    await asyncio.sleep(seconds)
    share = (time.process_time() - cpu_s) / (time.perf_counter() - began_s)
    # The rest is measured apart: asking and timing cost something themselves.
    is_over = asyncio.Event()
    gaps = asyncio.create_task(_gaps(is_over))
    waits_s: list[float] = []
    until_s = time.perf_counter() + seconds / 2
    while time.perf_counter() < until_s:
        for zone in others[:: SPEAKERS // 8]:
            asked_s = time.perf_counter()
            await zone.ports.source.look()
            waits_s.append(time.perf_counter() - asked_s)
        await asyncio.sleep(1.0)
    is_over.set()
    blocked_s, own_s = await gaps
    waits_s.sort()
    return Crowd(
        has_events=has_events,
        delay_s=waits_s[-1],
        median_s=waits_s[len(waits_s) // 2],
        blocked_s=blocked_s,
        own_blocked_s=own_s,
        share=share,
        is_slow_told=await _is_trouble(hub),
    )


async def _is_trouble(hub: Hub) -> bool:
    try:
        snapshot = await hub.zones[SLOW].ports.source.look()
    except Trouble:
        return True
    return snapshot.track is None


async def _gaps(is_over: asyncio.Event) -> tuple[float, float]:
    wall_s = own_s = 0.0
    while not is_over.is_set():
        at_s, cpu_s = time.perf_counter(), time.thread_time()
        await asyncio.sleep(0.002)
        wall_s = max(wall_s, time.perf_counter() - at_s - 0.002)
        own_s = max(own_s, time.thread_time() - cpu_s)
    return wall_s, own_s
