"""The hub as a process: configuration, logging, signals."""

import asyncio
import logging
from random import Random

import moodroom_hub
from moodroom_hub.app.heap import share_one_heap
from moodroom_hub.app.log import configure_logging, register_secret
from moodroom_hub.app.redaction import secrets_in
from moodroom_hub.app.refusing import refusals
from moodroom_hub.app.shared import Shared
from moodroom_hub.app.signals import Ending
from moodroom_hub.core.clock import SystemClock
from moodroom_hub.core.config import ConfigError, LoadedConfig
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
    for secret in secrets_in(loaded.settings):
        register_secret(secret.resolve(loaded.environ))
    share_one_heap()
    asyncio.run(_run(loaded))
    handler.tell_held_back()
    log.info("stopped")


async def _run(loaded: LoadedConfig) -> None:
    ending = Ending()
    with ending.heeded():
        try:
            rng = Random()  # noqa: S311 -- chance of drawing music, no secret
            async with Hub(loaded, clock=SystemClock(), rng=rng, builtins=BUILTIN_PLUGINS):
                ending.ready()
                log.info("Moodroom Hub %s runs", moodroom_hub.__version__)
                await ending.wait()
        except asyncio.CancelledError:
            if not ending.is_asked:
                raise
