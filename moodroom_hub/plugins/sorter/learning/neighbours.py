"""The most alike labelled songs vote."""

from dataclasses import dataclass

import numpy as np

from moodroom_hub.plugins.sorter.learning.lessons import Lessons, Matrix
from moodroom_hub.plugins.sorter.learning.tables import Floats, unit

NEIGHBOURS = 8
SHARPNESS = 4.0
"""How much more a nearer neighbour counts."""
PRIOR = 1.0
"""So many votes as the labels are shared out over all."""
PIECE = 2_000


@dataclass(frozen=True, slots=True)
class Neighbours:
    """``dense``: the lessons' rows, of length 1; ``votes`` and ``says``: theirs, by class; ``prior``: of each class."""

    dense: Floats
    votes: Matrix
    says: Matrix
    prior: Matrix
    is_mutual: bool

    def scores(self, dense: Floats) -> Matrix:
        """Logarithms: of chances where classes exclude each other, else of odds."""
        found = [self._piece(dense[start : start + PIECE]) for start in range(0, len(dense), PIECE)]
        return np.concatenate(found) if found else np.zeros((0, len(self.prior)))

    def _piece(self, dense: Floats) -> Matrix:
        near = (unit(dense) @ self.dense.T).astype(np.float64)
        count = min(NEIGHBOURS, near.shape[1])
        least = np.partition(near, -count, axis=1)[:, -count][:, None]
        strength = np.where(near >= least, np.exp(SHARPNESS * near), 0.0)
        chances = (strength @ self.votes + PRIOR * self.prior) / (strength @ self.says + PRIOR)
        found: Matrix = np.log(chances) if self.is_mutual else np.log(chances) - np.log1p(-chances)
        return found


def learn_neighbours(dense: Floats, lessons: Lessons) -> Neighbours:
    """``dense``: the lessons' rows."""
    votes = lessons.weights * lessons.targets
    prior = (votes.sum(0) + 1.0 / lessons.classes) / (lessons.weights.sum(0) + 1.0)
    if lessons.is_mutual:
        prior /= prior.sum()
    return Neighbours(unit(dense), votes, lessons.weights, prior.clip(1e-4, 1 - 1e-4), lessons.is_mutual)
