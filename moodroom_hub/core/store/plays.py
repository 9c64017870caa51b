"""What counted as played: each function takes an open connection and gives values of the domain."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, exists, func, select

from moodroom_hub.core.played import PlaySearch, PlayView
from moodroom_hub.core.store.codec import Decoder, clean, encode, integer
from moodroom_hub.core.store.deliveries import of_plays, targets
from moodroom_hub.core.store.statements import CHUNK
from moodroom_hub.core.store.tables import DELIVERY, PLAY
from moodroom_hub.domain.models import EpochMs
from moodroom_hub.domain.plays.models import DeliveryStatus, Play


def row_of(play: Play) -> dict[str, Any]:
    """The row of one play."""
    return {
        "id": play.id,
        "zone": clean(play.zone),
        "counted_at_ms": integer(play.counted_at_ms),
        "twin_of": play.twin_of,
        "play": encode(Play, play),
    }


def greatest_id(connection: Connection) -> int:
    """The id of the newest play; 0 where there is none."""
    found: int = connection.execute(select(func.coalesce(func.max(PLAY.c.id), 0))).scalar_one()
    return found


def recent(connection: Connection, decoder: Decoder, since_ms: EpochMs) -> list[Play]:
    """Plays that counted since then, oldest first, twins too."""
    return _read(connection, decoder, select(PLAY).where(PLAY.c.counted_at_ms >= since_ms).order_by(PLAY.c.id))


def get(connection: Connection, decoder: Decoder, play_id: int) -> PlayView | None:
    """One play with its deliveries and twins."""
    found = _read(connection, decoder, select(PLAY).where(PLAY.c.id == play_id))
    return _views(connection, decoder, found)[0] if found else None


def find(
    connection: Connection, decoder: Decoder, wanted: PlaySearch, limit: int, before: int | None
) -> tuple[list[PlayView], int | None]:
    """Up to ``limit`` wanted plays with smaller ids than ``before``, newest first; the id to go on from, if any."""
    query = select(PLAY).order_by(PLAY.c.id.desc()).limit(limit + 1)
    conditions = list(_conditions(connection, wanted))
    if before is not None:
        conditions.append(PLAY.c.id < before)
    rows = connection.execute(query.where(*conditions)).all()
    plays = _decoded(decoder, rows[:limit])
    return _views(connection, decoder, plays), rows[limit - 1].id if len(rows) > limit else None


def fold(
    connection: Connection,
    decoder: Decoder,
    take: Callable[[Play], None],
    *,
    since_ms: EpochMs,
    after: int,
    rows: int,
) -> int | None:
    """Give the next ``rows`` plays that counted since then and are no twins to ``take``, oldest id first.

    Gives the id to go on from, ``None`` at the end.
    """
    query = select(PLAY).where(PLAY.c.id > after, PLAY.c.counted_at_ms >= since_ms, PLAY.c.twin_of.is_(None))
    found = connection.execute(query.order_by(PLAY.c.id).limit(rows)).all()
    for play in _decoded(decoder, found):
        take(play)
    return found[-1].id if len(found) == rows else None


def by_id(connection: Connection, decoder: Decoder, ids: Sequence[int]) -> dict[int, Play]:
    """The plays with these ids."""
    plays: dict[int, Play] = {}
    for start in range(0, len(ids), CHUNK):
        query = select(PLAY).where(PLAY.c.id.in_(ids[start : start + CHUNK]))
        plays.update((play.id, play) for play in _read(connection, decoder, query))
    return plays


def _conditions(connection: Connection, wanted: PlaySearch) -> Iterable[ColumnElement[bool]]:
    if not wanted.with_twins:
        yield PLAY.c.twin_of.is_(None)
    if wanted.zone is not None:
        yield PLAY.c.zone == clean(wanted.zone)
    if wanted.since_ms is not None:
        yield PLAY.c.counted_at_ms >= wanted.since_ms
    if wanted.until_ms is not None:
        yield PLAY.c.counted_at_ms < wanted.until_ms
    if wanted.status is None and wanted.target is None:
        return
    named = targets(connection) if wanted.target is None else [clean(wanted.target)]
    if wanted.status in (None, DeliveryStatus.SENT):
        # Nearly every play has one: they are met at once on the way down from the newest.
        fits = [DELIVERY.c.play_id == PLAY.c.id, DELIVERY.c.target.in_(named)]
        if wanted.status is not None:
            fits.append(DELIVERY.c.status == wanted.status)
        yield exists().where(*fits)
    else:  # few have one: the index of deliveries knows which
        few = select(DELIVERY.c.play_id).where(DELIVERY.c.target.in_(named), DELIVERY.c.status == wanted.status)
        yield PLAY.c.id.in_(few)


def _views(connection: Connection, decoder: Decoder, plays: Sequence[Play]) -> list[PlayView]:
    deliveries = of_plays(connection, decoder, [play.id for play in plays])
    heads = {play.twin_of or play.id for play in plays}
    twins: dict[int, list[int]] = {head: [head] for head in heads}
    for start in range(0, len(heads), CHUNK):
        part = sorted(heads)[start : start + CHUNK]
        query = select(PLAY.c.id, PLAY.c.twin_of).where(PLAY.c.twin_of.in_(part)).order_by(PLAY.c.id)
        for row in connection.execute(query):
            twins[row.twin_of].append(row.id)
    return [
        PlayView(
            play,
            tuple(deliveries.get(play.id, ())),
            tuple(other for other in twins[play.twin_of or play.id] if other != play.id),
        )
        for play in plays
    ]


def _read(connection: Connection, decoder: Decoder, query: Select[Any]) -> list[Play]:
    return _decoded(decoder, connection.execute(query).all())


def _decoded(decoder: Decoder, rows: Sequence[Any]) -> list[Play]:
    found = (decoder.decode(Play, row.play, "play", row.id) for row in rows)
    return [play for play in found if play is not None]
