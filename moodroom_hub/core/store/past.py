"""Plays from before the hub: written in chunks, read in pages, never all at once."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select

from moodroom_hub.core.store.statements import CHUNK
from moodroom_hub.core.store.tables import PAST_PLAY
from moodroom_hub.domain.past.plays import (
    MINUTE_MS,
    PastPlay,
    first_key_at,
    is_minute_key,
    minute_key,
    next_id,
)

_Row = dict[str, Any]
_GAP_MS = 60 * MINUTE_MS
"""Plays of a chunk that lie closer together than this are looked for in one go."""
_COLUMNS = PAST_PLAY.c


@dataclass(frozen=True, slots=True)
class PastWritten:
    """What became of a chunk of plays. ``enriched``: of the ``known``, those that were known from the account data
    only, and were replaced by the richer row."""

    new: int = 0
    known: int = 0
    enriched: int = 0


def put(connection: Connection, plays: Sequence[PastPlay]) -> PastWritten:
    """Insert the plays that are not there yet. The same plays again change nothing, in whatever form they come."""
    by_key = {play.key: play for play in plays}
    there = _known_keys(connection, by_key.values())
    whole = {minute_key(key) for key in (*there, *by_key) if not is_minute_key(key)}
    replaced = {minute_key(key) for key in by_key if not is_minute_key(key)} & there
    new = [
        (key, play)
        for key, play in by_key.items()
        if key not in there and not (is_minute_key(key) and key in whole)
    ]  # fmt: skip
    if replaced:
        _delete(connection, sorted(replaced))
    if new:
        new.sort()
        _insert(connection, _rows(connection, new))
    added = len(new) - len(replaced)
    return PastWritten(new=added, known=len(plays) - added, enriched=len(replaced))


def count(connection: Connection) -> int:
    """How many plays there are."""
    return connection.execute(select(func.count()).select_from(PAST_PLAY)).scalar_one()


def newest(connection: Connection, limit: int, before: int | None) -> list[tuple[int, PastPlay]]:
    """Plays with their ids, newest first; ``before``: only smaller ids."""
    query = select(PAST_PLAY).order_by(_COLUMNS.id.desc()).limit(limit)
    if before is not None:
        query = query.where(_COLUMNS.id < before)
    return [(row[0], _play(row)) for row in connection.execute(query)]


def fold(
    connection: Connection, after: int | None, limit: int, take: Callable[[PastPlay], None]
) -> int | None:  # fmt: skip
    """Give up to ``limit`` plays to ``take``, oldest first, those after the id ``after``; the id to go on from."""
    query = select(PAST_PLAY).order_by(_COLUMNS.id).limit(limit)
    if after is not None:
        query = query.where(_COLUMNS.id > after)
    last, given = after, 0
    for row in connection.execute(query):
        take(_play(row))
        last, given = row[0], given + 1
    return last if given == limit else None


def _known_keys(connection: Connection, plays: Iterable[PastPlay]) -> set[int]:
    """Keys that are there already in the minutes of ``plays``. Keys grow with time: few ranges hold a whole chunk."""
    found: set[int] = set()
    for first_ms, last_ms in _spans(sorted(play.ended_at_ms for play in plays)):
        low, high = first_key_at(first_ms), first_key_at(last_ms + MINUTE_MS)
        query = select(_COLUMNS.key).where(_COLUMNS.key >= low, _COLUMNS.key < high)
        found.update(connection.execute(query).scalars())
    return found


def _spans(moments_ms: list[int]) -> Iterator[tuple[int, int]]:
    first = last = moments_ms[0] if moments_ms else 0
    for moment_ms in moments_ms[1:]:
        if moment_ms - last > _GAP_MS:
            yield first, last
            first = moment_ms
        last = moment_ms
    if moments_ms:
        yield first, last


def _delete(connection: Connection, keys: list[int]) -> None:
    for start in range(0, len(keys), CHUNK):
        connection.execute(delete(PAST_PLAY).where(_COLUMNS.key.in_(keys[start : start + CHUNK])))


def _insert(connection: Connection, rows: Sequence[_Row]) -> None:
    # Compiled here and given to the driver as it is: SQLAlchemy's own way costs half as much again, row by row.
    compiled = insert(PAST_PLAY).compile(dialect=connection.dialect)
    names = compiled.positiontup
    given: list[Any] = list(rows) if names is None else [tuple(row[name] for name in names) for row in rows]
    connection.exec_driver_sql(str(compiled), given)


def _rows(connection: Connection, plays: Sequence[tuple[int, PastPlay]]) -> list[_Row]:
    wanted = [play.first_id for _, play in plays]
    taken = _taken_ids(connection, wanted)
    rows = []
    for first_id, (key, play) in zip(wanted, plays, strict=True):
        play_id = first_id
        while play_id in taken or (play_id != first_id and _is_taken(connection, play_id)):
            play_id = next_id(play_id)
        taken.add(play_id)
        rows.append(_row(play_id, key, play))
    return rows


def _taken_ids(connection: Connection, ids: list[int]) -> set[int]:
    found: set[int] = set()
    for start in range(0, len(ids), CHUNK):
        found.update(
            connection.execute(select(_COLUMNS.id).where(_COLUMNS.id.in_(ids[start : start + CHUNK]))).scalars()
        )
    return found


def _is_taken(connection: Connection, play_id: int) -> bool:
    return connection.execute(select(_COLUMNS.id).where(_COLUMNS.id == play_id)).first() is not None


def _row(play_id: int, key: int, play: PastPlay) -> _Row:
    return {
        "id": play_id,
        "key": key,
        "ended_at_ms": play.ended_at_ms,
        "heard_ms": play.heard_ms,
        "uri": play.uri,
        "name": play.name,
        "artist": play.artist,
        "album": play.album,
        "reason_start": play.reason_start,
        "reason_end": play.reason_end,
        "is_skipped": play.is_skipped,
    }


def _play(row: Sequence[Any]) -> PastPlay:
    # By position, in the table's order: names cost twice the time, and half a million rows pass here.
    _, key, ended_at_ms, heard_ms, uri, name, artist, album, reason_start, reason_end, is_skipped = row
    return PastPlay(
        ended_at_ms, heard_ms, name, artist, album, uri, reason_start, reason_end, is_skipped, is_minute_key(key)
    )
