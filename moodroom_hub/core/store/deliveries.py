"""Plays on their way to services: each function takes an open connection."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, func, select

from moodroom_hub.core.store.codec import Decoder, clean, encode
from moodroom_hub.core.store.statements import CHUNK, insert_or_ignore, upsert
from moodroom_hub.core.store.tables import DELIVERY, PLAY
from moodroom_hub.domain.models import EpochMs
from moodroom_hub.domain.plays.models import Delivery, DeliveryStatus


def plan(connection: Connection, deliveries: Sequence[Delivery]) -> None:
    """Insert; such as are known already (play and target) stay as they are."""
    if deliveries:
        connection.execute(insert_or_ignore(connection.dialect.name, DELIVERY), [_row(each) for each in deliveries])


def write(connection: Connection, deliveries: Sequence[Delivery]) -> None:
    """Insert or replace."""
    if deliveries:
        connection.execute(upsert(connection.dialect.name, DELIVERY), [_row(each) for each in deliveries])


def settle(connection: Connection, decoder: Decoder, deliveries: Sequence[Delivery]) -> None:
    """Write how these stand, but lose nothing that a person said since they were read.

    A correction stays where the new row brings none; what was left out meanwhile stays so, unless it was sent.
    """
    there = of_plays(connection, decoder, sorted({each.play_id for each in deliveries}))
    known = {(each.play_id, each.target): each for found in there.values() for each in found}
    rows = []
    for each in deliveries:
        before = known.get((each.play_id, each.target))
        if before is not None:
            if before.status is DeliveryStatus.LEFT_OUT and each.status is not DeliveryStatus.SENT:
                continue
            if each.edit is None and before.edit is not None:
                each = replace(each, edit=before.edit)
        rows.append(each)
    write(connection, rows)


def due(
    connection: Connection, decoder: Decoder, target: str, now_ms: EpochMs, limit: int, status: DeliveryStatus
) -> list[Delivery]:
    """Deliveries to ``target`` that stand so and may be tried by now, oldest play first.

    Only of plays that are there: while the database was away a delivery may have come before its play.
    """
    query = (
        select(DELIVERY.c.play_id, DELIVERY.c.target, DELIVERY.c.delivery)
        .join(PLAY, PLAY.c.id == DELIVERY.c.play_id)
        .where(DELIVERY.c.target == clean(target), DELIVERY.c.status == status, DELIVERY.c.next_try_ms <= now_ms)
        .order_by(DELIVERY.c.play_id)
        .limit(limit)
    )
    return _decoded(decoder, connection.execute(query).all())


def standing(
    connection: Connection, decoder: Decoder, statuses: Sequence[DeliveryStatus], target: str | None
) -> list[Delivery]:
    """Every delivery that stands so, to one target or to all, oldest play first."""
    named = targets(connection) if target is None else [clean(target)]
    query = select(DELIVERY.c.play_id, DELIVERY.c.target, DELIVERY.c.delivery)
    query = query.where(DELIVERY.c.target.in_(named), DELIVERY.c.status.in_(list(statuses)))
    return _decoded(decoder, connection.execute(query.order_by(DELIVERY.c.play_id)).all())


def of_plays(connection: Connection, decoder: Decoder, ids: Sequence[int]) -> dict[int, list[Delivery]]:
    """The deliveries of these plays, by target."""
    found: dict[int, list[Delivery]] = {}
    columns = select(DELIVERY.c.play_id, DELIVERY.c.target, DELIVERY.c.delivery)
    for start in range(0, len(ids), CHUNK):
        query = columns.where(DELIVERY.c.play_id.in_(ids[start : start + CHUNK]))
        for each in _decoded(decoder, connection.execute(query.order_by(DELIVERY.c.play_id, DELIVERY.c.target)).all()):
            found.setdefault(each.play_id, []).append(each)
    return found


def targets(connection: Connection) -> list[str]:
    """Every target that any delivery names. One look into the index for each, however many deliveries there are."""
    found: list[str] = []
    while True:
        query = select(func.min(DELIVERY.c.target))
        name = connection.execute(query.where(DELIVERY.c.target > found[-1]) if found else query).scalar_one()
        if name is None:
            return found
        found.append(name)


def counts(connection: Connection) -> Mapping[str, Mapping[DeliveryStatus, int]]:
    """How many stand where, by target."""
    query = select(DELIVERY.c.target, DELIVERY.c.status, func.count()).group_by(DELIVERY.c.target, DELIVERY.c.status)
    found: dict[str, dict[DeliveryStatus, int]] = {}
    for target, status, number in connection.execute(query.order_by(DELIVERY.c.target)):
        if status in set(DeliveryStatus):
            found.setdefault(target, dict.fromkeys(DeliveryStatus, 0))[DeliveryStatus(status)] = number
    return found


def _row(delivery: Delivery) -> dict[str, Any]:
    return {
        "play_id": delivery.play_id,
        "target": clean(delivery.target),
        "status": delivery.status.value,
        "next_try_ms": delivery.next_try_ms,
        "delivery": encode(Delivery, delivery),
    }


def _decoded(decoder: Decoder, rows: Sequence[Any]) -> list[Delivery]:
    found = (decoder.decode(Delivery, row.delivery, "delivery", (row.play_id, row.target)) for row in rows)
    return [each for each in found if each is not None]
