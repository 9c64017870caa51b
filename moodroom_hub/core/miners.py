"""What the hub asks of a miner (the model, the local one, the sorter, the radio), and what faces ask of the hub."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from moodroom_hub.core.errors import Trouble
from moodroom_hub.domain.mining.models import (
    Ability,
    Audited,
    AuditTask,
    Definition,
    Estimate,
    Mined,
    MiningProgress,
    MiningTask,
    Suggestion,
)
from moodroom_hub.domain.mining.plan import RoomPlan
from moodroom_hub.domain.models import DurationMs, PoolEntry, Receipt, RoomSlug, Tier, Track, Uri

IN_THE_ROOM_ALREADY = "it is in the room already, or was taken out of it"
"""Why the commonest suggestions are dropped: nothing went wrong with them."""

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


class JobKind(StrEnum):
    """What a mining job does."""

    MINE = "mine"
    AUDIT = "audit"


class JobStatus(StrEnum):
    """Where the mining desk stands."""

    IDLE = "idle"
    RUNNING = "running"
    HELD = "held"
    """Mined, and not applied yet: the owner shall see the difference first."""
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class MiningOrder:
    """What is wanted of the mining desk.

    ``rooms``: ``None`` for all; an audit takes one. ``miner``: ``None`` for the best that is ready.
    ``suggestions``: also ask for songs outside the library. ``definition``: try the one room with these words.
    ``examples``: further tracks that fit (true) or do not. ``is_accepted``: the owner agreed to what it costs.
    ``is_held``: wait with the result until it is applied. ``is_thorough``: an audit also looks at what was kept before.
    """

    kind: JobKind = JobKind.MINE
    rooms: tuple[RoomSlug, ...] | None = None
    miner: str | None = None
    suggestions: bool = True
    definition: Definition | None = None
    examples: tuple[tuple[Uri, bool], ...] = ()
    is_accepted: bool = False
    is_held: bool = False
    is_thorough: bool = False


@dataclass(frozen=True, slots=True)
class EstimateView:
    """An estimate, for which miner and how many tracks."""

    miner: str
    is_paid: bool
    tracks: int
    estimate: Estimate


@dataclass(frozen=True, slots=True)
class Left:
    """A liked song in no room, and why."""

    track: Track
    reason: str
    is_judged: bool


@dataclass(frozen=True, slots=True)
class Dropped:
    """A suggestion that came to nothing, and why."""

    suggestion: Suggestion
    reason: str


@dataclass(frozen=True, slots=True)
class MiningReport:
    """What a mining found and would change, or changed: every room, what is in none, what was suggested in vain."""

    rooms: tuple[RoomPlan, ...]
    unplaced: tuple[Left, ...] = ()
    dropped: tuple[Dropped, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FlaggedEntry:
    """A room's entry that an audit thinks does not belong there."""

    entry: PoolEntry
    reason: str
    confidence: float


@dataclass(frozen=True, slots=True)
class AuditReport:
    """What an audit of one room found."""

    room: RoomSlug
    misfits: tuple[FlaggedEntry, ...]
    not_looked_at: tuple[Left, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class JobView:
    """The mining desk at this moment: one job at a time. ``phase`` is what it does, for a person."""

    status: JobStatus
    kind: JobKind | None = None
    miner: str | None = None
    rooms: tuple[RoomSlug, ...] = ()
    phase: str = ""
    progress: MiningProgress | None = None
    elapsed_ms: DurationMs = DurationMs(0)
    trouble: Trouble | None = None
    report: MiningReport | AuditReport | None = None


@dataclass(frozen=True, slots=True)
class MinerView:
    """One miner and how it is."""

    name: str
    abilities: frozenset[Ability]
    standing: MinerStanding


@dataclass(frozen=True, slots=True)
class UndoneMining:
    """The rooms whose last mining was taken back, or (``is_back``) brought back again."""

    rooms: tuple[RoomSlug, ...]
    is_back: bool


class MiningFace(Protocol):
    """Mining as faces know it. Commands raise ``Trouble`` with a code and a mend."""

    def miners(self) -> Sequence[MinerView]:
        """Every miner."""
        ...

    async def estimate(self, order: MiningOrder) -> EstimateView:
        """What the order would take. Spends nothing."""
        ...

    async def start(self, order: MiningOrder) -> JobView:
        """Begin. Raises ``Trouble(CONFLICT)`` while another job runs, or where it costs and that was not accepted."""
        ...

    def job(self) -> JobView:
        """Where the last job stands."""
        ...

    async def cancel(self) -> JobView:
        """Stop the job that runs; what a service was paid for stays remembered."""
        ...

    async def apply(self, definition: Definition | None = None, drop: Sequence[Uri] = ()) -> JobView:
        """Make the held result true: the room's new ``definition`` into the configuration, the base of its pool, and
        what the owner dropped out of the room, each with its receipt. Raises ``Trouble(CONFLICT)`` where none is held.
        """
        ...

    async def discard(self) -> JobView:
        """Forget the held result; nothing was changed."""
        ...

    async def undo(self) -> UndoneMining:
        """Take the last mining back: the base of its rooms as before. Again: the mining is back."""
        ...

    def definition(self, room: RoomSlug) -> Definition:
        """A room's words."""
        ...

    async def define(self, room: RoomSlug, definition: Definition) -> None:
        """Give a room other words, in the configuration too. Its tracks stay until it is mined again."""
        ...

    async def move(self, room: RoomSlug, uri: Uri, tier: Tier, why: str) -> Receipt:
        """Put a track of the room's pool, or a liked one, into a tier by hand."""
        ...

    async def kept(self, room: RoomSlug) -> Collection[Uri]:
        """What the owner said belongs in the room: an audit passes it over, and a mining learns from it."""
        ...

    async def keep(self, room: RoomSlug, uris: Sequence[Uri]) -> None:
        """Remember that these belong in the room, whatever an audit thinks of them."""
        ...
