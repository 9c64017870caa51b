"""The pieces of a training as tasks: a task says all that its work needs, so that any process can do it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from moodroom_hub.plugins.radio.model_file import ArrayFile, write_arrays
from moodroom_hub.plugins.radio.training.joining import Hashes, Rows, count_artists, digests_of, in_places
from moodroom_hub.plugins.radio.training.reading import Faults, Part, read_part
from moodroom_hub.plugins.radio.training.spilling import Spill, Spilled

VOCABULARY_KIND = "vocabulary of station lists"
ROWS_KIND = "rows of station lists"
PARTS_AT_ONCE = 8
"""Files that one task reads: small files share a chunk."""
LARGE_BYTES = 64 << 20
"""A file of this size is a task of its own."""


@dataclass(frozen=True, slots=True)
class Reading:
    """Files of one source, to be read, cleaned up and put aside."""

    source: str
    name: str
    parts: tuple[Part, ...]
    folder: Path


@dataclass(slots=True)
class Read:
    """What came of it."""

    source: str
    chunks: list[Spilled]
    faults: Faults = field(default_factory=Faults)


@dataclass(frozen=True, slots=True)
class Numbering:
    """A chunk whose kept rows are to be written as places."""

    chunk: Path
    kept: NDArray[np.bool_]
    vocabulary: Path
    out: Path


def readings(source: str, name: str, parts: Sequence[Part], folder: Path) -> Iterator[Reading]:
    """Which files are read together."""
    held: list[Part] = []
    number = 0
    for place, part in enumerate(parts):
        held.append(part)
        is_large = not part.member and _size(part.path) >= LARGE_BYTES
        if len(held) >= PARTS_AT_ONCE or is_large or place == len(parts) - 1:
            yield Reading(source, f"{name}-{number:06d}", tuple(held), folder)
            held, number = [], number + 1


def _size(path: Path) -> int:
    """0 for what has gone meanwhile: whoever reads it says so."""
    try:
        return path.stat().st_size
    except OSError:
        return 0


def read(task: Reading) -> Read:
    """Raises ``OSError`` where the folder can't be written."""
    faults = Faults()
    spill = Spill(task.folder, task.name)
    for part in task.parts:
        for each in read_part(part, faults):
            spill.add(each)
    spill.flush()
    return Read(task.source, spill.chunks, faults)


def digests(chunk: Path) -> Hashes:
    """Of a chunk's rows."""
    return digests_of(chunk)


def count(task: tuple[Path, NDArray[np.bool_]]) -> tuple[Hashes, NDArray[np.int64]]:
    """A chunk, and which of its rows count."""
    return count_artists(*task)


def write_vocabulary(path: Path, hashes: Hashes, places: NDArray[np.int32]) -> None:
    """For ``number``, wherever that happens. Raises ``OSError``."""
    write_arrays(path, VOCABULARY_KIND, {}, {"hashes": hashes, "places": places})


def number(task: Numbering) -> Path:
    """Write a chunk's rows as places. Raises ``OSError``."""
    with ArrayFile.open(task.vocabulary, VOCABULARY_KIND) as file:
        rows = in_places(task.chunk, task.kept, file.array("hashes", np.uint64), file.array("places", np.int32))
    write_arrays(task.out, ROWS_KIND, {}, {"lengths": rows.lengths, "places": rows.places})
    return task.out


def numbered(path: Path) -> Rows:
    """What ``number`` wrote."""
    with ArrayFile.open(path, ROWS_KIND) as file:
        return Rows(file.array("lengths", np.int64).copy(), file.array("places", np.int32).copy())
