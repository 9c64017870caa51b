"""Reads a person's real Spotify history: extended streaming history or account data, in JSON, JSON lines or a zip."""

import gzip
import json
import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any

from moodroom_hub.simulator.items import ItemKind, made_up_id, uri_of

_LONGEST_PLAY_MS = 24 * 3_600_000
_AUDIO_FILE = re.compile(
    r"(Streaming_History_Audio|StreamingHistory|endsong)[^/]*\.(json|jsonl|json\.gz|jsonl\.gz)$", re.IGNORECASE
)
_MINUTE_FORMAT = "%Y-%m-%d %H:%M"


@dataclass(frozen=True, slots=True)
class PastPlay:
    """One row. ``ended_ms`` is the end of play, to the minute where ``is_minute``; ``reason_end`` may be unknown."""

    ended_ms: int
    ms_played: int
    uri: str
    name: str
    artist: str
    album: str = ""
    kind: ItemKind = ItemKind.TRACK
    reason_start: str | None = None
    reason_end: str | None = None
    skipped: bool | None = None
    is_minute: bool = False


@dataclass(frozen=True, slots=True)
class SetAside:
    """A row that could not be read: where it stood, and why."""

    where: str
    reason: str


@dataclass(frozen=True, slots=True)
class History:
    """Plays in the order of their ends, and what was set aside."""

    plays: tuple[PastPlay, ...]
    set_aside: tuple[SetAside, ...]


class _Unreadable(ValueError):
    """A row is malformed; the text says how."""


def read_history(path: Path) -> History:
    """Read one file (``.json``, ``.jsonl``, either with ``.gz``, or ``.zip``). Raises ``OSError``."""
    return rows_to_history(_rows(path))


def rows_to_history(rows: Iterable[tuple[str, Any]]) -> History:
    """Rows, each with the place where it stood."""
    plays, set_aside = [], []
    for where, row in rows:
        try:
            plays.append(_play(row))
        except _Unreadable as problem:
            set_aside.append(SetAside(where, str(problem)))
    plays.sort(key=lambda play: play.ended_ms)  # stable: rows of one minute keep the export's order
    return History(tuple(plays), tuple(set_aside))


def _rows(path: Path) -> Iterator[tuple[str, Any]]:
    if path.suffix.lower() == ".zip":
        with zipfile.ZipFile(path) as archive:
            for name in sorted(archive.namelist()):
                if _AUDIO_FILE.search(PurePosixPath(name).name):
                    yield from _rows_of(name, archive.read(name))
        return
    yield from _rows_of(path.name, path.read_bytes())


def _rows_of(name: str, content: bytes) -> Iterator[tuple[str, Any]]:
    if name.lower().endswith(".gz"):
        content = gzip.decompress(content)
    text = content.decode("utf-8", "replace")
    if name.lower().removesuffix(".gz").endswith(".jsonl"):
        for number, line in enumerate(text.splitlines(), start=1):
            if line.strip():
                yield f"{name}:{number}", _parsed(line)
        return
    whole = _parsed(text)
    if not isinstance(whole, list):
        yield name, whole
        return
    for number, row in enumerate(whole, start=1):
        yield f"{name}[{number}]", row


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return _Unreadable("no JSON")


def _play(row: Any) -> PastPlay:
    if isinstance(row, _Unreadable):
        raise row
    if not isinstance(row, dict):
        raise _Unreadable("no object")
    if "ts" in row or "ms_played" in row:
        return _extended(row)
    if "endTime" in row:
        return _account(row)
    raise _Unreadable("neither ts nor endTime")


def _extended(row: dict[str, Any]) -> PastPlay:
    ended_ms = _moment(row.get("ts"), "ts")
    ms_played = _played(row.get("ms_played"))
    kind, name, artist = ItemKind.TRACK, row.get("master_metadata_track_name"), None
    uri = row.get("spotify_track_uri")
    if isinstance(name, str) and name:
        artist = row.get("master_metadata_album_artist_name")
    elif isinstance(row.get("episode_name"), str) and row["episode_name"]:
        kind, name, artist = ItemKind.EPISODE, row["episode_name"], row.get("episode_show_name")
        uri = row.get("spotify_episode_uri")
    else:
        raise _Unreadable("nothing that was played is named")
    artist = artist if isinstance(artist, str) else ""
    skipped = row.get("skipped")
    return PastPlay(
        ended_ms=ended_ms,
        ms_played=ms_played,
        uri=uri if isinstance(uri, str) and uri.startswith("spotify:") else _made_up_uri(kind, name, artist),
        name=name,
        artist=artist,
        album=_text(row.get("master_metadata_album_album_name")) or "",
        kind=kind,
        reason_start=_text(row.get("reason_start")),
        reason_end=_text(row.get("reason_end")),
        skipped=skipped if isinstance(skipped, bool) else None,
    )


def _account(row: dict[str, Any]) -> PastPlay:
    kind = ItemKind.EPISODE if "episodeName" in row else ItemKind.TRACK
    name = row.get("episodeName") if kind is ItemKind.EPISODE else row.get("trackName")
    artist = row.get("podcastName") if kind is ItemKind.EPISODE else row.get("artistName")
    if not isinstance(name, str) or not isinstance(artist, str) or not name:
        raise _Unreadable("nothing that was played is named")
    return PastPlay(
        ended_ms=_moment(row.get("endTime"), "endTime"),
        ms_played=_played(row.get("msPlayed")),
        uri=_made_up_uri(kind, name, artist),
        name=name,
        artist=artist,
        kind=kind,
        is_minute=True,
    )


def _made_up_uri(kind: ItemKind, name: str, artist: str) -> str:
    if kind is ItemKind.EPISODE:
        return "spotify:episode:" + made_up_id("episode", name, artist)
    return uri_of(name, artist)


def _moment(given: Any, key: str) -> int:
    if not isinstance(given, str):
        raise _Unreadable(f"{key} is missing")
    try:
        if key == "endTime":
            at = datetime.strptime(given, _MINUTE_FORMAT).replace(tzinfo=UTC)
        else:
            at = datetime.fromisoformat(given)
            at = at if at.tzinfo is not None else at.replace(tzinfo=UTC)
    except ValueError:
        raise _Unreadable(f"{key} is no time") from None
    return round(at.timestamp() * 1000)


def _played(given: Any) -> int:
    if not isinstance(given, int) or isinstance(given, bool) or not 0 <= given <= _LONGEST_PLAY_MS:
        raise _Unreadable("the time played is missing or absurd")
    return given


def _text(given: Any) -> str | None:
    return given if isinstance(given, str) else None
