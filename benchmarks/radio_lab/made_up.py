"""Playlists that are made up by the million: artists by Zipf's law, in scenes that keep to themselves."""

import json
from collections.abc import Iterator
from pathlib import Path
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

SCENES = 200
STEEPNESS = 0.9
OWN_SCENE = 0.7
"""The share of a list that comes from its scene; the rest is what everybody plays."""
MEAN_LENGTH = 50
AT_ONCE = 2_000


def lists(count: int, artists: int, seed: int = 0) -> Iterator[list[str]]:
    """Each list's artists, one for each track (some 38 different ones), as people write them: some in capitals."""
    chance = np.random.default_rng(seed)
    names = np.array([f"Artist {place}" for place in range(artists)], dtype=object)
    written = {1: np.array([name.upper() for name in names], dtype=object)}
    chances = np.cumsum((np.arange(artists) + 10.0) ** -STEEPNESS)
    chances /= chances[-1]
    # Artist p is of scene p mod SCENES: every scene has its famous ones.
    for start in range(0, count, AT_ONCE):
        some = min(AT_ONCE, count - start)
        lengths = np.clip(chance.lognormal(np.log(MEAN_LENGTH) - 0.32, 0.8, some).astype(np.int64), 3, 400)
        whole = int(lengths.sum())
        drawn: NDArray[np.int64] = np.searchsorted(chances, chance.random(whole))
        scenes = np.repeat(chance.integers(0, SCENES, some), lengths)
        is_own = chance.random(whole) < OWN_SCENE
        drawn = np.where(is_own, np.minimum(drawn // SCENES * SCENES + scenes, artists - 1), drawn)
        found = np.where(chance.random(whole) < 0.02, written[1][drawn], names[drawn])
        ends = np.cumsum(lengths)
        for end, length in zip(ends.tolist(), lengths.tolist(), strict=True):
            yield found[end - length : end].tolist()


def write_lines(folder: Path, count: int, artists: int, files: int) -> int:
    """JSON lines with the artists alone; gives the bytes."""
    source = lists(count, artists)
    for number in range(files):
        with (folder / f"part-{number:03d}.jsonl").open("w", encoding="utf-8") as stream:
            for place in range(count * number // files, count * (number + 1) // files):
                stream.write(json.dumps({"playlist": f"list {place}", "artists": next(source)}) + "\n")
    return sum(path.stat().st_size for path in folder.iterdir())


def write_slices(folder: Path, count: int, artists: int, each: int = 1_000) -> int:
    """As the Million Playlist Dataset has them, with all that its tracks say; gives the bytes."""
    source = lists(count, artists, seed=1)
    for start in range(0, count, each):
        playlists = []
        for pid in range(start, min(start + each, count)):
            tracks = [
                {
                    "pos": pos,
                    "artist_name": artist,
                    "track_uri": f"spotify:track:{hash_22(artist, pos)}",
                    "artist_uri": f"spotify:artist:{hash_22(artist, 0)}",
                    "track_name": f"Song {pos} of the artist",
                    "album_uri": f"spotify:album:{hash_22(artist, 1)}",
                    "duration_ms": 200_000 + pos,
                    "album_name": f"Album of {artist}",
                }
                for pos, artist in enumerate(next(source))
            ]
            playlists.append({"name": f"list {pid}", "pid": pid, "num_tracks": len(tracks), "tracks": tracks})
        document = {"info": {"slice": f"{start}-{start + each - 1}", "version": "v1"}, "playlists": playlists}
        (folder / f"mpd.slice.{start}-{start + each - 1}.json").write_text(json.dumps(document, indent=4))
    return sum(path.stat().st_size for path in folder.iterdir())


def hash_22(artist: str, number: int) -> str:
    """22 signs, as ids have."""
    return f"{crc32(artist.encode(), number):022d}"
