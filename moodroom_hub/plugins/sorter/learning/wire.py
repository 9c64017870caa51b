"""What goes to the worker's process and comes back: JSON lines, none of them long. The standard library is enough."""

import base64
import json
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from moodroom_hub.plugins.sorter.learning.task import Judged, Lesson, Song, SongList, Trained, TrainingTask

PIECE = 100
"""So many songs, lessons or rows stand in one line: little enough to be written or read between two breaths."""
PIECE_OF_LISTS = 1_000
TRAIN = "train"
JUDGE = "judge"
Row = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """``what``: to train, and store the model at ``path`` (nowhere where it is empty), or to judge by the one there."""

    what: str
    task: TrainingTask
    path: str = ""


def write_question(question: Question) -> Iterator[bytes]:
    """Lines; the last says that this was all."""
    task = question.task
    yield _line(
        {
            "what": question.what,
            "path": question.path,
            "names": task.names,
            "is_mutual": task.is_mutual,
            "is_complete": task.is_complete,
            "is_quick": task.is_quick,
            "layer": task.layer,
            "seed": task.seed,
        }
    )
    for songs in _pieces(task.songs):
        yield _line({"songs": [_song_out(song) for song in songs]})
    for each in task.lists:
        for start in range(0, len(each.items) or 1, PIECE_OF_LISTS):
            yield _line({"list": each.name, "goes_on": start > 0, "items": each.items[start : start + PIECE_OF_LISTS]})
    for lessons in _pieces(task.lessons):
        yield _line({"lessons": [[each.song, sorted(each.fits), sorted(each.misfits)] for each in lessons]})
    names: list[str] = []
    numbers: list[str] = []
    for name, vector in task.vectors.items():
        names.append(name)
        numbers.append(base64.b64encode(array("f", vector).tobytes()).decode())
        if len(names) == PIECE:
            yield _line({"artists": names, "vectors": numbers})
            names, numbers = [], []
    yield _line({"artists": names, "vectors": numbers})
    yield _line({"whole": True})


def read_question(lines: Iterable[bytes]) -> Question:
    """The reverse. Raises ``ValueError``, ``TypeError`` or ``KeyError`` for anything else."""
    head: dict[str, Any] = {}
    songs: list[Song] = []
    lists: list[tuple[str, list[tuple[str, str]]]] = []
    lessons: list[Lesson] = []
    vectors: dict[str, Row] = {}
    # The same names come again and again: each pair is kept once.
    pairs: dict[tuple[str, str], tuple[str, str]] = {}
    is_whole = False
    for line in lines:
        document: dict[str, Any] = json.loads(line)
        if "what" in document:
            head = document
        elif "songs" in document:
            songs.extend(_song_in(each) for each in document["songs"])
        elif "items" in document:
            found = [(name, artist) for name, artist in document["items"]]
            if not document["goes_on"]:
                lists.append((document["list"], []))
            lists[-1][1].extend(pairs.setdefault(pair, pair) for pair in found)
        elif "lessons" in document:
            lessons.extend(Lesson(song, frozenset(fits), frozenset(not_)) for song, fits, not_ in document["lessons"])
        elif "artists" in document:
            for name, numbers in zip(document["artists"], document["vectors"], strict=True):
                vectors[name] = tuple(array("f", base64.b64decode(numbers)))
        else:
            is_whole = bool(document["whole"])
    if not is_whole:
        raise ValueError("the question broke off")
    task = TrainingTask(
        songs=tuple(songs),
        lists=tuple(SongList(name, tuple(items)) for name, items in lists),
        lessons=tuple(lessons),
        names=tuple(head["names"]),
        is_mutual=head["is_mutual"],
        is_complete=head["is_complete"],
        vectors=vectors,
        seed=head["seed"],
        is_quick=head["is_quick"],
        layer=head["layer"],
    )
    return Question(head["what"], task, head["path"])


def _song_out(song: Song) -> list[Any]:
    return [
        song.uri,
        song.name,
        song.artists,
        song.album,
        song.year,
        song.duration_ms,
        song.is_explicit,
        song.genres,
        song.tiers,
        song.completed,
        song.skipped,
        song.audio,
    ]


def _song_in(values: list[Any]) -> Song:
    uri, name, artists, album, year, duration_ms, is_explicit, genres, tiers, completed, skipped, audio = values
    return Song(
        uri=uri,
        name=name,
        artists=tuple(artists),
        album=album,
        year=year,
        duration_ms=duration_ms,
        is_explicit=is_explicit,
        genres=tuple(genres),
        tiers=tuple(tiers),
        completed=completed,
        skipped=skipped,
        audio=tuple(audio),
    )


def _line(document: dict[str, Any]) -> bytes:
    return json.dumps(document).encode() + b"\n"


def _pieces(items: Sequence[Any]) -> Iterator[Sequence[Any]]:
    return (items[start : start + PIECE] for start in range(0, len(items), PIECE))


def write_progress(done: int, total: int) -> str:
    """One line."""
    return json.dumps({"progress": [done, total]})


def write_failure(why: str, text: str = "") -> str:
    """One line. ``why``: ``missing``, ``memory`` or ``model``."""
    return json.dumps({"failed": why, "text": text})


def write_judged(judged: Judged | Trained) -> Iterator[str]:
    """Lines; the last says that this was all."""
    yield from _rows("chances", judged.chances)
    yield from _rows("whys", judged.whys)
    yield json.dumps({"whole": True})


def write_trained(trained: Trained) -> Iterator[str]:
    """Lines; the last says that this was all."""
    yield json.dumps(
        {
            "model": trained.model,
            "scores": trained.scores,
            "accuracy": trained.accuracy,
            "calibration_error": trained.calibration_error,
        }
    )
    yield from _rows("held_out", trained.held_out)
    yield from _rows("points", trained.points)
    yield from write_judged(trained)


def _rows(name: str, rows: Sequence[Any]) -> Iterator[str]:
    return (json.dumps({name: piece}) for piece in _pieces(rows))


@dataclass(slots=True)
class Answer:
    """What came back so far; ``is_whole`` once the worker said that this was all. ``failed``: why it gave up."""

    head: dict[str, Any] = field(default_factory=dict)
    chances: list[Row] = field(default_factory=list)
    whys: list[str] = field(default_factory=list)
    held_out: list[Row] = field(default_factory=list)
    points: list[Row] = field(default_factory=list)
    progress: tuple[int, int] = (0, 0)
    failed: str = ""
    text: str = ""
    is_whole: bool = False

    def take(self, line: bytes) -> None:
        """Take one line. Raises ``ValueError``, ``TypeError`` or ``KeyError`` where it is none of ours."""
        document: dict[str, Any] = json.loads(line)
        if "progress" in document:
            done, total = document["progress"]
            self.progress = (done, total)
        elif "failed" in document:
            self.failed, self.text = document["failed"], document["text"]
        elif "model" in document:
            self.head = document
        elif "whole" in document:
            self.is_whole = bool(document["whole"])
        elif "whys" in document:
            self.whys.extend(document["whys"])
        else:
            ((name, rows),) = document.items()
            into = {"chances": self.chances, "held_out": self.held_out, "points": self.points}[name]
            into.extend(map(tuple, rows))

    def trained(self) -> Trained:
        """All of it. Raises ``KeyError`` where something is missing."""
        return Trained(
            chances=tuple(self.chances),
            whys=tuple(self.whys),
            held_out=tuple(self.held_out),
            model=self.head["model"],
            scores=tuple((name, score) for name, score in self.head["scores"]),
            accuracy=self.head["accuracy"],
            calibration_error=self.head["calibration_error"],
            points=tuple(self.points),
        )
