"""What goes to the worker's process and comes back: JSON lines, read as strictly as anything from outside."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from moodroom_hub.plugins.local_mining.songs import Label, Misfit, Song, SongList, Verdict

PIECE = 500
"""So many songs, labels or verdicts stand in one line: little enough to be written or read between two breaths."""
PIECE_OF_LISTS = 2_000
"""So many songs of lists."""

Pair = tuple[str, str]
ItemT = TypeVar("ItemT")


@dataclass(frozen=True, slots=True)
class Question:
    """A whole library and what is known of rooms. ``audited`` with ``room``: look only through these songs of it.

    Only the first ``asked`` songs want a verdict; the rest are known by name alone, to learn from.
    """

    songs: tuple[Song, ...]
    lists: tuple[SongList, ...]
    labels: tuple[Label, ...]
    rooms: tuple[str, ...]
    asked: int
    room: int | None = None
    audited: tuple[int, ...] = ()


def write_question(question: Question) -> Iterator[bytes]:
    """Lines, each of them little; the last says that this was all."""
    yield _line({"rooms": question.rooms, "asked": question.asked, "room": question.room, "audited": question.audited})
    for songs in _pieces(question.songs):
        yield _line({"songs": [[s.name, s.artists, s.album, s.year, s.duration_ms, s.genres] for s in songs]})
    piece: list[SongList] = []
    for each in question.lists:
        piece.append(each)
        if sum(len(one.items) for one in piece) >= PIECE_OF_LISTS:
            yield _line({"lists": [[one.title, one.items] for one in piece]})
            piece = []
    yield _line({"lists": [[one.title, one.items] for one in piece]})
    for labels in _pieces(question.labels):
        yield _line({"labels": [[label.song, label.room, label.is_fit] for label in labels]})
    yield _line({"whole": True})


def read_question(lines: Iterable[bytes]) -> Question:
    """The reverse. Raises ``ValueError``, ``TypeError`` or ``KeyError`` for anything else."""
    head: dict[str, Any] = {}
    songs: list[Song] = []
    lists: list[SongList] = []
    labels: list[Label] = []
    # The same names come again and again: each is kept once.
    texts: dict[str, str] = {}
    pairs: dict[Pair, Pair] = {}

    def once(text: str) -> str:
        return texts.setdefault(text, text)

    for line in lines:
        document: dict[str, Any] = json.loads(line)
        head |= {key: value for key, value in document.items() if key not in ("songs", "lists", "labels")}
        for name, artists, album, year, duration_ms, genres in document.get("songs", ()):
            performers, kinds = tuple(map(once, artists)), tuple(map(once, genres))
            songs.append(Song(once(name), performers, once(album), year, duration_ms, kinds))
        for title, items in document.get("lists", ()):
            found = [(once(name), once(artist)) for name, artist in items]
            lists.append(SongList(title, tuple(pairs.setdefault(pair, pair) for pair in found)))
        labels += [Label(song, room, is_fit) for song, room, is_fit in document.get("labels", ())]
    if not head.get("whole"):
        raise ValueError("the question broke off")
    return Question(
        songs=tuple(songs),
        lists=tuple(lists),
        labels=tuple(labels),
        rooms=tuple(head["rooms"]),
        asked=head["asked"],
        room=head["room"],
        audited=tuple(head["audited"]),
    )


def _line(document: dict[str, Any]) -> bytes:
    return json.dumps(document).encode() + b"\n"


def _pieces(items: tuple[ItemT, ...]) -> Iterator[tuple[ItemT, ...]]:
    return (items[start : start + PIECE] for start in range(0, len(items), PIECE))


def write_progress(done: int, total: int) -> str:
    """One line."""
    return json.dumps({"progress": [done, total]})


def write_verdicts(verdicts: Sequence[Verdict]) -> Iterator[str]:
    """Lines of at most ``PIECE`` verdicts, in order."""
    for start in range(0, len(verdicts), PIECE):
        piece = verdicts[start : start + PIECE]
        yield json.dumps({"verdicts": [[[round(p, 6) for p in v.probabilities], v.why] for v in piece]})


def write_misfits(misfits: Sequence[Misfit]) -> str:
    """One line."""
    return json.dumps({"misfits": [[m.song, round(m.probability, 6), m.why] for m in misfits]})


@dataclass(slots=True)
class Answer:
    """What came back so far; ``is_whole`` once the worker said that this was all."""

    verdicts: list[Verdict]
    misfits: list[Misfit]
    progress: tuple[int, int] = (0, 0)
    is_whole: bool = False

    def take(self, line: bytes) -> None:
        """Take one line. Raises ``ValueError`` where it is none of ours."""
        document: dict[str, Any] = json.loads(line)
        if "progress" in document:
            done, total = document["progress"]
            self.progress = (done, total)
        elif "verdicts" in document:
            self.verdicts.extend(Verdict(tuple(chances), why) for chances, why in document["verdicts"])
        elif "misfits" in document:
            self.misfits.extend(Misfit(song, chance, why) for song, chance, why in document["misfits"])
        else:
            self.is_whole = bool(document["whole"])


WHOLE = json.dumps({"whole": True})
