"""A small library with two clear rooms and some songs of neither."""

import random

from moodroom_hub.plugins.local_mining.songs import Label, Song, SongList


def library(per_room: int = 20, void: int = 0) -> tuple[list[Song], list[int]]:
    """Songs of room 0 (old jazz), room 1 (new techno), and of none (-1)."""
    rng = random.Random(3)
    songs, truth = [], []
    for room, (kind, year) in enumerate((("Jazz", 1960), ("Techno", 2015))):
        for number in range(per_room):
            artist = f"{kind} Player {number % 5}"
            songs.append(Song(f"{kind} tune {number}", (artist,), f"{kind} Album", year + rng.randint(-4, 4), 200_000))
            truth.append(room)
    for number in range(void):
        songs.append(Song(f"Ballad {number}", (f"Crooner {number % 9}",), "Ballads", 1988, 260_000))
        truth.append(-1)
    return songs, truth


def labels(truth: list[int], each: int) -> list[Label]:
    """The first ``each`` songs of every room."""
    found = []
    for room in (0, 1):
        own = [song for song, right in enumerate(truth) if right == room]
        found += [Label(song, room) for song in own[:each]]
    return found


def lists(songs: list[Song], truth: list[int]) -> list[SongList]:
    """A playlist of every other song of each room, and one mixed."""
    found = []
    for room in (0, 1):
        own = [song for song, right in zip(songs, truth, strict=True) if right == room]
        found += [SongList(f"My {room}", tuple((s.name, s.artists[0]) for s in own[start::2])) for start in (0, 1)]
    found.append(SongList("Mixed", tuple((s.name, s.artists[0]) for s in songs[::5])))
    return found
