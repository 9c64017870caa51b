"""A singular value decomposition of what is too large to be written down: by its products with a few vectors."""

from collections.abc import Callable

import numpy as np
from scipy import linalg

from moodroom_hub.plugins.radio.recommending.interface import Floats, Tell

MORE = 16
"""Vectors beyond those that are wanted: the last of those wanted are true, then."""
ROUNDS = 4

Product = Callable[[Floats], Floats]


def decomposed(
    forth: Product, back: Product, size: int, width: int, rng: np.random.Generator, tell: Tell, rounds: int = ROUNDS
) -> tuple[Floats, Floats, Floats]:
    """Left vectors, values (the largest first) and right vectors of the operator ``forth``; ``back`` is its transpose.

    ``size``: how many columns the operator has. The vectors are columns, at most ``width`` of them.
    """
    width = min(width, size)
    drawn = rng.standard_normal((size, min(size, width + MORE)), dtype=np.float32)
    tell("vectors", 0, rounds + 1)
    basis = _upright(forth(drawn))
    del drawn
    for done in range(rounds):
        tell("vectors", done, rounds + 1)
        basis = _upright(back(basis))
        basis = _upright(forth(basis))
    other, small = _turned(back(basis))
    turn, values, left = np.linalg.svd(small)
    tell("vectors", rounds + 1, rounds + 1)
    return basis @ left[:width].T, values[:width], other @ turn[:, :width]


def _upright(vectors: Floats) -> Floats:
    """Columns at right angles that span the same."""
    return _turned(vectors)[0]


def _turned(vectors: Floats) -> tuple[Floats, Floats]:
    """These columns, and what makes the given ones of them. NumPy would take several copies of twice the size."""
    found, small = linalg.qr(vectors, mode="economic", overwrite_a=True, check_finite=False)
    return found, small
