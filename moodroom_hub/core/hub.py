"""The hub: put together, started in order, stopped the other way round."""

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from datetime import time
from functools import partial
from pathlib import Path
from random import Random
from types import TracebackType
from typing import Self

from moodroom_hub.core.bus import Bus
from moodroom_hub.core.calendar import Calendar
from moodroom_hub.core.chores import Chores
from moodroom_hub.core.clock import Clock
from moodroom_hub.core.commands import Commands
from moodroom_hub.core.config import LoadedConfig, PluginConfig, plugin_config
from moodroom_hub.core.context import PluginContext
from moodroom_hub.core.errors import TroubleCode
from moodroom_hub.core.events import Event, PluginStatusChanged
from moodroom_hub.core.face import PluginStatus, PluginView
from moodroom_hub.core.ids import Ids
from moodroom_hub.core.importing import Importing
from moodroom_hub.core.journal import Journal
from moodroom_hub.core.learning import FACT, Learning
from moodroom_hub.core.library import Library
from moodroom_hub.core.local_time import local_time_zone
from moodroom_hub.core.lock import HubLock
from moodroom_hub.core.mining import set_up
from moodroom_hub.core.past import Past
from moodroom_hub.core.plays.deciding import KEPT_MS, Deciding
from moodroom_hub.core.poolbook import PoolBook
from moodroom_hub.core.ports import Account, Check, LoginStatus, ZonePorts
from moodroom_hub.core.registry import Registry
from moodroom_hub.core.setup import Restart, Setup
from moodroom_hub.core.station_book import StationBook
from moodroom_hub.core.store import Store
from moodroom_hub.core.supervise import Supervisor
from moodroom_hub.core.zone import Zone, ZoneServices
from moodroom_hub.core.zone.hands import Hands
from moodroom_hub.core.zone.watching import Watching
from moodroom_hub.domain.cadence import ECO, NORMAL
from moodroom_hub.domain.models import HOME, EpochMs, ZoneName
from moodroom_hub.domain.session import LEDGER_KEPT

log = logging.getLogger(__name__)

DRAIN_S = 2.0
SYNC_AT, SORT_AT, RADIO_AT = time(4, 30), time(5, 10), time(5, 40)
WARN_AT, TIDY_AT = time(9, 0), time(3, 15)


