"""What goes to the worker's process and comes back: JSON lines, read as strictly as anything from outside."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from moodroom_hub.plugins.local_mining.songs import Label, Misfit, Song, SongList, Verdict

PIECE = 500
"""So many verdicts stand in one line."""


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


def write_question(question: Question) -> bytes:
    """One JSON document."""
    document = {
        "songs": [[s.name, s.artists, s.album, s.year, s.duration_ms, s.genres] for s in question.songs],
        "lists": [[each.title, each.items] for each in question.lists],
        "labels": [[label.song, label.room, label.is_fit] for label in question.labels],
        "rooms": question.rooms,
        "asked": question.asked,
        "room": question.room,
        "audited": question.audited,
    }
    return json.dumps(document).encode()


def read_question(text: bytes) -> Question:
    """The reverse. Raises ``ValueError``, ``TypeError`` or ``KeyError`` for anything else."""
    document: dict[str, Any] = json.loads(text)
    return Question(
        songs=tuple(
            Song(name, tuple(artists), album, year, duration_ms, tuple(genres))
            for name, artists, album, year, duration_ms, genres in document["songs"]
        ),
        lists=tuple(
            SongList(title, tuple((name, artist) for name, artist in items)) for title, items in document["lists"]
        ),
        labels=tuple(Label(song, room, is_fit) for song, room, is_fit in document["labels"]),
        rooms=tuple(document["rooms"]),
        asked=document["asked"],
        room=document["room"],
        audited=tuple(document["audited"]),
    )


def write_progress(done: int, total: int) -> str:
    """One line."""
    return json.dumps({"progress": [done, total]})


def write_verdicts(verdicts: Sequence[Verdict]) -> Iterator[str]:
    """Lines of at most ``PIECE`` verdicts, in order."""
    for start in range(0, len(verdicts), PIECE):
        piece = verdicts[start : start + PIECE]
        yield json.dumps({"verdicts": [[[round(p, 4) for p in v.probabilities], v.why] for v in piece]})


def write_misfits(misfits: Sequence[Misfit]) -> str:
    """One line."""
    return json.dumps({"misfits": [[m.song, round(m.probability, 4), m.why] for m in misfits]})


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
