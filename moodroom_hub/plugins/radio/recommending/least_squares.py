"""Alternating least squares on what is and is not in a list: vectors of artists, and of whoever likes some of them.

Everything that is not in a list counts as a zero of weight 1, what is in it as a one of weight ``CONFIDENCE``.
"""

import numpy as np
from scipy import sparse

from moodroom_hub.plugins.radio.recommending.interface import Floats, Lists, Places, Tell
from moodroom_hub.plugins.radio.recommending.matrices import Sparse, matrix

CONFIDENCE = 20.0
HELD_BACK = 5.0
"""How strongly vectors are held towards zero."""
SWEEPS = 12
AT_ONCE = 4_000_000
"""Numbers that one batch gathers: some 16 MB, and as much again for the squares."""


def item_vectors(
    lists: Lists,
    width: int,
    rng: np.random.Generator,
    tell: Tell,
    *,
    confidence: float = CONFIDENCE,
    held_back: float = HELD_BACK,
    sweeps: int = SWEEPS,
) -> Floats:
    """One vector an artist; zeros for those in no list."""
    by_list = matrix(lists)
    by_artist: Sparse = sparse.csr_matrix(by_list.T)
    items = (rng.standard_normal((lists.size, width)) * 0.1).astype(np.float32)
    for sweep in range(sweeps):
        tell("factors", sweep, sweeps)
        users = _solved(by_list, items, confidence, held_back)
        items = _solved(by_artist, users, confidence, held_back)
    tell("factors", sweeps, sweeps)
    return items


def fold_in(
    items: Floats, gram: Floats, places: Places, ones: Floats, weights: Floats, held_back: float = HELD_BACK
) -> Floats:
    """The vector of whoever says ``ones`` (1 a like, 0 a dislike) of these artists with these weights above 1."""
    own = items[places]
    squares = gram + (own * weights[:, None]).T @ own
    squares[np.diag_indices_from(squares)] += held_back
    return np.linalg.solve(squares, own.T @ (ones * (1 + weights))).astype(np.float32)


def gram_of(items: Floats) -> Floats:
    """The sum of all vectors' squares, which every fold-in needs."""
    return items.T @ items


def _solved(rows: Sparse, others: Floats, confidence: float, held_back: float) -> Floats:
    """The vector of every row, given those of the columns."""
    width = others.shape[1]
    starts, columns = rows.indptr.astype(np.int64), rows.indices
    lengths = np.diff(starts)
    found = np.zeros((len(lengths), width), dtype=np.float32)
    base = others.T @ others + np.eye(width, dtype=np.float32) * np.float32(held_back)
    # Rows of like length are solved together; one more vector of zeros fills what a shorter row lacks.
    padded = np.vstack([others, np.zeros((1, width), dtype=np.float32)])
    order = np.argsort(lengths, kind="stable")
    begin = int(np.searchsorted(lengths[order], 1))
    while begin < len(order):
        end = begin + 1
        most = AT_ONCE // width
        longest = int(lengths[order[begin]])
        while end < len(order) and end - begin < 4096:
            longest_then = max(longest, int(lengths[order[end]]))
            if longest_then * (end + 1 - begin) > most or longest_then > 2 * lengths[order[begin]] + 8:
                break
            longest, end = longest_then, end + 1
        batch = order[begin:end]
        at = np.arange(longest)
        places = np.full((len(batch), longest), len(others), dtype=np.int64)
        inside = at[None, :] < lengths[batch][:, None]
        places[inside] = columns[(starts[batch][:, None] + at[None, :])[inside]]
        own = padded[places]
        squares = np.matmul(own.transpose(0, 2, 1), own)
        squares *= np.float32(confidence)
        squares += base
        sums = own.sum(axis=1) * np.float32(1 + confidence)
        found[batch] = np.linalg.solve(squares, sums[:, :, None])[:, :, 0]
        begin = end
    return found
