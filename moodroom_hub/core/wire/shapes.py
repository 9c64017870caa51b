"""What the API answers, as models. They make the answers and ``/api/openapi.json`` alike, so the two cannot differ."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from moodroom_hub.core.face import PluginStatus
from moodroom_hub.core.ports import CheckLevel, LoginStatus
from moodroom_hub.domain.models import Cause, LedgerStatus, ReceiptKind, Tier, VerdictKind

Moment = Annotated[str, Field(json_schema_extra={"format": "date-time"})]
"""ISO 8601 in UTC with milliseconds, ``2026-11-21T03:12:00.000Z``."""


class Answer(BaseModel):
    """Base of everything that the API says."""

    # Built when first used: all at once they take 1 of the 80 MB, and most are seldom asked for.
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class ErrorDetail(Answer):
    """``code`` is for programs, ``message`` for people: what happened and the mend. ``retry_after``: seconds.
    ``zone``: the one in which it would work."""

    code: str
    message: str
    retry_after: int | None = None
    zone: str | None = None


class ErrorAnswer(Answer):
    """Every refusal and failure."""

    error: ErrorDetail


class LoginShape(Answer):
    """Where the login stands; ``days_left`` is null where there is none."""

    status: LoginStatus
    days_left: int | None


class NowPlayingShape(Answer):
    """What plays. ``next_skip``: the tier that a skip now would move the track to; null: a skip changes nothing."""

    uri: str
    name: str
    artists: list[str]
    album: str | None
    artwork_url: str | None
    room: str | None
    station: str | None
    tier: Tier | None
    position_ms: int
    duration_ms: int | None
    is_playing: bool
    next_skip: Tier | None


class UpcomingShape(Answer):
    """One track of the ledger that is still to come."""

    id: int
    uri: str
    name: str
    artists: list[str]
    album: str | None
    artwork_url: str | None
    duration_ms: int | None
    room: str
    tier: Tier
    why: str
    status: LedgerStatus


class BatchEntryShape(UpcomingShape):
    """A track of the running activation. ``verdict`` (and where it ended) once it was heard."""

    number: int
    verdict: VerdictKind | None
    cause: Cause | None
    heard_ms: int | None


class BatchAnswer(Answer):
    """What the running activation drew: gone by, playing, ahead. ``earlier`` gone by are left out."""

    room: str | None
    tracks: list[BatchEntryShape]
    earlier: int


class ReceiptShape(Answer):
    """One change of a room's pool. ``before`` / ``after``: tiers, null where the track was not in the pool.

    ``strikes`` after the change. ``undone_by``: the receipt that took it back; ``undoes``: those that it takes back.
    ``group``: shared by receipts of one act, which can be undone at once.
    """

    id: int
    room: str
    zone: str | None
    uri: str
    name: str
    artists: list[str]
    kind: ReceiptKind
    before: Tier | None
    after: Tier | None
    strikes: int
    at: Moment
    why: str
    heard_ms: int | None
    duration_ms: int | None
    undone_by: int | None
    undoes: list[int]
    group: str | None


class PluginShape(Answer):
    """A plugin, how it is, and why."""

    name: str
    status: PluginStatus
    reason: str


class TroubleShape(Answer):
    """Why the music may be quiet. ``retry_at``: when the hub tries again by itself."""

    code: str
    message: str
    retry_at: Moment | None


class StateAnswer(Answer):
    """The whole state of one zone at one moment. ``leader``: the zone whose music sounds here, and is shown, while
    this one is grouped under it; null: it leads itself. ``zones``: the names of all zones, the default one first."""

    version: str
    zone: str
    active_room: str | None
    active_station: str | None
    learning: bool
    login: LoginShape
    now_playing: NowPlayingShape | None
    upcoming: list[UpcomingShape]
    receipts: list[ReceiptShape]
    plugins: list[PluginShape]
    troubles: list[TroubleShape]
    leader: str | None
    zones: list[str]


class PaletteShape(Answer):
    """A room's light; every colour ``#rrggbb``."""

    accent: str
    start: str = Field(alias="from")
    end: str = Field(alias="to")
    blobs: list[str]


class RoomShape(Answer):
    """A room with the number of its tracks per tier. ``zones``: where it is active; ``active``: whether anywhere."""

    slug: str
    name: str
    description: str
    active: bool
    zones: list[str]
    palette: PaletteShape | None
    counts: dict[Tier, int]


