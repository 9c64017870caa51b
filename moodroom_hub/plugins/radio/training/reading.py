"""Playlists out of files, whichever of the known shapes they have. One list at a time; nothing is kept.

Slices of the Million Playlist Dataset and a person's own export (JSON with "playlists"), JSON lines (a playlist a
line), and CSV with a heading; each plain, packed with gzip, or in a zip. What can't be read is named and left out.
"""

import gzip
import io
import json
import os
import re
import stat
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import IO, Any

from moodroom_hub.plugins.radio.names import first_of_credit
from moodroom_hub.plugins.radio.training.tables import lists_of_table

KINDS = (".json", ".jsonl", ".ndjson", ".csv", ".tsv")
PACKED = ".gz"
ZIP = ".zip"
LARGEST_DOCUMENT = 512 << 20
"""Bytes. A slice of the Million Playlist Dataset has 35 MB; a JSON document is read as a whole."""
LONGEST_LINE = 64 << 20
LONGEST_ROW = 1 << 20
"""Characters of a table's row. What is longer is cut, and then lacks columns or has none that are known."""
MOST_TOLD = 20
LONGEST_WHY = 80


class SourceError(ValueError):
    """There is nothing to learn from; the text says where it was looked for and what is wanted there."""


@dataclass(frozen=True, slots=True)
class RawList:
    """A playlist as a file has it: its name, and an artist's name for each track, in order."""

    name: str
    artists: Sequence[str]


@dataclass(slots=True)
class Faults:
    """What could not be read: how often (``files`` of it whole files, or their rest), and the first few, in words."""

    count: int = 0
    told: list[str] = field(default_factory=list)
    files: int = 0

    def add(self, where: str, why: str, *, is_file: bool = False) -> None:
        """One thing that is left out."""
        self.count += 1
        self.files += is_file
        if len(self.told) < MOST_TOLD:
            self.told.append(f"{where}: {why}")

    def extend(self, other: "Faults") -> None:
        """Those of another reader."""
        self.count += other.count
        self.files += other.files
        self.told.extend(other.told[: MOST_TOLD - len(self.told)])


@dataclass(frozen=True, slots=True, order=True)
class Part:
    """A file to read, or a member of a zip."""

    path: Path
    member: str = ""

    @property
    def label(self) -> str:
        """For people."""
        return f"{self.path.name}/{self.member}" if self.member else self.path.name

    @property
    def kind(self) -> str:
        """How the content's name ends, without what packs it."""
        return _kind(self.member or self.path.name)

    @property
    def is_packed(self) -> bool:
        """Whether gzip packs it."""
        return (self.member or self.path.name).lower().endswith(PACKED)


def find_parts(paths: Iterable[Path], faults: Faults) -> list[Part]:
    """The files of these folders (and those below) that have a known ending, and the files that are named, sorted.

    Raises ``SourceError`` where a path is not there or nothing is found.
    """
    asked = list(paths)
    parts: set[Part] = set()
    for path in asked:
        if path.is_dir():
            for file in _files_in(path, faults):
                if not file.name.startswith(".") and (_kind(file.name) in KINDS or _kind(file.name) == ZIP):
                    parts.update(_parts_of(file, faults))
        elif path.is_file():
            parts.update(_parts_of(path, faults))
        else:
            raise SourceError(f"there is no file or folder {path}")
    if asked and not parts:
        where = ", ".join(str(path) for path in asked[:3])
        wanted = f"wanted are files that end in {', '.join(KINDS)}, perhaps packed"
        left_out = f" ({faults.told[0]})" if faults.told else ""
        raise SourceError(f"no playlists in {where}{left_out}: {wanted}")
    return sorted(parts)


def _files_in(folder: Path, faults: Faults) -> Iterator[Path]:
    """Those of the folders below, too, but of those that are links. A folder without rights is a fault."""

    def hear(error: OSError) -> None:
        faults.add(Path(str(error.filename)).name, f"this folder can't be read ({error.strerror})", is_file=True)

    for where, _, names in os.walk(folder, onerror=hear):
        yield from (Path(where, name) for name in names)


def read_lists(paths: Iterable[Path], faults: Faults | None = None) -> Iterator[RawList]:
    """All playlists of these files and folders. Raises ``SourceError`` where there is nothing to read at all."""
    kept = Faults() if faults is None else faults
    for part in find_parts(paths, kept):
        yield from read_part(part, kept)


