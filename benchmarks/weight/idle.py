"""The real ``moodroom-hub run``, in real time: how soon it answers, and what it does while nobody asks anything."""

import asyncio
import statistics
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.weight.day import configure, free_port, open_page, settle_in
from benchmarks.weight.process import HubProcess, Memory
from benchmarks.weight.spotify import House, ToldClock

_BREATH_S = 2.0


@dataclass(frozen=True, slots=True)
class Idle:
    """Start in seconds (median; the very first one apart), processor time as a share of one core, memory at the end."""

    first_start_s: float
    start_s: float
    starts: int
    nothing_plays: float
    music_plays: float
    memory: Memory


async def watch(folder: Path, environ: Mapping[str, str], *, starts: int, watch_s: float) -> Idle:
    """Start a hub ``starts`` times and once more, then watch it for ``watch_s`` without and with music."""
    async with House(ToldClock(), folder, listener=None) as house:
        port = free_port()
        command = ["-m", "moodroom_hub", "-c", str(configure(folder, port, house)), "run"]
        surroundings = {**environ, **house.environ}
        taken_s = []
        for _ in range(starts + 1):
            async with HubProcess(command, folder, port, surroundings) as hub:
                taken_s.append(hub.start_s)
        async with HubProcess(command, folder, port, surroundings) as hub:
            await settle_in(hub, house, is_playing=False)
            nothing = await _share(hub, watch_s)
            async with open_page(hub):
                await hub.post("/api/rooms/late-night/activate")
                music = await _share(hub, watch_s)
            return Idle(taken_s[0], statistics.median(taken_s[1:]), starts, nothing, music, hub.memory())


async def _share(hub: HubProcess, watch_s: float) -> float:
    await asyncio.sleep(_BREATH_S)
    before_s = hub.cpu_s()
    await asyncio.sleep(watch_s)
    return (hub.cpu_s() - before_s) / watch_s
