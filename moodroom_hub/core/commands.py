"""The hub as its faces and policies know it: every command and every question, in one place."""

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import TypeVar

import moodroom_hub
from moodroom_hub.core.bus import Bus
from moodroom_hub.core.clock import Clock
from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.core.events import Completed, Event, Skipped
from moodroom_hub.core.face import (
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
from moodroom_hub.core.health import health
from moodroom_hub.core.importing import Importing
from moodroom_hub.core.insights import Insights
from moodroom_hub.core.journal import Journal
from moodroom_hub.core.learning import FACT, Learning
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
from moodroom_hub.core.quiet import quiet, wake
from moodroom_hub.core.registry import Registry
from moodroom_hub.core.searching import Searching
from moodroom_hub.core.setup import SetupFace
from moodroom_hub.core.store import Change, Store
from moodroom_hub.core.views import HEARD_LATELY, batch, login_of, now_playing, troubles
from moodroom_hub.core.zone import Zone, gestures, regrouping, rooms, transport
from moodroom_hub.core.zone.orders import carry_out
from moodroom_hub.core.zone_views import active_zones, zone_figures, zone_view
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

log = logging.getLogger(__name__)

RECEIPTS_SHOWN = 20
AnswerT = TypeVar("AnswerT")


class Commands:
    """Implements ``face.HubFace`` and ``context.PolicyFace``; the hub fills in ``zones`` when it has started."""

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

    async def activate(self, room: RoomSlug, zone: ZoneName | None = None) -> Activation:
        """Draw a batch and play it."""
        self._room(room)
        return await self._in(zone, lambda where: rooms.activate(where, room))

    async def turn_on(
        self, room: RoomSlug, zone: ZoneName | None = None, *, only_if_silent: bool = False
    ) -> Activation | None:
        """The room on and its music playing, where that is not so."""
        self._room(room)
        return await self._in(zone, lambda where: gestures.turn_on(where, room, only_if_silent=only_if_silent))

    async def rooms_off(self, zone: ZoneName | None = None) -> None:
        """Stop topping up."""
        await self._in(zone, rooms.switch_off)

    async def play(self, zone: ZoneName | None = None) -> None:
        """Go on playing."""
        await self._in(zone, transport.play)

    async def pause(self, zone: ZoneName | None = None) -> None:
        """Pause."""
        await self._in(zone, transport.pause)

    async def next(self, meant: Uri | None = None, zone: ZoneName | None = None) -> bool | None:
        """Skip, by the listener's will."""
        return await self._in(zone, lambda where: transport.skip(where, meant))

    async def play_pause(self, zone: ZoneName | None = None) -> None:
        """Pause what plays, else play on."""
        await self._in(zone, gestures.play_pause)

    async def never_again(self, meant: Uri | None = None, zone: ZoneName | None = None) -> Receipt | None:
        """Out of its room for good, and on to the next track."""
        return await self._in(zone, lambda where: gestures.never_again(where, meant))

    def wanted_room(self, zone: ZoneName | None = None) -> RoomSlug | None:
        """The room asked for last."""
        return self._zone(zone).leading.wanted_room

    def watch(self, changed: Callable[[], None]) -> Callable[[], None]:
        """Hear of what no event tells."""
        self._watchers.append(changed)
        return partial(self._watchers.remove, changed)

    def tell_watchers(self) -> None:
        """Something changed of which no event tells."""
        for changed in tuple(self._watchers):
            changed()

    async def set_learning(self, is_on: bool, for_ms: DurationMs | None = None) -> None:
        """Learning on or off, for a while or for good."""
        self._learning = self._learning.switched(is_on, self._clock.now_ms(), for_ms)
        self.tell_watchers()
        await self._journal.write(Change(facts={FACT: self._learning.to_json()}))

    async def undo(self, receipt_id: int) -> Receipt:
        """Take back a receipt."""
        return await self._pools.undo(receipt_id)

    async def undo_group(self, group: str) -> Sequence[Receipt]:
        """Take back a group of receipts at once."""
        return await self._pools.undo_group(group)

    async def import_past(self, plays: Sequence[PastPlay]) -> PastImport:
        """Fill the history with plays from before the hub."""
        return await self._past.put(plays)

    async def warm_pools(self) -> Warming:
        """Let the past change the pools."""
        return await self._past.warm()

    async def sync_library(self) -> SyncReport:
        """Read new liked songs from the first account that is logged in."""
        return await self._library.sync(self._account())

    async def import_pool(self, text: str, form: str, *, overwrite: bool = False) -> ImportReport:
        """Fill pools from a file's text; ``form`` is ``csv`` or ``state``."""
        return await self._importing.run(text, form, self._accounts, overwrite=overwrite)

    async def learn(self, event: Skipped | Completed) -> Receipt | None:
        """Apply the rule of listening, once per event."""
        return await self._pools.learn(event)

    async def top_up(self, zone: ZoneName) -> None:
        """Let the zone's hands bring what is ahead back to where it was."""
        named = self._zones.get(zone)
        if named is not None:
            known = named.leading
            known.is_endless = known.is_fresh_wanted = True
            known.wake_hands()

    async def move(self, zone: ZoneName, to: ZoneName) -> None:
        """What plays in ``zone`` goes on in ``to``."""
        await regrouping.move(self._zone(zone), self._zone(to))

    def look_soon(self, zone: ZoneName) -> None:
        """Look at the zone now."""
        named = self._zones.get(zone)
        if named is not None:
            named.look_soon(0)

    async def state(self, zone: ZoneName | None = None) -> StateView:
        """Everything a page shows first."""
        named, now_ms = self._zone(zone), self._clock.now_ms()
        where = named.leading
        session, learning = where.session, self.learning()
        receipts = await self._pools.receipts(RECEIPTS_SHOWN, None)
        return StateView(
            version=moodroom_hub.__version__,
            zone=named.name,
            active_room=session.active_room,
            is_learning=learning.is_on,
            learning_back_at_ms=learning.back_at_ms,
            login=login_of(self._accounts, now_ms),
            now_playing=self.pictures.shown(await now_playing(where)),
            upcoming=session.ledger.upcoming(session.activation) if session.active_room is not None else (),
            receipts=tuple(view.receipt for view in receipts),
            plugins=tuple(self._registry.views()),
            troubles=troubles(where, self._journal.trouble, self._journal.waiting),
            leader=None if where is named else where.name,
            zones=tuple(self._zones),
        )

    async def zone_views(self) -> Sequence[ZoneView]:
        """Every zone at a glance."""
        return [zone_view(zone, self.pictures.shown(await now_playing(zone.leading))) for zone in self._zones.values()]

    async def artwork(self, track: Track) -> Artwork | None:
        """A picture for the track."""
        return await asking.artwork(self._registry.dispatcher, track)

    async def facts(self, track: Track) -> TrackFacts | None:
        """What others know of the track."""
        return await asking.facts(self._registry.dispatcher, track)

    async def batch(self, zone: ZoneName | None = None) -> BatchView:
        """The running activation's tracks."""
        where = self._zone(zone).leading
        rows = await self._store.history(HEARD_LATELY, None) if where.session.active_room is not None else []
        return batch(where, [listen for _, _, listen in rows])

    async def room_views(self) -> Sequence[RoomView]:
        """Every room with its counts."""
        active = active_zones(self._zones.values())
        views = []
        for slug, room in self._rooms.items():
            pool = await self._pools.pool(slug)
            views.append(RoomView(room, slug in active, pool.counts(), active.get(slug, ())))
        return views

    async def pool(self, room: RoomSlug) -> Sequence[PoolEntry]:
        """One room's tracks."""
        self._room(room)
        return tuple((await self._pools.pool(room)).entries.values())

    async def receipts(self, limit: int = 50, before: int | None = None) -> Sequence[ReceiptView]:
        """Newest first."""
        return await self._pools.receipts(limit, before)

    async def history(self, limit: int = 50, before: int | None = None) -> Sequence[ListenView]:
        """Finished listens, newest first."""
        return await self._past.history(limit, before)

    async def find_receipts(self, wanted: ReceiptSearch, limit: int = 50, before: int | None = None) -> ReceiptPage:
        """The wanted receipts, newest first."""
        return await self._searching.receipts(wanted, limit, before)

    async def find_listens(self, wanted: HistorySearch, limit: int = 50, before: int | None = None) -> HistoryPage:
        """The wanted listens, newest first."""
        return await self._searching.history(wanted, limit, before)

    async def insight(self, days: int = 7) -> Insight:
        """What listening taught lately."""
        return await self._insights.insight(days)

    async def course(self, room: RoomSlug, days: int = 90) -> Sequence[DayCounts]:
        """The room's counts over time."""
        self._room(room)
        return await self._insights.course(room, days)

    async def events_after(self, event_id: int, limit: int = 500) -> Sequence[Event]:
        """Persisted events with a greater id."""
        return await self._store.events_after(event_id, limit)

    async def devices(self, zone: ZoneName | None = None) -> Sequence[Device]:
        """The devices of the zone's player."""
        return await self._zone(zone).leading.ports.player.devices()

    async def wake(self, device: str, zone: ZoneName | None = None) -> None:
        """Move to another device."""
        await carry_out(self._zone(zone), lambda where: wake(where, device), device)

    async def quiet(self, zone: ZoneName | None = None) -> QuietWalk:
        """Why it is quiet."""
        return await quiet(self._zone(zone).leading, self._rooms, self._pools, self._clock.now_ms())

    async def health(self) -> Sequence[Check]:
        """One line each for login, player and database."""
        own = health(self._accounts, list(self._zones.values()), self._journal, self._clock.now_ms())
        return [*own, *self.plugins_health.values()]

    def plugin_views(self) -> Sequence[PluginView]:
        """Every plugin and how it is."""
        return self._registry.views()

    def metrics(self) -> Mapping[str, float]:
        """The hub's own counters and gauges, and those of its plugins."""
        figures = {f"events_{name.lower()}_total": float(count) for name, count in self._bus.published.items()}
        figures["uptime_seconds"] = (self._clock.now_ms() - self._started_at_ms) / 1000
        figures["database_changes_waiting"] = float(self._journal.waiting)
        figures.update(zone_figures(self._zones.values()))
        for zone in self._zones.values():
            session = zone.session
            ahead = session.ledger.ahead(session.activation) if session.active_room is not None else ()
            figures["tracks_ahead"] = figures.get("tracks_ahead", 0.0) + len(ahead)
        for account in self._accounts:
            days = account.login_state(self._clock.now_ms()).days_left
            if days is not None:
                figures["login_expires_seconds"] = days * 86_400.0
        for of_plugin in self.plugins_figures.values():
            figures |= of_plugin
        return figures

    async def _in(self, name: ZoneName | None, order: Callable[[Zone], Awaitable[AnswerT]]) -> AnswerT:
        return await carry_out(self._zone(name), order)

    def _zone(self, name: ZoneName | None) -> Zone:
        if not self._zones:
            raise Trouble(TroubleCode.NO_DEVICE, "No plugin plays anything; see: moodroom-hub plugins.")
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
