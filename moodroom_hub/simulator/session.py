"""How the player moves by itself: time passes, tracks end, the next one starts, devices doze off.

Nothing runs in the background. The state is brought up to now whenever somebody looks or acts.
"""

import copy
import heapq
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from random import Random

from moodroom_hub.simulator.devices import AtEnd, Presence, SimDevice
from moodroom_hub.simulator.items import ADVERT, Item, ItemKind
from moodroom_hub.simulator.lineup import Lineup
from moodroom_hub.simulator.open_listen import OpenListen
from moodroom_hub.simulator.truth import Actor, CameFrom, DrySpell, EndedBy, JumpedOver, Truth
from moodroom_hub.simulator.views import PlayerView, ViewLog

_SHOWN_AHEAD = 20
_SHORT_OF_END_MS = 700
_MOST_JUMPS = 500


@dataclass(frozen=True, slots=True)
class QueueEntry:
    """One entry of the listener's queue: who appended it, and when."""

    uri: str
    by: Actor
    at_ms: int


@dataclass(frozen=True, slots=True)
class WorldSettings:
    """Habits of the service. ``advert_every``: an advert after so many tracks (0: never)."""

    advert_every: int = 0
    queue_survives_loss: bool = True
    transfer_mixes_queue: bool = False


@dataclass(frozen=True, slots=True)
class _Shown:
    """The item that is still shown although no listen is open."""

    item: Item
    queued_uri: str
    position_ms: int
    claims_to_play: bool
    context_uri: str | None


