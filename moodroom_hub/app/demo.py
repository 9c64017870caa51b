"""The demo: the ordinary hub, ordinarily configured, on a simulated home. Leaves nothing behind."""

import asyncio
import json
import shutil
import tempfile
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

import aiohttp

from moodroom_hub.app.log import configure_logging
from moodroom_hub.app.output import say
from moodroom_hub.app.signals import Ending
from moodroom_hub.app.surroundings import HOST, free_port, has_screen
from moodroom_hub.core.clock import SystemClock
from moodroom_hub.core.commands import Commands
from moodroom_hub.core.config import load_config
from moodroom_hub.core.errors import Trouble
from moodroom_hub.core.hub import Hub
from moodroom_hub.domain.models import RoomSlug
from moodroom_hub.plugins import BUILTIN_PLUGINS
from moodroom_hub.simulator.catalogue import pool_csv
from moodroom_hub.simulator.home import SimulatedHome

FIRST_ROOM = RoomSlug("late-night")


@dataclass(frozen=True, slots=True)
class DemoWishes:
    """What the command line asked for. ``port`` ``None``: the usual one, or any free one where that is taken."""

    port: int | None
    speed: float
    seed: int
    is_quiet: bool


def run_demo(wishes: DemoWishes, *, is_debug: bool) -> None:
    """Run until a signal. Raises ``StartError``."""
    configure_logging("debug" if is_debug else "warning")
    asyncio.run(_run(wishes))


async def _run(wishes: DemoWishes) -> None:
    ending = Ending()
    with ending.heeded(), temporary_folder() as folder:
        try:
            await _play(wishes, folder, ending)
        except asyncio.CancelledError:
            if not ending.is_asked:
                raise
    say("Stopped; nothing is left behind.")


async def _play(wishes: DemoWishes, folder: Path, ending: Ending) -> None:
    port = free_port(wishes.port)
    clock = SystemClock(wishes.speed)
    async with SimulatedHome(wishes.seed, speed=wishes.speed, now_ms=clock.now_ms) as home:
        config = {
            "hub": {"data_dir": str(folder / "data"), "log_level": "warning"},
            "web": {"host": HOST, "port": port},
            "plugins": {
                "spotify": {
                    "client_id": home.client_id,
                    "api_url": home.api_url,
                    "accounts_url": home.accounts_url,
                }
            },
        }
        path = folder / "config.yaml"
        path.write_text(json.dumps(config, indent=2), encoding="utf-8")  # JSON is YAML
        loaded = load_config(path, {})
        async with Hub(loaded, clock=clock, rng=Random(wishes.seed), builtins=BUILTIN_PLUGINS) as hub:  # noqa: S311
            await log_in(hub.commands)
            await hub.commands.import_pool(pool_csv(), "csv")
            ending.ready()
            await _welcome(hub.commands, f"http://{HOST}:{port}", wishes)
            await ending.wait()


async def log_in(commands: Commands) -> None:
    """Log in as a browser would: open the login page, come back with its answer."""
    account = commands.accounts[0]
    address = await account.begin_login()
    async with (
        aiohttp.ClientSession() as session,
        session.get(address, allow_redirects=False) as answer,
    ):
        landed = answer.headers.get("Location", "")
    await account.finish_login(landed)


async def _welcome(commands: Commands, url: str, wishes: DemoWishes) -> None:
    try:
        await commands.activate(FIRST_ROOM)
    except Trouble as trouble:
        say(f"The first room could not be switched on: {trouble.message}")
    pace = "" if wishes.speed == 1 else f", {wishes.speed:g} times as fast as life"
    say(f"Moodroom Hub plays in a simulated home: {url}")
    say(f"  Spotify, its listener and the music are made up{pace}; the hub is the real one.")
    say("  Look at: the amber tick at 0:30 (a skip before it moves the track one tier down), the receipts")
    say("  (each can be undone), another room (a fresh batch of ten, and the old one is left at once).")
    say("  Ctrl-C ends it and leaves nothing behind.")
    if not wishes.is_quiet and has_screen():
        await asyncio.to_thread(webbrowser.open, url)


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """A folder that is gone afterwards, whatever happened."""
    folder = Path(tempfile.mkdtemp(prefix="moodroom-demo-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