def read_part(part: Part, faults: Faults) -> Iterator[RawList]:
    """The playlists of one file; where it is broken, those before the break."""
    try:
        with _opened(part) as stream:
            if part.kind in (".csv", ".tsv"):
                text = io.TextIOWrapper(stream, "utf-8-sig", errors="replace", newline="")
                name_of_file = Path(part.label).name.split(".")[0]
                for name, artists in lists_of_table(
                    iter(partial(text.readline, LONGEST_ROW), ""),
                    name_of_file,
                    lambda where, why, is_rest: faults.add(f"{part.label}, {where}", why, is_file=is_rest),
                ):
                    yield RawList(name, artists)
            elif part.kind == ".json":
                yield from _of_document(stream, part.label, faults)
            else:
                yield from _of_lines(stream, part.label, faults)
    except (OSError, EOFError, zlib.error, zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else _short(error)
        faults.add(part.label, f"can't be read on ({why or 'it breaks off'})", is_file=True)
    except ValueError as error:
        faults.add(part.label, str(error), is_file=True)


def _kind(name: str) -> str:
    return Path(name.lower().removesuffix(PACKED)).suffix


def _parts_of(path: Path, faults: Faults) -> Iterator[Part]:
    try:
        mode = path.stat().st_mode
    except OSError as error:
        faults.add(path.name, f"can't be read ({error.strerror})", is_file=True)
        return
    if not stat.S_ISREG(mode):  # to open a pipe or a device may wait for ever
        faults.add(path.name, "is no ordinary file", is_file=True)
        return
    if _kind(path.name) != ZIP:
        yield Part(path)
        return
    try:
        with zipfile.ZipFile(path) as archive:
            for member in archive.namelist():
                if _kind(member) in KINDS and not Path(member).name.startswith("."):
                    yield Part(path, member)
    except (OSError, zipfile.BadZipFile, ValueError) as error:
        faults.add(path.name, f"is no zip that can be read ({_short(error)})", is_file=True)


@contextmanager
def _opened(part: Part) -> Iterator[IO[bytes] | gzip.GzipFile]:
    if part.member:
        with zipfile.ZipFile(part.path) as archive, archive.open(part.member) as stream:
            yield gzip.GzipFile(fileobj=stream) if part.is_packed else stream
    elif part.is_packed:
        with gzip.open(part.path) as packed:
            yield packed
    else:
        with part.path.open("rb") as plain:
            yield plain


def _of_document(stream: IO[bytes] | gzip.GzipFile, label: str, faults: Faults) -> Iterator[RawList]:
    content = stream.read(LARGEST_DOCUMENT + 1)
    if len(content) > LARGEST_DOCUMENT:
        raise ValueError(f"is larger than {LARGEST_DOCUMENT >> 20} MB; cut it into slices or write JSON lines")
    try:
        document = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"is no JSON ({_short(error)})") from None
    del content
    found = document.get("playlists", [document]) if isinstance(document, dict) else document
    if not isinstance(found, list):
        raise ValueError("holds no list of playlists")
    for place, each in enumerate(found):
        yield from _of_object(each, f"{label}, playlist {place + 1}", faults)


def _of_lines(stream: IO[bytes] | gzip.GzipFile, label: str, faults: Faults) -> Iterator[RawList]:
    number = 0
    while line := stream.readline(LONGEST_LINE + 1):
        number += 1
        if len(line) > LONGEST_LINE:
            raise ValueError(f"line {number} is longer than {LONGEST_LINE >> 20} MB")
        if not line.strip():
            continue
        try:
            found = json.loads(line.removeprefix(b"\xef\xbb\xbf"))
        except (ValueError, RecursionError) as error:
            faults.add(f"{label}, line {number}", f"is no JSON ({_short(error)})")
            continue
        yield from _of_object(found, f"{label}, line {number}", faults)


def _of_object(found: object, where: str, faults: Faults) -> Iterator[RawList]:
    tracks = None
    if isinstance(found, dict):
        tracks = next((found[key] for key in ("tracks", "items", "artists") if isinstance(found.get(key), list)), None)
    if not isinstance(found, dict) or tracks is None:
        faults.add(where, "is no playlist: it has no tracks")
        return
    artists = [artist for track in tracks if (artist := artist_of(track))]
    if tracks and not artists:
        faults.add(where, "names no artist")
        return
    name = next((found[key] for key in ("playlist", "name", "title") if isinstance(found.get(key), str)), "")
    yield RawList(name, artists)


def artist_of(track: object) -> str:
    """The first artist of a track in any of the shapes that files have; empty where it names none."""
    if isinstance(track, str):
        return first_of_credit(track)
    if not isinstance(track, dict):
        return ""
    inner: Any = track.get("track")
    if isinstance(inner, dict):
        track = inner
    for key in ("artist_name", "artistName"):
        if isinstance(track.get(key), str):
            # One artist, as the service writes it: its commas are its own.
            return str(track[key])
    artists = track.get("artists", track.get("artist"))
    if isinstance(artists, list):
        artists = artists[0] if artists else ""
        if isinstance(artists, dict):
            artists = artists.get("name")
        return artists if isinstance(artists, str) else ""
    if isinstance(artists, dict):
        artists = artists.get("name")
    return first_of_credit(artists) if isinstance(artists, str) else ""


def _short(error: Exception) -> str:
    """In one line, cut between words."""
    text = re.sub(r"\s+", " ", str(error)).strip()
    if len(text) <= LONGEST_WHY:
        return text
    cut = text[: LONGEST_WHY + 1]
    return f"{cut[: cut.rfind(' ')] if ' ' in cut else text[:LONGEST_WHY]} ..."
