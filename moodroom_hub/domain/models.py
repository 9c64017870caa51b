"""The words of the product as types: tracks, rooms, tiers, snapshots.

Everything here is immutable and free of I/O. Times are milliseconds since the Unix epoch (UTC)
by the hub's own clock; durations and positions are milliseconds.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import NewType

DurationMs = NewType("DurationMs", int)
EpochMs = NewType("EpochMs", int)
Uri = NewType("Uri", str)
RoomSlug = NewType("RoomSlug", str)
ZoneName = NewType("ZoneName", str)

HOME = ZoneName("home")
"""The zone that exists without being configured."""


class Tier(StrEnum):
    """How sure the hub is that a track belongs in a room. ``REMOVED`` left the room's pool."""

    CONFIRMED = "CONFIRMED"
    SAFE_SIDE = "SAFE_SIDE"
    DISCOVERY = "DISCOVERY"
    REMOVED = "REMOVED"


PLAYABLE_TIERS: tuple[Tier, Tier, Tier] = (Tier.CONFIRMED, Tier.SAFE_SIDE, Tier.DISCOVERY)


@dataclass(frozen=True, slots=True)
class Track:
    """One playable item of a service. ``name`` and ``artists`` are hostile text: data, never markup."""

    uri: Uri
    name: str
    artists: tuple[str, ...] = ()
    duration_ms: DurationMs | None = None
    isrc: str | None = None
    album: str | None = None
    artwork_url: str | None = None
    is_playable: bool = True
    year: int | None = None


@dataclass(frozen=True, slots=True)
class Anchor:
    """A track that a room's owner names as typical of the room."""

    name: str
    artist: str


@dataclass(frozen=True, slots=True)
class Palette:
    """A room's light. Every colour is ``#rrggbb``; ``start`` and ``end`` span the backdrop."""

    accent: str
    start: str
    end: str
    blobs: tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Room:
    """A mood as a place: what belongs in it, what does not, and its light."""

    slug: RoomSlug
    name: str
    description: str = ""
    anchors: tuple[Anchor, ...] = ()
    avoid: tuple[str, ...] = ()
    palette: Palette | None = None


@dataclass(frozen=True, slots=True)
class Device:
    """A thing that can sound. ``id`` may be missing (Spotify hides restricted devices') and changes over time."""

    id: str | None
    name: str
    kind: str = ""
    is_active: bool = False
    is_restricted: bool = False
    is_private_session: bool = False
    volume_percent: int | None = None


class Playing(StrEnum):
    """What kind of thing a source saw."""

    TRACK = "track"
    EPISODE = "episode"
    ADVERT = "advert"
    UNKNOWN = "unknown"
    """The source answered, but not what plays (private session, local file, odd answer)."""
    INPUT = "input"
    """Something that is no music of a service: a television, a line-in."""
    IDLE = "idle"
    """A player is there, and has nothing to play."""
    NOTHING = "nothing"
    """No player is there."""


class Repeat(StrEnum):
    """The player's repeat mode."""

    OFF = "off"
    TRACK = "track"
    CONTEXT = "context"


@dataclass(frozen=True, slots=True)
class PlaybackSnapshot:
    """What a source saw at one poll.

    ``at_ms`` is the hub's best guess of the moment for which ``position_ms`` was true;
    ``uncertainty_ms`` is half the width of that guess (half the round trip). ``leapt_after_ms``: when a source that
    looks oftener than it is asked saw this track the last time before somebody moved it to another place in itself.
    """

    zone: ZoneName
    at_ms: EpochMs
    playing: Playing
    track: Track | None = None
    position_ms: DurationMs | None = None
    is_playing: bool = False
    context_uri: str | None = None
    device: Device | None = None
    repeat: Repeat = Repeat.OFF
    uncertainty_ms: DurationMs = DurationMs(0)
    leapt_after_ms: EpochMs | None = None


class VerdictKind(StrEnum):
    """What a finished listen was."""

    SKIPPED = "SKIPPED"
    COMPLETED = "COMPLETED"
    PARTIAL = "PARTIAL"


class Cause(StrEnum):
    """Why a listen ended as it did. Only ``LISTENER`` and ``NATURAL`` may ever change a pool."""

    LISTENER = "listener"
    """The listener moved on."""
    NATURAL = "natural_end"
    """The track came to its end."""
    UNCERTAIN = "uncertain"
    """The evidence straddles a threshold; in doubt, no strike."""
    STALE_TAIL = "stale_tail"
    ROOM_SWITCH = "room_switch"
    HUB = "hub"
    """Another skip of the hub's own (reviving a player that stopped, for instance)."""
    TAKEOVER = "takeover"
    DEVICE_LOST = "device_lost"
    TRANSFERRED = "transferred"
    HUB_DOWN = "hub_down"
    RATE_LIMITED = "rate_limited"
    UNPLAYABLE = "unplayable"
    ADVERT = "advert"
    LEARNING_OFF = "learning_off"


