"""The items with the largest inner products, found among very many without looking at all of them.

The items are laid on the axes that matter to queries, where they are short, and gathered in cells around centres. A
query looks at the cells whose centres fit best, as many as hold a certain share of the items, and computes the best of
these exactly. All of it are plain arrays that can be mapped from a file: a graph of neighbours would answer from fewer
looks, but has to be loaded by every process for itself, takes ten times as long to build and more, and misses more
where the items have lengths of their own. How large the share must be is measured when the cells are built.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from moodroom_hub.plugins.radio.recommending.interface import Floats, Places

WANTED_RECALL = 0.99
"""Of the exact best ``JUDGED_AT``, over queries as they come. A little more than is promised (0.98)."""
JUDGED_AT = 50
ENERGY = 0.995
"""What the axes must keep of the squared scores; a place among the first is then decided by the exact product."""
SIZES = (16, 24, 32, 48, 64, 96, 128)
UNKNOWN = 0.01
SHARES = (0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.55, 0.75, 1.0)
MOST_WORK = 0.4
"""Of what looking at everything would take: beyond, that is as good."""
EXACT = (400, 1_000, 2_500)
"""So many candidates are looked at in full: the fewest that will do."""
EXACT_FOR_EACH = 2
"""And no fewer than this for each wanted item."""
DEVIATIONS = 1.5
"""So far from the centre the better items of a cell are counted to lie."""
ROUNDS = 8
LEARNT_FOR_EACH = 40
"""Items for each centre that the centres are learnt from."""
BLOCK = 8_192
Counts = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Cells:
    """``axes``: (dimensions, size), ``asking``: the same for queries: ``(items @ axes) @ (query @ asking)`` is nearly
    what the items score. ``short``: the items on the axes, cell by cell, cell ``c`` from ``starts[c]`` on.

    ``reaches``: how far beyond its centre the better items of a cell lie, along any axis.
    ``places``: which item each row is. ``share``: of the items, to be looked at in one query, ``exact``: so many of
    these in full; ``recall``: what was found so, of queries like those that the cells were built with.
    """

    axes: Floats
    asking: Floats
    centres: Floats
    reaches: Floats
    starts: Counts
    places: NDArray[np.int32]
    short: Floats
    share: float
    exact: int
    recall: float

    NAMES: ClassVar = ("axes", "asking", "centres", "reaches", "starts", "places", "short", "settings")

    @classmethod
    def build(cls, items: Floats, queries: Floats, seed: int = 0) -> Self | None:
        """``None`` where too large a share would be needed: then all items may as well be looked at."""
        axes, asking = _main_axes(items, queries)
        chance = np.random.default_rng(seed)
        count = max(1, int(2 * np.sqrt(len(items))))
        learnt = np.sort(chance.choice(len(items), min(len(items), count * LEARNT_FOR_EACH), replace=False))
        centres = _centres(items[learnt] @ axes, min(count, len(learnt)), chance)
        cell = np.empty(len(items), np.int32)
        for start, block in _blocks(items):
            cell[start : start + len(block)] = _nearest(block @ axes, centres)
        order = np.argsort(cell, kind="stable").astype(np.int32)
        short = np.empty((len(items), axes.shape[1]), np.float32)
        for start in range(0, len(order), BLOCK):
            short[start : start + BLOCK] = items[order[start : start + BLOCK]] @ axes
        starts = np.searchsorted(cell[order], np.arange(len(centres) + 1)).astype(np.int64)
        exact = _exact(items, queries)
        made = cls(axes, asking, centres, _reaches(short, centres, starts), starts, order, short, 0.0, EXACT[-1], 0.0)
        fitting = [share for share in SHARES if share * axes.shape[1] <= MOST_WORK * items.shape[1]]
        tries = (replace(made, share=share) for share in fitting)
        enough = next((each for each in tries if each.recall_of(items, queries, exact) >= WANTED_RECALL), None)
        if enough is None:
            return None
        finer = (replace(enough, exact=count) for count in EXACT)
        found = next((each for each in finer if each.recall_of(items, queries, exact) >= WANTED_RECALL), enough)
        return replace(found, recall=found.recall_of(items, queries, exact))

    def recall_of(self, items: Floats, queries: Floats, exact: list[NDArray[np.int64]]) -> float:
        """Which share of the exact best is found."""
        found = [
            np.isin(best, self.nearest(items, query, len(best))[0]).mean()
            for query, best in zip(queries, exact, strict=True)
        ]
        return float(np.mean(found))

    def nearest(self, items: Floats, query: Floats, count: int) -> tuple[Places, Floats]:
        """Up to ``count`` items, in no order, and their exact products with the query."""
        on_axes = query @ self.asking
        order = np.argsort(-(self.centres @ on_axes + self.reaches * np.linalg.norm(on_axes)))
        held = np.cumsum(self.starts[order + 1] - self.starts[order])
        wanted = max(self.share * len(self.places), 4 * count)
        looked_at = order[: int(np.searchsorted(held, wanted)) + 1]
        # In the order of the file, and neighbours at one go.
        looked_at.sort()
        breaks = np.flatnonzero(np.diff(looked_at) > 1)
        firsts = self.starts[looked_at[np.concatenate([[0], breaks + 1])]]
        ends = self.starts[looked_at[np.concatenate([breaks, [len(looked_at) - 1]])] + 1]
        spans = list(zip(firsts.tolist(), ends.tolist(), strict=True))
        scores = np.concatenate([self.short[start:end] @ on_axes for start, end in spans])
        best = _largest(scores, max(self.exact, EXACT_FOR_EACH * count))
        lengths = ends - firsts
        edges = np.cumsum(lengths)
        span = np.searchsorted(edges, best, side="right")
        candidates = self.places[firsts[span] + best - (edges - lengths)[span]].astype(np.int64)
        products = items[candidates] @ query
        chosen = _largest(products, count)
        return candidates[chosen], products[chosen]

    def save(self) -> dict[str, NDArray[np.generic]]:
        """As plain numbers."""
        return {
            "axes": self.axes,
            "asking": self.asking,
            "centres": self.centres,
            "reaches": self.reaches,
            "starts": self.starts,
            "places": self.places,
            "short": self.short,
            "settings": np.array([self.share, self.exact, self.recall]),
        }

    @classmethod
    def load(cls, arrays: Mapping[str, NDArray[Any]], items: Floats) -> Self:
        """What ``save`` gave. Raises ``ValueError`` where the arrays don't fit these items."""
        axes, asking, centres, reaches, starts, places, short, settings = (arrays[name] for name in cls.NAMES)
        size, count = axes.shape[-1], len(items)
        shapes = [each.shape for each in (axes, asking, places, short, settings)]
        of_cells = [each.shape for each in (centres, reaches, starts)]
        if shapes != [(items.shape[1], size), (items.shape[1], size), (count,), (count, size), (3,)]:
            raise ValueError("the cells are of other items")
        if of_cells != [(len(centres), size), (len(centres),), (len(centres) + 1,)]:
            raise ValueError("the cells are of other items")
        if int(starts[0]) != 0 or int(starts[-1]) != len(items) or (np.diff(starts) < 0).any():
            raise ValueError("the cells overlap")
        if count and not 0 <= int(places.min()) <= int(places.max()) < count:
            raise ValueError("the cells hold items that there are not")
        share, exact, recall = (float(each) for each in settings)
        return cls(axes, asking, centres, reaches, starts, places, short, share, int(exact), recall)


