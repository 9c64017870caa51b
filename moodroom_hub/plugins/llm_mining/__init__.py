"""Mining by a model: any OpenAI-compatible endpoint places, suggests and audits."""

from collections.abc import Sequence
from typing import ClassVar

from moodroom_hub.core.context import PluginContext, Role
from moodroom_hub.core.errors import Trouble
from moodroom_hub.core.face import PluginStatus
from moodroom_hub.core.hookspecs import hookimpl
from moodroom_hub.core.miners import Miner
from moodroom_hub.core.ports import Check, CheckLevel
from moodroom_hub.plugins.llm_mining.config import LlmMiningConfig
from moodroom_hub.plugins.llm_mining.miner import NO_MODEL, ModelMiner


class Plugin:
    """One miner. Nothing is opened, asked or imported until it is told to work."""

    name: ClassVar[str] = "llm_mining"
    role: ClassVar[Role] = Role.POLICY
    Config: ClassVar[type[LlmMiningConfig]] = LlmMiningConfig

    def __init__(self, context: PluginContext[LlmMiningConfig]) -> None:
        self._context = context
        self._miner = ModelMiner(context.config, context.data_dir, context.clock, context.rng)

    @hookimpl
    def register_miners(self) -> Sequence[Miner]:
        """The one."""
        return [self._miner]

    @hookimpl
    async def start(self) -> None:
        """Say whether there is a model; nothing is sent."""
        standing = self._miner.standing()
        if self._context.config.model is None:
            self._context.set_status(PluginStatus.DISABLED, f"switched off: {standing.reason}")
        elif not standing.is_ready:
            self._context.set_status(PluginStatus.FAILED, standing.reason)

    @hookimpl
    async def check(self) -> Sequence[Check]:
        """Endpoint, key, model: one line."""
        if self._context.config.model is None:
            return [Check("model", CheckLevel.SKIPPED, NO_MODEL)]
        try:
            setting = self._miner.setting()
        except Trouble as trouble:
            return [Check("model", CheckLevel.FAILED, trouble.message, "correct plugins.llm_mining.api_key")]
        # Late: what speaks HTTP costs memory and time that a hub that mines nothing shall not pay.
        from moodroom_hub.plugins.llm_mining.checks import look_at_endpoint

        return [await look_at_endpoint(setting)]
