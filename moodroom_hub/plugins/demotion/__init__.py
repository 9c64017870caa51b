"""Lets verdicts change pools: a skip moves a track down, a discovery heard to its end moves up."""

from typing import ClassVar

from moodroom_hub.core.config.models import PluginConfig
from moodroom_hub.core.context import PluginContext, Role
from moodroom_hub.core.events import Completed, Skipped
from moodroom_hub.core.hookspecs import hookimpl


class DemotionConfig(PluginConfig):
    """``plugins.demotion``: switched off, listening changes no pool at all."""


class Plugin:
    """Hands verdicts to the hub, which applies the domain's rule once per event."""

    name: ClassVar[str] = "demotion"
    role: ClassVar[Role] = Role.POLICY
    Config: ClassVar[type[PluginConfig]] = DemotionConfig

    def __init__(self, context: PluginContext[DemotionConfig]) -> None:
        self._context = context

    @hookimpl
    async def on_skipped(self, event: Skipped) -> None:
        """A strike, where the listener meant it."""
        await self._context.policy.learn(event)

    @hookimpl
    async def on_completed(self, event: Completed) -> None:
        """A discovery that was surely heard to its end moves up."""
        await self._context.policy.learn(event)
