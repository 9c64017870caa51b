"""A mining desk in memory."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.core.miners import (
    EstimateView,
    JobKind,
    JobStatus,
    JobView,
    MinerStanding,
    MinerView,
    MiningOrder,
    UndoneMining,
)
from moodroom_hub.domain.mining.models import Ability, Definition, Estimate
from moodroom_hub.domain.models import Anchor, EpochMs, PoolEntry, Receipt, Room, RoomSlug, Tier, Uri
from moodroom_hub.domain.pools import Pool, moved

BOTH = frozenset({Ability.PLACE, Ability.AUDIT})


class DeskHub(Protocol):
    """What the desk needs of the hub in memory."""

    receipt_list: list[Receipt]
    pools: dict[RoomSlug, list[PoolEntry]]

    @property
    def rooms(self) -> Mapping[RoomSlug, Room]: ...

    @property
    def now_ms(self) -> EpochMs: ...

    def tell(self, name: str, *arguments: object) -> None: ...


class FakeMining:
    """Moves really move; jobs stand where a test puts them (``view``)."""

    def __init__(self, hub: "DeskHub") -> None:
        self._hub = hub
        self.view = JobView(JobStatus.IDLE)
        self.started: list[MiningOrder] = []
        self.kept_uris: list[Uri] = []
        self.cost_usd: float | None = 0.12
        self.definitions: dict[RoomSlug, Definition] = {}
        self.known = [
            MinerView("local", BOTH, MinerStanding(is_ready=True)),
            MinerView("model", BOTH, MinerStanding(is_ready=False, reason="set plugins.llm_mining.api_key")),
        ]

    def miners(self) -> Sequence[MinerView]:
        return self.known

    async def estimate(self, order: MiningOrder) -> EstimateView:
        self._hub.tell("estimate", order)
        miner = next(view for view in self.known if order.miner in (None, view.name))
        return EstimateView(miner.name, miner.standing.is_paid, 340, Estimate(calls=4, cost_usd=self.cost_usd))

    async def start(self, order: MiningOrder) -> JobView:
        self._hub.tell("start", order)
        self.started.append(order)
        self.view = JobView(JobStatus.RUNNING, order.kind, order.miner or "local", order.rooms or (), "reading")
        return self.view

    def job(self) -> JobView:
        return self.view

    async def cancel(self) -> JobView:
        self._hub.tell("cancel")
        self.view = replace(self.view, status=JobStatus.CANCELLED)
        return self.view

    async def apply(self, definition: Definition | None = None, drop: Sequence[Uri] = ()) -> JobView:
        self._hub.tell("apply", definition, *drop)
        self.view = replace(self.view, status=JobStatus.DONE)
        return self.view

    async def discard(self) -> JobView:
        self._hub.tell("discard")
        self.view = JobView(JobStatus.CANCELLED, JobKind.MINE)
        return self.view

    async def undo(self) -> UndoneMining:
        self._hub.tell("unmine")
        return UndoneMining(self.view.rooms, is_back=False)

    def definition(self, room: RoomSlug) -> Definition:
        found = self._hub.rooms[room]
        return self.definitions.get(room, Definition(found.description, (Anchor("Trophies", "Drake"),), ("rage",)))

    async def define(self, room: RoomSlug, words: Definition) -> None:
        self._hub.tell("define", room, words)
        self.definitions[room] = words

    async def move(self, room: RoomSlug, uri: Uri, tier: Tier, why: str) -> Receipt:
        self._hub.tell("move", room, uri, tier, why)
        pool = self._hub.pools[room]
        for at, entry in enumerate(pool):
            if entry.track.uri == uri:
                change = moved(
                    Pool(room, {each.track.uri: each for each in pool}),
                    entry.track,
                    tier,
                    self._hub.now_ms,
                    why or "by hand",
                )
                if change is None or change.after is None:
                    raise Trouble(TroubleCode.CONFLICT, f"It is in {tier.value} already.")
                pool[at] = change.after
                receipt = change.receipt(len(self._hub.receipt_list) + 1, self._hub.now_ms)
                self._hub.receipt_list.append(receipt)
                return receipt
        raise Trouble(TroubleCode.NOT_FOUND, "This track is neither in the room nor liked.")

    async def kept(self, room: RoomSlug) -> Collection[Uri]:
        return self.kept_uris

    async def keep(self, room: RoomSlug, uris: Sequence[Uri]) -> None:
        self._hub.tell("keep", room, *uris)
        self.kept_uris += uris
