"""``moodroom-hub simulate``: the simulated Spotify alone, or a history lived again."""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path

from moodroom_hub.app.agreement import compare, report
from moodroom_hub.app.log import configure_logging
from moodroom_hub.app.made_up import made_up_pools
from moodroom_hub.app.output import hint, say
from moodroom_hub.app.reliving import read_histories, relive
from moodroom_hub.app.signals import Ending
from moodroom_hub.app.surroundings import HOST, port_problem
from moodroom_hub.core.clock import SystemClock
from moodroom_hub.core.errors import MoodroomError, StartError
from moodroom_hub.domain.cadence import ECO, NORMAL
from moodroom_hub.domain.models import ListeningRules
from moodroom_hub.simulator.home import SimulatedHome
from moodroom_hub.simulator.model_api import MODEL_ID, ModelServer
from moodroom_hub.simulator.replay import ReplayListener
from moodroom_hub.simulator.sonos.home import SimulatedSonos
from moodroom_hub.simulator.sonos.household import Household

SHOWN = 20


def serve(
    port: int,
    speed: float,
    seed: int,
    files: Sequence[Path],
    pools: Path | None,
    *,
    with_sonos: bool = False,
    is_debug: bool,
) -> None:
    """Serve until a signal; with ``files`` the listener lives that history. Raises ``MoodroomError``.

    ``pools``: a new file for the pools of the made-up music. ``with_sonos``: a Sonos household too.
    """
    configure_logging("debug" if is_debug else "info")
    problem = port_problem(HOST, port)
    if problem is not None:
        raise StartError(f"Port {port} {problem}. Choose another one: moodroom-hub simulate --port {port + 1}")
    if pools is not None:
        _write_pools(pools)
    listener = ReplayListener(read_histories(files)) if files else "household"
    asyncio.run(_serve(port, speed, seed, listener, with_sonos))


def replay_and_report(files: Sequence[Path], seed: int, *, is_eco: bool) -> None:
    """Live the history again in virtual time, and print how the hub's verdicts agree with it."""
    history = read_histories(files)
    for row in history.set_aside[:SHOWN]:
        hint(f"set aside: {row.where}: {row.reason}")
    if not history.plays:
        raise MoodroomError("There is no play of a track in these files.")
    relived = relive(history, ECO if is_eco else NORMAL, seed, lambda share: hint(f"{share:.0%} lived"))
    for line in report(relived, compare(relived, ListeningRules()), len(history.set_aside)):
        say(line)


async def _serve(port: int, speed: float, seed: int, listener: str | ReplayListener, with_sonos: bool) -> None:
    ending = Ending()
    with ending.heeded():
        try:
            clock = SystemClock(speed)
            async with (
                SimulatedHome(seed, speed=speed, now_ms=clock.now_ms, listener=listener, host=HOST, port=port) as home,
                ModelServer(host=HOST) as model,
                AsyncExitStack() as more,
            ):
                sonos = None
                if with_sonos:
                    sonos = SimulatedSonos(seed, speed=speed, now_ms=clock.now_ms, household=Household(seed), host=HOST)
                    await more.enter_async_context(sonos)
                ending.ready()
                _tell(home, model, sonos)
                await ending.wait()
        except asyncio.CancelledError:
            if not ending.is_asked:
                raise


def _write_pools(file: Path) -> None:
    try:
        with file.open("x", encoding="utf-8", newline="") as target:
            target.write(made_up_pools())
    except FileExistsError:
        raise MoodroomError(f"{file} is there already. Choose another name.") from None
    say(f"Written: {file}. Fill a hub's rooms with: moodroom-hub pool import {file}")


def _tell(home: SimulatedHome, model: ModelServer, sonos: SimulatedSonos | None) -> None:
    say("A simulated Spotify answers, and a simulated model for mining. A hub speaks to them with:")
    say("plugins:")
    say("  spotify:")
    say(f"    client_id: {home.client_id}")
    say(f"    api_url: {home.api_url}")
    say(f"    accounts_url: {home.accounts_url}")
    say("  llm_mining:")
    say(f"    base_url: {model.base_url}")
    say(f"    model: {MODEL_ID}")
    if sonos is not None:
        say("  sonos:")
        say("    addresses:")
        for host, port in sonos.addresses:
            say(f'      - "{host}:{port}"')
    say("Logging in needs no password. Ctrl-C ends it.")
