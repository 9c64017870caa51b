"""A small neural network: one hidden layer, as the seed system's."""

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np

from moodroom_hub.plugins.sorter.learning.lessons import Lessons, Matrix
from moodroom_hub.plugins.sorter.learning.tables import Floats

HIDDEN = 48
RESTRAINT = 0.3
ROUNDS = 60
UNSEEN = -8.0
"""The score of a class without a label."""


@dataclass(frozen=True, slots=True)
class Network:
    """Weights of the two layers. ``classes``: the class of each output."""

    slopes: Matrix
    offsets: Matrix
    out_slopes: Matrix
    out_offsets: Matrix
    outputs: Matrix
    width: int

    def scores(self, dense: Floats) -> Matrix:
        """Logarithms of odds, up to a constant a song where classes exclude each other."""
        hidden = np.maximum(dense @ self.slopes + self.offsets, 0.0)
        found = np.full((len(dense), self.width), UNSEEN)
        raw = hidden @ self.out_slopes + self.out_offsets
        found[:, self.outputs.astype(np.int64)] = raw
        return found


def fit_network(dense: Floats, lessons: Lessons, seed: int) -> Network | None:
    """``None`` where all labels say the same."""
    from sklearn.neural_network import MLPClassifier

    wanted: Any
    if lessons.is_mutual:
        wanted = lessons.targets.argmax(1)
        outputs = np.unique(wanted)
        if len(outputs) < 2:
            return None
    else:
        wanted = (lessons.targets * lessons.weights).astype(np.int64)
        outputs = np.flatnonzero(wanted.any(0) & ~wanted.all(0))
        if not len(outputs):
            return None
        wanted = wanted[:, outputs] if len(outputs) > 1 else wanted[:, outputs[0]]
    model = MLPClassifier((HIDDEN,), alpha=RESTRAINT, solver="lbfgs", max_iter=ROUNDS, random_state=seed % 2**32)
    with warnings.catch_warnings():
        # It stops after so many rounds, and that is meant: early stopping restrains it.
        warnings.simplefilter("ignore")
        model.fit(dense, wanted)
    slopes, out_slopes = model.coefs_
    offsets, out_offsets = model.intercepts_
    if lessons.is_mutual and len(outputs) == 2:
        # One output for two classes: its odds are those of the second.
        out_slopes = np.hstack([np.zeros_like(out_slopes), out_slopes])
        out_offsets = np.concatenate([np.zeros(1), out_offsets])
    return Network(slopes, offsets, out_slopes, out_offsets, outputs.astype(np.float64), lessons.classes)
