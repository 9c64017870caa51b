"""Playlists on their way from files to numbers: cleaned up, and put aside in chunks on the disk.

A chunk holds the hashes of artists' names, not places in a vocabulary, so that chunks can be made by anybody in any
order, and none knows of the others. Beside it lie the spellings, sorted, with how often each was met.
"""

from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from moodroom_hub.plugins.radio.model_file import ArrayFile, Blocks, Numbers, write_arrays
from moodroom_hub.plugins.radio.names import LONGEST, artist_key, key_hash
from moodroom_hub.plugins.radio.training.reading import RawList

CHUNK_KIND = "chunk of station lists"
CHUNK_ARTISTS = 2_000_000
"""Places of artists in lists that one chunk holds at most; a chunk is worked on as a whole."""
CHUNK_SPELLINGS = 400_000
LONGEST_LIST = 5_000
"""Artists. What is longer is a library rather than a list, and is cut off."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Lists as codes of artists: row ``n`` is ``codes[starts[n]:starts[n + 1]]``, ``table[code]`` an artist's hash.

    ``table`` is sorted. ``digests``: a hash of each row, the same for the same artists in the same order.
    """

    table: NDArray[np.uint64]
    codes: NDArray[np.int32]
    starts: NDArray[np.int64]
    digests: NDArray[np.uint64]

    def __len__(self) -> int:
        return len(self.digests)

    def pieces(self, artists: int = CHUNK_ARTISTS) -> Iterator["Chunk"]:
        """The same in parts that are small enough to work on; the table is shared."""
        start = 0
        while start < len(self):
            end = int(np.searchsorted(self.starts, self.starts[start] + artists, side="right")) - 1
            end = min(max(end, start + 1), len(self))
            first, last = int(self.starts[start]), int(self.starts[end])
            yield Chunk(
                self.table,
                self.codes[first:last],
                self.starts[start : end + 1] - first,
                self.digests[start:end],
            )
            start = end


@dataclass(frozen=True, slots=True)
class Spilled:
    """A chunk's files, and what is in them."""

    lists: Path
    spellings: Path
    count: int
    artists: int


class Spill:
    """Takes lists and writes chunks into a folder."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder = folder
        self.name = name
        self.chunks: list[Spilled] = []
        self._empty()

    def _empty(self) -> None:
        self._artists = array("Q")
        self._starts = array("q", [0])
        self._digests = array("Q")
        self._spellings: dict[str, list[int]] = {}

    def add(self, raw: RawList) -> None:
        """One list; one that names nobody is left out. Raises ``OSError``."""
        row: dict[int, None] = {}
        for written in dict.fromkeys(raw.artists):
            known = self._spellings.get(written)
            if known is None:
                key = artist_key(written)
                if not key:
                    continue
                known = self._spellings.setdefault(written, [key_hash(key), 0])
            known[1] += 1
            row[known[0]] = None
            if len(row) >= LONGEST_LIST:
                break
        if not row:
            return
        hashes = array("Q", row)
        self._artists.extend(hashes)
        self._starts.append(len(self._artists))
        self._digests.append(int.from_bytes(blake2b(hashes.tobytes(), digest_size=8).digest(), "little"))
        if len(self._artists) >= CHUNK_ARTISTS or len(self._spellings) >= CHUNK_SPELLINGS:
            self.flush()

    def flush(self) -> None:
        """Write what is held. Raises ``OSError``."""
        if not self._digests:
            return
        stem = f"{self.name}-{len(self.chunks):05d}"
        lists, spellings = self.folder / f"{stem}.lists", self.folder / f"{stem}.spellings"
        table, codes = np.unique(np.frombuffer(self._artists, np.uint64), return_inverse=True)
        chunk = Chunk(
            table,
            codes.astype(np.int32),
            np.frombuffer(self._starts, np.int64),
            np.frombuffer(self._digests, np.uint64),
        )
        write_chunk(lists, chunk)
        write_spellings(
            spellings, sorted(spelling_line(hash_, text, count) for text, (hash_, count) in self._spellings.items())
        )
        self.chunks.append(Spilled(lists, spellings, len(self._digests), len(self._artists)))
        self._empty()


def write_chunk(path: Path, chunk: Chunk) -> None:
    """Raises ``OSError``."""
    arrays: dict[str, Numbers | Blocks] = {
        "table": chunk.table,
        "codes": chunk.codes,
        "starts": chunk.starts,
        "digests": chunk.digests,
    }
    write_arrays(path, CHUNK_KIND, {}, arrays)


def chunk_of(file: ArrayFile) -> Chunk:
    """What ``write_chunk`` wrote. Raises ``ModelFileError`` where an array is missing or has another type."""
    return Chunk(
        file.array("table", np.uint64),
        file.array("codes", np.int32),
        file.array("starts", np.int64),
        file.array("digests", np.uint64),
    )


def spelling_line(hash_: int, text: str, count: int) -> bytes:
    """Lines sort by artist, then by spelling."""
    tidy = " ".join(text[:LONGEST].split()).encode(errors="replace")
    return b"%016x\t%s\t%d\n" % (hash_, tidy, count)


def read_spelling(line: bytes) -> tuple[int, str, int]:
    """The reverse."""
    hash_, text, count = line.split(b"\t")
    return int(hash_, 16), text.decode(), int(count)


def write_spellings(path: Path, lines: Iterable[bytes]) -> None:
    """Raises ``OSError``."""
    with path.open("wb") as stream:
        stream.writelines(lines)