def _blocks(items: Floats) -> Iterator[tuple[int, Floats]]:
    return ((start, items[start : start + BLOCK]) for start in range(0, len(items), BLOCK))


def _main_axes(items: Floats, queries: Floats) -> tuple[Floats, Floats]:
    """The axes along which scores differ most, for items and for queries: along others either has next to nothing."""
    spread = np.zeros((items.shape[1], items.shape[1]))
    for _, block in _blocks(items):
        spread += block.T @ block
    # Of each query only its direction counts.
    lengths = np.sqrt(np.einsum("ij,jk,ik->i", queries, spread, queries))
    unit = queries.astype(np.float64) / np.maximum(lengths, np.finfo(np.float32).tiny)[:, None]
    asked = unit.T @ unit
    # A little of every direction: the queries that come are not quite those that are known.
    asked += UNKNOWN * np.trace(asked) / len(asked) * np.eye(len(asked)) + np.finfo(np.float64).tiny
    squares, turn = np.linalg.eigh(asked)
    roots = np.sqrt(squares)
    energies, axes = np.linalg.eigh((turn * roots).T @ spread @ (turn * roots))
    kept = np.cumsum(energies[::-1]) / max(float(energies.sum()), np.finfo(np.float64).tiny)
    fits = [size for size in SIZES if size < items.shape[1] and kept[size - 1] >= ENERGY]
    best = axes[:, ::-1][:, : fits[0] if fits else items.shape[1]]
    return (turn * roots @ best).astype(np.float32), (turn / roots @ best).astype(np.float32)


def _centres(items: Floats, count: int, chance: np.random.Generator) -> Floats:
    centres = items[chance.choice(len(items), count, replace=False)].copy()
    for _ in range(ROUNDS):
        nearest = np.concatenate([_nearest(block, centres) for _, block in _blocks(items)])
        members = np.bincount(nearest, minlength=count)
        order = np.argsort(nearest, kind="stable")
        filled = np.flatnonzero(members)
        sums = np.add.reduceat(items[order], (np.cumsum(members) - members)[filled])
        # A centre that nobody is near to stays where it is.
        centres[filled] = sums / members[filled, None]
    return centres


def _reaches(short: Floats, centres: Floats, starts: Counts) -> Floats:
    counts = np.diff(starts)
    squares = np.zeros(len(short), np.float32)
    cell = np.repeat(np.arange(len(centres)), counts)
    for start, block in _blocks(short):
        squares[start : start + len(block)] = ((block - centres[cell[start : start + len(block)]]) ** 2).mean(axis=1)
    spread = np.bincount(cell, weights=squares, minlength=len(centres)) / np.maximum(1, counts)
    return (DEVIATIONS * np.sqrt(spread)).astype(np.float32)


def _nearest(items: Floats, centres: Floats) -> NDArray[np.int32]:
    nearest: NDArray[np.int64] = np.argmax(items @ centres.T - 0.5 * (centres**2).sum(axis=1), axis=1)
    return nearest.astype(np.int32)


def _largest(values: Floats, count: int) -> NDArray[np.int64]:
    return np.argpartition(-values, count)[:count] if count < len(values) else np.arange(len(values))


def _exact(items: Floats, queries: Floats) -> list[NDArray[np.int64]]:
    scores = np.full((len(queries), 0), 0, np.float32)
    places = np.zeros((len(queries), 0), np.int64)
    for start, block in _blocks(items):
        scores = np.concatenate([scores, queries @ block.T], axis=1)
        these = np.broadcast_to(np.arange(start, start + len(block)), (len(queries), len(block)))
        places = np.concatenate([places, these], axis=1)
        if scores.shape[1] > JUDGED_AT:
            best = np.argpartition(-scores, JUDGED_AT, axis=1)[:, :JUDGED_AT]
            scores, places = np.take_along_axis(scores, best, axis=1), np.take_along_axis(places, best, axis=1)
    return list(places)
