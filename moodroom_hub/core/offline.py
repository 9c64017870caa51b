"""The hub's parts without a start: for commands that work on the data while no hub runs."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from random import Random

from moodroom_hub.core.clock import SystemClock
from moodroom_hub.core.config import LoadedConfig
from moodroom_hub.core.hub import Hub

OfflineHub = Hub


@asynccontextmanager
async def offline_hub(loaded: LoadedConfig, *, builtins: Sequence[str], is_reading: bool) -> AsyncIterator[Hub]:
    """A hub that neither watches nor tells; ``is_reading``: one that leaves the lock to others."""
    hub = Hub(
        loaded,
        clock=SystemClock(),
        rng=Random(),  # noqa: S311 -- chance of drawing music, no secret
        builtins=builtins,
        is_live=False,
        is_locking=not is_reading,
    )
    async with hub:
        yield hub
