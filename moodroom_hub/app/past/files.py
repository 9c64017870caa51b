"""Which files of what was given hold a history: in folders, in zips, packed or not. Nothing is unpacked to disk."""

import gzip
import re
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from pathlib import Path, PurePosixPath

from moodroom_hub.app.past.values import Broken, Bytes
from moodroom_hub.core.errors import MoodroomError

MOST_BYTES = 4 * 1024**3
"""Of one file, unpacked. Half a million rows are some 400 MB."""
MOST_MEMBERS = 50_000
MOST_FOLD = 250
"""How many times as long a text may be as its packed form, from ``FOLD_FROM_BYTES`` on; exports come to 20 or 30."""
FOLD_FROM_BYTES = 16 * 1024**2

_MUSIC = re.compile(r"(streaming_?history|endsong)[^/]*\.(json|jsonl)(\.gz)?$", re.IGNORECASE)
_VIDEO = re.compile(r"video", re.IGNORECASE)
_BY_HAND = (".json", ".jsonl", ".json.gz", ".jsonl.gz")
_IN_FOLDERS = (".zip", ".jsonl", ".jsonl.gz")
_ENCRYPTED = 0x1
_DAMAGES = (zipfile.BadZipFile, zlib.error, EOFError, gzip.BadGzipFile, NotImplementedError, RuntimeError)
"""What Python raises while it unpacks: the last two for a packing or a lock that it does not know."""


class Form(Enum):
    """How the values stand in a file."""

    JSON = "json"
    LINES = "lines"


@dataclass(frozen=True, slots=True)
class Source:
    """One file with rows. ``size`` in bytes counts for the progress; ``is_video``: none of its rows is music."""

    name: str
    size: int
    form: Form
    is_video: bool
    open: Callable[[], "Opened"]


class Opened:
    """An open file that may be read to a certain length. Damage while reading is told as ``Broken``."""

    def __init__(self, stream: Bytes, closers: Iterable[Callable[[], None]], packed: Callable[[], int] | None) -> None:
        self._stream = stream
        self._closers = list(closers)
        self._packed = packed
        self.done = 0
        """Bytes read so far, counted as ``Source.size`` counts."""
        self._length = 0

    def read(self, size: int = -1, /) -> bytes:
        """Up to ``size`` bytes. Raises ``Broken``."""
        try:
            found = self._stream.read(size)
        except _DAMAGES:
            raise Broken("the file is damaged from here on") from None
        self._length += len(found)
        self.done = self._length if self._packed is None else self._packed()
        if self._length > MOST_BYTES:
            raise Broken(f"the file is larger than {MOST_BYTES // 1024**3} GB: no history is")
        if self._packed is not None and self._length > max(FOLD_FROM_BYTES, MOST_FOLD * self.done):
            raise Broken("the file unpacks to an absurd size")
        return found

    def close(self) -> None:
        """Let go of the file."""
        for close in self._closers:
            close()


@contextmanager
def opened(source: Source) -> Iterator[Opened]:
    """The source's bytes. Raises ``Broken`` where it cannot be opened at all."""
    try:
        file = source.open()
    except _DAMAGES:
        raise Broken("the file is damaged") from None
    try:
        yield file
    finally:
        file.close()


@contextmanager
def sources(paths: Iterable[Path]) -> Iterator[tuple[list[Source], list[str]]]:
    """All sources in ``paths``, by name, and lines about what was left out. Zips stay open inside.

    A file that is named itself is read whatever its name; in folders and zips only what a history is called is.
    Raises ``MoodroomError`` where nothing there can be a history.
    """
    found: list[Source] = []
    notes: list[str] = []
    archives: list[zipfile.ZipFile] = []
    try:
        for path in _unfolded(paths):
            if path.suffix.lower() == ".zip":
                found += _in_zip(path, archives, notes)
            else:
                found.append(_plain(path))
        if not found:
            told = f" {' '.join(notes)}" if notes else ""
            raise MoodroomError(
                "No streaming history was found. Its files are called Streaming_History_Audio_*.json, "
                f"StreamingHistory*.json or endsong_*.json; a zip or a folder with them will do.{told}"
            )
        yield sorted(found, key=lambda source: source.name), notes
    finally:
        for archive in archives:
            archive.close()


def _unfolded(paths: Iterable[Path]) -> Iterator[Path]:
    seen: set[Path] = set()
    for given in paths:
        given.stat()  # what is not there is said before anything is read
        inside = sorted(file for file in given.rglob("*") if _is_wanted(file)) if given.is_dir() else [given]
        for file in inside:
            true_path = file.resolve()
            if true_path not in seen:
                seen.add(true_path)
                yield file


def _is_wanted(file: Path) -> bool:
    name = file.name.lower()
    return file.is_file() and (bool(_MUSIC.search(name)) or name.endswith(_IN_FOLDERS))


def _plain(path: Path) -> Source:
    name = path.name
    if not name.lower().endswith(_BY_HAND):
        raise MoodroomError(f"{path} is neither a zip nor JSON: give the export as it came, or files out of it.")
    size = path.stat().st_size

    def open_file() -> Opened:
        raw = path.open("rb")
        if not name.lower().endswith(".gz"):
            return Opened(raw, [raw.close], None)
        unpacked = gzip.GzipFile(fileobj=raw, mode="rb")
        return Opened(unpacked, [unpacked.close, raw.close], raw.tell)

    return Source(str(path), size, _form(name), bool(_VIDEO.search(name)), open_file)


def _in_zip(path: Path, archives: list[zipfile.ZipFile], notes: list[str]) -> list[Source]:
    try:
        archive = zipfile.ZipFile(path)
    except _DAMAGES:
        raise MoodroomError(f"{path} is damaged, or no zip at all. Download it again.") from None
    archives.append(archive)
    members = archive.infolist()
    if len(members) > MOST_MEMBERS:
        raise MoodroomError(f"{path} holds {len(members)} files: no export does.")
    found = []
    for member in members:
        name = PurePosixPath(member.filename.replace("\\", "/")).name
        if member.is_dir() or not _MUSIC.search(name) or name.startswith("._"):
            continue
        where = f"{path.name}:{member.filename}"
        if member.flag_bits & _ENCRYPTED:
            notes.append(f"{where} is locked with a password and was left out; unpack it first.")
        elif member.file_size > MOST_BYTES:
            notes.append(f"{where} is larger than {MOST_BYTES // 1024**3} GB and was left out: no history is.")
        elif member.file_size > max(FOLD_FROM_BYTES, MOST_FOLD * member.compress_size):
            notes.append(f"{where} unpacks to an absurd size and was left out.")
        else:
            found.append(_member(archive, member, where, name))
    return found


def _member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, where: str, name: str) -> Source:
    def open_member() -> Opened:
        stream = archive.open(member)
        if not name.lower().endswith(".gz"):
            return Opened(stream, [stream.close], None)
        unpacked = gzip.GzipFile(fileobj=stream, mode="rb")
        return Opened(unpacked, [unpacked.close, stream.close], stream.tell)

    return Source(where, member.file_size, _form(name), bool(_VIDEO.search(name)), open_member)


def _form(name: str) -> Form:
    return Form.LINES if name.lower().removesuffix(".gz").endswith(".jsonl") else Form.JSON
