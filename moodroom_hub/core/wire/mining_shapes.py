"""What the API says of mining, as models."""

from pydantic import Field

from moodroom_hub.core.miners import JobKind, JobStatus
from moodroom_hub.core.wire.shapes import Answer, ErrorDetail
from moodroom_hub.domain.mining.models import Ability
from moodroom_hub.domain.models import Tier


class MinerShape(Answer):
    """One miner. ``reason`` says why it is not ready, with the mend; ``paid``: it may cost money."""

    name: str
    abilities: list[Ability]
    ready: bool
    reason: str
    paid: bool


class MinersAnswer(Answer):
    """Every miner."""

    miners: list[MinerShape]


class PromptShape(Answer):
    """What would be sent to a model, word for word."""

    title: str
    text: str


class EstimateAnswer(Answer):
    """What a job would take. ``paid_before``: answers that an earlier run paid for and that are not asked for again.

    ``cost_usd`` is null where no price is known; ``at_home``: no title leaves the house.
    """

    miner: str
    paid: bool
    at_home: bool
    tracks: int
    calls: int
    paid_before: int
    tokens_in: int
    tokens_out: int
    cost_usd: float | None
    notes: list[str]
    prompts: list[PromptShape]


class JobAnswer(Answer):
    """The mining desk. ``done`` of ``total`` ``unit``; ``error`` where it failed; see ``/api/mining/report``."""

    status: JobStatus
    kind: JobKind | None
    miner: str | None
    rooms: list[str]
    phase: str
    done: int
    total: int
    unit: str
    calls: int
    tokens_in: int
    tokens_out: int
    cost_usd: float | None
    elapsed_ms: int
    error: ErrorDetail | None


class MinedTrackShape(Answer):
    """A track that comes into a room, leaves it, or changes its tier (``before``)."""

    uri: str
    name: str
    artists: list[str]
    tier: Tier
    before: Tier | None
    confidence: float | None
    why: str


class RoomPlanShape(Answer):
    """``kept``: tracks that stay as listening or a hand decided, although the miner thinks otherwise."""

    room: str
    added: list[MinedTrackShape]
    gone: list[MinedTrackShape]
    moved: list[MinedTrackShape]
    kept: int
    unchanged: int


class LeftShape(Answer):
    """A track that was not placed, or not looked at. ``judged``: no room fits; else it could not be judged."""

    uri: str
    name: str
    artists: list[str]
    reason: str
    judged: bool


class DroppedShape(Answer):
    """A suggestion that came to nothing."""

    room: str
    tier: Tier
    name: str
    artist: str
    reason: str


class MisfitShape(Answer):
    """A track of which the audit thinks that it does not belong in the room."""

    uri: str
    name: str
    artists: list[str]
    tier: Tier
    reason: str
    confidence: float


class MiningReportAnswer(Answer):
    """What a mining would change (while it is held) or changed."""

    rooms: list[RoomPlanShape]
    unplaced: list[LeftShape]
    dropped: list[DroppedShape]
    notes: list[str]


class AuditReportAnswer(Answer):
    """What an audit found; nothing was changed."""

    room: str
    misfits: list[MisfitShape]
    not_looked_at: list[LeftShape]
    notes: list[str]


class ReportAnswer(Answer):
    """The last job's report; one of the two, or none yet."""

    mining: MiningReportAnswer | None = None
    audit: AuditReportAnswer | None = None


class AnchorShape(Answer):
    """A track that is typical of a room."""

    name: str
    artist: str


class DefinitionAnswer(Answer):
    """A room's words."""

    description: str
    anchors: list[AnchorShape]
    avoid: list[str] = Field(default_factory=list)


class KeptAnswer(Answer):
    """The tracks of which the owner said that they belong in the room."""

    uris: list[str]


class UndoneMiningAnswer(Answer):
    """The rooms whose last mining was taken back, or (``back``) brought back again."""

    rooms: list[str]
    back: bool