class Hub:
    """``async with Hub(...) as hub``: running inside, gone without a trace outside.

    ``builtins`` are the module paths of the plugins that come with it. ``is_live`` false: only the data and what the
    plugins registered, for commands that work while no hub runs; nothing is started, watched or told (what is
    published then is told by the next live hub). ``is_locking`` false: for mere reading.
    ``restart`` begins it again with the configuration as it is by then; ``None`` where whoever runs it cannot.
    Raises ``StartError`` where it cannot start, with the mend.
    """

    def __init__(
        self,
        loaded: LoadedConfig,
        *,
        clock: Clock,
        rng: Random,
        builtins: Sequence[str],
        with_foreign: bool = True,
        is_live: bool = True,
        is_locking: bool = True,
        restart: Restart | None = None,
    ) -> None:
        self._loaded = loaded
        self._settings = loaded.settings
        self._clock = clock
        self._rng = rng
        self._builtins = builtins
        self._with_foreign = with_foreign
        self._is_live = is_live
        self._is_locking = is_locking
        self._restart = restart
        self._stack = AsyncExitStack()
        self._lock = HubLock(loaded.settings.hub.data_dir)
        self._machine = Supervisor(clock, self._core_in_trouble, self._core_well)
        self._watchers = Supervisor(clock, self._core_in_trouble, self._core_well)
        self.commands: Commands
        self.registry: Registry
        self.store: Store
        self.bus: Bus
        self.pools: PoolBook
        self.stations: StationBook
        self.zones: dict[ZoneName, Zone] = {}
        self._sources: dict[ZoneName, str] = {}
        self._services: ZoneServices
        self._coming: set[ZoneName] = set()
        self._told_zones: set[ZoneName] = set()
        self._is_telling = self._is_watching = self._is_stopping = False

    async def __aenter__(self) -> Self:
        try:
            await self._start()
        except BaseException:
            await self._stack.aclose()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    @property
    def data_dir(self) -> Path:
        """Where the hub keeps its files."""
        return self._settings.hub.data_dir

    async def _start(self) -> None:
        self.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        if self._is_locking:
            self._lock.acquire()
            self._stack.callback(self._lock.release)
        journal = await self._open_store()
        self._stack.push_async_callback(self._machine.stop)
        self._stack.push_async_callback(self._let_go)
        await self._load_plugins(journal)
        if self._is_live:
            await self._go_live(journal)

    async def _let_go(self) -> None:
        """Also plugins that never started may hold files or threads."""
        if hasattr(self, "registry"):
            await self.registry.stop_all(also_unstarted=True)

    async def _go_live(self, journal: Journal) -> None:
        await self.pools.read_all()
        # Asked for before anything new is published: else that would be told twice.
        untold = await self.store.pending_events()
        self._machine.spawn("journal", journal.run, "hub", is_vital=True)
        self._machine.spawn("plugin statuses", self.bus.run_later, "hub", is_vital=True)
        self._machine.spawn("telling again", self.bus.run_owed, "hub", is_vital=True)
        self._is_telling = True
        for name in dict.fromkeys([*self.zones, HOME, *(event.zone for event in untold)]):
            self._tell_of(name)
        self._stack.push_async_callback(self.bus.drain, DRAIN_S)
        await self.registry.start_all()
        self.bus.retell(untold)
        self._stack.push_async_callback(self._watchers.stop)
        self._is_watching = True
        for zone in self.zones.values():
            self._watch(zone)
        await self._start_calendar()
        self._stack.callback(self._begin_stopping)

    def _begin_stopping(self) -> None:
        self._is_stopping = True

    def _tell_of(self, zone: ZoneName) -> None:
        if zone not in self._told_zones:
            self._told_zones.add(zone)
            self._machine.spawn(f"events of {zone}", partial(self.bus.run, zone), "hub", is_vital=True)

    def _watch(self, zone: Zone) -> None:
        self._watchers.spawn(f"watching {zone.name}", Watching(zone).run, "hub", is_vital=True)
        self._watchers.spawn(f"hands of {zone.name}", Hands(zone).run, "hub", is_vital=True)
        zone.wake_hands()

    async def _add_zone(self, plugin: str, ports: ZonePorts) -> None:
        """A zone was found after the start. A hub that is about to stop takes none."""
        name = ports.zone
        if name in self.zones or name in self._coming:
            raise ValueError(f"there is a zone called {name} already")
        self._coming.add(name)
        try:
            state = (await self.store.zone_states()).get(name)
            ledger = await self.store.ledger(name, LEDGER_KEPT)
        finally:
            self._coming.discard(name)
        if self._is_stopping:
            return
        zone = Zone(ports, self._services, Zone.restored(state, ledger), self.zones, self.registry.accounts_of(plugin))
        self.zones[name] = zone
        self._sources[name] = plugin
        if self._is_telling:
            self._tell_of(name)
        if self._is_watching:
            self._watch(zone)

    async def _open_store(self) -> Journal:
        self.store = Store(self._settings.database_url(), self.data_dir)
        self._stack.push_async_callback(self.store.close)
        await self.store.open()
        journal = Journal(self.store, self._clock)
        self._stack.push_async_callback(journal.close)
        return journal

    async def _load_plugins(self, journal: Journal) -> None:
        settings = self._settings
        ids = Ids(await self.store.last_ids())
        self.registry = Registry(
            builtins=self._builtins,
            clock=self._clock,
            sections=settings.plugins,
            read_section=partial(plugin_config, self._loaded),
            make_context=self._make_context,
            on_change=self._plugin_changed,
            with_foreign=self._with_foreign,
        )
        own = {path.rpartition(".")[2] for path in self._builtins}
        self.bus = Bus(journal, self.registry.dispatcher, self._clock, ids, must_hear=own.__contains__)
        rooms = settings.domain_rooms()
        self.pools = PoolBook(self.store, self.bus, self._clock, ids, rooms)
        self.stations = StationBook(self.store, journal, self.pools, self._clock)
        library = Library(self.store, self.pools, self._clock)
        past = Past(self.store, self.pools, self._clock, settings.listening_rules(), rooms)
        self.commands = Commands(
            rooms=rooms,
            clock=self._clock,
            store=self.store,
            journal=journal,
            bus=self.bus,
            pools=self.pools,
            library=library,
            importing=Importing(self.pools, rooms, self._clock),
            past=past,
            registry=self.registry,
            learning=Learning.from_json(await self.store.fact(FACT)),
            announce=self._lock.set_url,
            setup=Setup(self._loaded, self.registry.plugin_models, self._restart),
            stations=self.stations,
        )
        await self.stations.read_all()
        self.registry.load()
        desk = set_up.desk(
            loaded=self._loaded,
            rooms=rooms,
            store=self.store,
            pools=self.pools,
            clock=self._clock,
            library=library,
            past=past,
            miners=lambda: self.registry.miners,
            accounts=lambda: self.registry.accounts,
            told=self.commands.tell_watchers,
        )
        self._stack.push_async_callback(desk.close)
        self._stack.push_async_callback(self.commands.pictures.close)
        self.commands.set_mining(desk)
        self._services = ZoneServices(
            bus=self.bus,
            pools=self.pools,
            clock=self._clock,
            rng=self._rng,
            ids=ids,
            dispatcher=self.registry.dispatcher,
            rooms=rooms,
            rules=settings.listening_rules(),
            recipe=settings.recipe(),
            cadence=ECO if settings.listening.cadence == "eco" else NORMAL,
            may_yield=settings.listening.on_takeover == "yield",
            learning=self.commands.learning,
            plays=await self._deciding(ids),
            stations=self.stations,
        )
        states = await self.store.zone_states()
        self._sources.update(self.registry.zone_plugins)
        for ports in self.registry.zones:
            ledger = await self.store.ledger(ports.zone, LEDGER_KEPT)
            session = Zone.restored(states.get(ports.zone), ledger)
            accounts = self.registry.accounts_near(ports)
            self.zones[ports.zone] = Zone(ports, self._services, session, self.zones, accounts)
        self.commands.set_world(self.zones, self.registry.accounts)

    async def _deciding(self, ids: Ids) -> Deciding:
        recent = await self.store.recent_plays(EpochMs(self._clock.now_ms() - KEPT_MS))
        rules = self._settings.counting_rules()
        return Deciding(ids, rules, lambda zone: self._sources.get(zone, zone), local_time_zone, recent)

    async def _start_calendar(self) -> None:
        calendar = Calendar(self._job_failed, self._job_worked)
        chores = Chores(self.commands, self.store, self.bus, self._clock, self.data_dir)
        calendar.add("library sync", chores.sync_library, daily_at=SYNC_AT)
        calendar.add("sorting", chores.sort, daily_at=SORT_AT)
        calendar.add("stations", chores.tend_stations, daily_at=RADIO_AT)
        calendar.add("login warnings", chores.warn_of_logins, daily_at=WARN_AT)
        calendar.add("tidying up", chores.tidy, daily_at=TIDY_AT)
        await calendar.start()
        self._stack.push_async_callback(calendar.stop)
        await chores.warn_of_logins()

    def _make_context(self, name: str, config: PluginConfig) -> PluginContext[PluginConfig]:
        async def publish(make: Callable[[int], Event]) -> None:
            await self.bus.publish([lambda event_id, _at_ms: make(event_id)])

        def spawn(loop_name: str, work: Callable[[], Awaitable[None]]) -> None:
            self.registry.supervisor.spawn(loop_name, work, name)

        return PluginContext(
            name=name,
            config=config,
            settings=self._settings,
            data_dir=self.data_dir,
            clock=self._clock,
            rng=Random(self._rng.random()),  # noqa: S311 -- chance of drawing music, no secret
            hub=self.commands,
            policy=self.commands,
            spawn=spawn,
            set_status=partial(self.registry.set_status, name),
            publish=publish,
            set_health=partial(self._set_health, name),
            set_figures=partial(self._set_figures, name),
            topics=lambda: self.registry.topics,
            deliver=lambda message: self.registry.deliver(message),
            add_zone=partial(self._add_zone, name),
        )

    def _set_figures(self, name: str, figures: Mapping[str, float]) -> None:
        self.commands.plugins_figures[name] = dict(figures)

    def _set_health(self, name: str, check: Check | None) -> None:
        self.commands.plugins_health.pop(name, None)
        if check is not None:
            self.commands.plugins_health[name] = check

    def _plugin_changed(self, view: PluginView) -> None:
        def changed(event_id: int, at_ms: EpochMs) -> Event:
            return PluginStatusChanged(
                id=event_id, zone=HOME, at_ms=at_ms, plugin=view.name, status=view.status, reason=view.reason
            )

        self.bus.publish_later(changed)
        if view.status is not PluginStatus.NEEDS_LOGIN:
            for zone in self.zones.values():
                is_parked = zone.trouble is not None and zone.trouble.code is TroubleCode.LOGIN_NEEDED
                if is_parked and not self._lacks_login(zone.accounts or self.registry.accounts):
                    # Somebody has logged in: what was so a moment ago hinders nothing any more.
                    zone.note(None)
                    zone.look_soon(0)

    def _lacks_login(self, accounts: Sequence[Account]) -> bool:
        """Whether somebody still has to log in: that some other plugin runs now changes nothing about it."""
        states = (account.login_state(self._clock.now_ms()) for account in accounts)
        return any(state.status in (LoginStatus.NEEDED, LoginStatus.NOT_CONFIGURED) for state in states)

    def _core_in_trouble(self, owner: str, loop: str, status: PluginStatus, reason: str) -> None:
        log.error("%s: %s is %s: %s", owner, loop, status, reason)

    def _core_well(self, owner: str, loop: str) -> None:
        log.debug("%s: %s runs", owner, loop)

    def _job_failed(self, owner: str, name: str, error: BaseException) -> None:
        log.warning("%s failed, it will be tried again: %s", name, error)

    def _job_worked(self, owner: str, name: str) -> None:
        log.debug("%s is done", name)
