"""From files to the hub: rows are read one by one, cleaned here, and handed over in chunks."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import Any

from moodroom_hub.app.past.counting import Fates
from moodroom_hub.app.past.files import Form, Opened, Source, opened, sources
from moodroom_hub.app.past.values import Broken, lines, values
from moodroom_hub.core.errors import MoodroomError
from moodroom_hub.domain.past.plays import PastPlay, play_of
from moodroom_hub.domain.past.rows import RowKind, Unreadable, read_row

CHUNK = 2_000
CHUNK_TEXT = 1_000_000
"""Plays, and characters of their names, that go to the hub at once: even escaped they fit into one call."""
MOST_ROWS = 20_000_000
"""No life is that long."""
NOTE_EVERY = 1_000
"""Rows between two notes of progress."""

Send = Callable[[Sequence[PastPlay]], dict[str, Any]]
"""Hands plays to the hub; gives ``new``, ``known`` and ``enriched``."""
OnProgress = Callable[[int, int, int], None]
"""Called with bytes done, bytes in all and rows read."""


class HistoryImport:
    """One run over files. ``fates`` and ``notes`` are true at any moment, also after a Ctrl-C.

    ``send`` is ``None`` for a dry run. With an ``executor`` one chunk is on its way while the next one is read: good
    where the hub is another process. Raises ``MoodroomError`` where nothing there is a history.
    """

    def __init__(
        self, send: Send | None, now_ms: int, on_progress: OnProgress, executor: Executor | None = None
    ) -> None:
        self.fates = Fates()
        self.notes: list[str] = []
        self.files = 0
        self._send = send
        self._now_ms = now_ms
        self._on_progress = on_progress
        self._executor = executor
        self._under_way: Future[dict[str, Any]] | None = None
        self._seen: set[int] = set()
        self._chunk: list[PastPlay] = []
        self._chunk_text = 0

    def run(self, paths: Sequence[Path]) -> None:
        """Read all of it."""
        with sources(paths) as (found, notes):
            self.notes += notes
            self.files = len(found)
            total, before = sum(source.size for source in found), 0
            for source in found:
                self._read(source, before, total)
                before += source.size
                self._on_progress(before, total, self.fates.read)
            self._flush()
            self.settle()

    def settle(self) -> None:
        """Wait for the chunk that is on its way, and count it."""
        under_way, self._under_way = self._under_way, None
        if under_way is not None:
            self._count(under_way.result())

    def _read(self, source: Source, before: int, total: int) -> None:
        number = 0
        try:
            with opened(source) as file:
                for number, value in enumerate(_values(source, file), 1):
                    self._take(source, number, value)
                    if number % NOTE_EVERY == 0:
                        self._on_progress(before + min(file.done, source.size), total, self.fates.read)
        except Broken as broken:
            # What stood before the break is kept; the break itself counts as one row.
            self.fates.read += 1
            self.fates.put_aside(source.name, number + 1, f"{broken}; what follows in this file was not read")

    def _take(self, source: Source, number: int, value: Any) -> None:
        fates = self.fates
        fates.read += 1
        if fates.read > MOST_ROWS:
            raise MoodroomError(f"These files hold more than {MOST_ROWS:,} rows: no history does.")
        try:
            row = read_row(value)
            kind = RowKind.VIDEO if source.is_video and row.kind is RowKind.TRACK else row.kind
            play = play_of(row, self._now_ms) if kind is RowKind.TRACK else None
        except Unreadable as problem:
            fates.put_aside(source.name, number, str(problem))
            return
        if play is None:
            fates.not_music[kind.value] += 1
            return
        key = play.key
        if key in self._seen:
            fates.repeated += 1
            return
        self._seen.add(key)
        fates.note_play(play.ended_at_ms, play.heard_ms, hash((play.artist, play.name)))
        if self._send is not None:
            self._hand_over(play)

    def _hand_over(self, play: PastPlay) -> None:
        self._chunk.append(play)
        self._chunk_text += len(play.name) + len(play.artist) + len(play.album)
        if len(self._chunk) >= CHUNK or self._chunk_text >= CHUNK_TEXT:
            self._flush()

    def _flush(self) -> None:
        if not self._chunk or self._send is None:
            return
        chunk, self._chunk, self._chunk_text = self._chunk, [], 0
        if self._executor is None:
            self._count(self._send(chunk))
        else:
            self.settle()
            self._under_way = self._executor.submit(self._send, chunk)

    def _count(self, answer: dict[str, Any]) -> None:
        self.fates.new += answer["new"]
        self.fates.known += answer["known"]
        self.fates.enriched += answer["enriched"]


def _values(source: Source, file: Opened) -> Iterator[Any]:
    return lines(file) if source.form is Form.LINES else values(file)
