"""One row of a streaming-history export, in both of its forms: extended history and account data.

Only the fields that are named here are ever looked at; whatever else a row holds (addresses, devices, names of
people) does not leave it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

LONGEST_PLAY_MS = 24 * 3_600_000
_MINUTE_FORMAT = "%Y-%m-%d %H:%M"
_BOOK_KEYS = ("audiobook_title", "audiobook_chapter_title", "audiobookName", "audiobookTitle", "bookName")
UNNAMED = "nothing that was played is named"


class RowKind(StrEnum):
    """What a row tells of."""

    TRACK = "track"
    EPISODE = "podcast"
    AUDIOBOOK = "audiobook"
    LOCAL = "local file"
    VIDEO = "video"


@dataclass(frozen=True, slots=True)
class Row:
    """One readable row. ``ended_ms`` is the end of play, to the minute where ``is_minute``; ``uri`` is ``None`` where
    the row has none of the service's; the reasons may be unknown."""

    kind: RowKind
    ended_ms: int
    ms_played: int
    name: str
    artist: str
    album: str = ""
    uri: str | None = None
    reason_start: str | None = None
    reason_end: str | None = None
    skipped: bool | None = None
    is_minute: bool = False


class Unreadable(ValueError):
    """A row is malformed; the text says how, and never what stood in it."""


def read_row(row: object) -> Row:
    """One row of either form. Raises ``Unreadable``."""
    if isinstance(row, Unreadable):
        raise row
    if not isinstance(row, dict):
        raise Unreadable("no object")
    if "ts" in row or "ms_played" in row:
        return _extended(row)
    if "endTime" in row:
        return _account(row)
    raise Unreadable("neither ts nor endTime")


def _extended(row: Mapping[str, Any]) -> Row:
    ended_ms = _moment(row.get("ts"), "ts")
    ms_played = _played(row.get("ms_played"))
    name, artist = row.get("master_metadata_track_name"), row.get("master_metadata_album_artist_name")
    uri = row.get("spotify_track_uri")
    kind = RowKind.TRACK
    if not isinstance(name, str) or not name:
        name, artist, uri = row.get("episode_name"), row.get("episode_show_name"), row.get("spotify_episode_uri")
        kind = RowKind.EPISODE
        if not isinstance(name, str) or not name:
            if not any(isinstance(row.get(key), str) and row[key] for key in _BOOK_KEYS):
                raise Unreadable(UNNAMED)
            name, artist, uri, kind = "", None, None, RowKind.AUDIOBOOK
    uri = uri if isinstance(uri, str) and uri.startswith("spotify:") else None
    if kind is RowKind.TRACK and uri is not None and uri.startswith("spotify:local:"):
        kind = RowKind.LOCAL
    skipped = row.get("skipped")
    return Row(
        kind=kind,
        ended_ms=ended_ms,
        ms_played=ms_played,
        name=name,
        artist=artist if isinstance(artist, str) else "",
        album=_text(row.get("master_metadata_album_album_name")) or "",
        uri=uri,
        reason_start=_text(row.get("reason_start")),
        reason_end=_text(row.get("reason_end")),
        skipped=skipped if isinstance(skipped, bool) else None,
    )


def _account(row: Mapping[str, Any]) -> Row:
    kind = RowKind.EPISODE if "episodeName" in row else RowKind.TRACK
    name = row.get("episodeName") if kind is RowKind.EPISODE else row.get("trackName")
    artist = row.get("podcastName") if kind is RowKind.EPISODE else row.get("artistName")
    if kind is RowKind.TRACK and "trackName" not in row and any(key in row for key in _BOOK_KEYS):
        kind, name, artist = RowKind.AUDIOBOOK, "audiobook", ""
    if not isinstance(name, str) or not isinstance(artist, str) or not name:
        raise Unreadable(UNNAMED)
    return Row(
        kind=kind,
        ended_ms=_moment(row.get("endTime"), "endTime"),
        ms_played=_played(row.get("msPlayed")),
        name=name,
        artist=artist,
        is_minute=True,
    )


def _moment(given: Any, key: str) -> int:
    if not isinstance(given, str):
        raise Unreadable(f"{key} is missing")
    try:
        if key == "endTime":
            at = datetime.strptime(given, _MINUTE_FORMAT).replace(tzinfo=UTC)
        else:
            at = datetime.fromisoformat(given)
            at = at if at.tzinfo is not None else at.replace(tzinfo=UTC)
        return round(at.timestamp() * 1000)
    except (ValueError, OverflowError):
        raise Unreadable(f"{key} is no time") from None


def _played(given: Any) -> int:
    if not isinstance(given, int) or isinstance(given, bool) or not 0 <= given <= LONGEST_PLAY_MS:
        raise Unreadable("the time played is missing or absurd")
    return given


def _text(given: Any) -> str | None:
    return given if isinstance(given, str) else None
