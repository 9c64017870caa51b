"""What commands and questions work with: the hub's parts, its zones, and whoever watches."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import cached_property, partial
from typing import TYPE_CHECKING, TypeVar

from moodroom_hub.core.bus import Bus
from moodroom_hub.core.clock import Clock
from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.core.face import PluginStatus
from moodroom_hub.core.importing import Importing
from moodroom_hub.core.insights import Insights
from moodroom_hub.core.journal import Journal
from moodroom_hub.core.learning import Learning
from moodroom_hub.core.library import Library
from moodroom_hub.core.local_time import local_time_zone
from moodroom_hub.core.miners import MiningFace
from moodroom_hub.core.past import Past
from moodroom_hub.core.played import FindingsFace, PlaysFace
from moodroom_hub.core.plays import asking
from moodroom_hub.core.plays.book import FindingBook, PlayBook
from moodroom_hub.core.plays.pictures import Pictures
from moodroom_hub.core.poolbook import PoolBook
from moodroom_hub.core.ports import Account, Check, LoginStatus
from moodroom_hub.core.registry import Registry
from moodroom_hub.core.searching import Searching
from moodroom_hub.core.setup import SetupFace
from moodroom_hub.core.store import Store
from moodroom_hub.core.views import why_no_player
from moodroom_hub.core.zone import Zone
from moodroom_hub.core.zone.orders import carry_out
from moodroom_hub.domain.models import (
    EpochMs,
    Room,
    RoomSlug,
    Track,
    ZoneName,
)
from moodroom_hub.domain.plays.models import Artwork, TrackFacts

if TYPE_CHECKING:
    from moodroom_hub.core.sorting import Sorter, SortingFace
    from moodroom_hub.core.station_book import StationBook
    from moodroom_hub.core.stations import Radio, StationsFace

AnswerT = TypeVar("AnswerT")


class Basis:
    """What both stand on; the hub fills in the zones when it has started."""

    def __init__(
        self,
        *,
        rooms: Mapping[RoomSlug, Room],
        clock: Clock,
        store: Store,
        journal: Journal,
        bus: Bus,
        pools: PoolBook,
        library: Library,
        importing: Importing,
        past: Past,
        registry: Registry,
        learning: Learning,
        announce: Callable[[str | None], None],
        setup: SetupFace,
        stations: "StationBook",
    ) -> None:
        self._rooms = rooms
        self._clock = clock
        self._store = store
        self._journal = journal
        self._bus = bus
        self._pools = pools
        self._library = library
        self._importing = importing
        self._past = past
        self._searching = Searching(store, past, rooms)
        self._insights = Insights(store, pools, clock, rooms, local_time_zone)
        self._plays = PlayBook(store, clock, rooms, local_time_zone, self.tell_watchers)
        self._findings = FindingBook(store, clock)
        self.pictures = Pictures(clock, self.artwork, self.tell_watchers)
        self._registry = registry
        self._learning = learning
        self._announce = announce
        self._setup = setup
        self._stations = stations
        self._zones: Mapping[ZoneName, Zone] = {}
        self._accounts: list[Account] = []
        self._started_at_ms = clock.now_ms()
        self._watchers: list[Callable[[], None]] = []
        self._mining: MiningFace
        self.plugins_health: dict[str, Check] = {}
        self.plugins_figures: dict[str, Mapping[str, float]] = {}

    def set_world(self, zones: Mapping[ZoneName, Zone], accounts: Sequence[Account]) -> None:
        """The zones (others may come) and the accounts that the plugins registered."""
        self._zones = zones
        self._accounts = list(accounts)

    def set_mining(self, mining: MiningFace) -> None:
        """The mining desk; it needs this object, so it comes after it."""
        self._mining = mining

    @property
    def mining(self) -> MiningFace:
        """How the rooms are filled."""
        return self._mining

    @property
    def rooms(self) -> Mapping[RoomSlug, Room]:
        """Every room."""
        return self._rooms

    @property
    def zones(self) -> Sequence[ZoneName]:
        """Every zone; the first is the default."""
        return list(self._zones)

    @property
    def accounts(self) -> Sequence[Account]:
        """Every account."""
        return self._accounts

    @property
    def plays(self) -> PlaysFace:
        """What counted as played, and where it was sent."""
        return self._plays

    @property
    def findings(self) -> FindingsFace:
        """What plugins found out at other services."""
        return self._findings

    @cached_property
    def sorting(self) -> "SortingFace":
        """What is remembered for the sorter."""
        from moodroom_hub.core.sorting_book import SortingBook  # late: most hubs sort nothing

        return SortingBook(self._store, self._pools, self._past, self._clock, self._rooms)

    @property
    def sorter(self) -> "Sorter":
        """The sorter; the first one counts."""
        sorters = self._registry.sorters
        if not sorters:
            mend = "name its layers under plugins.sorter.layers in the configuration"
            # A section with mistakes names layers as well: then they are what is to be mended.
            wrong = [
                each.reason
                for each in self._registry.views()
                if each.name == "sorter" and each.status is PluginStatus.DISABLED
            ]
            raise Trouble(TroubleCode.NOT_FOUND, f"There is no sorter: {wrong[0] if wrong else mend}.")
        return sorters[0]

    @property
    def sorter_with_layers(self) -> "Sorter | None":
        """The sorter, if it has anything to sort."""
        sorters = self._registry.sorters
        return sorters[0] if sorters and sorters[0].layers() else None

    @property
    def stations(self) -> "StationsFace":
        """What is remembered of stations."""
        return self._stations

    @property
    def radio(self) -> "Radio":
        """The radio; the first one counts."""
        radios = self._registry.radios
        if not radios:
            wrong = [
                each.reason
                for each in self._registry.views()
                if each.name == "radio" and each.status is PluginStatus.DISABLED
            ]
            said = wrong[0] if wrong else "no plugin gives one; see: moodroom-hub plugins"
            raise Trouble(TroubleCode.NOT_FOUND, f"There is no radio: {said}.")
        return radios[0]

    @property
    def radio_if_any(self) -> "Radio | None":
        """The radio, if there is one."""
        radios = self._registry.radios
        return radios[0] if radios else None

    @property
    def setup(self) -> SetupFace:
        """The owner's configuration file."""
        return self._setup

    @property
    def started_at_ms(self) -> EpochMs:
        """When this hub was started."""
        return self._started_at_ms

    @property
    def last_event_id(self) -> int:
        """The id of the newest event."""
        return self._bus.last_event_id

    def announce(self, url: str | None) -> None:
        """Tell other processes on this machine where the page answers."""
        self._announce(url)

    def learning(self) -> Learning:
        """Whether listening may change pools, as of now."""
        return self._learning.at(self._clock.now_ms())

    def watch(self, changed: Callable[[], None]) -> Callable[[], None]:
        """Hear of what no event tells."""
        self._watchers.append(changed)
        return partial(self._watchers.remove, changed)

    def tell_watchers(self) -> None:
        """Something changed of which no event tells."""
        for changed in tuple(self._watchers):
            changed()

    async def artwork(self, track: Track) -> Artwork | None:
        """A picture for the track."""
        return await asking.artwork(self._registry.dispatcher, track)

    async def facts(self, track: Track) -> TrackFacts | None:
        """What others know of the track."""
        return await asking.facts(self._registry.dispatcher, track)

    async def similar(self, artist: str) -> Sequence[str]:
        """Artists who are like this one."""
        found = await self._registry.dispatcher.first("find_similar", artist=artist)
        is_list = isinstance(found, Sequence) and not isinstance(found, str)
        return [each for each in found if isinstance(each, str)] if is_list else []

    async def _in(self, name: ZoneName | None, order: Callable[[Zone], Awaitable[AnswerT]]) -> AnswerT:
        return await carry_out(self._zone(name), order)

    def _zone(self, name: ZoneName | None) -> Zone:
        if not self._zones:
            raise Trouble(TroubleCode.NO_DEVICE, why_no_player(self._registry.views()))
        if name is None:
            return next(iter(self._zones.values()))
        if name not in self._zones:
            known = ", ".join(self._zones)
            raise Trouble(TroubleCode.NOT_FOUND, f"There is no such zone; known: {known}.")
        return self._zones[name]

    def _room(self, slug: RoomSlug) -> Room:
        if slug not in self._rooms:
            raise Trouble(TroubleCode.NOT_FOUND, "There is no such room.")
        return self._rooms[slug]

    def _account(self) -> Account:
        if not self._accounts:
            raise Trouble(TroubleCode.LOGIN_NEEDED, "No plugin offers an account; see: moodroom-hub plugins.")
        state = self._accounts[0].login_state(self._clock.now_ms())
        if state.status is LoginStatus.NOT_CONFIGURED:
            raise Trouble(TroubleCode.LOGIN_NEEDED, state.reason)
        return self._accounts[0]
