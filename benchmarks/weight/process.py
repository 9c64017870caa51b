"""A process as the system sees it: how long it took to answer, what memory and what processor time it holds."""

import asyncio
import compileall
import os
import platform
import shutil
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import aiohttp

ROOT = Path(__file__).resolve().parents[2]
_PATIENCE_S = 60.0
_SCHEDULER_CLOCK = 2
"""Linux's name for "what the scheduler gave it": exact, where /proc/PID/stat counts in steps of 10 ms."""
_MB = 1024.0


@dataclass(frozen=True, slots=True)
class Memory:
    """Megabytes (of 1,048,576 bytes): all that is resident, and of that what the process wrote itself."""

    resident: float
    own: float


class HubProcess:
    """A child process that runs a hub, and a caller at its door. An async context manager; leaves nothing behind."""

    def __init__(self, arguments: list[str], folder: Path, port: int, environ: Mapping[str, str]) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.start_s = 0.0
        self.events = 0
        self._arguments = arguments
        self._folder = folder
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "MOODROOM_"))}
        self._environ = {**kept, **environ}
        self._session: aiohttp.ClientSession

    async def __aenter__(self) -> Self:
        # One connection per call: in a hub whose hours pass in seconds a kept one has timed out by the next.
        self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=True))
        self._log = (self._folder / "hub.log").open("ab")
        began_s = time.monotonic()
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, *self._arguments, stdout=self._log, stderr=self._log, cwd=self._folder, env=self._environ
        )
        try:
            await self._await_life(began_s)
        except BaseException:
            await self._close()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._close()

    def memory(self) -> Memory:
        """What it holds now."""
        found = {}
        for line in Path(f"/proc/{self._process.pid}/smaps_rollup").read_text().splitlines()[1:]:
            name, _, value = line.partition(":")
            found[name] = int(value.split()[0]) / _MB
        return Memory(found["Rss"], found["Private_Dirty"])

    def cpu_s(self) -> float:
        """Seconds of processor time since its start, in user and in system mode."""
        return time.clock_gettime(~self._process.pid << 3 | _SCHEDULER_CLOCK)

    def told(self) -> str:
        """What it wrote to its log."""
        return (self._folder / "hub.log").read_text()

    async def get(self, path: str) -> bytes:
        """The answer to a GET."""
        async with self._session.get(self.url + path, headers=self._key()) as answer:
            answer.raise_for_status()
            return await answer.read()

    async def post(self, path: str, **order: Any) -> tuple[int, Any]:
        """Status and JSON of the answer to a POST."""
        async with self._session.post(self.url + path, json=order, headers=self._key()) as answer:
            return answer.status, await answer.json()

    async def log_in(self, house: aiohttp.ClientSession) -> None:
        """As a browser does: to the login page, on to Spotify's, back to the hub's."""
        async with self._session.get(self.url + "/login", allow_redirects=False, headers=self._key()) as answer:
            answer.raise_for_status()
            address = answer.headers["Location"]
        async with house.get(address, allow_redirects=False) as answer:
            answer.raise_for_status()
            landed = answer.headers["Location"]
        async with self._session.get(landed, allow_redirects=False) as answer:
            answer.raise_for_status()

    async def follow(self) -> None:
        """Keep a page open: read its event stream until it ends; ``events`` counts what came."""
        await self.get("/")
        timeout = aiohttp.ClientTimeout(total=None, sock_read=None)
        async with self._session.get(self.url + "/api/events", headers=self._key(), timeout=timeout) as answer:
            async for line in answer.content:
                self.events += line.startswith(b"event:")

    def _key(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {(self._folder / 'data' / 'api-token').read_text().strip()}"}

    async def _await_life(self, began_s: float) -> None:
        while time.monotonic() - began_s < _PATIENCE_S and self._process.returncode is None:
            try:
                async with self._session.get(self.url + "/livez") as answer:
                    if answer.status == 200:
                        self.start_s = time.monotonic() - began_s
                        return
            except aiohttp.ClientConnectionError:
                await asyncio.sleep(0.002)
        raise RuntimeError(f"no hub came up:\n{self.told()}")

    async def _close(self) -> None:
        await self._session.close()
        if self._process.returncode is None:
            self._process.terminate()
            try:
                await asyncio.wait_for(self._process.wait(), 20)
            except TimeoutError:
                self._process.kill()
                await self._process.wait()
        self._log.close()


def install(folder: Path) -> dict[str, str]:
    """The hub as pip would install it: a copy, compiled. Gives the environment in which it is found."""
    site = folder / "site"
    strangers = shutil.ignore_patterns("__pycache__")
    for name in ("moodroom_hub", "benchmarks/weight"):
        shutil.copytree(ROOT / name, site / name, ignore=strangers)
    compileall.compile_dir(site, quiet=1)
    return {"PYTHONPATH": str(site)}


def machine() -> str:
    """The machine that was measured on, in one line."""
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        model = next((line.partition(":")[2].strip() for line in cpuinfo.open() if "model name" in line), model)
    cores, libc = os.cpu_count(), " ".join(platform.libc_ver())
    return f"{model}, {cores} cores, {platform.system()} {platform.release()}, {libc}, Python {sys.version.split()[0]}"
