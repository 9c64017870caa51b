"""From chunks to one vocabulary, one set of lists in its numbers, and one name for each artist.

Every step takes chunks one by one and gives something small, so that it does not matter who works on which: the same
functions run in this process and on a cluster, and their sums do not depend on the order.
"""

import heapq
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from moodroom_hub.plugins.radio.model_file import ArrayFile
from moodroom_hub.plugins.radio.training.spilling import CHUNK_KIND, Chunk, chunk_of, read_spelling

LEAST_LISTS = 2
"""An artist in fewer lists stands beside nobody twice: there is nothing to learn about it."""
MOST_ARTISTS = 1_000_000
MOST_OPEN_FILES = 64
Hashes = NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Rows:
    """Lists whose artists are places in the vocabulary; those with fewer than two artists left are not among them."""

    lengths: NDArray[np.int64]
    places: NDArray[np.int32]


def digests_of(path: Path) -> Hashes:
    """Of the lists of a chunk."""
    with ArrayFile.open(path, CHUNK_KIND) as file:
        return file.array("digests", np.uint64).copy()


def first_ones(digests: Sequence[Hashes]) -> list[NDArray[np.bool_]]:
    """Which rows of each chunk have not come before: the same artists in the same order are one list, once."""
    whole = np.concatenate([np.empty(0, np.uint64), *digests])
    first = np.zeros(len(whole), np.bool_)
    first[np.unique(whole, return_index=True)[1]] = True
    return np.split(first, np.cumsum([len(each) for each in digests])[:-1]) if digests else []


def count_artists(path: Path, kept: NDArray[np.bool_]) -> tuple[Hashes, NDArray[np.int64]]:
    """In how many of the rows that are kept each artist of a chunk is."""
    with ArrayFile.open(path, CHUNK_KIND) as file:
        chunk, done = chunk_of(file), 0
        counts = np.zeros(len(chunk.table), np.int64)
        for piece in chunk.pieces():
            wanted = np.repeat(kept[done : done + len(piece)], np.diff(piece.starts))
            counts += np.bincount(piece.codes[wanted], minlength=len(counts))
            done += len(piece)
        return chunk.table.copy(), counts


def sum_counts(found: Sequence[tuple[Hashes, NDArray[np.int64]]]) -> tuple[Hashes, NDArray[np.int64]]:
    """Of several chunks together."""
    table, place = np.unique(
        np.concatenate([np.empty(0, np.uint64), *(each[0] for each in found)]), return_inverse=True
    )
    counts = np.zeros(len(table), np.int64)
    np.add.at(counts, place, np.concatenate([np.empty(0, np.int64), *(each[1] for each in found)]))
    return table, counts


def vocabulary(table: Hashes, counts: NDArray[np.int64], most: int = MOST_ARTISTS) -> NDArray[np.int64]:
    """Which of these artists are learnt, the most listed first: rows of ``table``, their order is their place."""
    order = np.lexsort((table, -counts))
    return order[: min(most, int(np.count_nonzero(counts >= LEAST_LISTS)))]


def in_places(path: Path, kept: NDArray[np.bool_], hashes: Hashes, places: NDArray[np.int32]) -> Rows:
    """The rows of a chunk that are kept, in places; ``hashes`` is sorted, ``places`` says where each of them stands."""
    with ArrayFile.open(path, CHUNK_KIND) as file:
        chunk, done = chunk_of(file), 0
        at = np.minimum(np.searchsorted(hashes, chunk.table), max(0, len(hashes) - 1))
        is_known = hashes[at] == chunk.table if len(hashes) else np.zeros(len(chunk.table), np.bool_)
        place_of = np.where(is_known, places[at] if len(hashes) else -1, -1).astype(np.int32)
        lengths, found = [np.empty(0, np.int64)], [np.empty(0, np.int32)]
        for piece in chunk.pieces():
            rows = np.repeat(np.arange(len(piece)), np.diff(piece.starts))
            artists = place_of[piece.codes]
            counts = np.bincount(rows[artists >= 0], minlength=len(piece))
            wanted = kept[done : done + len(piece)] & (counts > 1)
            lengths.append(counts[wanted])
            found.append(artists[(artists >= 0) & wanted[rows]])
            done += len(piece)
        return Rows(np.concatenate(lengths), np.concatenate(found))


def codes_of(path: Path, kept: NDArray[np.bool_], table: Hashes) -> Iterator[Chunk]:
    """The rows of a chunk that are kept, as codes of another table that holds all of its artists."""
    with ArrayFile.open(path, CHUNK_KIND) as file:
        chunk, done = chunk_of(file), 0
        code_of = np.searchsorted(table, chunk.table).astype(np.int32)
        for piece in chunk.pieces():
            wanted = kept[done : done + len(piece)]
            lengths = np.diff(piece.starts)
            codes = code_of[piece.codes[np.repeat(wanted, lengths)]]
            starts = np.concatenate([[0], np.cumsum(lengths[wanted])])
            yield Chunk(table, codes, starts, piece.digests[wanted])
            done += len(piece)


def merge_spellings(files: Sequence[Path], folder: Path) -> Path:
    """All spellings of these sorted files in one, each once with the sum of its counts. Raises ``OSError``."""
    turn = 0
    waiting = list(files)
    while len(waiting) != 1 or turn == 0:
        merged = []
        for start in range(0, max(1, len(waiting)), MOST_OPEN_FILES):
            path = folder / f"merged-{turn}-{start:06d}.spellings"
            with ExitStack() as stack:
                streams = [stack.enter_context(each.open("rb")) for each in waiting[start : start + MOST_OPEN_FILES]]
                out = stack.enter_context(path.open("wb"))
                # The count stands last: lines of one spelling are neighbours, whatever their counts.
                for head, lines in groupby(heapq.merge(*streams), lambda line: line.rpartition(b"\t")[0]):
                    out.write(b"%s\t%d\n" % (head, sum(int(line.rpartition(b"\t")[2]) for line in lines)))
            merged.append(path)
        waiting = merged
        turn += 1
    return waiting[0]


def names_of(spellings: Path, places: Mapping[int, int]) -> list[bytes]:
    """For each place the spelling that was met most often; ``places``: by the artist's hash. Raises ``OSError``."""
    names = [b""] * len(places)
    with spellings.open("rb") as stream:
        for hash_, lines in groupby(map(read_spelling, stream), lambda each: each[0]):
            place = places.get(hash_)
            if place is not None:
                # Of two that were met as often the first by its letters: any rule will do that is always the same.
                names[place] = min(lines, key=lambda each: (-each[2], each[1]))[1].encode()
    return names
