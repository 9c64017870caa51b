"""Sums over all lists, piece by piece: here or on other machines, in the same order and so the same to the last bit."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import numpy as np
from numpy.typing import NDArray

from moodroom_hub.plugins.radio.recommending.interface import Floats, Lists
from moodroom_hub.plugins.radio.recommending.matrices import matrix

ROWS_AT_ONCE = 50_000
"""Lists of one piece."""


@dataclass(frozen=True, slots=True)
class Kept:
    """An array in a file that every machine sees under this path."""

    path: str
    kind: str
    offset: int
    shape: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Piece:
    """Some lists, and vectors of all artists. ``starts`` counts from the piece's own first artist."""

    starts: NDArray[np.int64]
    artists: NDArray[np.int32] | Kept
    vectors: Floats | Kept


def weights_of(lists: Lists) -> Floats:
    """What each list counts: long ones say less of each pair in them."""
    return (np.maximum(np.diff(lists.starts), 1).astype(np.float32) ** -0.25).astype(np.float32)


def listed_together(lists: Lists, vectors: Floats, rows_at_once: int = ROWS_AT_ONCE) -> Floats:
    """For each artist the sum of the vectors of all that are listed with them, by the weight of the lists.

    That is M'MV for the matrix M of weighted lists. ``vectors``: float32, one row an artist.
    """
    found = np.zeros_like(vectors)
    with _shown(lists, vectors) as shown:
        pieces = [_piece(lists, begin, rows_at_once, shown) for begin in range(0, len(lists), rows_at_once)]
        for part in (map if lists.spread is None else lists.spread)(sum_of, pieces):
            found += part
    return found


def sum_of(piece: Piece) -> Floats:
    """The piece's part of the sum."""
    vectors = _array(piece.vectors)
    lists = Lists(piece.starts, _array(piece.artists), len(vectors))
    rows = matrix(lists, weights_of(lists))
    return np.asarray(rows.T @ (rows @ vectors), dtype=np.float32)


def own_sums(lists: Lists, rows_at_once: int = ROWS_AT_ONCE) -> Floats:
    """The diagonal of M'M: what each artist has of being listed with themselves."""
    found = np.zeros(lists.size)
    squares = weights_of(lists).astype(np.float64) ** 2
    for begin in range(0, len(lists), rows_at_once):
        lengths = np.diff(lists.starts[begin : begin + rows_at_once + 1])
        first = int(lists.starts[begin])
        artists = lists.artists[first : first + int(lengths.sum())]
        found += np.bincount(artists, np.repeat(squares[begin : begin + len(lengths)], lengths), lists.size)
    return found.astype(np.float32)


def _piece(lists: Lists, begin: int, count: int, vectors: Floats | Kept) -> Piece:
    starts = lists.starts[begin : begin + count + 1]
    first, last = int(starts[0]), int(starts[-1])
    artists: NDArray[np.int32] | Kept = lists.artists[first:last]
    if lists.spread is not None and isinstance(lists.artists, np.memmap) and lists.artists.filename is not None:
        path, offset = str(lists.artists.filename), lists.artists.offset + first * lists.artists.itemsize
        artists = Kept(path, lists.artists.dtype.str, offset, (last - first,))
    return Piece(np.ascontiguousarray(starts - first), artists, vectors)


@contextmanager
def _shown(lists: Lists, vectors: Floats) -> Iterator[Floats | Kept]:
    """The vectors as other machines get to see them: once in a file beside the lists, not once with each piece."""
    artists = lists.artists
    if lists.spread is None or not isinstance(artists, np.memmap) or artists.filename is None:
        yield vectors
        return
    with NamedTemporaryFile(dir=Path(artists.filename).parent, suffix=".vectors") as stream:
        stream.write(np.ascontiguousarray(vectors).data)
        stream.flush()
        yield Kept(stream.name, vectors.dtype.str, 0, vectors.shape)


def _array(kept: Any) -> Any:
    if not isinstance(kept, Kept):
        return kept
    if not all(kept.shape):
        return np.zeros(kept.shape, kept.kind)
    return np.memmap(kept.path, kept.kind, "r", kept.offset, kept.shape)
