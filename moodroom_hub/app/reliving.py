"""A real history lived again in virtual time, with the hub's eyes on it: what truly happened beside what it judged.

The listener is real, the player and its interface are simulated, and what looks is what looks at home: the spotify
plugin's reading of answers, the domain's judgement, the hub's cadence.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from moodroom_hub.core.errors import MoodroomError
from moodroom_hub.domain.cadence import Cadence
from moodroom_hub.domain.models import (
    HOME,
    DurationMs,
    EpochMs,
    LedgerEntry,
    LedgerStatus,
    Listen,
    RoomSlug,
    Tier,
    Track,
    Uri,
)
from moodroom_hub.domain.session import Listened
from moodroom_hub.plugins.spotify import parsers
from moodroom_hub.simulator.devices import Presence, SimDevice
from moodroom_hub.simulator.faults import FaultPlan, Latency
from moodroom_hub.simulator.history import History, read_history
from moodroom_hub.simulator.replay import ReplayListener, TimedPlay
from moodroom_hub.simulator.spotify_api import FakeSpotify
from moodroom_hub.simulator.truth import TrueListen
from moodroom_hub.simulator.watcher import Watcher
from moodroom_hub.simulator.world import World

EPOCH_MS = 1_793_520_000_000
ROOM = RoomSlug("the-past")
AHEAD = 10
TOKEN_LIFE_MS = 3_000_000


@dataclass(frozen=True, slots=True)
class Relived:
    """A history and what came of it: plays on their timeline, the truth in the same order, the hub's listens, and the
    moments for which its looks were true (world time)."""

    timeline: tuple[TimedPlay, ...]
    truth: tuple[TrueListen, ...]
    judged: tuple[Listen, ...]
    looks_ms: tuple[int, ...]


class _Time:
    """World time, moved by whoever looks."""

    def __init__(self) -> None:
        self.now_ms = EPOCH_MS

    def __call__(self) -> int:
        return self.now_ms


def read_histories(files: Iterable[Path]) -> History:
    """Every file as one history, in the order of time. Raises ``MoodroomError`` where a file cannot be read."""
    histories = []
    for file in files:
        try:
            histories.append(read_history(file))
        except (OSError, ValueError, EOFError) as error:
            raise MoodroomError(f"{file} cannot be read as a streaming history ({error}).") from error
    plays = sorted((play for each in histories for play in each.plays), key=lambda play: play.ended_ms)
    return History(tuple(plays), tuple(row for each in histories for row in each.set_aside))


def relive(history: History, cadence: Cadence, seed: int, tell: Callable[[float], None]) -> Relived:
    """Live ``history`` again. ``tell`` hears now and then which share of it is over."""
    time, listener = _Time(), ReplayListener(history)
    world = World(time, (), seed=seed, devices=[SimDevice("Speaker", presence=Presence.ACTIVE)])
    fake = FakeSpotify(world, faults=FaultPlan(seed, latency=Latency()), seed=seed)
    begin_ms = time.now_ms
    end_ms = listener.attach(world)
    eyes = _Eyes(fake, time, cadence, [timed.play.uri for timed in listener.timeline], world)
    told = 0.0
    while time.now_ms < end_ms + 60_000:
        eyes.look()
        share = (time.now_ms - begin_ms) / max(1, end_ms - begin_ms)
        if share >= told + 0.05:
            told = share
            tell(min(1.0, share))
    world.close()
    return Relived(listener.timeline, tuple(world.truth.listens), tuple(eyes.judged), tuple(eyes.looks_ms))


class _Eyes:
    """Looks, judges, waits. Every track of the past counts as one of a room's, drawn in the order it was heard."""

    def __init__(self, fake: FakeSpotify, time: _Time, cadence: Cadence, uris: list[str], world: World) -> None:
        self.judged: list[Listen] = []
        self.looks_ms: list[int] = []
        self._fake = fake
        self._time = time
        self._world = world
        self._uris = uris
        self._drawn = AHEAD
        self._token, self._token_until_ms = "", 0
        self._watcher = Watcher(cadence)
        self._watcher.activated(ROOM, [self._entry(place) for place in range(min(AHEAD, len(uris)))], EpochMs(time()))

    def look(self) -> None:
        """Look once, and let the time pass until the next look."""
        fake, time = self._fake, self._time
        if time.now_ms >= self._token_until_ms:
            self._token = fake.issue_tokens()["access_token"]
            self._token_until_ms = time.now_ms + TOKEN_LIFE_MS
        sent_ms = time.now_ms
        there_ms, back_ms = fake.round_trip_ms()
        time.now_ms += round(there_ms)
        headers = {"Authorization": f"Bearer {self._token}"}
        answer = fake.handle("GET", "/v1/me/player", {"additional_types": "track,episode"}, headers, b"", back_ms)
        time.now_ms += max(1, round(answer.delay_ms))
        snapshot = parsers.playback(
            answer.json() if answer.body else None,
            zone=HOME,
            at_ms=EpochMs((sent_ms + time.now_ms) // 2),
            uncertainty_ms=DurationMs((time.now_ms - sent_ms + 1) // 2),
        )
        self.looks_ms.append(snapshot.at_ms)
        self._draw()
        for happening in self._watcher.see(snapshot):
            if isinstance(happening, Listened):
                self.judged.append(happening.listen)
        time.now_ms += max(1, self._watcher.wait_ms(EpochMs(time.now_ms)))

    def _draw(self) -> None:
        wanted = min(len(self._uris), len(self._world.truth.listens) + AHEAD)
        for place in range(self._drawn, wanted):
            self._watcher.queued(self._entry(place))
        self._drawn = max(self._drawn, wanted)

    def _entry(self, place: int) -> LedgerEntry:
        item = self._world.items[self._uris[place]]
        track = Track(Uri(item.uri), item.name, item.artists, DurationMs(item.duration_ms))
        return LedgerEntry(
            id=place + 1,
            zone=HOME,
            room=ROOM,
            tier=Tier.CONFIRMED,
            track=track,
            activation=1,
            status=LedgerStatus.QUEUED,
        )
