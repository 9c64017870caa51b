"""The base of the rooms' pools: what was mined or imported, in that order."""

from collections.abc import Sequence

from sqlalchemy import Connection, Table, delete, func, insert, select

from moodroom_hub.core.store.codec import Decoder, clean, encode
from moodroom_hub.core.store.statements import upsert
from moodroom_hub.core.store.tables import BASE, BASE_BEFORE
from moodroom_hub.domain.models import PoolEntry, RoomSlug


def base(connection: Connection, decoder: Decoder, room: RoomSlug) -> list[PoolEntry]:
    """The room's base rows in the order of their first coming."""
    query = select(BASE.c.uri, BASE.c.entry).where(BASE.c.room == clean(room)).order_by(BASE.c.position)
    found = (decoder.decode(PoolEntry, document, "base", (room, uri)) for uri, document in connection.execute(query))
    return [entry for entry in found if entry is not None]


def put_base(connection: Connection, room: RoomSlug, entries: Sequence[PoolEntry], *, replace: bool) -> None:
    """Exactly these (``replace``), or these beside what is there; of two with one uri the last counts."""
    slug = clean(room)
    if replace:
        connection.execute(delete(BASE).where(BASE.c.room == slug))
    latest = {clean(entry.track.uri): entry for entry in entries}
    if not latest:
        return
    query = select(func.coalesce(func.max(BASE.c.position), 0)).where(BASE.c.room == slug)
    start = connection.execute(query).scalar_one()
    connection.execute(
        upsert(connection.dialect.name, BASE, kept=["position"]),
        [
            {"room": slug, "uri": uri, "position": start + number, "entry": encode(PoolEntry, entry)}
            for number, (uri, entry) in enumerate(latest.items(), 1)
        ],
    )


def remember_base(connection: Connection, rooms: Sequence[RoomSlug]) -> None:
    """The base of these rooms, and of no other, is what an undo brings back."""
    connection.execute(delete(BASE_BEFORE))
    _copy(connection, BASE, BASE_BEFORE, [clean(room) for room in rooms])


def swap_base(connection: Connection, rooms: Sequence[RoomSlug]) -> None:
    """The rooms' base and what it was before change places."""
    slugs = [clean(room) for room in rooms]
    rows = [dict(row) for row in connection.execute(select(BASE).where(BASE.c.room.in_(slugs))).mappings()]
    connection.execute(delete(BASE).where(BASE.c.room.in_(slugs)))
    _copy(connection, BASE_BEFORE, BASE, slugs)
    connection.execute(delete(BASE_BEFORE).where(BASE_BEFORE.c.room.in_(slugs)))
    if rows:
        connection.execute(insert(BASE_BEFORE), rows)


def _copy(connection: Connection, source: Table, target: Table, slugs: Sequence[str]) -> None:
    names = [column.name for column in target.columns]
    query = select(*(source.c[name] for name in names)).where(source.c.room.in_(slugs))
    connection.execute(insert(target).from_select(names, query))
