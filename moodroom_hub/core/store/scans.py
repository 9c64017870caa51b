"""Looking for rows, newest first, a bounded number of them at a time: each function takes an open connection.

What a person searches by (accents, parts of names) no index knows; so rows are read, a quick look at the raw document
sets most of them aside, and only what may fit is decoded. How many rows one call reads is bounded by the caller.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection, select

from moodroom_hub.core.events import Listen
from moodroom_hub.core.store.codec import Decoder
from moodroom_hub.core.store.reads import undone
from moodroom_hub.core.store.tables import HISTORY, RECEIPT
from moodroom_hub.domain.models import EpochMs, Receipt, ZoneName

FoundT = TypeVar("FoundT")
MayFit = Callable[[str], bool]
"""Whether a raw document may be wanted; quick, and in doubt yes."""


@dataclass(frozen=True, slots=True)
class Scanned(Generic[FoundT]):
    """What was found, newest first. ``next``: look on below this id; ``None``: there is nothing more."""

    found: list[FoundT]
    next: int | None
    looked_at: int


def receipts(
    connection: Connection,
    decoder: Decoder,
    may_fit: MayFit,
    is_wanted: Callable[[Receipt, int | None], bool],
    *,
    room: str | None,
    before: int | None,
    limit: int,
    rows: int,
) -> Scanned[tuple[Receipt, int | None]]:
    """Up to ``limit`` wanted receipts among the next ``rows``, each with the live UNDO receipt that names it."""
    query = select(RECEIPT.c.id, RECEIPT.c.receipt).order_by(RECEIPT.c.id.desc()).limit(rows)
    if room is not None:
        query = query.where(RECEIPT.c.room == room)
    if before is not None:
        query = query.where(RECEIPT.c.id < before)
    documents = connection.execute(query).all()
    undone_by = undone(connection, documents[-1].id) if documents else {}

    def read(row: Any) -> tuple[Receipt, int | None] | None:
        one = decoder.decode(Receipt, row.receipt, "receipt", row.id) if may_fit(row.receipt) else None
        by = undone_by.get(row.id)
        return None if one is None or not is_wanted(one, by) else (one, by)

    return _scanned(documents, read, limit, rows)


def history(
    connection: Connection,
    decoder: Decoder,
    may_fit: MayFit,
    is_wanted: Callable[[Listen], bool],
    *,
    before: int | None,
    limit: int,
    rows: int,
) -> Scanned[tuple[int, ZoneName, Listen]]:
    """Up to ``limit`` wanted listens among the next ``rows``."""
    query = select(HISTORY.c.id, HISTORY.c.zone, HISTORY.c.listen).order_by(HISTORY.c.id.desc()).limit(rows)
    if before is not None:
        query = query.where(HISTORY.c.id < before)

    def read(row: Any) -> tuple[int, ZoneName, Listen] | None:
        listen = decoder.decode(Listen, row.listen, "history", row.id) if may_fit(row.listen) else None
        return None if listen is None or not is_wanted(listen) else (row.id, ZoneName(row.zone), listen)

    return _scanned(connection.execute(query).all(), read, limit, rows)


def _scanned(documents: Sequence[Any], read: Callable[[Any], FoundT | None], limit: int, rows: int) -> Scanned[FoundT]:
    found: list[FoundT] = []
    for looked_at, row in enumerate(documents, 1):
        one = read(row)
        if one is not None:
            found.append(one)
            if len(found) == limit:
                is_end = looked_at == len(documents) < rows
                return Scanned(found, None if is_end else row.id, looked_at)
    return Scanned(found, documents[-1].id if len(documents) == rows else None, len(documents))


def fold_history(
    connection: Connection,
    decoder: Decoder,
    take: Callable[[Listen], None],
    *,
    since_ms: EpochMs,
    before: int | None,
    rows: int,
) -> int | None:
    """Give those of the next ``rows`` listens that ended since then to ``take``, newest first; the id to go on from.

    ``None`` where none of so many ended since then: ids grow with time, if not strictly (what was heard last before the
    hub was switched off is written when it is back).
    """
    query = select(HISTORY.c.id, HISTORY.c.ended_at_ms, HISTORY.c.listen).order_by(HISTORY.c.id.desc()).limit(rows)
    if before is not None:
        query = query.where(HISTORY.c.id < before)
    last, read, taken = before, 0, 0
    for row_id, ended_at_ms, document in connection.execute(query):
        last, read = row_id, read + 1
        if ended_at_ms >= since_ms:
            taken += 1
            listen = decoder.decode(Listen, document, "history", row_id)
            if listen is not None:
                take(listen)
    return last if read == rows and taken else None
