"""A zone's state in memory, and the one way to change it."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from random import Random

from pydantic import TypeAdapter

from moodroom_hub.core.bus import Bus, MakeEvent
from moodroom_hub.core.clock import Clock
from moodroom_hub.core.dispatch import Dispatcher
from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.core.ids import Ids
from moodroom_hub.core.learning import Learning
from moodroom_hub.core.plays.deciding import Deciding
from moodroom_hub.core.poolbook import PoolBook
from moodroom_hub.core.ports import Account, ZonePorts
from moodroom_hub.core.station_book import StationBook
from moodroom_hub.core.store import Change
from moodroom_hub.core.zone.wishes import Wish, Wishes
from moodroom_hub.domain.cadence import Cadence
from moodroom_hub.domain.ledger import Ledger
from moodroom_hub.domain.models import (
    BatchRecipe,
    Cause,
    EpochMs,
    LedgerEntry,
    LedgerStatus,
    ListeningRules,
    Room,
    RoomSlug,
    ZoneName,
)
from moodroom_hub.domain.playback import OwnAct
from moodroom_hub.domain.plays.models import Play
from moodroom_hub.domain.session import Session
from moodroom_hub.domain.stations.models import station_of

log = logging.getLogger(__name__)

TAKEN_OVER_MS = 5_000
"""So long a zone leads itself after it was given music, whatever was true before."""
DEVICE_MISSED_MS = 300_000
"""So long a missing device is told of after it was missed."""
STATION_AHEAD = 1
"""So many tracks of a station lie in the player's queue behind the one that plays."""
STARTING_MS = 20_000
"""So long after a start nobody is warned of a player that is still being looked for."""
_MISSING = frozenset({TroubleCode.NO_DEVICE, TroubleCode.RESTRICTED_DEVICE})
_SESSION: TypeAdapter[Session] = TypeAdapter(Session)


@dataclass(frozen=True, slots=True)
class ZoneServices:
    """What every zone works with. ``learning`` tells whether listening may change pools, as of now.

    ``plays`` makes plays of what counts, for all zones together.
    """

    bus: Bus
    pools: PoolBook
    clock: Clock
    rng: Random
    ids: Ids
    dispatcher: Dispatcher
    rooms: Mapping[RoomSlug, Room]
    rules: ListeningRules
    recipe: BatchRecipe
    cadence: Cadence
    may_yield: bool
    learning: Callable[[], Learning]
    plays: Deciding
    stations: StationBook

    def room(self, slug: RoomSlug) -> Room | None:
        """The room, or the station as one; ``None`` where it is gone since."""
        return self.rooms.get(slug) or self.stations.as_room(slug)

    def batch_size(self, slug: RoomSlug) -> int:
        """How many tracks an activation draws. A station's are few: what is queued cannot bend any more."""
        return self.recipe.size if station_of(slug) is None else 1 + STATION_AHEAD


class Regrouped(Exception):
    """While an order waited for its turn its zone was joined to another one: it is that one's order now."""


@dataclass(slots=True)
class PlayOrder:
    """The player was told to play or to pause; ``done_at_ms`` is ``None`` while that waits or is under way."""

    is_playing: bool
    done_at_ms: EpochMs | None = None


