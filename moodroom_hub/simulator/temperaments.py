"""How people listen: what they skip and when, and what else they do to a player. All of it seeded."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from random import Random

from moodroom_hub.domain.models import Tier, Track

SECOND_MS = 1_000
MINUTE_MS = 60_000
_LEAST_LEFT_MS = 5_000

_USUAL_LIKING = {Tier.CONFIRMED: 0.92, Tier.SAFE_SIDE: 0.7, Tier.DISCOVERY: 0.45}
_UNKNOWN_LIKING = 0.75


class Deed(StrEnum):
    """What a listener does at the phone."""

    NEXT = "next"
    PAUSE = "pause"
    RESUME = "resume"
    SEEK = "seek"
    REPEAT_ON = "repeat_on"
    REPEAT_OFF = "repeat_off"
    QUEUE_OWN = "queue_own"
    TAKE_OVER = "take_over"
    COME_BACK = "come_back"


@dataclass(frozen=True, slots=True)
class Planned:
    """A deed ``after_ms`` from the beginning of the listen. ``position_ms`` is for ``SEEK``.

    ``even_later``: it holds although another item plays by then.
    """

    after_ms: int
    deed: Deed
    position_ms: int = 0
    even_later: bool = False


@dataclass(frozen=True, slots=True)
class Temperament:
    """One way to listen. Rates are for each listen, spans are (shortest, longest) in milliseconds.

    ``pickiness`` times what is missing of full liking is the chance of a skip; ``late_share`` of the skips fall behind
    the first half minute. ``burst_rate``: chance that a burst of ``burst_length`` skips begins.
    ``night_rate``: the share of the nights that it pauses; else it lets the music run. The first ``opening_skips``
    listens are skipped whatever they are, as in a burst.
    """

    name: str
    pickiness: float = 0.3
    skip_span_ms: tuple[int, int] = (6 * SECOND_MS, 25 * SECOND_MS)
    late_share: float = 0.25
    burst_rate: float = 0.0
    burst_length: int = 5
    burst_span_ms: tuple[int, int] = (3 * SECOND_MS, 10 * SECOND_MS)
    seek_rate: float = 0.02
    pause_rate: float = 0.03
    pause_span_ms: tuple[int, int] = (20 * SECOND_MS, 12 * MINUTE_MS)
    repeat_rate: float = 0.0
    queue_own_rate: float = 0.0
    takeover_rate: float = 0.0
    takeover_span_ms: tuple[int, int] = (5 * MINUTE_MS, 25 * MINUTE_MS)
    night_rate: float = 0.0
    opening_skips: int = 0


PATIENT = Temperament("patient", pickiness=0.12, pause_rate=0.02)
HUNTER = Temperament("hunter", pickiness=0.4, burst_rate=0.12, skip_span_ms=(3 * SECOND_MS, 10 * SECOND_MS))
SLEEPER = Temperament("sleeper", pickiness=0.08, night_rate=0.7)
SEEKER = Temperament("seeker", seek_rate=0.4, pickiness=0.25)
REPEATER = Temperament("repeater", repeat_rate=0.12, pickiness=0.2)
BROWSER = Temperament("browser", queue_own_rate=0.08, takeover_rate=0.04, pickiness=0.3)
LIVELY = Temperament(
    "lively",
    pickiness=0.6,
    skip_span_ms=(7 * SECOND_MS, 22 * SECOND_MS),
    burst_rate=0.08,
    burst_length=2,
    burst_span_ms=(8 * SECOND_MS, 20 * SECOND_MS),
    queue_own_rate=0.03,
    opening_skips=2,
)
"""Somebody worth watching: skips the first two songs within the minute, and more later on."""

TEMPERAMENTS: Mapping[str, tuple[Temperament, ...]] = {
    "patient": (PATIENT,),
    "hunter": (HUNTER,),
    "sleeper": (SLEEPER,),
    "seeker": (SEEKER,),
    "repeater": (REPEATER,),
    "browser": (BROWSER,),
    "lively": (LIVELY,),
    "household": (PATIENT, HUNTER, SLEEPER, SEEKER, REPEATER, BROWSER),
}
"""By name; of several, another one holds the phone every other hour."""


class Tastes:
    """How much a listener likes each track in each room, 0 to 1: hidden from the hub, which is to find out."""

    def __init__(self, seed: int, pools: Mapping[str, Sequence[tuple[Tier, Track]]]) -> None:
        self._seed = seed
        self._tiers: dict[str, dict[str, Tier]] = {}
        for slug, pool in pools.items():
            self._tiers[slug] = {str(track.uri): tier for tier, track in pool}

    def room_of(self, uri: str, mood: str | None) -> str | None:
        """The room that a listener takes this track to be meant for: the mood, if its pool holds it."""
        if mood is not None and uri in self._tiers.get(mood, {}):
            return mood
        return next((slug for slug, tiers in self._tiers.items() if uri in tiers), None)

    def liking(self, uri: str, room: str | None) -> float:
        """Always the same for the same seed, track and room; near what the pool promises, but not always."""
        tier = self._tiers.get(room or "", {}).get(uri)
        usual = _UNKNOWN_LIKING if tier is None else _USUAL_LIKING[tier]
        rng = Random(f"{self._seed}:{room}:{uri}")
        if rng.random() < 0.08:
            usual = 1 - usual
        return min(1.0, max(0.0, rng.gauss(usual, 0.12)))


class Planner:
    """Plans deeds for one listen after the other. Pure but for its own stream of chance."""

    def __init__(self, temperaments: Sequence[Temperament], seed: int) -> None:
        self._temperaments = tuple(temperaments)
        self._seed = seed
        self._rng = Random(f"planner:{seed}")
        self._burst_left = max(person.opening_skips for person in self._temperaments)

    def temperament(self, at_ms: int) -> Temperament:
        """Who holds the phone in these two hours."""
        block = at_ms // (120 * MINUTE_MS)
        return Random(f"{self._seed}:{block}").choice(self._temperaments)

    def plan(self, at_ms: int, duration_ms: int, liking: float) -> Iterator[Planned]:
        """The deeds of a listen that began now, in the order of their times."""
        person, rng = self.temperament(at_ms), self._rng
        skip_ms = self._skip_after(person, duration_ms, liking)
        end_ms = duration_ms if skip_ms is None else skip_ms
        planned: list[Planned] = []
        if rng.random() < person.repeat_rate and skip_ms is None:
            planned.append(Planned(rng.randint(5, 60) * SECOND_MS, Deed.REPEAT_ON))
            rounds = rng.randint(1, 3)
            off_ms = rounds * duration_ms + 10 * SECOND_MS
            planned.append(Planned(off_ms, Deed.REPEAT_OFF, even_later=True))
        if rng.random() < person.seek_rate:
            for _ in range(rng.randint(1, 3)):
                place = rng.randint(0, max(0, duration_ms - 20 * SECOND_MS))
                planned.append(Planned(self._within(end_ms), Deed.SEEK, place))
        if rng.random() < person.pause_rate:
            begins_ms = self._within(end_ms)
            planned.append(Planned(begins_ms, Deed.PAUSE))
            planned.append(Planned(begins_ms + rng.randint(*person.pause_span_ms), Deed.RESUME, even_later=True))
        if rng.random() < person.queue_own_rate:
            planned += [Planned(self._within(end_ms), Deed.QUEUE_OWN) for _ in range(rng.randint(1, 3))]
        if rng.random() < person.takeover_rate:
            begins_ms = self._within(end_ms)
            planned.append(Planned(begins_ms, Deed.TAKE_OVER))
            back_ms = begins_ms + rng.randint(*person.takeover_span_ms)
            planned.append(Planned(back_ms, Deed.COME_BACK, even_later=True))
        if skip_ms is not None:
            planned.append(Planned(skip_ms, Deed.NEXT))
        yield from sorted(planned, key=lambda one: one.after_ms)

    def _skip_after(self, person: Temperament, duration_ms: int, liking: float) -> int | None:
        """When this listen is skipped; ``None``: it is not."""
        rng = self._rng
        latest_ms = max(1, duration_ms - _LEAST_LEFT_MS)
        if self._burst_left > 0:
            self._burst_left -= 1
            return min(latest_ms, rng.randint(*person.burst_span_ms))
        if rng.random() < person.burst_rate:
            self._burst_left = person.burst_length - 1
            begins_mid_song = rng.random() < 0.5
            span = (30 * SECOND_MS, max(31 * SECOND_MS, latest_ms)) if begins_mid_song else person.burst_span_ms
            return min(latest_ms, rng.randint(*span))
        if rng.random() < person.pickiness * (1 - liking) * 2:
            is_late = rng.random() < person.late_share
            span = (30 * SECOND_MS, max(31 * SECOND_MS, latest_ms)) if is_late else person.skip_span_ms
            return min(latest_ms, rng.randint(*span))
        return None

    def _within(self, end_ms: int) -> int:
        return self._rng.randint(min(2 * SECOND_MS, end_ms), max(2 * SECOND_MS, end_ms - SECOND_MS))
