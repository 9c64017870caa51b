"""The hub as its faces know it."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from moodroom_hub.core.events import Event
from moodroom_hub.core.face.shown import (
    Activation,
    BatchView,
    HistoryPage,
    ImportReport,
    ListenView,
    PastImport,
    PluginView,
    ReceiptPage,
    ReceiptView,
    RoomView,
    StateView,
    SyncReport,
    Warming,
    ZoneView,
)
from moodroom_hub.core.miners import MiningFace
from moodroom_hub.core.played import FindingsFace, PlaysFace
from moodroom_hub.core.ports import Account, Check
from moodroom_hub.core.setup import SetupFace
from moodroom_hub.domain.insight.course import DayCounts
from moodroom_hub.domain.insight.week import Insight
from moodroom_hub.domain.models import (
    Device,
    DurationMs,
    EpochMs,
    PoolEntry,
    Receipt,
    Room,
    RoomSlug,
    Track,
    Uri,
    ZoneName,
)
from moodroom_hub.domain.past.plays import PastPlay
from moodroom_hub.domain.plays.models import Artwork, TrackFacts
from moodroom_hub.domain.quiet import QuietWalk
from moodroom_hub.domain.searching import HistorySearch, ReceiptSearch
from moodroom_hub.domain.stations.models import StationKey

if TYPE_CHECKING:  # a hub that sorts nothing does without the sorter's words
    from moodroom_hub.core.sorting import Sorter, SortingFace
    from moodroom_hub.core.stations import Radio, StationsFace


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
    def sorting(self) -> "SortingFace":
        """What is remembered for the sorter."""
        ...

    @property
    def sorter(self) -> "Sorter":
        """The sorter. Raises ``Trouble(NOT_FOUND)``, with the mend, where no plugin gives one."""
        ...

    @property
    def stations(self) -> "StationsFace":
        """What is remembered of stations."""
        ...

    @property
    def radio(self) -> "Radio":
        """The radio. Raises ``Trouble(NOT_FOUND)``, with the mend, where no plugin gives one."""
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

    async def play_station(self, station: StationKey, zone: ZoneName | None = None) -> Activation:
        """Play a station, as ``activate`` plays a room; again on the one that plays: fresh tracks."""
        ...

    async def similar(self, artist: str) -> Sequence[str]:
        """Artists who are like this one, as a plugin finds them (may take seconds; never raises)."""
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
        """Read new liked songs, politely; then the sorter begins to place them, where it has layers."""
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
