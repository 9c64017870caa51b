"""The households: who lives there, which speakers they have, and when the hub is killed. Decided by seed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from random import Random

from moodroom_hub.simulator.catalogue import demo_items
from moodroom_hub.simulator.items import Item, uri_of
from moodroom_hub.simulator.sonos.household import WEIGHTS, Household
from moodroom_hub.simulator.sonos.players import PlayerSpec
from moodroom_hub.simulator.sonos.session import SonosSettings
from moodroom_hub.simulator.sonos.world import SonosWorld

EPOCH_MS = 1_793_520_000_000
"""Where every household's time begins: 2026-11-01T08:00:00Z."""
SECOND_MS, MINUTE_MS, HOUR_MS = 1_000, 60_000, 3_600_000
ROOMS = (
    PlayerSpec("Kitchen"),
    PlayerSpec("Living Room", "Sonos Beam", is_soundbar=True),
    PlayerSpec("Office", "Sonos Five", has_line_in=True),
    PlayerSpec("Bedroom", is_pair=True),
    PlayerSpec("Bathroom"),
)
SHORT_S = (20, 29, 30, 31, 45, 59, 61, 481, 700)
"""Lengths near the corners of the rules; the catalogue has none of them."""
IN_A_ROW = 6


@dataclass(frozen=True, slots=True)
class Kill:
    """``kill -9`` from ``at_ms`` (since the beginning) on, and how long nothing runs then.

    ``moment``: ``now``; or at the first commit from then on: ``before`` it or ``after`` it; or the same at one that
    holds a play: ``before play``, ``after play``.
    """

    at_ms: int
    down_ms: int
    moment: str


@dataclass(frozen=True, slots=True)
class House:
    """One household. ``rules`` is the profile by which the hub counts; ``length_ms`` how long it is watched."""

    number: int
    seed: int
    length_ms: int
    rules: str
    has_events: bool
    players: tuple[PlayerSpec, ...]
    every_ms: tuple[int, int]
    load_ms: int
    kills: tuple[Kill, ...]
    in_a_row: tuple[tuple[int, str], ...]
    """When, and in which room, one song is queued six times."""

    def people(self) -> Household:
        """Those who live there."""
        return Household(self.seed, weights=WEIGHTS, every_ms=self.every_ms)

    def settings(self) -> SonosSettings:
        """The habits of its speakers."""
        return SonosSettings(load_ms=self.load_ms, vanish_after_ms=0 if self.number % 2 else 90_000)


def plan_house(number: int, seed: int, hours: float, rules: str) -> House:
    """The household ``number`` of a benchmark with this ``seed``."""
    rng = Random(f"house:{seed}:{number}")
    length_ms = round(hours * HOUR_MS)
    players = ROOMS[: 2 + number % 4]
    rows = range(max(1, round(hours / 12)))
    in_a_row = [(rng.randrange(length_ms), rng.choice(players).name) for _ in rows]
    return House(
        number=number,
        seed=rng.randrange(1_000_000),
        length_ms=length_ms,
        rules=rules,
        has_events=number % 2 == 0,
        players=players,
        every_ms=rng.choice(
            ((20 * SECOND_MS, 4 * MINUTE_MS), (MINUTE_MS, 9 * MINUTE_MS), (2 * MINUTE_MS, 20 * MINUTE_MS))
        ),
        load_ms=rng.choice((0, 400, 1_500)),
        kills=tuple(_kills(rng, length_ms)),
        in_a_row=tuple(sorted(in_a_row)),
    )


def _kills(rng: Random, length_ms: int) -> Sequence[Kill]:
    kills: list[Kill] = []
    at_ms = 0
    while True:
        at_ms += round(rng.expovariate(1 / min(4 * HOUR_MS, length_ms / 4))) + 10 * MINUTE_MS
        down_ms = round(
            rng.choices((rng.uniform(1, 6), rng.uniform(10, 90), rng.uniform(120, 3_600)), (6, 3, 1))[0] * SECOND_MS
        )
        if at_ms + down_ms + 10 * MINUTE_MS > length_ms:
            return kills
        moment = rng.choice(("now", "before", "after", "before play", "after play"))
        kills.append(Kill(at_ms, down_ms, moment))
        at_ms += down_ms


def songs() -> list[Item]:
    """What can be played: the catalogue, and songs as long as the corners of the rules."""
    return [
        *demo_items(),
        *(
            Item(uri_of(f"Of {length_s} Seconds", "Corner"), f"Of {length_s} Seconds", ("Corner",), length_s * 1000)
            for length_s in SHORT_S
        ),
    ]


def queue_in_a_row(
    house: House, world: SonosWorld, began_ms: int, attempt: Callable[[Callable[[], None]], bool]
) -> None:
    """Let somebody put one song six times into a queue, now and then."""
    rng = Random(f"row:{house.seed}")
    uris = [item.uri for item in songs()]
    for at_ms, room in house.in_a_row:
        uri = rng.choice(uris)

        def play(room: str = room, uri: str = uri) -> None:
            world.set_play_mode(world.coordinator_of(room).uid, "NORMAL")
            world.play_songs(room, [uri] * IN_A_ROW)

        world.schedule(began_ms + at_ms, partial(_try, attempt, play))


def _try(attempt: Callable[[Callable[[], None]], bool], deed: Callable[[], None]) -> None:
    attempt(deed)
