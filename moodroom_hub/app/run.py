"""The hub as a process: configuration, logging, signals."""

import asyncio
import logging
from collections.abc import Coroutine
from random import Random
from typing import Any

import moodroom_hub
from moodroom_hub.app.heap import share_one_heap
from moodroom_hub.app.log import configure_logging, register_secret
from moodroom_hub.app.redaction import secrets_in
from moodroom_hub.app.refusing import refusals
from moodroom_hub.app.shared import Shared
from moodroom_hub.app.signals import Ending
from moodroom_hub.core.clock import SystemClock
from moodroom_hub.core.config import ConfigError, LoadedConfig
from moodroom_hub.core.errors import StartError
from moodroom_hub.core.hub import Hub
from moodroom_hub.plugins import BUILTIN_PLUGINS

log = logging.getLogger(__name__)


def run_hub(shared: Shared) -> None:
    """Run until a signal. Raises ``ConfigError`` or ``StartError`` where the hub cannot start."""
    loaded = shared.config()
    problems = refusals(loaded)
    if problems:
        raise ConfigError(problems)
    handler = configure_logging("debug" if shared.is_debug else loaded.settings.hub.log_level)
    _keep_secret(loaded)
    share_one_heap()
    asyncio.run(_run(loaded, shared))
    handler.tell_held_back()
    log.info("stopped")


class Again:
    """Somebody at the page wants the hub to begin again with what the configuration says now."""

    def __init__(self, shared: Shared) -> None:
        self._shared = shared
        self._asked = asyncio.Event()
        self.loaded: LoadedConfig | None = None

    def ask(self) -> None:
        """Begin again soon. Raises ``ConfigError`` where no hub would start so."""
        loaded = self._shared.config()
        problems = refusals(loaded)
        if problems:
            raise ConfigError(problems)
        self.loaded = loaded
        self._asked.set()

    async def wait(self) -> None:
        """Return when it was asked for."""
        await self._asked.wait()


async def _run(loaded: LoadedConfig, shared: Shared) -> None:
    ending = Ending()
    with ending.heeded():
        try:
            former: LoadedConfig | None = None
            while True:
                try:
                    following = await _live(loaded, shared, ending)
                except StartError as error:
                    if former is None:
                        raise
                    log.error("cannot begin again, going back to the former configuration: %s", error)
                    loaded, former = former, None
                    continue
                if following is None:
                    return
                loaded, former = following, loaded
                _keep_secret(loaded)
        except asyncio.CancelledError:
            if not ending.is_asked:
                raise


async def _live(loaded: LoadedConfig, shared: Shared, ending: Ending) -> LoadedConfig | None:
    """One life of the hub. Gives the configuration of the next one, or ``None`` at the end."""
    again = Again(shared)
    rng = Random()  # noqa: S311 -- chance of drawing music, no secret
    async with Hub(loaded, clock=SystemClock(), rng=rng, builtins=BUILTIN_PLUGINS, restart=again.ask):
        ending.ready()
        log.info("Moodroom Hub %s runs", moodroom_hub.__version__)
        await _first_of(ending.wait(), again.wait())
    if ending.is_asked or again.loaded is None:
        return None
    log.info("beginning again, with the configuration as it is now")
    return again.loaded


async def _first_of(*waits: Coroutine[Any, Any, None]) -> None:
    tasks = [asyncio.ensure_future(each) for each in waits]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _keep_secret(loaded: LoadedConfig) -> None:
    for secret in secrets_in(loaded.settings):
        register_secret(secret.resolve(loaded.environ))
