"""Which songs are labelled: drawn at random, or asked for as the sorter asks."""

import random
from collections.abc import Callable, Sequence

from benchmarks.labels.owners import Owner
from moodroom_hub.domain.models import Uri
from moodroom_hub.domain.sorting.asking import rank
from moodroom_hub.domain.sorting.models import Chances, Label, Layer, LayerKey, Sublist, SublistKey
from moodroom_hub.plugins.sorter.learning.task import Lesson, Trained

NEVER_ASKED = 0.25
"""This part of the songs is kept from the questions, so that accuracy on them owes nothing to what was asked."""
STEP = 5
"""So many questions until the next training, as in the sorter."""


def at_random(owner: Owner, count: int, seed: int) -> list[int]:
    """``count`` labels, every sublist at least once where the number allows."""
    rng = random.Random(f"{owner.name}/{owner.case}/{count}/{seed}")
    order = list(range(len(owner.truth)))
    rng.shuffle(order)
    first: dict[int, int] = {}
    for index in order:
        for sublist in owner.truth[index] or {-1}:
            first.setdefault(sublist, index)
    chosen = dict.fromkeys([*first.values()][:count])
    for index in order:
        if len(chosen) >= count:
            break
        chosen.setdefault(index)
    return list(chosen)


def lesson_of(owner: Owner, index: int) -> Lesson:
    """What a person would say of this song, asked."""
    return Lesson(index, owner.truth[index], frozenset(range(len(owner.task.names))) - owner.truth[index])


def never_asked(owner: Owner, seed: int) -> frozenset[int]:
    """The songs that no question is about."""
    rng = random.Random(f"{owner.name}/never/{seed}")
    return frozenset(rng.sample(range(len(owner.truth)), int(NEVER_ASKED * len(owner.truth))))


class Asking:
    """The sorter's own questions. ``train``: a quick training on these lessons."""

    def __init__(self, owner: Owner, seed: int, train: Callable[[Sequence[int]], Trained]) -> None:
        self._owner = owner
        self._train = train
        self._rng = random.Random(f"{owner.name}/asked/{seed}")
        hidden = never_asked(owner, seed)
        self._uris = [Uri(str(place)) for place in range(len(owner.truth)) if place not in hidden]
        self._keys = tuple(SublistKey(str(place)) for place in range(len(owner.task.names)))
        self._layer = Layer(
            LayerKey("layer"),
            "layer",
            tuple(Sublist(key, key) for key in self._keys),
            is_mutual=owner.task.is_mutual,
            is_complete=owner.task.is_complete,
        )
        self.labelled: list[int] = []

    def go_on(self, count: int) -> None:
        """Ask until there are ``count`` labels."""
        while len(self.labelled) < count:
            trained = self._train(self.labelled)
            chances = {Uri(str(at)): Chances(Uri(str(at)), row) for at, row in enumerate(trained.chances)}
            points = {Uri(str(at)): row for at, row in enumerate(trained.points)}
            wanted = min(STEP, count - len(self.labelled))
            labels = {Uri(str(at)): self._label(at) for at in self.labelled}
            found = rank(
                self._layer,
                self._uris,
                chances if self.labelled else {},
                labels,
                self._rng,
                count=wanted,
                points=points,
            )
            if not found:
                return
            self.labelled += [int(uri) for uri in found]

    def _label(self, at: int) -> Label:
        fits = frozenset(self._keys[place] for place in self._owner.truth[at])
        return Label(Uri(str(at)), fits, frozenset(self._keys) - fits)
