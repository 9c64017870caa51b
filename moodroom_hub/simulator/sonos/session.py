"""How a household moves by itself: time passes, tracks end, the next one starts.

Nothing runs in the background. The state is brought up to now whenever somebody looks or acts.
"""

import heapq
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from random import Random

from moodroom_hub.simulator.items import Item
from moodroom_hub.simulator.sonos.music import MediaKind, Recording, Station
from moodroom_hub.simulator.sonos.players import Deck, SimPlayer, State
from moodroom_hub.simulator.sonos.truth import Began, SonosListen, SonosTruth

REPEATS_ONE = ("REPEAT_ONE", "SHUFFLE_REPEAT_ONE")
REPEATS_ALL = ("REPEAT_ALL", "SHUFFLE")
SHUFFLES = ("SHUFFLE", "SHUFFLE_NOREPEAT", "SHUFFLE_REPEAT_ONE")
PLAY_MODES = ("NORMAL", "REPEAT_ALL", "REPEAT_ONE", "SHUFFLE_NOREPEAT", "SHUFFLE", "SHUFFLE_REPEAT_ONE")


@dataclass(frozen=True, slots=True)
class SonosSettings:
    """Habits of the system. ``load_ms``: silence before a track begins that did not follow by itself.

    ``fade_ms``: how much earlier a track ends where crossfade is on. ``service_number``: of the household's own
    Spotify service; share links for another one are refused. ``topology_refused_from``: with so many players
    GetZoneGroupState answers 501. ``vanish_after_ms``: so long the others still tell of a player without power.
    """

    load_ms: int = 400
    fade_ms: int = 6_000
    service_number: int = 2311
    serial: int = 1
    topology_refused_from: int | None = None
    vanish_after_ms: int = 0


@dataclass(slots=True)
class Group:
    """Players that play the same; ``members`` holds the uids of visible players, the coordinator's too."""

    id: str
    coordinator: str
    members: list[str]


