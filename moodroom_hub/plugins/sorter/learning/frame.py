"""A dense row for every song: what its likeness to the labelled songs says, where it lies among all, and the same of
the songs around it.

The first part spans the labelled songs (at most ``LANDMARKS`` of them): a linear model on it is the linear model on
all columns. The second is the motherlist's own leading directions, which unlabelled songs shape as much as labelled
ones: what few labels say reaches songs that share nothing with them but neighbours. The third is the mean of both over
a song's surroundings.
"""

import math
from dataclasses import dataclass
from random import Random
from typing import Any

import numpy as np
from numpy.typing import NDArray

from moodroom_hub.plugins.sorter.learning.surroundings import HOPS, KEPT, Surroundings, spread
from moodroom_hub.plugins.sorter.learning.tables import Floats, unit

LANDMARKS = 400
TREND = 20
TREND_WEIGHT = 8.0
LEAST_SPREAD = 1e-6
"""Directions of less than this part of the largest say nothing but noise."""
MOST_SPREAD = 200
"""So many directions of the labelled songs, the leading ones, are looked at in a song's surroundings, too: what more
labels say needs no spreading."""
FEW = 50
"""With so many labelled songs the surroundings count half of what they do where hardly a label is known."""


@dataclass(frozen=True, slots=True)
class Frame:
    """``landmarks``: sparse rows of labelled songs; ``turn`` makes their span orthonormal, leading directions last.

    ``lent``: by anchor of the surroundings what it lends to songs near it; ``share``: what that counts.
    """

    landmarks: Any
    turn: Floats
    around: Surroundings
    lent: Floats
    share: float

    def of(self, rows: Any, points: Floats | None = None, near: Any = None) -> Floats:
        """Dense rows of these sparse ones. ``points``, ``near``: theirs, where they are known already."""
        points = self.around.points(rows) if points is None else points
        own = self._own(rows, points)
        if not self.lent.size:
            return own
        near = self.around.near(points) if near is None else near
        mean = KEPT**HOPS * own[:, -self.lent.shape[1] :] + near @ self.lent
        return np.hstack([own, self.share * mean]).astype(np.float32)

    def _own(self, rows: Any, points: Floats) -> Floats:
        trend = unit(points[:, :TREND]) * np.float32(math.sqrt(TREND_WEIGHT))
        if not self.turn.shape[1]:
            return trend
        likeness = (rows @ self.landmarks.T).toarray()
        return np.hstack([likeness @ self.turn, trend]).astype(np.float32)


def learn_frame(
    rows: Any, labelled: NDArray[np.int64], seed: int, around: Surroundings, anchors: NDArray[np.int64], near: Any
) -> Frame:
    """``rows``: of all songs; ``labelled``: which of them have a label; ``anchors``: which of them the surroundings
    know; ``near``: the neighbours of all songs."""
    chosen = labelled.tolist()
    if len(chosen) > LANDMARKS:
        chosen = sorted(Random(seed).sample(chosen, LANDMARKS))  # noqa: S311 -- a sample, no secret
    landmarks = rows[chosen]
    turn = np.zeros((0, 0), dtype=np.float32)
    if chosen:
        values, vectors = np.linalg.eigh((landmarks @ landmarks.T).toarray().astype(np.float64))
        is_kept = values > LEAST_SPREAD * values.max()
        turn = (vectors[:, is_kept] / np.sqrt(values[is_kept])).astype(np.float32)
    alone = Frame(landmarks, turn, around, np.zeros((0, 0), dtype=np.float32), 0.0)
    own = alone.of(rows[anchors], around.anchors)[:, -(MOST_SPREAD + TREND) :]
    lent = spread(own, near[anchors])
    mean = KEPT**HOPS * own + near[anchors] @ lent
    size = float(np.square(mean).sum())
    # Of as much as the song's own, all in all, the less the more labels there are: then these say it themselves.
    part = FEW / (FEW + len(labelled))
    share = math.sqrt(part * float(np.square(own).sum()) / size) if size > 0 else 0.0
    return Frame(landmarks, turn, around, lent, share)
