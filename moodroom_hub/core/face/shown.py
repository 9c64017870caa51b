"""What the hub shows of itself: plain values, as of one moment."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from moodroom_hub.core.events import Listen
from moodroom_hub.core.ports import LoginState
from moodroom_hub.domain.models import (
    DurationMs,
    EpochMs,
    LedgerEntry,
    Receipt,
    Room,
    RoomSlug,
    Tier,
    Track,
    Verdict,
    ZoneName,
)
from moodroom_hub.domain.stations.models import StationKey


class PluginStatus(StrEnum):
    """How a plugin is."""

    RUNNING = "running"
    WAITING = "waiting"
    NEEDS_LOGIN = "needs_login"
    FAILED = "failed"
    DISABLED = "disabled"


@dataclass(frozen=True, slots=True)
class PluginView:
    """One plugin: its status and why, and whether it came with the hub."""

    name: str
    status: PluginStatus
    reason: str
    is_builtin: bool


@dataclass(frozen=True, slots=True)
class NowPlaying:
    """What plays. ``position_ms`` is reckoned for ``at_ms``. ``next_skip`` says what a skip now would do to the
    pool: ``SAFE_SIDE``, ``REMOVED`` or ``None`` (nothing: past the threshold, not ours, learning off, a station's).
    ``room`` or ``station``: whose track it is."""

    track: Track
    position_ms: DurationMs
    at_ms: EpochMs
    is_playing: bool
    room: RoomSlug | None = None
    tier: Tier | None = None
    next_skip: Tier | None = None
    why: str = ""
    station: StationKey | None = None


@dataclass(frozen=True, slots=True)
class Quiet:
    """Why the music may be quiet, as a person would ask: a code of ``TroubleCode`` or ``takeover``, and one line.
    ``zone``: the one in which it would work."""

    code: str
    message: str
    retry_at_ms: EpochMs | None = None
    zone: ZoneName | None = None


@dataclass(frozen=True, slots=True)
class StateView:
    """The whole state of one zone at one moment. ``leader``: the zone whose music sounds here while this one is
    grouped under it; all of the view is about that one's music then. ``zones`` are all zones, the default one first."""

    version: str
    zone: ZoneName
    active_room: RoomSlug | None
    is_learning: bool
    learning_back_at_ms: EpochMs | None
    login: LoginState
    now_playing: NowPlaying | None
    upcoming: tuple[LedgerEntry, ...]
    receipts: tuple[Receipt, ...]
    plugins: tuple[PluginView, ...]
    troubles: tuple[Quiet, ...]
    leader: ZoneName | None = None
    zones: tuple[ZoneName, ...] = ()
    active_station: StationKey | None = None


@dataclass(frozen=True, slots=True)
class RoomView:
    """A room with its counts per tier. ``zones``: where it is active; ``is_active``: whether that is anywhere."""

    room: Room
    is_active: bool
    counts: Mapping[Tier, int]
    zones: tuple[ZoneName, ...] = ()


@dataclass(frozen=True, slots=True)
class ReceiptView:
    """A receipt and whether it was undone since (by which receipt)."""

    receipt: Receipt
    undone_by: int | None


@dataclass(frozen=True, slots=True)
class ListenView:
    """One row of the history: ``id`` grows, ``zone`` is where it was heard."""

    id: int
    zone: ZoneName
    listen: Listen


@dataclass(frozen=True, slots=True)
class ReceiptPage:
    """Receipts that a search found, newest first. ``next``: give it as ``before`` to look on; ``None`` at the end.

    A search looks at a bounded number of rows at a time, so that a page may hold few, or none, and not be the last.
    """

    receipts: tuple[ReceiptView, ...]
    next: int | None


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """Listens that a search found; as ``ReceiptPage``."""

    listens: tuple[ListenView, ...]
    next: int | None


@dataclass(frozen=True, slots=True)
class Activation:
    """What an activation gave."""

    room: RoomSlug
    batch: tuple[LedgerEntry, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BatchTrack:
    """One track of the running activation: its ``number`` in it (from 1), and its verdict once it was heard."""

    number: int
    entry: LedgerEntry
    verdict: Verdict | None = None


@dataclass(frozen=True, slots=True)
class BatchView:
    """What the running activation drew, in order: gone by, playing, ahead. ``earlier`` gone by are left out.

    Numbers count from the oldest track of the activation that is still remembered.
    """

    room: RoomSlug | None = None
    tracks: tuple[BatchTrack, ...] = ()
    earlier: int = 0


@dataclass(frozen=True, slots=True)
class SyncReport:
    """What reading the liked songs gave: new ones, how many there are now, how many pool entries they moved,
    and how many were unliked since; and how many playlists had changed and were read.

    ``is_sorting``: the sorter was begun with what is new; ``not_sorted``: why it was not, although it has layers.
    """

    new: int
    total: int
    moved: int = 0
    gone: int = 0
    playlists: int = 0
    is_sorting: bool = False
    not_sorted: str = ""


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did to the pools.

    ``added`` tracks are new, ``changed`` ones got another tier, ``kept`` ones stayed as listening taught although the
    file says otherwise. ``unresolved`` and ``problems`` name what was set aside, one line each.
    """

    added: int = 0
    changed: int = 0
    kept: int = 0
    unresolved: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PastImport:
    """What became of plays of the past. ``enriched``: of the ``known``, those that a richer row has replaced."""

    new: int
    known: int
    enriched: int


@dataclass(frozen=True, slots=True)
class Warming:
    """What the past changed in the pools: the receipts, and the group under which all can be undone at once.

    ``None`` where nothing was changed.
    """

    group: str | None = None
    receipts: tuple[Receipt, ...] = ()


@dataclass(frozen=True, slots=True)
class ZoneView:
    """One zone at a glance. ``leader``: the zone whose music sounds here while this one is grouped under it;
    ``members``: the zones that are grouped under this one. ``label`` is its name as people say it."""

    zone: ZoneName
    label: str
    active_room: RoomSlug | None
    now_playing: NowPlaying | None
    is_lost: bool
    leader: ZoneName | None = None
    members: tuple[ZoneName, ...] = ()
    trouble: Quiet | None = None
    active_station: StationKey | None = None
