"""Mining at home: rooms are learnt from a few labels and the owner's own lists, without account, key or network."""

from collections.abc import Sequence
from typing import ClassVar

from moodroom_hub.core.context import PluginContext, Role
from moodroom_hub.core.hookspecs import hookimpl
from moodroom_hub.core.miners import Miner
from moodroom_hub.plugins.local_mining.config import LocalMiningConfig


class Plugin:
    """One miner, always ready."""

    name: ClassVar[str] = "local_mining"
    role: ClassVar[Role] = Role.POLICY
    Config: ClassVar[type[LocalMiningConfig]] = LocalMiningConfig

    def __init__(self, context: PluginContext[LocalMiningConfig]) -> None:
        self._config = context.config

    @hookimpl
    def register_miners(self) -> Sequence[Miner]:
        """The one."""
        from moodroom_hub.plugins.local_mining.miner import LocalMiner

        return [LocalMiner(self._config)]
