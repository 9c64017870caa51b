"""A plugin with a miner that knows one thing: a band belongs where one of its songs is an anchor."""

from collections.abc import Sequence

from moodroom_hub.core.config.models import PluginConfig
from moodroom_hub.core.context import PluginContext, Role
from moodroom_hub.core.hookspecs import hookimpl
from moodroom_hub.core.miners import Miner, MinerStanding, OnProgress
from moodroom_hub.domain.mining.models import (
    Ability,
    Audited,
    AuditTask,
    Estimate,
    Mined,
    MiningProgress,
    MiningTask,
    Misfit,
    Placement,
    Unplaced,
)

ASKED: list[MiningTask | AuditTask] = []
"""What the miner was asked, for tests to look at."""


class BandConfig(PluginConfig):
    """``paid``: the miner says that it may cost money."""

    paid: bool = False


class BandMiner:
    """Implements ``miners.Miner``."""

    name = "band"
    abilities = frozenset({Ability.PLACE, Ability.AUDIT})

    def __init__(self, is_paid: bool) -> None:
        self._is_paid = is_paid

    def standing(self) -> MinerStanding:
        """Always ready, and preferred."""
        return MinerStanding(is_ready=True, is_paid=self._is_paid, rank=1_000)

    async def estimate(self, task: MiningTask | AuditTask) -> Estimate:
        """One call."""
        return Estimate(calls=1, cost_usd=0.5, is_at_home=not self._is_paid)

    async def mine(self, task: MiningTask, on_progress: OnProgress) -> Mined:
        """By the anchors' artists; what an example says goes before that."""
        ASKED.append(task)
        on_progress(MiningProgress(0, len(task.tracks)))
        told = {(each.room, each.track.uri): each.is_fit for each in task.examples}
        placed = [
            Placement(room.slug, track.uri, 0.8, "a band of the room")
            for room in task.rooms
            for track in task.tracks
            if told.get((room.slug, track.uri), track.artists[0] in {anchor.artist for anchor in room.anchors})
        ]
        found = {each.uri for each in placed}
        left = [Unplaced(track.uri, "no band of any room") for track in task.tracks if track.uri not in found]
        return Mined(tuple(placed), tuple(left))

    async def audit(self, task: AuditTask, on_progress: OnProgress) -> Audited:
        """Whatever is no band of the room."""
        ASKED.append(task)
        bands = {anchor.artist for anchor in task.room.anchors}
        return Audited(
            tuple(Misfit(each.uri, "no band of the room", 0.9) for each in task.audited if each.artists[0] not in bands)
        )


class Plugin:
    """Gives the miner."""

    name = "band"
    role = Role.POLICY
    Config = BandConfig

    def __init__(self, context: PluginContext[BandConfig]) -> None:
        self._miner = BandMiner(context.config.paid)

    @hookimpl
    def register_miners(self) -> Sequence[Miner]:
        """The one."""
        return [self._miner]