class Session:
    """One account's playback. Subclassed by the world, which adds what people and programs may do."""

    def __init__(
        self,
        now_ms: Callable[[], int],
        items: Iterable[Item],
        devices: Iterable[SimDevice],
        settings: WorldSettings,
        seed: int,
    ) -> None:
        self._now_ms = now_ms
        self.items = {item.uri: item for item in items}
        self.devices = {device.name: device for device in devices}
        self.settings = settings
        self._truth = Truth()
        self._rng = Random(seed)
        self._lock = threading.RLock()
        self._at_ms = now_ms()
        self._is_advancing = False
        self._agenda: list[tuple[int, int, Callable[[], None]]] = []
        self._agenda_count = 0
        self._open: OpenListen | None = None
        self._shown: _Shown | None = None
        self._active: SimDevice | None = next(
            (device for device in self.devices.values() if device.presence is Presence.ACTIVE), None
        )
        self._paused_ms: int | None = None
        self._queue: list[QueueEntry] = []
        self._lineup = Lineup()
        self._repeat = "off"
        self._shuffle = False
        self._listens_begun = 0
        self._tracks_since_advert = 0
        self._is_wanted = False
        self._silent_since: tuple[int, str] | None = None
        self._views = ViewLog()
        self._observers: list[Callable[[OpenListen], None]] = []
        self._changed()

    # time

    @property
    def at_ms(self) -> int:
        """The moment up to which the world has been brought."""
        return self._at_ms

    @property
    def truth(self) -> Truth:
        """The record of what really happened, until now."""
        self.advance()
        return self._truth

    def advance(self) -> None:
        """Let everything happen that is due by now, in the order of its times."""
        with self._lock:
            if self._is_advancing:
                return
            self._is_advancing = True
            try:
                now_ms = max(self._now_ms(), self._at_ms)
                while (due := self._next_due()) is not None and due[0] <= now_ms:
                    self._at_ms = max(self._at_ms, due[0])
                    due[1]()
                self._at_ms = now_ms
            finally:
                self._is_advancing = False

    def schedule(self, at_ms: int, action: Callable[[], None]) -> None:
        """Do this at that moment (at once, if it has passed)."""
        with self._lock:
            self._agenda_count += 1
            heapq.heappush(self._agenda, (at_ms, self._agenda_count, action))

    def observe(self, on_begin: Callable[[OpenListen], None]) -> None:
        """Be told of every item that begins, at the moment that it does. What is told must not be changed."""
        with self._lock:
            self._observers.append(on_begin)

    @property
    def open_listen_id(self) -> int | None:
        """Which listen is under way (as of the last look)."""
        return None if self._open is None else self._open.id

    def next_change_ms(self) -> int | None:
        """When the next thing happens by itself; ``None``: nothing will."""
        with self._lock:
            due = self._next_due()
            return None if due is None else due[0]

    def _next_due(self) -> tuple[int, Callable[[], None]] | None:
        dues: list[tuple[int, Callable[[], None]]] = []
        if self._open is not None and (end_ms := self._open.due_ms) is not None:
            dues.append((end_ms, self._item_ran_out))
        if self._active is not None and self._paused_ms is not None and self._active.idle_out_ms is not None:
            dues.append((self._paused_ms + self._active.idle_out_ms, self._doze_off))
        if self._agenda:
            dues.append((self._agenda[0][0], self._run_agenda))
        return min(dues, key=lambda due: due[0], default=None)

    def _run_agenda(self) -> None:
        _, _, action = heapq.heappop(self._agenda)
        action()

    def _doze_off(self) -> None:
        if self._active is not None:
            self._active.presence = Presence.IDLE
            self._active = None
        self._paused_ms = None
        self._changed()

    # the flow of items

    def _item_ran_out(self) -> None:
        listen = self._open
        if listen is None:
            return
        if listen.fade_ms and not self._has_following():
            listen.fade_ms = 0  # nothing to fade into: it plays to its very end
            return
        again = listen.queued_uri if self._repeat == "track" and listen.item is not ADVERT else None
        put_there_by, context_uri = listen.put_there_by, listen.context_uri
        self._finish(EndedBy.NATURAL)
        if again is not None:
            self._begin(again, CameFrom.REPEAT, put_there_by, context_uri=context_uri)
        elif 0 < self.settings.advert_every <= self._tracks_since_advert:
            self._begin(ADVERT.uri, CameFrom.ADVERT, Actor.WORLD)
        else:
            self._begin_following()

    def _has_following(self) -> bool:
        if self._repeat == "track" or self._queue:
            return True
        if self._lineup.upcoming(self._repeat == "context", 1):
            return True
        return self._active is not None and self._active.autoplays

    def _begin_following(self, wake_ms: int = 0) -> bool:
        """Start what comes next; stop where nothing does. True where something started."""
        for _ in range(_MOST_JUMPS):
            found = self._take_following()
            if found is None:
                break
            uri, came_from, put_there_by, context_uri = found
            if self.items[uri].is_playable:
                self._begin(uri, came_from, put_there_by, context_uri=context_uri, wake_ms=wake_ms)
                return True
            self._truth.jumped_over.append(JumpedOver(self._at_ms, uri, "unplayable"))
        self._came_to_the_end()
        return False

    def _take_following(self) -> tuple[str, CameFrom, Actor, str | None] | None:
        if self._queue:
            entry = self._queue.pop(0)
            return entry.uri, CameFrom.QUEUE, entry.by, self._lineup.context_uri
        if (uri := self._lineup.step(self._repeat == "context")) is not None:
            return uri, CameFrom.CONTEXT, Actor.WORLD, self._lineup.context_uri
        if self._active is not None and self._active.autoplays:
            songs = [one.uri for one in self.items.values() if one.kind is ItemKind.TRACK and one.is_playable]
            if songs:
                return self._rng.choice(songs), CameFrom.AUTOPLAY, Actor.WORLD, None
        return None

    def _begin(
        self,
        uri: str,
        came_from: CameFrom,
        put_there_by: Actor,
        *,
        position_ms: int = 0,
        context_uri: str | None = None,
        wake_ms: int = 0,
    ) -> None:
        queued = ADVERT if uri == ADVERT.uri else self.items[uri]
        item = self.items[queued.plays_as] if queued.plays_as else queued
        device = self._active
        if device is None:
            raise RuntimeError("an item began without a device")
        self._listens_begun += 1
        self._tracks_since_advert = 0 if item is ADVERT else self._tracks_since_advert + 1
        fade_ms = device.crossfade_ms + self._rng.randint(0, device.automix_max_ms)
        position_ms = min(position_ms, item.duration_ms)
        self._open = OpenListen(
            id=self._listens_begun,
            item=item,
            queued_uri=uri,
            started_ms=self._at_ms,
            start_position_ms=position_ms,
            position_ms=position_ms,
            anchor_ms=self._at_ms + wake_ms,
            came_from=came_from,
            put_there_by=put_there_by,
            context_uri=context_uri,
            device=device.name,
            is_private=device.is_private_session,
            fade_ms=min(fade_ms, item.duration_ms // 2) if item.kind is ItemKind.TRACK else 0,
            max_position_ms=position_ms,
        )
        self._shown = None
        self._paused_ms = None
        self._is_wanted = True
        self._sounds_from(self._at_ms + wake_ms)
        self._changed()
        for on_begin in self._observers:
            on_begin(self._open)

    def _finish(self, ended_by: EndedBy) -> None:
        if self._open is None:
            return
        listen, self._open = self._open, None
        self._truth.listens.append(listen.end(self._at_ms, ended_by))

    def _came_to_the_end(self) -> None:
        """Nothing follows. What the device shows now is its own affair."""
        last = self._truth.listens[-1] if self._truth.listens else None
        device = self._active
        if last is not None and device is not None and last.uri in self.items:
            item = self.items[last.uri]
            position_ms = {
                AtEnd.REWIND: 0,
                AtEnd.HOLD: item.duration_ms,
                AtEnd.SHORT: max(0, item.duration_ms - _SHORT_OF_END_MS),
            }[device.at_end]
            claims_to_play = device.at_end is AtEnd.HOLD
            self._shown = _Shown(item, last.queued_uri, position_ms, claims_to_play, last.context_uri)
            self._paused_ms = None if claims_to_play else self._at_ms
        self._falls_silent("list_ended")
        self._changed()

    # silence

    def _falls_silent(self, reason: str) -> None:
        if self._silent_since is None and self._is_wanted:
            self._silent_since = (self._at_ms, reason)

    def _sounds_from(self, from_ms: int) -> None:
        since, self._silent_since = self._silent_since, None
        if since is None and from_ms > self._at_ms:
            since = (self._at_ms, "waking")
        if since is not None and from_ms > since[0]:
            self._truth.dry_spells.append(DrySpell(since[0], from_ms, since[1]))

    def _no_longer_wanted(self) -> None:
        """Silence is what the listener wants now; a spell that is open, or was to last longer, ends here."""
        self._is_wanted = False
        self._sounds_from(self._at_ms)
        spells = self._truth.dry_spells
        if spells and spells[-1].ended_ms > self._at_ms:
            last = spells.pop()
            if self._at_ms > last.started_ms:
                spells.append(DrySpell(last.started_ms, self._at_ms, last.reason))

    # what could be seen

    def _changed(self) -> None:
        listen, shown = self._open, self._shown
        wraps = self._repeat == "context"
        queued = [entry.uri for entry in self._queue]
        room = max(0, _SHOWN_AHEAD - len(queued))
        item, position_ms, anchor_ms, is_playing, context_uri = None, 0, self._at_ms, False, None
        if listen is not None:
            listen.settle(self._at_ms)
            item, position_ms, anchor_ms = listen.item, listen.position_ms, listen.anchor_ms
            is_playing, context_uri = listen.is_running, listen.context_uri
        elif shown is not None:
            item, position_ms = shown.item, shown.position_ms
            is_playing, context_uri = shown.claims_to_play, shown.context_uri
        self._views.add(
            PlayerView(
                changed_ms=self._at_ms,
                item=None if self._active is None else item,
                position_ms=position_ms,
                anchor_ms=anchor_ms,
                is_playing=is_playing and self._active is not None,
                device=copy.copy(self._active),
                context_uri=context_uri,
                repeat=self._repeat,
                shuffle=self._shuffle,
                upcoming=(*queued[:_SHOWN_AHEAD], *self._lineup.upcoming(wraps, room)),
                queued=len(queued),
            )
        )
