"""How much the model's probabilities are to be trusted: learnt from labels that it was not shown.

One number, the sharpness by which scores are multiplied, is fitted to predictions of left-out labels. Few labels say
little about it, so that it is held near what is usual. What is left of the error, surer or less sure than right at some
heights, is taken off height by height, as far as left-out labels speak for it.
"""

import math
from collections import Counter
from collections.abc import Sequence

from moodroom_hub.plugins.local_mining.softmax import Lesson, Softmax, fit, probabilities
from moodroom_hub.plugins.local_mining.songs import Label, Sparse

FOLDS = 5
HOLD = 40.0
"""How many labels' worth of evidence it takes to move the sharpness from the usual one by a factor of e."""
USUAL = 0.9
"""The sharpness where nothing else is known: models of few labels are a little surer than they are right."""
BELIEF = 20.0
"""So many left-out labels at one height are believed by half."""
WIDTH = 0.2
"""How far around its own confidence a left-out label speaks."""
STEPS = 20
SLOPE = 0.01
"""The least rise: what was told apart stays told apart, in the same order."""
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


class Correction:
    """What to say for a confidence: the same order, truer heights. Without any claim it says the same."""

    def __init__(self, claims: Sequence[tuple[float, bool]] = ()) -> None:
        """``claims``: confidence in songs that the model was not shown, and whether it was right."""
        self._said: list[float] = []
        highest = 0.0
        for step in range(STEPS + 1):
            height = step / STEPS
            nearness = [math.exp(-0.5 * ((height - claim) / WIDTH) ** 2) for claim, _ in claims]
            error = sum(near * (is_right - claim) for near, (claim, is_right) in zip(nearness, claims, strict=True))
            # Never quite up to certainty: otherwise all the surest would be called equally certain.
            highest = max(highest, min(height + error / (BELIEF + sum(nearness)), (3 + height) / 4))
            self._said.append(highest + SLOPE * height)

    def of(self, confidence: float) -> float:
        """Between 0 and 1."""
        place = min(int(confidence * STEPS), STEPS - 1)
        low, high = self._said[place], self._said[place + 1]
        found = low + (high - low) * (confidence * STEPS - place)
        return found / (1 + SLOPE)

    def applied(self, chances: Sequence[float]) -> list[float]:
        """The best room's chance is corrected; the others share what it leaves, and none gets above it."""
        best = max(range(len(chances)), key=chances.__getitem__)
        top = chances[best]
        said = self.of(top)
        scale = (1 - said) / (1 - top) if top < 1 else 1.0
        return [said if room == best else min(said, chance * scale) for room, chance in enumerate(chances)]


def sharpness(labels: Sequence[Label], scores: Sequence[Sequence[float]]) -> float:
    """By what to multiply scores, so that probabilities are true of songs that were not shown."""

    def doubt(candidate: float) -> float:
        loss = 0.5 * HOLD * math.log(candidate / USUAL) ** 2
        for label, own in zip(labels, scores, strict=True):
            chance = probabilities(own, candidate)[label.room]
            loss -= math.log(max(chance if label.is_fit else 1 - chance, 1e-9))
        return loss

    return min(_GRID, key=doubt)