@dataclass(frozen=True, slots=True)
class EndInterval:
    """Where in its track a listen ended: not before ``lo_ms``, not after ``hi_ms``; best guess ``estimate_ms``."""

    lo_ms: DurationMs
    estimate_ms: DurationMs
    hi_ms: DurationMs


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a finished listen was, why, and how far the evidence reaches.

    ``is_sure`` is true where the whole interval lies on one side of the threshold.
    """

    kind: VerdictKind
    cause: Cause
    end: EndInterval
    is_sure: bool


@dataclass(frozen=True, slots=True)
class ListeningRules:
    """The numbers of listening (config section ``listening``)."""

    skip_threshold_ms: DurationMs = DurationMs(30_000)
    completion_margin_ms: DurationMs = DurationMs(8_000)
    repeat_window: int = 15


@dataclass(frozen=True, slots=True)
class BatchRecipe:
    """How many tracks of each tier a batch holds; top-ups keep the same ratio."""

    confirmed: int = 5
    safe_side: int = 4
    discovery: int = 1

    @property
    def size(self) -> int:
        """Tracks in one batch."""
        return self.confirmed + self.safe_side + self.discovery

    def share(self, tier: Tier) -> int:
        """Tracks of ``tier`` in one batch; 0 for ``REMOVED``."""
        return {Tier.CONFIRMED: self.confirmed, Tier.SAFE_SIDE: self.safe_side, Tier.DISCOVERY: self.discovery}.get(
            tier, 0
        )


@dataclass(frozen=True, slots=True)
class PoolEntry:
    """One track's place in one room.

    ``strikes`` counts the skips that moved it; ``since_ms`` is when it came to this tier;
    ``why`` is one line for a person: where it comes from or what moved it. ``source`` is who put it there
    (``mined:local``, ``mined:model`` ...; empty: a file or a hand), ``confidence`` (0 to 1) how sure a miner was.
    """

    track: Track
    tier: Tier
    strikes: int = 0
    since_ms: EpochMs = EpochMs(0)
    why: str = ""
    source: str = ""
    confidence: float | None = None


class ReceiptKind(StrEnum):
    """What made a pool change."""

    SKIPPED = "SKIPPED"
    COMPLETED = "COMPLETED"
    LIKED = "LIKED"
    MOVED = "MOVED"
    IMPORTED = "IMPORTED"
    UNDO = "UNDO"


@dataclass(frozen=True, slots=True)
class Receipt:
    """The lasting record of one change of one room's pool.

    ``before`` / ``after`` are the track's whole entries (``None``: it was, or is, not in the pool).
    ``event_id`` is the event that caused it (at most one receipt per event, room and track).
    An ``UNDO`` receipt names in ``undoes`` every receipt that it takes back.
    ``heard_ms`` / ``duration_ms`` say where the listen ended, for the line a person reads.
    ``group`` is shared by receipts that were made by one act and can be undone at once.
    """

    id: int
    room: RoomSlug
    track: Track
    kind: ReceiptKind
    before: PoolEntry | None
    after: PoolEntry | None
    at_ms: EpochMs
    why: str
    event_id: int | None = None
    zone: ZoneName | None = None
    heard_ms: DurationMs | None = None
    duration_ms: DurationMs | None = None
    undoes: tuple[int, ...] = ()
    group: str | None = None


class LedgerStatus(StrEnum):
    """Where a track that the hub drew stands."""

    DRAWN = "drawn"
    """In the batch, not handed to the player yet."""
    SENDING = "sending"
    """Written before the request leaves, so that a crash cannot send it twice."""
    QUEUED = "queued"
    """The player accepted it."""
    UNKNOWN = "unknown"
    """The player's answer was unclear; never sent again."""
    PLAYING = "playing"
    PLAYED = "played"
    JUMPED = "jumped"
    """The player moved past it and nobody saw it play."""
    MISSING = "missing"
    """It never reached the player."""
    STALE = "stale"
    """Left in the player's queue by a room that is no longer active."""
    PASSED = "passed"
    """Was stale, surfaced, and the hub passed over it."""
    DROPPED = "dropped"
    """Drawn, never handed over, no longer wanted (its room was left)."""


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One track that the hub drew for a player's queue. ``id`` grows in the order of drawing.

    ``activation`` numbers the activation of the room that it was drawn for. ``is_top_up``: drawn after the batch.
    """

    id: int
    zone: ZoneName
    room: RoomSlug
    tier: Tier
    track: Track
    activation: int
    status: LedgerStatus
    why: str = ""
    drawn_at_ms: EpochMs = EpochMs(0)
    is_top_up: bool = False


@dataclass(frozen=True, slots=True)
class Pick:
    """A track drawn for a room, and one line why."""

    track: Track
    tier: Tier
    why: str


@dataclass(frozen=True, slots=True)
class Drawn:
    """What a draw gave: the picks in playing order and one line per rule that had to be loosened."""

    picks: tuple[Pick, ...] = ()
    notes: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True, kw_only=True)
class Listen:
    """One finished listen: what was heard, from when to when, for which room, and the verdict.

    ``room``, ``tier`` and ``ledger_id`` are ``None`` where the track was not one of the hub's.
    """

    track: Track
    started_at_ms: EpochMs
    ended_at_ms: EpochMs
    verdict: Verdict
    room: RoomSlug | None = None
    tier: Tier | None = None
    ledger_id: int | None = None
