"""The hub as a process: configuration, logging, signals."""

import asyncio
import logging
from random import Random

import moodroom_hub
from moodroom_hub.app.log import configure_logging, register_secret
from moodroom_hub.app.shared import Shared
from moodroom_hub.app.signals import Ending
from moodroom_hub.core.clock import SystemClock
from moodroom_hub.core.config import ConfigError, LoadedConfig, Problem, refuse_open_door
from moodroom_hub.core.hub import Hub
from moodroom_hub.plugins import BUILTIN_PLUGINS

log = logging.getLogger(__name__)


def run_hub(shared: Shared) -> None:
    """Run until a signal. Raises ``ConfigError`` or ``StartError`` where the hub cannot start."""
    loaded = shared.config()
    configure_logging("debug" if shared.is_debug else loaded.settings.hub.log_level)
    check_door(loaded)
    register_secrets(loaded)
    asyncio.run(_run(loaded))


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
    log.info("stopped")


def check_door(loaded: LoadedConfig) -> None:
    """Raise ``ConfigError`` where the page would stand open to strangers."""
    reason = refuse_open_door(loaded.settings.web)
    if reason is not None:
        raise ConfigError([Problem(loaded.told_as, "web.host", reason)])


def register_secrets(loaded: LoadedConfig) -> None:
    """Keep the configuration's own secrets out of every log line. Raises ``ConfigError`` for dead references."""
    settings = loaded.settings
    if settings.web.password is not None:
        register_secret(settings.web.password.resolve(loaded.environ))
    if settings.database.url is not None:
        register_secret(settings.database.url.resolve(loaded.environ))
