"""A whole household for a test: a simulated Spotify on a port, a folder, and the hub as a process."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from moodroom_hub.simulator.commands import Commands
from moodroom_hub.simulator.devices import Presence, SimDevice
from moodroom_hub.simulator.faults import FaultRule
from moodroom_hub.simulator.home import SimulatedHome
from moodroom_hub.simulator.items import Item, uri_of
from moodroom_hub.simulator.truth import Actor
from moodroom_hub.simulator.world import World
from tests.e2e.wire import PATIENCE_S, Reply, Stream, ask
from tests.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
LONG_MS = 210_000
SHORT_MS = 9_000
RECIPE = {"CONFIRMED": 5, "SAFE_SIDE": 4, "DISCOVERY": 1}
START_PATIENCE_S = 60.0
"""A hub is up after a second; on a machine that does much else its imports alone may take many."""
HEADER = "room,tier,name,artist,uri\r\n"
FoundT = TypeVar("FoundT")


def song(name: str, artist: str = "Artist", duration_ms: int = LONG_MS) -> Item:
    """A song of the simulated catalogue."""
    return Item(uri_of(name, artist), name, (artist,), duration_ms, album="Album")


def songs(prefix: str, count: int, duration_ms: int = LONG_MS) -> list[Item]:
    """``count`` songs with names of their own."""
    return [song(f"{prefix} {number}", f"{prefix} Artist {number}", duration_ms) for number in range(count)]


def csv_rows(room: str, tier: str, items: Sequence[Item]) -> str:
    """Rows of a pool file, with uris, each cell in quotes."""
    cells = ([room, tier, item.name, item.artists[0], item.uri] for item in items)
    return "".join(",".join('"' + cell.replace('"', '""') + '"' for cell in row) + "\r\n" for row in cells)


def eventually(look: Callable[[], FoundT | None], what: str, patience_s: float = PATIENCE_S) -> FoundT:
    """What ``look`` gives as soon as it gives something true."""
    deadline_s = time.monotonic() + patience_s
    while time.monotonic() < deadline_s:
        found = look()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError(f"{what}: not within {patience_s:.0f} s")


class SpotifyThread:
    """A simulated home with ``items``, served from a thread of its own, without a listener: the test is one."""

    def __init__(self, items: Sequence[Item], devices: Sequence[SimDevice] | None) -> None:
        self._items = items
        self._devices = devices
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._live()), name="simulated Spotify")
        self._loop: asyncio.AbstractEventLoop
        self._ending: asyncio.Event
        self.home: SimulatedHome

    def start(self) -> None:
        """Serve."""
        self._thread.start()
        assert self._ready.wait(PATIENCE_S)

    def stop(self) -> None:
        """Stop serving."""
        self._loop.call_soon_threadsafe(self._ending.set)
        self._thread.join(PATIENCE_S)

    async def _live(self) -> None:
        self._loop, self._ending = asyncio.get_running_loop(), asyncio.Event()
        async with SimulatedHome(listener=None, items=self._items, devices=self._devices, liked=[]) as home:
            self.home = home
            self._ready.set()
            await self._ending.wait()


class House:
    """A context manager. ``items`` is the whole catalogue; ``config`` is laid over the configuration, by sections.

    Nothing runs inside but Spotify until :meth:`start`; whatever runs at the end is killed.
    """

    def __init__(
        self,
        folder: Path,
        items: Sequence[Item] = (),
        *,
        devices: Sequence[SimDevice] | None = None,
        config: Mapping[str, Any] | None = None,
    ) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.config = folder / "config.yaml"
        self.log = folder / "hub.log"
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._spotify = SpotifyThread(items, devices or [SimDevice("Living Room", presence=Presence.ACTIVE)])
        self._more = config or {}
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self._spotify.start()
        self.configure()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self._spotify.stop()

    # the simulated home

    @property
    def home(self) -> SimulatedHome:
        """The home, to be asked from any thread."""
        return self._spotify.home

    @property
    def world(self) -> World:
        """What really plays."""
        return self.home.world

    def listener(self, deed: Callable[..., None], **given: Any) -> None:
        """The person at the player does something: ``listener(Commands.next)``."""
        assert deed.__qualname__.startswith(Commands.__qualname__)
        deed(self.world, Actor.LISTENER, **given)

    def queued(self) -> list[str]:
        """The uris that the hub handed to the queue, in order."""
        return [each.detail for each in self.world.truth.commands if (each.by, each.name) == (Actor.HUB, "queue")]

    def true_uri(self) -> str | None:
        """What really plays now."""
        item = self.world.view().item
        return None if item is None else item.uri

    @contextmanager
    def trouble(self, rule: FaultRule) -> Iterator[None]:
        """Spotify misbehaves inside."""
        rules = self.home.fake.faults.rules
        rules.append(rule)
        try:
            yield
        finally:
            rules.remove(rule)

    # the hub

    def configure(self, **more: Any) -> None:
        """Write the configuration."""
        base: dict[str, dict[str, Any]] = {
            "hub": {"data_dir": str(self.data)},
            "web": {"port": self.port},
            "plugins": {
                "spotify": {
                    "client_id": self.home.client_id,
                    "api_url": self.home.api_url,
                    "accounts_url": self.home.accounts_url,
                }
            },
        }
        for section, keys in {**self._more, **more}.items():
            base[section] = {**base.get(section, {}), **keys}
        self.config.write_text(json.dumps(base), encoding="utf-8")

    def environment(self) -> dict[str, str]:
        """Of commands: nothing of the person who runs the tests."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("MOODROOM_")}
        return {**kept, "HOME": str(self.folder), "PYTHONPATH": str(ROOT)}

    def command(self, *arguments: str) -> list[str]:
        """The command line of ``moodroom-hub``."""
        return [sys.executable, "-m", "moodroom_hub", "-c", str(self.config), *arguments]

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        return subprocess.run(
            self.command(*arguments),
            check=False,
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            timeout=PATIENCE_S,
        )

    def start(self) -> None:
        """Start the hub and wait until it answers."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command("run"), env=self.environment(), stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        try:
            eventually(self.is_alive, "the hub answers", START_PATIENCE_S)
        except AssertionError as error:
            raise AssertionError(f"{error}; it said:\n{self.log.read_text()}") from error

    def is_alive(self) -> bool:
        """Whether /livez answers. Raises ``AssertionError`` where the process ended."""
        assert self.process is not None
        assert self.process.poll() is None, self.log.read_text()
        try:
            return ask(f"{self.url}/livez").status == 200
        except OSError:
            return False

    def stop(self) -> tuple[int, float]:
        """End the hub as systemd does; gives its exit code and the seconds that it took."""
        assert self.process is not None
        began_s = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE_S), time.monotonic() - began_s

    def kill(self) -> None:
        """The power goes."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def logged(self) -> list[dict[str, Any]]:
        """The log's lines; each must be one JSON object."""
        return [json.loads(line) for line in self.log.read_bytes().decode("ascii").splitlines()]

    # asking it

    @property
    def token(self) -> str:
        """The scripts' token."""
        return (self.data / "api-token").read_text().strip()

    @property
    def bearer(self) -> dict[str, str]:
        """The headers of a script."""
        return {"Authorization": f"Bearer {self.token}"}

    def get(self, path: str, **headers: str) -> Reply:
        """GET, as a script; underscores in the names of headers become dashes."""
        return ask(self.url + path, headers={**self.bearer, **_dashed(headers)})

    def post(self, path: str, order: Any = None, **headers: str) -> Reply:
        """POST, as a script."""
        body = None if order is None else json.dumps(order).encode()
        given = {**self.bearer, **({} if body is None else {"Content-Type": "application/json"}), **_dashed(headers)}
        return ask(self.url + path, "POST", headers=given, body=body)

    def done(self, path: str, order: Any = None) -> Any:
        """POST that must succeed; gives its answer."""
        reply = self.post(path, order)
        assert reply.status == 200, reply.text
        return reply.json()

    def state(self) -> dict[str, Any]:
        """``GET /api/state``."""
        return dict(self.get("/api/state").json())

    def stream(self, **headers: str) -> Stream:
        """``GET /api/events``."""
        return Stream(self.url, {**self.bearer, **_dashed(headers)})

    # common beginnings

    def log_in(self) -> Reply:
        """Log in as a browser does; gives the last page."""
        begun = ask(f"{self.url}/login", headers=self.bearer)
        assert begun.status == 302, begun.text
        granted = ask(begun.headers["Location"])
        assert granted.status == 302, granted.text
        return ask(granted.headers["Location"])

    def fill(self, text: str) -> dict[str, Any]:
        """Import a pool file's rows over HTTP."""
        report = dict(self.done("/api/pool/import", {"format": "csv", "text": HEADER + text}))
        assert (report["unresolved"], report["problems"]) == ([], [])
        return report

    def settle_in(self, *pools: str) -> None:
        """Start, log in, fill the pools."""
        self.start()
        self.log_in()
        for pool in pools:
            self.fill(pool)

    def tiers(self, room: str) -> dict[str, set[str]]:
        """The room's uris by tier."""
        told = self.get(f"/api/rooms/{room}/pool").json()["tiers"]
        return {tier: {track["uri"] for track in tracks} for tier, tracks in told.items()}


def _dashed(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


def mixed_pool(room: str, prefix: str, *, each: int = 12, duration_ms: int = LONG_MS) -> tuple[list[Item], str]:
    """A room's songs, as many in each tier, and the rows of their file."""
    items: list[Item] = []
    rows = ""
    for tier in RECIPE:
        some = songs(f"{prefix} {tier.lower()}", each, duration_ms)
        items += some
        rows += csv_rows(room, tier, some)
    return items, rows
