"""What is known of a name (an artist, a song) as a row of numbers, kept by the name's hash."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from moodroom_hub.plugins.sorter.learning.keys import number_of

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Table:
    """``numbers``: hashes in rising order; ``rows``: one a hash."""

    numbers: NDArray[np.uint64]
    rows: Floats

    @property
    def width(self) -> int:
        """How many numbers a row has."""
        return int(self.rows.shape[1])

    def means(self, names: Sequence[Sequence[str]]) -> Floats:
        """For each entry the mean of its names' rows, of length 1; zeros where none is known."""
        found = np.zeros((len(names), self.width), dtype=np.float32)
        if len(self.numbers) == 0:
            return found
        owners = np.fromiter((i for i, each in enumerate(names) for _ in each), dtype=np.int64)
        wanted = np.fromiter((number_of(name) for each in names for name in each), dtype=np.uint64)
        places = np.searchsorted(self.numbers, wanted).clip(max=len(self.numbers) - 1)
        is_known = self.numbers[places] == wanted
        np.add.at(found, owners[is_known], self.rows[places[is_known]])
        return unit(found)


def table_of(names: Sequence[str], rows: Any) -> Table:
    """A table of these names, one row each."""
    numbers = np.fromiter(map(number_of, names), dtype=np.uint64, count=len(names))
    order = np.argsort(numbers, kind="stable")
    return Table(numbers[order], np.ascontiguousarray(np.asarray(rows, dtype=np.float32)[order]))


def empty_table() -> Table:
    """Nothing is known of anybody."""
    return Table(np.zeros(0, dtype=np.uint64), np.zeros((0, 0), dtype=np.float32))


def unit(rows: Floats) -> Floats:
    """Every row of length 1; zeros stay."""
    lengths = np.sqrt(np.einsum("ij,ij->i", rows, rows))
    return (rows / np.where(lengths > 0, lengths, 1.0)[:, None]).astype(np.float32)
