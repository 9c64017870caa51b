"""What the store is asked: each function takes an open connection and gives values of the domain."""

from sqlalchemy import ColumnElement, Connection, false, func, select

from moodroom_hub.core.events import EVENT_TYPES, Event, Listen
from moodroom_hub.core.store.changes import LastIds
from moodroom_hub.core.store.codec import Decoder, clean
from moodroom_hub.core.store.tables import EVENT, FACT, HISTORY, LEDGER, PLAY, RECEIPT, RECEIPT_UNDO, ZONE_STATE
from moodroom_hub.domain.models import LedgerEntry, Receipt, RoomSlug, ZoneName


def last_ids(connection: Connection) -> LastIds:
    """The greatest ids, also of events that only the history or a receipt remembers."""

    def greatest(column: ColumnElement[int]) -> int:
        return connection.execute(select(func.coalesce(func.max(column), 0))).scalar_one()

    event = max(greatest(EVENT.c.id), greatest(HISTORY.c.id), greatest(RECEIPT.c.event_id))
    return LastIds(event=event, receipt=greatest(RECEIPT.c.id), ledger=greatest(LEDGER.c.id), play=greatest(PLAY.c.id))


def zone_states(connection: Connection) -> dict[ZoneName, str]:
    """The state's text per zone."""
    rows = connection.execute(select(ZONE_STATE.c.zone, ZONE_STATE.c.state))
    return {ZoneName(zone): state for zone, state in rows}


def fact(connection: Connection, key: str) -> str | None:
    """One fact."""
    value: str | None = connection.execute(select(FACT.c.value).where(FACT.c.key == clean(key))).scalar()
    return value


def ledger(connection: Connection, decoder: Decoder, zone: ZoneName, limit: int) -> list[LedgerEntry]:
    """The newest entries, oldest first."""
    query = select(LEDGER.c.id, LEDGER.c.entry).where(LEDGER.c.zone == clean(zone))
    rows = connection.execute(query.order_by(LEDGER.c.id.desc()).limit(limit)).all()
    entries = (decoder.decode(LedgerEntry, document, "ledger", (zone, row_id)) for row_id, document in rows)
    return [entry for entry in entries if entry is not None][::-1]


def pending_events(connection: Connection, decoder: Decoder) -> list[Event]:
    """Events that not every plugin was told, by id."""
    return _events(connection, decoder, EVENT.c.is_done == false(), None)


def events_after(connection: Connection, decoder: Decoder, event_id: int, limit: int) -> list[Event]:
    """Events with a greater id, by id."""
    return _events(connection, decoder, EVENT.c.id > event_id, limit)


def _events(connection: Connection, decoder: Decoder, which: ColumnElement[bool], limit: int | None) -> list[Event]:
    query = select(EVENT.c.id, EVENT.c.kind, EVENT.c.event).where(which).order_by(EVENT.c.id).limit(limit)
    events: list[Event] = []
    for row_id, kind, document in connection.execute(query):
        event_type = EVENT_TYPES.get(kind)
        if event_type is None:
            decoder.set_aside("event", row_id, f"unknown kind {kind!r}")
            continue
        event = decoder.decode(event_type, document, "event", row_id)
        if event is not None:
            events.append(event)
    return events


def room_receipts(connection: Connection, decoder: Decoder, room: RoomSlug) -> list[Receipt]:
    """All receipts of a room, by id."""
    query = select(RECEIPT.c.id, RECEIPT.c.receipt).where(RECEIPT.c.room == clean(room)).order_by(RECEIPT.c.id)
    found = (decoder.decode(Receipt, document, "receipt", row_id) for row_id, document in connection.execute(query))
    return [receipt for receipt in found if receipt is not None]


def receipt(connection: Connection, decoder: Decoder, receipt_id: int) -> Receipt | None:
    """One receipt."""
    document = connection.execute(select(RECEIPT.c.receipt).where(RECEIPT.c.id == receipt_id)).scalar()
    return None if document is None else decoder.decode(Receipt, document, "receipt", receipt_id)


def receipts(
    connection: Connection, decoder: Decoder, limit: int, before: int | None
) -> list[tuple[Receipt, int | None]]:
    """Receipts, newest first, each with the live UNDO receipt that names it."""
    query = select(RECEIPT.c.id, RECEIPT.c.receipt).order_by(RECEIPT.c.id.desc()).limit(limit)
    if before is not None:
        query = query.where(RECEIPT.c.id < before)
    undone_by = undone(connection)
    found: list[tuple[Receipt, int | None]] = []
    for row_id, document in connection.execute(query):
        one = decoder.decode(Receipt, document, "receipt", row_id)
        if one is not None:
            found.append((one, undone_by.get(row_id)))
    return found


def undone(connection: Connection, least: int = 0) -> dict[int, int]:
    """Receipt id → id of the UNDO receipt that takes it back and was not taken back itself.

    Only what UNDO receipts above ``least`` tell: all about the receipts from that id on.
    """
    found: dict[int, int] = {}
    # An undo is newer than all that it names: from the newest down, each one's own fate is settled when it is met.
    query = select(RECEIPT_UNDO.c.undo_id, RECEIPT_UNDO.c.receipt_id).order_by(RECEIPT_UNDO.c.undo_id.desc())
    for undo_id, receipt_id in connection.execute(query.where(RECEIPT_UNDO.c.undo_id > least)):
        if undo_id not in found:
            found.setdefault(receipt_id, undo_id)
    return found


def history(
    connection: Connection, decoder: Decoder, limit: int, before: int | None
) -> list[tuple[int, ZoneName, Listen]]:
    """Finished listens, newest first."""
    query = select(HISTORY.c.id, HISTORY.c.zone, HISTORY.c.listen).order_by(HISTORY.c.id.desc()).limit(limit)
    if before is not None:
        query = query.where(HISTORY.c.id < before)
    found: list[tuple[int, ZoneName, Listen]] = []
    for row_id, zone, document in connection.execute(query):
        listen = decoder.decode(Listen, document, "history", row_id)
        if listen is not None:
            found.append((row_id, ZoneName(zone), listen))
    return found
