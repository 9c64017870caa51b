"""``moodroom-hub simulate``: the simulated Spotify alone."""

import asyncio

from moodroom_hub.app.log import configure_logging
from moodroom_hub.app.output import say
from moodroom_hub.app.signals import Ending
from moodroom_hub.app.surroundings import HOST, port_problem
from moodroom_hub.core.clock import SystemClock
from moodroom_hub.core.errors import StartError
from moodroom_hub.simulator.home import SimulatedHome


def serve(port: int, speed: float, seed: int, *, is_debug: bool) -> None:
    """Serve until a signal. Raises ``StartError`` where the port is taken."""
    configure_logging("debug" if is_debug else "info")
    problem = port_problem(HOST, port)
    if problem is not None:
        raise StartError(f"Port {port} {problem}. Choose another one: moodroom-hub simulate --port {port + 1}")
    asyncio.run(_serve(port, speed, seed))


async def _serve(port: int, speed: float, seed: int) -> None:
    ending = Ending()
    with ending.heeded():
        try:
            clock = SystemClock(speed)
            async with SimulatedHome(seed, speed=speed, now_ms=clock.now_ms, host=HOST, port=port) as home:
                ending.ready()
                _tell(home)
                await ending.wait()
        except asyncio.CancelledError:
            if not ending.is_asked:
                raise


def _tell(home: SimulatedHome) -> None:
    say("A simulated Spotify answers. A hub speaks to it with:")
    say("plugins:")
    say("  spotify:")
    say(f"    client_id: {home.client_id}")
    say(f"    api_url: {home.api_url}")
    say(f"    accounts_url: {home.accounts_url}")
    say("Logging in needs no password. Ctrl-C ends it.")
