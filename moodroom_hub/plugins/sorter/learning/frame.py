"""A short, dense row for every song: what its likeness to the labelled songs says, and where it lies among all.

The first part spans the labelled songs (at most ``LANDMARKS`` of them): a linear model on it is the linear model on
all columns. The second is the motherlist's own leading directions, which unlabelled songs shape as much as labelled
ones: what few labels say reaches songs that share nothing with them but neighbours.
"""

import math
from dataclasses import dataclass
from random import Random
from typing import Any

import numpy as np
from numpy.typing import NDArray

from moodroom_hub.plugins.sorter.learning.company import directions
from moodroom_hub.plugins.sorter.learning.tables import Floats, unit

LANDMARKS = 400
TREND = 20
TREND_WEIGHT = 8.0
LEAST_SPREAD = 1e-6
"""Directions of less than this part of the largest say nothing but noise."""


@dataclass(frozen=True, slots=True)
class Frame:
    """``landmarks``: sparse rows of labelled songs; ``turn`` makes their span orthonormal; ``trend``: directions."""

    landmarks: Any
    turn: Floats
    trend: Floats

    def of(self, rows: Any) -> Floats:
        """Dense rows of these sparse ones."""
        trend = unit(np.asarray(rows @ self.trend, dtype=np.float32)) * np.float32(math.sqrt(TREND_WEIGHT))
        if not self.turn.shape[1]:
            return trend
        likeness = (rows @ self.landmarks.T).toarray()
        return np.hstack([likeness @ self.turn, trend]).astype(np.float32)

    def points(self, dense: Floats, width: int) -> Floats:
        """Where songs lie among all, in short."""
        return unit(dense[:, self.turn.shape[1] :][:, :width])


def learn_frame(rows: Any, labelled: NDArray[np.int64], seed: int) -> Frame:
    """``rows``: of all songs; ``labelled``: which of them have a label."""
    chosen = labelled.tolist()
    if len(chosen) > LANDMARKS:
        chosen = sorted(Random(seed).sample(chosen, LANDMARKS))  # noqa: S311 -- a sample, no secret
    width = min(TREND, *rows.shape)
    trend = directions(rows, width, seed).astype(np.float32) if width else np.zeros((rows.shape[1], 0), np.float32)
    landmarks = rows[chosen]
    if not chosen:
        return Frame(landmarks, np.zeros((0, 0), dtype=np.float32), trend)
    values, vectors = np.linalg.eigh((landmarks @ landmarks.T).toarray().astype(np.float64))
    is_kept = values > LEAST_SPREAD * values.max()
    turn = vectors[:, is_kept] / np.sqrt(values[is_kept])
    return Frame(landmarks, turn.astype(np.float32), trend)
