"""Chances that mean what they say: scores are stretched or flattened until held-out labels agree with them."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from moodroom_hub.plugins.sorter.learning.lessons import Lessons, Matrix
from moodroom_hub.plugins.sorter.learning.linear import sigmoid, softmax

BINS = 10
HOLD = 6.0
"""What it takes to move away from scores as they are: so many labels' worth of evidence."""
EDGE = 1e-4


@dataclass(frozen=True, slots=True)
class Calibration:
    """``stretch`` times the score, plus ``shift`` where sublists stand by themselves."""

    stretch: float = 1.0
    shift: float = 0.0

    def chances(self, scores: Matrix, *, is_mutual: bool) -> Matrix:
        """Between 0 and 1; rows sum to 1 where classes exclude each other."""
        found = softmax(self.stretch * scores) if is_mutual else sigmoid(self.stretch * scores + self.shift)
        return found.clip(EDGE, 1 - EDGE) if not is_mutual else found


def fit_calibration(scores: Matrix, lessons: Lessons, usual: float = 1.0) -> Calibration:
    """From held-out scores. ``usual``: the stretch where nothing else is known."""
    rows = lessons.useful
    if not len(rows):
        return Calibration(usual)
    kept = lessons.part(rows)

    def cost(values: NDArray[np.float64]) -> float:
        loss = log_loss(Calibration(float(np.exp(values[0])), float(values[1])), scores[rows], kept) * len(rows)
        return loss + HOLD * float((values[0] - np.log(usual)) ** 2) + float(values[1] ** 2)

    found: Any = minimize(cost, np.array([np.log(usual), 0.0]), method="Nelder-Mead", options={"maxiter": 80})
    return Calibration(float(np.exp(found.x[0])), 0.0 if lessons.is_mutual else float(found.x[1]))


def log_loss(calibration: Calibration, scores: Matrix, lessons: Lessons) -> float:
    """The mean over lessons (over said sublists, where these stand by themselves)."""
    chances = calibration.chances(scores, is_mutual=lessons.is_mutual)
    return loss_of(chances, lessons)


def loss_of(chances: Matrix, lessons: Lessons) -> float:
    """As ``log_loss``, of chances."""
    if lessons.is_mutual:
        losses = -(lessons.weights * lessons.targets * np.log(chances + 1e-9)).sum(1)
        return float(losses.sum() / max(1.0, lessons.weights.any(1).sum()))
    losses = lessons.targets * np.log(chances + 1e-9) + (1 - lessons.targets) * np.log1p(-chances + 1e-9)
    return float(-(lessons.weights * losses).sum() / max(1.0, lessons.weights.sum()))


def calibration_error(confidence: Matrix, hits: NDArray[np.bool_]) -> float:
    """Expected calibration error: |confidence - precision| over ten bins of equal width, weighted by their songs."""
    if not len(hits):
        return 0.0
    places = np.minimum((confidence * BINS).astype(np.int64), BINS - 1)
    sums = np.bincount(places, confidence, BINS)
    rights = np.bincount(places, hits.astype(np.float64), BINS)
    return float(np.abs(sums - rights).sum() / len(hits))
