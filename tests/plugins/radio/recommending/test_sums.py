"""Sums over lists, piece by piece, are what the whole gives."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from moodroom_hub.plugins.radio.recommending.interface import Lists
from moodroom_hub.plugins.radio.recommending.matrices import matrix
from moodroom_hub.plugins.radio.recommending.sums import Kept, Piece, listed_together, own_sums, weights_of


@pytest.fixture
def lists(tmp_path: Path) -> Lists:
    """Forty lists of fifteen artists, one of them empty, in a file."""
    rng = np.random.default_rng(1)
    rows = [sorted(rng.choice(15, rng.integers(1, 8), replace=False)) for _ in range(40)]
    rows[7] = []
    starts = np.cumsum([0, *map(len, rows)]).astype(np.int64)
    path = tmp_path / "artists"
    np.array([each for row in rows for each in row], dtype=np.int32).tofile(path)
    return Lists(starts, np.memmap(path, np.int32, "r"), 15)


@pytest.mark.parametrize("rows_at_once", [1, 7, 40, 1000])
def test_pieces_sum_up_to_the_whole_wherever_they_are_worked_on(lists: Lists, rows_at_once: int) -> None:
    vectors = np.random.default_rng(2).standard_normal((15, 3)).astype(np.float32)
    rows = matrix(lists, weights_of(lists))
    whole = rows.T @ (rows @ vectors)
    sent: list[Piece] = []

    def elsewhere(work: Callable[[Any], Any], tasks: Sequence[Any]) -> Iterator[Any]:
        sent.extend(tasks)
        return map(work, tasks)

    here = listed_together(lists, vectors, rows_at_once)
    there = listed_together(replace(lists, spread=elsewhere), vectors, rows_at_once)
    np.testing.assert_allclose(here, whole, rtol=1e-4, atol=1e-5)
    np.testing.assert_array_equal(here, there)
    assert all(isinstance(part, Kept) for piece in sent for part in (piece.artists, piece.vectors))
    assert not list(Path(sent[0].vectors.path).parent.glob("*.vectors")), "nothing is left behind"  # type: ignore[union-attr]  # see above
    diagonal = (rows.T @ rows).diagonal()
    np.testing.assert_allclose(own_sums(lists, rows_at_once), diagonal, rtol=1e-5)
