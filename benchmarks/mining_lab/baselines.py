"""The methods of the reference's table, with what a new app of Spotify can have. numpy and scikit-learn: only here."""

import importlib
import math
import warnings
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

from benchmarks.mining_lab.data import Playlist, Song
from benchmarks.mining_lab.tasks import Draw, Task
from moodroom_hub.domain.recording import fold, normal_artist

VECTOR = 64
REDUCED = 100
STRENGTH = 10.0
RICHEST = "text+meta+vec"

Guess = tuple[int, float]
"""A room and the confidence in it."""


def _artists(song: Song) -> tuple[str, ...]:
    return tuple(dict.fromkeys(normal_artist(artist) for artist in song.artists))


def majority(task: Task, draw: Draw) -> list[Guess]:
    """Everything goes where most labels are."""
    counts = Counter(task.truth[index] for index in draw.labelled)
    room, count = counts.most_common(1)[0]
    return [(room, count / len(draw.labelled))] * len(draw.asked)


def artist_match(task: Task, draw: Draw) -> list[Guess]:
    """Where most labels of the same artists are; else where most labels are, with no confidence."""
    seen: dict[str, Counter[int]] = defaultdict(Counter)
    for index in draw.labelled:
        for artist in _artists(task.songs[index]):
            seen[artist][task.truth[index]] += 1
    most = Counter(task.truth[index] for index in draw.labelled).most_common(1)[0][0]
    guesses = []
    for index in draw.asked:
        votes: Counter[int] = Counter()
        for artist in _artists(task.songs[index]):
            votes.update(seen.get(artist, Counter()))
        if votes:
            room, count = votes.most_common(1)[0]
            guesses.append((room, (count + 0.5) / (votes.total() + 1)))
        else:
            guesses.append((most, 0.0))
    return guesses


class Baselines:
    """The table's features of one task, and its models on them. ``lists``: those that artist vectors learn from."""

    def __init__(self, task: Task, lists: Sequence[Playlist]) -> None:
        self._task = task
        text, meta = _text(task.songs), _meta(task.songs)
        self._features: dict[str, Any] = {"text": text, "text+meta": _joined(text, meta)}
        vectors = _vectors(task.songs, lists) if len(lists) > 3 else None
        # Without any list a vector says nothing, and the richest features are those without it.
        richest = _joined(text, meta) if vectors is None else _joined(text, meta, vectors)
        self._features |= {"vec": vectors, RICHEST: richest}
        self._reduced = _reduced(richest)

    @property
    def names(self) -> list[str]:
        """Every method."""
        models = ("LR balanced", "kNN", "MLP", "extra trees", "hist. boosting")
        return [*(f"{name} · LR" for name in self._features), *(f"{RICHEST} · {model}" for model in models)]

    def guess(self, name: str, draw: Draw) -> list[Guess] | None:
        """Rooms and confidences of the asked tracks; ``None`` where the method has too few labels."""
        features, _, model = name.partition(" · ")
        if self._features[features] is None:
            return majority(self._task, draw)
        numpy = importlib.import_module("numpy")
        shown, asked = list(draw.labelled), list(draw.asked)
        rooms = numpy.array([self._task.truth[index] for index in shown])
        if model.startswith("LR"):
            found, inputs, questions = _linear(self._features[features], shown, asked, "balanced" in model)
        elif model == "kNN":
            neighbours = importlib.import_module("sklearn.neighbors")
            found = neighbours.KNeighborsClassifier(min(5, len(shown)), metric="cosine", weights="distance")
            inputs, questions = self._features[features][shown], self._features[features][asked]
        else:
            if model == "hist. boosting" and len(shown) < 50:
                return None
            found = _machine(model)
            inputs, questions = self._reduced[shown], self._reduced[asked]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            chances = found.fit(inputs, rooms).predict_proba(questions)
        best = chances.argmax(1)
        return [(int(found.classes_[b]), float(row[b])) for b, row in zip(best, chances, strict=True)]


def _machine(model: str) -> Any:
    ensemble = importlib.import_module("sklearn.ensemble")
    if model == "MLP":
        networks = importlib.import_module("sklearn.neural_network")
        return networks.MLPClassifier((64,), alpha=1e-3, max_iter=200, random_state=0)
    if model == "extra trees":
        return ensemble.ExtraTreesClassifier(100, random_state=0)
    return ensemble.HistGradientBoostingClassifier(max_iter=60, min_samples_leaf=5, random_state=0)


