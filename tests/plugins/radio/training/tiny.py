"""A recommender that is learnt in no time, and playlists that are made up."""

import gzip
import json
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np

from moodroom_hub.plugins.radio.recommending.interface import (
    Arrays,
    Best,
    Floats,
    Lists,
    Places,
    Query,
    Tell,
    tell_nobody,
)

Playlist = tuple[str, Sequence[str]]


class Tiny:
    """Artists that stand in lists together are alike."""

    name: ClassVar[str] = "tiny"

    def __init__(self, items: Floats) -> None:
        self.items = items

    @classmethod
    def fit(cls, lists: Lists, seed: int = 0, tell: Tell = tell_nobody) -> Self:
        """Each list gives its artists a push in a direction of its own; the last dimension says nothing."""
        tell("learning", 0, 1)
        pushes = np.random.default_rng(seed).standard_normal((len(lists), 8)).astype(np.float32)
        items = np.full((lists.size, 9), 0.01, np.float32)
        np.add.at(items[:, :-1], np.asarray(lists.artists), np.repeat(pushes, np.diff(lists.starts), axis=0))
        tell("learning", 1, 1)
        return cls(items)

    def save(self) -> Arrays:
        """The vectors."""
        return {"items": self.items}

    @classmethod
    def load(cls, arrays: Arrays) -> Self:
        """Raises ``ValueError``."""
        if "items" not in arrays:
            raise ValueError("no items")
        return cls(np.asarray(arrays["items"], np.float32))

    def query_vector(self, query: Query) -> Floats:
        """What is liked."""
        return np.asarray(self.items[list(query.seeds + query.likes)].sum(axis=0), np.float32)

    def rerank(self, query: Query, places: Places, scores: Floats, count: int) -> Best:
        """The order stays."""
        return Best(places[:count], scores[:count])

    def score(self, query: Query, count: int, without: Collection[int] = ()) -> Best:
        """By the sum of what is liked."""
        scores = self.items @ self.query_vector(query)
        order = np.array([place for place in np.argsort(-scores, kind="stable") if place not in without][:count])
        return Best(order.astype(np.int64), scores[order].astype(np.float32))


def made_up(count: int, artists: int = 60, seed: int = 0) -> list[Playlist]:
    """Lists of 5 to 25 artists of one half of them or the other."""
    chance = np.random.default_rng(seed)
    found: list[Playlist] = []
    for number in range(count):
        half = np.arange(artists // 2) + (number % 2) * (artists // 2)
        chosen = chance.choice(half, int(chance.integers(5, 26)), replace=False)
        found.append((f"list {number}", [f"Artist {place}" for place in chosen]))
    return found


def as_slice(lists: Iterable[Playlist]) -> dict[str, Any]:
    """As the Million Playlist Dataset has them."""
    return {
        "info": {"version": "v1"},
        "playlists": [
            {
                "name": name,
                "pid": at,
                "tracks": [{"pos": 0, "artist_name": each, "track_name": "x"} for each in artists],
            }
            for at, (name, artists) in enumerate(lists)
        ],
    }


def write_slices(folder: Path, lists: Sequence[Playlist], each: int = 20) -> None:
    """So many lists in a file."""
    folder.mkdir(parents=True, exist_ok=True)
    for start in range(0, len(lists), each):
        path = folder / f"mpd.slice.{start:06d}-{start + each - 1:06d}.json"
        path.write_text(json.dumps(as_slice(lists[start : start + each])))


def write_lines(path: Path, lists: Iterable[Playlist]) -> None:
    """JSON lines, packed."""
    with gzip.open(path, "wt", encoding="utf-8") as stream:
        for name, artists in lists:
            stream.write(json.dumps({"playlist": name, "tracks": [{"artists": [each]} for each in artists]}) + "\n")
