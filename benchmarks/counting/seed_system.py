"""The seed's way of counting, in our reading of its description; and one that any program might begin with.

The description names three things and no more: a session set of tracks that were counted, a window of 300 s and a
duration window. Read as kindly as it can be: every speaker is asked each second by itself; one that plays another
one's music is left alone. A track has been played once its position (where it has no length: the time since it came)
is at or beyond max(50 %, 30 s); tracks under 30 s never are. It is not counted again while it is in its speaker's
session set (a session ends when the speaker has been silent for 300 s, or the program), nor on any speaker within
300 s or within its own length after it was counted.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from moodroom_hub.simulator.sonos.music import MediaKind
from moodroom_hub.simulator.sonos.players import Reach, SimPlayer
from moodroom_hub.simulator.sonos.world import SonosWorld

WINDOW_MS = 300_000
LEAST_MS = 30_000
TIMEOUT_MS = 3_000


@dataclass(frozen=True, slots=True)
class Told:
    """Somebody says that this was played: ``title``, where, since when (as they believe) and when they said so."""

    title: str
    room: str
    began_ms: int
    at_ms: int


@dataclass(frozen=True, slots=True)
class Sight:
    """One answer of a speaker: whole seconds, as it writes them. ``title`` empty: nothing with a name."""

    title: str
    position_ms: int
    duration_ms: int | None
    is_playing: bool


@dataclass(slots=True)
class _Speaker:
    title: str = ""
    since_ms: int = 0
    silent_since_ms: int | None = None
    has_told: bool = False
    counted: set[str] = field(default_factory=set)


def sights(world: SonosWorld, at_ms: int) -> Iterator[tuple[SimPlayer, Sight]]:
    """What each speaker that plays music of its own and can be reached in time shows."""
    for player in world.players.values():
        if player.bonded_to is None and can_be_seen(player) and world.is_coordinator(player.uid):
            yield player, _sight(player, at_ms)


def can_be_seen(player: SimPlayer) -> bool:
    """Whether it answers in time."""
    return player.reach is Reach.ANSWERS and player.slow_ms < TIMEOUT_MS


def _sight(player: SimPlayer, at_ms: int) -> Sight:
    deck = player.deck
    is_playing = deck.is_running and not deck.is_loading
    if deck.media.kind is MediaKind.RADIO and deck.station is not None and deck.is_running:
        content = deck.station.airing(max(at_ms, deck.anchor_ms)).content
        return Sight(content.rpartition(" - ")[2] or deck.station.name, 0, None, is_playing)
    track = deck.track
    if track is None:
        return Sight("", 0, None, is_playing)
    duration_ms = track.recording.duration_ms
    seconds = None if duration_ms is None else duration_ms // 1000 * 1000
    return Sight(track.recording.title, deck.position_at(at_ms) // 1000 * 1000, seconds, is_playing)


class SeedSystem:
    """Call ``look`` each second, ``restart`` where the program is killed."""

    def __init__(self) -> None:
        self.told: list[Told] = []
        self._speakers: dict[str, _Speaker] = {}
        self._counted_ms: dict[str, int] = {}

    def restart(self) -> None:
        """All of it is memory."""
        self._speakers.clear()
        self._counted_ms.clear()

    def look(self, player: SimPlayer, sight: Sight, at_ms: int) -> None:
        """One answer."""
        known = self._speakers.setdefault(player.uid, _Speaker())
        if not sight.is_playing:
            if known.silent_since_ms is None:
                known.silent_since_ms = at_ms
            if at_ms - known.silent_since_ms >= WINDOW_MS:
                known.counted.clear()
            return
        known.silent_since_ms = None
        if sight.title != known.title:
            known.title, known.since_ms = sight.title, at_ms
        if not sight.title or sight.title in known.counted or not self._is_enough(known, sight, at_ms):
            return
        before_ms = self._counted_ms.get(sight.title)
        if before_ms is not None and at_ms - before_ms < max(WINDOW_MS, sight.duration_ms or 0):
            return
        known.counted.add(sight.title)
        self._counted_ms[sight.title] = at_ms
        self.told.append(Told(sight.title, player.name, known.since_ms, at_ms))

    @staticmethod
    def _is_enough(known: _Speaker, sight: Sight, at_ms: int) -> bool:
        if sight.duration_ms is None:
            return at_ms - known.since_ms >= LEAST_MS
        return sight.duration_ms >= LEAST_MS and sight.position_ms >= max(sight.duration_ms // 2, LEAST_MS)


class Naive:
    """Each title that a speaker newly shows counts once it has been there for thirty seconds."""

    def __init__(self) -> None:
        self.told: list[Told] = []
        self._speakers: dict[str, _Speaker] = {}

    def restart(self) -> None:
        """All of it is memory."""
        self._speakers.clear()

    def look(self, player: SimPlayer, sight: Sight, at_ms: int) -> None:
        """One answer."""
        known = self._speakers.setdefault(player.uid, _Speaker())
        if not sight.is_playing:
            return
        if sight.title != known.title:
            known.title, known.since_ms, known.has_told = sight.title, at_ms, False
        if sight.title and not known.has_told and at_ms - known.since_ms >= LEAST_MS:
            known.has_told = True
            self.told.append(Told(sight.title, player.name, known.since_ms, at_ms))
