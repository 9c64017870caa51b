"""What was paid: a SQLite file of judgements and answers. What is damaged is set aside, never an error."""

import asyncio
import contextlib
import logging
import os
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Self, TypeVar

from moodroom_hub.core.clock import Clock
from moodroom_hub.plugins.llm_mining.parsers import Said, Verdict

log = logging.getLogger(__name__)

FILE_NAME: Final = "llm-mining-cache.db"
SCHEMA_VERSION: Final = 1
_BUSY_S = 10.0

_TABLES = """
CREATE TABLE judgements (
    question BLOB NOT NULL, track BLOB NOT NULL, confidence REAL, why TEXT,
    PRIMARY KEY (question, track)
) WITHOUT ROWID;
CREATE TABLE answers (request BLOB PRIMARY KEY NOT NULL, text TEXT NOT NULL) WITHOUT ROWID;
"""
# confidence and why: the track was given this room. Neither: it was not. why alone: it is set aside for that reason.

ResultT = TypeVar("ResultT")


@dataclass(frozen=True, slots=True)
class SetAside:
    """A track that is not to be asked about again, and why."""

    reason: str


@dataclass(frozen=True, slots=True)
class Judged:
    """One track, judged for some questions (a room's digest each): what is to be kept of it."""

    track: bytes
    questions: Sequence[bytes]
    rooms: Sequence[str]
    verdict: Verdict | SetAside


class Cache:
    """``async with Cache(folder, clock)``. All work is done in one thread of its own, in order.

    Where the disk fails, the run goes on without: ``trouble`` says so.
    """

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._path = folder / FILE_NAME
        self._clock = clock
        self._opened_ms = 0
        self._connection: sqlite3.Connection | None = None
        self._thread: ThreadPoolExecutor | None = None
        self.trouble = ""

    async def __aenter__(self) -> Self:
        self._opened_ms = self._clock.now_ms()  # not every clock can be read in a thread
        self._thread = ThreadPoolExecutor(1, "llm-mining-cache")
        try:
            await self._work(self._open)
        except BaseException:
            self._close()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, failure: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    async def load(self, question: bytes, room: str) -> dict[bytes, Said | SetAside | None]:
        """All judgements of one question, by track. ``None``: the track was not given the room."""

        def read(connection: sqlite3.Connection) -> dict[bytes, Said | SetAside | None]:
            rows = connection.execute("SELECT track, confidence, why FROM judgements WHERE question = ?", (question,))
            return {track: _judgement(room, confidence, why) for track, confidence, why in rows}

        return await self._try(read, {})

    async def keep(self, judged: Iterable[Judged]) -> None:
        """Write judgements, and commit them."""
        rows = [row for one in judged for row in _rows(one)]

        def write(connection: sqlite3.Connection) -> None:
            with connection:
                connection.executemany("INSERT OR REPLACE INTO judgements VALUES (?, ?, ?, ?)", rows)

        await self._try(write, None)

    async def answer(self, request: bytes) -> str | None:
        """What was answered to exactly this request."""

        def read(connection: sqlite3.Connection) -> str | None:
            row = connection.execute("SELECT text FROM answers WHERE request = ?", (request,)).fetchone()
            return None if row is None else str(row[0])

        return await self._try(read, None)

    async def keep_answer(self, request: bytes, text: str) -> None:
        """Write an answer, and commit it."""
        clean = text.encode("utf-8", "replace").decode()

        def write(connection: sqlite3.Connection) -> None:
            with connection:
                connection.execute("INSERT OR REPLACE INTO answers VALUES (?, ?)", (request, clean))

        await self._try(write, None)

    async def _try(self, work: Callable[[sqlite3.Connection], ResultT], otherwise: ResultT) -> ResultT:
        def tried() -> ResultT:
            if self._connection is None:
                return otherwise
            try:
                return work(self._connection)
            except sqlite3.OperationalError as error:
                self._complain(f"answers cannot be kept or read ({error})")
                return otherwise
            except sqlite3.DatabaseError as error:
                self._set_aside(f"it is damaged ({error})")
                self._open()
                return otherwise

        return await self._work(tried)

    async def _work(self, work: Callable[[], ResultT]) -> ResultT:
        if self._thread is None:
            raise RuntimeError("the cache is not open")
        # Shielded: what was begun is finished, also where the one who waits is cancelled.
        return await asyncio.shield(asyncio.get_running_loop().run_in_executor(self._thread, work))

    def _close(self) -> None:
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.submit(self._let_go)
            thread.shutdown(wait=True)

    # In the thread -----------------------------------------------------------------------------------------

    def _open(self) -> None:
        try:
            try:
                self._connection = _opened(self._path)
            except sqlite3.OperationalError:
                raise
            except sqlite3.DatabaseError as error:
                self._set_aside(str(error))
                self._connection = _opened(self._path)
        except (OSError, sqlite3.Error) as error:
            self._complain(f"the file {FILE_NAME} cannot be used ({error})")

    def _set_aside(self, why: str) -> None:
        self._let_go()
        aside = self._path.with_name(f"{FILE_NAME}.damaged-{self._opened_ms}")
        log.warning("%s is set aside as %s: %s", FILE_NAME, aside.name, why)
        with contextlib.suppress(OSError):
            self._path.rename(aside)
        for ending in ("-wal", "-shm"):
            self._path.with_name(FILE_NAME + ending).unlink(missing_ok=True)

    def _let_go(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _complain(self, what: str) -> None:
        if not self.trouble:
            log.warning("mining goes on without its memory: %s", what)
        self.trouble = what


def _opened(path: Path) -> sqlite3.Connection:
    path.parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600))
    connection = sqlite3.connect(path, timeout=_BUSY_S, check_same_thread=False)
    connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
    try:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        _prepare(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _prepare(connection: sqlite3.Connection) -> None:
    connection.execute("BEGIN IMMEDIATE")
    with connection:
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if version == 0 and not tables:
            for statement in _TABLES.strip().split(";\n"):
                connection.execute(statement.rstrip(";"))
            connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        elif version != SCHEMA_VERSION or not {"judgements", "answers"} <= tables:
            raise sqlite3.DatabaseError("it was written by another version of the hub")


def _judgement(room: str, confidence: object, why: object) -> Said | SetAside | None:
    if why is None:
        return None
    if not isinstance(confidence, float) or not 0 <= confidence <= 1:
        return SetAside(str(why))
    return Said(room, confidence, str(why))


def _rows(judged: Judged) -> list[tuple[bytes, bytes, float | None, str | None]]:
    if isinstance(judged.verdict, SetAside):
        return [(question, judged.track, None, judged.verdict.reason) for question in judged.questions]
    said = {one.room: one for one in judged.verdict}
    return [
        (question, judged.track, *((said[room].confidence, said[room].why) if room in said else (None, None)))
        for question, room in zip(judged.questions, judged.rooms, strict=True)
    ]
