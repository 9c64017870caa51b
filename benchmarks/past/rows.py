"""Made-up rows in the real schema of the extended streaming history, private fields and all; seeded.

python -m benchmarks.past.rows FOLDER COUNT
"""

import json
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

SONGS = 30_000
ROWS_A_FILE = 60_000
POOLED = 1_500
ZIP, SINGLE, POOL = "my_spotify_data.zip", "Streaming_History_Audio_all.json", "pools.csv"
PRIVATE = ("203.0.113.77", "annas-secret-name", "Mozilla/5.0 (Annas Phone; private)", "Annas iPhone 14 private")
_BEGIN = datetime(2015, 1, 1, tzinfo=UTC)
_NO_ITEM = {
    "episode_name": None,
    "episode_show_name": None,
    "spotify_episode_uri": None,
    "audiobook_title": None,
    "audiobook_uri": None,
    "audiobook_chapter_uri": None,
    "audiobook_chapter_title": None,
}


@dataclass(frozen=True, slots=True)
class Song:
    """One made-up song. ``taste`` is the listener's: -1 skips it early, 1 hears it to its end, 0 now so, now so."""

    uri: str
    name: str
    artist: str
    album: str
    length_ms: int
    taste: int


def songs(count: int = SONGS, seed: int = 7) -> list[Song]:
    """The made-up catalogue."""
    rng = Random(seed)
    return [
        Song(
            f"spotify:track:{number:022d}",
            f"Song number {number} of a summer night",
            f"Artist {number % 4_000} & Friends",
            f"An album of {number % 9_000}",
            rng.randrange(110_000, 320_000),
            rng.choices((-1, 0, 1), (1, 7, 2))[0],
        )
        for number in range(count)
    ]


def rows(count: int, catalogue: list[Song], seed: int = 11) -> Iterator[dict[str, Any]]:
    """``count`` plays in the order of time, some podcasts among them."""
    rng = Random(seed)
    at = _BEGIN
    last = len(catalogue)
    for number in range(count):
        song = catalogue[min(last - 1, int(rng.paretovariate(0.6)) - 1) if rng.random() < 0.5 else rng.randrange(last)]
        played_ms, reason = _heard(song, rng)
        at += timedelta(milliseconds=played_ms, seconds=rng.choice((1, 2, 3, 40, 1_500)))
        row: dict[str, Any] = {
            "ts": f"{at:%Y-%m-%dT%H:%M:%SZ}",
            "username": PRIVATE[1],
            "platform": PRIVATE[3],
            "ms_played": played_ms,
            "conn_country": "DE",
            "ip_addr_decrypted": PRIVATE[0],
            "ip_addr": PRIVATE[0],
            "user_agent_decrypted": PRIVATE[2],
            "city": "Neustadt an der Privaten",
            "region": "XX",
            "master_metadata_track_name": song.name,
            "master_metadata_album_artist_name": song.artist,
            "master_metadata_album_album_name": song.album,
            "spotify_track_uri": song.uri,
            **_NO_ITEM,
            "reason_start": rng.choice(("trackdone", "fwdbtn", "clickrow")),
            "reason_end": reason,
            "shuffle": rng.random() < 0.5,
            "skipped": None if number < count // 3 else reason != "trackdone",
            "offline": False,
            "offline_timestamp": int(at.timestamp()),
            "incognito_mode": False,
        }
        if number % 97 == 0:
            row.update(dict.fromkeys([name for name in row if name.startswith("master_")]), spotify_track_uri=None)
            row.update(episode_name="A talk", episode_show_name="Talks", spotify_episode_uri="spotify:episode:1")
        yield row


def write_single(file: Path, made: Iterator[dict[str, Any]]) -> int:
    """All rows in one JSON array; its size in bytes."""
    with file.open("w", encoding="utf-8") as target:
        for number, row in enumerate(made):
            target.write(("[" if number == 0 else ",\n") + json.dumps(row))
        target.write("]\n")
    return file.stat().st_size


def write_zip(file: Path, made: Iterator[dict[str, Any]]) -> int:
    """The rows as the service packs them: several files in a folder; the packed size in bytes."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("Spotify Extended Streaming History/ReadMeFirst_ExtendedStreamingHistory.pdf", b"%PDF-")
        chunk: list[str] = []
        number = 0
        for row in made:
            chunk.append(json.dumps(row))
            if len(chunk) == ROWS_A_FILE:
                _write_member(archive, number, chunk)
                chunk, number = [], number + 1
        if chunk:
            _write_member(archive, number, chunk)
    return file.stat().st_size


def pool_csv(catalogue: list[Song], count: int) -> str:
    """A pool file that has the first ``count`` songs in three rooms."""
    rooms = ("house", "rage", "late-night")
    lines = ["room,tier,name,artist,uri,isrc"]
    lines += [
        f'{rooms[number % 3]},{("CONFIRMED", "SAFE_SIDE")[number % 2]},"{song.name}","{song.artist}",{song.uri},'
        for number, song in enumerate(catalogue[:count])
    ]
    return "\n".join(lines) + "\n"


def _heard(song: Song, rng: Random) -> tuple[int, str]:
    if rng.random() < (0.1, 0.35, 0.9)[1 - song.taste]:
        return rng.randrange(1_000, 29_000), "fwdbtn"
    if rng.random() < 0.1:
        return rng.randrange(30_000, song.length_ms), "endplay"
    return song.length_ms, "trackdone"


def _write_member(archive: zipfile.ZipFile, number: int, chunk: list[str]) -> None:
    name = f"Spotify Extended Streaming History/Streaming_History_Audio_{2015 + number}_{number}.json"
    archive.writestr(name, "[" + ",".join(chunk) + "]")


def main(folder: Path, count: int) -> None:
    """Write the rows both ways, and a pool file with some of their songs."""
    catalogue = songs()
    write_zip(folder / ZIP, rows(count, catalogue))
    write_single(folder / SINGLE, rows(count, catalogue))
    (folder / POOL).write_text(pool_csv(catalogue, POOLED), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
