"""A singular value decomposition of what is too large to be written down: by its products with a few vectors."""

from collections.abc import Callable

import numpy as np

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
    drawn = rng.standard_normal((size, min(size, width + MORE))).astype(np.float32)
    tell("vectors", 0, rounds + 1)
    basis = np.linalg.qr(forth(drawn))[0]
    for done in range(rounds):
        tell("vectors", done, rounds + 1)
        basis = np.linalg.qr(back(basis))[0]
        basis = np.linalg.qr(forth(basis))[0]
    small = back(basis)
    right, values, left = np.linalg.svd(small, full_matrices=False)
    tell("vectors", rounds + 1, rounds + 1)
    return basis @ left[:width].T, values[:width], right[:, :width]
