"""The open data of ``../shared/data`` (or ``$MOODROOM_DATA``) as libraries and lists; nothing of it is kept."""

import csv
import gzip
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from moodroom_hub.domain.recording import name_key


@dataclass(frozen=True, slots=True)
class Song:
    """What a new app of Spotify may know of a track; year and duration where they are known."""

    name: str
    artists: tuple[str, ...]
    album: str
    year: int | None
    duration_ms: int | None

    @property
    def key(self) -> str:
        """The same recording has the same key."""
        return name_key(self.name, self.artists[0] if self.artists else "") or f"{self.artists}\n{self.name}"


@dataclass(frozen=True, slots=True)
class Playlist:
    """Somebody's list; ``genre`` only where the data set says one."""

    title: str
    songs: tuple[Song, ...]
    genre: str = ""


@dataclass(frozen=True, slots=True)
class RealData:
    """All that the open data holds for miners."""

    owner: tuple[Playlist, ...]
    archive: tuple[Playlist, ...]
    audio: tuple[Playlist, ...]


def data_folder() -> Path | None:
    """Where the open data lies; None where it is absent."""
    named = os.environ.get("MOODROOM_DATA")
    folder = Path(named) if named else Path(__file__).resolve().parents[3] / "shared" / "data"
    return folder if (folder / "audio" / "spotify_songs.csv.gz").is_file() else None


def read(folder: Path) -> RealData:
    """Everything, in a few seconds. An owner's tracks get album, year and length where the other sets know the uri."""
    audio, known = _audio(folder / "audio" / "spotify_songs.csv.gz")
    archive = []
    for row in _lines(folder / "playlists" / "archive_playlists.jsonl.gz"):
        songs = []
        for track in row["tracks"]:
            length_ms = _length_ms(track.get("length") or "")
            song = Song(track["track"], tuple(track["artists"]), track.get("album") or "", None, length_ms)
            known.setdefault(track["uri"], song)
            songs.append(song)
        archive.append(Playlist(row["playlist"], tuple(songs)))
    owner = []
    for row in _lines(folder / "owners" / "owner_playlists.jsonl.gz"):
        songs = []
        for track in row["tracks"]:
            also = known.get(track["uri"])
            artists = tuple(track["artist"].split(", "))
            if also is None:
                songs.append(Song(track["track"], artists, "", None, None))
            else:
                songs.append(Song(track["track"], artists, also.album, also.year, also.duration_ms))
        owner.append(Playlist(row["playlist"], tuple(songs)))
    return RealData(tuple(owner), tuple(archive), tuple(audio))


def _audio(path: Path) -> tuple[Sequence[Playlist], dict[str, Song]]:
    lists: dict[str, tuple[str, str, list[Song]]] = {}
    known: dict[str, Song] = {}
    with gzip.open(path, "rt", encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            year = row["track_album_release_date"][:4]
            song = Song(
                row["track_name"],
                (row["track_artist"],),
                row["track_album_name"],
                int(year) if year.isdigit() else None,
                int(float(row["duration_ms"])),
            )
            known[row["track_id"]] = song
            lists.setdefault(row["playlist_id"], (row["playlist_name"], row["playlist_genre"], []))[2].append(song)
    return [Playlist(title, tuple(songs), genre) for title, genre, songs in lists.values()], known


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        for line in stream:
            yield json.loads(line)


def _length_ms(text: str) -> int | None:
    parts = text.split(":")
    if not all(part.isdigit() for part in parts):
        return None
    seconds = 0
    for part in parts:
        seconds = seconds * 60 + int(part)
    return seconds * 1000
