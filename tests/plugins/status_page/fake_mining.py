"""A mining desk in memory, and what a hub in memory knows of days and searches."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC
from functools import cached_property

from moodroom_hub.core.clock import Clock
from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.core.face import HistoryPage, ListenView, ReceiptPage, ReceiptView
from moodroom_hub.core.miners import (
    EstimateView,
    JobKind,
    JobStatus,
    JobView,
    MinerStanding,
    MinerView,
    MiningOrder,
)
from moodroom_hub.domain.insight.course import DayCounts, course
from moodroom_hub.domain.insight.days import last_days
from moodroom_hub.domain.insight.week import Insight, ListenTally, room_week
from moodroom_hub.domain.mining.models import Ability, Definition, Estimate
from moodroom_hub.domain.models import (
    Anchor,
    EpochMs,
    PoolEntry,
    Receipt,
    Room,
    RoomSlug,
    Tier,
    Uri,
    VerdictKind,
)
from moodroom_hub.domain.pools import Pool, moved
from moodroom_hub.domain.searching import HistorySearch, ReceiptSearch, words

BOTH = frozenset({Ability.PLACE, Ability.AUDIT})


class FakeMining:
    """Moves really move; jobs stand where a test puts them (``view``)."""

    def __init__(self, hub: "Insightful") -> None:
        self._hub = hub
        self.view = JobView(JobStatus.IDLE)
        self.started: list[MiningOrder] = []
        self.kept_ones: list[Uri] = []
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

    async def undo(self) -> Sequence[RoomSlug]:
        self._hub.tell("unmine")
        return self.view.rooms

    def definition(self, room: RoomSlug) -> Definition:
        found = self._hub.rooms[room]
        return self.definitions.get(room, Definition(found.description, (Anchor("Trophies", "Drake"),), ("rage",)))

    async def define(self, room: RoomSlug, definition: Definition) -> None:
        self._hub.tell("define", room, definition)
        self.definitions[room] = definition

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

    async def keep(self, room: RoomSlug, uris: Sequence[Uri]) -> None:
        self._hub.tell("keep", room, *uris)
        self.kept_ones += uris

    async def kept(self, room: RoomSlug) -> Collection[Uri]:
        return self.kept_ones


class Insightful:
    """The part of a hub in memory that searches and counts, over ``receipt_list``, ``listens`` and ``pools``."""

    receipt_list: list[Receipt]
    undone: dict[int, int]
    listens: list[ListenView]
    pools: dict[RoomSlug, list[PoolEntry]]
    _clock: Clock

    @cached_property
    def mining(self) -> FakeMining:
        return FakeMining(self)

    @property
    def now_ms(self) -> EpochMs:
        """What the hub's clock shows."""
        return self._clock.now_ms()

    @property
    def rooms(self) -> Mapping[RoomSlug, Room]:
        raise NotImplementedError

    def tell(self, name: str, *arguments: object) -> None:
        """Note the call; raise what a test wants it to."""
        self._told(name, *arguments)

    def _told(self, name: str, *arguments: object) -> None:
        raise NotImplementedError

    async def find_receipts(self, wanted: ReceiptSearch, limit: int = 50, before: int | None = None) -> ReceiptPage:
        self._told("find_receipts", wanted, limit, before)
        typed = words(wanted.text)
        found = [
            ReceiptView(each, self.undone.get(each.id))
            for each in reversed(self.receipt_list)
            if (before is None or each.id < before)
            and wanted.room in (None, each.room)
            and wanted.kind in (None, each.kind)
            and not (wanted.undoable and each.id in self.undone)
            and typed.are_in_track(each.track)
        ]
        return ReceiptPage(tuple(found[:limit]), found[limit - 1].receipt.id if len(found) > limit else None)

    async def find_listens(self, wanted: HistorySearch, limit: int = 50, before: int | None = None) -> HistoryPage:
        self._told("find_listens", wanted, limit, before)
        typed = words(wanted.text)
        found = [
            view
            for view in sorted(self.listens, key=lambda view: -view.id)
            if (before is None or view.id < before)
            and wanted.room in (None, view.listen.room)
            and wanted.verdict in (None, view.listen.verdict.kind)
            and typed.are_in_track(view.listen.track)
        ]
        return HistoryPage(tuple(found[:limit]), found[limit - 1].id if len(found) > limit else None)

    async def course(self, room: RoomSlug, days: int = 90) -> Sequence[DayCounts]:
        receipts = [each for each in self.receipt_list if each.room == room]
        return course(self.pools[room], receipts, last_days(self.now_ms, days, UTC))

    async def insight(self, days: int = 7) -> Insight:
        self._told("insight", days)
        wanted, tally = last_days(self.now_ms, days, UTC), ListenTally()
        for view in self.listens:
            if view.listen.ended_at_ms >= wanted[0].start_ms:
                tally.take(view.listen)
        weeks = [
            room_week(
                room,
                [each for each in self.receipt_list if each.room == room],
                {entry.track.uri: entry for entry in entries},
                tally,
                wanted,
                UTC,
            )
            for room, entries in self.pools.items()
        ]
        kinds: Mapping[VerdictKind, int] = tally.kinds
        return Insight(
            tuple(wanted),
            tuple(weeks),
            tally.listens,
            kinds.get(VerdictKind.COMPLETED, 0),
            kinds.get(VerdictKind.SKIPPED, 0),
            tally.uncertain,
        )
