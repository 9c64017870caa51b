"""Every method under one roof: its best artists for some seeds, and its next one in a session."""

from collections.abc import Collection, Sequence
from typing import Protocol

import numpy as np

from benchmarks.radio_lab.baselines import Baseline
from moodroom_hub.plugins.radio.recommending.interface import Query, Recommender
from moodroom_hub.plugins.radio.recommending.ranking import best_of


class Method(Protocol):
    """What is measured."""

    name: str

    def best(self, seeds: Sequence[int], count: int) -> list[int]:
        """The best artists that are no seeds, the best first."""
        ...

    def next(
        self, seeds: Sequence[int], likes: Sequence[int], dislikes: Sequence[int], played: Collection[int]
    ) -> int | None:
        """The best artist that was not played."""
        ...


class Ours:
    """A recommender of the package, asked as the hub asks it."""

    def __init__(self, name: str, recommender: Recommender) -> None:
        self.name = name
        self._recommender = recommender

    def best(self, seeds: Sequence[int], count: int) -> list[int]:
        """See ``Method``."""
        return [int(place) for place in self._recommender.score(Query(tuple(seeds)), count, seeds).places]

    def next(
        self, seeds: Sequence[int], likes: Sequence[int], dislikes: Sequence[int], played: Collection[int]
    ) -> int | None:
        """See ``Method``."""
        query = Query(tuple(seeds), tuple(likes), tuple(dislikes))
        found = self._recommender.score(query, 1, played).places
        return int(found[0]) if len(found) else None


class Other:
    """A baseline."""

    def __init__(self, baseline: Baseline) -> None:
        self.name = baseline.name
        self._baseline = baseline

    def best(self, seeds: Sequence[int], count: int) -> list[int]:
        """See ``Method``."""
        scores = np.array(self._baseline.scores(seeds), dtype=np.float32)
        return [int(place) for place in best_of(scores, count, seeds).places]

    def next(
        self, seeds: Sequence[int], likes: Sequence[int], dislikes: Sequence[int], played: Collection[int]
    ) -> int | None:
        """See ``Method``."""
        scores = np.array(self._baseline.scores(seeds, likes, dislikes), dtype=np.float32)
        scores[list(played)] = -np.inf
        place = int(np.argmax(scores))
        return place if scores[place] > -np.inf else None
