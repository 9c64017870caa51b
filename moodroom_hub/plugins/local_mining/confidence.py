"""How much the model's probabilities are to be trusted: learnt from labels that it was not shown.

One number, the sharpness by which scores are multiplied, is fitted to predictions of left-out labels. Few labels say
little about it, so that it is held near what is usual.
"""

import math
from collections import Counter
from collections.abc import Sequence

from moodroom_hub.plugins.local_mining.softmax import Lesson, Softmax, fit, probabilities
from moodroom_hub.plugins.local_mining.songs import Label, Sparse

FOLDS = 5
HOLD = 20.0
"""How many labels' worth of evidence it takes to move the sharpness from the usual one by a factor of e."""
EVENING = 1.25
"""The power by which rooms of few labels weigh more: 1 gives each room the same say, a little more helps the small."""
UNFIT_WEIGHT = 0.5
"""What a label of a song that does not fit weighs, beside one that fits."""
_GRID = [math.exp(step / 10) for step in range(-12, 13)]


def lessons_of(labels: Sequence[Label], features: Sequence[Sparse]) -> list[Lesson]:
    """Labels as lessons, weighed so that small rooms are heard; mean weight 1 among those that fit."""
    counts = Counter(label.room for label in labels if label.is_fit)
    homes = Counter(label.song for label in labels if label.is_fit)
    weights = {room: count**-EVENING for room, count in counts.items()}
    total = sum(weights[label.room] / homes[label.song] for label in labels if label.is_fit)
    scale = sum(counts.values()) / total if total else 1.0
    return [
        Lesson(
            features[label.song],
            label.room,
            weights[label.room] * scale / homes[label.song] if label.is_fit else UNFIT_WEIGHT,
            label.is_fit,
        )
        for label in labels
    ]


def unseen_scores(labels: Sequence[Label], features: Sequence[Sparse], rooms: int, whole: Softmax) -> list[list[float]]:
    """For each label the scores of its song, by a model that was shown no label of that song."""
    places = {song: place for place, song in enumerate(dict.fromkeys(label.song for label in labels))}
    folds = min(FOLDS, len(places))
    found: list[list[float]] = [[] for _ in labels]
    for fold in range(folds):
        shown = [label for label in labels if places[label.song] % folds != fold]
        model = fit(lessons_of(shown, features), rooms, whole)
        for index, label in enumerate(labels):
            if places[label.song] % folds == fold:
                found[index] = model.scores(features[label.song])
    return found


def usual_sharpness(labels: int) -> float:
    """What fits where nothing else is known: a model of few labels is tamed by its penalty and right more often than
    it says."""
    return 1 + min(0.2, 0.15 * (25 / max(1, labels)) ** 2)


def sharpness(labels: Sequence[Label], scores: Sequence[Sequence[float]]) -> float:
    """By what to multiply scores, so that probabilities are true of songs that were not shown."""

    usual = usual_sharpness(len(labels))

    def doubt(candidate: float) -> float:
        loss = 0.5 * HOLD * math.log(candidate / usual) ** 2
        for label, own in zip(labels, scores, strict=True):
            chance = probabilities(own, candidate)[label.room]
            loss -= math.log(max(chance if label.is_fit else 1 - chance, 1e-9))
        return loss

    return min(_GRID, key=doubt)
