"""Everything that the hub tells its plugins, as frozen, typed events.

The docstrings of these classes are their documentation (``docs/events.md`` is checked against them).
``id`` grows for ever; handlers are idempotent by it, because after a crash an event may be told again.
"""

from dataclasses import dataclass
from typing import ClassVar

from moodroom_hub.domain.models import (
    DurationMs,
    EpochMs,
    LedgerEntry,
    Receipt,
    RoomSlug,
    Track,
    ZoneName,
)
from moodroom_hub.domain.models import Listen as Listen
from moodroom_hub.domain.plays.models import Play


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Base of all events: ``id``, the ``zone`` it happened in, and ``at_ms``, the wall time."""

    wire_name: ClassVar[str] = ""

    id: int
    zone: ZoneName
    at_ms: EpochMs


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackChanged(Event):
    """Another track plays now (or the same one from its start, on repeat).

    ``entry`` is the ledger's entry where the track is one of the hub's. ``consumed`` counts the ledger
    tracks that the player moved past since the last change: so many fresh ones are owed.
    """

    wire_name: ClassVar[str] = "TRACK_CHANGED"

    track: Track
    entry: LedgerEntry | None = None
    consumed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped(Event):
    """A listen ended inside the skip threshold, by the listener's own will. Comes before ``TRACK_CHANGED``."""

    wire_name: ClassVar[str] = "SKIPPED"

    listen: Listen


@dataclass(frozen=True, slots=True, kw_only=True)
class Completed(Event):
    """A track was heard to its end. Comes before ``TRACK_CHANGED``."""

    wire_name: ClassVar[str] = "COMPLETED"

    listen: Listen


@dataclass(frozen=True, slots=True, kw_only=True)
class Partial(Event):
    """A listen ended and is neither a skip nor complete, or nobody can say; its cause tells which."""

    wire_name: ClassVar[str] = "PARTIAL"

    listen: Listen


@dataclass(frozen=True, slots=True, kw_only=True)
class Played(Event):
    """A listen passed the threshold at which it counts as played: once per listen, whichever sources saw it."""

    wire_name: ClassVar[str] = "PLAYED"

    play: Play


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved(Event):
    """What played in ``zone`` goes on in the zone ``to``, with its room and its queue (speakers were regrouped)."""

    wire_name: ClassVar[str] = "MOVED"

    to: ZoneName


@dataclass(frozen=True, slots=True, kw_only=True)
class Paused(Event):
    """The player stands still at ``position_ms``."""

    wire_name: ClassVar[str] = "PAUSED"

    track: Track
    position_ms: DurationMs


@dataclass(frozen=True, slots=True, kw_only=True)
class Resumed(Event):
    """The player goes on at ``position_ms``."""

    wire_name: ClassVar[str] = "RESUMED"

    track: Track
    position_ms: DurationMs


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomActivated(Event):
    """A room's batch was drawn and its first track plays. ``notes`` say which rules of drawing were loosened."""

    wire_name: ClassVar[str] = "ROOM_ACTIVATED"

    room: RoomSlug
    batch: tuple[LedgerEntry, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomDeactivated(Event):
    """The hub stopped topping up this room; what plays goes on.

    ``reason``: ``off``, ``switched``, ``joined`` (the zone plays along with another one now) or ``moved`` (music of
    another zone goes on here).
    """

    wire_name: ClassVar[str] = "ROOM_DEACTIVATED"

    room: RoomSlug
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolChanged(Event):
    """One track's place in one room changed; the receipt tells all and can be undone."""

    wire_name: ClassVar[str] = "POOL_CHANGED"

    receipt: Receipt


@dataclass(frozen=True, slots=True, kw_only=True)
class ToppedUp(Event):
    """One fresh track was handed to the player's queue."""

    wire_name: ClassVar[str] = "TOPPED_UP"

    entry: LedgerEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class Takeover(Event):
    """The listener started something of their own; the hub steps back until one of its tracks plays again."""

    wire_name: ClassVar[str] = "TAKEOVER"

    track: Track
    context_uri: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayerLost(Event):
    """No player answers any more. Nothing is judged meanwhile."""

    wire_name: ClassVar[str] = "PLAYER_LOST"

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayerBack(Event):
    """A player answers again."""

    wire_name: ClassVar[str] = "PLAYER_BACK"


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginExpiring(Event):
    """A login ends in ``days_left`` days, whatever one does; logging in again starts a new term."""

    wire_name: ClassVar[str] = "LOGIN_EXPIRING"

    account: str
    days_left: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PluginStatusChanged(Event):
    """A plugin's status changed; ``reason`` says why, ``mend`` is part of it where there is one."""

    wire_name: ClassVar[str] = "PLUGIN_STATUS"

    plugin: str
    status: str
    reason: str


EVENT_TYPES: dict[str, type[Event]] = {
    kind.wire_name: kind
    for kind in (
        TrackChanged,
        Skipped,
        Completed,
        Partial,
        Played,
        Moved,
        Paused,
        Resumed,
        RoomActivated,
        RoomDeactivated,
        PoolChanged,
        ToppedUp,
        Takeover,
        PlayerLost,
        PlayerBack,
        LoginExpiring,
        PluginStatusChanged,
    )
}
"""Every event by its wire name."""