class Zone:
    """What the hub knows of one zone and what it wants there.

    ``lock`` guards each change of the session; ``commands`` lets one activation or player command through at a time;
    ``handing`` is held while a track is handed over, ``skipping`` while a station's track is skipped.
    ``is_seen``: the player was seen since this hub began and since it last told the player anything; else the session
    holds what was before, and is nothing to skip by. ``seen_at_ms``: when it was seen last.
    ``play_order``: what the player was told last about playing, which counts before what was seen before it.
    ``is_endless``: a policy tops this zone up, so a player that ran dry is given fresh tracks, too.
    ``all_zones`` are all zones of the hub, this one among them. ``accounts`` are those that its player depends on.
    """

    def __init__(
        self,
        ports: ZonePorts,
        services: ZoneServices,
        session: Session,
        all_zones: "Mapping[ZoneName, Zone]",
        accounts: Sequence[Account] = (),
    ) -> None:
        self.all_zones = all_zones
        self.accounts = accounts
        self.name = ports.zone
        self.ports = ports
        self.services = services
        self.session = session
        self.lock = asyncio.Lock()
        self.commands = asyncio.Lock()
        self.skipping = asyncio.Lock()
        self._wishes = Wishes(self.commands)
        self._commands_told = 0
        self._commands_under_way = 0
        self.handing = asyncio.Lock()
        self._leads_until_ms = EpochMs(0)
        self.is_seen = False
        self.seen_at_ms: EpochMs | None = None
        self.play_order: PlayOrder | None = None
        self._sight = asyncio.Event()
        self.trouble: Trouble | None = None
        self.trouble_until_ms: EpochMs | None = None
        self._outlasts_looks = False
        self._noted_at_ms = EpochMs(0)
        self._warned_of: TroubleCode | None = None
        self._began_ms = services.clock.now_ms()
        self.look_wanted = asyncio.Event()
        self.hands_wanted = asyncio.Event()
        self.is_fresh_wanted = False
        self.is_endless = False
        self.look_after_ms = 0.0

    @staticmethod
    def restored(text: str | None, ledger: Sequence[LedgerEntry]) -> Session:
        """The session as it was written last. What was being sent then has an unknown outcome now."""
        session = Session() if text is None else _SESSION.validate_json(text)
        entries = tuple(
            replace(entry, status=LedgerStatus.UNKNOWN) if entry.status is LedgerStatus.SENDING else entry
            for entry in ledger
        )
        return replace(session, ledger=Ledger(entries))

    @property
    def label(self) -> str:
        """The zone's name as people say it."""
        return self.ports.label or self.name

    @property
    def leading(self) -> "Zone":
        """The zone whose music sounds here: this one, unless it is joined to another.

        A leader that nobody knows, or a ring of them, tells nothing.
        """
        passed: set[ZoneName] = {self.name}
        zone = self
        while (name := zone._leader()) is not None and name != zone.name:
            if name in passed:
                return self
            if name not in self.all_zones:
                break
            passed.add(name)
            zone = self.all_zones[name]
        return zone

    def _leader(self) -> ZoneName | None:
        is_new = self.services.clock.now_ms() < self._leads_until_ms
        return None if is_new else self.ports.leader()

    def took_over(self) -> None:
        """Music of another zone goes on here; the plugin that said so shows the new order only after it."""
        self._leads_until_ms = EpochMs(self.services.clock.now_ms() + TAKEN_OVER_MS)

    @property
    def is_joined(self) -> bool:
        """Whether another zone's music sounds here: nothing is wanted here then, and nothing judged."""
        return self.leading is not self

    @property
    def members(self) -> "tuple[Zone, ...]":
        """The other zones in which this one's music sounds."""
        return tuple(zone for zone in self.all_zones.values() if zone is not self and zone.leading is self)

    def holder(self, entry_id: int) -> "Zone":
        """The zone whose ledger holds the entry: another one, if the music has moved there."""
        zones = (self, *self.all_zones.values())
        return next((zone for zone in zones if zone.session.ledger.entry(entry_id) is not None), self)

    @asynccontextmanager
    async def obeying(self) -> AsyncIterator[None]:
        """Inside, ``commands`` is held. Raises ``Regrouped`` where the zone is a joined one by then."""
        async with self.commands:
            self._check_leads()
            yield

    def _check_leads(self) -> None:
        if self.is_joined:
            raise Regrouped

    async def move(self, session: Session, makers: Sequence[MakeEvent] = (), plays: tuple[Play, ...] = ()) -> None:
        """Make ``session`` the zone's own, write it with the ``plays``, and tell the events. With ``lock`` held."""
        changed = session.ledger.changed_since(self.session.ledger)
        self.session = session
        change = Change(zone_states={self.name: self.dump()}, ledger=changed, plays=plays)
        await self.services.bus.publish(makers, change)

    async def mark(self, entry_id: int, status: LedgerStatus, makers: Sequence[MakeEvent] = ()) -> None:
        """Change one ledger entry's status, and write it."""
        async with self.lock:
            ledger = self.session.ledger.mark(entry_id, status)
            await self.move(replace(self.session, ledger=ledger), makers)

    @contextmanager
    def commanding(self, look_after_ms: float) -> Iterator[None]:
        """Inside, the player is told to do something; look ``look_after_ms`` later whether it did."""
        self._commands_told += 1
        self._commands_under_way += 1
        self.is_seen = False
        try:
            yield
        finally:
            self._commands_under_way -= 1
            self.look_soon(look_after_ms)

    @property
    def is_switching(self) -> bool:
        """Whether a switch waits or is under way: nothing shall be queued behind what is about to give way."""
        return self._wishes.are_open

    @property
    def wanted_room(self) -> RoomSlug | None:
        """The room of the newest order while that is not carried out, else the active one."""
        newest = self._wishes.newest
        return self.session.active_room if newest is None else newest.room

    @asynccontextmanager
    async def switching(self, room: RoomSlug | None, *, gives_way: bool) -> AsyncIterator[Wish]:
        """Inside, the zone may be switched to ``room`` (``None``: off), with ``commands`` held; whoever
        asked before gives way.

        With ``gives_way`` raises ``Trouble(SUPERSEDED)`` where a newer switch is asked for before its turn; raises
        ``Regrouped`` where the zone is a joined one by then.
        """
        try:
            async with self._wishes.turn(room, gives_way=gives_way) as wish:
                self._check_leads()
                yield wish
        finally:
            self.wake_hands()

    @contextmanager
    def ordering(self, *, is_playing: bool) -> Iterator[None]:
        """Inside, the player is told to play or to pause, once it is this order's turn."""
        self.play_order = order = PlayOrder(is_playing)
        try:
            yield
        except BaseException:
            if self.play_order is order:
                self.play_order = None
            raise
        order.done_at_ms = self.services.clock.now_ms()

    def saw(self) -> None:
        """What plays was seen; whoever waits for a sight goes on."""
        self._sight.set()
        self._sight = asyncio.Event()

    async def sight(self) -> None:
        """Wait until what plays is seen again."""
        await self._sight.wait()

    def crossing(self) -> Callable[[], bool]:
        """Begin a look. What comes back tells whether a command crossed it, so that it may show the world before."""
        told, was_under_way = self._commands_told, self._commands_under_way > 0
        return lambda: was_under_way or self._commands_told != told

    async def act(self, cause: Cause) -> None:
        """Write that the hub does, or just did, something to the player of its own accord."""
        async with self.lock:
            act = OwnAct(cause, self.services.clock.now_ms())
            await self.move(replace(self.session, playback=replace(self.session.playback, own_act=act)))

    def dump(self) -> str:
        """The session as text, without the ledger, which has its own rows."""
        return _SESSION.dump_json(replace(self.session, ledger=Ledger())).decode()

    def unclear(self) -> tuple[LedgerEntry, ...]:
        """Tracks of the active room of which a queue of the hub's own can tell whether they ever arrived in it."""
        if not self.ports.owns_queue or self.session.active_room is None:
            return ()
        ahead = self.session.ledger.ahead(self.session.activation)
        return tuple(entry for entry in ahead if entry.status is LedgerStatus.UNKNOWN)

    def wake_hands(self) -> None:
        """There may be something to hand over, pass over or revive."""
        self.hands_wanted.set()

    def look_soon(self, after_ms: float) -> None:
        """Look in so many milliseconds at the latest, because something was done to the player."""
        self.look_after_ms = after_ms
        self.look_wanted.set()

    def looked_well(self) -> None:
        """A look succeeded: nothing hinders any more, save what a room's tracks themselves do, and a device that was
        just missed and is still not to be seen."""
        if self._misses_device() or (self._outlasts_looks and self.session.will_pass_over):
            return
        self.note(None)

    def _misses_device(self) -> bool:
        """Whoever was told to choose a device needs a while for it, and sees until then what to do."""
        is_missed = self.trouble is not None and self.trouble.code in _MISSING
        since_ms = self.services.clock.now_ms() - self._noted_at_ms
        return is_missed and self.session.playback.listening is None and since_ms < DEVICE_MISSED_MS

    def _is_starting(self, trouble: Trouble) -> bool:
        """Whether the player was just not seen yet since the hub began."""
        is_new = self.services.clock.now_ms() - self._began_ms < STARTING_MS
        return is_new and trouble.code is TroubleCode.UNAVAILABLE and self.seen_at_ms is None

    def note(self, trouble: Trouble | None, *, outlasts_looks: bool = False) -> None:
        """Remember what hinders, for whoever asks why it is quiet; ``None``: nothing does any more.

        ``outlasts_looks``: that the player can be seen says nothing about it.
        """
        self._outlasts_looks = outlasts_looks
        self._noted_at_ms = self.services.clock.now_ms()
        if trouble is None:
            if self._warned_of is not None:
                log.info("%s: works again", self.name)
            self.trouble = self.trouble_until_ms = self._warned_of = None
            return
        if self._warned_of is not trouble.code and not self._is_starting(trouble):
            log.warning("%s: %s", self.name, trouble)
            self._warned_of = trouble.code
        self.trouble = trouble
        now_ms = self.services.clock.now_ms()
        wait_s = trouble.retry_after_s
        self.trouble_until_ms = None if wait_s is None else EpochMs(now_ms + round(wait_s * 1000))
