"""What is learnt from few labels, in every case of a layer and at its edges."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moodroom_hub.plugins.sorter.learning.calibration import calibration_error, fit_calibration, loss_of
from moodroom_hub.plugins.sorter.learning.lessons import folds_of, read_lessons
from moodroom_hub.plugins.sorter.learning.task import Lesson, Song, Trained, TrainingTask
from moodroom_hub.plugins.sorter.learning.training import MEAN, NETWORK, NOTHING, train
from tests.plugins.sorter.learning.conftest import WholeTraining
from tests.plugins.sorter.learning.made_up import BOTH, PER_SUBLIST, task, taught, truth_of


def _right(trained: Trained) -> float:
    hits = [int(np.argmax(row)) == truth_of(place) for place, row in enumerate(trained.chances)]
    return sum(hits) / len(hits)


def test_a_few_labels_sort_what_is_clear_and_every_model_is_told_of(whole_training: WholeTraining) -> None:
    trained, steps = whole_training.trained, whole_training.steps
    assert _right(trained) >= 0.95
    assert trained.accuracy >= 0.7
    assert {NETWORK, MEAN} <= {name for name, _ in trained.scores}
    assert trained.model in {name for name, _ in trained.scores}
    assert all(abs(sum(row) - 1) < 1e-4 for row in trained.chances)
    assert len(trained.held_out) == len(taught())
    assert len(trained.points) == len(trained.whys) == len(trained.chances)
    assert all(done <= total for done, total in steps)
    assert steps == sorted(steps)
    assert trained.whys[5].startswith("same artist (Jazz Player 0)")


def test_the_same_training_comes_to_the_same() -> None:
    assert train(task(taught()))[0] == train(task(taught()))[0]


def test_held_out_chances_come_from_models_that_never_saw_the_label() -> None:
    """A label that contradicts all others is believed where it was seen, and not where it was held out."""
    lied = (*taught(8)[:-1], Lesson(PER_SUBLIST + 7, frozenset({0})))
    trained, _ = train(task(lied))
    assert trained.held_out[-1][1] > 0.5


def test_the_void_is_learnt_where_a_layer_is_incomplete() -> None:
    lessons = tuple(
        replace(each, fits=frozenset(), misfits=BOTH) if each.song >= PER_SUBLIST else each for each in taught(6)
    )
    trained, _ = train(task(lessons, is_complete=False))
    inside = [sum(row) for row in trained.chances]
    assert min(inside[:PER_SUBLIST]) > max(inside[PER_SUBLIST:])
    assert max(inside) <= 1 + 1e-6
    complete, _ = train(task(lessons))
    assert all(abs(sum(row) - 1) < 1e-4 for row in complete.chances)


def test_sublists_that_share_songs_are_learnt_each_by_itself() -> None:
    lessons = tuple(
        Lesson(each.song, frozenset({0, 1}) if truth_of(each.song) else frozenset({0}), frozenset({1}) - each.fits)
        for each in taught(6)
    )
    trained, _ = train(task(lessons, is_mutual=False))
    assert min(row[0] for row in trained.chances) > 0.5
    assert all((row[1] > 0.5) == bool(truth_of(place)) for place, row in enumerate(trained.chances))


def test_sublists_that_share_songs_are_told_apart_where_only_fits_are_known() -> None:
    """As from playlists: nobody ever said that a song does not belong somewhere."""
    trained, _ = train(task(tuple(replace(each, misfits=frozenset()) for each in taught(6)), is_mutual=False))
    assert all((row[1] > row[0]) == bool(truth_of(place)) for place, row in enumerate(trained.chances))
    assert max(row[1] for row in trained.chances[:PER_SUBLIST]) < 0.5


@pytest.mark.parametrize("is_mutual", [True, False])
@pytest.mark.parametrize(
    "lessons",
    [
        (),
        (Lesson(0, frozenset({0})),),
        (Lesson(0, frozenset({0})), Lesson(1, frozenset({0}))),
        (Lesson(0, frozenset()),),
        (Lesson(0, frozenset(), frozenset({0})),),
        tuple(Lesson(place, frozenset({truth_of(place)})) for place in range(2 * PER_SUBLIST)),
        (Lesson(3, frozenset({0})), Lesson(3, frozenset({1})), Lesson(30, frozenset({1}))),
    ],
    ids=["none", "one", "one class", "of the void", "of what it is not", "all", "a contradiction"],
)
def test_edges_of_what_is_known(lessons: tuple[Lesson, ...], is_mutual: bool) -> None:
    trained, _ = train(task(lessons, is_mutual=is_mutual, is_quick=False))
    values = np.array(trained.chances)
    assert values.shape == (2 * PER_SUBLIST, 2)
    assert np.isfinite(values).all()
    assert ((values >= 0) & (values <= 1)).all()
    assert len(trained.held_out) == len(lessons)
    assert trained.model == NOTHING or trained.scores


def test_a_layer_without_songs_or_of_one_song() -> None:
    nothing = TrainingTask((), (), (), ("Old",), True, True)
    assert train(nothing)[0].chances == ()
    one = TrainingTask((Song("u", "÷", (), "", None, None),), (), (Lesson(0, frozenset({0})),), ("Old",), True, True)
    assert train(one)[0].chances == ((1.0,),)


def test_a_song_that_was_labelled_twice_is_held_out_as_one() -> None:
    lessons = read_lessons(task((*taught(), *taught())))
    folds = folds_of(lessons, 1)
    assert (folds[: len(taught())] == folds[len(taught()) :]).all()


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.3, 4.0))
def test_scores_that_are_too_sure_or_too_shy_are_put_right(seed: int, stretch: float) -> None:
    rng = np.random.default_rng(seed)
    lessons = read_lessons(
        task(tuple(Lesson(place, frozenset({int(rng.random() < 0.5)})) for place in range(40)), is_mutual=True)
    )
    true = rng.normal(0, 1.5, 40)
    targets = (rng.random(40) < 1 / (1 + np.exp(-true))).astype(float)
    lessons.targets[:, 0], lessons.targets[:, 1] = targets, 1 - targets
    scores = np.stack([true, np.zeros(40)], 1) * stretch
    found = fit_calibration(scores, lessons)
    raw = loss_of(fit_calibration(scores[:0], lessons.part(np.arange(0))).chances(scores, is_mutual=True), lessons)
    assert loss_of(found.chances(scores, is_mutual=True), lessons) <= raw + 1e-6


def test_what_is_as_sure_as_it_is_right_has_no_calibration_error() -> None:
    assert calibration_error(np.full(10, 0.8), np.array([True] * 8 + [False] * 2)) == pytest.approx(0)
    assert calibration_error(np.full(10, 0.8), np.array([False] * 10)) == pytest.approx(0.8)
    assert calibration_error(np.zeros(0), np.zeros(0, dtype=bool)) == 0
