"""What is known of a song reaches those around it, and a song is seen the same whenever it is looked at."""

import numpy as np
import pytest
from scipy import sparse

from moodroom_hub.plugins.sorter.learning import surroundings
from moodroom_hub.plugins.sorter.learning.features import learn_space
from moodroom_hub.plugins.sorter.learning.frame import Frame, learn_frame
from moodroom_hub.plugins.sorter.learning.surroundings import HOPS, KEPT, learn_surroundings, spread
from moodroom_hub.plugins.sorter.learning.training import look, train
from tests.plugins.sorter.learning.made_up import PER_SUBLIST, task, taught, truth_of


def _frame(labelled: list[int]) -> tuple[Frame, np.ndarray[tuple[int, ...], np.dtype[np.float32]]]:
    seen = look(task())
    frame = learn_frame(seen.rows, np.array(labelled), 0, seen.around, seen.anchors, seen.near)
    return frame, frame.of(seen.rows, seen.points, seen.near)


def test_neighbours_are_alike_and_make_up_one_whole_among_them_the_song_itself() -> None:
    near = look(task()).near
    np.testing.assert_allclose(np.asarray(near.sum(1)).ravel(), 1, atol=1e-5)
    assert all(near[place, place] > 0 for place in range(2 * PER_SUBLIST))
    rows, columns = near.nonzero()
    assert all(truth_of(int(row)) == truth_of(int(column)) for row, column in zip(rows, columns, strict=True))


def test_spreading_is_so_many_hops() -> None:
    near = sparse.csr_matrix(np.array([[0.5, 0.5], [0.25, 0.75]], dtype=np.float32))
    own = np.array([[1.0], [0.0]], dtype=np.float32)
    step = KEPT * np.eye(2) + (1 - KEPT) * near.toarray()
    np.testing.assert_allclose(
        KEPT**HOPS * own + near @ spread(own, near), np.linalg.matrix_power(step, HOPS) @ own, atol=1e-6
    )


def test_a_song_looked_at_alone_is_the_same_as_among_all() -> None:
    frame, dense = _frame([0, PER_SUBLIST])
    alone = frame.of(learn_space(task()).rows(task().songs[7:8]))
    np.testing.assert_allclose(alone[0], dense[7], atol=1e-4)


def test_the_more_labels_the_less_do_the_surroundings_count() -> None:
    few, many = _frame([0, PER_SUBLIST])[0], _frame(list(range(2 * PER_SUBLIST)))[0]
    assert few.share > many.share > 0


def test_a_large_motherlist_is_stood_for_by_some_of_its_songs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(surroundings, "ANCHORS", 20)
    seen = look(task())
    assert len(seen.anchors) == len(set(seen.anchors.tolist())) == seen.near.shape[1] == 20
    trained, _ = train(task(taught()))
    assert sum(int(np.argmax(row)) == truth_of(at) for at, row in enumerate(trained.chances)) >= 1.8 * PER_SUBLIST


def test_a_motherlist_of_nothing_has_no_surroundings() -> None:
    around, anchors = learn_surroundings(sparse.csr_matrix((0, 30), dtype=np.float32), 0)
    assert (len(anchors), around.near(around.points(sparse.csr_matrix((0, 30)))).shape) == (0, (0, 0))
