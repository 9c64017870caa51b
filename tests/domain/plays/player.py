"""A simple player that knows the truth: what sounds at every moment, and what of it a person would call a play."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

from moodroom_hub.domain.models import PlaybackSnapshot, Playing, Track
from moodroom_hub.domain.plays.models import CountingRules
from moodroom_hub.domain.plays.rules import threshold_ms
from tests.domain.listening import seen, song

AWAY_FROM_START_S = 35
"""Leaps and interruptions stay so far from the start that nobody takes them for a track begun anew."""


@dataclass(frozen=True)
class Step:
    """Something that is done at the player, and how long it is left alone then. ``amount`` says how, 0 to 1."""

    kind: str
    amount: float
    stay_s: float


KINDS = ("leave", "leave", "leave", "next", "pause", "leap", "restart", "television", "advert", "lost", "repeat")


@dataclass
class TrueHearing:
    """What was truly heard of a track in one go; ``doubt_s`` is how far the looks may be mistaken about it."""

    track: Track
    heard_s: float = 0.0
    doubt_s: float = 0.0
    has_counted: bool = False


@dataclass
class _Stretch:
    since_s: float
    playing: Playing
    track: Track
    position_s: float
    is_playing: bool


@dataclass
class Player:
    """Plays a list of tracks without end, and does what the steps say."""

    rules: CountingRules
    gap_s: float
    rng: Random
    now_s: float = 0.0
    number: int = 0
    position_s: float = 0.0
    is_repeating: bool = False
    hearings: list[TrueHearing] = field(default_factory=list)
    stretches: list[_Stretch] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._begin()

    @property
    def track(self) -> Track:
        """What is in the player."""
        return song(f"T{self.number}", 40 + (self.number * 67) % 220)

    @property
    def length_s(self) -> float:
        """How long that is."""
        return (self.track.duration_ms or 0) / 1000

    def do(self, step: Step) -> None:
        """Do this, then let it be for a while."""
        if step.kind == "repeat":
            self.is_repeating = not self.is_repeating
        elif step.kind == "next":
            self._doubt()
            self.number += 1
            self._begin()
        elif step.kind == "restart" and self.position_s <= self.length_s - 15:
            self._doubt()
            if self.hearings[-1].has_counted:
                self._begin()
            else:
                self._at(0.0)
        elif self._may_move and step.kind in {"pause", "leap", "television", "advert", "lost"}:
            self._doubt()
            if step.kind == "leap":
                room_s = self.length_s - AWAY_FROM_START_S - 15
                self._at(AWAY_FROM_START_S + step.amount * max(0.0, room_s))
            else:
                self._stand(step)
        self._play(step.stay_s)

    @property
    def _may_move(self) -> bool:
        return AWAY_FROM_START_S <= self.position_s <= self.length_s - 15

    def _doubt(self) -> None:
        self.hearings[-1].doubt_s += self.gap_s + 1

    def _stand(self, step: Step) -> None:
        kinds = {"television": Playing.INPUT, "advert": Playing.ADVERT, "lost": Playing.NOTHING}
        self._show(kinds.get(step.kind, Playing.TRACK), is_playing=False)
        self.now_s += 10 + step.amount * (20_000 if step.kind == "pause" else 1_000)
        self._show(Playing.TRACK, is_playing=True)

    def _begin(self) -> None:
        self.hearings.append(TrueHearing(self.track))
        self._at(0.0)

    def _at(self, position_s: float) -> None:
        self.position_s = position_s
        self._show(Playing.TRACK, is_playing=True)

    def _show(self, playing: Playing, *, is_playing: bool) -> None:
        self.stretches.append(_Stretch(self.now_s, playing, self.track, self.position_s, is_playing))

    def _play(self, stay_s: float) -> None:
        while stay_s > 0:
            step_s = min(stay_s, self.length_s - self.position_s)
            hearing = self.hearings[-1]
            hearing.heard_s += step_s
            needed = threshold_ms(self.rules, hearing.track.duration_ms)
            hearing.has_counted = hearing.has_counted or (needed is not None and hearing.heard_s * 1000 >= needed)
            self.now_s += step_s
            self.position_s += step_s
            stay_s -= step_s
            if self.position_s >= self.length_s - 1e-6:
                self.number += not self.is_repeating
                self._begin()

    @property
    def is_clear(self) -> bool:
        """Whether every hearing is so far from the threshold that the looks must agree with the truth."""
        for hearing in self.hearings:
            needed = threshold_ms(self.rules, hearing.track.duration_ms)
            if needed is not None and abs(hearing.heard_s - needed / 1000) <= hearing.doubt_s + 3:
                return False
        return True

    @property
    def plays(self) -> list[str]:
        """The tracks that truly counted, in order."""
        return [hearing.track.name for hearing in self.hearings if hearing.has_counted]

    def looks(self, seed: int, noise_ms: int = 0) -> Sequence[PlaybackSnapshot]:
        """What a source sees that looks again and again."""
        rng = Random(seed)
        starts = [stretch.since_s for stretch in self.stretches]
        found = [seen(-1.0, None)]
        at_s = rng.uniform(0, self.gap_s)
        while at_s < self.now_s:
            place = bisect_right(starts, at_s)
            stretch = self.stretches[place - 1]
            found.append(self._look(at_s, rng.uniform(-noise_ms, noise_ms) / 1000))
            at_s += rng.uniform(self.gap_s / 2, self.gap_s)
            if not stretch.is_playing and at_s - stretch.since_s > 40:
                # Whoever sees that nothing moves looks less often.
                ends_s = starts[min(place, len(starts) - 1)]
                at_s = max(at_s, ends_s - rng.uniform(0, 10))
        found.append(self._look(self.now_s, 0.0))
        return found

    def _look(self, at_s: float, error_s: float) -> PlaybackSnapshot:
        stretch = self.stretches[bisect_right([each.since_s for each in self.stretches], at_s) - 1]
        if stretch.playing is not Playing.TRACK:
            return seen(at_s, None, playing=stretch.playing)
        position_s = stretch.position_s + (at_s - stretch.since_s if stretch.is_playing else 0)
        return seen(at_s, stretch.track, max(0.0, position_s + error_s), is_playing=stretch.is_playing)
