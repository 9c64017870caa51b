"""Lessons as matrices: what a model is to say of each labelled song, and how much that counts."""

from dataclasses import dataclass
from random import Random

import numpy as np
from numpy.typing import NDArray

from moodroom_hub.plugins.sorter.learning.task import Lesson, TrainingTask

FOLDS = 5
UNSPOKEN = 0.5
"""What it counts that a song was put into other sublists, where nothing was said of this one."""
Matrix = NDArray[np.float64]
Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Lessons:
    """One row a lesson of the task.

    ``songs``: their places. ``targets``: of a mutual layer the share of each class (the void last, where
    ``has_void``), rows that sum to 1; else 1 where it fits. ``weights``: as ``targets``, 0
    where nothing was said, less than 1 where it may be guessed.
    """

    songs: Numbers
    targets: Matrix
    weights: Matrix
    is_mutual: bool
    has_void: bool

    @property
    def classes(self) -> int:
        """How many columns there are: sublists, and the void where there is one."""
        return int(self.targets.shape[1])

    @property
    def useful(self) -> Numbers:
        """The rows that say something."""
        return np.flatnonzero(self.weights.any(1))

    def part(self, rows: Numbers) -> "Lessons":
        """Only these rows."""
        return Lessons(self.songs[rows], self.targets[rows], self.weights[rows], self.is_mutual, self.has_void)


def read_lessons(task: TrainingTask) -> Lessons:
    """A lesson of a mutual layer that names what does not fit and nothing that does is silent, but for the void's."""
    sublists = len(task.names)
    has_void = task.is_mutual and not task.is_complete and any(_is_void(each, sublists) for each in task.lessons)
    width = sublists + has_void
    targets = np.zeros((len(task.lessons), width))
    weights = np.zeros_like(targets)
    for row, lesson in enumerate(task.lessons):
        if not task.is_mutual:
            targets[row, list(lesson.fits)] = 1.0
            # Who put a song into some lists and not into another may not have thought of that one; often they did.
            weights[row] = UNSPOKEN if lesson.fits else 0.0
            weights[row, list(lesson.fits | lesson.misfits)] = 1.0
        elif lesson.fits:
            targets[row, list(lesson.fits)] = 1.0 / len(lesson.fits)
            weights[row] = 1.0
        elif has_void and _is_void(lesson, sublists):
            targets[row, sublists] = 1.0
            weights[row] = 1.0
    songs = np.array([lesson.song for lesson in task.lessons], dtype=np.int64)
    return Lessons(songs, targets, weights, task.is_mutual, has_void)


def _is_void(lesson: Lesson, sublists: int) -> bool:
    return not lesson.fits and len(lesson.misfits) >= sublists


def folds_of(lessons: Lessons, seed: int) -> Numbers:
    """For each lesson the fold in which it is held out: every class spread over the folds; a song is in one fold."""
    rng = Random(seed)  # noqa: S311 -- a shuffle, no secret
    order = list(range(len(lessons.songs)))
    rng.shuffle(order)
    order.sort(key=lambda row: _class_of(lessons, row))
    found = np.zeros(len(order), dtype=np.int64)
    by_song: dict[int, int] = {}
    for place, row in enumerate(order):
        found[row] = by_song.setdefault(int(lessons.songs[row]), place % FOLDS)
    return found


def _class_of(lessons: Lessons, row: int) -> int:
    return int(np.argmax(lessons.targets[row])) if lessons.weights[row].any() else lessons.classes
