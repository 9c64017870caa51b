"""When and how the hub dies: always by ``kill -9``, often at the worst of moments."""

from dataclasses import dataclass
from enum import StrEnum
from random import Random

from benchmarks.killing.messages import Ask

_COMMANDS = frozenset(
    {"POST /v1/me/player/queue", "POST /v1/me/player/next", "PUT /v1/me/player/play", "PUT /v1/me/player"}
)


class Moment(StrEnum):
    """What the killer waits for."""

    BIRTH = "while it starts"
    ANY = "at any moment"
    REQUEST = "around any request"
    COMMAND = "around a command to the player"
    VERDICT = "around a verdict"
    ORDER = "around a person's order"


class Point(StrEnum):
    """Where, around that request."""

    BEFORE = "before it took effect"
    UNANSWERED = "after it took effect, before the answer"
    AFTER = "a moment after the answer"


_WEIGHTS = {
    Moment.BIRTH: 2,
    Moment.ANY: 3,
    Moment.REQUEST: 3,
    Moment.COMMAND: 5,
    Moment.VERDICT: 6,
    Moment.ORDER: 3,
}
PATIENCE_MS = 30 * 60_000


@dataclass(frozen=True, slots=True)
class Doom:
    """From ``armed_ms`` of world time on the killer waits for ``moment``; then ``delay_s`` real seconds pass."""

    armed_ms: int
    moment: Moment
    point: Point
    delay_s: float

    def fits(self, ask: Ask, *, has_new_listen: bool, has_order: bool, now_ms: int) -> bool:
        """Whether this request is the one. After long waiting any is."""
        if now_ms < self.armed_ms:
            return False
        if now_ms >= self.armed_ms + PATIENCE_MS:
            return True
        match self.moment:
            case Moment.COMMAND:
                return ask.endpoint in _COMMANDS
            case Moment.VERDICT:
                return has_new_listen and ask.endpoint == "GET /v1/me/player"
            case Moment.ORDER:
                return has_order
            case _:
                return True


def draw_doom(rng: Random, now_ms: int, mean_life_ms: float) -> Doom:
    """The next hub's end."""
    moment = rng.choices(list(_WEIGHTS), list(_WEIGHTS.values()))[0]
    lived_ms = rng.expovariate(1 / mean_life_ms) if rng.random() < 0.85 else rng.uniform(0, 20_000)
    point = Point.AFTER if moment is Moment.ORDER else rng.choice(list(Point))
    longest_s = {Moment.BIRTH: 0.25, Moment.ANY: 0.05, Moment.ORDER: 0.08}.get(moment, 0.008)
    return Doom(now_ms + round(lived_ms), moment, point, rng.uniform(0, longest_s))


def draw_downtime_ms(rng: Random) -> int:
    """How long nobody restarts it: mostly seconds, sometimes minutes, seldom hours."""
    chance = rng.random()
    if chance < 0.86:
        return rng.randint(300, 4_000)
    if chance < 0.95:
        return rng.randint(10_000, 10 * 60_000)
    return rng.randint(20 * 60_000, 150 * 60_000)