def _linear(features: Any, shown: list[int], asked: list[int], is_balanced: bool) -> tuple[Any, Any, Any]:
    """Logistic regression in the span of the labelled rows: the same answer as with all columns, in a blink."""
    numpy = importlib.import_module("numpy")
    linear = importlib.import_module("sklearn.linear_model")
    known = features[shown]
    own = (known @ known.T).toarray()
    values, directions = numpy.linalg.eigh(own)
    kept = values > 1e-9 * values.max()
    turn = directions[:, kept] / numpy.sqrt(values[kept])
    weight = "balanced" if is_balanced else None
    model = linear.LogisticRegression(C=STRENGTH, max_iter=300, class_weight=weight)
    return model, own @ turn, (features[asked] @ known.T).toarray() @ turn


def _text(songs: Sequence[Song]) -> Any:
    texts = importlib.import_module("sklearn.feature_extraction.text")
    sparse = importlib.import_module("scipy.sparse")
    preprocessing = importlib.import_module("sklearn.preprocessing")
    lines = [fold(" ".join((*song.artists, song.name, song.album))) for song in songs]
    parts = []
    for options in ({"token_pattern": r"\S+"}, {"analyzer": "char_wb", "ngram_range": (3, 5)}):
        hashed = texts.HashingVectorizer(n_features=2**16, alternate_sign=False, norm=None, **options).transform(lines)
        parts.append(texts.TfidfTransformer().fit_transform(hashed))
    return preprocessing.normalize(sparse.hstack(parts)).tocsr()


def _meta(songs: Sequence[Song]) -> Any:
    numpy = importlib.import_module("numpy")
    sparse = importlib.import_module("scipy.sparse")
    columns = []
    years = [float(song.year) if song.year else math.nan for song in songs]
    lengths = [math.log(song.duration_ms) if song.duration_ms else math.nan for song in songs]
    for values in (years, lengths):
        column = numpy.array(values)
        is_known = numpy.isfinite(column)
        mean, spread = (column[is_known].mean(), column[is_known].std() or 1.0) if is_known.any() else (0.0, 1.0)
        columns += [numpy.where(is_known, (column - mean) / spread, 0.0), (~is_known).astype(float)]
    return sparse.csr_matrix(0.3 * numpy.stack(columns, 1))


def _vectors(songs: Sequence[Song], lists: Sequence[Playlist]) -> Any:
    """Vectors of artists by a singular value decomposition of artists and lists; a track has its artists' mean."""
    numpy = importlib.import_module("numpy")
    sparse = importlib.import_module("scipy.sparse")
    linear = importlib.import_module("scipy.sparse.linalg")
    preprocessing = importlib.import_module("sklearn.preprocessing")
    members = [{artist for song in each.songs for artist in _artists(song)} for each in lists]
    counts = Counter(artist for artists in members for artist in artists)
    places = {artist: place for place, artist in enumerate(sorted(a for a, c in counts.items() if c > 1))}
    rows, columns, values = [], [], []
    for column, artists in enumerate(members):
        for artist in sorted(artists & places.keys()):
            rows.append(places[artist])
            columns.append(column)
            values.append(math.log(1 + len(counts) / len(artists)))
    matrix = preprocessing.normalize(sparse.csr_matrix((values, (rows, columns)), (len(places), len(lists))))
    width = min(VECTOR, min(matrix.shape) - 1)
    left, sizes, _ = linear.svds(matrix, k=width, v0=numpy.ones(min(matrix.shape)))
    vectors = preprocessing.normalize(left * sizes)
    found = numpy.zeros((len(songs), width))
    for index, song in enumerate(songs):
        known = [places[artist] for artist in _artists(song) if artist in places]
        if known:
            found[index] = vectors[known].mean(0)
    return sparse.csr_matrix(preprocessing.normalize(found))


def _joined(*parts: Any) -> Any:
    return importlib.import_module("scipy.sparse").hstack(parts).tocsr()


def _reduced(features: Any) -> Any:
    decomposition = importlib.import_module("sklearn.decomposition")
    width = min(REDUCED, min(features.shape) - 1)
    return decomposition.TruncatedSVD(width, random_state=0).fit_transform(features)
