"""Protocol A: a layer of lists, n labels drawn at random, every other track of the layer to be placed."""

import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from benchmarks.mining_lab.data import Playlist, RealData, Song

LAYERS: dict[str, tuple[str, ...]] = {
    "kinds": (
        "Club Bangers!",
        "Heartbroken",
        "Soft Pop",
        "Motown & Soul",
        "Electronica",
        "Classical",
        "Hip-Hop - Bounce",
        "Best Rock",
    ),
    "decades": ("The 70s", "The 80s", "The 90s", "The 2000s", "The 2010s", "The 2020s"),
    "rap": ("90s Rap", "2000s Rap", "2010s Rap", "2020s Rap", "Grime", "G-Funk"),
    "moods": (
        "Heartbroken",
        "Hot Love",
        "Nostalgia",
        "Sensual",
        "Stirs Something",
        "Defiance",
        "Light Fun",
        "Smooth ",
    ),
    "rock": ("Brit Pop", "Redneck Rock", "Nu Metal", "Guitar Rock", "Elite Percussive Rock", "College Rock"),
    "mixed": (
        "Jamaican",
        "Disco!",
        "Acoustic",
        "Gangsta Rap",
        "Best Female Vocal Trance",
        "R&B Slow Jamz",
        "Love Songs",
        "Piano",
    ),
}
"""The owner's layers, by the beginnings of their lists' titles."""

NEAR_COPY = 0.5
"""A list that shares this part of its own or of a layer list's tracks is a copy of the answer: left out."""

SMALLEST_LIST = 12
LARGEST_LIST = 400
"""A pseudo-owner's and an owner's list is cut to so many tracks, so that no run is dominated by one list."""


@dataclass(frozen=True, slots=True)
class Task:
    """A library whose tracks have one list each; ``own`` and ``corpus`` hold none of the layer and no near copy."""

    name: str
    kind: str
    rooms: tuple[str, ...]
    songs: tuple[Song, ...]
    truth: tuple[int, ...]
    own: tuple[Playlist, ...]
    corpus: tuple[Playlist, ...]
    void: tuple[Song, ...]
    left_out: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Draw:
    """Which tracks are labelled and which are asked for, as indexes into a task's songs."""

    labelled: tuple[int, ...]
    asked: tuple[int, ...]


def draw(task: Task, count: int, seed: int) -> Draw:
    """``count`` labels at random, every list at least once."""
    rng = random.Random(f"{task.name}/{count}/{seed}")
    order = list(range(len(task.songs)))
    rng.shuffle(order)
    first: dict[int, int] = {}
    for index in order:
        first.setdefault(task.truth[index], index)
    chosen = set(first.values())
    for index in order:
        if len(chosen) >= count:
            break
        chosen.add(index)
    return Draw(tuple(i for i in order if i in chosen), tuple(sorted(i for i in order if i not in chosen)))


def owner_tasks(data: RealData) -> list[Task]:
    """The owner's layers, with lists of the owner outside the layer and everybody else's lists as corpus."""
    everybody = (*data.archive, *data.audio)
    tasks = []
    for name, starts in LAYERS.items():
        layer = [next(p for p in data.owner if p.title.startswith(start)) for start in starts]
        others = [p for p in data.owner if p not in layer]
        tasks.append(_task(f"owner {name}", "owner", layer, others, everybody, name))
    return tasks


def pseudo_tasks(data: RealData, each: int, seed: int = 1) -> list[Task]:
    """``each`` pseudo-owners with lists of any genre (easy), and as many with lists of one genre (hard)."""
    lists = [p for p in data.audio if len(p.songs) >= SMALLEST_LIST]
    tasks = []
    for kind in ("easy", "hard"):
        for number in range(each):
            rng = random.Random(f"{seed}/{kind}/{number}")
            genres = sorted({p.genre for p in lists})
            genre = rng.choice(genres)
            pool = [p for p in lists if kind == "easy" or p.genre == genre]
            layer = rng.sample(pool, rng.randint(2, 8))
            chosen = set(map(id, layer))
            corpus = [*data.archive, *(p for p in data.audio if id(p) not in chosen)]
            tasks.append(_task(f"{kind} {number + 1}", kind, layer, (), corpus, str(number)))
    return tasks


def _task(
    name: str, kind: str, layer: Sequence[Playlist], own: Iterable[Playlist], corpus: Iterable[Playlist], seed: str
) -> Task:
    rng = random.Random(seed)
    where: dict[str, set[int]] = defaultdict(set)
    songs: dict[str, Song] = {}
    for room, playlist in enumerate(layer):
        for song in playlist.songs:
            where[song.key].add(room)
            songs.setdefault(song.key, song)
    single = [key for key, rooms in where.items() if len(rooms) == 1]
    rng.shuffle(single)
    kept: list[str] = []
    sizes: Counter[int] = Counter()
    for key in single:
        room = next(iter(where[key]))
        if sizes[room] < LARGEST_LIST:
            sizes[room] += 1
            kept.append(key)
    keys = [{song.key for song in playlist.songs} for playlist in layer]
    own_kept, own_left = _without_copies(own, keys)
    corpus_kept, corpus_left = _without_copies(corpus, keys)
    void: dict[str, Song] = {}
    for playlist in own:
        for song in playlist.songs:
            if song.key not in where:
                void.setdefault(song.key, song)
    outside = sorted(void)
    rng.shuffle(outside)
    return Task(
        name=name,
        kind=kind,
        rooms=tuple(playlist.title for playlist in layer),
        songs=tuple(songs[key] for key in kept),
        truth=tuple(next(iter(where[key])) for key in kept),
        own=own_kept,
        corpus=corpus_kept,
        void=tuple(void[key] for key in outside[: len(kept)]),
        left_out=(*own_left, *corpus_left),
    )


def _without_copies(
    lists: Iterable[Playlist], layer: Sequence[set[str]]
) -> tuple[tuple[Playlist, ...], tuple[str, ...]]:
    kept, left = [], []
    for playlist in lists:
        keys = {song.key for song in playlist.songs}
        if any(len(keys & room) >= NEAR_COPY * min(len(keys), len(room)) for room in layer if room) or not keys:
            left.append(playlist.title)
        else:
            kept.append(playlist)
    return tuple(kept), tuple(left)
