"""Songs as rows of numbers: who plays them, what they are called, when they were made, whose company they keep.

Each view of a song has length 1 times the root of the view's weight, so that no view outshouts another by its mere
number of words. Everything that was learnt from the whole motherlist and the owner's lists lies in a ``Space``; a
stored one gives a new song the same numbers.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy import sparse

from moodroom_hub.domain.recording import fold
from moodroom_hub.plugins.sorter.learning.company import learn_company
from moodroom_hub.plugins.sorter.learning.keys import artist_names, number_of, song_key
from moodroom_hub.plugins.sorter.learning.tables import Floats, Table, empty_table, table_of, unit
from moodroom_hub.plugins.sorter.learning.task import Song, TrainingTask

WEIGHTS: dict[str, float] = {
    "artist": 1.0,
    "artist words": 0.25,
    "name": 0.25,
    "album": 0.5,
    "letters": 0.5,
    "year": 1.25,
    "length": 0.25,
    "explicit": 0.1,
    "genres": 1.5,
    "rooms": 0.5,
    "heard": 0.1,
    "song lists": 1.0,
    "artist lists": 1.0,
    "vectors": 3.0,
    "audio": 1.5,
}
"""The weight of each view's likeness in the sum of likenesses."""

WORDS: dict[str, int] = {
    "artist": 1 << 14,
    "artist words": 1 << 12,
    "name": 1 << 13,
    "album": 1 << 13,
    "letters": 1 << 14,
    "year": 1 << 10,
    "length": 1 << 8,
    "explicit": 1 << 4,
    "genres": 1 << 11,
    "rooms": 1 << 8,
    "heard": 1 << 4,
}
"""So many columns the words of a view are hashed into."""
COMPANY = 64
YEAR_WIDTHS = (4, 12, 36)
STEPS = 4
LENGTH_WIDTH = 0.4
"""Of the logarithm: songs whose lengths differ by half share nothing."""
LETTERS = 4
LONGEST_TEXT = 300


@dataclass(frozen=True, slots=True)
class Space:
    """What is needed to see a song as at the training. ``rarities``: by view, of each hashed word."""

    rarities: dict[str, Floats]
    songs: Table
    artists: Table
    vectors: Table
    audio: Floats
    """Means and spreads of the audio features, two rows; without columns where there are none."""
    weights: dict[str, float] = field(default_factory=lambda: dict(WEIGHTS))

    def rows(self, songs: Sequence[Song]) -> Any:
        """A sparse matrix, one row a song."""
        parts = [_weighed(_hashed(songs, view), self.rarities[view], self.weights[view]) for view in WORDS]
        artists = [artist_names(song.artists) for song in songs]
        for view, table, names in (
            ("song lists", self.songs, [(song_key(song),) for song in songs]),
            ("artist lists", self.artists, artists),
            ("vectors", self.vectors, artists),
        ):
            if table.width:
                parts.append(sparse.csr_matrix(table.means(names) * math.sqrt(self.weights[view])))
        if self.audio.shape[1]:
            parts.append(sparse.csr_matrix(self._audio(songs) * math.sqrt(self.weights["audio"])))
        return sparse.hstack(parts, format="csr", dtype=np.float32)

    def _audio(self, songs: Sequence[Song]) -> Floats:
        width = self.audio.shape[1]
        found = np.zeros((len(songs), width), dtype=np.float32)
        for place, song in enumerate(songs):
            if len(song.audio) == width:
                found[place] = (np.asarray(song.audio, dtype=np.float32) - self.audio[0]) / self.audio[1]
        # Root of the width: a typical song has about length 1.
        return (np.nan_to_num(found).clip(-3, 3) / math.sqrt(width)).astype(np.float32)


def learn_space(task: TrainingTask) -> Space:
    """From every song of the motherlist, labelled or not, and the owner's lists."""
    songs, artists = learn_company(task.lists, COMPANY, task.seed)
    return Space(
        rarities={view: _rarities(_hashed(task.songs, view)) for view in WORDS},
        songs=songs,
        artists=artists,
        vectors=_given(task),
        audio=_audio_scale(task.songs),
    )


