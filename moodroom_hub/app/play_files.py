"""Plays as files, written whole or not at all.

A table for a spreadsheet or JSON, as the hub remembers them; or listens for ListenBrainz, as they would be sent.
"""

import contextlib
import csv
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO

from moodroom_hub import __version__
from moodroom_hub.core.errors import MoodroomError
from moodroom_hub.domain.plays.mending import BY_HAND

Row = Mapping[str, Any]
"""One play, as the API tells it."""

COLUMNS = (
    "id", "zone", "began_at", "counted_at", "name", "artists", "album", "uri", "isrc", "duration_ms", "heard_ms",
    "room", "tier", "rules", "twin_of", "why", "deliveries", "corrected_name", "corrected_artist", "corrected_album",
)  # fmt: skip
_PARTS = ("name", "artist", "album")
_LISTENBRAINZ = "listenbrainz"
_LEFT_OUT = "left_out"
_FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Written:
    """How many plays are in the file; how many are not, as they have no artist, or as somebody left them out."""

    plays: int
    nameless: int = 0
    unwanted: int = 0


def export(target: Path, plays: Iterable[Row], *, is_replacing: bool) -> Written:
    """Write ``plays`` by the ending of ``target``.

    Raises ``MoodroomError`` for an unknown ending, a folder that is missing, and for a file that is there already
    unless ``is_replacing``.
    """
    write = _WRITERS.get(target.suffix.lower())
    if write is None:
        said = f"{target}: end" if target.name else "Name a file, and end"
        raise MoodroomError(f"{said} the name in .csv, .json or .jsonl (the listens that ListenBrainz takes).")
    if not target.parent.is_dir():
        raise MoodroomError(f"There is no folder {target.parent}. Make it first, or choose another place.")
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


def _write_csv(file: TextIO, plays: Iterable[Row]) -> Written:
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    written = 0
    for play in plays:
        corrected = correction_of(play) or {}
        row = {
            **play,
            **{f"corrected_{part}": corrected.get(part) for part in _PARTS},
            "artists": "; ".join(play["artists"]),
            "deliveries": "; ".join(f"{each['target']}: {_standing(each)}" for each in play["deliveries"]),
        }
        writer.writerow([_cell(row[name]) for name in COLUMNS])
        written += 1
    return Written(written)


def _standing(delivery: Row) -> str:
    by_hand = " by hand" if delivery["reason"] == BY_HAND else ""
    return f"{str(delivery['status']).replace('_', ' ')}{by_hand}"


def _cell(value: object) -> object:
    """A text that a spreadsheet would take for a formula gets an apostrophe before it."""
    if isinstance(value, str) and value.startswith(_FORMULA_SIGNS):
        return f"'{value}"
    return value


def _write_json(file: TextIO, plays: Iterable[Row]) -> Written:
    written = 0
    file.write('{"plays": [')
    for play in plays:
        file.write(",\n" if written else "\n")
        file.write(json.dumps({**play, "corrected": correction_of(play)}, ensure_ascii=False))
        written += 1
    file.write("\n]}\n")
    return Written(written)


def _write_listens(file: TextIO, plays: Iterable[Row]) -> Written:
    written = nameless = unwanted = 0
    for play in plays:
        if is_unwanted(play):
            unwanted += 1
            continue
        listen = listen_of(play)
        if listen is None:
            nameless += 1
            continue
        file.write(json.dumps(listen, ensure_ascii=False) + "\n")
        written += 1
    return Written(written, nameless, unwanted)


def is_unwanted(play: Row) -> bool:
    """Whether somebody left it out, and no service gets it."""
    stands = play["deliveries"]
    return all(each["status"] == _LEFT_OUT for each in stands) and any(each["reason"] == BY_HAND for each in stands)


def correction_of(play: Row) -> Mapping[str, str | None] | None:
    """What is corrected of a play: for ListenBrainz, else for another service that it is not left out for."""
    corrected = {each["target"]: each["edit"] for each in play["deliveries"] if each["edit"] and _may_go(each)}
    return corrected.get(_LISTENBRAINZ) or next(iter(corrected.values()), None)


def _may_go(delivery: Row) -> bool:
    return bool(delivery["status"] != _LEFT_OUT)


def listen_of(play: Row) -> dict[str, Any] | None:
    """The play as a listen of ListenBrainz, corrected as it is to be sent; ``None`` without a name or an artist."""
    edit = correction_of(play) or {}
    name = edit.get("name") or play["name"]
    artist = edit.get("artist") or ", ".join(play["artists"])
    if not name or not artist:
        return None
    about: dict[str, Any] = {
        "media_player": "Moodroom Hub",
        "submission_client": "moodroom-hub",
        "submission_client_version": __version__,
    }
    about |= {key: play[key] for key in ("duration_ms", "isrc") if play[key]}
    kind, _, spotify_id = str(play["uri"]).rpartition(":")
    if kind == "spotify:track":
        about["spotify_id"] = f"https://open.spotify.com/track/{spotify_id}"
    metadata: dict[str, Any] = {"artist_name": artist, "track_name": name, "additional_info": about}
    if album := edit.get("album") or play["album"]:
        metadata["release_name"] = album
    began_s = int(datetime.fromisoformat(play["began_at"]).timestamp())
    return {"listened_at": began_s, "track_metadata": metadata}


_WRITERS: Mapping[str, Callable[[TextIO, Iterable[Row]], Written]] = {
    ".csv": _write_csv,
    ".json": _write_json,
    ".jsonl": _write_listens,
}
