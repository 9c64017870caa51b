"""One training: several models, by cross-validation on the owner's labels the best or their mean, and true chances."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from moodroom_hub.plugins.sorter.learning.calibration import Calibration, calibration_error, fit_calibration, loss_of
from moodroom_hub.plugins.sorter.learning.features import Space, learn_space
from moodroom_hub.plugins.sorter.learning.frame import Frame, learn_frame
from moodroom_hub.plugins.sorter.learning.lessons import FOLDS, Lessons, Matrix, folds_of, read_lessons
from moodroom_hub.plugins.sorter.learning.linear import fit_linear
from moodroom_hub.plugins.sorter.learning.neighbours import learn_neighbours
from moodroom_hub.plugins.sorter.learning.network import fit_network
from moodroom_hub.plugins.sorter.learning.surroundings import Surroundings, learn_surroundings
from moodroom_hub.plugins.sorter.learning.tables import Floats, unit
from moodroom_hub.plugins.sorter.learning.task import Judged, Song, Trained, TrainingTask
from moodroom_hub.plugins.sorter.learning.whys import Reasons

POINTS = 32
LINEAR = "linear"
FREER = "linear, freer"
NEIGHBOURS = "neighbours"
NETWORK = "network"
MEAN = "mean of all"
NOTHING = "nothing learnt"
FREEDOMS = {LINEAR: 10.0, FREER: 40.0}
CLEARLY = 0.02
"""The mean of all is left for one model only where that one's loss is less by so much of its own."""
Tell = Callable[[int, int], None]


class Fitted(Protocol):
    """A model that has learnt."""

    def scores(self, dense: Floats) -> Matrix:
        """By song and class; see the models."""
        ...


@dataclass(frozen=True, slots=True)
class Member:
    """One model and how its scores become chances."""

    name: str
    model: Fitted
    calibration: Calibration


@dataclass(frozen=True, slots=True)
class Model:
    """All that a stored training needs to judge other songs."""

    names: tuple[str, ...]
    is_mutual: bool
    is_complete: bool
    has_void: bool
    space: Space
    frame: Frame
    members: tuple[Member, ...]
    final: Calibration

    def chances(self, songs: Sequence[Song]) -> Matrix:
        """By song and sublist; the void is left out."""
        if not self.members:
            return _nothing_known(len(songs), len(self.names), self.is_mutual, self.is_complete)
        dense = self.frame.of(self.space.rows(songs))
        found = self.dense_chances(dense)
        return found[:, : len(self.names)]

    def dense_chances(self, dense: Floats) -> Matrix:
        """By row and class."""
        single = [each.calibration.chances(each.model.scores(dense), is_mutual=self.is_mutual) for each in self.members]
        return self.final.chances(_blended(single, self.is_mutual), is_mutual=self.is_mutual)


def _blended(chances: Sequence[Matrix], is_mutual: bool) -> Matrix:
    """Scores of the mean of these chances."""
    mean = np.mean(chances, axis=0)
    found: Matrix = np.log(mean + 1e-9) if is_mutual else np.log(mean + 1e-9) - np.log1p(-mean + 1e-9)
    return found


def _nothing_known(songs: int, sublists: int, is_mutual: bool, is_complete: bool) -> Matrix:
    share = 1.0 / max(1, sublists + (not is_complete)) if is_mutual else 0.5 / max(1, sublists)
    return np.full((songs, sublists), share)


@dataclass(frozen=True, slots=True)
class Seen:
    """The songs of a task as numbers, whatever the lessons are. ``rows``: sparse, one a song.

    ``points``: where songs lie; ``near``: their neighbours among the ``anchors``; see ``Surroundings``.
    """

    space: Space
    rows: Any
    around: Surroundings
    anchors: NDArray[np.int64]
    points: Floats
    near: Any


def look(task: TrainingTask) -> Seen:
    """What takes no lesson."""
    space = learn_space(task)
    rows = space.rows(task.songs)
    around, anchors = learn_surroundings(rows, task.seed)
    points = around.points(rows)
    return Seen(space, rows, around, anchors, points, around.near(points))


def train(task: TrainingTask, tell: Tell = lambda done, total: None, seen: Seen | None = None) -> tuple[Trained, Model]:
    """Learn, and judge every song of the task. ``tell``: steps done, of all. ``seen``: what ``look`` gave."""
    lessons = read_lessons(task)
    useful = lessons.useful
    known = lessons.part(useful)
    seen = seen or look(task)
    frame = learn_frame(seen.rows, np.unique(known.songs), task.seed, seen.around, seen.anchors, seen.near)
    dense = frame.of(seen.rows, seen.points, seen.near)
    names = (task.names, task.is_mutual, task.is_complete, known.has_void, seen.space, frame)
    if not len(useful) or not task.names:
        return _untaught(task, Model(*names, (), Calibration()), seen)
    makers = _makers(task)
    steps = (FOLDS + 1) * len(makers) + 1
    folds = folds_of(known, task.seed)
    inputs = dense[known.songs]
    held_out: dict[str, Matrix] = {}
    done = 0
    everyone = dense[lessons.songs]
    spare = np.setdiff1d(np.arange(len(lessons.songs)), useful)
    whole: dict[str, Fitted] = {}
    for name, make in makers.items():
        model = make(inputs, known)
        if model is None:
            continue
        whole[name] = model
        scores = np.zeros((len(lessons.songs), known.classes))
        scores[spare] = model.scores(everyone[spare])
        for fold in range(FOLDS):
            out = np.flatnonzero(folds == fold)
            shown = np.flatnonzero(folds != fold)
            done += 1
            tell(done, steps)
            if not len(out):
                continue
            part = make(inputs[shown], known.part(shown)) if len(shown) else None
            scores[useful[out]] = _flat(len(out), known) if part is None else part.scores(inputs[out])
        done += 1
        held_out[name] = scores
    return _chosen(task, lessons, held_out, whole, names, dense, seen)


