"""A station for somebody whose list is known: what is recommended is played full where it is in the list, else skipped.

Every artist is recommended once at most. Some answers are flipped: what is counted is what was really in the list.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from benchmarks.radio_lab.methods import Method

STEPS = 50
AFTER = (10, 30, 50)
SEEDS = (1, 5)
NOISES = (0.0, 0.2)


@dataclass(frozen=True, slots=True)
class Session:
    """``full``: the share of full plays after so many steps, one value for each of ``AFTER``."""

    method: str
    seeds: int
    noise: float
    listener: int
    full: tuple[float, ...]


def sessions(method: Method, held_out: Sequence[Sequence[int]], split: int) -> Iterator[Session]:
    """Every listener with every number of seeds and every noise."""
    for listener, artists in enumerate(held_out):
        known = [artist for artist in artists if artist >= 0]
        for count in SEEDS:
            if len(known) <= count or len(artists) < count + 10:
                continue
            for noise in NOISES:
                full = session(method, known[:count], frozenset(known), noise, f"{split}/{listener}/{count}")
                yield Session(method.name, count, noise, split * 100_000 + listener, full)


def session(
    method: Method, seeds: Sequence[int], wanted: frozenset[int], noise: float, chance: str
) -> tuple[float, ...]:
    """The answers that are flipped are those at the same steps, whatever the method."""
    rng = random.Random(chance)
    flips = [rng.random() < noise for _ in range(STEPS)]
    played = set(seeds)
    likes: list[int] = []
    dislikes: list[int] = []
    fulls: list[bool] = []
    for flip in flips:
        next_one = method.next(seeds, likes, dislikes, played)
        if next_one is None:
            fulls.append(False)
            continue
        played.add(next_one)
        fulls.append(next_one in wanted)
        (likes if fulls[-1] != flip else dislikes).append(next_one)
    return tuple(sum(fulls[:steps]) / steps for steps in AFTER)