def _given(task: TrainingTask) -> Table:
    width = max(map(len, task.vectors.values()), default=0)
    rows: dict[str, Floats] = {}
    for artist, vector in task.vectors.items():
        for name in artist_names((artist,)):
            if len(vector) == width:
                rows.setdefault(name, np.asarray(vector, dtype=np.float32))
    if not width or not rows:
        return empty_table()
    return table_of(list(rows), unit(np.nan_to_num(np.stack(list(rows.values())))))


def _audio_scale(songs: Sequence[Song]) -> Floats:
    width = max((len(song.audio) for song in songs), default=0)
    known = [song.audio for song in songs if len(song.audio) == width]
    if not width or len(known) < 2:
        return np.zeros((2, 0), dtype=np.float32)
    rows = np.nan_to_num(np.asarray(known, dtype=np.float32))
    spread = rows.std(0)
    return np.stack([rows.mean(0), np.where(spread > 0, spread, 1.0)]).astype(np.float32)


def _hashed(songs: Sequence[Song], view: str) -> Any:
    width = WORDS[view]
    starts: list[int] = [0]
    columns: list[int] = []
    for song in songs:
        columns.extend(sorted({number_of(word) % width for word in _words(song, view)}))
        starts.append(len(columns))
    ones = np.ones(len(columns), dtype=np.float32)
    return sparse.csr_matrix((ones, np.asarray(columns, dtype=np.int32), starts), (len(songs), width))


def _words(song: Song, view: str) -> Iterator[str]:
    match view:
        case "artist":
            yield from artist_names(song.artists)
        case "artist words":
            yield from fold(" ".join(song.artists)[:LONGEST_TEXT]).split()
        case "name":
            yield from fold(song.name[:LONGEST_TEXT]).split()
        case "album":
            yield from fold(song.album[:LONGEST_TEXT]).split()
        case "letters":
            text = f" {fold(' '.join((*song.artists, song.name, song.album))[:LONGEST_TEXT])} "
            yield from (text[start : start + LETTERS] for start in range(len(text) - LETTERS + 1))
        case "year":
            yield from _bins(float(song.year), YEAR_WIDTHS) if song.year else ()
        case "length":
            yield from _bins(math.log(max(1, song.duration_ms)), (LENGTH_WIDTH,)) if song.duration_ms else ()
        case "explicit":
            yield from () if song.is_explicit is None else (str(song.is_explicit),)
        case "genres":
            for genre in song.genres:
                whole = fold(genre)
                yield whole
                yield from (f"{word} " for word in whole.split())
        case "rooms":
            yield from song.tiers
        case "heard":
            if song.completed:
                yield "completed"
            if song.skipped:
                yield "skipped"


def _bins(value: float, widths: Sequence[float]) -> Iterator[str]:
    """Overlapping bins: the more bins two values share, the nearer they are."""
    for width in widths:
        for step in range(STEPS):
            yield f"{width} {step} {math.floor(value / width + step / STEPS)}"


def _rarities(hashed: Any) -> Floats:
    counts = np.asarray(hashed.sum(0)).ravel()
    found: Floats = np.log(1 + hashed.shape[0] / np.maximum(counts, 1)).astype(np.float32)
    return found


def _weighed(hashed: Any, rarities: Floats, weight: float) -> Any:
    values = rarities[hashed.indices]
    lengths = np.sqrt(np.add.reduceat(np.append(values**2, 0), hashed.indptr[:-1]) * (np.diff(hashed.indptr) > 0))
    scale = math.sqrt(weight) / np.where(lengths > 0, lengths, 1.0)
    scaled = values * np.repeat(scale, np.diff(hashed.indptr))
    return sparse.csr_matrix((scaled.astype(np.float32), hashed.indices, hashed.indptr), hashed.shape)