def judge(model: Model, task: TrainingTask) -> Judged:
    """Chances and a line for every song of the task, by what was learnt before."""
    chances = model.chances(task.songs)
    return Judged(_rows(chances), Reasons(task).whys(chances))


def _flat(rows: int, lessons: Lessons) -> Matrix:
    return np.full((rows, lessons.classes), 0.0 if lessons.is_mutual else -1.0)


def _makers(task: TrainingTask) -> dict[str, Callable[[Floats, Lessons], Fitted | None]]:
    found: dict[str, Callable[[Floats, Lessons], Fitted | None]] = {
        LINEAR: lambda dense, lessons: fit_linear(dense, lessons, FREEDOMS[LINEAR]),
        FREER: lambda dense, lessons: fit_linear(dense, lessons, FREEDOMS[FREER]),
        NEIGHBOURS: learn_neighbours,
    }
    if not task.is_quick:
        found[NETWORK] = lambda dense, lessons: fit_network(dense, lessons, task.seed)
    return found


def _chosen(
    task: TrainingTask,
    lessons: Lessons,
    held_out: dict[str, Matrix],
    whole: dict[str, Fitted],
    names: tuple[tuple[str, ...], bool, bool, bool, Space, Frame],
    dense: Floats,
    seen: Seen,
) -> tuple[Trained, Model]:
    calibrations = {name: fit_calibration(scores, lessons) for name, scores in held_out.items()}
    single = {name: calibrations[name].chances(scores, is_mutual=task.is_mutual) for name, scores in held_out.items()}
    blend = _blended(list(single.values()), task.is_mutual)
    final = fit_calibration(blend, lessons)
    tried = single | {MEAN: final.chances(blend, is_mutual=task.is_mutual)}
    losses = {name: loss_of(chances, lessons) for name, chances in tried.items()}
    best = min(losses, key=lambda name: losses[name] * (1 - CLEARLY * (name == MEAN)))
    if best == MEAN:
        members = tuple(Member(name, whole[name], calibrations[name]) for name in whole)
    else:
        members, final = (Member(best, whole[best], calibrations[best]),), Calibration()
    model = Model(*names, members, final)
    sublists = len(task.names)
    chances = model.dense_chances(dense)[:, :sublists]
    confidence, hits = measured(tried[best][lessons.useful], lessons.part(lessons.useful))
    return Trained(
        chances=_rows(chances),
        whys=Reasons(task).whys(chances),
        held_out=_rows(tried[best][:, :sublists]),
        model=best,
        scores=tuple((name, accuracy(tried[name], lessons)) for name in tried),
        accuracy=accuracy(tried[best], lessons),
        calibration_error=calibration_error(confidence, hits),
        points=_rows(unit(seen.points[:, :POINTS])),
    ), model


def measured(chances: Matrix, lessons: Lessons) -> tuple[Matrix, np.ndarray[tuple[int, ...], np.dtype[np.bool_]]]:
    """Confidences, and whether each was right: of the likeliest class, or of each said sublist."""
    if lessons.is_mutual:
        best = chances.argmax(1)
        places = np.arange(len(best))
        return chances[places, best], lessons.targets[places, best] > 0
    said = lessons.weights > 0
    return chances[said], lessons.targets[said] > 0


def accuracy(chances: Matrix, lessons: Lessons) -> float:
    """The share of right first choices; where sublists stand by themselves, micro-F1 at an even chance."""
    rows = lessons.useful
    if not len(rows):
        return 0.0
    kept = lessons.part(rows)
    if lessons.is_mutual:
        return float(measured(chances[rows], kept)[1].mean())
    given = (chances[rows] >= 0.5) & (kept.weights > 0)
    right = (given & (kept.targets > 0)).sum()
    whole = given.sum() + (kept.targets * kept.weights > 0).sum()
    return float(2 * right / whole) if whole else 1.0


def _untaught(task: TrainingTask, model: Model, seen: Seen) -> tuple[Trained, Model]:
    chances = _nothing_known(len(task.songs), len(task.names), task.is_mutual, task.is_complete)
    return Trained(
        chances=_rows(chances),
        whys=("nothing is known yet that it could be likened to",) * len(task.songs),
        held_out=_rows(_nothing_known(len(task.lessons), len(task.names), task.is_mutual, task.is_complete)),
        model=NOTHING,
        scores=(),
        accuracy=0.0,
        calibration_error=0.0,
        points=_rows(unit(seen.points[:, :POINTS])),
    ), model


def _rows(matrix: Matrix | Floats) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(round(value, 6) for value in row) for row in matrix.tolist())
