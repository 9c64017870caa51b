"""Plays as files: a table for a spreadsheet, JSON, or listens for ListenBrainz. Written whole or not at all."""

import contextlib
import csv
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO

from moodroom_hub.core.errors import MoodroomError

Row = Mapping[str, Any]
"""One play, as the API tells it."""

COLUMNS = (
    "id", "zone", "began_at", "counted_at", "name", "artists", "album", "uri", "isrc", "duration_ms", "heard_ms",
    "room", "tier", "rules", "twin_of", "why", "deliveries",
)  # fmt: skip
_FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")


def export(target: Path, plays: Iterable[Row], *, is_replacing: bool) -> tuple[int, int]:
    """Write ``plays`` by the ending of ``target``; how many were written, how many have no place there.

    Raises ``MoodroomError`` for an unknown ending, and for a file that is there already unless ``is_replacing``.
    """
    write = _WRITERS.get(target.suffix.lower())
    if write is None:
        raise MoodroomError(f"{target}: end the name in .csv, .json or .jsonl (the listens that ListenBrainz takes).")
    if target.exists() and not is_replacing:
        raise MoodroomError(f"{target} is there already. Choose another name, or add --force.")
    with _draft(target) as file:
        return write(file, plays)


@contextlib.contextmanager
def _draft(target: Path) -> Iterator[TextIO]:
    """A file beside ``target`` that takes its place once all is in it."""
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        with draft.open("x", encoding="utf-8", newline="") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        draft.replace(target)
    except FileExistsError:
        raise MoodroomError(f"{draft} is in the way; remove it and try again.") from None
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def _write_csv(file: TextIO, plays: Iterable[Row]) -> tuple[int, int]:
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    written = 0
    for play in plays:
        row = {
            **play,
            "artists": "; ".join(play["artists"]),
            "deliveries": "; ".join(f"{each['target']}: {each['status']}" for each in play["deliveries"]),
        }
        writer.writerow([_cell(row[name]) for name in COLUMNS])
        written += 1
    return written, 0


def _cell(value: object) -> object:
    """A text that a spreadsheet would take for a formula gets an apostrophe before it."""
    if isinstance(value, str) and value.startswith(_FORMULA_SIGNS):
        return f"'{value}"
    return value


def _write_json(file: TextIO, plays: Iterable[Row]) -> tuple[int, int]:
    written = 0
    file.write('{"plays": [')
    for play in plays:
        file.write(",\n" if written else "\n")
        file.write(json.dumps(play, ensure_ascii=False))
        written += 1
    file.write("\n]}\n")
    return written, 0


def _write_listens(file: TextIO, plays: Iterable[Row]) -> tuple[int, int]:
    written = without = 0
    for play in plays:
        listen = listen_of(play)
        if listen is None:
            without += 1
            continue
        file.write(json.dumps(listen, ensure_ascii=False) + "\n")
        written += 1
    return written, without


def listen_of(play: Row) -> dict[str, Any] | None:
    """The play as a listen of ListenBrainz, corrected as it is to be sent; ``None`` without a name or an artist."""
    edits = [each["edit"] for each in play["deliveries"] if each["edit"]]
    edit: Mapping[str, str | None] = edits[-1] if edits else {}
    name = edit.get("name") or play["name"]
    artist = edit.get("artist") or ", ".join(play["artists"])
    if not name or not artist:
        return None
    about: dict[str, Any] = {"submission_client": "Moodroom Hub"}
    about |= {key: play[key] for key in ("duration_ms", "isrc") if play[key]}
    kind, _, spotify_id = str(play["uri"]).rpartition(":")
    if kind == "spotify:track":
        about["spotify_id"] = f"https://open.spotify.com/track/{spotify_id}"
    metadata: dict[str, Any] = {"artist_name": artist, "track_name": name, "additional_info": about}
    if album := edit.get("album") or play["album"]:
        metadata["release_name"] = album
    began_s = int(datetime.fromisoformat(play["began_at"]).timestamp())
    return {"listened_at": began_s, "track_metadata": metadata}


_WRITERS: Mapping[str, Callable[[TextIO, Iterable[Row]], tuple[int, int]]] = {
    ".csv": _write_csv,
    ".json": _write_json,
    ".jsonl": _write_listens,
}
