"""Keeps a room playing for ever: whenever a track went by, the queue is brought back to its length."""

from typing import ClassVar

from moodroom_hub.core.config.models import PluginConfig
from moodroom_hub.core.context import PluginContext, Role
from moodroom_hub.core.events import Event, PlayerBack, TrackChanged
from moodroom_hub.core.hookspecs import hookimpl
from moodroom_hub.domain.models import ZoneName


class TopUpConfig(PluginConfig):
    """``plugins.top_up``: ``listening.top_up`` says whether to top up at all."""


class Plugin:
    """Asks for a top-up; what is missing, and whether the hub holds back, the hub itself knows."""

    name: ClassVar[str] = "top_up"
    role: ClassVar[Role] = Role.POLICY
    Config: ClassVar[type[PluginConfig]] = TopUpConfig

    def __init__(self, context: PluginContext[TopUpConfig]) -> None:
        self._context = context

    @hookimpl
    async def start(self) -> None:
        """Tracks may have gone by while the hub was down."""
        for zone in self._context.hub.zones:
            await self._top_up(zone)

    @hookimpl
    async def on_track_changed(self, event: TrackChanged) -> None:
        """One fresh track for each that went by."""
        await self._top_up(event.zone)

    @hookimpl
    async def on_event(self, event: Event) -> None:
        """A player that is back may have moved on meanwhile."""
        if isinstance(event, PlayerBack):
            await self._top_up(event.zone)

    async def _top_up(self, zone: ZoneName) -> None:
        if self._context.settings.listening.top_up > 0:
            await self._context.policy.top_up(zone)
