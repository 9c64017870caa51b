"""What the hub asks of a miner: the model, the local one, the sorter, the radio. Plugins implement it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from moodroom_hub.domain.mining.models import Ability, Audited, AuditTask, Estimate, Mined, MiningProgress, MiningTask

OnProgress = Callable[[MiningProgress], None]


@dataclass(frozen=True, slots=True)
class MinerStanding:
    """How a miner is: ``reason`` says why it is not ready, with the mend.

    ``is_paid``: it may cost money, so the owner is asked first. ``rank``: of several ready ones that have an ability,
    the greatest is taken where none is named.
    """

    is_ready: bool
    reason: str = ""
    is_paid: bool = False
    rank: int = 0


class Miner(Protocol):
    """Places liked songs into rooms, suggests others, and audits rooms. A miner only answers; the hub changes pools.

    Works while its plugin is not started, too (a command without a running hub). Every method may be cancelled at
    any moment, and then leaves no task, process or socket behind. Raises ``Trouble`` with the mend where it can do
    nothing at all; where it can judge some tracks and not others, it answers and says so of each.
    ``Ability`` that a miner lacks is never asked of it.
    """

    @property
    def name(self) -> str:
        """One lower-case word, as in ``--miner NAME``."""
        ...

    @property
    def abilities(self) -> frozenset[Ability]:
        """What it can do."""
        ...

    def standing(self) -> MinerStanding:
        """How it is; no I/O."""
        ...

    async def estimate(self, task: MiningTask | AuditTask) -> Estimate:
        """What the task would take. Spends nothing."""
        ...

    async def mine(self, task: MiningTask, on_progress: OnProgress) -> Mined:
        """Place every track; suggest songs where the task wants some and it has the ability."""
        ...

    async def audit(self, task: AuditTask, on_progress: OnProgress) -> Audited:
        """Look through one room's tracks."""
        ...
