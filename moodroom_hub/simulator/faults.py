"""How the make-believe Spotify misbehaves: seeded, by endpoint, rate and time.

Every endpoint draws from its own stream of chance, so that a poll more or less elsewhere changes nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from random import Random

_HOUR_MS = 3_600_000


class Fault(StrEnum):
    """One way to misbehave. *Before* and *after* mean: before or after the request took effect."""

    ERROR_BEFORE = "error_before"
    ERROR_AFTER = "error_after"
    HANG_BEFORE = "hang_before"
    HANG_AFTER = "hang_after"
    RESET_BEFORE = "reset_before"
    RESET_AFTER = "reset_after"
    GARBLED = "garbled"
    """200 with a body that is no JSON; it took effect."""
    ACCEPTED = "accepted"
    """202 without a body; no effect."""
    FALSE_401 = "false_401"
    FALSE_403 = "false_403"
    TOO_MANY = "too_many"
    """429 with ``Retry-After``."""
    TOO_MANY_BARE = "too_many_bare"
    """429 without it."""
    QUOTA = "quota"
    BLIP_204 = "blip_204"
    """"Nothing plays", although something does."""
    NULL_ITEM = "null_item"
    BAD_REQUEST = "bad_request"
    NOT_FOUND = "not_found"
    STALE_QUEUE = "stale_queue"
    """The queue as it was ``stale_ms`` ago."""


BEFORE_EFFECT = frozenset(
    {
        Fault.ERROR_BEFORE,
        Fault.HANG_BEFORE,
        Fault.RESET_BEFORE,
        Fault.ACCEPTED,
        Fault.FALSE_401,
        Fault.FALSE_403,
        Fault.TOO_MANY,
        Fault.TOO_MANY_BARE,
        Fault.QUOTA,
        Fault.BAD_REQUEST,
        Fault.NOT_FOUND,
    }
)


@dataclass(frozen=True, slots=True)
class FaultRule:
    """When ``fault`` strikes.

    ``endpoints`` are patterns over lines such as ``GET /me/player`` or ``POST /playlists/{id}/items`` (accounts:
    ``POST /api/token``). ``from_ms`` / ``until_ms`` bound it in world time, ``at_most`` in number; the first
    ``spared`` requests that it would have befallen go well.
    """

    fault: Fault
    endpoints: tuple[str, ...] = ("*",)
    rate: float = 1.0
    from_ms: int = 0
    until_ms: int | None = None
    at_most: int | None = None
    status: int = 502
    retry_after_s: int = 5
    stale_ms: int = 5_000
    spared: int = 0

    def fits(self, endpoint: str, now_ms: int) -> bool:
        """Whether it may strike here and now."""
        if now_ms < self.from_ms or (self.until_ms is not None and now_ms >= self.until_ms):
            return False
        return any(fnmatchcase(endpoint, pattern.replace("[", "[[]")) for pattern in self.endpoints)


@dataclass(frozen=True, slots=True)
class Latency:
    """World time that a request takes, there and back: mostly near ``usual_ms``, sometimes up to ``slow_ms``."""

    fastest_ms: int = 0
    usual_ms: int = 0
    slow_ms: int = 0
    slow_rate: float = 0.0

    def draw(self, rng: Random) -> float:
        """One round trip in milliseconds."""
        if rng.random() < self.slow_rate:
            return rng.uniform(self.usual_ms, self.slow_ms)
        return rng.triangular(self.fastest_ms, 2 * self.usual_ms - self.fastest_ms, self.usual_ms)


@dataclass(frozen=True, slots=True)
class StuckSpell:
    """A time in which ``GET /me/player`` shows what was true at its beginning, progress and all."""

    from_ms: int
    until_ms: int


class FaultPlan:
    """Everything that goes wrong, decided by ``seed``.

    ``read_lag_ms``: shortest and longest time after a change during which the former state is still shown;
    ``queue_lag_ms``: the same for the queue.
    """

    def __init__(
        self,
        seed: int = 0,
        rules: Iterable[FaultRule] = (),
        *,
        latency: Latency | None = None,
        read_lag_ms: tuple[int, int] = (0, 0),
        queue_lag_ms: tuple[int, int] = (0, 0),
        stuck: Iterable[StuckSpell] = (),
    ) -> None:
        self.seed = seed
        self.rules = list(rules)
        self.latency = latency or Latency()
        self.read_lag_ms = read_lag_ms
        self.queue_lag_ms = queue_lag_ms
        self.stuck = list(stuck)
        self._streams: dict[str, Random] = {}
        self._struck: dict[int, int] = {}
        self._spared: dict[int, int] = {}

    def strike(self, endpoint: str, now_ms: int) -> FaultRule | None:
        """What befalls this request, if anything."""
        stream = self._stream(endpoint)
        for place, rule in enumerate(self.rules):
            if not rule.fits(endpoint, now_ms):
                continue
            if rule.at_most is not None and self._struck.get(place, 0) >= rule.at_most:
                continue
            if stream.random() < rule.rate:
                if self._spared.get(place, 0) < rule.spared:
                    self._spared[place] = self._spared.get(place, 0) + 1
                    continue
                self._struck[place] = self._struck.get(place, 0) + 1
                return rule
        return None

    def round_trip_ms(self) -> tuple[float, float]:
        """World time on the way there and on the way back."""
        stream = self._stream("latency")
        whole = self.latency.draw(stream)
        there = whole * stream.uniform(0.2, 0.8)
        return there, whole - there

    def lag_ms(self, changed_ms: int, bounds: tuple[int, int]) -> int:
        """How long the change of that moment stays unseen; always the same for the same change."""
        return Random(f"{self.seed}:{changed_ms}:{bounds}").randint(*bounds) if bounds[1] else 0

    def stuck_since(self, now_ms: int) -> int | None:
        """Since when the state is stuck."""
        return next((one.from_ms for one in self.stuck if one.from_ms <= now_ms < one.until_ms), None)

    def _stream(self, name: str) -> Random:
        if name not in self._streams:
            self._streams[name] = Random(f"{self.seed}:{name}")
        return self._streams[name]

    @classmethod
    def none(cls) -> "FaultPlan":
        """A Spotify that never fails and answers at once."""
        return cls()

    @classmethod
    def everyday(cls, seed: int) -> "FaultPlan":
        """An ordinary day: latency, lag, stale queues, now and then a failure."""
        rules = (
            FaultRule(Fault.ERROR_BEFORE, rate=0.002, status=502),
            FaultRule(Fault.BLIP_204, ("GET /me/player",), rate=0.002),
            FaultRule(Fault.NULL_ITEM, ("GET /me/player",), rate=0.002),
            FaultRule(Fault.ERROR_AFTER, ("POST /me/player/queue",), rate=0.004, status=502),
            FaultRule(Fault.HANG_AFTER, ("POST /me/player/queue",), rate=0.002),
            FaultRule(Fault.HANG_BEFORE, rate=0.0005),
            FaultRule(Fault.FALSE_401, rate=0.0005),
        )
        latency = Latency(40, 120, 900, slow_rate=0.02)
        return cls(seed, rules, latency=latency, read_lag_ms=(0, 800), queue_lag_ms=(0, 6_000))

    @classmethod
    def stormy(cls, seed: int, from_ms: int = 0) -> "FaultPlan":
        """A bad month in a day; a stuck state in the third hour after ``from_ms`` where that is given."""
        rules = (
            FaultRule(Fault.ERROR_BEFORE, rate=0.02, status=503),
            FaultRule(Fault.ERROR_AFTER, ("PUT *", "POST /me/*"), rate=0.03, status=502),
            FaultRule(Fault.HANG_AFTER, ("POST /me/player/queue",), rate=0.02),
            FaultRule(Fault.HANG_BEFORE, rate=0.005),
            FaultRule(Fault.RESET_AFTER, ("POST /me/player/queue",), rate=0.01),
            FaultRule(Fault.RESET_BEFORE, rate=0.005),
            FaultRule(Fault.GARBLED, ("GET /me/player",), rate=0.005),
            FaultRule(Fault.ACCEPTED, ("GET /me/player", "PUT /me/player*"), rate=0.005),
            FaultRule(Fault.FALSE_401, rate=0.005),
            FaultRule(Fault.FALSE_403, ("PUT /me/player*", "POST /me/player*"), rate=0.005),
            FaultRule(Fault.TOO_MANY, rate=0.004, retry_after_s=20),
            FaultRule(Fault.TOO_MANY_BARE, rate=0.001),
            FaultRule(Fault.BLIP_204, ("GET /me/player",), rate=0.01),
            FaultRule(Fault.NULL_ITEM, ("GET /me/player",), rate=0.01),
            FaultRule(Fault.BAD_REQUEST, ("GET /me/player",), rate=0.003),
            FaultRule(Fault.NOT_FOUND, ("GET /me/player",), rate=0.003),
            FaultRule(Fault.STALE_QUEUE, ("GET /me/player/queue",), rate=0.3, stale_ms=30_000),
        )
        stuck = [StuckSpell(from_ms + 2 * _HOUR_MS, from_ms + 2 * _HOUR_MS + 600_000)] if from_ms else []
        latency = Latency(40, 200, 2_500, slow_rate=0.05)
        return cls(seed, rules, latency=latency, read_lag_ms=(200, 2_000), queue_lag_ms=(0, 15_000), stuck=stuck)
