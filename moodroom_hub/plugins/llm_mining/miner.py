"""The miner that the hub knows. Light: what it needs to work is imported when it works."""

from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from moodroom_hub.core.clock import Clock
from moodroom_hub.core.config import ConfigError
from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.core.miners import MinerStanding, OnProgress
from moodroom_hub.domain.mining.models import Ability, Audited, AuditTask, Estimate, Mined, MiningTask
from moodroom_hub.plugins.llm_mining.config import LlmMiningConfig
from moodroom_hub.plugins.llm_mining.places import stays_at_home

if TYPE_CHECKING:
    from moodroom_hub.plugins.llm_mining.run import Setting

NO_MODEL = "no model is configured: set plugins.llm_mining.model"
RANK = 10


class ModelMiner:
    """A model behind an OpenAI-compatible endpoint."""

    def __init__(self, config: LlmMiningConfig, data_dir: Path, clock: Clock, rng: Random) -> None:
        self._config = config
        self._data_dir = data_dir
        self._clock = clock
        self._rng = rng

    @property
    def name(self) -> str:
        """As in ``--miner model``."""
        return "model"

    @property
    def abilities(self) -> frozenset[Ability]:
        """All there are."""
        return frozenset({Ability.PLACE, Ability.SUGGEST, Ability.AUDIT})

    def standing(self) -> MinerStanding:
        """Whether a model is configured and its key is to be had. The endpoint itself is not asked."""
        config = self._config
        if config.model is None:
            return MinerStanding(False, NO_MODEL, rank=RANK)
        try:
            self.key()
        except Trouble as trouble:
            return MinerStanding(False, trouble.message, rank=RANK)
        is_free = stays_at_home(config.base_url, config.model) if config.price_in is None else self._costs_nothing
        return MinerStanding(True, is_paid=not is_free, rank=RANK)

    async def estimate(self, task: MiningTask | AuditTask) -> Estimate:
        """Calls, tokens and money; asks the endpoint for its prices at most."""
        setting = self.setting()
        from moodroom_hub.plugins.llm_mining.estimating import estimate

        return await estimate(setting, task)

    async def mine(self, task: MiningTask, on_progress: OnProgress) -> Mined:
        """Place every track; suggest songs where the task wants some. Raises ``Trouble``; what is paid is kept."""
        setting = self.setting()
        from moodroom_hub.plugins.llm_mining.estimating import find_price
        from moodroom_hub.plugins.llm_mining.run import mine

        return await mine(setting, (await find_price(setting)).prices, task, on_progress)

    async def audit(self, task: AuditTask, on_progress: OnProgress) -> Audited:
        """Look through one room's tracks. Raises ``Trouble``; what is paid is kept."""
        setting = self.setting()
        from moodroom_hub.plugins.llm_mining.estimating import find_price
        from moodroom_hub.plugins.llm_mining.run import audit

        return await audit(setting, (await find_price(setting)).prices, task, on_progress)

    def setting(self) -> "Setting":
        """All that a run needs. Raises ``Trouble`` where no model is configured or the key leads nowhere."""
        model = self._config.model
        if model is None:
            raise Trouble(TroubleCode.BAD_REQUEST, NO_MODEL)
        key = self.key()
        from moodroom_hub.plugins.llm_mining.run import Setting

        return Setting(self._config, model, key, self._data_dir, self._clock, self._rng)

    def key(self) -> str | None:
        """The key itself. Raises ``Trouble`` where its reference leads nowhere, or it cannot be a key."""
        if self._config.api_key is None:
            return None
        try:
            key = self._config.api_key.resolve().strip()
        except ConfigError as error:
            raise Trouble(TroubleCode.BAD_REQUEST, f"plugins.llm_mining.api_key: {error}") from None
        if not key or not key.isascii() or not key.isprintable() or " " in key:
            raise Trouble(TroubleCode.BAD_REQUEST, "plugins.llm_mining.api_key is no key: it holds odd characters")
        return key

    @property
    def _costs_nothing(self) -> bool:
        return not self._config.price_in and not self._config.price_out
