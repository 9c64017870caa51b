"""Draws the tracks of batches and top-ups by the house rules of ``domain.sampling``."""

from typing import ClassVar

from moodroom_hub.core.config.models import PluginConfig
from moodroom_hub.core.context import PluginContext, Role
from moodroom_hub.core.hookspecs import DrawRequest, hookimpl
from moodroom_hub.domain.models import Drawn
from moodroom_hub.domain.sampling import draw_batch, draw_top_up


class SamplingConfig(PluginConfig):
    """``plugins.sampling``: ``batch`` and ``listening`` hold the numbers."""


class Plugin:
    """Answers ``draw``."""

    name: ClassVar[str] = "sampling"
    role: ClassVar[Role] = Role.POLICY
    Config: ClassVar[type[PluginConfig]] = SamplingConfig

    def __init__(self, context: PluginContext[SamplingConfig]) -> None:
        self._context = context

    @hookimpl
    async def draw(self, request: DrawRequest) -> Drawn | None:
        """A whole batch by the recipe, or so many further tracks that the ratio goes on."""
        rng = self._context.rng
        if request.is_batch:
            return draw_batch(request.pool, request.recipe, request.recent, request.repeat_window, rng)
        return draw_top_up(
            request.pool,
            request.recipe,
            request.recent,
            request.recent_tiers,
            request.repeat_window,
            request.count,
            rng,
        )
