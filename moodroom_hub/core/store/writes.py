"""The hot path: one ``Change`` as a few statements, which are built once per store."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, select, update

from moodroom_hub.core.events import Completed, Event, Listen, Partial, Skipped
from moodroom_hub.core.store.changes import Change
from moodroom_hub.core.store.codec import clean, encode, integer
from moodroom_hub.core.store.plays import row_of
from moodroom_hub.core.store.statements import insert_or_ignore, upsert
from moodroom_hub.core.store.station_rows import write_stations
from moodroom_hub.core.store.tables import EVENT, FACT, HISTORY, LEDGER, PLAY, RECEIPT, RECEIPT_UNDO, ZONE_STATE
from moodroom_hub.domain.models import EpochMs, LedgerEntry, Receipt

_Row = dict[str, Any]


class Writes:
    """Writes changes on a connection whose transaction the caller ends."""

    def __init__(self, dialect: str) -> None:
        self._zone_state = upsert(dialect, ZONE_STATE)
        self._ledger = upsert(dialect, LEDGER)
        self._fact = upsert(dialect, FACT)
        self._event = insert_or_ignore(dialect, EVENT)
        self._history = insert_or_ignore(dialect, HISTORY)
        self._receipt = insert_or_ignore(dialect, RECEIPT)
        self._play = insert_or_ignore(dialect, PLAY)
        self._undo = insert_or_ignore(dialect, RECEIPT_UNDO)
        self._rezone = update(LEDGER).where(LEDGER.c.zone == bindparam("former")).values(zone=bindparam("to"))
        self._done = update(EVENT).where(EVENT.c.id == bindparam("event_id")).values(is_done=True)

    def apply(self, connection: Connection, change: Change) -> None:
        """Write all of ``change``. Raises ``ValueError`` for a receipt whose id another receipt has."""
        if change.zone_states:
            rows = [{"zone": clean(zone), "state": clean(state)} for zone, state in change.zone_states.items()]
            connection.execute(self._zone_state, rows)
        for former, to in change.moved:
            connection.execute(self._rezone, {"former": clean(former), "to": clean(to)})
        if change.ledger:
            connection.execute(self._ledger, [_ledger_row(entry) for entry in change.ledger])
        if change.events:
            connection.execute(self._event, [_event_row(event) for event in change.events])
            heard = [row for event in change.events if (row := _history_row(event)) is not None]
            if heard:
                connection.execute(self._history, heard)
        if change.done:
            connection.execute(self._done, [{"event_id": event_id} for event_id in change.done])
        for receipt in change.receipts:
            self._write_receipt(connection, receipt)
        if change.facts:
            connection.execute(self._fact, _fact_rows(change.facts))
        if change.plays:
            connection.execute(self._play, [row_of(play) for play in change.plays])
        write_stations(connection, change)

    def prune(self, connection: Connection, before_ms: EpochMs) -> int:
        """Delete the told events older than ``before_ms``, but never the newest: ids must go on growing."""
        newest = select(func.max(EVENT.c.id)).scalar_subquery()
        old = delete(EVENT).where(EVENT.c.is_done.is_(True), EVENT.c.at_ms < before_ms, EVENT.c.id < newest)
        return connection.execute(old).rowcount

    def _write_receipt(self, connection: Connection, receipt: Receipt) -> None:
        row = _receipt_row(receipt)
        if connection.execute(self._receipt, row).rowcount:
            if receipt.undoes:
                named = [{"undo_id": receipt.id, "receipt_id": other} for other in receipt.undoes]
                connection.execute(self._undo, named)
            return
        there = connection.execute(select(RECEIPT).where(RECEIPT.c.id == receipt.id)).mappings().first()
        if there is None:
            return  # the event's receipt for this track was written before, under another id
        is_same_cause = receipt.event_id is not None and all(
            there[name] == row[name] for name in ("event_id", "room", "uri")
        )
        if not is_same_cause and there["receipt"] != row["receipt"]:
            raise ValueError(f"the receipt id {receipt.id} is taken by another receipt")


def _ledger_row(entry: LedgerEntry) -> _Row:
    return {"zone": clean(entry.zone), "id": entry.id, "entry": encode(LedgerEntry, entry)}


def _event_row(event: Event) -> _Row:
    return {
        "id": event.id,
        "kind": event.wire_name,
        "zone": clean(event.zone),
        "at_ms": integer(event.at_ms),
        "is_done": False,
        "event": encode(type(event), event),
    }


def _history_row(event: Event) -> _Row | None:
    if not isinstance(event, Skipped | Completed | Partial):
        return None
    return {
        "id": event.id,
        "zone": clean(event.zone),
        "ended_at_ms": integer(event.listen.ended_at_ms),
        "listen": encode(Listen, event.listen),
    }


def _receipt_row(receipt: Receipt) -> _Row:
    return {
        "id": receipt.id,
        "room": clean(receipt.room),
        "uri": clean(receipt.track.uri),
        "event_id": receipt.event_id,
        "receipt": encode(Receipt, receipt),
    }


def _fact_rows(facts: Mapping[str, str]) -> list[_Row]:
    return [{"key": clean(key), "value": clean(value)} for key, value in facts.items()]
