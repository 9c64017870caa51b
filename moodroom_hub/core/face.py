"""What faces (the page, MQTT, the command line) may see of the hub and ask of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from moodroom_hub.core.events import Event, Listen
from moodroom_hub.core.miners import MiningFace
from moodroom_hub.core.played import FindingsFace, PlaysFace
from moodroom_hub.core.ports import Account, Check, LoginState
from moodroom_hub.core.setup import SetupFace
from moodroom_hub.domain.insight.course import DayCounts
from moodroom_hub.domain.insight.week import Insight
from moodroom_hub.domain.models import (
    Device,
    DurationMs,
    EpochMs,
    LedgerEntry,
    PoolEntry,
    Receipt,
    Room,
    RoomSlug,
    Tier,
    Track,
    Uri,
    Verdict,
    ZoneName,
)
from moodroom_hub.domain.past.plays import PastPlay
from moodroom_hub.domain.plays.models import Artwork, TrackFacts
from moodroom_hub.domain.quiet import QuietWalk
from moodroom_hub.domain.searching import HistorySearch, ReceiptSearch


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
    pool: ``SAFE_SIDE``, ``REMOVED`` or ``None`` (nothing: past the threshold, not ours, learning off)."""

    track: Track
    position_ms: DurationMs
    at_ms: EpochMs
    is_playing: bool
    room: RoomSlug | None = None
    tier: Tier | None = None
    next_skip: Tier | None = None
    why: str = ""


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
    and how many were unliked since; and how many playlists had changed and were read."""

    new: int
    total: int
    moved: int = 0
    gone: int = 0
    playlists: int = 0


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


class HubFace(Protocol):
    """The hub as its faces know it. Commands raise ``Trouble`` with a code and a mend."""

    @property
    def rooms(self) -> Mapping[RoomSlug, Room]:
        """Every room, in the order of the configuration."""
        ...

    @property
    def zones(self) -> Sequence[ZoneName]:
        """Every zone; the first is the default."""
        ...

    @property
    def accounts(self) -> Sequence[Account]:
        """Every account."""
        ...

    @property
    def plays(self) -> PlaysFace:
        """What counted as played, and where it was sent."""
        ...

    @property
    def findings(self) -> FindingsFace:
        """What plugins found out at other services."""
        ...

    @property
    def mining(self) -> MiningFace:
        """How the rooms are filled, and what hands change in them."""
        ...

    @property
    def setup(self) -> SetupFace:
        """The owner's configuration file: what the first run writes into it."""
        ...

    @property
    def started_at_ms(self) -> EpochMs:
        """When this hub was started."""
        ...

    def announce(self, url: str | None) -> None:
        """Tell other processes on this machine where the page answers (``None``: nowhere any more)."""
        ...

    async def activate(self, room: RoomSlug, zone: ZoneName | None = None) -> Activation:
        """Draw a batch and play it. Again on the active room: a fresh batch.

        The last order wins: raises ``Trouble(SUPERSEDED)``, and leaves the player alone, where another activation or
        ``rooms_off`` of the zone was asked for before this one was carried out.
        """
        ...

    async def turn_on(
        self, room: RoomSlug, zone: ZoneName | None = None, *, only_if_silent: bool = False
    ) -> Activation | None:
        """Have the room on and its music playing. Gives ``None``, and does nothing, where that is so or on its way.

        ``only_if_silent``: nor where any other music plays or is on its way. Else it is ``activate``.
        """
        ...

    async def rooms_off(self, zone: ZoneName | None = None) -> None:
        """Stop topping up; what plays goes on. Activations that still wait give way."""
        ...

    async def play(self, zone: ZoneName | None = None) -> None:
        """Go on playing."""
        ...

    async def pause(self, zone: ZoneName | None = None) -> None:
        """Pause."""
        ...

    async def next(self, meant: Uri | None = None, zone: ZoneName | None = None) -> bool | None:
        """Skip, as the listener's own will. With ``meant``: only if that very track still plays.

        True: another track was seen to play after it. False: another one than the meant played already, or nothing
        followed. ``None``: the player took the skip, but what plays since could not be seen in time (seconds).
        """
        ...

    async def play_pause(self, zone: ZoneName | None = None) -> None:
        """Pause what plays, else play on; quick presses alternate."""
        ...

    async def never_again(self, meant: Uri | None = None, zone: ZoneName | None = None) -> Receipt | None:
        """Take what plays out of its room for good and skip it. With ``meant``: only if that very track plays.

        Gives the receipt, which undoes it; ``None`` where another track plays, or it was out already.
        Raises ``Trouble(CONFLICT)`` where what plays is of no room.
        """
        ...

    def wanted_room(self, zone: ZoneName | None = None) -> RoomSlug | None:
        """The room that was asked for last, while that is still on its way; else the active one."""
        ...

    def watch(self, changed: Callable[[], None]) -> Callable[[], None]:
        """Call ``changed()`` whenever something that ``state`` shows was changed without an event (learning).

        What comes back ends it.
        """
        ...

    async def set_learning(self, is_on: bool, for_ms: DurationMs | None = None) -> None:
        """Learning on or off; with ``for_ms`` the opposite comes back by itself after that time."""
        ...

    async def undo(self, receipt_id: int) -> Receipt:
        """Take the track back to what it was before this receipt; gives the UNDO receipt."""
        ...

    async def undo_group(self, group: str) -> Sequence[Receipt]:
        """``undo`` for every receipt of the group that still counts, at once; gives the UNDO receipts, which are a
        group of their own. Raises ``Trouble``: ``NOT_FOUND``, or ``CONFLICT`` where nothing is left to undo."""
        ...

    async def import_past(self, plays: Sequence[PastPlay]) -> PastImport:
        """Fill the history with plays from before the hub; those that are known already change nothing."""
        ...

    async def warm_pools(self) -> Warming:
        """Let the past change the pools, once per track and room."""
        ...

    async def sync_library(self) -> SyncReport:
        """Read new liked songs, politely."""
        ...

    async def import_pool(self, text: str, form: str, *, overwrite: bool = False) -> ImportReport:
        """Fill pools from a file's text; ``form`` is ``csv`` or ``state`` (the original Moodroom's state.json).

        ``overwrite``: the file wins over what listening taught.
        """
        ...

    @property
    def last_event_id(self) -> int:
        """The id of the newest event."""
        ...

    async def state(self, zone: ZoneName | None = None) -> StateView:
        """Everything a page shows first."""
        ...

    async def zone_views(self) -> Sequence[ZoneView]:
        """Every zone at a glance, in the order of ``zones``."""
        ...

    async def artwork(self, track: Track) -> Artwork | None:
        """A picture for the track: its own, else what a plugin finds (may take seconds; never raises)."""
        ...

    async def facts(self, track: Track) -> TrackFacts | None:
        """What others know of the track, as a plugin finds it (may take seconds; never raises)."""
        ...

    async def batch(self, zone: ZoneName | None = None) -> BatchView:
        """The running activation's tracks, with the verdicts of those heard last; empty while no room is on."""
        ...

    async def room_views(self) -> Sequence[RoomView]:
        """Every room with its counts."""
        ...

    async def pool(self, room: RoomSlug) -> Sequence[PoolEntry]:
        """One room's tracks, ``REMOVED`` ones included."""
        ...

    async def receipts(self, limit: int = 50, before: int | None = None) -> Sequence[ReceiptView]:
        """Newest first; ``before`` is the id where the last page ended."""
        ...

    async def history(self, limit: int = 50, before: int | None = None) -> Sequence[ListenView]:
        """Finished listens, newest first; ``before`` is the id where the last page ended.

        The hub's own come first; after them the imported past, in the zone ``past`` and with ids below 0.
        """
        ...

    async def find_receipts(self, wanted: ReceiptSearch, limit: int = 50, before: int | None = None) -> ReceiptPage:
        """The wanted ones of ``receipts``."""
        ...

    async def find_listens(self, wanted: HistorySearch, limit: int = 50, before: int | None = None) -> HistoryPage:
        """The wanted ones of ``history``."""
        ...

    async def insight(self, days: int = 7) -> Insight:
        """What listening taught in the last ``days``, today included, and a few figures about them."""
        ...

    async def course(self, room: RoomSlug, days: int = 90) -> Sequence[DayCounts]:
        """How many tracks of each tier the room held at the end of each of the last days, oldest first."""
        ...

    async def events_after(self, event_id: int, limit: int = 500) -> Sequence[Event]:
        """Persisted events with a greater id, oldest first (replay for Server-Sent Events)."""
        ...

    async def devices(self, zone: ZoneName | None = None) -> Sequence[Device]:
        """The devices of the zone's player."""
        ...

    async def wake(self, device: str, zone: ZoneName | None = None) -> None:
        """Move the zone's playback to the device of this name, and prefer it from now on."""
        ...

    async def quiet(self, zone: ZoneName | None = None) -> QuietWalk:
        """Why it is quiet: the first broken link from the login to the pool. May ask for the zone's devices."""
        ...

    async def health(self) -> Sequence[Check]:
        """Login, player, broker, database: one line each; without asking the world outside."""
        ...

    def plugin_views(self) -> Sequence[PluginView]:
        """Every plugin and how it is."""
        ...

    def metrics(self) -> Mapping[str, float]:
        """Counters and gauges of the hub's own, by Prometheus-fit names without the ``moodroom_`` prefix."""
        ...