class RoomsAnswer(Answer):
    """Every room, in the order of the configuration."""

    rooms: list[RoomShape]


class PoolTrackShape(Answer):
    """A track's place in a room: why it is there and since when (null: since the pool was made).

    ``source``: the miner that put it there (``mined:local``; empty: a file or a hand) and its ``confidence``, 0 to 1.
    """

    uri: str
    name: str
    artists: list[str]
    strikes: int
    why: str
    since: Moment | None
    source: str
    confidence: float | None


class PoolAnswer(Answer):
    """One room's tracks by tier, ``REMOVED`` ones included."""

    room: str
    tiers: dict[Tier, list[PoolTrackShape]]


class BatchTrackShape(Answer):
    """One drawn track."""

    uri: str
    name: str
    artists: list[str]
    tier: Tier


class ActivateAnswer(Answer):
    """The batch in playing order; ``notes`` say which rules of drawing had to be loosened.

    ``zone``: where it plays; not where it was asked for, if that one plays along with another.
    """

    batch: list[BatchTrackShape]
    notes: list[str]
    zone: str | None = None


class DoneAnswer(Answer):
    """The command was carried out."""

    ok: bool


class NextAnswer(Answer):
    """``skipped``: another track was seen to play after it.

    False: another one than the meant played already, or nothing followed. Null: the player took the skip, but what
    plays since could not be seen in time.
    """

    skipped: bool | None


class NeverAgainAnswer(Answer):
    """The receipt, which undoes it; null where another track than the meant one plays, or it was out already."""

    receipt: ReceiptShape | None


class LearningAnswer(Answer):
    """``until``: when the opposite comes back by itself."""

    learning: bool
    until: Moment | None


class ReceiptsAnswer(Answer):
    """Newest first. ``next``: give it as ``before`` for the page after; null on the last one."""

    receipts: list[ReceiptShape]
    next: int | None


class UndoAnswer(Answer):
    """The receipt of the undo itself."""

    receipt: ReceiptShape


class ListenShape(Answer):
    """One finished listen with its verdict; ``heard_ms`` is the best guess, ``sure`` says if no doubt was left.

    Those of the imported past have an ``id`` below 0 and the zone ``past``; their ``uri`` may be empty.
    """

    id: int
    zone: str
    uri: str
    name: str
    artists: list[str]
    album: str | None
    duration_ms: int | None
    room: str | None
    tier: Tier | None
    verdict: VerdictKind
    cause: Cause
    sure: bool
    heard_ms: int
    started_at: Moment
    ended_at: Moment


class HistoryAnswer(Answer):
    """Newest first; paged like the receipts."""

    history: list[ListenShape]
    next: int | None


class ImportAnswer(Answer):
    """What a file did to the pools. ``kept``: tracks that stayed as listening taught, although the file differs.

    ``unresolved`` (not surely found) and ``problems`` (not understood) name what was left out, one line each.
    """

    added: int
    changed: int
    kept: int
    unresolved: list[str]
    problems: list[str]


class SyncAnswer(Answer):
    """``new`` liked songs, ``total`` now; ``moved``: places in pools that this raised; ``gone``: unliked since;
    ``playlists``: those that had changed and were read. ``sorting``: the sorter places what is new, see
    ``/api/sorter/job``; ``not_sorted``: why it does not, although it has layers."""

    new: int
    total: int
    moved: int
    gone: int
    playlists: int
    sorting: bool
    not_sorted: str


class PasteAnswer(Answer):
    """Where the login stands after the pasted address was used."""

    login: LoginShape


class LiveAnswer(Answer):
    """The process is alive. ``started_at``: since when this hub runs; another one after each start."""

    name: str
    status: str
    started_at: Moment


class CheckShape(Answer):
    """One thing that was looked at; ``mend`` says what helps."""

    name: str
    level: CheckLevel
    message: str
    mend: str


class ReadyAnswer(Answer):
    """``status`` is ``ready`` or ``not_ready``. Strangers see no ``checks`` where a password is set."""

    status: str
    checks: list[CheckShape]


class OpenApiAnswer(BaseModel):
    """An OpenAPI 3.1 document."""

    model_config = ConfigDict(extra="allow")

    openapi: str
    info: dict[str, Any]
    paths: dict[str, Any]
