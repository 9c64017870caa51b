"""Protocol A for the sorter: layers of real lists, in the mutual, the non-mutual and the incomplete case.

A layer's own lists, and whatever shares half of either with one of them, are never a feature, nor do artist vectors
learn from them: only the labels that were drawn tell of the layer.
"""

import math
import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from benchmarks.mining_lab.data import Playlist, RealData
from benchmarks.mining_lab.data import Song as KnownSong
from benchmarks.mining_lab.tasks import LAYERS
from moodroom_hub.plugins.sorter.learning.company import directions
from moodroom_hub.plugins.sorter.learning.keys import artist_names
from moodroom_hub.plugins.sorter.learning.tables import unit
from moodroom_hub.plugins.sorter.learning.task import Song, SongList, TrainingTask

NEAR_COPY = 0.5
SMALLEST_LIST = 12
LARGEST_LIST = 250
"""A list is cut to so many songs, so that no run is dominated by one."""
VECTOR = 128
CASES = ("mutual", "non-mutual", "incomplete")
OUTSIDE = 0.5
"""In the incomplete case so many songs of no sublist, for each one of a sublist."""


@dataclass(frozen=True, slots=True)
class Owner:
    """``truth``: by song the sublists it lies in; none is the void. ``task`` has no lessons."""

    name: str
    kind: str
    case: str
    task: TrainingTask
    truth: tuple[frozenset[int], ...]


def owners_of(data: RealData, case: str, pseudo: int) -> list[Owner]:
    """The owner's layers, and ``pseudo`` owners with lists of any genre (easy) and as many of one genre (hard)."""
    everybody = (*data.archive, *data.audio)
    found = []
    for name, starts in LAYERS.items():
        layer = [next((p for p in data.owner if p.title.startswith(start)), None) for start in starts]
        lists = [each for each in layer if each is not None]
        if len(lists) > 1:
            # What belongs nowhere is drawn from the largest list (the liked songs), which is then no feature: being in
            # some list or in none must not tell.
            others = sorted((each for each in data.owner if each not in lists), key=lambda each: -len(each.songs))
            found.append(_owner(f"owner {name}", "owner", case, lists, others[1:], everybody, others[:1]))
    pool = [each for each in data.audio if len(each.songs) >= SMALLEST_LIST]
    for kind in ("easy", "hard"):
        for number in range(pseudo):
            rng = random.Random(f"sorter/{kind}/{number}")
            genre = rng.choice(sorted({each.genre for each in pool}))
            within = [each for each in pool if kind == "easy" or each.genre == genre]
            drawn = rng.sample(within, min(len(within), rng.randint(2, 8) + 2))
            # The last two are songs that the owner likes, too, and that no sublist is for.
            layer_lists, outside = drawn[:-2], drawn[-2:]
            chosen = set(map(id, drawn))
            corpus = [*data.archive, *(each for each in data.audio if id(each) not in chosen)]
            found.append(_owner(f"{kind} {number + 1}", kind, case, layer_lists, (), corpus, outside))
    return found


def _owner(
    name: str,
    kind: str,
    case: str,
    layer: Sequence[Playlist],
    own: Iterable[Playlist],
    corpus: Iterable[Playlist],
    outside: Iterable[Playlist],
) -> Owner:
    rng = random.Random(f"{name}/{case}")
    where: dict[str, set[int]] = defaultdict(set)
    songs: dict[str, KnownSong] = {}
    for sublist, playlist in enumerate(layer):
        for song in playlist.songs:
            where[song.key].add(sublist)
            songs.setdefault(song.key, song)
    keys = [key for key, sublists in where.items() if case == "non-mutual" or len(sublists) == 1]
    rng.shuffle(keys)
    sizes: Counter[int] = Counter()
    kept = []
    for key in keys:
        if all(sizes[sublist] < LARGEST_LIST for sublist in where[key]):
            sizes.update(where[key])
            kept.append(key)
    void: dict[str, KnownSong] = {}
    if case == "incomplete":
        for playlist in outside:
            void.update({song.key: song for song in playlist.songs if song.key not in where})
        drawn = sorted(void)
        rng.shuffle(drawn)
        drawn = drawn[: int(OUTSIDE * len(kept))]
        songs |= {key: void[key] for key in drawn}
        kept += drawn
        rng.shuffle(kept)
    layer_keys = [{song.key for song in playlist.songs} for playlist in layer]
    own_lists, corpus_lists = _without_copies(own, layer_keys), _without_copies(corpus, layer_keys)
    liked = tuple(_song(songs[key], place) for place, key in enumerate(kept))
    task = TrainingTask(
        songs=liked,
        lists=tuple(
            SongList(each.title, tuple((song.name, song.artists[0]) for song in each.songs if song.artists))
            for each in own_lists
        ),
        lessons=(),
        names=tuple(each.title for each in layer),
        is_mutual=case != "non-mutual",
        is_complete=case != "incomplete",
        vectors=_vectors(
            [*own_lists, *corpus_lists], {artist for song in liked for artist in artist_names(song.artists)}
        ),
    )
    return Owner(name, kind, case, task, tuple(frozenset(where.get(key, ())) for key in kept))


def _song(song: KnownSong, place: int) -> Song:
    return Song(str(place), song.name, song.artists, song.album, song.year, song.duration_ms)


def _without_copies(lists: Iterable[Playlist], layer: Sequence[set[str]]) -> list[Playlist]:
    kept = []
    for playlist in lists:
        keys = {song.key for song in playlist.songs}
        if keys and not any(len(keys & own) >= NEAR_COPY * min(len(keys), len(own)) for own in layer if own):
            kept.append(playlist)
    return kept


def _vectors(lists: Sequence[Playlist], wanted: set[str]) -> dict[str, tuple[float, ...]]:
    """Artists by the lists they stand in: these stand for what the radio will give."""
    members = [sorted({name for song in each.songs for name in artist_names(song.artists)}) for each in lists]
    counts = Counter(name for each in members for name in each)
    places = {name: place for place, name in enumerate(sorted(name for name, n in counts.items() if n > 1))}
    entries = [
        (places[name], column, math.log(1 + len(counts) / len(each)))
        for column, each in enumerate(members)
        for name in each
        if name in places
    ]
    if len(lists) < 4 or len(places) < 4:
        return {}
    rows, columns, values = zip(*entries, strict=True)
    matrix = sparse.csr_matrix((values, (rows, columns)), (len(places), len(lists)), dtype=np.float32)
    lengths = np.sqrt(np.asarray(matrix.multiply(matrix).sum(1)).ravel())
    matrix = (sparse.diags(1 / lengths) @ matrix).tocsr()
    width = min(VECTOR, *matrix.shape)
    found: Any = unit(np.asarray(matrix @ directions(matrix, width, 0), dtype=np.float32))
    return {name: tuple(found[place].tolist()) for name, place in places.items() if name in wanted}
