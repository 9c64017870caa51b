"""Libraries out of nothing, for where the open data is absent: artists have homes, lists are noisy."""

import random

from benchmarks.mining_lab.data import Playlist, Song
from benchmarks.mining_lab.tasks import Task

ROOMS = 5
ARTISTS = 60
PER_ROOM = 60
LISTS = 40


def made_up_tasks(count: int = 2) -> list[Task]:
    """``count`` owners, the same ones every time."""
    return [_task(number) for number in range(count)]


def _task(number: int) -> Task:
    rng = random.Random(f"made up {number}")
    homes = [rng.randrange(ROOMS) for _ in range(ARTISTS)]
    years = [rng.randint(1965, 2020) for _ in range(ROOMS)]

    def song(room: int) -> Song:
        artist = rng.choice([a for a, home in enumerate(homes) if home == room or rng.random() < 0.1])
        name = f"word{rng.randint(1, 300)} word{rng.randint(1, 300)} {rng.randint(1, 999)}"
        year = years[room] + rng.randint(-8, 8)
        return Song(
            name, (f"Artist {artist} of them",), f"Album {rng.randint(1, 90)}", year, rng.randint(120, 400) * 1000
        )

    songs, truth = [], []
    for room in range(ROOMS):
        for _ in range(PER_ROOM):
            songs.append(song(room))
            truth.append(room)
    corpus = []
    for place in range(LISTS):
        room = place % ROOMS
        chosen = tuple(song(room if rng.random() < 0.8 else rng.randrange(ROOMS)) for _ in range(25))
        corpus.append(Playlist(f"List {place}", chosen))
    return Task(
        f"made up {number + 1}",
        "made up",
        tuple(f"Room {room}" for room in range(ROOMS)),
        tuple(songs),
        tuple(truth),
        (),
        tuple(corpus),
        (),
        (),
    )
