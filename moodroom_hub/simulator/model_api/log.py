"""What the make-believe model server was asked, and what of it was paid: the proof that nothing is paid twice."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, TextIO


@dataclass(slots=True)
class CallRecord:
    """One request. Complete once ``status`` is set and ``duration_ms`` is known.

    ``at_s`` is the service's own clock in seconds. ``track_ids`` and ``songs`` (``name - artist``, casefolded) go in
    pairs. ``was_paid``: an answer was made and counted, whether it was of use or not. ``was_right``: it was what the
    model knows. ``was_delivered``: it was written whole to a connection that was still open.
    """

    number: int
    at_s: float
    endpoint: str
    status: int = 0
    task: str | None = None
    is_repair: bool = False
    rooms: tuple[str, ...] = ()
    track_ids: tuple[str, ...] = ()
    songs: tuple[str, ...] = ()
    digest: str | None = None
    rooms_digest: str | None = None
    model: str | None = None
    format: str | None = None
    faults: tuple[str, ...] = ()
    error: str | None = None
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost_usd: float = 0.0
    was_paid: bool = False
    was_right: bool = False
    was_delivered: bool = False
    came_too_early: bool = False
    duration_ms: float = 0.0

    @property
    def is_chat(self) -> bool:
        """Whether it asked for a completion."""
        return self.endpoint == "POST /v1/chat/completions"


_FIELDS = tuple(one.name for one in fields(CallRecord))


class CallLog:
    """Every request in the order of arrival; with ``path`` each is also appended there as a line of JSON when done.

    ``served_ms`` is the sum of all durations, ``busy_ms`` the time in which at least one request was under way:
    what a client with *n* in flight can reach at best is ``served_ms / n``.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.records: list[CallRecord] = []
        self.most_in_flight = 0
        self.in_flight = 0
        self.chats = 0
        self.served_ms = 0.0
        self.busy_ms = 0.0
        self._busy_since_s = 0.0
        self._file: TextIO | None = None if path is None else path.open("a", encoding="utf-8", buffering=1)

    def begin(self, endpoint: str, now_s: float) -> CallRecord:
        """A request arrived."""
        record = CallRecord(len(self.records) + 1, now_s, endpoint)
        self.records.append(record)
        if record.is_chat:
            self.chats += 1
        if self.in_flight == 0:
            self._busy_since_s = now_s
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        return record

    def end(self, record: CallRecord, now_s: float, was_delivered: bool) -> None:
        """Its answer went out, or never will."""
        record.duration_ms = (now_s - record.at_s) * 1000
        record.was_delivered = was_delivered
        self.served_ms += record.duration_ms
        self.in_flight -= 1
        if self.in_flight == 0:
            self.busy_ms += (now_s - self._busy_since_s) * 1000
        if self._file is not None:
            self._file.write(json.dumps({name: getattr(record, name) for name in _FIELDS}) + "\n")

    def close(self) -> None:
        """Close the file. The records stay."""
        log_file, self._file = self._file, None
        if log_file is not None:
            log_file.close()

    @property
    def by_status(self) -> Counter[int]:
        """How many requests ended how; a connection that was dropped before an answer counts as 0."""
        return Counter(record.status for record in self.records)

    @property
    def too_early(self) -> int:
        """Chat requests that came although the service had said when to come again, and that was later."""
        return sum(record.came_too_early for record in self.records)

    @property
    def paid_calls(self) -> Counter[str]:
        """How often each digest of (task, room definitions, tracks) was paid."""
        return Counter(record.digest for record in self.records if record.was_paid and record.digest is not None)

    @property
    def cost_usd(self) -> float:
        """What all paid calls cost together."""
        return sum(record.cost_usd for record in self.records)

    def repeated_calls(self) -> list[CallRecord]:
        """See :func:`repeated_calls`."""
        return repeated_calls(self.records)

    def repeated_songs(self) -> list[tuple[CallRecord, str]]:
        """See :func:`repeated_songs`."""
        return list(repeated_songs(self.records))


def read_log(path: Path) -> list[CallRecord]:
    """The records of a log file, in the order in which they ended."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [CallRecord(**_with_tuples(json.loads(line))) for line in lines if line]


def repeated_calls(records: Iterable[CallRecord]) -> list[CallRecord]:
    """Paid calls whose digest the same model had answered rightly, and in full, before they were asked."""
    return [record for record, done in _after_what_was_done(records) if _call_key(record) in done]


def repeated_songs(records: Iterable[CallRecord]) -> Iterator[tuple[CallRecord, str]]:
    """The same by song: asked and paid again under the same task and definitions, whatever batch it came in."""
    for record, done in _after_what_was_done(records):
        for song in record.songs:
            if _song_key(record, song) in done:
                yield record, song


_Done = set[tuple[str | None, ...]]


def _after_what_was_done(records: Iterable[CallRecord]) -> Iterator[tuple[CallRecord, _Done]]:
    """Each paid call with what had been delivered rightly by the time of its arrival."""
    paid = [record for record in records if record.was_paid]
    ending = iter(sorted((one for one in paid if one.was_right and one.was_delivered), key=_ended_s))
    done: _Done = set()
    upcoming = next(ending, None)
    for record in sorted(paid, key=lambda one: one.at_s):
        while upcoming is not None and _ended_s(upcoming) <= record.at_s:
            done.add(_call_key(upcoming))
            done.update(_song_key(upcoming, song) for song in upcoming.songs)
            upcoming = next(ending, None)
        yield record, done


def _call_key(record: CallRecord) -> tuple[str | None, ...]:
    return ("call", record.model, record.digest)


def _song_key(record: CallRecord, song: str) -> tuple[str | None, ...]:
    return ("song", record.model, record.rooms_digest, song)


def _ended_s(record: CallRecord) -> float:
    return record.at_s + record.duration_ms / 1000


def _with_tuples(values: dict[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in values.items()}
