"""One day of a hub in a simulated home: music from all six rooms, a listener, an open page, and what it cost."""

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.weight import EPOCH_MS
from benchmarks.weight.process import HubProcess, Memory
from benchmarks.weight.spotify import House, ToldClock
from moodroom_hub.simulator.catalogue import ROOM_SLUGS, pool_csv

PACE = 1_500.0
_LOOK_S = 0.05
_HOUR_MS = 3_600_000


@dataclass(frozen=True, slots=True)
class Day:
    """What a day left behind. ``database`` is the file, closed and whole; ``page_events`` reached an open page."""

    hours: float
    before: Memory
    with_page: Memory
    with_metrics: Memory
    cpu_s: float
    requests: int
    page_events: int
    activations: int
    figures: Mapping[str, float]
    database: Path
    log: str


async def live(hours: float, folder: Path, environ: Mapping[str, str]) -> Day:
    """Let a hub live through ``hours`` and keep its figures. ``environ`` is where it is installed."""
    clock = ToldClock(EPOCH_MS)
    async with House(clock, folder) as house:
        port, begin, done = free_port(), folder / "begin", folder / "done"
        config = configure(folder, port, house)
        rhythm = [str(hours * 3600), str(PACE), str(begin), str(done)]
        command = ["-m", "benchmarks.weight.child", str(config), *rhythm]
        async with HubProcess(command, folder, port, {**environ, **house.environ}) as hub:
            before = hub.memory()
            await settle_in(hub, house)
            async with open_page(hub):
                began_s = hub.cpu_s()
                begin.touch()
                activations = await _spend(hub, clock, done)
                cpu_s = hub.cpu_s() - began_s
                await hub.get("/")
                with_page = hub.memory()
                figures = _figures(await hub.get("/metrics"))
                with_metrics = hub.memory()
        return Day(
            hours=hours,
            before=before,
            with_page=with_page,
            with_metrics=with_metrics,
            cpu_s=cpu_s,
            requests=house.requests,
            page_events=hub.events,
            activations=activations,
            figures=figures,
            database=folder / "data" / "moodroom.db",
            log=hub.told(),
        )


def configure(folder: Path, port: int, house: House) -> Path:
    """The configuration of a hub in this house."""
    path = folder / "config.yaml"
    spotify = {
        "client_id": house.home.client_id,
        "api_url": f"{house.url}v1/",
        "accounts_url": house.url,
    }
    config: dict[str, Any] = {
        "hub": {"data_dir": str(folder / "data")},
        "web": {"port": port},
        "plugins": {"spotify": spotify},
    }
    path.write_text(json.dumps(config))  # JSON is YAML
    return path


async def settle_in(hub: HubProcess, house: House, *, is_playing: bool = True) -> None:
    """Log in, fill the pools, read the liked songs, switch the first room on."""
    async with house.visitor() as browser:
        await hub.log_in(browser)
    await _order(hub, "/api/pool/import", format="csv", text=pool_csv())
    await _order(hub, "/api/library/sync")
    if is_playing:
        await _order(hub, f"/api/rooms/{ROOM_SLUGS[0]}/activate")


async def _order(hub: HubProcess, path: str, **order: Any) -> None:
    status, answer = await hub.post(path, **order)
    if status != 200:
        raise RuntimeError(f"{path}: {status} {answer}")


@contextlib.asynccontextmanager
async def open_page(hub: HubProcess) -> AsyncIterator[None]:
    """A browser shows the page meanwhile."""
    page = asyncio.create_task(hub.follow(), name="an open page")
    try:
        yield
    finally:
        page.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await page


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.create_server(("127.0.0.1", 0)) as trial:
        return int(trial.getsockname()[1])


async def _spend(hub: HubProcess, clock: ToldClock, done: Path) -> int:
    """Be at home until the day is over: another room every other hour, an undo and a fresh page every third."""
    activations, seen_hour = 0, 0
    while not done.exists():  # noqa: ASYNC240 -- a look at a local folder, in a process that has nothing else to do
        await asyncio.sleep(_LOOK_S)
        hour = (clock.now_ms() - EPOCH_MS) // _HOUR_MS
        if hour == seen_hour:
            continue
        seen_hour = hour
        if hour % 2 == 0:
            await hub.post(f"/api/rooms/{ROOM_SLUGS[hour // 2 % len(ROOM_SLUGS)]}/activate")
            activations += 1
        if hour % 3 == 0:
            await hub.get("/")
            receipts = json.loads(await hub.get("/api/receipts"))["receipts"]
            if receipts:
                await hub.post(f"/api/receipts/{receipts[0]['id']}/undo")
    return activations


def _figures(exposed: bytes) -> dict[str, float]:
    lines = (line for line in exposed.decode().splitlines() if line and not line.startswith("#"))
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}
