"""What faces may ask: every question, in one place."""

from collections.abc import Mapping, Sequence

import moodroom_hub
from moodroom_hub.core.commands.base import Basis
from moodroom_hub.core.errors import TroubleCode
from moodroom_hub.core.events import Event
from moodroom_hub.core.face import (
    BatchView,
    HistoryPage,
    ListenView,
    PluginView,
    Quiet,
    ReceiptPage,
    ReceiptView,
    RoomView,
    StateView,
    ZoneView,
)
from moodroom_hub.core.health import health
from moodroom_hub.core.ports import Check, LoginState, LoginStatus
from moodroom_hub.core.quiet import quiet, quiet_without_players
from moodroom_hub.core.views import HEARD_LATELY, batch, login_of, now_playing, troubles, why_no_player
from moodroom_hub.core.zone_views import active_zones, zone_figures, zone_view
from moodroom_hub.domain.insight.course import DayCounts
from moodroom_hub.domain.insight.week import Insight
from moodroom_hub.domain.models import (
    HOME,
    Device,
    EpochMs,
    PoolEntry,
    RoomSlug,
    ZoneName,
)
from moodroom_hub.domain.quiet import QuietWalk
from moodroom_hub.domain.searching import HistorySearch, ReceiptSearch
from moodroom_hub.domain.stations.models import room_only, station_of

RECEIPTS_SHOWN = 20


class Questions(Basis):
    """The questions of ``face.HubFace``."""

    async def state(self, zone: ZoneName | None = None) -> StateView:
        """Everything a page shows first."""
        if zone is None and not self._zones:
            return await self._state_without_zones()
        named, now_ms = self._zone(zone), self._clock.now_ms()
        where = named.leading
        session, learning = where.session, self.learning()
        receipts = await self._pools.receipts(RECEIPTS_SHOWN, None)
        return StateView(
            version=moodroom_hub.__version__,
            zone=named.name,
            active_room=room_only(session.active_room),
            active_station=station_of(session.active_room),
            is_learning=learning.is_on,
            learning_back_at_ms=learning.back_at_ms,
            login=self._login(now_ms),
            now_playing=self.pictures.shown(await now_playing(where)),
            upcoming=session.ledger.upcoming(session.activation) if session.active_room is not None else (),
            receipts=tuple(view.receipt for view in receipts),
            plugins=tuple(self._registry.views()),
            troubles=troubles(where, self._journal.trouble, self._journal.waiting),
            leader=None if where is named else where.name,
            zones=tuple(self._zones),
        )

    async def _state_without_zones(self) -> StateView:
        """The state of a hub whose players were not found yet: a page is shown all the same, and says why."""
        now_ms, learning = self._clock.now_ms(), self.learning()
        receipts = await self._pools.receipts(RECEIPTS_SHOWN, None)
        return StateView(
            version=moodroom_hub.__version__,
            zone=HOME,
            active_room=None,
            is_learning=learning.is_on,
            learning_back_at_ms=learning.back_at_ms,
            login=self._login(now_ms),
            now_playing=None,
            upcoming=(),
            receipts=tuple(view.receipt for view in receipts),
            plugins=tuple(self._registry.views()),
            troubles=(Quiet(TroubleCode.NO_DEVICE.value, why_no_player(self._registry.views())),),
        )

    def _login(self, now_ms: EpochMs) -> LoginState:
        """The login that needs a person soonest; a hub that plays without any account needs none."""
        is_needed = bool(self._accounts) or not self._zones
        return login_of(self._accounts, now_ms) if is_needed else LoginState(LoginStatus.OK, None)

    async def zone_views(self) -> Sequence[ZoneView]:
        """Every zone at a glance."""
        return [zone_view(zone, self.pictures.shown(await now_playing(zone.leading))) for zone in self._zones.values()]

    async def batch(self, zone: ZoneName | None = None) -> BatchView:
        """The running activation's tracks."""
        if zone is None and not self._zones:
            return BatchView()
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
        if zone is None and not self._zones:
            return ()
        return await self._zone(zone).leading.ports.player.devices()

    async def quiet(self, zone: ZoneName | None = None) -> QuietWalk:
        """Why it is quiet."""
        if zone is None and not self._zones:
            return quiet_without_players(why_no_player(self._registry.views()))
        return await quiet(self._zone(zone).leading, self._rooms, self._pools, self._clock.now_ms())

    async def health(self) -> Sequence[Check]:
        """One line each for login, player and database."""
        none_yet = "" if self._zones else why_no_player(self._registry.views())
        own = health(self._accounts, list(self._zones.values()), self._journal, self._clock.now_ms(), none_yet)
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

    def wanted_room(self, zone: ZoneName | None = None) -> RoomSlug | None:
        """The room asked for last."""
        if zone is None and not self._zones:
            return None
        return self._zone(zone).leading.wanted_room
