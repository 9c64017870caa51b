"""From scores to the best artists, and what loaded arrays and places must be."""

from collections.abc import Collection, Iterable

import numpy as np

from moodroom_hub.plugins.radio.recommending.interface import Arrays, Best, Floats


def products(items: Floats, vector: Floats) -> Floats:
    """``items @ vector`` in this thread alone: on a busy machine the threads of BLAS wait for each other, far longer
    than the work takes."""
    found: Floats = np.einsum("ij,j->i", items, vector)
    return found


def best_of(scores: Floats, count: int, without: Collection[int] = ()) -> Best:
    """The ``count`` highest, of like scores the first place first; ``scores`` is written into."""
    if without:
        left_out = np.fromiter(without, dtype=np.int64, count=len(without))
        scores[left_out[(left_out >= 0) & (left_out < len(scores))]] = -np.inf
    count = max(0, min(count, len(scores)))
    if count == 0:
        return Best(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.float32))
    least = np.partition(scores, len(scores) - count)[len(scores) - count]
    places = np.flatnonzero(scores >= least)
    places = places[np.argsort(-scores[places], kind="stable")][:count]
    places = places[scores[places] > -np.inf]
    return Best(places, scores[places])


def varied(best: Best, vectors: Floats, first: int, share: float) -> Best:
    """The same artists, the ``first`` ones in an order that is less of the same: each is the best still left, less
    ``share`` of its mean cosine with those before it. ``vectors``: one for each of ``best``. Scores never rise."""
    if len(best.places) < 3 or share <= 0:
        return best
    own = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    worth = best.scores - best.scores[-1]
    worth = worth / max(float(worth[0]), 1e-9)
    order = [0]
    alike = own @ own[0]
    left = np.ones(len(worth), dtype=np.bool_)
    left[0] = False
    while len(order) < min(first, len(worth)):
        place = int(np.argmax(np.where(left, worth - share * alike / len(order), -np.inf)))
        order.append(place)
        left[place] = False
        alike = alike + own @ own[place]
    order += np.flatnonzero(left).tolist()
    return Best(best.places[order], np.minimum.accumulate(best.scores[order]))


def known(places: Iterable[int], size: int) -> list[int]:
    """Those that are in the vocabulary, in their order."""
    return [place for place in places if 0 <= place < size]


def array_of(arrays: Arrays, name: str, *shape: int | None) -> Floats:
    """The float32 array of this name and shape (None: any). Raises ``ValueError`` where it is something else."""
    found = arrays.get(name)
    if found is None:
        raise ValueError(f"the array {name!r} is missing")
    if found.dtype != np.float32:
        raise ValueError(f"the array {name!r} is of {found.dtype}, not of float32")
    if found.ndim != len(shape) or any(is_ not in (None, has) for has, is_ in zip(found.shape, shape, strict=True)):
        wanted = " x ".join("any" if each is None else str(each) for each in shape)
        raise ValueError(f"the array {name!r} is {' x '.join(map(str, found.shape))}, not {wanted}")
    return found.astype(np.float32, copy=False)
