"""A mining desk over a real database, with a miner that answers as a test says."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from moodroom_hub.core.config import load_config
from moodroom_hub.core.errors import Trouble
from moodroom_hub.core.miners import JobStatus, JobView, MinerStanding, MiningOrder, OnProgress
from moodroom_hub.core.mining import set_up
from moodroom_hub.core.mining.desk import Desk
from moodroom_hub.core.past import Past
from moodroom_hub.domain.mining.models import (
    Ability,
    Audited,
    AuditTask,
    Estimate,
    Mined,
    MiningProgress,
    MiningTask,
    Placement,
    Suggestion,
    Unplaced,
)
from moodroom_hub.domain.models import ListeningRules, Room, RoomSlug, Tier, Uri
from tests.core.data_lab import NIGHT, Data, FakeAccount, data, liked, song

Answer = Callable[[MiningTask], Mined]


def places(*numbers: int, confidence: float = 0.9, room: RoomSlug = NIGHT) -> Answer:
    """A miner that places these songs and judges all others to fit no room."""

    def answer(task: MiningTask) -> Mined:
        uris = {song(number).uri for number in numbers}
        placed = tuple(Placement(room, track.uri, confidence, "moody") for track in task.tracks if track.uri in uris)
        left = tuple(Unplaced(track.uri, "fits no room") for track in task.tracks if track.uri not in uris)
        return Mined(placed, left)

    return answer


def suggests(number: int, tier: Tier = Tier.DISCOVERY) -> Answer:
    """A miner that places nothing and suggests one song."""

    def answer(task: MiningTask) -> Mined:
        one = Suggestion(NIGHT, tier, song(number).name, song(number).artists[0], "near")
        left = tuple(Unplaced(track.uri, "fits no room") for track in task.tracks)
        return Mined((), left, (one,), frozenset({NIGHT}))

    return answer


@dataclass
class FakeMiner:
    """Answers what ``answer`` says, or raises what it raises. With ``gate`` it waits for it first."""

    answer: Answer = field(default_factory=lambda: places(1, 2))
    audited: Audited = field(default_factory=Audited)
    trouble: Exception | None = None
    is_paid: bool = False
    is_ready: bool = True
    rank: int = 0
    name: str = "fake"
    gate: asyncio.Event | None = None
    tasks: list[MiningTask | AuditTask] = field(default_factory=list)
    abilities: frozenset[Ability] = frozenset(Ability)

    def standing(self) -> MinerStanding:
        """As the test says."""
        return MinerStanding(self.is_ready, "" if self.is_ready else "no model is set", self.is_paid, self.rank)

    async def estimate(self, task: MiningTask | AuditTask) -> Estimate:
        """A call for every track."""
        return Estimate(calls=len(task.tracks), cost_usd=0.5, is_at_home=False)

    async def mine(self, task: MiningTask, on_progress: OnProgress) -> Mined:
        """The answer."""
        self.tasks.append(task)
        on_progress(MiningProgress(1, 2, calls=1))
        if self.gate is not None:
            await self.gate.wait()
        if self.trouble is not None:
            raise self.trouble
        return self.answer(task)

    async def audit(self, task: AuditTask, on_progress: OnProgress) -> Audited:
        """What was said."""
        self.tasks.append(task)
        return self.audited


@dataclass
class DeskLab:
    """The desk and what it works on. ``told`` counts how often watchers were told."""

    desk: Desk
    data: Data
    miner: FakeMiner
    other: FakeMiner
    account: FakeAccount
    rooms: dict[RoomSlug, Room]
    config: Path
    told: list[None] = field(default_factory=list)

    async def run(self, order: MiningOrder | None = None) -> JobView:
        """Start and wait for the end."""
        await self.desk.start(order or MiningOrder())
        return await self.desk.ended()

    async def failed(self, order: MiningOrder | None = None) -> Trouble:
        """Run, and give why it failed."""
        view = await self.run(order)
        assert view.status is JobStatus.FAILED
        assert view.trouble is not None
        return view.trouble


@asynccontextmanager
async def desk_lab(folder: Path, *, songs: int = 6) -> AsyncIterator[DeskLab]:
    """A desk over a library of ``songs`` songs."""
    config = folder / "config.yaml"
    config.write_text("# mine\nhub: {log_level: warning}\n", encoding="utf-8")
    loaded = load_config(config, {})
    async with data(folder) as parts:
        await parts.store.put_liked([liked(number) for number in range(1, songs + 1)])
        rooms = loaded.settings.domain_rooms()
        miner, other, account = FakeMiner(), FakeMiner(name="better", rank=-1), FakeAccount([])
        told: list[None] = []
        desk = set_up.desk(
            loaded=loaded,
            rooms=rooms,
            store=parts.store,
            pools=parts.pools,
            clock=parts.clock,
            library=parts.library,
            past=Past(parts.store, parts.pools, parts.clock, ListeningRules(), rooms),
            miners=lambda: [miner, other],
            accounts=lambda: [account],
            told=lambda: told.append(None),
        )
        try:
            yield DeskLab(desk, parts, miner, other, account, rooms, config, told)
        finally:
            await desk.close()


def uri(number: int) -> Uri:
    """The uri of song ``number``."""
    return song(number).uri
