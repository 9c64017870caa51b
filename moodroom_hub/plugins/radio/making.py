"""Making and changing stations: names, keys, tunings, and what cannot be one."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields, replace
from itertools import count
from math import isfinite
from random import Random
from typing import Any, Final

from moodroom_hub.core.config.fields import slugged
from moodroom_hub.core.errors import Trouble, TroubleCode
from moodroom_hub.domain.models import EpochMs
from moodroom_hub.domain.stations.models import (
    LONGEST_NAME,
    MOST_SEEDS,
    Seed,
    Station,
    StationKey,
    Tuning,
    VoteRule,
)
from moodroom_hub.plugins.radio.config import RadioConfig
from moodroom_hub.plugins.radio.names import artist_key
from moodroom_hub.plugins.radio.ranking import shown

LARGEST_CHANCE: Final = 2**31
LARGEST_WEIGHT: Final = 3.0
MOST_STATIONS: Final = 200
_LIMITS: Final = {"style": LARGEST_WEIGHT, "likes": LARGEST_WEIGHT, "dislikes": LARGEST_WEIGHT}


def bad(message: str) -> Trouble:
    """What was given cannot be."""
    return Trouble(TroubleCode.BAD_REQUEST, message)


def default_tuning(config: RadioConfig) -> Tuning:
    """How new stations weigh."""
    return Tuning(drift=config.max_drift, rule=VoteRule(config.likes_rule))


WORDS: Final = frozenset({"job", "off"})
"""What stands for something else where a station's key may stand, too."""


def free_key(name: str, taken: Collection[StationKey]) -> StationKey:
    """The name's slug; a number comes behind it where it is taken."""
    wanted = slugged(name) or "station"
    numbered = (StationKey(wanted if number == 1 else f"{wanted}-{number}") for number in count(1))
    return next(key for key in numbered if key not in taken and key not in WORDS)


def proper_name(name: str) -> str:
    """Raises ``Trouble`` for what is no name."""
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise bad(f"A station needs a name on one line, {LONGEST_NAME} characters at most.")
    return name


def proper_seeds(seeds: Sequence[Seed]) -> tuple[Seed, ...]:
    """Each once. Raises ``Trouble`` where nothing is left, or too much."""
    found = tuple(dict.fromkeys(Seed(shown(each.artist), shown(each.track)) for each in seeds))
    found = tuple(each for each in found if artist_key(each.artist))
    if not found:
        raise bad("A station starts from at least one artist: name one, or a playlist, or a room.")
    if len(found) > MOST_SEEDS:
        raise bad(f"A station starts from {MOST_SEEDS} artists at most.")
    if any(len(each.artist) > 200 or len(each.track) > 300 for each in found):
        raise bad("No artist's name has more than 200 characters, no track's more than 300.")
    return found


def made(
    name: str,
    seeds: Sequence[Seed],
    *,
    origin: str,
    tuning: Tuning,
    taken: Collection[StationKey],
    now_ms: EpochMs,
    rng: Random,
) -> Station:
    """A new station. Raises ``Trouble``."""
    if len(taken) >= MOST_STATIONS:
        raise Trouble(TroubleCode.CONFLICT, f"There are {MOST_STATIONS} stations already: remove one first.")
    name = proper_name(name)
    return Station(
        key=free_key(name, taken),
        name=name,
        seeds=proper_seeds(seeds),
        tuning=tuning,
        origin=origin,
        created_at_ms=now_ms,
        chance=rng.randrange(LARGEST_CHANCE),
    )


def tuned(station: Station, changes: Mapping[str, float | str]) -> Station:
    """The station with these fields of its tuning changed. Raises ``Trouble``."""
    if not changes:
        raise bad(f"Nothing is to be changed: name one of {', '.join(each.name for each in fields(Tuning))}.")
    return replace(station, tuning=checked(station.tuning, changes))


def checked(tuning: Tuning, changes: Mapping[str, float | str]) -> Tuning:
    """The tuning with these fields changed. Raises ``Trouble``."""
    for name, value in changes.items():
        if name == "rule":
            if value not in set(VoteRule):
                raise bad(f"The rule is one of {', '.join(VoteRule)}.")
            tuning = replace(tuning, rule=VoteRule(value))
        elif name in {each.name for each in fields(Tuning)}:
            weights: dict[str, Any] = {name: _number(name, value)}
            tuning = replace(tuning, **weights)
        else:
            raise bad(f"There is no such knob; known: {', '.join(each.name for each in fields(Tuning))}.")
    return tuning


def _number(name: str, value: float | str) -> float:
    most = _LIMITS.get(name, 1.0)
    try:
        number = float("nan") if isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        number = float("nan")
    if not isfinite(number) or not 0 <= number <= most:
        raise bad(f"{name} is a number from 0 to {most:g}.")
    return number
