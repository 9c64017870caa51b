"""The demo: the ordinary hub, ordinarily configured, in a simulated home. Leaves nothing behind."""

import asyncio
import json
import webbrowser
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from random import Random
from typing import Any

import aiohttp

from moodroom_hub.app import demo_services, demo_sonos, demo_stations
from moodroom_hub.app.demo_folder import temporary_folder
from moodroom_hub.app.log import configure_logging
from moodroom_hub.app.made_up import made_up_pools
from moodroom_hub.app.offline import opened
from moodroom_hub.app.output import say
from moodroom_hub.app.resident import Resident
from moodroom_hub.app.signals import Ending
from moodroom_hub.app.surroundings import HOST, free_port, has_screen
from moodroom_hub.core.clock import SystemClock
from moodroom_hub.core.config import LoadedConfig, load_config
from moodroom_hub.core.hub import Hub
from moodroom_hub.core.ports import Account
from moodroom_hub.plugins import BUILTIN_PLUGINS
from moodroom_hub.plugins.mqtt.embedded import what_is_missing
from moodroom_hub.simulator.catalogue.stations import FRIDAY
from moodroom_hub.simulator.home import SimulatedHome

CONFIG_NAME = "config.yaml"


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
    missing = what_is_missing()
    broker_port = None if missing else free_port(0)
    async with (
        SimulatedHome(
            wishes.seed, speed=wishes.speed, now_ms=clock.now_ms, listener="lively", has_stations=True
        ) as home,
        demo_services.services(clock.now_ms) as others,
        demo_sonos.speakers(wishes.seed, wishes.speed, clock.now_ms) as sonos,
    ):
        own = {"sonos": demo_sonos.section(sonos), "radio": demo_stations.section(folder)}
        loaded = _configured(folder, port, home, broker_port, {**others, **own})
        async with opened(loaded, is_reading=False) as hub:
            await log_in(hub.commands.accounts[0])
            await hub.commands.import_pool(made_up_pools(), "csv")
        rng = Random(wishes.seed)  # noqa: S311 -- music, no secret
        async with Hub(loaded, clock=clock, rng=rng, builtins=BUILTIN_PLUGINS) as hub:
            resident = Resident(hub.commands, clock, Random(f"resident:{wishes.seed}"))  # noqa: S311 -- likewise
            await resident.come_home()
            ending.ready()
            _welcome(f"http://{HOST}:{port}", wishes.speed)
            _tell_of_broker(broker_port, missing)
            _tell_of_speakers()
            _tell_of_sorting(port)
            _tell_of_stations()
            _tell_of_commands(folder)
            say("Ctrl-C ends it and leaves nothing behind.")
            learning = demo_stations.learn(hub.commands, folder, wishes.seed)
            living = [
                asyncio.create_task(_live(resident), name="the demo's resident"),
                asyncio.create_task(learning, name="the demo's strangers"),
            ]
            if sonos is not None:
                kitchen = demo_sonos.live(hub.commands, clock, wishes.seed)
                living.append(asyncio.create_task(kitchen, name="the demo's kitchen"))
            try:
                if not wishes.is_quiet and has_screen():
                    await asyncio.to_thread(webbrowser.open, f"http://{HOST}:{port}")
                await ending.wait()
            finally:
                for task in living:
                    task.cancel()
                await asyncio.wait(living)


async def _live(resident: Resident) -> None:
    await resident.read_library()
    await resident.live()


def _configured(
    folder: Path, port: int, home: SimulatedHome, broker_port: int | None, others: dict[str, Any]
) -> LoadedConfig:
    config = {
        "hub": {"data_dir": str(folder / "data"), "log_level": "warning"},
        "web": {"host": HOST, "port": port},
        "plugins": {
            "spotify": {
                "client_id": home.client_id,
                "api_url": home.api_url,
                "accounts_url": home.accounts_url,
            },
            **others,
            "sorter": {"layers": {"energy": {"sublists": {"dance": {}, "calm": {}}}}},
            "mqtt": {} if broker_port is None else {"embedded": True, "embedded_host": HOST, "port": broker_port},
        },
    }
    path = folder / CONFIG_NAME
    path.write_text(json.dumps(config, indent=2), encoding="utf-8")  # JSON is YAML
    return load_config(path, {})


async def log_in(account: Account) -> None:
    """Log in as a browser would: open the login page, come back with its answer."""
    address = await account.begin_login()
    async with aiohttp.ClientSession() as session, session.get(address, allow_redirects=False) as answer:
        landed = answer.headers.get("Location", "")
    await account.finish_login(landed)


def _welcome(url: str, speed: float) -> None:
    pace = "" if speed == 1 else f", {speed:g} times as fast as life"
    say(f"Moodroom Hub plays in a simulated home: {url}")
    say(f"  Spotify, the music and who listens are made up{pace}; the hub is the real one.")
    say("  Look at: the mark at 0:30 (a skip before it costs the track its tier), the receipts")
    say("  (each can be undone), another room (a fresh batch of ten; the old room is left at once).")


def _tell_of_commands(folder: Path) -> None:
    say(f"Commands in a second terminal: moodroom-hub -c {folder / CONFIG_NAME} rooms list")
    say("  (try: mine --preview, rooms audit house, receipts list, scrobbles list; in a clone: python3 dev.py hub ...)")


def _tell_of_broker(port: int | None, missing: str | None) -> None:
    if missing:
        say(f"MQTT broker: none; {missing}")
    else:
        say(f"MQTT broker: {HOST}:{port} (try: mosquitto_sub -p {port} -t 'moodroom/#' -v)")


def _tell_of_speakers() -> None:
    missing = demo_sonos.what_is_missing()
    if missing:
        say(f"Sonos: none; {missing}.")
    else:
        say("Sonos: two speakers, the zones kitchen and living-room (try: sonos groups, sonos queue kitchen)")


def _tell_of_sorting(port: int) -> None:
    missing = "" if find_spec("sklearn") else "; to learn it needs: pip install 'moodroom-hub[sorter]'"
    say(f"Sorting: teach a few songs at http://{HOST}:{port}/sorter (or: sorter label energy){missing}")


def _tell_of_stations() -> None:
    missing = demo_stations.what_is_missing()
    line = f"Stations: {FRIDAY}, in half a minute (try: station list, station play friday)"
    say(f"{line}; {missing}" if missing else line)