class SonosSession:
    """Decks, groups and time. Subclassed by what people and programs may do."""

    def __init__(
        self,
        now_ms: Callable[[], int],
        players: Iterable[SimPlayer],
        items: Iterable[Item],
        stations: Iterable[Station],
        settings: SonosSettings,
        seed: int,
    ) -> None:
        self._now_ms = now_ms
        self.players = {player.uid: player for player in players}
        self.items = {item.uri: item for item in items}
        self.stations = {station.name: station for station in stations}
        self.settings = settings
        self.refused_uris: set[str] = set()
        """Songs that the service refuses when they are added (fault 800)."""
        self.household_id = f"Sonos_Simulated{seed:08d}AbCdEfGhIjKl"
        self._truth = SonosTruth()
        self._rng = Random(f"sonos:{seed}")
        self._lock = threading.RLock()
        self._at_ms = now_ms()
        self._is_advancing = False
        self._depth = 0
        self._agenda: list[tuple[int, int, Callable[[], None]]] = []
        self._agenda_count = 0
        self._group_count = 0
        self.groups: list[Group] = []
        self._changed: set[tuple[str, str]] = set()
        self._watchers: list[Callable[[set[tuple[str, str]]], None]] = []
        self._followers: list[Callable[[int], None]] = []
        for player in self.players.values():
            player.booted_ms = self._at_ms
            if player.bonded_to is None:
                self._new_group(player.uid, [player.uid])

    # looking

    @property
    def at_ms(self) -> int:
        """The moment up to which the household has been brought."""
        return self._at_ms

    @property
    def truth(self) -> SonosTruth:
        """The record of what really happened, until now."""
        self.advance()
        self._truth.at_ms = self._at_ms
        return self._truth

    def player(self, name: str) -> SimPlayer:
        """The visible player of this room (or with this uid). Raises ``KeyError``."""
        if name in self.players:
            return self.players[name]
        for player in self.players.values():
            if player.name == name and player.bonded_to is None:
                return player
        raise KeyError(name)

    def group_of(self, name: str) -> Group:
        """The group that this player belongs to."""
        player = self.player(name)
        uid = player.bonded_to or player.uid
        for group in self.groups:
            if uid in group.members:
                return group
        raise KeyError(name)

    def coordinator_of(self, name: str) -> SimPlayer:
        """The player that plays for this player's group."""
        return self.players[self.group_of(name).coordinator]

    def is_coordinator(self, uid: str) -> bool:
        """Whether it plays for its group."""
        return any(group.coordinator == uid for group in self.groups)

    # time

    @contextmanager
    def looked_at(self) -> Iterator[int]:
        """Hold the household still at now; yields that moment."""
        with self._lock:
            self.advance()
            self._depth += 1
            try:
                yield self._at_ms
            finally:
                self._depth -= 1
                self._tell()

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
                for follow in self._followers:
                    follow(self._at_ms)
            finally:
                self._is_advancing = False
            self._tell()

    def schedule(self, at_ms: int, action: Callable[[], None]) -> None:
        """Do this at that moment (at once, if it has passed)."""
        with self._lock:
            self._agenda_count += 1
            heapq.heappush(self._agenda, (at_ms, self._agenda_count, action))

    def next_change_ms(self) -> int | None:
        """When the next thing happens by itself; ``None``: nothing will."""
        with self._lock:
            due = self._next_due()
            return None if due is None else due[0]

    def watch(self, on_change: Callable[[set[tuple[str, str]]], None]) -> None:
        """Be told which services of which players changed (uid, service), after the fact, in whatever thread."""
        self._watchers.append(on_change)

    def _tell(self) -> None:
        if self._changed and not self._is_advancing and not self._depth:
            changed, self._changed = self._changed, set()
            for watcher in self._watchers:
                watcher(changed)

    def _next_due(self) -> tuple[int, Callable[[], None]] | None:
        dues: list[tuple[int, Callable[[], None]]] = []
        for group in self.groups:
            due_ms = self._deck_due_ms(self.players[group.coordinator].deck)
            if due_ms is not None:
                dues.append((due_ms, partial(self._ran_out, group.coordinator)))
            deck = self.players[group.coordinator].deck
            if deck.is_loading:
                dues.append((deck.anchor_ms, partial(self._loaded, group.coordinator)))
        if self._agenda:
            dues.append((self._agenda[0][0], self._run_agenda))
        return min(dues, key=lambda due: due[0], default=None)

    def _run_agenda(self) -> None:
        _, _, action = heapq.heappop(self._agenda)
        action()

    def _deck_due_ms(self, deck: Deck) -> int | None:
        if not deck.is_running:
            return None
        if deck.media.kind is MediaKind.RADIO and deck.station is not None:
            return deck.station.airing(self._aired_ms(deck)).ends_ms
        if deck.media.kind not in (MediaKind.QUEUE, MediaKind.FILE):
            return None
        track = deck.track
        if track is None or track.recording.duration_ms is None:
            return None
        left_ms = track.recording.duration_ms - deck.position_ms
        fade_ms = self.settings.fade_ms if deck.is_crossfading and self._following(deck) is not None else 0
        return deck.anchor_ms + max(0, left_ms - fade_ms if left_ms > fade_ms else left_ms)

    def _aired_ms(self, deck: Deck) -> int:
        """The last moment that the deck has dealt with on the air: what it plays now began there or before."""
        return max(deck.anchor_ms, 0)

    # the flow of tracks

    def _ran_out(self, uid: str) -> None:
        deck = self.players[uid].deck
        if deck.media.kind is MediaKind.RADIO:
            deck.settle(self._at_ms)
            self._drop_listen(uid, has_finished=True)
            deck.anchor_ms = self._at_ms
            self._sound(uid, Began.FOLLOWED, load_ms=0)
            return
        ended = deck.track
        self._drop_listen(uid, has_finished=True)
        deck.position_ms, deck.anchor_ms = 0, self._at_ms
        following = deck.entry_id if deck.play_mode in REPEATS_ONE else self._following(deck)
        if following is None:
            self._came_to_the_end(uid)
            return
        deck.entry_id = following
        now = deck.track
        is_again = ended is not None and now is not None and ended.recording == now.recording
        self._sound(uid, Began.REPEAT if is_again else Began.FOLLOWED, load_ms=0)

    def _loaded(self, uid: str) -> None:
        self.players[uid].deck.is_loading = False
        self._note(uid, "AVTransport")

    def _came_to_the_end(self, uid: str) -> None:
        deck = self.players[uid].deck
        deck.state, deck.is_loading = State.STOPPED, False
        deck.entry_id = deck.queue[0].id if deck.queue else None
        deck.position_ms = 0
        self._note(uid, "AVTransport")

    def _following(self, deck: Deck, step: int = 1) -> int | None:
        """The entry after (or before) the current one that the service will play."""
        if deck.media.kind is not MediaKind.QUEUE or not deck.queue:
            return None
        order = deck.order if deck.play_mode in SHUFFLES else [entry.id for entry in deck.queue]
        tracks = {entry.id: entry.track for entry in deck.queue}
        place = order.index(deck.entry_id) if deck.entry_id in order else -1
        for _ in range(len(order)):
            place += step
            if not 0 <= place < len(order):
                if deck.play_mode not in REPEATS_ALL:
                    return None
                place %= len(order)
            if not tracks[order[place]].is_refused:
                return order[place]
        return None

    # sound and silence

    def _recording(self, deck: Deck) -> Recording | None:
        if deck.media.kind is MediaKind.RADIO and deck.station is not None:
            return deck.station.airing(max(self._at_ms, deck.anchor_ms)).recording
        track = deck.track
        return None if track is None else track.recording

    def _sound(self, uid: str, began: Began, load_ms: int | None = None) -> SonosListen | None:
        """Let the deck sound from where it stands, after ``load_ms``."""
        deck = self.players[uid].deck
        deck.state = State.PLAYING
        deck.anchor_ms = self._at_ms + (self.settings.load_ms if load_ms is None else load_ms)
        deck.is_loading = deck.anchor_ms > self._at_ms
        recording = self._recording(deck)
        if recording is None:
            deck.listen = None
        else:
            if deck.listen is None or deck.listen.recording != recording:
                deck.listen = self._truth.begin(
                    recording,
                    deck.media.kind,
                    began,
                    deck.position_ms,
                    self._at_ms,
                    self._sounding_names(uid),
                    deck.left,
                )
            deck.listen.sound(deck.anchor_ms, deck.position_ms, self._sounding_names(uid))
        self._note(uid, "AVTransport")
        return deck.listen

    def _hush(self, uid: str, state: State) -> None:
        """The deck falls silent; what it played may go on later."""
        deck = self.players[uid].deck
        deck.settle(self._at_ms)
        deck.state, deck.is_loading = state, False
        deck.anchor_ms = self._at_ms
        if deck.listen is not None:
            deck.listen.hush(self._at_ms)
        self._note(uid, "AVTransport")

    def _drop_listen(self, uid: str, *, has_finished: bool = False) -> None:
        deck = self.players[uid].deck
        if deck.listen is not None:
            deck.listen.hush(self._at_ms)
            deck.listen.has_finished = has_finished
            deck.left, deck.listen = deck.listen, None

    def _resound(self, uid: str) -> None:
        """The same sound, on other players from now on."""
        deck = self.players[uid].deck
        deck.settle(self._at_ms)
        if deck.is_running and deck.listen is not None:
            deck.listen.hush(self._at_ms)
            deck.listen.sound(deck.anchor_ms, deck.position_ms, self._sounding_names(uid))
        self._note(uid, "AVTransport")

    def _sounding_names(self, uid: str) -> tuple[str, ...]:
        group = self.group_of(uid)
        leading_first = sorted(group.members, key=lambda member: member != group.coordinator)
        return tuple(self.players[member].name for member in leading_first)

    # groups

    def _new_group(self, coordinator: str, members: list[str]) -> Group:
        self._group_count += 1
        group = Group(f"{coordinator}:{self._group_count}", coordinator, members)
        self.groups.append(group)
        self._note_topology()
        return group

    def _note(self, uid: str, service: str) -> None:
        self._changed.add((uid, service))

    def _note_topology(self) -> None:
        for uid in self.players:
            self._changed.add((uid, "ZoneGroupTopology"))
