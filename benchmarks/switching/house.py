"""A household to switch in: a simulated Spotify that notes arrivals, a real Mosquitto, a hub in its own process."""

import asyncio
import contextlib
import json
import shutil
import time
from collections.abc import AsyncIterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import aiomqtt

from benchmarks.weight.day import free_port
from benchmarks.weight.process import ROOT, HubProcess
from moodroom_hub.simulator.catalogue import demo_pools, pool_csv
from moodroom_hub.simulator.home import SimulatedHome
from moodroom_hub.simulator.spotify_api import Limits

PATIENCE_S = 240.0
_BUTTONS = "wall"


@dataclass(frozen=True, slots=True)
class Arrival:
    """One request at the simulated Spotify. ``room``: whose track it plays."""

    at_s: float
    method: str
    path: str
    room: str | None


@dataclass
class House:
    """Everything of one run. ``heard``: what the foreign client received, with its moment."""

    home: SimulatedHome
    hub: HubProcess
    client: aiomqtt.Client
    arrivals: list[Arrival]
    heard: list[tuple[float, str, bytes]] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)

    async def publish(self, topic: str, payload: str | Mapping[str, Any], *, qos: int = 1) -> None:
        """Say something on the broker, as a switch does."""
        text = payload if isinstance(payload, str) else json.dumps(payload)
        await self.client.publish(topic, text, qos=qos)

    def plays(self, since: int = 0) -> list[Arrival]:
        """The orders to play a room's track, from that arrival on."""
        return [each for each in self.arrivals[since:] if each.room is not None]

    async def state(self) -> dict[str, Any]:
        """``/api/state``."""
        return dict(json.loads(await self.hub.get("/api/state")))


async def eventually(is_so: Any, what: str, patience_s: float = PATIENCE_S) -> None:
    """Wait until ``is_so()``."""
    deadline_s = time.perf_counter() + patience_s
    while not is_so():
        if time.perf_counter() > deadline_s:
            raise RuntimeError(f"not within {patience_s:.0f} s: {what}")
        await asyncio.sleep(0.002)


@contextlib.asynccontextmanager
async def broker(folder: Path) -> AsyncIterator[int]:
    """A real Mosquitto on a free loopback port."""
    program = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin")
    if program is None:
        raise RuntimeError("no Mosquitto is installed (Debian: sudo apt install mosquitto)")
    port, config = free_port(), folder / "mosquitto.conf"
    # By default a broker drops what is more than a thousand messages ahead of a slow reader, which proves nothing here.
    config.write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\nmax_queued_messages 10000\n")
    with (folder / "mosquitto.log").open("ab") as log:
        process = await asyncio.create_subprocess_exec(program, "-c", str(config), stdout=log, stderr=log)
    try:
        for _ in range(500):
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.01)
                continue
            writer.close()
            break
        yield port
    finally:
        process.terminate()
        await process.wait()


@contextlib.asynccontextmanager
async def household(folder: Path, port: int, *, rooms: Mapping[str, Any] | None = None) -> AsyncIterator[House]:
    """A hub that is logged in and has its pools, connected to the broker on ``port``."""
    async with (
        SimulatedHome(7, listener=None, limits=Limits(per_window=None)) as home,
        aiomqtt.Client("127.0.0.1", port, max_inflight_messages=1000, max_queued_outgoing_messages=0) as client,
    ):
        arrivals = _noted(home)
        web_port = free_port()
        config = _configure(folder, home, web_port, port, rooms)
        arguments = ["-m", "benchmarks.switching.child", str(config)]
        house = House(home, HubProcess(arguments, folder, web_port, {"PYTHONPATH": str(ROOT)}), client, arrivals)
        client.pending_calls_threshold = 100_000  # a burst is what this is about
        await client.subscribe("#", qos=1)
        listening = asyncio.create_task(_listen(house), name="the foreign client")
        try:
            async with house.hub:
                yield house
        finally:
            listening.cancel()
            await asyncio.wait([listening])


async def settle_in(house: House) -> None:
    """Log in and fill the pools."""
    async with aiohttp.ClientSession() as browser:
        await house.hub.log_in(browser)
    status, answer = await house.hub.post("/api/pool/import", format="csv", text=pool_csv())
    if status != 200:
        raise RuntimeError(f"the import failed: {answer}")


def button(room: str) -> str:
    """The topic of the wall button that toggles a room."""
    return f"{_BUTTONS}/{room}"


def _noted(home: SimulatedHome) -> list[Arrival]:
    rooms = {str(track.uri): room for room, tracks in demo_pools().items() for _, track in tracks}
    arrivals: list[Arrival] = []
    handle, round_trip_ms = home.fake.handle, home.fake.round_trip_ms
    # The server asks how long the way is when a request is there, and lets that time pass before it is handled: what
    # a switch costs ends at the door. One connection is one task.
    at_door: ContextVar[float] = ContextVar("at_door")

    def entering() -> tuple[float, float]:
        at_door.set(time.perf_counter())
        return round_trip_ms()

    def noting(method: str, path: str, query: Any, headers: Any, body: bytes = b"", *more: Any) -> Any:
        room = None
        if path.endswith("/me/player/play") and body:
            uris = json.loads(body).get("uris") or [None]
            room = rooms.get(uris[0])
        arrivals.append(Arrival(at_door.get(), method, path, room))
        return handle(method, path, query, headers, body, *more)

    vars(home.fake).update(handle=noting, round_trip_ms=entering)
    return arrivals


def _configure(
    folder: Path, home: SimulatedHome, web_port: int, broker_port: int, rooms: Mapping[str, Any] | None
) -> Path:
    presses = [
        {"topic": button(room), "value": "single", "action": "toggle", "room": room, "debounce": 0}
        for room in demo_pools()
    ]
    presses.append({"topic": button("pause"), "value": "single", "action": "play_pause", "debounce": 0})
    config: dict[str, Any] = {
        "hub": {"data_dir": str(folder / "data")},
        "web": {"port": web_port},
        "plugins": {
            "spotify": {"client_id": home.client_id, "api_url": home.api_url, "accounts_url": home.accounts_url},
            "mqtt": {"host": "127.0.0.1", "port": broker_port},
        },
    }
    if rooms is None:
        config["plugins"]["buttons"] = {"mappings": presses}
    else:
        config["rooms"] = rooms
    path = folder / "config.yaml"
    path.write_text(json.dumps(config))  # JSON is YAML
    return path


async def _listen(house: House) -> None:
    async for message in house.client.messages:
        house.heard.append((time.perf_counter(), str(message.topic), bytes(message.payload)))
