"""What the sorter is measured against, all with text, year, length and the same artist vectors. Chances by class."""

import math
import warnings
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.decomposition import TruncatedSVD
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.feature_extraction.text import HashingVectorizer, TfidfTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import normalize

from benchmarks.labels.owners import Owner
from moodroom_hub.domain.recording import fold
from moodroom_hub.plugins.sorter.learning.keys import artist_names

REDUCED = 100
STRENGTH = 10.0
Chances = NDArray[np.float64]
BASELINES = ("majority", "artist match", "logistic regression", "kNN", "MLP", "gradient boosting")


class Baselines:
    """One owner's features and every baseline on them."""

    def __init__(self, owner: Owner) -> None:
        self._owner = owner
        self._classes = len(owner.task.names) + (owner.case == "incomplete")
        self._artists = [artist_names(song.artists) for song in owner.task.songs]
        self._features = sparse.hstack([_text(owner), _meta(owner), self._vectors()]).tocsr()
        width = min(REDUCED, min(self._features.shape) - 1)
        self._reduced = TruncatedSVD(width, random_state=0).fit_transform(self._features)

    def chances(self, name: str, labelled: Sequence[int]) -> Chances:
        """By song of the owner and class; the void is the last class of the incomplete case."""
        targets = np.array([self._target(index) for index in labelled])
        if name == "majority":
            return np.tile(targets.mean(0), (len(self._owner.truth), 1))
        if name == "artist match":
            return self._by_artist(labelled, targets)
        make = _MODELS[name]
        inputs = self._reduced
        if name == "kNN":
            inputs = self._features
        elif name == "logistic regression":
            inputs = _span(self._features, list(labelled))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if self._owner.task.is_mutual:
                return self._fitted(make(len(labelled)), inputs, list(labelled), targets.argmax(1))
            found = [
                self._one(make(len(labelled)), inputs, list(labelled), targets[:, place])
                for place in range(self._classes)
            ]
        return np.stack(found, 1)

    def _target(self, index: int) -> NDArray[np.float64]:
        row = np.zeros(self._classes)
        row[list(self._owner.truth[index] or {self._classes - 1})] = 1
        return row

    def _fitted(self, model: Any, inputs: Any, labelled: list[int], truth: Any) -> Chances:
        found = np.zeros((inputs.shape[0], self._classes))
        if len(np.unique(truth)) == 1:
            found[:, truth[0]] = 1.0
            return found
        model.fit(inputs[labelled], truth)
        found[:, model.classes_] = model.predict_proba(inputs)
        return found

    def _one(self, model: Any, inputs: Any, labelled: list[int], truth: Any) -> Any:
        if len(np.unique(truth)) == 1:
            return np.full(inputs.shape[0], float(truth[0]))
        return model.fit(inputs[labelled], truth.astype(int)).predict_proba(inputs)[:, 1]

    def _by_artist(self, labelled: Sequence[int], targets: Any) -> Chances:
        known: dict[str, Any] = defaultdict(lambda: np.zeros(self._classes))
        counts: Counter[str] = Counter()
        for index, target in zip(labelled, targets, strict=True):
            for artist in self._artists[index]:
                known[artist] += target
                counts[artist] += 1
        prior = targets.mean(0)
        found = np.tile(prior, (len(self._artists), 1))
        for index, artists in enumerate(self._artists):
            count = sum(counts[artist] for artist in artists)
            if count:
                found[index] = (sum(known[artist] for artist in artists if counts[artist]) + prior) / (count + 1)
        return found

    def _vectors(self) -> Any:
        given = self._owner.task.vectors
        width = max(map(len, given.values()), default=1)
        found = np.zeros((len(self._artists), width))
        for index, artists in enumerate(self._artists):
            rows = [given[artist] for artist in artists if artist in given]
            if rows:
                found[index] = np.mean(rows, axis=0)
        return sparse.csr_matrix(normalize(found))


def _span(features: Any, labelled: list[int]) -> Any:
    """The features in the span of the labelled rows: a linear model gives the same answer as with all columns."""
    known = features[labelled]
    likeness = (features @ known.T).toarray()
    values, directions = np.linalg.eigh(likeness[labelled])
    is_kept = values > 1e-9 * values.max()
    return likeness @ (directions[:, is_kept] / np.sqrt(values[is_kept]))


def _boosting(labels: int) -> Any:
    return HistGradientBoostingClassifier(max_iter=40, min_samples_leaf=min(5, max(1, labels // 10)), random_state=0)


_MODELS: dict[str, Callable[[int], Any]] = {
    "logistic regression": lambda _: LogisticRegression(C=STRENGTH, max_iter=300),
    "kNN": lambda labels: KNeighborsClassifier(min(5, labels), metric="cosine", weights="distance"),
    "MLP": lambda _: MLPClassifier((64,), alpha=1e-3, max_iter=200, random_state=0),
    "gradient boosting": _boosting,
}


def _text(owner: Owner) -> Any:
    lines = [fold(" ".join((*song.artists, song.name, song.album))) for song in owner.task.songs]
    parts = []
    options: dict[str, Any]
    for options in ({"token_pattern": r"\S+"}, {"analyzer": "char_wb", "ngram_range": (3, 5)}):
        hashed = HashingVectorizer(n_features=2**14, alternate_sign=False, norm=None, **options).transform(lines)
        parts.append(TfidfTransformer().fit_transform(hashed))
    return normalize(sparse.hstack(parts))


def _meta(owner: Owner) -> Any:
    columns = []
    years = [float(song.year) if song.year else math.nan for song in owner.task.songs]
    lengths = [math.log(song.duration_ms) if song.duration_ms else math.nan for song in owner.task.songs]
    for values in (years, lengths):
        column = np.array(values)
        is_known = np.isfinite(column)
        mean, spread = (column[is_known].mean(), column[is_known].std() or 1.0) if is_known.any() else (0.0, 1.0)
        columns += [np.where(is_known, (column - mean) / spread, 0.0), (~is_known).astype(float)]
    return sparse.csr_matrix(0.3 * np.stack(columns, 1))
