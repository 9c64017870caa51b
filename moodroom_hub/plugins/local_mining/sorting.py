"""Sorts a library into rooms by a few labels, and looks through a room for what does not fit."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from moodroom_hub.plugins.local_mining.belonging import Belonging, learn_belonging
from moodroom_hub.plugins.local_mining.confidence import USUAL, Correction, lessons_of, sharpness, unseen_scores
from moodroom_hub.plugins.local_mining.features import Library
from moodroom_hub.plugins.local_mining.reasons import Reasons
from moodroom_hub.plugins.local_mining.softmax import Softmax, fit, probabilities
from moodroom_hub.plugins.local_mining.songs import Label, Misfit, Sparse, Verdict

LEAST_TO_CHECK = 12
"""With fewer labels none can be left out to check the confidence."""
FEW = 5
"""Of a single room with fewer labels nothing surer than a guess is said."""

AUDIT_FOLDS = 5
CLEARLY = 1.5
"""An audit flags a song that is so much nearer kin to another room."""

OnStep = Callable[[int, int], None]


def _unheard(done: int, total: int) -> None:
    """Nobody wants to know."""


@dataclass(frozen=True, slots=True)
class Sorter:
    """What was learnt. ``homes``: the mean number of rooms of a song that has any."""

    model: Softmax
    sharpness: float
    correction: Correction
    belonging: Belonging
    rooms: tuple[int, ...]
    count: int
    homes: float
    trust: float

    def chances(self, features: Sparse) -> tuple[float, ...]:
        """For each room the probability that the song fits it; 0 for rooms of which nothing is known."""
        found = [0.0] * self.count
        inside = self.belonging.chance(features) * self.trust
        shares = _at_home(probabilities(self.model.scores(features), self.sharpness), self.homes)
        # Of one room alone there is a second share, for what is not it.
        for room, chance in zip(self.rooms, self.correction.applied(shares), strict=False):
            found[room] = inside * chance
        return tuple(found)


def _at_home(shares: Sequence[float], homes: float) -> list[float]:
    """Shares of the homes as chances: a song of several homes has that many chances to be in a room."""
    return [1 - (1 - share) ** homes for share in shares]


def learn(library: Library, labels: Sequence[Label], rooms: int, is_open: bool = True) -> Sorter | None:
    """Learn from labels; ``None`` where no room has any. ``is_open``: some songs may belong in no room."""
    fits = list(dict.fromkeys(label for label in labels if label.is_fit))
    known = tuple(sorted({label.room for label in fits}))
    if not known:
        return None
    places = {room: place for place, room in enumerate(known)}
    refused = {(label.song, label.room) for label in labels if not label.is_fit}
    used = [Label(label.song, places[label.room]) for label in fits if (label.song, label.room) not in refused]
    used += [Label(song, places[room], False) for song, room in sorted(refused) if room in places]
    used.sort(key=lambda label: (library.keys[label.song], label.song, label.room))
    count = max(2, len(known))
    model = fit(lessons_of(used, library.features), count)
    counted = Counter(label.song for label in fits)
    homes = sum(counted.values()) / len(counted)
    sharp, correction = USUAL, Correction()
    if len(used) >= LEAST_TO_CHECK and len(known) > 1:
        scores = unseen_scores(used, library.features, count, model)
        sharp = sharpness(used, scores)
        correction = Correction(_claims(used, scores, sharp, homes))
    songs = list(dict.fromkeys(label.song for label in used if label.is_fit))
    belonging = Belonging(None, 0.0, 0.0)
    if is_open:
        labelled = set(songs) | {song for song, _ in refused}
        by_key = sorted(set(range(len(library.songs))) - labelled, key=lambda song: library.keys[song])
        belonging = learn_belonging(songs, by_key, library.features)
    # One room alone, or a handful of labels: likeness can't be told from chance.
    trust = 1.0 if len(known) > 1 else len(songs) / (len(songs) + FEW)
    return Sorter(model, sharp, correction, belonging, known, rooms, homes, trust)


def _claims(
    labels: Sequence[Label], scores: Sequence[Sequence[float]], sharp: float, homes: float
) -> list[tuple[float, bool]]:
    """How sure the model was of each left-out song that fits somewhere, and whether it was right."""
    rooms: dict[int, set[int]] = {}
    for label in labels:
        if label.is_fit:
            rooms.setdefault(label.song, set()).add(label.room)
    by_song = {label.song: own for label, own in zip(labels, scores, strict=True)}
    claims = []
    for song, right in rooms.items():
        chances = _at_home(probabilities(by_song[song], sharp), homes)
        best = max(range(len(chances)), key=chances.__getitem__)
        claims.append((chances[best], best in right))
    return claims


def sort(
    library: Library, labels: Sequence[Label], rooms: int, is_open: bool = True, on_step: OnStep = _unheard
) -> list[Verdict]:
    """A verdict for every song. What is labelled keeps its labels: 1 where it fits, 0 where it does not."""
    sorter = learn(library, labels, rooms, is_open)
    if sorter is None:
        return [Verdict((0.0,) * rooms, "no room has a song yet to learn from") for _ in library.songs]
    reasons = Reasons(library, labels, rooms)
    given = {(label.song, label.room): float(label.is_fit) for label in labels}
    verdicts = []
    for song, features in enumerate(library.features):
        own = [given.get((song, room), chance) for room, chance in enumerate(sorter.chances(features))]
        verdict = Verdict(tuple(own))
        verdicts.append(Verdict(verdict.probabilities, reasons.why(song, verdict.best)))
        if song % 500 == 0:
            on_step(song, len(library.songs))
    on_step(len(library.songs), len(library.songs))
    return verdicts


def audit(
    library: Library, labels: Sequence[Label], names: Sequence[str], room: int, audited: Sequence[int]
) -> list[Misfit]:
    """How probably songs of ``room`` belong in another one instead, the surest first; each is judged by the others.

    Only where artists and lists speak clearly more for that other room than for this one: of a song of which nothing
    is known nothing is said, since somebody put it there. Songs that are labelled as fitting are known to fit, and
    not judged.
    """
    known = {label.song for label in labels if label.room == room and label.is_fit}
    judged = [song for song in audited if song not in known]
    misfits = []
    folds = max(1, min(AUDIT_FOLDS, len(judged)))
    for fold in range(folds):
        others = [Label(song, room) for place, song in enumerate(judged) if place % folds != fold]
        sorter = learn(library, [*labels, *others], len(names), is_open=False)
        if sorter is None:
            continue
        reasons = Reasons(library, [*labels, *others], len(names))
        for song in judged[fold::folds]:
            chances = sorter.chances(library.features[song])
            rival = max(range(len(names)), key=chances.__getitem__)
            if rival == room or reasons.kinship(song, rival) <= CLEARLY * reasons.kinship(song, room):
                continue
            share = chances[rival] / (chances[rival] + chances[room])
            misfits.append(Misfit(song, share, f"rather like {names[rival]}: {reasons.why(song, rival)}"))
    return sorted(misfits, key=lambda misfit: (-misfit.probability, misfit.song))
