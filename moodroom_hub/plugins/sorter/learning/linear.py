"""Regularised logistic regression: of several classes that exclude each other, or of each sublist by itself."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import minimize

from moodroom_hub.plugins.sorter.learning.lessons import Lessons, Matrix
from moodroom_hub.plugins.sorter.learning.tables import Floats

ROUNDS = 100
OFFSET_FREEDOM = 30.0
"""How freely a class may be rarer than another, whatever the songs are like."""


@dataclass(frozen=True, slots=True)
class Linear:
    """``slopes``: features by classes; ``offsets``: by class."""

    slopes: Matrix
    offsets: Matrix

    def scores(self, dense: Floats) -> Matrix:
        """Logarithms of odds, up to a constant a song where classes exclude each other."""
        found: Matrix = dense @ self.slopes + self.offsets
        return found


def fit_linear(dense: Floats, lessons: Lessons, freedom: float, start: Linear | None = None) -> Linear:
    """``dense``: the lessons' rows. ``freedom``: the inverse of the regularisation's strength."""
    rows = dense.astype(np.float64)
    features, classes = rows.shape[1], lessons.classes
    cut = features * classes

    def cost(values: Matrix) -> tuple[float, Matrix]:
        slopes, offsets = values[:cut].reshape(features, classes), values[cut:]
        scores = rows @ slopes + offsets
        loss, pull = _mutual(scores, lessons) if lessons.is_mutual else _single(scores, lessons)
        loss += float((slopes**2).sum()) / (2 * freedom) + float((offsets**2).sum()) / (2 * OFFSET_FREEDOM)
        return loss, np.concatenate(
            [(rows.T @ pull + slopes / freedom).ravel(), pull.sum(0) + offsets / OFFSET_FREEDOM]
        )

    first = np.zeros(cut + classes) if start is None else np.concatenate([start.slopes.ravel(), start.offsets])
    found: Any = minimize(cost, first, jac=True, method="L-BFGS-B", options={"maxiter": ROUNDS})
    return Linear(found.x[:cut].reshape(features, classes), found.x[cut:])


def _mutual(scores: Matrix, lessons: Lessons) -> tuple[float, Matrix]:
    likely = softmax(scores)
    weights = lessons.weights[:, :1]
    loss = -float((weights * lessons.targets * np.log(likely + 1e-12)).sum())
    return loss, weights * (likely - lessons.targets)


def _single(scores: Matrix, lessons: Lessons) -> tuple[float, Matrix]:
    loss = lessons.weights * (np.logaddexp(0.0, scores) - lessons.targets * scores)
    return float(loss.sum()), lessons.weights * (sigmoid(scores) - lessons.targets)


def softmax(scores: Matrix) -> Matrix:
    """Rows that sum to 1."""
    raised = np.exp(scores - scores.max(1, keepdims=True))
    found: Matrix = raised / raised.sum(1, keepdims=True)
    return found


def sigmoid(scores: Matrix) -> Matrix:
    """Between 0 and 1."""
    found: Matrix = 0.5 * (1 + np.tanh(0.5 * scores))
    return found
