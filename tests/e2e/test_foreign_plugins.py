"""Foreign plugins that raise, hang, leak, misspell and misconfigure, in a real hub: nobody else is harmed."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.core.plugin_lab import Lab
from tests.ports import free_port

PATIENCE_S = 25.0

RAISES = """
class Plugin(Base):
    name = "raises"
    @hookimpl
    async def on_event(self, event):
        raise RuntimeError("I always raise")
"""
HANGS = """
class Plugin(Base):
    name = "hangs"
    @hookimpl
    async def on_track_changed(self, event):
        await asyncio.Event().wait()
"""
LEAKS = """
class Plugin(Base):
    name = "leaks"
    async def forgotten(self):
        await asyncio.sleep(3600)
    @hookimpl
    async def start(self):
        self.task = asyncio.get_running_loop().create_task(self.forgotten())
"""
MISSPELT = """
class Plugin(Base):
    name = "misspelt"
    @hookimpl
    async def on_skiped(self, event):
        pass
"""
MISCONFIGURED = """
class Plugin(Base):
    name = "misconfigured"
    class Config(PluginConfig):
        wanted: int
"""
DRAWS_BADLY = """
class Plugin(Base):
    name = "draws_badly"
    @hookimpl
    async def draw(self, request):
        raise ValueError("no idea what to play")
"""
IMPORTS_BADLY = "raise SystemExit(3)\n"


def install_all(site: Path) -> None:
    """Install them as a package manager would."""
    lab = Lab(site)
    lab.install("raises", RAISES)
    lab.install("hangs", HANGS)
    lab.install("leaks", LEAKS)
    lab.install("misspelt", MISSPELT)
    lab.install("misconfigured", MISCONFIGURED)
    lab.install("draws_badly", DRAWS_BADLY)
    lab.install("imports_badly", IMPORTS_BADLY)


@asynccontextmanager
async def demo(site: Path, port: int) -> AsyncIterator[asyncio.subprocess.Process]:
    """The demo as a process, with the foreign plugins installed; ended by Ctrl-C."""
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join([str(site), *sys.path]), "CI": "true"}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "moodroom_hub", "demo", "--port", str(port), "--speed", "30", "--no-browser"),
        env=environ,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGINT)
            try:
                await asyncio.wait_for(process.communicate(), 15)
            except TimeoutError:
                process.kill()
                await process.communicate()


async def state(session: aiohttp.ClientSession, port: int) -> dict[str, Any] | None:
    """``GET /api/state``, once the hub answers."""
    try:
        async with session.get(f"http://127.0.0.1:{port}/api/state") as answer:
            found = json.loads(await answer.text())
            assert isinstance(found, dict)
            return found
    except aiohttp.ClientConnectionError:
        return None


@pytest.mark.slow
async def test_bad_plugins_harm_nobody_and_are_named(tmp_path: Path) -> None:
    install_all(tmp_path)
    port = free_port()
    heard: set[str] = set()
    statuses: dict[str, tuple[str, str]] = {}
    async with demo(tmp_path, port) as process, aiohttp.ClientSession() as session:
        async with asyncio.timeout(PATIENCE_S):
            while len(heard) < 3 or statuses.get("hangs", ("", ""))[0] != "failed":
                assert process.returncode is None
                await asyncio.sleep(0.2)
                now = await state(session, port)
                if now is None:
                    continue
                if now["now_playing"] is not None:
                    heard.add(now["now_playing"]["uri"])
                statuses = {plugin["name"]: (plugin["status"], plugin["reason"]) for plugin in now["plugins"]}
        async with session.get(f"http://127.0.0.1:{port}/") as answer:
            page = await answer.text()
        process.send_signal(signal.SIGINT)
        output, _ = await asyncio.wait_for(process.communicate(), 15)
    assert process.returncode == 0, output.decode()
    assert statuses["raises"][0] == "failed"
    assert "I always raise" in statuses["raises"][1]
    assert "on_skipped" in statuses["misspelt"][1]
    assert statuses["misconfigured"][0] == "disabled"
    assert "wanted" in statuses["misconfigured"][1]
    assert statuses["imports_badly"][0] == "failed"
    assert "no idea what to play" in statuses["draws_badly"][1]
    assert statuses["leaks"][0] == "running"
    for name in ("sampling", "demotion", "top_up", "status_page", "spotify"):
        assert statuses[name][0] == "running", statuses[name]
    for name in statuses:
        assert name in page
    assert "leaks" in output.decode()
