"""Reads a person's real Spotify history: extended streaming history or account data, in JSON, JSON lines or a zip."""

import gzip
import json
import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from moodroom_hub.domain.past.rows import UNNAMED, RowKind, Unreadable, read_row
from moodroom_hub.simulator.items import ItemKind, made_up_id, uri_of

_AUDIO_FILE = re.compile(
    r"(Streaming_History_Audio|StreamingHistory|endsong)[^/]*\.(json|jsonl|json\.gz|jsonl\.gz)$", re.IGNORECASE
)


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


def read_history(path: Path) -> History:
    """Read one file (``.json``, ``.jsonl``, either with ``.gz``, or ``.zip``). Raises ``OSError``."""
    return rows_to_history(_rows(path))


def rows_to_history(rows: Iterable[tuple[str, Any]]) -> History:
    """Rows, each with the place where it stood."""
    plays, set_aside = [], []
    for where, row in rows:
        try:
            plays.append(_play(row))
        except Unreadable as problem:
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
        return Unreadable("no JSON")


def _play(row: Any) -> PastPlay:
    read = read_row(row)
    if read.kind is RowKind.AUDIOBOOK:
        raise Unreadable(UNNAMED)
    kind = ItemKind.EPISODE if read.kind is RowKind.EPISODE else ItemKind.TRACK
    return PastPlay(
        ended_ms=read.ended_ms,
        ms_played=read.ms_played,
        uri=read.uri or _made_up_uri(kind, read.name, read.artist),
        name=read.name,
        artist=read.artist,
        album=read.album,
        kind=kind,
        reason_start=read.reason_start,
        reason_end=read.reason_end,
        skipped=read.skipped,
        is_minute=read.is_minute,
    )


def _made_up_uri(kind: ItemKind, name: str, artist: str) -> str:
    if kind is ItemKind.EPISODE:
        return "spotify:episode:" + made_up_id("episode", name, artist)
    return uri_of(name, artist)
