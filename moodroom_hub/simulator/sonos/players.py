"""The players of a household: what they are, and what stands on their own deck."""

import hashlib
from dataclasses import dataclass, field
from enum import StrEnum

from moodroom_hub.simulator.sonos.music import NOTHING, Media, MediaKind, SonosTrack, Station
from moodroom_hub.simulator.sonos.truth import SonosListen


class State(StrEnum):
    """A transport's state, as UPnP writes it."""

    STOPPED = "STOPPED"
    PLAYING = "PLAYING"
    PAUSED = "PAUSED_PLAYBACK"
    TRANSITIONING = "TRANSITIONING"


class Reach(StrEnum):
    """How a player answers."""

    ANSWERS = "answers"
    SILENT = "silent"
    """It plays, but requests are never answered."""
    REFUSED = "refused"
    """It plays, but connections are refused."""
    UNPLUGGED = "unplugged"
    """No power: it does not play, connections are refused."""


@dataclass(frozen=True, slots=True)
class PlayerSpec:
    """A player to put into the household. ``is_pair``: with a second, invisible one; ``satellites``: so many more."""

    name: str
    model: str = "Sonos One"
    is_soundbar: bool = False
    has_line_in: bool = False
    is_pair: bool = False
    satellites: int = 0
    volume: int = 20


@dataclass(slots=True)
class Entry:
    """One place in a queue."""

    id: int
    track: SonosTrack


@dataclass(slots=True)
class Deck:
    """The transport of one player: its queue, and what it plays for its group.

    ``position_ms`` was true at ``anchor_ms``; an anchor in the future is a player that still loads.
    """

    queue: list[Entry] = field(default_factory=list)
    order: list[int] = field(default_factory=list)
    update_id: int = 1
    next_entry_id: int = 1
    media: Media = NOTHING
    station: Station | None = None
    file: SonosTrack | None = None
    entry_id: int | None = None
    state: State = State.STOPPED
    position_ms: int = 0
    anchor_ms: int = 0
    play_mode: str = "NORMAL"
    is_crossfading: bool = False
    is_loading: bool = False
    listen: SonosListen | None = None
    left: SonosListen | None = None
    """What sounded before."""
    left_at: tuple[int, int] | None = None
    """Entry and position at which something else took the deck over."""

    @property
    def is_running(self) -> bool:
        """Whether it plays or is about to."""
        return self.state is State.PLAYING

    @property
    def shown_state(self) -> State:
        """The state that the transport tells."""
        return State.TRANSITIONING if self.is_loading else self.state

    @property
    def track_number(self) -> int:
        """The current place in the queue, from 1; 0: none."""
        return next((place for place, entry in enumerate(self.queue, 1) if entry.id == self.entry_id), 0)

    @property
    def track(self) -> SonosTrack | None:
        """What is on, if it is a track of its own."""
        if self.media.kind is MediaKind.QUEUE:
            return next((entry.track for entry in self.queue if entry.id == self.entry_id), None)
        return self.file if self.media.kind in (MediaKind.FILE, MediaKind.CONNECT) else None

    def position_at(self, at_ms: int) -> int:
        """Where the needle stands."""
        if not self.is_running:
            return self.position_ms
        position_ms = self.position_ms + max(0, at_ms - self.anchor_ms)
        track = self.track
        if track is None or track.recording.duration_ms is None:
            return position_ms
        return min(track.recording.duration_ms, position_ms)

    def settle(self, at_ms: int) -> None:
        """Take the position of now as the known one."""
        self.position_ms = self.position_at(at_ms)
        self.anchor_ms = max(self.anchor_ms, at_ms) if self.is_running else at_ms


@dataclass(slots=True)
class SimPlayer:
    """One player. ``slow_ms`` is how long it takes to answer; ``bonded_to``: the visible player that it belongs to."""

    spec: PlayerSpec
    uid: str
    port: int = 0
    host: str = "127.0.0.1"
    deck: Deck = field(default_factory=Deck)
    volume: int = 20
    is_muted: bool = False
    bass: int = 0
    treble: int = 0
    is_loud: bool = True
    boot_seq: int = 1
    booted_ms: int = 0
    reach: Reach = Reach.ANSWERS
    unplugged_ms: int = 0
    slow_ms: int = 0
    bonded_to: str | None = None
    is_satellite: bool = False

    @property
    def name(self) -> str:
        """The room's name."""
        return self.spec.name

    @property
    def address(self) -> tuple[str, int]:
        """Where it answers."""
        return self.host, self.port

    @property
    def serial_number(self) -> str:
        """As the device description shows it: the MAC address and a digit."""
        mac = self.uid.removeprefix("RINCON_")[:12]
        return "-".join(mac[place : place + 2] for place in range(0, 12, 2)) + ":7"

    @property
    def is_powered(self) -> bool:
        """Whether it is plugged in."""
        return self.reach is not Reach.UNPLUGGED


def uid_of(name: str, number: int = 0) -> str:
    """A stable unique id of a player: ``RINCON_`` and its made-up MAC address."""
    digits = hashlib.sha256(f"sonos\x1f{name}\x1f{number}".encode()).hexdigest()[:6].upper()
    return f"RINCON_949F3E{digits}01400"


def build_players(specs: tuple[PlayerSpec | str, ...]) -> list[SimPlayer]:
    """All players of these rooms, bonded ones after the visible one that they belong to."""
    players = []
    for spec in specs:
        spec = PlayerSpec(spec) if isinstance(spec, str) else spec
        first = SimPlayer(spec, uid_of(spec.name), volume=spec.volume)
        players.append(first)
        if spec.is_pair:
            players.append(SimPlayer(spec, uid_of(spec.name, 1), volume=spec.volume, bonded_to=first.uid))
        players.extend(
            SimPlayer(spec, uid_of(spec.name, 2 + number), bonded_to=first.uid, is_satellite=True)
            for number in range(spec.satellites)
        )
    return players
