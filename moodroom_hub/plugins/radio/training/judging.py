"""A small honest test at every training: lists held out, a few of their artists told, the others to be found.

The recommender that is judged has not seen these lists; the one that is stored has, because a list kept from it helps
nobody. The figures are those of the former. The full comparison is ``benchmarks/radio.py``.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from moodroom_hub.plugins.radio.recommending.interface import Lists, Query, Recommender, Tell, tell_nobody

HELD_OUT = 20
"""One list in so many."""
MOST_TASKS = 300
LEAST_TASKS = 10
TOLD = 5
LEAST_HIDDEN = 10
MOST_LEARNT = 20_000
"""Lists that the judged recommender learns from: a test must not double the time of a long training."""
DEPTH = 500


def judge(kind: type[Recommender], lists: Lists, seed: int, tell: Tell = tell_nobody) -> Mapping[str, float]:
    """NDCG over the first 500, beside that of popularity; nothing where too few lists are long enough."""
    chance = np.random.default_rng(seed)
    order = chance.permutation(len(lists))
    lengths = np.diff(lists.starts)
    asked = [int(row) for row in order[: len(order) // HELD_OUT] if lengths[row] >= TOLD + LEAST_HIDDEN][:MOST_TASKS]
    if len(asked) < LEAST_TASKS:
        return {}
    learnt = rows_of(lists, np.sort(order[len(order) // HELD_OUT :][:MOST_LEARNT]))
    recommender = kind.fit(learnt, seed, tell)
    popular = np.argsort(-np.bincount(learnt.artists, minlength=lists.size), kind="stable")
    found = []
    for done, row in enumerate(asked):
        artists = lists.artists[lists.starts[row] : lists.starts[row + 1]]
        seeds = tuple(int(artist) for artist in artists[:TOLD])
        best = recommender.score(Query(seeds), DEPTH, seeds).places
        common = popular[: DEPTH + TOLD]
        common = common[~np.isin(common, seeds)][:DEPTH]
        found.append((ndcg(best, artists[TOLD:]), ndcg(common, artists[TOLD:])))
        tell("judging", done + 1, len(asked))
    ours, popularity = np.mean(found, axis=0)
    return {
        "ndcg": round(float(ours), 4),
        "ndcg_popularity": round(float(popularity), 4),
        "tasks": len(asked),
        "learnt_lists": len(learnt),
    }


def rows_of(lists: Lists, rows: NDArray[np.int64]) -> Lists:
    """Some of the lists, in this order."""
    lengths = np.diff(lists.starts)[rows]
    starts = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    within = np.arange(starts[-1]) - np.repeat(starts[:-1], lengths)
    return Lists(starts, lists.artists[np.repeat(lists.starts[rows], lengths) + within], lists.size)


def ndcg(ranked: NDArray[np.int64], wanted: NDArray[np.int32]) -> float:
    """Of one list; 1 where all that is wanted stands first."""
    gains = 1.0 / np.log2(np.arange(2, max(len(ranked), len(wanted)) + 2))
    return float(gains[: len(ranked)][np.isin(ranked, wanted)].sum() / gains[: min(len(wanted), DEPTH)].sum())
